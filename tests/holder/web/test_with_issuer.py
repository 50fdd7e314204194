"""The wallet collects and updates cards from the issuer's own application, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aiohttp.test_utils import TestServer, unused_port

from issuer.portal import Portal
from issuer.web import create_app

from ...issuer.conftest import authority_key, make_world
from ..conftest import PIN, Clock
from .conftest import Phone

__all__ = ["authority_key", "make_world"]


async def test_cards_are_collected_and_updated(
    phone: Phone,
    clock: Clock,
    make_world: Callable[..., Any],
) -> None:
    port = unused_port()
    world = make_world(base_url=f"http://127.0.0.1:{port}")
    world.clock.now = clock.now
    world.import_rows(*world.family)
    world.authority.set_portrait(world.zhang_wei, world.jpeg)
    reference = world.proved("张伟", world.zhang_wei, department="population").reference
    async with TestServer(create_app(world.authority), port=port):
        await phone.start()
        page = await phone.collect(f"http://127.0.0.1:{port}/offers/{reference}")
        assert re.search("已领取 [1-9] 张证照", page)
        assert "张伟" in await phone.get("/")
        again = await phone.collect(f"http://127.0.0.1:{port}/offers/{reference}")
        assert "没有新的证照" in again

        family = world.family
        family[0]["户籍住址"] = "四川省成都市锦江区新址路9号"
        world.import_rows(*family)
        for told in ("张证照", "没有新的证照"):
            card = re.search(r'name="card" value="([0-9a-f]+)"', await phone.get("/update"))
            assert card is not None
            await phone.post("/update", {"card": card[1], "pin": PIN})
            assert told in await phone.sign()
        assert "新址路9号" in await phone.get("/")

        world.authority.report_lost(phone.key.did)
        await phone.get("/update")
        await phone.post("/update", {"card": card[1], "pin": PIN})  # type: ignore[index]
        page = await phone.sign() if "data-signs" in phone.page else phone.page
        assert "notice-bad" in page


async def test_an_offer_of_the_portal_needs_the_code_and_survives_a_wrong_one(
    phone: Phone,
    clock: Clock,
    make_world: Callable[..., Any],
) -> None:
    port = unused_port()
    world = make_world(base_url=f"http://127.0.0.1:{port}")
    world.clock.now = clock.now
    world.import_rows(*world.family)
    world.authority.set_portrait(world.zhang_wei, world.jpeg)
    view = Portal(world.authority).apply(3, kind="resident-identity-card")
    async with TestServer(create_app(world.authority), port=port):
        await phone.start()
        await phone.get("/add")
        page = await phone.post("/add", {"offer": f"http://127.0.0.1:{port}/offers/{view.reference}"})
        assert "领取验证码" in page and phone.key.did[-8:] in page
        code = world.outbox.sent[-1].code
        await phone.post(phone.path, {"pin": PIN, "code": "999999" if code != "999999" else "111111"})
        page = await phone.sign()
        assert "验证码不正确" in page and "领取验证码" in page and phone.path.startswith("/add/")
        await phone.post(phone.path, {"pin": PIN, "code": f"{code[:3]} {code[3:]}"})
        assert "已领取 1 张证照" in await phone.sign()
        # Known by now, the phone is asked for no code.
        other = Portal(world.authority).apply(3, kind="household-member")
        await phone.get("/add")
        page = await phone.post("/add", {"offer": f"http://127.0.0.1:{port}/offers/{other.reference}"})
        assert "领取验证码" not in page
        await phone.post(phone.path, {"pin": PIN})
        assert "已领取 1 张证照" in await phone.sign()
        assert len(world.outbox.sent) == 1
