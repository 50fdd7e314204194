"""``liangzheng verifier …``: the counter as commands. Nothing touches the network without ``--online``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import terminal
from ..terminal import t
from .definitions import card_set, scenario_set, with_cards, with_scenarios
from .key_input import open_key
from .shared import JSON, MOMENT, clear_errors, clock_at
from .verifier_output import batch_line, say_trust_list, say_verdict

if TYPE_CHECKING:
    from verifier import Home, Verifier

__all__ = ["verifier"]

STATE_VARIABLE = "LIANGZHENG_VERIFIER"

_Command = TypeVar("_Command", bound=Callable[..., Any])

_NOW = click.option(
    "--now", type=MOMENT, metavar="TIME", help="Judge as of this time, as 2026-01-31T08:00:00+08:00; default: now."
)
_ONLINE = click.option("--online", is_flag=True, help="Fetch DID documents and status lists over HTTPS.")
_TRUST = click.option("--trust", "trust_file", metavar="FILE", help="Use this trust list instead of the installed one.")
_ANCHOR = click.option("--anchor", "anchors", multiple=True, metavar="DID", help="A DID that may sign trust lists.")


@click.group()
@click.option("--state", metavar="DIR", help=f"The verifier's folder; default: {STATE_VARIABLE}, else the user's own.")
@with_cards
@with_scenarios
@click.pass_context
def verifier(context: click.Context, state: str | None) -> None:
    """The counter: requests, verdicts, trust list. Offline unless told otherwise."""
    if state is None:
        state = os.environ.get(STATE_VARIABLE)
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    context.obj = Path(state) if state else base / "liangzheng" / "verifier"


def _with_home(command: _Command) -> _Command:
    """Give a command the verifier's folder, and turn errors into exit codes."""

    @click.pass_obj
    def run(path: Path, /, *args: Any, **options: Any) -> Any:
        from verifier import Home

        with clear_errors():
            return command(Home(path), *args, **options)

    return update_wrapper(run, command)  # type: ignore[return-value]


@verifier.command()
@click.option("--name", required=True, help="The name wallets show: of the hotel, the office, the patrol.")
@click.option("--domain", required=True, help="What presentations are addressed to, as https://hotel.example.")
@click.option(
    "--did", metavar="DID", help="The verifier's DID. Default: a new did:key; nothing is signed with its key."
)
@click.option("--region", metavar="CODE", help="The province where the verifier is, as 500000.")
@_ANCHOR
@JSON
@_with_home
def setup(
    home: Home, name: str, domain: str, did: str | None, region: str | None, anchors: tuple[str, ...], as_json: bool
) -> None:
    """Say who this verifier is, and whose trust lists it takes."""
    from dataclasses import asdict

    from did import generate
    from verifier import Settings

    settings = Settings(did=did or generate("P-256").did, name=name, domain=domain, region=region, anchors=anchors)
    home.write_settings(settings)
    human = t(f"核验方已设置：{name}（{settings.did}）", f"the verifier is set up: {name} ({settings.did})")
    terminal.emit({**asdict(settings), "state": str(home.path)}, as_json=as_json, human=human)


