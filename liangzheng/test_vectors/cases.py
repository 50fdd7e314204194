"""The cases: a document, the question put to it, and the answer that any verifier must give."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import vc
from did import SoftwareKey
from vc.cards import CardDefinition
from vc.scenarios import SCENARIOS
from vc.status import StatusList, status_list_credential

from .world import CHALLENGE, DOMAIN, PURPOSES, STATUS_URL, World

__all__ = ["Case", "cases"]

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One vector. ``refused_by`` is the name of the check that must fail, None for a document that verifies.

    ``content`` is the document, or bytes where the fault is in the text. ``after`` is the time of verification after
    the vectors' moment; ``status_lists`` are the published lists that the verifier holds.
    """

    id: str
    about: str
    content: Json | bytes
    refused_by: str | None = None
    challenge: str | None = None
    domain: str | None = None
    after: timedelta = timedelta()
    status_lists: Mapping[str, Json] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        """The document's bytes."""
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content, ensure_ascii=False, indent=2).encode() + b"\n"


def cases(world: World) -> Iterator[Case]:
    """Every case, in a fixed order."""
    issuer, device = world.key("authority"), world.key("device")
    cards = list(world.cards(device.did, issuer.did))
    yield from _whole_documents(world, cards[0])
    yield from _disclosures(world, cards, issuer)
    yield from _blind_disclosures(world, cards[0][1], device)
    hotel = _Hotel(world, issuer, device, *cards[0])
    yield from hotel.good()
    yield from hotel.bad()
    yield from _bad_credentials(world, cards, issuer)


def _issue(world: World, credential: Json, key: SoftwareKey, suite: str, **more: Any) -> Json:
    return vc.issue(credential, key, cryptosuite=suite, now=world.now, random=world.random, **more)


def _whole_documents(world: World, card: tuple[CardDefinition, Json]) -> Iterator[Case]:
    suites = (
        ("eddsa-rdfc-2022", "Ed25519"),
        ("eddsa-jcs-2022", "Ed25519"),
        ("ecdsa-rdfc-2019", "P-256"),
        ("ecdsa-rdfc-2019", "P-384"),
        ("ecdsa-jcs-2019", "P-256"),
        ("ecdsa-jcs-2019", "P-384"),
    )
    for suite, key_type in suites:
        key = world.key(f"authority {suite}", key_type)
        secured = _issue(world, {**card[1], "issuer": key.did}, key, suite)
        name = f"{suite}-{key_type.lower()}"
        yield Case(f"whole-{name}", f"A resident identity card, whole, with {suite} ({key_type}).", secured)
        changed = copy.deepcopy(secured)
        changed["credentialSubject"]["name"] += "亮"
        yield Case(f"whole-{name}-changed", "The name has one character more than was signed.", changed, "proof")


def _disclosures(world: World, cards: list[tuple[CardDefinition, Json]], issuer: SoftwareKey) -> Iterator[Case]:
    for card, credential in cards:
        base = _base(world, card, credential, issuer)
        terms = [claim.term for claim in card.claims.values() if claim.disclosure != "M"]
        present = [term for term in terms if term in credential["credentialSubject"]]
        for label, chosen in (("mandatory", []), ("first", present[:1]), ("all", present)):
            derived = vc.derive(base, selective_pointers=card.selective_pointers(chosen))
            shown = "the mandatory claims" if not chosen else "also " + ", ".join(chosen)
            yield Case(f"sd-{card.kind}-{label}", f"{card.title.en}, ecdsa-sd-2023, showing {shown}.", derived)
        yield Case(f"sd-{card.kind}-base", "A base proof is for the holder only.", base, "proof")


def _base(world: World, card: CardDefinition, credential: Json, issuer: SoftwareKey) -> Json:
    pointers = card.mandatory_pointers(credential)
    return _issue(world, credential, issuer, "ecdsa-sd-2023", mandatory_pointers=pointers)


def _blind_disclosures(world: World, credential: Json, device: SoftwareKey) -> Iterator[Case]:
    key = world.key("authority bbs", "BLS12-381-G2")
    unsecured = {**credential, "issuer": key.did}
    base = _issue(world, unsecured, key, "bbs-2023", mandatory_pointers=["/issuer", "/credentialSubject/id"])
    pointers = ["/credentialSubject/ageOver18"]
    derived = vc.derive(base, selective_pointers=pointers, random=world.random)
    yield Case("bbs-resident-identity-card", "bbs-2023, showing ageOver18.", derived)
    changed = copy.deepcopy(derived)
    changed["credentialSubject"]["id"] = world.key("another device").did
    yield Case("bbs-resident-identity-card-changed", "The subject is another one than was signed.", changed, "proof")


