"""The VC-API endpoints of an issuer: instances under ``/issuers/{name}``, and the status lists of one of them.

An instance secures what it is given, after every check of the data model: it knows no register and no cards. A service
for people's cards is another thing (``issuer.authority``). What a profile tolerates is tolerated here and nowhere else;
the default profile tolerates nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiohttp import web

from contexts import CONTEXTS, ContextRegistry
from did import BbsSigner, Signer
from vc.envelope.jws import compact, dumps
from vc.integrity import CRYPTOSUITES, Environment, discloses
from vc.linked_data import to_dataset
from vc.model import CREDENTIALS_V2, identifier_of, validate
from vc.model.limiting import limiting_pointers
from vc.problems import Problem, ProblemError
from vc.securing import add_proof
from vc.vc_api import Handler, answer, endpoint, member, options_of, read_body, refusal
from vc.workroom import ROOM

from .vc_api_status import StatusLists, origin

__all__ = ["IssuerInstance", "routes"]


@dataclass(frozen=True, slots=True)
class IssuerInstance:
    """One issuer under ``/issuers/{name}``: a key, and what it makes with it.

    ``cryptosuite`` is a name of ``vc.integrity.CRYPTOSUITES``; with ``enveloped`` it is a compact JWS of type
    ``vc+jwt`` instead. ``status_lists`` gives each credential a status entry. ``digests`` (URL -> digests) are further
    accepted digests of related resources (empty but in a conformance profile). With a selective disclosure suite a
    holder can hide of what ends, limits or binds a credential only what ``hideable`` or a request's
    ``options.hideable`` names (JSON pointers).
    """

    signer: Signer | BbsSigner
    cryptosuite: str | None = None
    enveloped: bool = False
    status_lists: StatusLists | None = None
    contexts: ContextRegistry = CONTEXTS
    digests: Mapping[str, Collection[str]] = field(default_factory=dict)
    hideable: Collection[str] = ()

    def issue(self, body: Mapping[str, Any], base_url: str) -> dict[str, Any]:
        """The secured credential for a request's body. ``base_url`` is how the client reaches this server.

        Raises ProblemError with every problem found.
        """
        options = options_of(body)
        credential = member(body, "credential")
        pointers = self._pointers(options, "mandatoryPointers")
        hideable = self._pointers(options, "hideable")
        self._check(credential)
        if self.status_lists is not None:
            # The index is drawn last, so that what is refused uses none up.
            credential = self.status_lists.with_entry(credential, base_url)
        if self.enveloped:
            return self._envelope(credential)
        return add_proof(
            credential,
            self.signer,
            cryptosuite=self.cryptosuite,
            config={"proofPurpose": "assertionMethod"},
            options={"mandatory_pointers": pointers} if pointers else None,
            hideable=[*hideable, *self._always_hideable(credential, {*pointers, *hideable})],
            env=Environment(self.contexts),
        )

    def _selective(self) -> bool:
        return discloses(CRYPTOSUITES.get(self.cryptosuite or ""))

    def _pointers(self, options: Mapping[str, Any], name: str) -> list[str]:
        """The JSON pointers of an option; none where the suite hides nothing."""
        pointers = options.get(name, [])
        if not isinstance(pointers, list) or not all(isinstance(pointer, str) for pointer in pointers):
            raise ProblemError(Problem("pointer.form", f"{name} is a list of JSON pointers", f"/options/{name}"))
        return pointers if self._selective() else []

    def _always_hideable(self, credential: Mapping[str, Any], named: Collection[str]) -> list[str]:
        """What of ``credential`` this instance lets a holder hide, besides what the request ``named``."""
        if not self._selective():
            return []
        return [p for p in limiting_pointers(credential) if p in self.hideable and p not in named]

    def _check(self, credential: Mapping[str, Any]) -> None:
        problems = validate(
            credential, kind="credential", contexts=self.contexts, accepted_digests=self.digests or None
        )
        if not problems and identifier_of(credential.get("issuer")) != self.signer.did:
            problems = [Problem("issuer.controller", f"this issuer is {self.signer.did}", "/issuer")]
        if problems:
            raise ProblemError(*problems)

    def _envelope(self, credential: Mapping[str, Any]) -> dict[str, Any]:
        """VC-JOSE-COSE section 3.1.1, in the form of VCDM 2.0 section 4.13.1."""
        if credential.get("proof") is not None:
            raise ProblemError(Problem("parse.form", "the credential has a proof already", "/credential/proof"))
        if isinstance(self.signer, Signer):
            to_dataset(credential, contexts=self.contexts)  # A JWS would sign terms that mean nothing.
            header = {"typ": "vc+jwt", "cty": "vc", "kid": self.signer.verification_method}
            text = compact(header, dumps(dict(credential)), self.signer)
            return {
                "@context": CREDENTIALS_V2,
                "type": "EnvelopedVerifiableCredential",
                "id": f"data:application/vc+jwt,{text}",
            }
        raise ProblemError(Problem("method.key_type", "this key makes no JWS"))


def routes(issuers: Mapping[str, IssuerInstance], *, public_url: str | None = None) -> list[web.RouteDef]:
    """The routes of the issuers by name, to be mounted in an application.

    URLs that go into credentials begin with ``public_url``; without it, with the origin that the request names
    (``X-Forwarded-Proto``, ``X-Forwarded-Host``, ``Host``), which suits a server for tests only.
    """

    def found(request: web.Request) -> IssuerInstance:
        issuer = issuers.get(request.match_info["name"])
        if issuer is None:
            raise _NoInstance
        return issuer

    async def describe(request: web.Request) -> web.StreamResponse:
        return answer({"id": found(request).signer.did})

    async def issue(request: web.Request) -> web.StreamResponse:
        issuer = found(request)
        body = await read_body(request)
        base_url = public_url or origin(request)
        return answer({"verifiableCredential": await ROOM.run(lambda: issuer.issue(body, base_url))}, 201)

    async def change_status(request: web.Request) -> web.StreamResponse:
        issuer = found(request)
        body = await read_body(request)
        if issuer.status_lists is None:
            raise ProblemError(Problem("status.unsupported", "this issuer has no status lists"))
        issuer.status_lists.change(body)
        return answer({})

    async def status_list(request: web.Request) -> web.StreamResponse:
        number = request.match_info["number"]
        for issuer in issuers.values():
            if issuer.status_lists is not None:
                lists, base_url = issuer.status_lists, public_url or origin(request)
                document = await ROOM.run(partial(lists.document, number, base_url))
                if document is not None:
                    return answer(document)
        raise _NoInstance

    return [
        web.get("/issuers/{name}", _guarded(describe)),
        web.post("/issuers/{name}/credentials/issue", _guarded(issue)),
        web.post("/issuers/{name}/credentials/status", _guarded(change_status)),
        web.get("/status-lists/{number}", _guarded(status_list)),
    ]


class _NoInstance(Exception):
    """There is no such instance or list."""


def _guarded(handler: Handler) -> Handler:
    async def answering(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except _NoInstance:
            return refusal([Problem("parse.form", "no such instance")], status=404)

    return endpoint(answering)
