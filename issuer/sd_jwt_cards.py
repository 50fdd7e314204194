"""The card beside its JSON-LD form: an SD-JWT VC of the same claims, bound to the same device key.

It is made from the unsecured credential that the base proof is made for, in the same transaction. Its status is one
entry of a Token Status List (``status``), which every change of the card's state sets together with the bits of the
JSON-LD form (``issuer.lifecycle``): what revokes one revokes both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from did import DidError, PublicKey, Signer
from vc.cards.definition import CardDefinition
from vc.envelope import issue_enveloped
from vc.envelope.algorithms import signs_envelopes
from vc.envelope.card_claims import disclosable, to_claims
from vc.problems import ProblemError

from .environment import Random
from .errors import CardError, StateError

__all__ = ["ENVELOPES", "SD_JWT", "check_envelopes", "offered", "sd_jwt_of"]

SD_JWT: Final = "dc+sd-jwt"
"""SD-JWT VC, by its media type without ``application/``."""

ENVELOPES: Final = (SD_JWT,)
"""The envelopes that cards are issued in, beside their JSON-LD form."""

_KEY: Final = "did:key:"


def offered(signer: Signer) -> tuple[str, ...]:
    """The envelopes that cards signed by ``signer`` come in beside JSON-LD: none where its key signs none."""
    return ENVELOPES if signs_envelopes(signer.algorithm) else ()


def check_envelopes(wanted: Collection[str], signer: Signer) -> frozenset[str]:
    """What a wallet wants, as far as ``signer`` can make it. Raises StateError (``card.envelope``)."""
    if not wanted:
        return frozenset()
    known = offered(signer)
    if not set(wanted) <= set(known):
        names = "、".join(known) or "仅 JSON-LD", ", ".join(known) or "JSON-LD alone"
        raise StateError(
            "card.envelope",
            f"不支持所要的封装，可选：{names[0]}",
            f"no card comes in that envelope; there is {names[1]}",
        )
    return frozenset(wanted)


def sd_jwt_of(
    unsecured: Mapping[str, Any],
    definition: CardDefinition,
    signer: Signer,
    *,
    device_did: str,
    status: Mapping[str, Any],
    random: Random,
) -> str:
    """The SD-JWT VC of a card's unsecured credential, with all its disclosures.

    ``status`` is the value of the status claim. ``iat`` is the day the credential begins: the moment would tell cards
    of one day apart. Raises CardError.
    """
    try:
        claims = to_claims({name: value for name, value in unsecured.items() if name != "credentialStatus"})
        claims["iat"] = claims["nbf"]
        claims["status"] = dict(status)
        secured = issue_enveloped(
            claims,
            signer,
            envelope=SD_JWT,
            disclosable=disclosable(definition, claims),
            holder_key=_device_key(device_did),
            random=random,
        )
    except ProblemError as error:
        codes = ", ".join(problem.code for problem in error.problems[:5])
        raise CardError(
            error.code, f"该证照不能以 SD-JWT 签发（{codes}）", f"the card can't be issued as SD-JWT ({codes})"
        ) from error
    return str(secured)


def _device_key(did: str) -> PublicKey:
    try:
        if not did.startswith(_KEY):
            raise ValueError
        return PublicKey.from_multikey(did.removeprefix(_KEY))
    except (DidError, ValueError):
        raise CardError("device.key", "设备密钥无法用于绑定", "the card can't be bound to the device's key") from None