class _Hotel:
    """A presentation at a hotel, and what can be wrong with one."""

    def __init__(
        self, world: World, issuer: SoftwareKey, device: SoftwareKey, card: CardDefinition, credential: Json
    ) -> None:
        self.world, self.issuer, self.device = world, issuer, device
        request = SCENARIOS["hotel-check-in"].request("did:example:hotel", "hotel", CHALLENGE, DOMAIN, world.now)
        terms = [claim.term for claim in request.cards[0].claims if claim.term in credential["credentialSubject"]]
        base = _base(world, card, credential, issuer)
        self.derived = vc.derive(base, selective_pointers=card.selective_pointers(terms))

    def present(self, **more: Any) -> Json:
        arguments: dict[str, Any] = {"challenge": CHALLENGE, "domain": DOMAIN, "expires_in": 300, "now": self.world.now}
        signer = more.pop("signer", self.device)
        return vc.present([more.pop("credential", self.derived)], signer, **(arguments | more))

    def case(self, name: str, about: str, content: Json, refused_by: str | None = None, **more: Any) -> Case:
        return Case(f"hotel-{name}", about, content, refused_by, **({"challenge": CHALLENGE, "domain": DOMAIN} | more))

    def good(self) -> Iterator[Case]:
        yield self.case("good", "A presentation of a resident identity card at a hotel.", self.present())
        last = timedelta(seconds=299)
        yield self.case("last-second", "The same 299 seconds later.", self.present(), after=last)
        lists = self.status_lists(set())
        yield self.case("status", "Its status lists say that nothing is wrong.", self.present(), status_lists=lists)

    def bad(self) -> Iterator[Case]:
        late = timedelta(seconds=301)
        yield self.case("late", "301 seconds later.", self.present(), "proof_expiry", after=late)
        yield self.case("challenge", "Made for another challenge.", self.present(challenge="x" * 20), "challenge")
        yield self.case("no-challenge", "Made without a challenge.", self.present(challenge=None), "challenge")
        yield self.case("domain", "Made for another verifier.", self.present(domain="cafe.example"), "domain")
        stolen = self.present(signer=self.world.key("another device"))
        yield self.case("stolen", "Signed by another device than the card is bound to.", stolen, "holder_binding")
        renamed = copy.deepcopy(self.present())
        renamed["verifiableCredential"][0]["credentialSubject"]["name"] += "亮"
        yield self.case("renamed", "The name has one character more than was signed.", renamed, "proof")
        swapped = copy.deepcopy(self.present())
        swapped["proof"] = self.derived["proof"]
        yield self.case("swapped", "The card's proof stands in place of the presentation's.", swapped, "proof_purpose")
        unsigned = {key: value for key, value in self.present().items() if key != "proof"}
        yield self.case("unsigned", "The presentation has no proof.", unsigned, "proof")
        for purpose in PURPOSES:
            lists = self.status_lists({purpose})
            about = f"The status list for {purpose} has the card's bit set."
            yield self.case(purpose, about, self.present(), "status", status_lists=lists)

    def status_lists(self, bits: set[str]) -> dict[str, Json]:
        """The published lists by URL; those of the purposes in ``bits`` have the card's bit (0) set."""
        lists = {}
        for purpose in PURPOSES:
            entries = StatusList(131_072)
            entries[0] = int(purpose in bits)
            unsigned = status_list_credential(
                entries,
                id=STATUS_URL.format(purpose=purpose),
                issuer=self.issuer.did,
                purpose=purpose,
                valid_from=self.world.now - timedelta(hours=1),
                valid_until=self.world.now + timedelta(hours=23),
                ttl=timedelta(minutes=15),
            )
            lists[unsigned["id"]] = _issue(self.world, unsigned, self.issuer, "ecdsa-rdfc-2019")
        return lists


def _bad_credentials(world: World, cards: list[tuple[CardDefinition, Json]], issuer: SoftwareKey) -> Iterator[Case]:
    credential = cards[0][1]
    secured = _issue(world, credential, issuer, "ecdsa-rdfc-2019")
    other = _issue(world, cards[1][1], issuer, "ecdsa-rdfc-2019")

    def altered(change: Callable[[Json], object]) -> Json:
        document = copy.deepcopy(secured)
        change(document)
        return document

    proofs: list[tuple[str, str, str, Callable[[Json], object]]] = [
        ("proof-of-another", "The proof of another card.", "proof", lambda d: d.update(proof=other["proof"])),
        ("no-proof", "No proof.", "proof", lambda d: d.pop("proof")),
        ("suite", "A cryptosuite that nobody knows.", "proof", lambda d: d["proof"].update(cryptosuite="none-2026")),
        ("purpose", "Made for authentication.", "proof_purpose", _set_proof("proofPurpose", "authentication")),
        ("value", "A proof value that is no multibase.", "proof", _set_proof("proofValue", "!")),
        ("created", "A creation time without a time zone.", "proof", _set_proof("created", "2026-01-01T00:00:00")),
        ("previous", "A previous proof that is not there.", "proof", _set_proof("previousProof", "urn:uuid:none")),
        ("issuer", "Another issuer than the key's controller.", "issuer", lambda d: d.update(issuer="did:example:x")),
        ("context", "A context that nobody knows.", "context", lambda d: d["@context"].append("https://x.example/c")),
        (
            "own-context",
            "A context of the document's own.",
            "context",
            lambda d: d["@context"].append({"x": "https://x.example/x"}),
        ),
        ("term", "A term that no context defines.", "proof", lambda d: d["credentialSubject"].update(extra="1")),
        ("model", "No credentialSubject.", "data_model", lambda d: d.pop("credentialSubject")),
        ("dates", "validFrom without a time zone.", "data_model", lambda d: d.update(validFrom="2026-01-01T00:00:00")),
    ]
    for name, about, refused_by, change in proofs:
        yield Case(f"bad-{name}", about, altered(change), refused_by)
    yield Case("bad-expired", "100 days later.", secured, "validity_period", after=timedelta(days=100))
    yield Case("bad-early", "Ten days before it is valid.", secured, "validity_period", after=timedelta(days=-10))
    text = json.dumps(secured, ensure_ascii=False).encode()
    yield Case("bad-twice", "A member twice.", text[:-1] + b', "issuer": "did:example:x"}', "parse")
    yield Case("bad-cut", "Cut in the middle.", text[: len(text) // 2], "parse")


def _set_proof(member: str, value: str) -> Callable[[Json], object]:
    def change(document: Json) -> None:
        document["proof"][member] = value

    return change
