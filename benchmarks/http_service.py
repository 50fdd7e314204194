"""The verify service alone, on a free loopback port that it prints: one process, uvloop."""

from __future__ import annotations

import asyncio

from aiohttp import web

from benchmarks.ours import KNOWN
from did import Resolver
from did.serving import patience, serving
from vc.vc_api import MAX_BODY
from verifier.vc_api import VerifierInstance, routes


async def serve() -> None:
    app = web.Application(client_max_size=MAX_BODY, middlewares=[patience()])
    app.add_routes(routes({"default": VerifierInstance(Resolver(), KNOWN)}))
    runner = serving(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve())
