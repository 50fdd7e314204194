"""What a card must show and may show when it is presented, at every level; whatever else it has is refused.

A holder who hides the end of a card, or a reader who knows a member by another name than its signer, would otherwise
decide what is checked. The lists follow from the card's definition: its claims with their members, ``must_show``,
``may_show``, and the forms that cards of either kind (JSON-LD, SD-JWT VC) have in common. Values are for
``vc.cards.check_credential`` to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from vc.problems import Problem

from .context_document import VCDM
from .definition import CardDefinition

__all__ = ["Members", "check_claims_shown", "check_presentation_shown", "check_shown", "claims_shown", "members_shown"]

_MAX_PROBLEMS: Final = 64
_MAX_ENTRIES: Final = 100
_LISTS: Final = frozenset({"@context", "type", "verifiableCredential", "statusReference", "domain"})
"""Members whose value may be a list of texts, or of what is judged by itself."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of an object: those it ``must`` show, and those it ``may`` show besides.

    ``inside`` has the members of those whose value is an object; ``either`` are sets of which one member each is
    needed. ``many``: an array of such objects may stand in its place; ``text``: a text may.
    """

    must: frozenset[str]
    may: frozenset[str] = frozenset()
    inside: Mapping[str, Members] = field(default_factory=dict)
    either: tuple[frozenset[str], ...] = ()
    many: bool = False
    text: bool = False

    def known(self, name: object) -> bool:
        """Whether there may be a member of this name."""
        return name in self.must or name in self.may or any(name in names for names in self.either)


def check_shown(card: CardDefinition, credential: Mapping[str, Any]) -> list[Problem]:
    """What a disclosed JSON-LD credential of ``card`` (untrusted form, with its proof) lacks or has too much.

    Codes: ``card.member_missing``, ``card.member_unknown``, ``card.claim_unknown`` for a claim, ``card.form`` for a
    value of another kind. Pointers are into the credential.
    """
    problems = _check(members_shown(card), credential, "")
    types = credential.get("type")
    if not isinstance(types, list) or sorted(map(str, types)) != sorted(["VerifiableCredential", card.type]):
        problems.append(Problem("card.form", f"the types are VerifiableCredential and {card.type}", "/type"))
    if credential.get("@context") != [VCDM, card.context]:
        problems.append(Problem("card.form", f"the contexts are {VCDM} and {card.context}", "/@context"))
    problems += _other_contexts(credential)
    if "credentialStatus" in credential:
        problems += _unlimited(credential["credentialStatus"])
    return problems[:_MAX_PROBLEMS]


def check_claims_shown(card: CardDefinition, claims: Mapping[str, Any]) -> list[Problem]:
    """The same for the processed payload of a card's SD-JWT VC. Pointers are into the payload."""
    problems = _check(claims_shown(card), claims, "")
    if "credentialStatus" in claims:
        problems += _unlimited(claims["credentialStatus"])
    return problems[:_MAX_PROBLEMS]


def check_presentation_shown(presentation: Mapping[str, Any]) -> list[Problem]:
    """The same for a presentation of cards (untrusted form), without what is in its credentials: ``message.form``."""
    problems = [Problem("message.form", p.detail, p.pointer) for p in _check(_PRESENTATION, presentation, "")]
    for name, value in (("@context", [VCDM]), ("type", ["VerifiablePresentation"])):
        if presentation.get(name) not in (value, value[0]):
            problems.append(Problem("message.form", f"{name} is {value[0]} and nothing else", f"/{name}"))
    problems += [Problem("message.form", p.detail, p.pointer) for p in _other_contexts(presentation)]
    cards = presentation.get("verifiableCredential")
    if not isinstance(cards, list) or not all(isinstance(card, Mapping) for card in cards):
        problems.append(Problem("message.form", "the cards are an array of objects", "/verifiableCredential"))
    return problems[:_MAX_PROBLEMS]


@cache
def members_shown(card: CardDefinition) -> Members:
    """What a JSON-LD credential of ``card`` must and may show."""
    claims, inside = _claims(card)
    subject = Members(
        frozenset({"id", "type"} | {claim.term for claim in card.claims.values() if _always(claim)}),
        claims,
        inside,
    )
    must = {"@context", "type", "credentialSubject", "proof", *card.must_show}
    return Members(
        frozenset(must),
        frozenset(card.may_show),
        {
            "issuer": _ISSUER,
            "credentialStatus": _STATUS,
            "credentialSchema": _SCHEMA,
            "credentialSubject": subject,
            "relatedResource": _RESOURCE,
            "proof": _PROOF,
        },
    )


@cache
def claims_shown(card: CardDefinition) -> Members:
    """What the processed payload of a card's SD-JWT VC must and may show."""
    claims, inside = _claims(card)
    must = {"vct", "iss", "sub", "cnf"} | {claim.term for claim in card.claims.values() if _always(claim)}
    must |= {name for member, name in (("validFrom", "nbf"), ("validUntil", "exp")) if member in card.must_show}
    limited = "credentialStatus" in card.must_show
    status = frozenset({"status", "credentialStatus"})
    return Members(
        frozenset(must),
        claims | {"iat", "jti", "nbf", "exp", "issuer", "vct#integrity"} | (frozenset() if limited else status),
        {**inside, "cnf": _CONFIRMATION, "status": _TOKEN_STATUS, "credentialStatus": _STATUS, "issuer": _ISSUER},
        (status,) if limited else (),
    )