@verifier.command()
@JSON
def scenarios(*, as_json: bool) -> None:
    """List the scenarios: what each may ask at least and at most."""
    rows, lines = [], []
    for scenario in scenario_set().values():
        cards = [
            {
                "type": card.type,
                "min": [list(group) for group in card.needed("min")],
                "law": None if card.law is None else [list(group) for group in card.needed("law")],
                "optional": list(card.optional),
            }
            for card in scenario.cards
        ]
        hours = int(scenario.freshness.total_seconds() // 3600)
        title = {"zh": scenario.title.zh, "en": scenario.title.en}
        rows.append(
            {
                "id": scenario.id,
                "version": scenario.version,
                "title": title,
                "variants": list(scenario.variants()),
                "regions": list(scenario.regions),
                "freshnessHours": hours,
                "verifierClass": scenario.verifier_class,
                "cards": cards,
            }
        )
        lines.append(f"{scenario.id}  {t(scenario.title.zh, scenario.title.en)}  [{'/'.join(scenario.variants())}]")
        for card in scenario.cards:
            asked = ", ".join("|".join(group) for group in card.needed("min")) or "-"
            title_ = scenario.definitions[card.type].title
            lines.append(f"    {t(title_.zh, title_.en)}: {asked}")
    terminal.emit({"scenarios": rows}, as_json=as_json, human="\n".join(lines))


@verifier.command()
@click.option("--scenario", required=True, metavar="ID", help="See: liangzheng verifier scenarios.")
@click.option("--variant", type=click.Choice(["min", "law"]), default="min", show_default=True)
@click.option("--envelope", metavar="FORMAT", help="Ask for the cards in FORMAT, such as dc+sd-jwt, not JSON-LD.")
@click.option("--out", metavar="FILE", help="Where the request goes; default: standard output.")
@_NOW
@JSON
@_with_home
def request(
    home: Home,
    scenario: str,
    variant: Any,
    envelope: str | None,
    out: str | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Make a request for a wallet, good for 300 seconds and one answer."""
    made = (
        home.verifier(clock=clock_at(now), cards=card_set(), scenarios=scenario_set())
        .request(scenario, variant=variant, envelope=envelope)
        .to_dict()
    )
    if out is None or out == "-":
        terminal.emit(made, as_json=as_json)
        return
    Path(out).write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    human = t(f"亮证请求已写入 {out}，300 秒内有效", f"the request is in {out}, good for 300 seconds")
    terminal.emit(
        {"out": out, "challenge": made["challenge"], "expires": made["expires"]}, as_json=as_json, human=human
    )


@verifier.command()
@click.argument("file", default="-", required=False)
@click.option(
    "--request", "request_file", metavar="FILE", help="The request that is answered. Default: found by itself."
)
@_TRUST
@_ANCHOR
@click.option("--status", "status_files", multiple=True, metavar="FILE", help="A status list credential to use.")
@click.option("--batch", is_flag=True, help="FILE holds one message a line (JSON Lines); so does the output.")
@click.option("--portraits", metavar="DIR", help="Write the portraits that were shown and verified here.")
@_ONLINE
@_NOW
@JSON
@_with_home
def verify(
    home: Home,
    file: str,
    request_file: str | None,
    trust_file: str | None,
    anchors: tuple[str, ...],
    status_files: tuple[str, ...],
    batch: bool,
    portraits: str | None,
    online: bool,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Verify the answer of a wallet in FILE (- is stdin). Each answer is accepted once."""
    desk = home.verifier(
        trust_file=trust_file,
        anchors=anchors,
        status_files=status_files,
        fetcher=_fetcher() if online else None,
        cards=card_set(),
        scenarios=scenario_set(),
        clock=clock_at(now),
    )
    if batch:
        _verify_batch(desk, file)
        return
    from vc.parsing import loads
    from vc.scenarios import PresentationRequest

    asked = None if request_file is None else PresentationRequest.from_dict(loads(terminal.read_input(request_file)))
    verdict = desk.verify(terminal.read_input(file), asked)
    if portraits is not None:
        _write_portraits(Path(portraits), verdict.portraits)
    terminal.emit(verdict.to_dict(), as_json=as_json, human=say_verdict(verdict))
    if not verdict.verified:
        unreadable = (
            bool(verdict.checks) and verdict.checks[0].name == "parse" and verdict.checks[0].outcome == "failed"
        )
        raise SystemExit(terminal.INPUT_UNUSABLE if unreadable else terminal.NOT_VERIFIED)


def _verify_batch(desk: Verifier, file: str) -> None:
    lines = [line for line in terminal.read_input(file).split(b"\n") if line.strip()]
    if not lines:
        terminal.fail(t("没有可核验的内容", "there is nothing to verify"))
    refused = 0
    for number, line in enumerate(terminal.progress(lines, label=t("核验", "verifying"), length=len(lines)), 1):
        verdict = desk.verify(line)
        refused += not verdict.verified
        click.echo(batch_line(number, verdict))
    terminal.note(
        t(f"共 {len(lines)} 份，通过 {len(lines) - refused} 份", f"{len(lines) - refused} of {len(lines)} verified")
    )
    if refused:
        raise SystemExit(terminal.NOT_VERIFIED)


def _fetcher() -> Any:
    from did.fetcher import Fetcher

    return Fetcher()


def _write_portraits(folder: Path, portraits: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(portraits.values(), 1):
        (folder / f"portrait-{number}.jpg").write_bytes(content)


@verifier.group()
def trust() -> None:
    """The trust list: which issuer may issue which card for which region."""


@trust.command()
@_TRUST
@_ANCHOR
@_ONLINE
@_NOW
@JSON
@_with_home
def show(
    home: Home, trust_file: str | None, anchors: tuple[str, ...], online: bool, now: datetime | None, as_json: bool
) -> None:
    """Show the trust list, after verifying it."""
    store = home.trust(home.resolver(_fetcher() if online else None), file=trust_file, anchors=anchors)
    found = store.load(clock_at(now)())
    terminal.emit(dict(found.document), as_json=as_json, human=say_trust_list(found))


@trust.command()
@click.argument("file", default="-", required=False)
@_ONLINE
@_NOW
@JSON
@_with_home
def install(home: Home, file: str, online: bool, now: datetime | None, as_json: bool) -> None:
    """Verify the trust list in FILE and put it into use."""
    store = home.trust(home.resolver(_fetcher() if online else None))
    found = store.install(terminal.read_input(file), clock_at(now)())
    terminal.emit({"signer": found.signer, "issuers": len(found.issuers)}, as_json=as_json, human=say_trust_list(found))


@trust.command()
@click.argument("file", default="-", required=False)
@click.option(
    "--key", "key_file", required=True, metavar="FILE", help="The trust anchor's encrypted key file, or pkcs11: URI."
)
@click.option(
    "--password-file", metavar="FILE", help="Its password (first line). Else LIANGZHENG_PASSWORD, else asked."
)
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How long the list is valid.")
@click.option("--out", metavar="FILE", help="Where the list goes; default: standard output.")
@_NOW
@JSON
def sign(
    *,
    file: str,
    key_file: str,
    password_file: str | None,
    days: int,
    out: str | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Sign the trust list in FILE: {"trustedIssuer": [{did, name, cardType, region}], "trustedVerifier": [...]}."""
    from datetime import timedelta

    import vc
    from vc.parsing import loads
    from verifier import trust_list_credential

    with clear_errors():
        entries = loads(terminal.read_input(file))
        issuers, verifiers = _entries(entries, "trustedIssuer"), _entries(entries, "trustedVerifier")
        if set(entries) - {"trustedIssuer", "trustedVerifier"} or not issuers:
            detail = t(
                "应含 trustedIssuer（及 trustedVerifier）", "trustedIssuer (and trustedVerifier) expected, no others"
            )
            raise ValueError(detail)
        key = open_key(key_file, password_file)
        valid_from = clock_at(now)()
        document = trust_list_credential(
            issuer=key.did,
            issuers=issuers,
            verifiers=verifiers,
            valid_from=valid_from,
            valid_until=valid_from + timedelta(days=days),
        )
        signed = vc.issue(document, key, now=valid_from)
        if out is None or out == "-":
            terminal.emit(signed, as_json=as_json)
            return
        Path(out).write_text(json.dumps(signed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        human = t(f"信任列表已签署：{out}", f"the trust list was signed: {out}")
        terminal.emit({"out": out, "signer": key.did}, as_json=as_json, human=human)


def _entries(document: Mapping[str, Any], member: str) -> list[dict[str, Any]]:
    value = document.get(member, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(t(f"{member} 应为对象列表", f"{member} must be a list of objects"))
    return value
