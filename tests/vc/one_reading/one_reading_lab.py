"""Signed documents of every suite, what software reads in them, and rewrites that leave the statements as they are."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

import did
import vc
from contexts import CONTEXTS
from vc.checks.environment import Environment
from vc.linked_data.jsonld.active_context import Loader
from vc.linked_data.jsonld.compiled import Compiled
from vc.linked_data.jsonld.context_cache import compile_context
from vc.linked_data.jsonld.plan import Plan
from vc.model import identifier_of, types_of
from vc.securing import add_proof

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
FOREIGN = "https://foreign.example/contexts/v1"
XSD = "http://www.w3.org/2001/XMLSchema#"
NS = "https://foreign.example/ns#"
NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
CHALLENGE, DOMAIN = "c-1", "https://counter.example"

_FOREIGN = {
    "@context": {
        "@version": 1.1,
        "f": NS,
        "xsd": XSD,
        "Member": "f:Member",
        "nick": "f:nick",
        "nickname": "f:nick",
        "names": {"@id": "f:names", "@container": "@language"},
        "steps": {"@id": "f:steps", "@container": "@list"},
        "tags": {"@id": "f:tags", "@container": "@set"},
        "kind": {"@id": "f:kind", "@type": "@vocab"},
        "gold": "f:gold",
        "home": {"@id": "f:home", "@type": "@id"},
        "adult": {"@id": "f:adult", "@type": "xsd:boolean"},
        "height": {"@id": "f:height", "@type": "xsd:integer"},
        "born": {"@id": "f:born", "@type": "xsd:date"},
        "count": "f:count",
        "memo": {"@id": "f:memo", "@language": "ar", "@direction": "rtl"},
        "note": "f:note",
        "box": "@nest",
        "data": {"@id": "f:data", "@type": "@json"},
        "child": "f:child",
        "childOf": {"@reverse": "f:child"},
        "by": {"@id": "f:by", "@container": "@index"},
    }
}
_TEXT = json.dumps(_FOREIGN).encode()
REGISTRY = CONTEXTS.with_context(FOREIGN, _TEXT, sha256=hashlib.sha256(_TEXT).hexdigest())

ISSUER = {name: did.SoftwareKey.from_seed(name, b"issuer") for name in ("Ed25519", "P-256", "BLS12-381-G2")}
DEVICE = did.SoftwareKey.from_seed("P-256", b"device")


def credential(issuer: Any, **changes: Any) -> dict[str, Any]:
    """A credential with something of each kind that software reads."""
    document = {
        "@context": [V2, EXAMPLES],
        "id": "urn:uuid:7c1f0d39-9b4c-4d0c-8c7b-5f7a7a7b1c11",
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": {"id": issuer.did, "name": "An authority"},
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2036-01-01T00:00:00Z",
        "credentialStatus": [
            {
                "id": "https://status.example/1#3",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": "3",
                "statusListCredential": "https://status.example/1",
            }
            for purpose in ("revocation", "suspension")
        ],
        "credentialSubject": {
            "id": DEVICE.did,
            "type": "Person",
            "ageOver18": False,
            "points": 0,
            "level": 7,
            "remark": "",
            "fullName": "王小明",
            "nicknames": ["Ming", "阿明"],
            "title": {"@value": "مدير", "@language": "ar", "@direction": "rtl"},
            "card": {"id": "urn:uuid:7c1f0d39-9b4c-4d0c-8c7b-5f7a7a7b1c11"},
            "address": {"type": "Address", "city": "Chengdu", "street": {"number": "12"}},
        },
    }
    document["credentialStatus"][1]["id"] = "https://status.example/1#4"  # type: ignore[index]
    return {**document, **changes}


def foreign(issuer: Any) -> dict[str, Any]:
    """A credential with the terms of a context that nobody here has a hand in."""
    return credential(
        issuer,
        **{
            "@context": [V2, FOREIGN],
            "type": ["VerifiableCredential", "Member"],
            "credentialSubject": {
                "id": DEVICE.did,
                "type": "Member",
                "nick": ["Ming"],
                "names": {"en": "Ming", "zh-Hans": "小明"},
                "steps": ["b", "a", "a"],
                "tags": ["x"],
                "kind": "gold",
                "home": "https://home.example/1",
                "adult": False,
                "height": 170,
                "born": "2001-01-01",
                "count": 0,
                "memo": "مذكرة",
                "note": {"@value": "hello", "@language": "en"},
                "data": {"a": [False, None, []]},
                "child": [{"id": "urn:x:1", "note": "one"}, {"note": "two"}],
            },
        },
    )


_STATUS_POINTERS = ["/issuer", "/validUntil", "/credentialStatus", "/credentialSubject/id"]
_SHOWN = ["/credentialSubject/ageOver18", "/credentialSubject/title", "/credentialSubject/card", "/id"]


def _issued(document: dict[str, Any], key: Any, suite: str, **more: Any) -> dict[str, Any]:
    return vc.issue(
        document, key, cryptosuite=suite, now=NOW, contexts=REGISTRY, expires=NOW + timedelta(days=9), **more
    )


def _derived(key: Any, suite: str) -> dict[str, Any]:
    base = _issued(credential(key), key, suite, mandatory_pointers=_STATUS_POINTERS)
    return vc.derive(base, selective_pointers=_SHOWN, contexts=REGISTRY)


def _status_list() -> dict[str, Any]:
    subject = {
        "id": "https://status.example/1#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQsvoAAAAAAAAAAAAAAAAP4GcwM92tQwAAA",
    }
    document = credential(
        ISSUER["P-256"],
        id="https://status.example/1",
        type=["VerifiableCredential", "BitstringStatusListCredential"],
        credentialSubject=subject,
    )
    del document["credentialStatus"]
    return _issued(document, ISSUER["P-256"], "ecdsa-rdfc-2019")


def _chain() -> dict[str, Any]:
    key = ISSUER["Ed25519"]
    first = _issued(credential(key), key, "eddsa-rdfc-2022", proof_id="urn:uuid:first")
    return vc.issue(
        first, key, cryptosuite="eddsa-rdfc-2022", previous_proof="urn:uuid:first", now=NOW, contexts=REGISTRY
    )


def _old_suite() -> dict[str, Any]:
    key = ISSUER["Ed25519"]
    return _issued(credential(key), key, "Ed25519Signature2020")


def _presented(document: dict[str, Any], suite: str = "ecdsa-rdfc-2019") -> dict[str, Any]:
    presentation = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiablePresentation"],
        "holder": DEVICE.did,
        "verifiableCredential": [document],
    }
    config = {
        "created": NOW,
        "expires": NOW + timedelta(minutes=5),
        "proofPurpose": "authentication",
        "challenge": CHALLENGE,
        "domain": DOMAIN,
    }
    env = Environment(REGISTRY, lambda: NOW)
    return add_proof(presentation, DEVICE, cryptosuite=suite, config=config, options=None, env=env)


class Sample(NamedTuple):
    """A document that is accepted, and whether it is a presentation."""

    document: dict[str, Any]
    presented: bool = False

    def verify(self, document: Any) -> vc.Verdict:
        """The verdict on a rewritten form of it."""
        more: dict[str, Any] = {"challenge": CHALLENGE, "domain": DOMAIN} if self.presented else {}
        return vc.verify(document, now=NOW, contexts=REGISTRY, **more)


def _samples() -> dict[str, Callable[[], Sample]]:
    ed, ec, bls = ISSUER["Ed25519"], ISSUER["P-256"], ISSUER["BLS12-381-G2"]
    return {
        "eddsa-rdfc-2022": lambda: Sample(_issued(credential(ed), ed, "eddsa-rdfc-2022")),
        "ecdsa-rdfc-2019": lambda: Sample(_issued(credential(ec), ec, "ecdsa-rdfc-2019")),
        "eddsa-jcs-2022": lambda: Sample(_issued(credential(ed), ed, "eddsa-jcs-2022")),
        "ecdsa-jcs-2019": lambda: Sample(_issued(credential(ec), ec, "ecdsa-jcs-2019")),
        "ecdsa-sd-2023": lambda: Sample(_derived(ec, "ecdsa-sd-2023")),
        "bbs-2023": lambda: Sample(_derived(bls, "bbs-2023")),
        "Ed25519Signature2020": lambda: Sample(_old_suite()),
        "a proof chain": lambda: Sample(_chain()),
        "a foreign credential": lambda: Sample(_issued(foreign(ed), ed, "eddsa-rdfc-2022")),
        "a status list": lambda: Sample(_status_list()),
        "a presentation": lambda: Sample(_presented(_derived(ec, "ecdsa-sd-2023")), True),
        "a presentation of JSON": lambda: Sample(
            _presented(_issued(credential(ed), ed, "eddsa-jcs-2022"), "ecdsa-jcs-2019"), True
        ),
    }


_made: dict[str, Sample] = {}
NAMES = tuple(_samples())


def sample(name: str) -> Sample:
    """The sample of this name; made once."""
    if name not in _made:
        _made[name] = _samples()[name]()
    return _made[name]


# What software reads.


def answers(document: dict[str, Any]) -> dict[str, Any]:
    """What readers of a document by its names are told, kind by kind."""
    document = _with_proofs_once(document)
    truth: dict[str, bool] = {}
    found: dict[str, Any] = {"claims": _plain(document, truth, ""), "truth": truth}
    credentials = [document, *[c for c in _listed(document.get("verifiableCredential")) if isinstance(c, dict)]]
    found["issuer"] = [identifier_of(each.get("issuer")) for each in credentials]
    found["holder"] = identifier_of(document.get("holder"))
    found["types"] = [sorted(types_of(each)) for each in credentials]
    found["subjects"] = [
        [identifier_of(subject) for subject in _listed(each.get("credentialSubject"))] for each in credentials
    ]
    found["dates"] = [(each.get("validFrom"), each.get("validUntil")) for each in credentials]
    found["status"] = [
        sorted(
            (str(entry.get("statusPurpose")), str(entry.get("statusListIndex")), str(entry.get("statusListCredential")))
            for entry in _listed(each.get("credentialStatus"))
            if isinstance(entry, dict)
        )
        for each in credentials
    ]
    proofs = [proof for each in credentials for proof in _listed(each.get("proof")) if isinstance(proof, dict)]
    for name in ("created", "expires", "challenge", "domain", "proofPurpose", "verificationMethod", "previousProof"):
        found[f"proof {name}"] = sorted(str(_alone(proof.get(name))) for proof in proofs)
    return found


def _with_proofs_once(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each proof once: the same proof again is verified again, and says nothing else."""
    proofs = document.get("proof")
    if isinstance(proofs, list):
        once = [proof for at, proof in enumerate(proofs) if proof not in proofs[:at]]
        document = {**document, "proof": once}
    contained = document.get("verifiableCredential")
    if isinstance(contained, list):
        each = [_with_proofs_once(item) if isinstance(item, dict) else item for item in contained]
        document = {**document, "verifiableCredential": each}
    return document


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _plain(value: Any, truth: dict[str, bool], place: str) -> Any:
    """A value with what no reader may tell apart made the same: the order of arrays, arrays of one text, tags' case."""
    if isinstance(value, dict):
        if value.keys() == {"id"}:
            return value["id"]
        plain = {}
        for name, item in value.items():
            if name == "@context" or (name == "tags" and item == []):
                continue  # A set without values states as little as none.
            truth[f"{place}/{name}"] = bool(item)
            plain[name] = _plain(item, truth, f"{place}/{name}")
        if isinstance(plain.get("@language"), str):
            plain["@language"] = plain["@language"].lower()
        return plain
    if isinstance(value, list):
        if len(value) == 1:
            return _plain(value[0], truth, place)
        entries = [_plain(item, {}, place) for item in value]
        return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))
    # Where a term has the datatype of numbers, their texts are published, too: readers have to convert.
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) and value else value


