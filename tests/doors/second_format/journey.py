"""A card's way through all three roles in one format, whatever it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from did import SoftwareKey
from liangzheng.demo.world import PIN, World, build, import_registers
from vc import qr
from vc.cards.formats import FORMATS
from vc.scenarios import PresentationRequest


def _codes(verdict: Any) -> list[str]:
    return sorted({problem.code for problem in verdict.problems})


def _publish(world: World) -> None:
    published = world.sichuan.publish(world.folder / "status")
    world.status.update([item.path for item in published if item.path is not None])


def travel(name: str, folder: Path) -> dict[str, Any]:
    """What became of the cards of a person, issued, held, shown and verified in the format ``name``."""
    said: dict[str, Any] = {}
    folder.mkdir()
    with build(folder) as world:
        import_registers(world)
        view = world.sichuan.apply(world.person.name, world.person.number, department="population")
        view = world.sichuan.prove(view.reference, world.phone.codes[view.reference])
        proof = world.wallet.prove_possession(str(view.challenge), str(view.domain), pin=PIN)
        cards = world.sichuan.issue(view.reference, proof, envelopes=[name, "dc+sd-jwt"])
        said["issued"] = sorted({form for card in cards for form in card.envelopes})
        for card in cards:
            world.wallet.add(card.document, card.attachments.values(), forms=card.envelopes)
        said["held"] = sorted({form for card in world.wallet.list() for form in card.forms})
        _publish(world)

        hotel = world.verifier("重庆样例酒店", "500000", "hotel.chongqing.example")
        request = hotel.request("hotel-check-in", envelope=name)
        said["asked"] = PresentationRequest.from_dict(qr.decode(qr.encode(request.to_dict()))) == request
        message = world.wallet.present(request, lambda _: True, pin=PIN)
        said["carried"] = list(message.to_dict())
        said["shown"] = sorted(message.presentation["verifiableCredential"][0]["credentialSubject"])
        verdict = hotel.verify(json.dumps(message.to_dict()))
        said["verified"] = verdict.verified, _codes(verdict)
        said["again"] = _codes(hotel.verify(message))
        registry = world.verifier("成都示例不动产登记中心", "510000", "registry.chengdu.example")
        several = world.wallet.present(
            registry.request("property-registration", envelope=name), lambda _: True, pin=PIN
        )
        said["several"] = registry.verify(several).verified, len(several.presentation["verifiableCredential"])

        # What an attacker tries: the answer to another, without the device's word, with another's, in another format.
        said["elsewhere"] = _codes(registry.verify(message, registry.request("property-registration", envelope=name)))
        member = FORMATS[name].member
        asked = hotel.request("hotel-check-in", envelope=name)
        (text,) = world.wallet.present(asked, lambda _: True, pin=PIN).to_dict()[member]
        sent = {**message.to_dict(), member: [text[: text.rindex("~") + 1]]}
        said["unbound"] = hotel.verify(sent, asked).verified
        pending = world.wallet.prepare(asked, lambda _: True, pin=PIN)
        other = SoftwareKey.from_seed("P-256", b"a thief")
        try:
            pending.complete([other.sign(data) for data in pending.data_to_sign])
        except Exception as error:
            said["stolen"] = getattr(error, "code", str(error))
        said["other format"] = _codes(
            hotel.verify(world.wallet.present(hotel.request("hotel-check-in"), lambda _: True, pin=PIN), asked)
        )

        card = next(card for card in cards if card.card_type == "ResidentIdentityCardCredential")
        world.clock.pass_seconds(60)
        world.sichuan.revoke(card.reference)
        _publish(world)
        cafe = world.verifier("示例网吧", "500000", "cafe.chongqing.example")
        request = cafe.request("internet-cafe", envelope=name)
        said["revoked"] = _codes(cafe.verify(world.wallet.present(request, lambda _: True, pin=PIN)))
    return said
