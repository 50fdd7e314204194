"""Chromium on a phone's screen, and applications that run in a thread of their own so that they can be restarted."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Served:
    """Applications on loopback, on an event loop in a thread; each keeps its port when it is restarted."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="served")
        self._thread.start()
        self._runners: dict[int, web.AppRunner] = {}

    def start(self, make: Callable[[], web.Application], port: int = 0) -> int:
        """Serve an application; returns its port."""

        async def begin() -> int:
            runner = web.AppRunner(make(), access_log=None)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
            await site.start()
            taken = runner.addresses[0][1]
            self._runners[taken] = runner
            return int(taken)

        return int(self._do(begin()))

    def stop(self, port: int) -> None:
        """Stop serving at a port."""
        self._do(self._runners.pop(port).cleanup())

    def close(self) -> None:
        """Stop everything."""
        for port in list(self._runners):
            self.stop(port)
        self._do(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A page that was waited for in vain is tried once more: on a busy machine that says little. Nothing else is."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TimeoutError"]))


# Of one module: Playwright keeps an event loop running, which asynchronous tests of other modules would stumble over.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Debian's chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """Where screenshots are kept, when LIANGZHENG_SCREENSHOTS names a folder."""
    folder = os.environ.get("LIANGZHENG_SCREENSHOTS")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


def accessibility_problems(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA on a page: rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": tags}).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
