"""A verification endpoint in a web application, with verify_async: did:web issuers are fetched while others are served.

``python examples/verify_in_aiohttp.py`` starts the service on a free port of this machine, asks it twice and ends.
"""

from __future__ import annotations

import asyncio

from aiohttp import ClientSession, web

import did
import vc
from did.fetcher import Fetcher

RESOLVER = web.AppKey("resolver", did.Resolver)


async def verify(request: web.Request) -> web.Response:
    """POST a credential or presentation, as it is: 200 when it verifies, 400 when it does not, with the reasons."""
    verdict = await vc.verify_async(await request.read(), resolver=request.app[RESOLVER])
    body = {"verified": verdict.verified, "problems": [problem.to_dict() for problem in verdict.problems]}
    return web.json_response(body, status=200 if verdict.verified else 400)


def create_app(resolver: did.Resolver) -> web.Application:
    """One resolver for all requests: it keeps what it fetched. Bodies are bounded before they are read."""
    app = web.Application(client_max_size=1024 * 1024)
    app[RESOLVER] = resolver
    app.router.add_post("/verify", verify)
    return app


async def main() -> None:
    # The guarded fetcher: https and public addresses only, whatever a document names.
    runner = web.AppRunner(create_app(did.Resolver(fetcher=Fetcher())))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with ClientSession(f"http://{host}:{port}") as session:
            issuer = did.generate("Ed25519")
            credential = {
                "@context": ["https://www.w3.org/ns/credentials/v2"],
                "type": ["VerifiableCredential"],
                "issuer": issuer.did,
                "credentialSubject": {"id": "urn:example:1"},
            }
            for document in (vc.issue(credential, issuer, cryptosuite="eddsa-rdfc-2022"), credential):
                async with session.post("/verify", json=document) as response:
                    answer = await response.json()
                    print(response.status, answer["verified"], [item["code"] for item in answer["problems"]])
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
