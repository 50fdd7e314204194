"""Publish a did:web and verify against it: what an authority's web server does, on this machine.

The document is served over http by localhost, which has to be allowed twice (``allow_loopback``, ``http_loopback``): in
real life did:web is https at a public address, and the fetcher refuses all else.
"""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

import did
import vc
from did.fetcher import Fetcher
from did.methods.web import create


async def main() -> None:
    files: dict[str, bytes] = {}

    async def serve(request: web.Request) -> web.Response:
        if request.path not in files:
            raise web.HTTPNotFound
        return web.Response(body=files[request.path], content_type="application/did+json")

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await publish_and_verify(runner.addresses[0][1], files)
    finally:
        await runner.cleanup()


async def publish_and_verify(port: int, files: dict[str, bytes]) -> None:
    name = f"did:web:localhost%3A{port}:police"
    key = did.generate("P-256").with_controller(name, f"{name}#key-1")
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": name,
        "verificationMethod": [
            {
                "id": key.verification_method,
                "type": "Multikey",
                "controller": name,
                "publicKeyMultibase": key.public_key.to_multikey(),
            }
        ],
        # The key counts for credentials because it is listed here, and for nothing else.
        "assertionMethod": [key.verification_method],
    }
    files.update({f"/{path.lstrip('/')}": content for path, content in create(document).items()})
    print("published:", *files)

    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": name,
        "credentialSubject": {"id": "urn:example:1"},
    }
    secured = vc.issue(credential, key, cryptosuite="ecdsa-rdfc-2019")

    fetcher = Fetcher(allow_loopback=True)
    resolver = did.Resolver(fetcher=fetcher, http_loopback=True)
    verdict = await vc.verify_async(secured, resolver=resolver)
    assert verdict.verified, verdict.problems
    print("verified:", verdict.verified)

    # The authority takes the key out of the list: nothing signed with it counts any longer.
    document["assertionMethod"] = []
    files[next(iter(files))] = json.dumps(document).encode()
    fresh = did.Resolver(fetcher=fetcher, http_loopback=True)
    verdict = await vc.verify_async(secured, resolver=fresh)
    assert not verdict.verified
    print("key taken out:", verdict.problems[0].code)


if __name__ == "__main__":
    asyncio.run(main())
