"""``liangzheng holder …``: the wallet as commands."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from did.private_files import write_private

from .. import terminal
from ..terminal import t
from .definitions import card_set, scenario_set, with_cards, with_scenarios
from .holder_place import Place, ask_pin, pin_in, with_place

if TYPE_CHECKING:
    from holder import Consent, Disclosure

__all__ = ["holder"]


@click.group()
@with_cards
@with_scenarios
def holder() -> None:
    """A wallet: cards, PIN, presentations, usage log."""


@holder.command()
@with_place
def init(place: Place) -> None:
    """Make a wallet with a new device key and set its PIN."""
    from holder import Wallet
    from vc.scenarios import LEGAL_EFFECT

    for path in (place.wallet, place.keystore_path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pin = place.given_pin() or ask_pin(t("设置 6 位亮证密码", "Set a PIN of 6 digits"), confirm=True)
    cards, scenarios = card_set(), scenario_set()
    with Wallet.create(place.wallet, pin, place.keystore(), definitions=cards, scenarios=scenarios) as wallet:
        human = t(f"卡包已建立，设备标识：{wallet.did}", f"wallet made, device: {wallet.did}")
        terminal.emit({"did": wallet.did, "wallet": str(place.wallet)}, as_json=place.as_json, human=human)
    terminal.note(t(LEGAL_EFFECT.zh, LEGAL_EFFECT.en))


@holder.command()
@with_place
def did(place: Place) -> None:
    """Show the device's DID."""
    with place.open() as wallet:
        terminal.emit({"did": wallet.did}, as_json=place.as_json, human=wallet.did)


@holder.command()
@click.argument("file", required=False)
@click.option("--challenge", help="The issuer's challenge, when there is no FILE.")
@click.option("--domain", help="The issuer's domain, when there is no FILE.")
@click.option("--out", metavar="FILE", help="Where the proof goes; default: standard output.")
@with_place
def prove(place: Place, file: str | None, challenge: str | None, domain: str | None, out: str | None) -> None:
    """Prove to an issuer that this device holds its key. FILE (- is stdin) is JSON with challenge and domain."""
    from vc.parsing import loads

    if file is not None:
        asked = loads(terminal.read_input(file))
        challenge, domain = challenge or asked.get("challenge"), domain or asked.get("domain")
    if not isinstance(challenge, str) or not isinstance(domain, str):
        terminal.fail(t("缺少挑战值或使用域", "a challenge and a domain are needed"))
    pin = place.pin()
    with place.open(pin) as wallet:
        proof = wallet.prove_possession(challenge, domain, pin=pin)
    _write(proof, out, place.as_json)


@holder.command()
@click.argument("file", default="-")
@click.option("--portrait", "portraits", multiple=True, metavar="JPEG", help="The portrait, when FILE is a bare card.")
@with_place
def add(place: Place, file: str, portraits: tuple[str, ...]) -> None:
    """Take in the cards that an issuer put into FILE (- is stdin); a newer version takes the older one's place."""
    from holder.card_files import read_card_files
    from holder.texts import card_line

    entries = read_card_files(terminal.read_input(file))
    pictures = [terminal.read_input(path) for path in portraits]
    pin = place.pin()
    with place.open(pin) as wallet:
        added = []
        for entry in terminal.progress(entries, label=t("存入", "adding"), length=len(entries)):
            attachments = [*entry.attachments, *pictures]
            previous = wallet.previous(entry.credential)
            if previous is None:
                added.append(wallet.add(entry.credential, attachments, forms=entry.forms))
            else:
                added.append(wallet.update(previous.id, entry.credential, attachments, forms=entry.forms))
        terminal.emit(
            [{"id": card.id, "type": card.type, "issuerChecked": card.issuer_checked} for card in added],
            as_json=place.as_json,
            human="\n".join(card_line(card, terminal.language()) for card in added),
        )
        advice = wallet.pin_advice(pin)
    if advice is not None:
        terminal.note(t(f"建议修改亮证密码：{advice.zh}", f"change your PIN: {advice.en}"))


@holder.command()
@with_place
def cards(place: Place) -> None:
    """List the cards."""
    from holder.texts import card_line

    with place.open() as wallet:
        kept = wallet.list()
    lines = [card_line(card, terminal.language()) for card in kept]
    terminal.emit(
        [
            {
                "id": card.id,
                "type": card.type,
                "title": {"zh": card.title.zh, "en": card.title.en},
                "issuer": card.issuer,
                "issuerChecked": card.issuer_checked,
                "validUntil": card.credential.get("validUntil"),
                "envelopes": sorted(card.forms),
            }
            for card in kept
        ],
        as_json=place.as_json,
        human="\n".join(lines) or t("卡包是空的", "the wallet is empty"),
    )


