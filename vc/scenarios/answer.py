"""The message that carries cards as SD-JWT VCs from a wallet to a verifier, with the portraits beside them.

    {"sdJwts": ["<SD-JWT with key binding>", ...],
     "attachments": {"<digestMultibase>": {"mediaType": "image/jpeg", "data": "<base64url without padding>"}}}

It answers a request with ``"envelope": "dc+sd-jwt"``. Each SD-JWT shows what was agreed and carries a key binding JWT
of the device with the request's challenge (``nonce``) and domain (``aud``). For JSON-LD cards: ``vc.cards.message``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vc import parsing
from vc.cards import message as messages
from vc.cards.message import MAX_MESSAGE, Message
from vc.envelope import read_envelope
from vc.envelope.card_claims import to_credential
from vc.envelope.sd_jwt import SdJwt
from vc.problems import Problem, ProblemError

from .request import MAX_CARDS, SD_JWT

__all__ = ["SdJwtAnswer", "build", "read"]

_MEMBER: Final = "sdJwts"
_MEMBERS: Final = frozenset({_MEMBER, "attachments"})


@dataclass(frozen=True, slots=True)
class SdJwtAnswer:
    """Cards as SD-JWTs (text), what they say, and the attachments (digestMultibase -> bytes, digests checked).

    ``parsed`` are the SD-JWTs as read; nothing is verified about them. ``credentials`` are the JSON-LD credentials that
    they stand for (``vc.envelope.card_claims.to_credential``): what scenarios, trust lists and screens read. They are
    not what was signed.
    """

    sd_jwts: tuple[str, ...] = field(repr=False)
    parsed: tuple[SdJwt, ...] = field(repr=False)
    credentials: tuple[dict[str, Any], ...] = field(repr=False)
    attachments: Mapping[str, bytes] = field(repr=False, default_factory=dict)

    @property
    def claims(self) -> tuple[dict[str, Any], ...]:
        """The processed payload of each."""
        return tuple(item.claims for item in self.parsed)

    @property
    def presentation(self) -> dict[str, Any]:
        """A presentation of the credentials that the SD-JWTs stand for; nobody signed it."""
        return {"type": ["VerifiablePresentation"], "verifiableCredential": list(self.credentials)}

    def as_message(self) -> Message:
        """The same as a message of JSON-LD cards, for what reads these."""
        return Message(self.presentation, self.attachments)

    def to_dict(self) -> dict[str, Any]:
        """The message as JSON. ``attachments`` is left out when there is none."""
        carried = self.as_message().to_dict()
        del carried["verifiablePresentation"]
        return {_MEMBER: list(self.sd_jwts), **carried}


def build(sd_jwts: Iterable[str], attachments: Mapping[str, bytes] | Iterable[bytes] = ()) -> SdJwtAnswer:
    """The message of ``sd_jwts``; of ``attachments`` it takes those that the disclosed portraits name, no others.

    Raises ProblemError as ``vc.cards.message.build`` does, and for what is no card as SD-JWT VC.
    """
    bare = _opened(list(sd_jwts), {})
    return SdJwtAnswer(
        bare.sd_jwts, bare.parsed, bare.credentials, messages.build(bare.presentation, attachments).attachments
    )


def read(data: bytes | str | Mapping[str, Any]) -> SdJwtAnswer:
    """Read a message (untrusted): JSON text, or a document parsed already.

    Raises ProblemError: ``parse.*``, ``envelope.*`` and ``sd_jwt.*`` for an SD-JWT that can't be read, ``card.unknown``
    for a type that is no card, and as ``vc.cards.message.read`` does.
    """
    if not isinstance(data, Mapping):
        if len(data) > MAX_MESSAGE:
            raise _refused("message.limit", f"a message has {MAX_MESSAGE} bytes at most")
        data = parsing.loads(data)
    unknown = sorted(str(name)[:60] for name in data if name not in _MEMBERS)
    if unknown:
        raise _refused("message.form", f"a message has no such member: {', '.join(unknown[:5])}")
    texts = data.get(_MEMBER)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _refused("message.form", f"{_MEMBER} is an array of texts", "/" + _MEMBER)
    carried = messages.read({"verifiablePresentation": {}, "attachments": data.get("attachments", {})})
    return _opened(texts, carried.attachments)


def _opened(texts: list[str], attachments: Mapping[str, bytes]) -> SdJwtAnswer:
    if not 1 <= len(texts) <= MAX_CARDS:
        raise _refused("message.limit", f"a message has 1 to {MAX_CARDS} cards", "/" + _MEMBER)
    parsed, credentials = [], []
    for index, text in enumerate(texts):
        place = f"/{_MEMBER}/{index}"
        try:
            envelope = read_envelope(text)
            if envelope.form.name != SD_JWT or envelope.sd_jwt is None:
                raise _refused("message.form", f"a card is an SD-JWT VC here ({SD_JWT}), not {envelope.form.name}")
            parsed.append(envelope.sd_jwt)
            credentials.append(to_credential(envelope.claims))
        except ProblemError as error:
            raise ProblemError(*(p.at(place + p.pointer) for p in error.problems)) from None
    return SdJwtAnswer(tuple(texts), tuple(parsed), tuple(credentials), attachments)


def _refused(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
