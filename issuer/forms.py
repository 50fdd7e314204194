"""The forms a card is issued in: JSON-LD, and what the device wants beside it, of the formats that there are.

All are made in one transaction from one unsecured credential, for one device key, and have one fate: their status
entries are set together (``issuer.lifecycle``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from contexts import ContextRegistry
from did import DidError, PublicKey, Signer
from vc.cards import Label
from vc.cards.definition import CardDefinition
from vc.cards.formats import FORMATS, CardFormat, Unsecured
from vc.problems import ProblemError

from .environment import Random
from .errors import CardError, StateError

__all__ = ["check_forms", "offered", "secured_as"]

_KEY = "did:key:"


def offered(signer: Signer, certificates: Sequence[bytes] = ()) -> tuple[str, ...]:
    """The formats that cards signed by ``signer`` come in beside JSON-LD: those that its key can sign, and that need no
    certificates where there are none."""
    return tuple(
        known.name
        for known in FORMATS.beside()
        if known.signs_with(signer.algorithm) and (certificates or not known.needs_certificates)
    )


def check_forms(wanted: Collection[str], signer: Signer, certificates: Sequence[bytes] = ()) -> frozenset[str]:
    """What a wallet wants, as far as ``signer`` can make it. Raises StateError (``card.envelope``)."""
    if not wanted:
        return frozenset()
    known = offered(signer, certificates)
    if not set(wanted) <= set(known):
        names = "、".join(known) or "仅 JSON-LD", ", ".join(known) or "JSON-LD alone"
        raise StateError(
            "card.envelope",
            f"不支持所要的封装，可选：{names[0]}",
            f"no card comes in that envelope; there is {names[1]}",
        )
    return frozenset(wanted)


def secured_as(
    form: CardFormat,
    unsecured: Mapping[str, Any],
    definition: CardDefinition,
    signer: Signer,
    *,
    device_did: str,
    status: Mapping[str, Mapping[str, Any]],
    now: datetime,
    random: Random,
    contexts: ContextRegistry,
    cryptosuite: str | None = None,
    certificates: Sequence[bytes] = (),
) -> str:
    """A card's unsecured credential (without a status) in one form. ``status``: purpose -> entry. Raises CardError."""
    card = Unsecured(
        credential=unsecured,
        definition=definition,
        device_key=_device_key(device_did),
        status=status,
        now=now,
        random=random,
        contexts=contexts,
        cryptosuite=cryptosuite,
        certificates=certificates,
    )
    try:
        return form.secure(card, signer)
    except ProblemError as error:
        raise _refused(form.label, error) from error


def _refused(label: Label, error: ProblemError) -> CardError:
    codes = ", ".join(problem.code for problem in error.problems[:5])
    return CardError(
        error.code,
        f"该证照不能以 {label.zh} 签发（{codes}）",
        f"the card can't be issued as {label.en} ({codes})",
    )


def _device_key(did: str) -> PublicKey:
    try:
        if not did.startswith(_KEY):
            raise ValueError
        return PublicKey.from_multikey(did.removeprefix(_KEY))
    except (DidError, ValueError):
        raise CardError("device.key", "设备密钥无法用于绑定", "the card can't be bound to the device's key") from None