@holder.command()
@click.argument("card")
@click.option("--portrait", metavar="FILE", help="Write the portrait to FILE.")
@with_place
def show(place: Place, card: str, portrait: str | None) -> None:
    """Show every claim of the card with the id CARD, to its holder only."""
    from holder.texts import card_text

    with place.open() as wallet:
        kept = wallet.show(card)
        pictures = wallet.attachments(card)
    if portrait is not None:
        if not pictures:
            terminal.fail(t("该卡没有照片", "the card has no portrait"))
        write_private(Path(portrait), next(iter(pictures.values())))
    shown = {"id": kept.id, "type": kept.type, "claims": kept.claims}
    terminal.emit(shown, as_json=place.as_json, human=card_text(kept, terminal.language()))


@holder.command()
@click.argument("card")
@click.option("--yes", is_flag=True, help="Don't ask.")
@with_place
def remove(place: Place, card: str, yes: bool) -> None:
    """Remove the card with the id CARD for good."""
    with place.open() as wallet:
        title = wallet.show(card).title
        if not yes and not click.confirm(t(f"移除 {title.zh}？", f"Remove {title.en}?"), err=True):
            raise SystemExit(terminal.NOT_VERIFIED)
        wallet.remove(card)
    terminal.emit({"removed": card}, as_json=place.as_json, human=t("已移除", "removed"))


@holder.command()
@click.argument("request", default="-")
@click.option("--card", "choices", multiple=True, metavar="PLACE=ID", help="Which card to show in which place.")
@with_place
def consider(place: Place, request: str, choices: tuple[str, ...]) -> None:
    """Say exactly what would leave for the verifier's REQUEST (- is stdin). Nothing leaves."""
    from holder.texts import disclosure_text
    from vc.parsing import loads

    asked = loads(terminal.read_input(request))
    with place.open() as wallet:
        disclosure = wallet.consider(asked, choose=_choices(choices))
    terminal.emit(disclosure.to_dict(), as_json=place.as_json, human=disclosure_text(disclosure, terminal.language()))


@holder.command()
@click.argument("request", default="-")
@click.option("--card", "choices", multiple=True, metavar="PLACE=ID", help="Which card to show in which place.")
@click.option("--without", multiple=True, metavar="PLACE[/TERM]", help="Leave out what is optional.")
@click.option("--out", metavar="FILE", help="Write the whole message, portraits included, to FILE.")
@click.option("--qr", metavar="PNG", help="Write the presentation as QR symbols (without portraits) to PNG.")
@click.option("--yes", is_flag=True, help="Agree to what is shown without being asked.")
@with_place
def present(
    place: Place,
    *,
    request: str,
    choices: tuple[str, ...],
    without: tuple[str, ...],
    out: str | None,
    qr: str | None,
    yes: bool,
) -> None:
    """Answer the verifier's REQUEST (- is stdin): say what leaves, ask, sign, show as QR for 300 seconds.

    In a terminal the symbols are shown with a countdown. Otherwise, without --out and --qr, the message goes to
    standard output.
    """
    from holder import LIFETIME_SECONDS
    from vc.parsing import loads

    asked = loads(terminal.read_input(request))
    pin = place.pin()

    def consent(disclosure: Disclosure) -> Consent:
        return _consent(disclosure, frozenset(without), yes)

    with place.open(pin) as wallet:
        message = wallet.present(asked, consent, pin=pin, choose=_choices(choices))
    expires = datetime.now(UTC) + timedelta(seconds=LIFETIME_SECONDS)
    _deliver(message.to_dict(), expires, out, qr, place.as_json)


@holder.command()
@click.option("--export", metavar="FILE", help="Write the whole log to FILE as JSON.")
@click.option("--erase", is_flag=True, help="Erase the log for good.")
@click.option("--yes", is_flag=True, help="Don't ask before erasing.")
@with_place
def log(place: Place, export: str | None, erase: bool, yes: bool) -> None:
    """Show, export or erase the usage log. Exit code 1 when entries are missing or were changed."""
    from holder.texts import entry_text

    with place.open() as wallet:
        broken = wallet.log.check()
        exported = wallet.log.export()
        entries = wallet.log.entries()
        if export is not None:
            write_private(Path(export), json.dumps(exported, ensure_ascii=False, indent=2).encode())
        if erase:
            if not yes and not click.confirm(t("清除全部使用记录？", "Erase the whole log?"), err=True):
                raise SystemExit(terminal.NOT_VERIFIED)
            wallet.log.erase()
    human = "\n".join(entry_text(entry, terminal.language()) for entry in entries)
    terminal.emit({**exported, "broken": broken}, as_json=place.as_json, human=human)
    if broken:
        numbers = ", ".join(map(str, broken[:20]))
        terminal.fail(
            t(f"使用记录有缺失或改动：{numbers}", f"entries are missing or were changed: {numbers}"),
            terminal.NOT_VERIFIED,
        )


