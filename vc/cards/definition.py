"""What a card is, as data: definitions/*.json, one file a card, over the shared terms of terms.json.

A definition names the credential's type, the subject's type, the claims with their meaning, datatype, code list and
disclosure, where in the population register each comes from, and the rules that they keep. Contexts, JSON Schemas, the
vocabulary page, the typed models and all checks follow from it: a new card is a new file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "CARDS",
    "CardDefinition",
    "CardSet",
    "ClaimDefinition",
    "DefinitionError",
    "FieldDefinition",
    "Label",
    "definition",
    "load",
    "selective_pointers",
]

DATATYPES = frozenset({"string", "date", "boolean", "integer", "yearMonth", "multibase", "node"})
DISCLOSURES = frozenset({"M", "S", "S!"})
_TERM = re.compile(r"[a-z][A-Za-z0-9]{0,63}\Z")
_TYPE = re.compile(r"[A-Z][A-Za-z0-9]{0,63}\Z")
_KIND = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_HERE = Path(__file__).parent


class DefinitionError(ValueError):
    """A card definition can't be used; says which file and why."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text for people, in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in ``zh`` or (anything else) ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """One value: a claim that is not a node, or a member of a node.

    ``codes`` names a code list, ``level`` the level of an administrative division, ``format`` a form with a check
    character, ``values`` the only texts allowed, ``only`` a boolean that is true or absent, never false;
    ``validity`` (``from``, ``until``) marks a date on which the card itself begins or ends to be valid.
    """

    term: str
    iri: str
    label: Label
    datatype: str
    required: bool = False
    codes: str | None = None
    level: str | None = None
    retired: bool = False
    format: str | None = None
    values: tuple[str, ...] = ()
    only: bool | None = None
    validity: str | None = None
    max_length: int = 200
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimDefinition(FieldDefinition):
    """One claim of a card.

    ``disclosure``: ``M`` always disclosed, ``S`` selective, ``S!`` selective and sensitive (asked for separately).
    ``node`` names the node type and ``fields`` its members when ``datatype`` is ``node``; ``many`` says that several
    values may stand. ``source`` is the register column, or field -> column for a node. ``derive`` is how a claim that
    no register holds follows from others.
    """

    disclosure: str = "S"
    node: str | None = None
    fields: tuple[FieldDefinition, ...] = ()
    many: bool = False
    source: str | Mapping[str, str] | None = None
    derive: Mapping[str, Any] | None = None

    @property
    def sensitive(self) -> bool:
        """Whether a wallet asks for this claim by itself."""
        return self.disclosure == "S!"

    @property
    def pointer(self) -> str:
        """The claim's JSON pointer in a credential."""
        return f"/credentialSubject/{self.term}"


@dataclass(frozen=True, slots=True, eq=False)
class CardDefinition:
    """One kind of card. ``lifetime_days`` is how long an electronic credential lives, not the card itself.

    ``valid_until_not_after`` lists claims (``term`` or ``term/field``) whose date the credential never outlives.
    ``must_show`` are the members of the credential (VCDM 2.0) that a verifier of cards insists on, with the subject's
    id; ``may_show`` those it takes as well (``vc.cards.shown``).
    """

    type: str
    kind: str
    context: str
    title: Label
    department_id: str
    department: Label
    subject_type: str
    subject_iri: str
    subject_label: Label
    namespace: str
    lifetime_days: int
    licence_type_code: str
    licence_type_code_placeholder: bool
    valid_until_not_after: tuple[str, ...]
    claims: Mapping[str, ClaimDefinition]
    rules: tuple[Mapping[str, Any], ...]
    must_show: tuple[str, ...]
    may_show: tuple[str, ...]

    @property
    def schema_url(self) -> str:
        """The URL of the card's JSON Schema, beside its context."""
        version = self.context.rsplit("/", 1)[1]
        return self.context.split("/contexts/", 1)[0] + f"/schemas/{version}/{self.type}.json"

    def mandatory_pointers(self, credential: Mapping[str, Any]) -> list[str]:
        """JSON pointers of what every disclosure of the credential shows (cards.md's M), for those that it has.

        ``@context``, the types and the subject's id come along by themselves (vc-di-ecdsa section 3.4.11).
        """
        subject = credential.get("credentialSubject")
        members = subject if isinstance(subject, Mapping) else {}
        pointers = [f"/{name}" for name in _ENVELOPE if name in credential]
        always = [claim.pointer for claim in self.claims.values() if claim.disclosure == "M" and claim.term in members]
        return pointers + (always or ["/credentialSubject/type"])

    def selective_pointers(self, terms: Iterable[str]) -> list[str]:
        """JSON pointers that disclose the claims ``terms``, without the M ones.

        Raises DefinitionError for a term that the card does not have.
        """
        pointers = []
        for term in terms:
            claim = self.claims.get(term)
            if claim is None:
                raise DefinitionError(f"{self.type} has no claim {term!r}")
            if claim.disclosure != "M":
                pointers.append(claim.pointer)
        return pointers


