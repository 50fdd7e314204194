"""DID resolution over HTTP (DID Resolution v1 section "HTTP(S) Binding"): ``GET`` and ``POST /1.0/identifiers/{did}``.

What the answer looks like follows the ``Accept`` header:

* ``application/did-resolution``: the whole result of resolution, errors as RFC 9457 objects with registered types;
* ``application/did-url-dereferencing``: the whole result of dereferencing, or 303 when it is a service endpoint;
* ``application/ld+json;profile="https://w3id.org/did-resolution"``: the older form of the result, errors by their older
  names (``invalidDid``), for those who still ask so, such as the did:key suite;
* ``application/did`` and its relatives: the document, or the part of it that a DID URL names, alone;
* ``text/uri-list``: 303 to the service endpoint that a DID URL names.

In the query of the request, ``service``, ``serviceType``, ``relativeRef`` and ``hl`` belong to the DID URL; the rest
are options. Whether the DID is percent-encoded can't decide that: software on the way decodes what needn't be encoded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from .dereferencing import DOCUMENT_TYPES, URI_LIST, Dereferenced
from .errors import DidDeactivated, DidError, FeatureNotSupported, InvalidDid, InvalidDidUrl, InvalidOptions
from .registered_errors import registered
from .resolution import Resolution
from .resolver import Resolver
from .serving import body_of, patience
from .strict_json import loads
from .urls import parse_did_url
from .verification_methods import parse_timestamp

__all__ = ["PATH", "create_app", "routes"]

PATH: Final = "/1.0/identifiers/"

_RESOLUTION: Final = "application/did-resolution"
_DEREFERENCING: Final = "application/did-url-dereferencing"
_LEGACY: Final = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_PROBLEM: Final = "application/problem+json"
_CONTEXT: Final = "https://w3id.org/did-resolution/v1"
_MAX_BODY: Final = 16 * 1024

_FLAGS: Final = frozenset(
    {
        "enableEncryptionKeyDerivation",
        "enableExperimentalPublicKeyTypes",
        "expandRelativeUrls",
        "returnDeactivatedDidDocument",
    }
)
_TEXTS: Final = frozenset({"publicKeyFormat", "verificationMethodType", "verificationRelationship", "versionId"})
_DID_PARAMETERS: Final = frozenset({"hl", "relativeRef", "service", "serviceType"})
_VERSIONS: Final = frozenset({"versionId", "versionNumber", "versionTime"})


def routes(resolver: Resolver) -> list[web.RouteDef]:
    """The routes of the binding, to be added to an application: ``app.add_routes(routes(resolver))``."""
    binding = _Binding(resolver)
    # Not ".*": an identifier may hold line feeds, and is then answered as the invalid one it is.
    path = PATH + r"{identifier:[\s\S]*}"
    return [web.get(path, binding.get), web.post(path, binding.post)]


def create_app(resolver: Resolver | None = None) -> web.Application:
    """An application with nothing but the binding. Without a ``resolver``, one that has no network."""
    app = web.Application(client_max_size=_MAX_BODY, middlewares=[patience()])
    app.add_routes(routes(resolver or Resolver()))
    return app


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked for: the text that should be a DID or a DID URL, options, and the form of the answer."""

    text: str
    options: Mapping[str, Any]
    form: str

    @property
    def is_url(self) -> bool:
        """Whether it is more than a bare DID."""
        return any(mark in self.text for mark in "/?#")


class _Binding:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def get(self, request: web.Request) -> web.Response:
        text, query = _target(request)
        return await self._answer(text, query, request.headers.get("Accept", "*/*"))

    async def post(self, request: web.Request) -> web.Response:
        text, query = _target(request)
        accept = request.headers.get("Accept", "*/*")
        try:
            body = await body_of(request, _MAX_BODY)
            given = loads(body, max_bytes=_MAX_BODY) if body else {}
            if not isinstance(given, dict):
                raise InvalidOptions("the options in the body are a JSON object", text)
        except DidError as error:
            return _failure(InvalidOptions(error.message, text), _Question(text, {}, _form(accept) or _RESOLUTION))
        return await self._answer(text, {**query, **given}, accept)

    async def _answer(self, text: str, given: Mapping[str, Any], accept: str) -> web.Response:
        form = _form(accept)
        if form is None:
            return web.json_response(
                {"type": "https://www.w3.org/ns/did#REPRESENTATION_NOT_SUPPORTED", "title": "Not acceptable"},
                status=406,
                content_type=_PROBLEM,
            )
        question = _Question(text, {}, form)
        try:
            question = _Question(text, _options(given, text), form)
            if question.is_url or form in (_DEREFERENCING, URI_LIST):
                return await self._dereference(question)
            return await self._resolve(question)
        except DidError as error:
            return _failure(error, question)

    async def _resolve(self, question: _Question) -> web.Response:
        options = {name: value for name, value in question.options.items() if name != "verificationRelationship"}
        result = await self._resolver.resolve_async(question.text, **options)
        status = 410 if result.deactivated else 200
        if question.form in DOCUMENT_TYPES:
            if result.document is None:
                raise DidDeactivated("the controller deactivated this DID", question.text)
            return _json(result.document, status, question.form)
        return _json(_with_type(result, question.form), status, question.form)

    async def _dereference(self, question: _Question) -> web.Response:
        parameters = parse_did_url(question.text).parameters
        accept = question.form if question.form in (*DOCUMENT_TYPES, URI_LIST) else None
        if question.form == _DEREFERENCING and ("service" in parameters or "serviceType" in parameters):
            accept = URI_LIST  # as the public suite has it; with application/did the document is given
        result = await self._resolver.dereference_url_async(question.text, **question.options, accept=accept)
        if result.content_type == URI_LIST:
            return web.Response(status=303, headers={"Location": result.content[0]})
        if question.form == _LEGACY:
            return _json(_legacy_result(result), 200, _LEGACY)
        if question.form in (_RESOLUTION, _DEREFERENCING):
            return _json(result.to_dict(), 200, _DEREFERENCING)
        if isinstance(result.content, bytes):
            # A file of the controller's: never let a browser take it for a page of this server.
            headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
            return web.Response(body=result.content, content_type=result.content_type, headers=headers)
        return _json(result.content, 200, result.content_type)


