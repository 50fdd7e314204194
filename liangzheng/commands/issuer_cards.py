"""``liangzheng issuer …``: applications for cards, and the life of what was issued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from did.private_files import write_private

from .. import terminal
from ..terminal import t
from .issuer_place import Place, with_place

if TYPE_CHECKING:
    from issuer.applications import ApplicationView
    from issuer.authority import CredentialView, IssuedCard
    from issuer.holds import HoldView

__all__ = ["COMMANDS"]


@click.command()
@click.option("--kind", help="Apply for one kind of card, such as resident-identity-card.")
@click.option("--department", help="Apply for all cards of a department, such as population.")
@click.option("--name", help="The applicant's name; asked for when not given.")
@click.option("--number", help="The applicant's citizen identity number; asked for when not given.")
@with_place
def apply(place: Place, kind: str | None, department: str | None, name: str | None, number: str | None) -> None:
    """Apply for cards. A one-time code goes to the registered phone (here: into the folder's outbox)."""
    name = name or click.prompt(t("姓名", "Name"), err=True)
    number = number or click.prompt(t("公民身份号码", "Citizen identity number"), err=True)
    with place.open() as authority:
        view = authority.apply(str(name), str(number), kind=kind, department=department)
    _application(place, view)


@click.command()
@click.argument("application")
@with_place
def code(place: Place, application: str) -> None:
    """Send a new one-time code for APPLICATION."""
    with place.open() as authority:
        _application(place, authority.resend(application))


@click.command()
@click.argument("application")
@click.argument("one_time_code", required=False)
@with_place
def prove(place: Place, application: str, one_time_code: str | None) -> None:
    """Prove the applicant with the one-time code; the answer has the challenge for the device."""
    evidence = one_time_code or click.prompt(t("验证码", "One-time code"), err=True)
    with place.open() as authority:
        _application(place, authority.prove(application, str(evidence).strip()))


@click.command()
@click.argument("application")
@click.option("--fresh", is_flag=True, help="Set a new challenge for the device.")
@with_place
def application(place: Place, application: str, fresh: bool) -> None:
    """Show an APPLICATION."""
    with place.open() as authority:
        _application(place, authority.challenge(application) if fresh else authority.application(application))


def _application(place: Place, view: ApplicationView) -> None:
    lines = [t(f"申请 {view.reference}：{view.state.value}", f"application {view.reference}: {view.state.value}")]
    lines += [
        f"  {card.card_type}: {card.state} {card.reason or card.credential or ''}".rstrip() for card in view.cards
    ]
    if view.challenge:
        lines += [f"  challenge: {view.challenge}", f"  domain: {view.domain}"]
    terminal.emit(view.to_dict(), as_json=place.as_json, human="\n".join(lines))


@click.command()
@click.argument("application")
@click.argument("proof", default="-")
@click.option("--out", metavar="FILE", help="Where the cards go; default: standard output.")
@click.option(
    "--form",
    "forms",
    type=(str, click.Path(file_okay=False)),
    multiple=True,
    metavar="FORMAT DIR",
    help="Issue each card in FORMAT (such as dc+sd-jwt), too, as a file in DIR; may be repeated.",
)
@click.option("--code", help="The code that a new device needs for an offer made at the portal or the desk.")
@with_place
def issue(
    place: Place, application: str, proof: str, out: str | None, forms: tuple[tuple[str, str], ...], code: str | None
) -> None:
    """Issue the cards of APPLICATION to the device that made PROOF (a presentation; - is stdin)."""
    presentation = terminal.read_input(proof)
    with place.open(signing=True) as authority:
        wanted = [form for form, _ in forms]
        cards = authority.issue(application, presentation, envelopes=wanted, code=code)
    for form, folder in forms:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        for card in cards:
            if form in card.envelopes:
                suffix = form.rpartition("+")[2]
                write_private(Path(folder) / f"{card.reference}.{suffix}", card.envelopes[form].encode())
    _cards(place, cards, out)


def _cards(place: Place, cards: list[IssuedCard], out: str | None) -> None:
    document = {"cards": [card.to_dict() for card in cards]}
    if out is None:
        terminal.emit(document, as_json=place.as_json)
        return
    write_private(Path(out), json.dumps(document, ensure_ascii=False).encode())
    brief = [{"credential": card.reference, "type": card.card_type} for card in cards]
    human = "\n".join(f"{card.card_type} {card.reference}" for card in cards)
    terminal.emit({"cards": brief, "file": out}, as_json=place.as_json, human=human)


# --- the life of credentials ---------------------------------------------------------------------------------------


@click.command()
@click.argument("credential")
@click.option("--out", metavar="FILE", help="Where the new version goes; default: standard output.")
@with_place
def update(place: Place, credential: str, out: str | None) -> None:
    """Bring CREDENTIAL in line with the register: a new version, and the old one revoked, when something changed."""
    with place.open(signing=True) as authority:
        updated, card = authority.update(credential)
    texts = {
        "unchanged": t("登记信息未变，无需更新", "nothing changed: no update is needed"),
        "changed": t("已换发新版本，旧版本已吊销", "a new version was issued, the old one is revoked"),
        "renewed": t("已续期，旧版本已吊销", "renewed; the old version is revoked"),
        "suspended": t("逾期未签注，已暂停使用", "the endorsement lapsed: suspended"),
        "revoked": t("持证人已故或出国定居，已吊销", "the holder died or emigrated: revoked"),
    }
    terminal.note(texts[updated.kind.value])
    if card is not None:
        _cards(place, [card], out)
    else:
        found = {"update": updated.kind.value, "credential": updated.credential.reference}
        terminal.emit(found, as_json=place.as_json, human=updated.credential.reference)


@click.command()
@click.argument("credential")
@click.option("--reason", default="holder-request", show_default=True)
@with_place
def suspend(place: Place, credential: str, reason: str) -> None:
    """Suspend CREDENTIAL: holder-request, authority-decision or endorsement-lapsed."""
    with place.open() as authority:
        _credentials(place, [authority.suspend(credential, reason)])


@click.command()
@click.argument("credential")
@click.option("--reason", help="Which cause to lift, when there are several.")
@with_place
def resume(place: Place, credential: str, reason: str | None) -> None:
    """Lift a suspension of CREDENTIAL."""
    with place.open() as authority:
        _credentials(place, [authority.resume(credential, reason)])


@click.command()
@click.argument("credential")
@click.option("--reason", default="holder-request", show_default=True)
@with_place
def revoke(place: Place, credential: str, reason: str) -> None:
    """Revoke CREDENTIAL for good."""
    with place.open() as authority:
        _credentials(place, [authority.revoke(credential, reason)])


@click.command()
@click.argument("device")
@click.option("--confirm", is_flag=True, help="The holder confirms the loss: revoke all its cards.")
@click.option("--found", is_flag=True, help="The device is back: its cards count again.")
@with_place
def lost(place: Place, device: str, confirm: bool, found: bool) -> None:
    """Report the DEVICE with this DID lost: all its cards are suspended at once."""
    if confirm and found:
        terminal.fail(t("--confirm 与 --found 不能同时使用", "--confirm and --found exclude each other"))
    with place.open() as authority:
        change = authority.confirm_lost if confirm else authority.report_found if found else authority.report_lost
        _credentials(place, change(device))


@click.command()
@click.option("--number", help="The person's citizen identity number; asked for when not given.")
@click.option("--place", "card_type", metavar="TYPE", help="Hold back this type of card by the authority's decision.")
@click.option("--note", default="", help="Why, for the desk to read.")
@with_place
def holds(place: Place, number: str | None, card_type: str | None, note: str) -> None:
    """List the holds that stand on a person, or place one: no card of that kind is issued until it is lifted."""
    number = str(number or click.prompt(t("公民身份号码", "Citizen identity number"), err=True))
    with place.open() as authority:
        found = authority.holds(number) if card_type is None else [authority.place_hold(number, card_type, note=note)]
    _holds(place, found)


@click.command()
@click.argument("hold", type=click.IntRange(1))
@with_place
def lift(place: Place, hold: int) -> None:
    """Lift HOLD, by its number, with the suspensions that it was made with."""
    with place.open() as authority:
        _holds(place, [authority.lift_hold(hold)])


def _holds(place: Place, found: list[HoldView]) -> None:
    human = "\n".join(f"{hold.id} {hold.card_type} {t(hold.rule.zh, hold.rule.en)}" for hold in found)
    terminal.emit([hold.to_dict() for hold in found], as_json=place.as_json, human=human or t("没有", "none"))


@click.command()
@click.option("--device", metavar="DID", help="Those of one device.")
@click.option("--number", metavar="NUMBER", help="Those of one person.")
@with_place
def credentials(place: Place, device: str | None, number: str | None) -> None:
    """List credentials, without what they say."""
    with place.open() as authority:
        _credentials(place, authority.credentials(device=device, number=number))


def _credentials(place: Place, views: list[CredentialView]) -> None:
    human = "\n".join(
        f"{view.reference} {view.card_type} v{view.licence_version} {view.state} {' '.join(view.causes)}".rstrip()
        for view in views
    )
    terminal.emit([view.to_dict() for view in views], as_json=place.as_json, human=human or t("没有", "none"))


COMMANDS = (apply, code, prove, application, issue, update, suspend, resume, revoke, lost, holds, lift, credentials)
