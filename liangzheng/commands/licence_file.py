"""``liangzheng licence-file``: the sealed OFD file that a card stands beside (``vc.cards.licence_file``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..terminal import t
from .credentials import _expectation_options, _expectations, _line, _usable_input
from .key_input import JSON

if TYPE_CHECKING:
    from vc import Problem
    from vc.cards.licence_file import LicenceFile
    from vc.checks.expectations import PolicyArguments

__all__ = ["licence_file"]

_TIE = ("/relatedResource", "/credentialSubject/licenceIdentifier")


@click.command(name="licence-file")
@click.argument("file")
@click.option("--card", metavar="CARD", help="Verify this card, and say whether FILE is the one that it names.")
@click.option(
    "--name-in", "unsecured", metavar="CREDENTIAL", help="Print this unsecured credential, naming FILE from now on."
)
@_expectation_options
@JSON
def licence_file(*, file: str, card: str | None, unsecured: str | None, as_json: bool, **options: Any) -> None:
    """Read the licence identifier (GB/T 36904) and the SM3 digest of the OFD file FILE; its seal is not looked at.

    Exit code 0: read, or the one that CARD names; 1: not that one, or CARD is not good; 2: unusable input.
    """
    from vc.cards import licence_file as files
    from vc.parsing import loads

    if card is not None and unsecured is not None:
        terminal.fail(t("--card 与 --name-in 只能给出一个", "--card and --name-in don't go together"))
    with _usable_input():
        found = files.read(terminal.read_input(file))
        if unsecured is not None:
            terminal.emit(files.name_in(loads(terminal.read_input(unsecured)), found), as_json=as_json)
            return
        if card is None:
            terminal.emit(found.to_dict(), as_json=as_json, human=_described(found))
            return
        problems = _against(terminal.read_input(card), found, _expectations(**options))
    judged = {**found.to_dict(), "named": not problems, "problems": [problem.to_dict() for problem in problems]}
    answer = t("是该卡证所指的证照文件", "it is the licence file that the card names")
    if problems:
        answer = t("不能认定为该卡证所指的证照文件", "it is NOT found to be the licence file that the card names")
    human = "\n".join([_described(found), *map(_line, problems), answer])
    terminal.emit(judged, as_json=as_json, human=human)
    if problems:
        raise SystemExit(terminal.NOT_VERIFIED)


def _against(card: bytes, found: LicenceFile, expected: PolicyArguments) -> list[Problem]:
    """What is against the file being the one that a card names which can be believed."""
    import vc
    from vc.cards import licence_file as files

    verdict = vc.verify(_shown(card), **expected)
    document: Mapping[str, Any] = verdict.document or {}
    return list(verdict.problems) if not verdict.verified else files.check(document, found)


def _shown(card: bytes) -> bytes | dict[str, Any]:
    """What is verified of a card: of one in its holder's hands (a base proof) just what ties it to the file."""
    import vc
    from vc.integrity import CRYPTOSUITES, discloses
    from vc.parsing import loads

    if card.lstrip()[:1] != b"{":
        return card
    document = loads(card)
    proofs = document.get("proof")
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        if not isinstance(proof, Mapping):
            continue
        suite = CRYPTOSUITES.get(str(proof.get("cryptosuite")))
        if suite is not None and discloses(suite) and suite.is_base_proof(proof):
            pointers = [pointer for pointer in _TIE if _has(document, pointer)]
            return vc.derive(document, selective_pointers=pointers, cryptosuite=suite.name)
    return document


def _has(document: Mapping[str, Any], pointer: str) -> bool:
    value: Any = document
    for name in pointer[1:].split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value is not None


def _described(found: LicenceFile) -> str:
    shown = found.to_dict()
    nothing = t("（文件元数据中没有）", "(none among its metadata)")
    return "\n".join(
        (
            f"{t('电子证照标识', 'licence identifier')}: {found.identifier or nothing}",
            f"SM3: {shown['sm3']}",
            f"digestMultibase: {found.digest_multibase}",
            f"{t('字节数', 'bytes')}: {found.size}",
        )
    )