_ENVELOPE = ("issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema")


@dataclass(frozen=True)
class CardSet(Mapping[str, CardDefinition]):
    """The cards of one folder of definitions: credential type -> definition, the newest where there are several.

    ``older`` are the definitions of the same types in earlier contexts: credentials that were issued by them stay
    readable.
    """

    definitions: Mapping[str, CardDefinition]
    older: tuple[CardDefinition, ...] = ()

    def __repr__(self) -> str:
        return f"<CardSet of {len(self.definitions)} cards>"  # It stands in signatures, as a default.

    def __getitem__(self, key: str) -> CardDefinition:
        return self.definitions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.definitions)

    def __len__(self) -> int:
        return len(self.definitions)

    def __hash__(self) -> int:
        return id(self)

    def of_kind(self, kind: str) -> CardDefinition:
        """The card of a kind identifier (``residence-permit``). KeyError when there is none."""
        for card in self.values():
            if card.kind == kind:
                return card
        raise KeyError(kind)

    def of_credential(self, credential: Mapping[str, Any]) -> CardDefinition | None:
        """The card that a credential's ``type`` names, or None when it names none or several.

        Of several definitions of one type it is the one whose context the credential has, else the newest.
        """
        types = credential.get("type")
        names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
        found = [self[name] for name in names if isinstance(name, str) and name in self]
        if len(found) != 1:
            return None
        contexts = credential.get("@context")
        stated = contexts if isinstance(contexts, list) else [contexts]
        versions = [card for card in self.older if card.type == found[0].type and card.context in stated]
        return versions[0] if versions and found[0].context not in stated else found[0]

    def every(self) -> list[CardDefinition]:
        """All definitions, the older ones, too."""
        return [*self.values(), *self.older]

    def by_department(self) -> dict[str, list[CardDefinition]]:
        """Department identifier -> its cards, in the order of the definitions."""
        departments: dict[str, list[CardDefinition]] = {}
        for card in self.values():
            departments.setdefault(card.department_id, []).append(card)
        return departments


def load(folder: Path | str, *, cards: CardSet | None = None) -> CardSet:
    """Read the definitions of a folder (``*.json``; ``terms.json`` holds shared terms and may be absent).

    ``cards`` are kept beside those of the folder: ``load(mine, cards=CARDS)``. The installed shared terms are known to
    every folder. A type may be defined in several versions of one context (``.../v1``, ``.../v2``). Raises
    DefinitionError naming the file.
    """
    folder = Path(folder)
    shared = _shared(_HERE / "definitions" / "terms.json")
    if (folder / "terms.json").is_file():
        own = _shared(folder / "terms.json")
        shared = {
            key: {**shared[key], **own[key]} if isinstance(shared[key], dict) else own.get(key, shared[key])
            for key in shared
        }
    found: dict[str, CardDefinition] = dict(cards or {})
    older: list[CardDefinition] = list(cards.older) if cards is not None else []
    for path in sorted(folder.glob("*.json")):
        if path.name == "terms.json":
            continue
        try:
            definition = _card(json.loads(path.read_bytes()), shared)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"misses {error}" if isinstance(error, KeyError) else str(error)
            raise DefinitionError(f"{path.name}: {reason}") from error
        known = found.get(definition.type)
        if known is not None:
            first, second = sorted((known, definition), key=lambda card: _version(card.context))
            if _version(first.context) == _version(second.context) or _base(first.context) != _base(second.context):
                raise DefinitionError(f"{path.name}: the type {definition.type} is defined already")
            older.append(first)
            definition = second
        found[definition.type] = definition
    return CardSet(found, tuple(older))


def _version(context: str) -> int:
    """The number in a context's last part (``v2`` -> 2), 0 when there is none."""
    digits = context.rsplit("/", 1)[1].removeprefix("v")
    return int(digits) if digits.isdecimal() and len(digits) < 9 else 0


def _base(context: str) -> str:
    return context.rsplit("/", 1)[0]


def _shared(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_bytes())
    return {
        "namespace": data.get("namespace", "https://liangzheng.example/vocab#"),
        "subjectTypes": data.get("subjectTypes", {}),
        "nodes": data.get("nodes", {}),
        "terms": data.get("terms", {}),
    }


