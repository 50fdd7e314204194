"""The story: from a register to refusals. Every refusal comes from the check that makes it in real life."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import did
import vc
from did.timestamps import read_datetime
from holder import Consent, Disclosure
from vc.cards import display
from vc.cards.message import Message
from vc.qr import decode, encode
from vc.qr.symbols import draw, sheet
from vc.scenarios import PresentationRequest
from verifier import CounterVerdict, Verifier

from ..terminal import t
from .narrator import Narrator
from .world import CHONGQING, PIN, SICHUAN, World, build, import_registers

__all__ = ["tell"]

_LIFE = 300


def tell(narrator: Narrator, scratch: Path, out: Path) -> None:
    """The whole story, in the folder ``scratch``; what is worth keeping goes to ``out``."""
    with build(scratch) as world:
        _register(narrator, world)
        _issue(narrator, world)
        hotel = world.verifier("重庆示例旅馆", CHONGQING, "hotel.chongqing.example")
        message = _hotel(narrator, world, hotel, out)
        _again(narrator, hotel, message)
        _late(narrator, world, hotel)
        _changed(narrator, world, hotel)
        _other_phone(narrator, world, hotel)
        _internet_cafe(narrator, world)
        _property_registry(narrator, world)
        _lost(narrator, world, hotel)
        _afterwards(narrator, world)


def _register(narrator: Narrator, world: World) -> None:
    narrator.step("1. 两地导入人口登记（虚构人员）", "1. Two authorities import their registers (made-up people)")
    first, second = import_registers(world)
    for authority, report in ((world.sichuan, first), (world.chongqing, second)):
        narrator.say(
            f"{authority.name}：新增 {report.imported} 人，拒绝 {len(report.problems)} 行",
            f"{authority.name}: {report.imported} people imported, {len(report.problems)} rows refused",
        )
    bad = world.sichuan.import_file("公民身份号码,姓名\n510199199001011234,张三\n".encode())
    narrator.expect(
        t("错误的号码", "a row with a wrong check digit"), "refused", "refused" if bad.problems else "taken"
    )
    again = world.sichuan.import_file(world.folder / f"people-{SICHUAN}.csv")
    narrator.expect(
        t("再次导入同一文件", "the same file again changes nothing"),
        "0 changes",
        f"{again.imported + again.updated} changes",
    )


def _issue(narrator: Narrator, world: World) -> None:
    narrator.step("2. 四川向手机签发证照", "2. Sichuan issues cards to a phone")
    narrator.say(f"申请人：{world.person.name}", f"applicant: {world.person.name}")
    narrator.say(f"手机的设备密钥：{world.wallet.did[:28]}…", f"the phone's device key: {world.wallet.did[:28]}…")
    issued = world.apply(kind="resident-identity-card")
    issued += world.apply(kind="household-register")
    issued += world.apply(kind="household-member")
    issued += world.apply(kind="residence-permit")
    for card in world.wallet.list():
        narrator.show([f"{card.type}  {card.id}"])
    narrator.say(
        "每张都先核验一次性验证码，再由设备密钥签名证明持有。",
        "each after a one-time code, and after the device signed the authority's challenge.",
    )
    narrator.expect(
        t("三种证照（户口簿为两份凭证）", "three cards (the register is two credentials)"),
        "4 credentials",
        f"{len(issued)} credentials",
    )
    narrator.say(f"发布 {world.publish()} 份状态列表", f"{world.publish()} status lists published")


def _ask(narrator: Narrator, verifier: Verifier, scenario: str) -> PresentationRequest:
    request = verifier.request(scenario)
    narrator.say(
        f"{verifier.name} 请求：{request.purpose.zh}（{request.variant}）",
        f"{verifier.name} asks: {request.purpose.en} ({request.variant})",
    )
    return request


def _answer(narrator: Narrator, world: World, request: PresentationRequest, *, show: bool = True) -> Message:
    def consent(disclosure: Disclosure) -> Consent:
        if show:
            _show_disclosure(narrator, disclosure)
        return Consent(True)

    return world.wallet.present(request, consent, pin=PIN)


def _show_disclosure(narrator: Narrator, disclosure: Disclosure) -> None:
    narrator.say("钱包显示将要出示的内容：", "the wallet shows what will leave:")
    for card in disclosure.cards:
        narrator.show([f"[{t(card.card.title.zh, card.card.title.en)}]"])
        for claim in card.claims:
            mark = "！" if claim.sensitive else "  "
            narrator.show([f"{mark}{t(claim.label.zh, claim.label.en)}: {t(claim.text.zh, claim.text.en)}"])
        for label in card.absent:
            narrator.show([t(f"  （没有：{label.zh}）", f"  (not on the card: {label.en})")])
    narrator.say("同意，输入六位亮证密码。", "agreed, six-digit PIN entered.")


def _hotel(narrator: Narrator, world: World, hotel: Verifier, out: Path) -> Message:
    narrator.step("3. 重庆一家旅馆请求核验", "3. A hotel in Chongqing asks")
    message = _answer(narrator, world, _ask(narrator, hotel, "hotel-check-in"))
    texts = encode({"verifiablePresentation": message.presentation})
    symbols = draw(texts)
    (out / "hotel.png").write_bytes(sheet(symbols))
    (out / "hotel.json").write_text(json.dumps(message.to_dict(), ensure_ascii=False, indent=2), encoding="utf-8")
    for symbol in symbols:
        narrator.picture(symbol.terminal(), columns=symbol.modules + 4)
    versions = ", ".join(str(symbol.version) for symbol in symbols)
    narrator.say(
        f"二维码 {len(symbols)} 个（版本 {versions}）：{out / 'hotel.png'}",
        f"QR code of {len(symbols)} symbol(s), version {versions}: {out / 'hotel.png'}",
    )
    narrator.countdown(read_datetime(message.presentation["proof"]["expires"]), world.clock)
    read = Message(decode(texts)["verifiablePresentation"], message.attachments)
    verdict = hotel.verify(read)
    narrator.judge(t("旅馆离线核验", "the hotel verifies, offline"), verdict)
    _show_effect(narrator, verdict)
    return message


def _show_effect(narrator: Narrator, verdict: CounterVerdict) -> None:
    if verdict.document is not None and verdict.verified:
        for credential in _credentials(verdict.document):
            for claim in display(credential, t("zh", "en")):
                narrator.show([f"{claim.label}: {claim.text}"])
    if verdict.effect is not None:
        regions = "、".join(name for _, name in verdict.effect.regions)
        narrator.say(f"效力：{regions}，{verdict.effect.notice.zh}", f"effect: {regions}; {verdict.effect.notice.en}")


def _credentials(document: Any) -> list[Any]:
    credentials = document.get("verifiableCredential", [])
    return credentials if isinstance(credentials, list) else [credentials]


def _again(narrator: Narrator, hotel: Verifier, message: Message) -> None:
    narrator.step(
        "4. 同一亮证再次使用（一次一验）", "4. The same presentation again (one presentation, one verification)"
    )
    narrator.judge(t("重复使用", "used again"), hotel.verify(message), refused_by="replay")


def _late(narrator: Narrator, world: World, hotel: Verifier) -> None:
    narrator.step("5. 301 秒以后", "5. 301 seconds later")
    message = _answer(narrator, world, _ask(narrator, hotel, "hotel-check-in"), show=False)
    world.clock.pass_seconds(_LIFE + 1)
    narrator.judge(t("过期：旅馆", "expired: the hotel"), hotel.verify(message), refused_by="request")
    # The hotel no longer waits for an answer to its request; the presentation itself has expired, too.
    proof = message.presentation["proof"]
    alone = vc.verify(message.presentation, challenge=proof["challenge"], domain=proof["domain"], now=world.clock())
    narrator.judge(t("过期：亮证本身", "expired: the presentation itself"), alone, refused_by="proof_expiry")
    world.clock.moved -= timedelta(seconds=_LIFE + 1)


def _changed(narrator: Narrator, world: World, hotel: Verifier) -> None:
    narrator.step("6. 姓名被改动一个字", "6. One character of the name is changed")
    message = _answer(narrator, world, _ask(narrator, hotel, "hotel-check-in"), show=False)
    document = copy.deepcopy(message.presentation)
    credential = _credentials(document)[0]
    name = credential["credentialSubject"]["name"]
    credential["credentialSubject"]["name"] = name[:-1] + ("明" if name[-1] != "明" else "亮")
    narrator.judge(t("改动", "changed"), hotel.verify(Message(document, message.attachments)), refused_by="proof")


def _other_phone(narrator: Narrator, world: World, hotel: Verifier) -> None:
    narrator.step("7. 另一部手机的密钥", "7. Another phone's key")
    request = _ask(narrator, hotel, "hotel-check-in")
    message = _answer(narrator, world, request, show=False)
    thief = did.generate("P-256")
    stolen = vc.present(
        _credentials(message.presentation),
        thief,
        challenge=request.challenge,
        domain=request.domain,
        expires_in=_LIFE,
        now=world.clock(),
    )
    narrator.judge(
        t("另一部手机", "another phone's key"),
        hotel.verify(Message(stolen, message.attachments)),
        refused_by="holder_binding",
    )


def _internet_cafe(narrator: Narrator, world: World) -> None:
    narrator.step("8. 网吧：只出示已满18周岁和照片", "8. Internet cafe: only over 18 and the portrait leave")
    cafe = world.verifier("成都示例网吧", SICHUAN, "cafe.chengdu.example")
    message = _answer(narrator, world, _ask(narrator, cafe, "internet-cafe"))
    subject = _credentials(message.presentation)[0]["credentialSubject"]
    shown = sorted(set(subject) - {"id", "type", "issuingProvince"})
    narrator.expect(t("离开手机的内容", "what left the phone"), "ageOver18, portrait", ", ".join(shown))
    narrator.judge(t("网吧核验", "the cafe verifies"), cafe.verify(message))


def _property_registry(narrator: Narrator, world: World) -> None:
    narrator.step("9. 不动产登记：身份证与户口簿", "9. Property registration: identity card and household register")
    registry = world.verifier("成都示例不动产登记中心", SICHUAN, "registry.chengdu.example")
    message = _answer(narrator, world, _ask(narrator, registry, "property-registration"))
    narrator.judge(t("登记中心核验", "the registry verifies"), registry.verify(message))


def _lost(narrator: Narrator, world: World, hotel: Verifier) -> None:
    narrator.step("10. 手机挂失", "10. The phone is reported lost")
    suspended = world.sichuan.report_lost(world.wallet.did)
    world.publish()
    narrator.say(
        "验证方的状态列表缓存最长 15 分钟；16 分钟后：",
        "a verifier keeps a list for 15 minutes at most; after 16:",
    )
    world.clock.pass_seconds(16 * 60)
    narrator.say(
        f"{len(suspended)} 份凭证已中止，状态列表已重新发布",
        f"{len(suspended)} credentials suspended, the status lists published again",
    )
    message = _answer(narrator, world, _ask(narrator, hotel, "hotel-check-in"), show=False)
    narrator.judge(t("已挂失", "reported lost"), hotel.verify(message), refused_by="status")


def _afterwards(narrator: Narrator, world: World) -> None:
    narrator.step("11. 留下的记录", "11. What is on record")
    audit = world.sichuan.verify_audit()
    narrator.expect(
        t("签发机关审计链", "the authority's audit chain"), "intact", "intact" if audit.intact else "broken"
    )
    entries = world.wallet.log.entries()
    presented = sum(entry.event == "presented" for entry in entries)
    narrator.say(f"持有人的使用记录：{presented} 次出示", f"the holder's usage log: {presented} presentations")
