"""The issuer's API for wallets (docs/web.md), as a wallet calls it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vc.cards import Label
from vc.cards.formats import FORMATS
from vc.problems import ProblemError

from ..card_files import CardFile, read_card_files
from ..cards import CardSource
from .talking import Talk, TalkError

__all__ = ["Application", "Challenge", "CodeAsked", "Issuers", "NewCard", "Offer", "Update"]

_OFFER = re.compile(r"(https?://[^\s?#]{1,400})/offers/([A-Za-z0-9_-]{8,128})\Z")
_MAX_CARDS = 32


@dataclass(frozen=True, slots=True)
class Offer:
    """Cards to be had from an issuer: its base URL and the application's reference, which is a secret."""

    base_url: str
    reference: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Offer | None:
        """The offer of ``{base}/offers/{reference}``; None for anything else."""
        match = _OFFER.match(text.strip())
        return cls(match[1], match[2]) if match else None

    @property
    def url(self) -> str:
        """The offer as text."""
        return f"{self.base_url}/offers/{self.reference}"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the device signs for an issuer."""

    challenge: str
    domain: str


@dataclass(frozen=True, slots=True)
class Application:
    """An application as its issuer shows it. ``envelopes``: what the cards come in beside JSON-LD and is known here."""

    challenge: Challenge
    issuer_name: str
    issuer_id: str
    cards: tuple[Label, ...]
    envelopes: tuple[str, ...] = ()
    asks_code: bool = False
    """Whether a device that the issuer does not know needs a code from it."""


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """What this device has to bring for an offer: a code that was ``sent`` to the registered phone, or nothing."""

    needed: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card that an issuer handed over (untrusted), and where it came from."""

    file: CardFile
    source: CardSource


@dataclass(frozen=True, slots=True)
class Update:
    """What an issuer says of one card: ``result`` as in docs/web.md; ``card`` is the new version."""

    reference: str
    result: str
    card: NewCard | None
    reason: Label | None


class Issuers:
    """Talks to issuers. Every method raises TalkError."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    async def application(self, offer: Offer) -> Application:
        """What an offer is of, with a new challenge."""
        body = await self._talk.get(f"{offer.base_url}/api/applications/{offer.reference}")
        issuer = body.get("issuer")
        issuer = issuer if isinstance(issuer, Mapping) else {}
        entries = body.get("cards")
        cards = [_title(entry) for entry in entries[:_MAX_CARDS]] if isinstance(entries, list) else []
        offered = body.get("envelopes")
        return Application(
            _challenge(body, offer.base_url),
            _short(issuer.get("name")),
            _short(issuer.get("id")),
            tuple(cards),
            _known(offered),
            body.get("transactionCode") is True,
        )

    async def ask_code(self, offer: Offer, device: str) -> CodeAsked:
        """Whether this device (its did:key) needs a code for an offer; the issuer sends it."""
        body = await self._talk.post(f"{offer.base_url}/api/applications/{offer.reference}/code", {"device": device})
        return CodeAsked(body.get("needed") is True, body.get("sent") is True)

    async def collect(
        self, offer: Offer, presentation: Mapping[str, Any], envelopes: Sequence[str] = (), code: str = ""
    ) -> tuple[list[NewCard], int]:
        """The cards of an application, for the proof of possession and the code; and how many were refused."""
        url = f"{offer.base_url}/api/applications/{offer.reference}/credentials"
        wanted: dict[str, Any] = {"envelopes": list(envelopes)} if envelopes else {}
        wanted |= {"transactionCode": code} if code else {}
        body = await self._talk.post(url, {"verifiablePresentation": presentation, **wanted})
        entries, refused = body.get("credentials"), body.get("refused")
        if not isinstance(entries, list) or len(entries) > _MAX_CARDS:
            raise _senseless()
        return [_card(entry, offer.base_url) for entry in entries], len(refused) if isinstance(refused, list) else 0

    async def challenge(self, base_url: str, device: str) -> Challenge:
        """A challenge for updating the cards of a device."""
        return _challenge(await self._talk.post(f"{base_url}/api/challenges", {"device": device}), base_url)

    async def update(
        self, base_url: str, references: Sequence[str], presentation: Mapping[str, Any]
    ) -> dict[str, Update]:
        """reference -> what the issuer says of the card."""
        body = {"credentials": list(references), "verifiablePresentation": presentation}
        answer = (await self._talk.post(f"{base_url}/api/credentials/update", body)).get("credentials")
        if not isinstance(answer, list) or len(answer) > _MAX_CARDS:
            raise _senseless()
        updates = [_update(entry, base_url) for entry in answer]
        return {update.reference: update for update in updates if update.reference in references}


def _known(offered: object) -> tuple[str, ...]:
    """Of the formats that an issuer offers those that are known here."""
    names = offered if isinstance(offered, list) else []
    return tuple(known.name for known in FORMATS.beside() if known.name in names)


def _challenge(body: Mapping[str, Any], base_url: str) -> Challenge:
    challenge, domain = body.get("challenge"), body.get("domain")
    if not isinstance(challenge, str) or not isinstance(domain, str) or not 16 <= len(challenge) <= 256:
        raise _senseless()
    # Another issuer's challenge passed on to us would make our proof good over there.
    if domain.rstrip("/") != base_url.rstrip("/"):
        raise TalkError(
            502,
            f"对方要求为另一地址（{domain[:80]}）签名，已拒绝",
            f"The other side wants a signature for another address ({domain[:80]}); refused",
        )
    return Challenge(challenge, domain)


def _card(entry: object, base_url: str) -> NewCard:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("verifiableCredential"), Mapping):
        raise _senseless()
    reference = entry.get("reference")
    if not isinstance(reference, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", reference):
        raise _senseless()
    card = {"credential": entry["verifiableCredential"]} | {
        name: entry.get(name, {}) for name in ("attachments", "envelopes")
    }
    try:
        (file,) = read_card_files(json.dumps(card).encode())
    except ProblemError:
        raise _senseless() from None
    return NewCard(file, CardSource(base_url, reference))


def _update(entry: object, base_url: str) -> Update:
    if not isinstance(entry, Mapping):
        raise _senseless()
    result = entry.get("result")
    zh, en = _short(entry.get("zh")), _short(entry.get("en"))
    card = _card(entry.get("credential"), base_url) if result in ("changed", "renewed") else None
    return Update(_short(entry.get("reference")), _short(result), card, Label(zh, en) if zh and en else None)


def _title(entry: object) -> Label:
    title = entry.get("title") if isinstance(entry, Mapping) else None
    zh = _short(title.get("zh")) if isinstance(title, Mapping) else ""
    en = _short(title.get("en")) if isinstance(title, Mapping) else ""
    return Label(zh or en or "?", en or zh or "?")


def _short(value: object) -> str:
    return value[:200] if isinstance(value, str) and value.isprintable() else ""


def _senseless() -> TalkError:
    return TalkError(502, "签发机关的回答无法读取", "The issuer's answer can't be read")