def differing(original: dict[str, Any], rewritten: dict[str, Any]) -> set[str]:
    """The kinds of answers that differ."""
    one, two = answers(original), answers(rewritten)
    return {kind for kind in one if one[kind] != two[kind]}


def changes(original: dict[str, Any], rewritten: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The answers that differ, as they were and as they are; of an object only the members that do."""
    one, two = answers(original), answers(rewritten)
    return {kind: _apart(one[kind], two[kind]) for kind in one if one[kind] != two[kind]}


def _apart(one: Any, two: Any) -> Any:
    if isinstance(one, dict) and isinstance(two, dict):
        names = [name for name in {**one, **two} if one.get(name, _apart) != two.get(name, _apart)]
        return {name: _apart(one.get(name), two.get(name)) for name in names}
    return one, two


# Rewrites.


class Place(NamedTuple):
    """An object in a document, its active context, and the member under which it stands."""

    object: dict[str, Any]
    context: Compiled
    outer: Compiled
    path: str


def places(document: dict[str, Any]) -> list[Place]:
    """Every object of a document that has the form that the library writes, but for JSON literals."""
    loader = Loader(REGISTRY)
    found: list[Place] = []

    def into(value: dict[str, Any], context: Compiled, path: str) -> None:
        if path and "@context" in value:
            context = context.add(value["@context"], loader)
        outer = context
        for key in context.type_keys:
            if key in value:
                context = context.types(value[key], loader).context
                break
        found.append(Place(value, context, outer, path))
        for key, item in value.items():
            plan = context.plans[key][3]
            if key == "@context" or plan.definition.type == "@json" or plan.is_map:
                continue
            for position, entry in enumerate(item) if isinstance(item, list) else [(-1, item)]:
                if isinstance(entry, dict):
                    step = f"/{key}" if position < 0 else f"/{key}/{position}"
                    into(entry, plan.inside(entry, loader), path + step)

    try:
        into(document, compile_context(document.get("@context"), loader), "")
    except Exception:  # A rewrite before has made something that can't be walked; what there is will do.
        return found
    return found


def expanded(plan: Plan, item: Any) -> Any:
    """A value in a form that means the same under the IRI of its property."""
    if isinstance(item, list):
        entries = [expanded(plan, entry) for entry in item]
        return {"@list": entries} if "@list" in plan.definition.container else entries
    type_ = plan.definition.type
    if isinstance(item, dict):
        if "@graph" in plan.definition.container:
            return {"@graph": item}
        if plan.is_map:
            return [{"@value": text, "@language": key} for key, text in item.items()]
        return {"@value": item, "@type": "@json"} if type_ == "@json" else item
    if type_ == "@id":
        return {"@id": item}
    if type_ == "@vocab":
        scoped = plan.enter(Loader(REGISTRY), keep=True) if plan.has_scope else plan.context
        return {"@id": scoped.expand_vocab_or_base(item)}
    if plan.datatype is not None:
        return {"@value": item, "@type": plan.datatype}
    if isinstance(item, str) and plan.tail:
        return {"@value": item, "@language": "ar", "@direction": "rtl"}
    return item


def _members(place: Place) -> list[str]:
    return [name for name in place.object if name != "@context"]


def rename(draw: Any, document: dict[str, Any]) -> None:
    """A member under its IRI, a compact IRI, another term, or a keyword for its alias."""
    place = draw(st.sampled_from(places(document)))
    names = _members(place)
    if not names:
        return
    name = draw(st.sampled_from(names))
    plan = place.context.plans[name][3]
    iri = plan.iri or name
    others = [term for term, found in place.context.active.terms.items() if found.iri == iri and term != name]
    others += [
        f"{prefix}:{iri[len(start) :]}" for prefix, start in place.context.prefixes.items() if iri.startswith(start)
    ]
    to = draw(st.sampled_from([iri, iri, *others]))
    item = place.object.pop(name)
    same = to in place.context.active.terms or to.startswith("@")
    place.object[to] = item if same else expanded(plan, item)


def rename_all(draw: Any, document: dict[str, Any]) -> None:
    """Every member with a name, under its IRI."""
    name = draw(st.sampled_from(sorted({name for place in places(document) for name in _members(place)}) or ["id"]))
    for place in places(document):
        if name in place.object:
            plan = place.context.plans[name][3]
            item = place.object.pop(name)
            place.object[plan.iri or name] = item if (plan.iri or "").startswith("@") else expanded(plan, item)


def wrap(draw: Any, document: dict[str, Any]) -> None:
    """A value in an array, in two, as a set, as a value object, as a reference; or twice."""
    place = draw(st.sampled_from(places(document)))
    names = _members(place)
    if not names:
        return
    name = draw(st.sampled_from(names))
    item = place.object[name]
    plan = place.context.plans[name][3]
    forms: list[Any] = [
        [item],
        [item],
        [[item]],
        {"@set": [item]},
        {"@list": _listed(item)},
        {"@value": item},
        {"@id": item},
        [item, item],
        [item, None],
        [*_listed(item), []],
        expanded(plan, item),
        {"@value": item, "@index": "x"},
        {"@none": item},
    ]
    if isinstance(item, list) and item:
        forms += [item[0] if len(item) == 1 else item, [*item, item[0]], [item], list(reversed(item))]
    if isinstance(item, bool):
        text = str(item).lower()
        forms += [{"@value": item, "@type": XSD + "boolean"}, text, {"@value": text, "@type": XSD + "boolean"}]
    elif isinstance(item, int):
        forms += [float(item), -float(item), str(item), {"@value": str(item), "@type": XSD + "integer"}]
    elif isinstance(item, dict) and item.keys() == {"id"}:
        forms += [item["id"]]
    place.object[name] = draw(st.sampled_from(forms))


def add_nothing(draw: Any, document: dict[str, Any]) -> None:
    """A member without a value, or an index."""
    place = draw(st.sampled_from(places(document)))
    terms = [*place.context.active.terms, "@index", "anything", "@id", "@type"]
    name = draw(st.sampled_from(terms))
    nothing: list[Any] = [None, [], [None], {"@value": None}, {"@set": []}, "x"]
    place.object.setdefault(name, draw(st.sampled_from(nothing)))


def nest(draw: Any, document: dict[str, Any]) -> None:
    """A member in @nest, or an object in @included or @graph."""
    place = draw(st.sampled_from(places(document)))
    names = _members(place)
    if not names:
        return
    name = draw(st.sampled_from(names))
    how = draw(st.sampled_from(["@nest", "box", "@included", "@reverse", "@graph", "@set"]))
    value = place.object[name]
    if how in ("@nest", "box"):
        del place.object[name]
        place.object[how] = {name: value}
    elif how == "@included" and isinstance(value, dict) and "id" in value and len(value) > 1:
        place.object[name] = {"id": value["id"]}
        place.object["@included"] = [value]
    elif how == "@reverse" and isinstance(value, dict) and "id" in place.object:
        del place.object[name]
        place.object["@included"] = {**value, "@reverse": {name: {"id": place.object["id"]}}}
    elif how == "@graph":
        whole = {key: document.pop(key) for key in list(document) if key not in ("@context", "proof")}
        document["@graph"] = [whole]
    else:
        place.object[name] = {"@set": _listed(value)}


def move(draw: Any, document: dict[str, Any]) -> None:
    """Members of an object with an id, to another place where that id is named; or in two objects with it."""
    with_ids = [place for place in places(document) if isinstance(place.object.get("id"), str)]
    if not with_ids:
        return
    place = draw(st.sampled_from(with_ids))
    names = [name for name in _members(place) if name not in ("id", "proof")]
    if not names:
        return
    name = draw(st.sampled_from(names))
    others = [o for o in with_ids if o.object is not place.object and o.object["id"] == place.object["id"]]
    if others:
        plan = place.context.plans[name][3]
        item = place.object.pop(name)
        draw(st.sampled_from(others)).object[plan.iri or name] = expanded(plan, item)
        return
    for holder in places(document):
        for key, value in holder.object.items():
            if value is place.object:
                first = {key_: item for key_, item in value.items() if key_ != name}
                holder.object[key] = [first, {"id": value["id"], name: value[name]}]
                return
            if isinstance(value, list) and any(entry is place.object for entry in value):
                value.append({"id": place.object["id"], name: place.object.pop(name)})
                return


def respell(draw: Any, document: dict[str, Any]) -> None:
    """A reference, a type, a tag, a direction or a number in another way."""
    place = draw(st.sampled_from(places(document)))
    texts = [name for name in _members(place) if isinstance(place.object[name], str | list)]
    if not texts:
        return
    name = draw(st.sampled_from(texts))
    plan = place.outer.plans[name][3]

    def other(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        ways = [text, text.upper(), text.lower(), f"_:{text}", f" {text}"]
        for prefix, start in place.context.prefixes.items():
            if text.startswith(start):
                ways.append(f"{prefix}:{text[len(start) :]}")
        scoped = plan.enter(Loader(REGISTRY), keep=True) if plan.has_scope else place.outer
        if plan.iri == "@type" or plan.definition.type in ("@vocab", "@id"):
            ways += [scoped.expand_vocab_or_base(text) or text] * 3
        ways += ["ltr"] if text == "rtl" else ["rtl"] if text == "ltr" else []
        return draw(st.sampled_from(ways))

    value = place.object[name]
    place.object[name] = [other(item) for item in value] if isinstance(value, list) else other(value)


_CONTEXTS: tuple[Any, ...] = (
    EXAMPLES,
    FOREIGN,
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
    "https://w3id.org/security/data-integrity/v2",
    "https://www.w3.org/ns/did/v1",
    {"n": NS, "until": {"@id": "https://www.w3.org/2018/credentials#validUntil", "@type": XSD + "dateTime"}},
    {"@vocab": NS},
)


def change_contexts(draw: Any, document: dict[str, Any]) -> None:
    """A context more, at the top or below; or one less, with IRIs for the names that it gave."""
    found = places(document)
    how = draw(st.sampled_from(["more", "below", "less"]))
    if how == "more":
        document["@context"] = [*_listed(document.get("@context")), draw(st.sampled_from(_CONTEXTS))]
    elif how == "below":
        place = draw(st.sampled_from(found))
        place.object.setdefault("@context", draw(st.sampled_from(_CONTEXTS)))
    else:
        contexts = _listed(document.get("@context"))
        for place in found:
            if place.object is not document and any(p in place.path for p in ("/proof", "/verifiableCredential")):
                continue
            for name in _members(place):
                plan = place.context.plans[name][3]
                if (plan.iri or "").startswith((NS, "https://www.w3.org/ns/credentials/examples#")):
                    place.object[plan.iri or name] = expanded(plan, place.object.pop(name))
            for key in ("type",):
                if isinstance(place.object.get(key), str | list):
                    kinds = [place.outer.expand_vocab_or_base(kind) for kind in _listed(place.object[key])]
                    kept = _listed(place.object[key])
                    far = (NS, "https://www.w3.org/ns/credentials/examples#")
                    place.object[key] = [
                        iri if iri and iri.startswith(far) else kind for kind, iri in zip(kept, kinds, strict=True)
                    ]
        document["@context"] = contexts[:1]


def shuffle(draw: Any, document: dict[str, Any]) -> None:
    """Arrays and members in another order."""
    place = draw(st.sampled_from(places(document)))
    members = draw(st.permutations(list(place.object.items())))
    place.object.clear()
    place.object.update(
        (name, draw(st.permutations(item)) if isinstance(item, list) and name != "@context" else item)
        for name, item in members
    )


REWRITES: tuple[Callable[[Any, dict[str, Any]], None], ...] = (
    rename, rename, rename_all, wrap, wrap, add_nothing, nest, move, respell, change_contexts, shuffle,
)  # fmt: skip


@st.composite
def rewritten(draw: Any, document: dict[str, Any], most: int = 3) -> dict[str, Any]:
    """A document after some rewrites. Most leave its statements as they are; those that don't are refused anyway."""
    result = copy.deepcopy(document)
    for rewrite in draw(st.lists(st.sampled_from(REWRITES), min_size=1, max_size=most)):
        try:
            rewrite(draw, result)
        except (KeyError, TypeError, ValueError, AttributeError):
            break  # A rewrite before made something that this one can't be applied to.
    return result


def each_rename(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with one member under its IRI, for each member."""
    for number, place in enumerate(places(document)):
        for name in _members(place):
            again = copy.deepcopy(document)
            there = places(again)[number]
            plan = there.context.plans[name][3]
            item = there.object.pop(name)
            there.object[plan.iri or name] = item if (plan.iri or "").startswith("@") else expanded(plan, item)
            yield again
