"""The application: instances per suite and key type with keys made at start, one verifier, one holder, a resolver."""

from __future__ import annotations

import ssl
from pathlib import Path

from aiohttp import web

import did
from contexts import CONTEXTS
from did import Resolver
from did.fetcher import Fetcher
from did.http import routes as resolver_routes
from did.serving import UNREADABLE, patience
from holder.vc_api import HolderInstance
from holder.vc_api import routes as holder_routes
from issuer.vc_api import IssuerInstance
from issuer.vc_api import routes as issuer_routes
from issuer.vc_api_status import StatusLists
from vc.problems import Problem
from vc.status import StatusChecker, StatusSource
from vc.status.sources import FirstStatusSource, HttpsStatusSource
from vc.vc_api import MAX_BODY, Handler, refusal
from verifier.vc_api import VerifierInstance
from verifier.vc_api import routes as verifier_routes

from .openapi import describe
from .profile import CONFORMANCE, Profile

__all__ = ["INSTANCES", "create_app"]

INSTANCES = {
    "eddsa-rdfc-2022": ("Ed25519", "eddsa-rdfc-2022"),
    "eddsa-jcs-2022": ("Ed25519", "eddsa-jcs-2022"),
    "ecdsa-rdfc-2019-p256": ("P-256", "ecdsa-rdfc-2019"),
    "ecdsa-rdfc-2019-p384": ("P-384", "ecdsa-rdfc-2019"),
    "ecdsa-jcs-2019-p256": ("P-256", "ecdsa-jcs-2019"),
    "ecdsa-jcs-2019-p384": ("P-384", "ecdsa-jcs-2019"),
    "ecdsa-sd-2023-p256": ("P-256", "ecdsa-sd-2023"),
    "bbs-2023": ("BLS12-381-G2", "bbs-2023"),
}
"""Instance name -> key type and cryptosuite; ``status-list`` and ``vc-jose`` come on top."""


def create_app(profile: Profile = CONFORMANCE, *, certificate: Path | None = None) -> web.Application:
    """The application. Its keys and status lists live as long as it does.

    With ``certificate`` (a PEM file) it also fetches status lists of other servers on this machine, over https with
    that certificate trusted; without it nothing is fetched.
    """
    issuers = {
        name: IssuerInstance(did.generate(key_type), suite, digests=profile.digests, hideable=profile.hideable)
        for name, (key_type, suite) in INSTANCES.items()
    }
    signer = did.generate("Ed25519")
    lists = StatusLists(signer, members=profile.status_members)
    issuers["status-list"] = IssuerInstance(signer, "eddsa-rdfc-2022", status_lists=lists)
    issuers["vc-jose"] = IssuerInstance(did.generate("P-256"), enveloped=True)
    resolver = Resolver()
    verifier = VerifierInstance(
        resolver,
        CONTEXTS,
        status=StatusChecker(_status_source(lists, certificate)),
        tolerated=profile.problems,
        envelopes=profile.envelopes,
    )
    app = web.Application(client_max_size=MAX_BODY, middlewares=[patience(), _problems_as_json])
    app.add_routes(issuer_routes(issuers))
    app.add_routes(verifier_routes({"default": verifier}))
    app.add_routes(holder_routes({"default": HolderInstance(did.generate("Ed25519"))}))
    app.add_routes(resolver_routes(resolver))
    description = describe(list(issuers))

    async def openapi(_: web.Request) -> web.StreamResponse:
        return web.json_response(description)

    app.router.add_get("/openapi.json", openapi)
    return app


_DETAILS = {
    400: "the request can't be read",
    408: "the body did not arrive in time",
    413: "the body is too large",
}


@web.middleware
async def _problems_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What the routes do not know (a path, a method) is answered in JSON, too."""
    try:
        return await handler(request)
    except UNREADABLE:
        return refusal([Problem("parse.encoding", "the body is not encoded as its headers say")])
    except web.HTTPException as error:
        if error.status < 400:
            raise
        detail = _DETAILS.get(error.status, f"{request.method} is not served here")
        response = refusal([Problem("parse.form", detail)], status=error.status)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response


def _status_source(lists: StatusLists, certificate: Path | None) -> StatusSource:
    own = lists.source()
    if certificate is None:
        return own
    trusted = ssl.create_default_context(cafile=certificate)
    return FirstStatusSource(own, HttpsStatusSource(Fetcher(allow_loopback=True, ssl_context=trusted)))
