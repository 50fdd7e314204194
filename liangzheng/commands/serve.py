"""``liangzheng serve``: servers of this project, on loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import terminal
from ..terminal import t

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["serve"]


@click.group()
def serve() -> None:
    """Start servers; Ctrl-C or SIGTERM ends them."""


@serve.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8090, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free port.")
@click.option("--strict", is_flag=True, help="Tolerate nothing: the behaviour of the verifier service.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Also fetch status lists of servers on this machine over https, with this certificate (PEM) trusted.",
)
def conformance(host: str, port: int, strict: bool, certificate: Path | None) -> None:
    """The VC-API and DID Resolution server for public conformance suites; keys are made at start."""
    from ..conformance import CONFORMANCE, STRICT, create_app

    profile = STRICT if strict else CONFORMANCE
    name = t(f"一致性测试服务（{profile.name}）", f"conformance ({profile.name})")
    start([(create_app(profile, certificate=certificate), host, port, name)])


def start(applications: Sequence[tuple[web.Application, str, int, str]]) -> None:
    """Serve applications (application, host, port, name) until SIGINT or SIGTERM, with uvloop where it is installed."""
    try:
        import uvloop
    except ModuleNotFoundError:
        asyncio.run(_serve(applications))
    else:
        uvloop.run(_serve(applications))


async def _serve(applications: Sequence[tuple[web.Application, str, int, str]]) -> None:
    from aiohttp import web

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    runners = []
    try:
        for application, host, port, name in applications:
            runner = web.AppRunner(application, access_log=None)
            await runner.setup()
            runners.append(runner)
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                terminal.fail(t(f"无法监听 {host}:{port}：{error}", f"can't listen on {host}:{port}: {error}"))
            click.echo(f"{name}: http://{host}:{runner.addresses[0][1]}")
        await ended.wait()
    finally:
        for runner in runners:
            await runner.cleanup()