def _target(request: web.Request) -> tuple[str, dict[str, Any]]:
    """The DID or DID URL in the request's path, and the options in its query."""
    raw = request.rel_url.raw_path.partition(PATH)[2]
    text = unquote(raw)
    options = {name: value for name, value in request.rel_url.query.items() if name not in _DID_PARAMETERS}
    parts = request.rel_url.raw_query_string.split("&")
    own = "&".join(part for part in parts if part.partition("=")[0] in _DID_PARAMETERS)
    if own and "?" not in text:
        text, hash_mark, fragment = text.partition("#")
        text += "?" + own + hash_mark + fragment
    return _without_version(text, options)


def _without_version(text: str, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A DID URL that only names a version of the document asks for a resolution, with options."""
    try:
        url = parse_did_url(text)
        parameters = url.parameters
    except DidError:
        return text, options
    if not parameters or url.path or url.fragment is not None or not parameters.keys() <= _VERSIONS:
        return text, options
    return url.did, {**options, **parameters}


def _options(given: Mapping[str, Any], text: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in given.items():
        if name in _FLAGS and value in (True, False, "true", "false"):
            options[name] = value in (True, "true")
        elif name in _TEXTS and isinstance(value, str):
            options[name] = value
        elif name == "versionTime" and isinstance(value, str):
            options[name] = _time(value, text)
        elif name == "versionNumber" and str(value).isascii() and str(value).isdigit() and len(str(value)) < 10:
            options[name] = int(value)
        elif name in _FLAGS | _TEXTS | {"versionTime", "versionNumber"}:
            raise InvalidOptions(f"the option {name} has an unusable value", text)
        else:
            raise FeatureNotSupported(f"the option {name[:40]!r} isn't supported", text)
    return options


def _time(value: str, text: str) -> Any:
    try:
        return parse_timestamp(value)
    except DidError as error:
        raise InvalidOptions(error.message, text) from None


def _form(accept: str) -> str | None:
    """The form of the answer: the best offer for an ``Accept`` header, None when there is none."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")[:32]):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        settings = dict(piece.partition("=")[::2] for piece in parameters)
        try:
            weight = float(settings.get("q", "1"))
        except ValueError:
            weight = 0.0
        offer = _offer(kind.lower(), settings.get("profile", "").strip('"'))
        if offer is not None and weight > 0:
            wanted.append((-weight, place, offer))
    return min(wanted)[2] if wanted else None


def _offer(kind: str, profile: str) -> str | None:
    if kind in ("*/*", "application/*", ""):
        return _RESOLUTION
    if kind == "application/ld+json" and profile == "https://w3id.org/did-resolution":
        return _LEGACY
    return kind if kind in (_RESOLUTION, _DEREFERENCING, URI_LIST, *DOCUMENT_TYPES) else None


def _with_type(result: Resolution, form: str) -> dict[str, Any]:
    whole = result.to_dict()
    if form == _LEGACY:
        whole["didResolutionMetadata"] = {**whole["didResolutionMetadata"], "contentType": "application/did+ld+json"}
    return whole


def _legacy_result(result: Dereferenced) -> dict[str, Any]:
    whole = result.to_dict()
    return {
        "@context": _CONTEXT,
        "didDocument": whole["content"],
        "didDocumentMetadata": whole["contentMetadata"],
        "didDereferencingMetadata": whole["dereferencingMetadata"],
    }


def _failure(error: DidError, question: _Question) -> web.Response:
    known = registered(error)
    kind = "didDereferencingMetadata" if question.is_url else "didResolutionMetadata"
    if question.is_url and isinstance(error, InvalidDid):
        known = registered(InvalidDidUrl(error.message))
    if question.form == _LEGACY:
        # Older clients expect a document even here, and look for the members of an object in it.
        older = {"@context": _CONTEXT, "didDocument": {}, "didDocumentMetadata": {}, kind: {"error": known.legacy}}
        return _json(older, known.status, _LEGACY)
    detail = known.to_dict(error.message)
    ended = {"deactivated": True} if isinstance(error, DidDeactivated) else {}
    body: dict[str, Any]
    if question.form == _DEREFERENCING or question.is_url:
        body = {
            "@context": _CONTEXT,
            "content": None,
            "contentStream": None,
            "contentMetadata": ended,
            "dereferencingMetadata": {"error": detail},
        }
        return _json(body, known.status, _DEREFERENCING)
    if question.form == _RESOLUTION:
        body = {
            "@context": _CONTEXT,
            "didDocument": None,
            "didDocumentMetadata": ended,
            "didResolutionMetadata": {"error": detail},
        }
        return _json(body, known.status, _RESOLUTION)
    return _json(detail, known.status, _PROBLEM)


def _json(body: Any, status: int, content_type: str) -> web.Response:
    data = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=data, status=status, headers={"Content-Type": content_type})
