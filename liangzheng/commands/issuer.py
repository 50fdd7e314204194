"""``liangzheng issuer …``: an issuing authority as commands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..terminal import t
from . import issuer_cards
from .definitions import with_cards
from .issuer_place import Place, with_place
from .key_input import bound, is_uri, open_key
from .shared import clear_errors

if TYPE_CHECKING:
    from issuer.imports import ImportReport

__all__ = ["issuer"]

_SHOWN_PROBLEMS = 50
CARD_SUITE = "ecdsa-sd-2023"


@click.group()
@with_cards
def issuer() -> None:
    """An issuing authority: register, applications, issuance, status."""


@issuer.command()
@click.option("--name", required=True, help="The authority's name.")
@click.option("--region", required=True, metavar="CODE", help="The division it issues for: 510000, 500000.")
@click.option("--base-url", required=True, metavar="URL", help="Where its status lists are published.")
@click.option("--did", "controller", metavar="DID", help="Its DID, such as a did:web; default: the key's did:key.")
@click.option("--verification-method", metavar="DID_URL", help="The key's DID URL, with --did.")
@click.option(
    "--key", "key_uri", metavar="URI", help="A key that is there already (pkcs11:...), instead of a new file."
)
@with_place
def init(
    place: Place,
    name: str,
    region: str,
    base_url: str,
    controller: str | None,
    verification_method: str | None,
    key_uri: str | None,
) -> None:
    """Make an authority: its key, its settings, its register."""
    import did
    from did.private_files import private_folder
    from vc.integrity import CRYPTOSUITES
    from vc.model import is_url

    if not base_url.startswith("https://") or not is_url(base_url):
        terminal.fail(t("发布地址须为 https 网址", "the base URL must be an https URL"))
    if (controller is None) != (verification_method is None):
        terminal.fail(t("--did 与 --verification-method 须一同给出", "--did and --verification-method go together"))
    if place.settings_path.exists():
        terminal.fail(t(f"{place.home} 中已有签发机关", f"there is an authority in {place.home} already"))
    private_folder(place.home)
    made = did.generate("P-256") if key_uri is None else None
    key: did.Signer = made or open_key(_kept_uri(key_uri or ""), place.password_file)
    if key.algorithm not in CRYPTOSUITES[CARD_SUITE].key_types:
        terminal.fail(t(f"{CARD_SUITE} 不能用 {key.algorithm} 密钥", f"{CARD_SUITE} takes no {key.algorithm} keys"))
    if controller is not None and verification_method is not None:
        key = bound(key, controller, verification_method)
    if made is not None:
        did.save(key, place.key_path, place.password(confirm=True))  # type: ignore[arg-type]
    settings = {
        **({} if key_uri is None else {"key": key_uri}),
        "name": name,
        "region": region,
        "baseUrl": base_url,
        "did": key.did,
        "verificationMethod": key.verification_method,
    }
    place.settings_path.write_text(json.dumps(settings, ensure_ascii=False, indent=2), encoding="utf-8")
    try:
        with place.open():
            pass
    except BaseException:
        # Nothing half made: with the settings gone, init can be run again.
        place.settings_path.unlink()
        if made is not None:
            place.key_path.unlink()
        raise
    human = t(f"已建立签发机关 {name}：{key.did}", f"authority {name} made: {key.did}")
    terminal.emit({**settings, "publicKey": key.public_key.to_multikey()}, as_json=place.as_json, human=human)


def _kept_uri(uri: str) -> str:
    """A key's URI as it may stand in the settings, to be opened again by later commands."""
    if not is_uri(uri):
        raise ValueError(t("--key 须为密钥的 URI，如 pkcs11:…", "--key is the URI of a key, such as pkcs11:..."))
    if "pin-source=fd:" in uri:
        raise ValueError(
            t(
                "文件描述符只能读一次，不能写入设置：请用 LIANGZHENG_PIN 或 --password-file 提供口令",
                "a file descriptor is read once and can't stand in the settings: use LIANGZHENG_PIN or --password-file",
            )
        )
    return uri


# --- the register --------------------------------------------------------------------------------------------------


@issuer.command("import")
@click.argument("file")
@click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), help="Of a CSV whose encoding can't be told.")
@with_place
def import_(place: Place, file: str, encoding: str | None) -> None:
    """Import people from FILE (CSV or XLSX; - is stdin): the good rows, and a report of every bad one."""

    def progress(rows: Iterable[Any], length: int) -> Iterable[Any]:
        return terminal.progress(rows, label=t("导入", "importing"), length=length)

    with place.open() as authority:
        source: bytes | Path = terminal.read_input(file) if file == "-" else Path(file)
        report = authority.import_file(source, encoding=encoding, progress=progress)
    terminal.emit(report.to_dict(), as_json=place.as_json, human=_report_text(report))
    if report.refused and report.refused == report.rows:
        raise SystemExit(terminal.INPUT_UNUSABLE)


def _report_text(report: ImportReport) -> str:
    lines = [
        t(
            f"新增 {report.imported}，更新 {report.updated}，未变 {report.unchanged}，拒绝 {report.refused}",
            f"{report.imported} imported, {report.updated} updated, "
            f"{report.unchanged} unchanged, {report.refused} refused",
        )
    ]
    lines += [
        t(f"第 {p.row} 行 {p.column}：{p.zh}", f"row {p.row} {p.column}: {p.en}")
        for p in report.problems[:_SHOWN_PROBLEMS]
    ]
    if len(report.problems) > _SHOWN_PROBLEMS:
        more = len(report.problems) - _SHOWN_PROBLEMS
        lines.append(t(f"……还有 {more} 项（--json 列出全部）", f"... and {more} more (--json lists all)"))
    if report.ignored_columns:
        names = ", ".join(report.ignored_columns)
        lines.append(t(f"忽略的列：{names}", f"columns passed over: {names}"))
    return "\n".join(lines)


