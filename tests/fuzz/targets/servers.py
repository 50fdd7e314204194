"""Requests to the servers: the VC-API of the three roles and DID resolution, answered in this process."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import re
from functools import lru_cache
from typing import Any

from aiohttp import ClientError, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

import did
import holder.vc_api
import issuer.vc_api
import vc
import verifier.vc_api
from did.http import routes as resolution_routes

from .. import mutators, world
from ..target import Target, Violation

_LINE = re.compile(rb"([A-Z]{3,7}) (/(?!/)\S*)\Z")
_HEADER = re.compile(rb"([A-Za-z-]{1,40}): ?([\x20-\x7e]{0,200})\Z")


class _Server:
    """All endpoints in one application, on a free port of this machine, with a loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        resolver = did.Resolver()
        application = web.Application(client_max_size=1024 * 1024)
        instances = {
            suite.lower(): issuer.vc_api.IssuerInstance(world.issuer_of(suite), suite) for suite in world.SUITES
        }
        instances["jwt"] = issuer.vc_api.IssuerInstance(world.LICENSOR, enveloped=True)
        application.add_routes(issuer.vc_api.routes(instances))
        application.add_routes(holder.vc_api.routes({"default": holder.vc_api.HolderInstance(world.DEVICE)}))
        application.add_routes(verifier.vc_api.routes({"default": verifier.vc_api.VerifierInstance(resolver)}))
        application.add_routes(resolution_routes(resolver))
        self.client: TestClient[Any, Any] = TestClient(TestServer(application, host="127.0.0.1"))
        await self.client.start_server()

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        return self.loop.run_until_complete(self._ask(method, path, headers, body))

    async def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        url = URL(path, encoded=True)
        async with self.client.request(method, url, headers=headers, data=body, allow_redirects=False) as response:
            return response.status, await response.read()

    def stop(self) -> None:
        self.loop.run_until_complete(self.client.close())
        self.loop.close()


@lru_cache(maxsize=1)
def _server() -> _Server:
    # Each request that is no HTTP would be told at length; what the server answers is looked at below.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    server = _Server()
    atexit.register(server.stop)
    return server


def _request(data: bytes) -> None:
    head, _, body = data.partition(b"\n\n")
    first, *rest = head.split(b"\n")
    line = _LINE.match(first)
    if line is None:
        return  # No client could send it.
    matches = [found for found in map(_HEADER.match, rest) if found is not None]
    headers = {m[1].decode(): m[2].decode() for m in matches if m[1].lower() not in _BY_THE_CLIENT}
    try:
        status, content = _server().ask(line[1].decode(), line[2].decode("latin-1"), headers, body)
    except (TimeoutError, ClientError, ValueError, ConnectionError):
        return  # The client itself refused to send it, or aiohttp's parser closed the connection.
    if status >= 500 and status not in (501, 503):
        raise Violation(f"the server answered {status} | {content[:300]!r}")
    if b"Traceback" in content:
        raise Violation("a traceback reaches the client")
    if content and status < 400 and line[1] == b"POST":
        json.loads(content)


_BY_THE_CLIENT = {b"content-length", b"transfer-encoding", b"host", b"connection", b"expect", b"upgrade"}

TARGETS = (Target("http", mutators.http, _request),)


def seeds() -> dict[str, dict[str, bytes]]:
    """One good request to each endpoint."""

    def request(line: str, body: Any = None, *headers: str) -> bytes:
        content = b"" if body is None else mutators.dumps(body)
        return "\n".join([line, "Content-Type: application/json", *headers]).encode() + b"\n\n" + content

    plain = {"validFrom": "2026-01-01T00:00:00Z"}
    unsigned = world.credential(world.issuer_of("eddsa-rdfc-2022").did, **plain)  # type: ignore[arg-type]
    secured = vc.issue(unsigned, world.issuer_of("eddsa-rdfc-2022"))
    base = world.signed_card()
    derived = vc.derive(base, selective_pointers=["/credentialSubject/name"])
    shown = vc.present([derived], world.DEVICE, challenge=world.CHALLENGE, domain=world.DOMAIN)
    pointers = {"selectivePointers": ["/credentialSubject/name"]}
    options = {"challenge": world.CHALLENGE, "domain": world.DOMAIN}
    blank = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]}
    key = world.DEVICE.did
    return {
        "http": {
            "valid-issue.http": request("POST /issuers/eddsa-rdfc-2022/credentials/issue", {"credential": unsigned}),
            "valid-verify.http": request(
                "POST /verifiers/default/credentials/verify", {"verifiableCredential": secured}
            ),
            "valid-derive.http": request(
                "POST /holders/default/credentials/derive", {"verifiableCredential": base, "options": pointers}
            ),
            "valid-present.http": request(
                "POST /holders/default/presentations", {"presentation": blank, "options": options}
            ),
            "valid-verify-presentation.http": request(
                "POST /verifiers/default/presentations/verify", {"verifiablePresentation": shown, "options": options}
            ),
            "valid-resolve.http": request(f"GET /1.0/identifiers/{key}", None, "Accept: application/did-resolution"),
            "valid-dereference.http": request(
                f"POST /1.0/identifiers/{key}%23x", {"versionTime": "2026-01-01T00:00:00Z"}
            ),
        }
    }
