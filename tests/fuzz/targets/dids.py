"""DIDs: URLs, documents, did:webvh logs and witnesses, did:peer, offline bundles, keys in every form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import did
from did import DidError, PublicKey, Resolver
from did.bundles import make, open_bundle
from did.documents import check, expand_relative_urls, method_for
from did.methods.web import document_for
from did.methods.webvh import witnesses
from did.methods.webvh.authoring import create, identifier_for
from did.methods.webvh.authoring import document_for as webvh_document_for
from did.methods.webvh.history import read
from did.methods.webvh.parameters import Witnesses
from did.resolution import FetchRequest, FetchResponse
from did.urls import parse_did_url
from did.verification_methods import RELATIONSHIPS

from .. import mutators, world
from ..meaning import Meaning
from ..target import CORPUS, Target, Violation, as_mapping, refused

_RESOLVER = Resolver()
_WEB = "did:web:police.example"
_KEY = did.SoftwareKey.from_seed("P-256", b"a key of the documents of the corpus")
_UPDATE = did.SoftwareKey.from_seed("Ed25519", b"the update key of the corpus")
_WITNESS = did.SoftwareKey.from_seed("Ed25519", b"a witness of the corpus")


def _url(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for ask in (
        lambda: _RESOLVER.resolve(text),
        lambda: _RESOLVER.dereference_url(text),
        lambda: _RESOLVER.dereference(text, "assertionMethod"),
    ):
        refused(DidError)(lambda _, ask=ask: ask())(data)  # type: ignore[misc]
    _parsed(text)


def _parsed(text: str) -> None:
    try:
        url = parse_did_url(text)
    except DidError:
        return
    if str(url) != text or parse_did_url(str(url)) != url:
        raise Violation("a DID URL that is written again is another")
    try:
        url.parameters
    except DidError:
        return


@refused(DidError, ValueError)
def _loaded(data: bytes) -> Any:
    return json.loads(data)


@refused(DidError)
def _document(data: bytes) -> None:
    document = _loaded(data)
    if document is None:
        return
    check(document, _WEB)
    expand_relative_urls(document)
    urls = {str(m["id"]) for m in document.get("verificationMethod", [])}
    for url in [u if u.startswith("did:") else _WEB + u for u in sorted(urls)]:
        for purpose in sorted(RELATIONSHIPS):
            _method(document, url, purpose)


def _method(document: Any, url: str, purpose: str) -> None:
    try:
        found = method_for(document, url, purpose)
    except DidError:
        return
    if found.controller != _WEB:
        raise Violation("a key of another controller is given out")


@refused(DidError)
def _log(data: bytes) -> None:
    """What holds of a changed log is a beginning of the log that was published."""
    versions = [_state(v) for v in read(data, world.NOW).versions]
    originals = [
        [_state(v) for v in read(path.read_bytes(), world.NOW).versions] for path in (CORPUS / "webvh").glob("valid-*")
    ]
    if not any(versions == original[: len(versions)] for original in originals):
        raise Violation("a changed log is believed")


def _state(version: Any) -> Any:
    return [version.version_id, version.time_text, json.dumps(version.state, sort_keys=True), str(version.parameters)]


@refused(DidError)
def _witnesses(data: bytes) -> None:
    log = (CORPUS / "webvh" / "valid-witnessed.jsonl").read_bytes()
    versions = read(log, world.NOW).versions
    approved = witnesses.approvals(data, versions, world.NOW)
    if set(approved) - {"did:key:" + _WITNESS.public_key.to_multikey()}:
        raise Violation("a stranger is counted as a witness")


@refused(DidError)
def _bundle(data: bytes) -> Meaning:
    trusted = {world.ANCHOR.verification_method: world.ANCHOR.public_key}
    found = open_bundle(data, trusted, clock=lambda: world.NOW)
    files = [[url, found.fetch(FetchRequest(url)).body.decode("latin-1")] for url in sorted(found.urls)]
    return as_mapping(files)


@refused(DidError)
def _key(data: bytes) -> None:
    if data.startswith(b"{"):
        jwk = _loaded(data)
        key = PublicKey.from_jwk(jwk)
    else:
        key = PublicKey.from_multikey(data.decode("utf-8", "replace"))
    if PublicKey.from_multikey(key.to_multikey()) != key or PublicKey.from_jwk(key.to_jwk()) != key:
        raise Violation("a key that is written again is another")


TARGETS = (
    Target("did-url", mutators.text, _url),
    Target("did-document", mutators.json_document, _document),
    Target("webvh", mutators.json_lines, _log),
    Target("webvh-witnesses", mutators.json_document, _witnesses),
    Target("did-bundle", mutators.json_document, _bundle, signed=True),
    Target("public-key", mutators.json_document, _key),
)


class _Site:
    def fetch(self, request: FetchRequest) -> FetchResponse:
        body = json.dumps(document_for(_WEB, {"key-1": _KEY.public_key})).encode()
        return FetchResponse(request.url, 200, body, "application/json")

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


def seeds() -> dict[str, dict[str, bytes]]:
    """Identifiers of every method, a document with a service, logs with a rotation and with witnesses."""
    from did.methods.peer import create_2, create_4

    start = datetime(2026, 1, 1, tzinfo=UTC)
    log = create(webvh_document_for(identifier_for("gongan.example"), {"key-1": _KEY.public_key}), _UPDATE, now=start)
    updated = log.update(
        _UPDATE, document={**log.document, "alsoKnownAs": ["did:web:gongan.example"]}, now=start + timedelta(days=1)
    )
    asked = Witnesses(1, ("did:key:" + _WITNESS.public_key.to_multikey(),))
    witnessed = create(
        webvh_document_for(identifier_for("sc.example"), {"key-1": _KEY.public_key}),
        _UPDATE,
        witnesses=asked,
        now=start,
    )
    approval = witnesses.merge(
        None, witnessed.latest.version_id, [witnesses.approve(witnessed.latest.version_id, _WITNESS, start)]
    )
    services = [{"id": "#files", "type": "relativeRef", "serviceEndpoint": "https://police.example/f"}]
    document = document_for(_WEB, {"key-1": _KEY.public_key, "key-2": _UPDATE.public_key}, services=services)
    peer = create_2([("assertionMethod", _UPDATE.public_key)])
    jwk = "did:jwk:" + did.multibase.encode_base64url(json.dumps(_KEY.public_key.to_jwk()).encode())
    bundle = make([_WEB], world.ANCHOR, fetcher=_Site(), valid_for=timedelta(days=20), clock=lambda: world.NOW)
    return {
        "did-url": {
            "valid-key.txt": world.DEVICE.verification_method.encode(),
            "valid-jwk.txt": (jwk + "#0").encode(),
            "valid-peer-2.txt": peer.encode(),
            "valid-peer-4.txt": create_4({"verificationMethod": []}).encode(),
            "valid-query.txt": b"did:web:a.example%3A8443?service=f&relativeRef=b&versionTime=2026-01-01T00:00:00Z#k",
        },
        "did-document": {"valid-document.json": mutators.dumps(document)},
        "webvh": {"valid-updated.jsonl": updated.to_bytes(), "valid-witnessed.jsonl": witnessed.to_bytes()},
        "webvh-witnesses": {"valid-approval.json": approval},
        "did-bundle": {"valid-bundle.json": bundle},
        "public-key": {
            "valid-p256.json": mutators.dumps(_KEY.public_key.to_jwk()),
            "valid-ed25519.json": mutators.dumps(_UPDATE.public_key.to_jwk()),
            "valid-multikey.txt": _KEY.public_key.to_multikey().encode(),
        },
    }