@issuer.command()
@click.option("--number", metavar="NUMBER", help="Only say whether this citizen number is registered.")
@with_place
def people(place: Place, number: str | None) -> None:
    """Count people, households and cards; or say whether a NUMBER is registered. Shows nobody."""
    with place.open() as authority:
        if number is None:
            counts = authority.counts()
            human = "\n".join(f"{name}: {count}" for name, count in counts.items())
            terminal.emit(counts, as_json=place.as_json, human=human)
            return
        registered = authority.is_registered(number)
    human = t("已登记", "registered") if registered else t("未登记", "not registered")
    terminal.emit({"registered": registered}, as_json=place.as_json, human=human)
    if not registered:
        raise SystemExit(terminal.NOT_VERIFIED)


@issuer.command()
@click.argument("number")
@click.argument("file", required=False)
@click.option("--draw", is_flag=True, help="Draw a portrait instead: for synthetic people.")
@with_place
def portrait(place: Place, number: str, file: str | None, draw: bool) -> None:
    """Set the portrait of the person with this NUMBER from a JPEG FILE (- is stdin)."""
    if (file is None) != draw:
        terminal.fail(t("请给出照片文件，或用 --draw", "give a JPEG file, or --draw"))
    content = _drawn(number) if file is None else terminal.read_input(file)
    with place.open() as authority:
        changed = authority.set_portrait(number, content)
    human = t("照片已更新", "portrait set") if changed else t("照片未变", "the portrait is the same")
    terminal.emit({"changed": changed}, as_json=place.as_json, human=human)


def _drawn(number: str) -> bytes:
    from issuer.environment import system_clock
    from issuer.portraits import draw_portrait
    from vc.cards.calendar import age_on, day_of
    from vc.cards.identifiers import IdentityNumber, citizen_identity_number

    known = IdentityNumber(citizen_identity_number(number))
    age = age_on(known.birth_date, day_of(system_clock()))
    return draw_portrait(known.text, sex=known.sex, age=age)


@issuer.command()
@click.argument("number")
@click.argument("status", type=click.Choice(["living", "deceased", "emigrated"]))
@with_place
def life(place: Place, number: str, status: str) -> None:
    """Register that a person is living, deceased or emigrated; cards of who is not living are revoked."""
    with place.open() as authority:
        revoked = authority.set_life_status(number, status)
    human = t(f"已登记，吊销证照 {len(revoked)} 张", f"registered; {len(revoked)} cards revoked")
    terminal.emit({"revoked": revoked}, as_json=place.as_json, human=human)


@issuer.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--people", "count", default=600, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default="liangzheng-2026", show_default=True, help="Same seed, same people.")
@click.option("--format", "form", type=click.Choice(["csv", "csv-gb18030", "xlsx"]), default="csv", show_default=True)
def synthetic(folder: Path, count: int, seed: str, form: str) -> None:
    """Write synthetic registers into FOLDER, one file for each province. Nobody in them is real."""
    from issuer.environment import system_clock
    from issuer.synthetic.__main__ import main
    from vc.cards.calendar import day_of

    today = day_of(system_clock()).isoformat()
    with clear_errors():
        main([str(folder), "--people", str(count), "--seed", seed, "--format", form, "--today", today])


# --- status and audit ----------------------------------------------------------------------------------------------


@issuer.command()
@click.option("--directory", metavar="DIR", help="Default: status in the authority's folder.")
@with_place
def publish(place: Place, directory: str | None) -> None:
    """Sign all status lists anew and write them to a directory, for offline verifiers and web servers."""
    with place.open(signing=True) as authority:
        published = authority.publish(Path(directory) if directory else place.status_folder)
    human = "\n".join(f"{item.url} {item.path}" for item in published)
    terminal.emit([item.to_dict() for item in published], as_json=place.as_json, human=human)


@issuer.group()
def audit() -> None:
    """The audit log."""


@audit.command("verify")
@click.option("--expect", metavar="SEQ:DIGEST", help="A head noted earlier, which the log must still contain.")
@with_place
def audit_verify(place: Place, expect: str | None) -> None:
    """Check that the log is whole; prints its head, to be noted elsewhere."""
    expected = None
    if expect is not None:
        seq, _, digest = expect.partition(":")
        expected = (int(seq), digest)
    with place.open() as authority:
        report = authority.verify_audit(expected=expected)
    human = (
        t(
            f"完整，共 {report.count} 条，末端 {report.count}:{report.head}",
            f"intact, head {report.count}:{report.head}",
        )
        if report.intact
        else t(f"第 {report.broken_at} 条不符（{report.why}）", f"broken at entry {report.broken_at} ({report.why})")
    )
    terminal.emit(report.to_dict(), as_json=place.as_json, human=human)
    if not report.intact:
        raise SystemExit(terminal.NOT_VERIFIED)


@audit.command("show")
@click.option("--subject", help="Only entries about this, such as credential:REFERENCE.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@with_place
def audit_show(place: Place, subject: str | None, limit: int) -> None:
    """Show the newest entries, oldest first. They name no person."""
    with place.open() as authority:
        entries = authority.audit_entries(subject=subject, limit=limit)
    human = "\n".join(
        f"{entry['seq']} {entry['at']} {entry['actor']} {entry['event']} {entry['subject']}" for entry in entries
    )
    terminal.emit(list(entries), as_json=place.as_json, human=human)


for _command in issuer_cards.COMMANDS:
    issuer.add_command(_command)