def _card(data: dict[str, Any], shared: dict[str, Any]) -> CardDefinition:
    shared = {
        **shared,
        "subjectTypes": {**shared["subjectTypes"], **data.get("subjectTypes", {})},
        "nodes": {**shared["nodes"], **data.get("nodes", {})},
    }
    namespace = data.get("namespace", shared["namespace"])
    subject = shared["subjectTypes"][data["subjectType"]]
    claims = [_claim(entry, shared, namespace) for entry in data["claims"]]
    if len({claim.term for claim in claims}) != len(claims):
        raise ValueError("a claim stands twice")
    _match(_TYPE, data["type"], "type")
    _match(_KIND, data["kind"], "kind")
    if "/contexts/" not in data["context"]:
        raise ValueError("context must be a URL with /contexts/ in its path")
    return CardDefinition(
        type=data["type"],
        kind=data["kind"],
        context=data["context"],
        title=_label(data["title"]),
        department_id=data["department"]["id"],
        department=_label(data["department"]),
        subject_type=_match(_TYPE, data["subjectType"], "subjectType"),
        subject_iri=_iri(subject.get("iri", data["subjectType"]), namespace),
        subject_label=_label(subject),
        namespace=namespace,
        lifetime_days=int(data["lifetimeDays"]),
        licence_type_code=data["licenceTypeCode"],
        licence_type_code_placeholder=bool(data.get("licenceTypeCodePlaceholder", False)),
        valid_until_not_after=tuple(data.get("validUntilNotAfter", ())),
        claims={claim.term: claim for claim in claims},
        rules=tuple(data.get("rules", ())),
        must_show=tuple(data.get("mustShow", _ENVELOPE)),
        may_show=tuple(data.get("mayShow", ("id", "relatedResource"))),
    )


def _claim(entry: dict[str, Any], shared: dict[str, Any], namespace: str) -> ClaimDefinition:
    merged = {**shared["terms"].get(entry["term"], {}), **entry}
    node = merged.get("node")
    if (node is not None) != (merged["datatype"] == "node"):
        raise ValueError(f"{entry['term']}: a node datatype and a node name go together")
    if merged["disclosure"] not in DISCLOSURES:
        raise ValueError(f"{entry['term']}: disclosure must be one of M, S, S!")
    fields = tuple(FieldDefinition(**_field(f, namespace)) for f in shared["nodes"][node]["fields"]) if node else ()
    source = merged.get("source")
    return ClaimDefinition(
        **_field(merged, namespace),
        disclosure=merged["disclosure"],
        node=node,
        fields=fields,
        many=bool(merged.get("many", False)),
        source=source,
        derive=merged.get("derive") if source is None else None,
    )


def _field(data: dict[str, Any], namespace: str) -> dict[str, Any]:
    term = _match(_TERM, data["term"], "term")
    if data["datatype"] not in DATATYPES:
        raise ValueError(f"{term}: unknown datatype {data['datatype']!r}")
    return {
        "term": term,
        "iri": _iri(data.get("iri", term), namespace),
        "label": _label(data),
        "datatype": data["datatype"],
        "required": bool(data.get("required", False)),
        "codes": data.get("codes"),
        "level": data.get("level"),
        "retired": bool(data.get("retired", False)),
        "format": data.get("format"),
        "values": tuple(data.get("values", ())),
        "only": data.get("only"),
        "validity": data.get("validity"),
        "max_length": int(data.get("maxLength", 200)),
        "minimum": data.get("minimum"),
        "maximum": data.get("maximum"),
    }


def _label(data: Mapping[str, Any]) -> Label:
    return Label(zh=str(data["zh"]), en=str(data["en"]))


def _iri(value: str, namespace: str) -> str:
    return value if ":" in value else namespace + value


def _match(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.match(text):
        raise ValueError(f"{what} {text!r} has a form that is not allowed")
    return text


CARDS = load(_HERE / "definitions")
"""The cards that are installed with this package."""


def definition(name: str | Mapping[str, Any], *, cards: CardSet = CARDS) -> CardDefinition:
    """The card of a credential type, of a kind identifier, or of a credential. Raises KeyError when there is none."""
    if isinstance(name, str):
        return cards[name] if name in cards else cards.of_kind(name)
    found = cards.of_credential(name)
    if found is None:
        raise KeyError(str(name.get("type"))[:200])
    return found


def selective_pointers(
    card: CardDefinition, terms: Iterable[str], credential: Mapping[str, Any] | None = None
) -> list[str]:
    """JSON pointers that disclose ``terms`` of a card; with ``credential``, only of the claims that it states.

    Raises DefinitionError for a term that the card does not have.
    """
    pointers = card.selective_pointers(terms)
    if credential is None:
        return pointers
    subject = credential.get("credentialSubject")
    stated = subject if isinstance(subject, Mapping) else {}
    return [pointer for pointer in pointers if pointer.rsplit("/", 1)[1] in stated]
