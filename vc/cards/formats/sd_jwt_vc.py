"""Cards as SD-JWT VCs (``dc+sd-jwt``): the same card model, beside the JSON-LD form, bound to the same device key.

The claims of a card stand at the top of the payload under their terms. What the JSON-LD credential says of itself
becomes the registered claims: ``issuer`` → ``iss`` (and ``issuer``, when it is an object), ``validFrom`` → ``nbf``,
``validUntil`` → ``exp``, ``id`` → ``jti``, the subject's ``id`` → ``sub``; ``credentialStatus`` stays what it is.
``to_credential`` is the way back, so that ``vc.cards.from_credential`` gives the same model for either form.

What is shown is an SD-JWT for each card, with a key binding JWT of the device that has the request's challenge
(``nonce``) and domain (``aud``). In a message they stand as ``{"sdJwts": ["<SD-JWT with key binding>", ...]}``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import vc
from did.deferred import DeferredSigner
from did.multibase import encode_base64url
from vc.envelope import issue_enveloped, read_envelope
from vc.envelope.algorithms import signs_envelopes
from vc.envelope.jws import dumps
from vc.envelope.sd_jwt import SdJwt, confirmation_key, parse
from vc.model import identifier_of, moment
from vc.needs import Steps
from vc.problems import Problem, ProblemError

from ..calendar import CHINA
from ..context_document import VCDM
from ..definition import CARDS, CardDefinition, CardSet, Label
from ..display import claims_of
from ..shown import check_claims_shown
from .each import device_problems, verification_of_each
from .protocol import MAX_SHOWN, TOKEN, Chosen, Held, PendingCards, Unsecured, of_card

if TYPE_CHECKING:
    from contexts import ContextRegistry
    from did import Resolver, Signer
    from vc.verdict import Verdict
    from vc.verification import Expectations

__all__ = [
    "FORMAT",
    "card_of_vct",
    "definition_of",
    "disclosable",
    "to_claims",
    "to_credential",
    "type_metadata",
    "vct_of",
]

_REGISTERED: Final = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "vct", "vct#integrity", "status", "issuer"}
    | {"credentialStatus"}
)


def vct_of(card: CardDefinition) -> str:
    """The type of a card's SD-JWT VC: a URL beside the card's context, with the same version."""
    base, version = card.context.rsplit("/", 1)
    return f"{base.split('/contexts/', 1)[0]}/credentials/{version}/{card.type}"


def card_of_vct(vct: object, cards: CardSet = CARDS) -> CardDefinition | None:
    """The card that a ``vct`` names, or None."""
    return _by_vct(cards).get(vct) if isinstance(vct, str) else None


def definition_of(credential: Mapping[str, Any], cards: CardSet = CARDS) -> CardDefinition:
    """The card of a credential. Raises ProblemError (card.unknown)."""
    card = cards.of_credential(credential)
    if card is None:
        raise ProblemError(Problem("card.unknown", "the type names no card that is known here", "/type"))
    return card


def to_claims(credential: Mapping[str, Any], cards: CardSet = CARDS) -> dict[str, Any]:
    """The payload of a card's SD-JWT VC, without ``iat`` and ``cnf``, from its unsecured JSON-LD credential.

    Raises ProblemError: not a card, more than one subject, a date that can't be read.
    """
    return _claims(definition_of(credential, cards), credential)


def _claims(card: CardDefinition, credential: Mapping[str, Any]) -> dict[str, Any]:
    if not _REGISTERED.isdisjoint(card.claims):
        raise ProblemError(Problem("card.form", f"{card.type} has a claim whose name is registered for SD-JWT VCs"))
    subject = credential.get("credentialSubject")
    issuer = identifier_of(credential.get("issuer"))
    if not isinstance(subject, Mapping) or issuer is None:
        raise ProblemError(Problem("card.form", "a card has an issuer and one subject", "/credentialSubject"))
    claims: dict[str, Any] = {"vct": vct_of(card), "iss": issuer}
    if isinstance(credential["issuer"], Mapping):
        claims["issuer"] = dict(credential["issuer"])
    for member, name in (("validFrom", "nbf"), ("validUntil", "exp")):
        if member in credential:
            claims[name] = _seconds(credential[member], member)
    for name, value in (("jti", credential.get("id")), ("sub", subject.get("id"))):
        if value is not None:
            claims[name] = value
    if "credentialStatus" in credential:
        claims["credentialStatus"] = credential["credentialStatus"]
    claims.update(claims_of(credential))
    return claims


def to_credential(claims: Mapping[str, Any], cards: CardSet = CARDS) -> dict[str, Any]:
    """The JSON-LD credential (unsecured) that the processed payload of a card's SD-JWT VC stands for.

    For reading the claims of either form in one way; it is not what was signed. Raises ProblemError: ``card.unknown``,
    ``envelope.claims`` for a time that is none and for an ``issuer`` who is not ``iss``, whose key signed.
    """
    card = card_of_vct(claims.get("vct"), cards)
    if card is None:
        raise ProblemError(Problem("card.unknown", "the vct names no card that is known here", "/vct"))
    credential: dict[str, Any] = {"@context": [VCDM, card.context]}
    if "jti" in claims:
        credential["id"] = claims["jti"]
    credential["type"] = ["VerifiableCredential", card.type]
    credential["issuer"] = claims.get("issuer", claims.get("iss"))
    if identifier_of(credential["issuer"]) != claims.get("iss"):
        raise ProblemError(Problem("envelope.claims", "the issuer is not the one who signed (iss)", "/issuer"))
    for name, member in (("nbf", "validFrom"), ("exp", "validUntil")):
        if name in claims:
            credential[member] = _text(claims[name], name)
    if "credentialStatus" in claims:
        credential["credentialStatus"] = claims["credentialStatus"]
    credential["credentialSchema"] = {"id": card.schema_url, "type": "JsonSchema"}
    subject: dict[str, Any] = {"id": claims["sub"]} if "sub" in claims else {}
    subject["type"] = card.subject_type
    subject.update({term: claims[term] for term in card.claims if term in claims})
    credential["credentialSubject"] = subject
    return credential


def disclosable(card: CardDefinition, claims: Mapping[str, Any]) -> list[str]:
    """JSON pointers of what is selectively disclosable: the claims that are not always shown."""
    return [f"/{claim.term}" for claim in card.claims.values() if claim.disclosure != "M" and claim.term in claims]


@cache
def type_metadata(card: CardDefinition) -> bytes:
    """The type metadata (SD-JWT VC section 4) of a card, as published; ``integrity_of`` gives its digest."""
    entries = []
    for claim in card.claims.values():
        display = [{"locale": "zh-CN", "label": claim.label.zh}, {"locale": "en", "label": claim.label.en}]
        selective = "never" if claim.disclosure == "M" else "always"
        entries.append({"path": [claim.term], "display": display, "sd": selective})
    document = {
        "vct": vct_of(card),
        "name": card.title.en,
        "display": [{"locale": "zh-CN", "name": card.title.zh}, {"locale": "en", "name": card.title.en}],
        "claims": entries,
    }
    return dumps(document)


@cache
def _by_vct(cards: CardSet) -> dict[str, CardDefinition]:
    return {vct_of(card): card for card in cards.every() if _REGISTERED.isdisjoint(card.claims)}


def _seconds(value: Any, member: str) -> int:
    try:
        return moment(value).seconds
    except ValueError:
        raise ProblemError(Problem("model.date_time", f"{member} is not a date and time", "/" + member)) from None


def _text(when: Any, name: str) -> str:
    try:
        if type(when) is bool:
            raise TypeError
        return datetime.datetime.fromtimestamp(when, CHINA).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        raise ProblemError(
            Problem("envelope.claims", f"{name} is a number of seconds since 1970", "/" + name)
        ) from None


class _SdJwtVc:
    name = "dc+sd-jwt"
    label = Label("SD-JWT VC", "SD-JWT VC")
    member = "sdJwts"
    discloses_besides = (
        (Label("证照形式", "Form of the card"), Label("SD-JWT", "SD-JWT")),
        (Label("签发机关的签名（可关联各次出示）", "The issuer's signature (links presentations)"), Label("", "")),
    )

    # The header {"alg":"ES256","typ":"kb+jwt"} of a key binding.
    device_signs: tuple[int | bytes, ...] = (b"eyJhbGciOiJFUzI1NiIsInR5cCI6ImtiK2p3dCJ9.",)

    needs_certificates = False

    def signs_with(self, key_type: str) -> bool:
        return signs_envelopes(key_type)

    def status_purposes(self, purposes: Sequence[str]) -> Sequence[str]:
        return (TOKEN,)

    def published(self, card: CardDefinition) -> Mapping[str, bytes]:
        return {vct_of(card): type_metadata(card)}

    def secure(self, card: Unsecured, signer: Signer) -> str:
        """``iat`` is the day the credential begins: the moment would tell cards of one day apart."""
        claims = _claims(card.definition, card.credential)
        claims["iat"] = claims["nbf"]
        if TOKEN in card.status:
            claims["status"] = dict(card.status[TOKEN])
        secured = issue_enveloped(
            claims,
            signer,
            envelope=self.name,
            disclosable=disclosable(card.definition, claims),
            holder_key=card.device_key,
            random=card.random,
        )
        return str(secured)

    def open(self, held: str | Mapping[str, Any], cards: CardSet) -> Held:
        parsed = parse(held)
        device = _device_of(parsed.claims)
        bound = device if parsed.claims.get("sub") == device else None
        return Held(to_credential(parsed.claims, cards), bound, parsed.binding is not None)

    def verify_held(
        self,
        held: str | Mapping[str, Any],
        *,
        now: datetime.datetime,
        resolver: Resolver | None,
        contexts: ContextRegistry,
    ) -> Verdict:
        return vc.verify(held, now=now, resolver=resolver)

    def prepare(
        self,
        chosen: Sequence[Chosen],
        device_key: Signer,
        *,
        challenge: str,
        domain: str,
        lifetime: float,
        now: datetime.datetime,
        random: Callable[[int], bytes],
        contexts: ContextRegistry,
        cards: CardSet,
    ) -> PendingCards:
        waiting = DeferredSigner(device_key)
        unsigned, terms = [], []
        for one in chosen:
            pointers = [f"/{term}" for term in one.terms]
            text = vc.derive_enveloped(
                one.held if isinstance(one.held, str) else dict(one.held),
                pointers,
                signer=waiting,
                challenge=challenge,
                domain=domain,
                now=now,
            )
            shown = parse(text)
            disclosed = {place.pointer.split("/")[1] for place in shown.revealed.places}
            terms.append(frozenset(disclosed | claims_of(to_credential(shown.claims, cards)).keys()))
            unsigned.append(text[: text.rindex(".") + 1])

        def finish(signatures: Sequence[bytes]) -> list[str]:
            return [text + encode_base64url(one) for text, one in zip(unsigned, signatures, strict=True)]

        return PendingCards(tuple(waiting.asked), tuple(terms), device_key.public_key, finish)

    def read(self, value: object, cards: CardSet) -> _SdJwts:
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise _refused("message.form", f"{self.member} is an array of texts")
        if not 1 <= len(value) <= MAX_SHOWN:
            raise _refused("message.limit", f"a message has 1 to {MAX_SHOWN} cards")
        parsed, credentials = [], []
        for index, text in enumerate(value):
            try:
                envelope = read_envelope(text)
                if envelope.form.name != self.name or envelope.sd_jwt is None:
                    detail = f"a card is an SD-JWT VC here ({self.name}), not {envelope.form.name}"
                    raise _refused("message.form", detail)
                parsed.append(envelope.sd_jwt)
                credentials.append(to_credential(envelope.claims, cards))
            except ProblemError as error:
                raise ProblemError(*(p.at(f"/{index}{p.pointer}") for p in error.problems)) from None
        return _SdJwts(value, parsed, credentials, cards)


class _SdJwts:
    """Cards as SD-JWT VCs, each with a key binding of its own."""

    format = _SdJwtVc.name

    def __init__(
        self, texts: list[str], parsed: list[SdJwt], credentials: list[dict[str, Any]], cards: CardSet
    ) -> None:
        self.value = texts
        self.presentation = {"type": ["VerifiablePresentation"], "verifiableCredential": credentials}
        self._parsed = parsed
        self._cards = cards

    def challenges(self) -> Iterator[str]:
        for one in self._parsed:
            if one.binding is not None:
                yield one.binding.nonce

    def signatures(self) -> list[tuple[str, str]]:
        bindings = [one.binding for one in self._parsed if one.binding is not None]
        return [("key binding", binding.jws.signature.hex()) for binding in bindings]

    def verification(self, expected: Expectations) -> Steps[Verdict]:
        return (yield from verification_of_each(self.value, self.presentation, expected))

    def shape_problems(self) -> list[Problem]:
        problems: list[Problem] = []
        for index, claims in enumerate(self.status_holders()):
            card = card_of_vct(claims.get("vct"), self._cards)
            unknown = Problem("card.unknown", "the vct names no card that is known here", "/type")
            problems += of_card(index, [unknown] if card is None else check_claims_shown(card, claims))
        return problems

    def binding_problems(self) -> list[Problem]:
        """Every card's key (``cnf``) is the one it names as its subject, and all cards are of one device."""
        return device_problems((_device_of(claims), claims.get("sub")) for claims in self.status_holders())

    def status_holders(self) -> Sequence[Mapping[str, Any]]:
        return [one.claims for one in self._parsed]

    def documents(self) -> Sequence[str | bytes | Mapping[str, Any]]:
        return self.value


def _device_of(claims: Mapping[str, Any]) -> str | None:
    """The did:key of the key that a card is bound to; None where it names none."""
    try:
        return f"did:key:{confirmation_key(claims).to_multikey()}"
    except ProblemError:
        return None


def _refused(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))


FORMAT: Final = _SdJwtVc()