@holder.command()
@click.argument("challenge")
@click.argument("outcome", type=click.Choice(["verified", "refused", "unknown"]))
@with_place
def result(place: Place, challenge: str, outcome: str) -> None:
    """Write into the log what came of the presentation that answered CHALLENGE, as the verifier said."""
    with place.open() as wallet:
        wallet.record_result(challenge, outcome)
    terminal.emit({"result": outcome}, as_json=place.as_json, human=t("已记录", "written down"))


@holder.group()
def pin() -> None:
    """The PIN of the wallet."""


@pin.command()
@click.option("--new-pin-file", metavar="FILE", help="The new PIN (first line); else a prompt.")
@with_place
def change(place: Place, new_pin_file: str | None) -> None:
    """Change the PIN."""
    old = place.pin()
    with place.open(old) as wallet:
        if new_pin_file is not None:
            new = pin_in(new_pin_file)
        else:
            new = ask_pin(t("新的 6 位亮证密码", "New PIN of 6 digits"), confirm=True)
        wallet.change_pin(old, new)
    terminal.emit({"changed": True}, as_json=place.as_json, human=t("密码已修改", "PIN changed"))


def _choices(choices: tuple[str, ...]) -> dict[str, str]:
    pairs = [choice.partition("=") for choice in choices]
    if not all(separator for _, separator, _ in pairs):
        raise ValueError(t("--card 的形式为 PLACE=ID", "--card has the form PLACE=ID"))
    return {name: card for name, _, card in pairs}


def _consent(disclosure: Disclosure, without: frozenset[str], yes: bool) -> Consent:
    """Show what leaves; ask for each sensitive claim, then for the whole."""
    from holder import Consent
    from holder.texts import disclosure_text

    terminal.note(disclosure_text(disclosure, terminal.language()))
    terminal.note(t(disclosure.scenario.notice.zh, disclosure.scenario.notice.en))
    if yes:
        return Consent(True, without)
    if not sys.stdin.isatty():
        terminal.fail(t("需要确认：请在终端中操作，或用 --yes", "consent is needed: use a terminal, or --yes"))
    left_out = set(without)
    for card, claim in disclosure.sensitive:
        name = f"{card.place}/{claim.term}"
        if name in left_out or card.place in left_out:
            continue
        label = claim.label.in_language(terminal.language())
        if not click.confirm(t(f"同意出示敏感信息“{label}”？", f"Show the sensitive {label!r}?"), err=True):
            if not claim.optional:
                return Consent(False)
            left_out.add(name)
    agreed = click.confirm(t("同意出示以上信息？", "Show all of the above?"), err=True)
    return Consent(agreed, frozenset(left_out))


def _deliver(message: dict[str, Any], expires: datetime, out: str | None, qr_file: str | None, as_json: bool) -> None:
    from holder.screen import show_until
    from vc import qr
    from vc.qr import symbols

    carried = {name: value for name, value in message.items() if name != "attachments"}
    if out is not None:
        write_private(Path(out), json.dumps(message, ensure_ascii=False).encode())
    if qr_file is not None:
        write_private(Path(qr_file), symbols.sheet(symbols.draw(qr.encode(carried))))
    if as_json or (out is None and qr_file is None and not sys.stdout.isatty()):
        click.echo(json.dumps(message, ensure_ascii=False))
        return
    if sys.stdout.isatty():
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
        drawn = symbols.draw(qr.encode(carried, capacity=symbols.capacity_for_screen(columns, lines)))
        show_until(expires, drawn, sys.stdout, language=terminal.language(), lines=lines)
        terminal.note(t("出示已结束", "the presentation has ended"))


def _write(document: Mapping[str, Any], out: str | None, as_json: bool) -> None:
    if out is None:
        terminal.emit(document, as_json=as_json)
    else:
        write_private(Path(out), json.dumps(document, ensure_ascii=False).encode())
