"""``liangzheng serve``: servers of this project, on loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import terminal
from ..terminal import t
from .key_input import open_key, password_option
from .shared import clear_errors

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


@serve.command(name="all")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where everything is kept (default: serve in the user's state folder).",
)
@click.option("--port", default=8081, show_default=True, type=click.IntRange(1, 65533), help="The first of three.")
@click.option("--issuer-key", "key", metavar="FILE", help="The authority's key, by its file or pkcs11: URI.")
@password_option
@clear_errors()
def everything(home: Path | None, port: int, key: str | None, password_file: str | None) -> None:
    """The authority's portal and desk, the wallet and the counter, with a made-up register; on loopback only."""
    from did.refusal import Refusal

    from ..applications import open_applications

    signer = None if key is None else open_key(key, password_file)
    host = "127.0.0.1"
    origins = {name: f"http://{host}:{port + i}" for i, name in enumerate(("issuer", "holder", "verifier"))}
    terminal.note(t("首次启动需几秒钟准备示例登记……", "the first start takes some seconds to make the register ..."))
    try:
        with open_applications(home or _state_folder(), origins, signer=signer) as applications:
            name, number = applications.somebody
            terminal.note(t(f"试用人员：{name} {number}", f"somebody to try with: {name} {number}"))
            terminal.note(t(f"民警账号：{applications.accounts}", f"officers' accounts: {applications.accounts}"))
            terminal.note(t("验证码显示在：", "one-time codes are shown at: ") + origins["issuer"] + "/demo/messages")
            start(
                [
                    (applications.portal, host, port, t("签发", "portal and desk")),
                    (applications.wallet, host, port + 1, t("卡包", "wallet")),
                    (applications.counter, host, port + 2, t("核验台", "counter")),
                ]
            )
    except Refusal as error:
        terminal.fail(t(f"无法启动：{error.zh}", f"can't start: {error.en}"))
    except OSError as error:
        terminal.fail(t(f"无法启动：{error}", f"can't start: {error}"))


def _state_folder() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "liangzheng" / "serve"


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

    from did.serving import serving

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    runners = []
    try:
        for application, host, port, name in applications:
            runner = serving(application)
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
