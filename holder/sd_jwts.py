"""Cards as SD-JWT VC in the wallet: taken in beside their JSON-LD form, and shown with the device's key binding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import vc
from did import PublicKey
from did.checked_signing import CheckedElsewhere
from did.multibase import encode_base64url
from vc.cards.calendar import parse_moment
from vc.cards.display import claims_of
from vc.envelope.card_claims import to_credential
from vc.envelope.sd_jwt import SdJwt, confirmation_key, parse
from vc.model import identifier_of
from vc.problems import Problem, ProblemError
from vc.scenarios.answer import SdJwtAnswer, build

from .errors import CardRefused, DisclosureMismatch

if TYPE_CHECKING:
    from did import Resolver, Signer

    from .cards import Card

__all__ = ["PendingSdJwts", "check_sd_jwt", "prepare_sd_jwts"]

_MAX_SD_JWT = 1024 * 1024
_SIGNATURE_BYTES = 64  # of P-256, which device keys are


def check_sd_jwt(
    text: str, credential: Mapping[str, Any], device: str, *, now: datetime, resolver: Resolver | None
) -> bool:
    """Whether ``text`` is the same card as ``credential``, for the same device; False: its issuer is out of reach.

    Raises CardRefused.
    """
    if len(text) > _MAX_SD_JWT:
        raise CardRefused(f"an SD-JWT has {_MAX_SD_JWT} bytes at most", f"SD-JWT 不得超过 {_MAX_SD_JWT} 字节")
    verdict = vc.verify(text, now=now, resolver=resolver)
    if not verdict.verified and not verdict.indeterminate:
        codes = ", ".join(problem.code for problem in verdict.problems)
        raise CardRefused(
            f"the card as SD-JWT is not properly issued: {codes}", f"该卡的 SD-JWT 形式未通过验证：{codes}"
        )
    try:
        parsed = parse(text)
        same = to_credential(parsed.claims)
        bound = f"did:key:{confirmation_key(parsed.claims).to_multikey()}"
    except ProblemError as error:
        raise CardRefused(f"the SD-JWT is no card: {error}", f"该 SD-JWT 不是证照：{error}") from None
    if parsed.binding is not None or bound != device or parsed.claims.get("sub") != device:
        raise CardRefused("the card as SD-JWT is bound to another device", "该卡的 SD-JWT 形式绑定于另一设备")
    if _said(same) != _said(credential):
        raise CardRefused("the SD-JWT says something else than the card", "该卡的 SD-JWT 形式与证照内容不一致")
    return verdict.verified


def _said(credential: Mapping[str, Any]) -> list[Any]:
    """What both forms have to say alike."""
    dates = [parse_moment(credential.get(member)) for member in ("validFrom", "validUntil")]
    types = credential.get("type")
    return [claims_of(credential), identifier_of(credential.get("issuer")), types, credential.get("id"), *dates]


@dataclass(frozen=True, slots=True)
class PendingSdJwts:
    """Cards as SD-JWTs that wait for the device key: consent and PIN were given, the claims are chosen.

    ``data_to_sign`` has what the key signs for each card, in their order.
    """

    data_to_sign: tuple[bytes, ...] = field(repr=False)
    unsigned: tuple[str, ...] = field(repr=False)
    public_key: PublicKey = field(repr=False)
    attachments: Mapping[str, bytes] = field(repr=False)

    def complete(self, signatures: Sequence[bytes]) -> SdJwtAnswer:
        """The message, once every signature is the device key's. Raises ProblemError (``proof.signature``)."""
        pairs = zip(signatures, self.data_to_sign, strict=True)
        if not all(self.public_key.verify(signature, data) for signature, data in pairs):
            raise ProblemError(Problem("proof.signature", "the signature is not the device key's"))
        texts = [text + encode_base64url(signature) for text, signature in zip(self.unsigned, signatures, strict=True)]
        return build(texts, self.attachments)


def prepare_sd_jwts(
    chosen: Iterable[tuple[Card, Sequence[str]]],
    device_key: Signer,
    *,
    challenge: str,
    domain: str,
    now: datetime,
    attachments: Mapping[str, bytes],
) -> PendingSdJwts:
    """Each card with the chosen terms shown and no others, up to the signature of its key binding.

    Raises DisclosureMismatch rather than show more, ProblemError.
    """
    unsigned, data = [], []
    for card, terms in chosen:
        waiting = _Waiting(device_key)
        shown = vc.derive_enveloped(
            card.sd_jwt or "",
            [f"/{term}" for term in terms],
            signer=waiting,
            challenge=challenge,
            domain=domain,
            now=now,
        )
        _check_shown(card, terms, parse(shown))
        unsigned.append(shown[: shown.rindex(".") + 1])
        data.append(waiting.data)
    return PendingSdJwts(tuple(data), tuple(unsigned), device_key.public_key, attachments)


def _check_shown(card: Card, terms: Sequence[str], shown: SdJwt) -> None:
    always = {claim.term for claim in card.definition.claims.values() if claim.disclosure == "M"}
    disclosed, wanted = set(claims_of(to_credential(shown.claims))), set(terms)
    if not wanted <= disclosed or not disclosed <= wanted | always:
        raise DisclosureMismatch
    if not {place.pointer.split("/")[1] for place in shown.revealed.places} <= wanted:
        raise DisclosureMismatch


class _Waiting(CheckedElsewhere):
    """A ``did.Signer`` that notes what is to be signed; the signature comes later."""

    def __init__(self, key: Signer) -> None:
        self.algorithm = key.algorithm
        self.did = key.did
        self.verification_method = key.verification_method
        self.public_key = key.public_key
        self.data = b""

    def sign(self, data: bytes) -> bytes:
        self.data = data
        return bytes(_SIGNATURE_BYTES)