_ISSUER: Final = Members(frozenset({"id"}), frozenset({"name", "type"}), text=True)
_SCHEMA: Final = Members(frozenset({"id", "type"}), frozenset({"digestSRI", "digestMultibase"}))
_RESOURCE: Final = Members(frozenset({"id"}), frozenset({"mediaType", "digestMultibase", "digestSRI"}), many=True)
_STATUS: Final = Members(
    frozenset({"type", "statusPurpose", "statusListIndex", "statusListCredential"}),
    frozenset({"id", "statusSize", "statusMessage", "statusReference"}),
    {"statusMessage": Members(frozenset({"status", "message"}), many=True)},
    many=True,
)
_PROOF: Final = Members(
    frozenset({"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"}),
    frozenset({"@context", "id", "created", "expires"}),
)
_CONFIRMATION: Final = Members(
    frozenset({"jwk"}),
    inside={"jwk": Members(frozenset({"kty", "crv", "x"}), frozenset({"y", "alg", "use", "kid"}))},
)
_TOKEN_STATUS: Final = Members(frozenset({"status_list"}), inside={"status_list": Members(frozenset({"idx", "uri"}))})
_PRESENTATION: Final = Members(
    frozenset({"@context", "type", "holder", "verifiableCredential", "proof"}),
    frozenset({"id"}),
    {
        "proof": Members(_PROOF.must, _PROOF.may | {"challenge", "domain", "nonce"}),
        "holder": Members(frozenset({"id"}), text=True),
    },
)


def _claims(card: CardDefinition) -> tuple[frozenset[str], dict[str, Members]]:
    """The terms of a card's claims, and the members of those that are nodes."""
    nodes = {}
    for claim in card.claims.values():
        if claim.fields:
            must = frozenset(item.term for item in claim.fields if item.required)
            may = frozenset(item.term for item in claim.fields if not item.required)
            nodes[claim.term] = Members(must, may, many=claim.many)
    return frozenset(card.claims), nodes


def _always(claim: Any) -> bool:
    return claim.disclosure == "M" and bool(claim.required)


def _other_contexts(document: Mapping[str, Any]) -> list[Problem]:
    """A proof of a JCS suite repeats the contexts of its document, and has no others."""
    proof = document.get("proof")
    if not isinstance(proof, Mapping) or proof.get("@context", document.get("@context")) == document.get("@context"):
        return []
    return [Problem("card.form", "the proof has other contexts than its document", "/proof/@context")]


def _unlimited(status: object) -> list[Problem]:
    """A card that can be taken back says where to look whether it was."""
    entries = status if isinstance(status, list) else [status]
    if any(isinstance(entry, Mapping) and entry.get("statusPurpose") == "revocation" for entry in entries):
        return []
    detail = "a card shows the status that tells whether it was revoked"
    return [Problem("card.member_missing", detail, "/credentialStatus")]


def _check(members: Members, value: object, pointer: str) -> list[Problem]:
    if members.text and isinstance(value, str):
        return []
    if members.many and isinstance(value, list):
        if not 1 <= len(value) <= _MAX_ENTRIES:
            return [Problem("card.form", f"an array of 1 to {_MAX_ENTRIES} entries is needed", pointer)]
        return [
            problem for index, one in enumerate(value) for problem in _check_one(members, one, f"{pointer}/{index}")
        ]
    return _check_one(members, value, pointer)


def _check_one(members: Members, value: object, pointer: str) -> list[Problem]:
    if not isinstance(value, Mapping):
        return [Problem("card.form", "an object is needed", pointer)]
    of_subject = pointer.startswith("/credentialSubject")
    unknown = [name for name in value if not members.known(name)]
    problems = [
        Problem(
            "card.claim_unknown" if of_subject else "card.member_unknown",
            "a card of this kind has no such member",
            f"{pointer}/{_escaped(name)}",
        )
        for name in unknown[:_MAX_PROBLEMS]
    ]
    missing = [name for name in sorted(members.must) if name not in value]
    missing += [min(names) for names in members.either if names.isdisjoint(value)]
    problems += [
        Problem("card.member_missing", "a card of this kind has to show this", f"{pointer}/{name}") for name in missing
    ]
    for name, found in value.items():
        inside = members.inside.get(name) if isinstance(name, str) else None
        if inside is not None:
            problems += _check(inside, found, f"{pointer}/{name}")
        elif members.known(name) and not of_subject and not _is_plain(name, found):
            problems.append(Problem("card.form", "one plain value is needed", f"{pointer}/{name}"))
    return problems


def _is_plain(name: str, value: object) -> bool:
    """Whether a value without members of its own is one: not a ``@value`` object, a list or a null in its place."""
    if isinstance(value, list):
        return name in _LISTS and all(isinstance(one, str | Mapping) for one in value)
    return value is not None and not isinstance(value, Mapping)


def _escaped(name: object) -> str:
    return str(name)[:80].replace("~", "~0").replace("/", "~1")
