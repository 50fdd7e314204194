"""Selecting by provenance is compared with the algorithms of vc-di-ecdsa 3.4, spelled out here with PyLD."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from contexts import CONTEXTS
from vc.linked_data import LinkedDataError, canonicalize_nquads, select_json_ld, to_dataset
from vc.linked_data.rdf.selection import parse_pointer

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]


def load(url: str, options: Any) -> dict[str, Any]:
    document = json.loads(CONTEXTS.raw(url))
    return {"contextUrl": None, "documentUrl": url, "document": document, "contentType": "application/ld+json"}


OPTIONS = {"base": "https://base.example/", "documentLoader": load}


# The specification's way.


def skolemize(expanded: Any, count: list[int]) -> Any:
    """skolemizeExpandedJsonLd (3.4.7)."""
    if isinstance(expanded, list):
        return [skolemize(item, count) for item in expanded]
    if not isinstance(expanded, dict) or "@value" in expanded:
        return expanded
    result = {key: skolemize(value, count) if key != "@type" else value for key, value in expanded.items()}
    if "@id" not in result:
        count[0] += 1
        result["@id"] = f"urn:bnid:{count[0]}"
    elif result["@id"].startswith("_:"):
        result["@id"] = "urn:bnid:" + result["@id"][2:]
    return result


def initial_selection(source: dict[str, Any]) -> dict[str, Any]:
    """createInitialSelection (3.4.11)."""
    selection = {}
    if isinstance(source.get("id"), str) and not source["id"].startswith("_:"):
        selection["id"] = source["id"]
    if "type" in source:
        selection["type"] = source["type"]
    return selection


def select(document: dict[str, Any], pointers: list[str]) -> dict[str, Any]:
    """selectJsonLd (3.4.13), arrays held as dicts by index until the end."""
    selection = {"@context": document["@context"], **initial_selection(document)}
    for pointer in pointers:
        value: Any = document
        selected: Any = selection
        parent, last = None, None
        for step in parse_pointer(pointer):
            key: Any = int(step) if isinstance(value, list) else step
            parent, last = selected, key
            value = value[key]
            if key not in selected:
                selected[key] = (
                    {} if isinstance(value, list) else initial_selection(value) if isinstance(value, dict) else value
                )
            selected = selected[key]
            if isinstance(selected, list):
                parent = None
                break
        if parent is not None:
            parent[last] = copy.deepcopy(value)
    dense: dict[str, Any] = densified(selection)
    return dense


def densified(value: Any) -> Any:
    if isinstance(value, dict):
        if value and all(isinstance(key, int) for key in value):
            return [densified(value[key]) for key in sorted(value)]
        return {key: densified(item) for key, item in value.items()}
    return value


def quads(document: dict[str, Any]) -> list[str]:
    """toDeskolemizedNQuads (3.4.10)."""
    text = jsonld.to_rdf(document, {**OPTIONS, "format": "application/n-quads"})
    return [re.sub(r"<urn:bnid:([^>]+)>", r"_:\1", line) + "\n" for line in text.split("\n") if line]


def by_the_specification(document: dict[str, Any], pointers: list[str]) -> tuple[list[str], set[str]]:
    """All lines and the selected ones, under the labels that skolemising gave."""
    skolemized = skolemize(jsonld.expand(document, OPTIONS), [0])
    compact = jsonld.compact(skolemized, document["@context"], OPTIONS)
    return quads(compact), set(quads(select(compact, pointers)))


# Documents in compact form, and pointers into them.

scalars = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4) | st.booleans() | st.integers(-99, 99)
properties = st.sampled_from(["p", "q", "r", "slash/ed", "til~de"])


def several(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(items, min_size=2, max_size=3, unique_by=json.dumps)


def nodes(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    values = scalars | several(scalars)
    if depth:
        inner = nodes(depth - 1)
        values = values | inner | several(inner)
    plain = st.dictionaries(properties, values, min_size=1, max_size=3)
    identity = st.fixed_dictionaries(
        {},
        optional={"id": st.integers(0, 9**9).map(lambda n: f"urn:x:{n}"), "type": st.sampled_from(["T", ["T", "U"]])},
    )
    return st.builds(lambda a, b: {**a, **b}, identity, plain)


credentials = st.builds(
    lambda subject, issuer, extra: {
        "@context": CONTEXT,
        **extra,
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": issuer,
        "credentialSubject": subject,
    },
    nodes(2),
    st.just("did:example:issuer") | st.just({"id": "did:example:issuer", "p": "a"}),
    st.fixed_dictionaries({}, optional={"id": st.just("urn:uuid:1"), "validFrom": st.just("2024-01-01T00:00:00Z")}),
)


def places(value: Any, path: str = "") -> list[str]:
    """The pointers into a document, without its context."""
    found = [path] if path else []
    items = (
        list(enumerate(value)) if isinstance(value, list) else list(value.items()) if isinstance(value, dict) else []
    )
    for key, item in items:
        if key != "@context":
            found += places(item, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(credentials, st.data())
def test_the_same_lines_are_selected(document: dict[str, Any], data: st.DataObject) -> None:
    pointers = data.draw(st.lists(st.sampled_from(places(document)), min_size=1, max_size=4, unique=True))
    everything, selected = by_the_specification(document, pointers)
    dataset = to_dataset(document, provenance=True)
    canonical = dataset.canonicalize()
    assert canonicalize_nquads("".join(everything)) == canonical.text

    # Selections are equal when they are once more: as datasets of their own, and marked within the whole.
    relabelled = dataset.relabel(canonical.labels)
    indexes = relabelled.select(pointers)
    ours = relabelled.canonicalize(indexes)
    assert ours.text == canonicalize_nquads("".join(selected))
    assert marked(relabelled.lines, {relabelled.lines[index] for index in indexes}) == marked(everything, selected)

    reveal = select_json_ld(document, pointers)
    assert reveal is not None
    assert to_dataset(reveal).canonicalize().lines == ours.lines


def marked(lines: list[str], chosen: set[str]) -> str:
    """The canonical form of all lines, with those chosen repeated in a graph of their own."""
    again = [re.sub(r" \.\n\Z", " <urn:chosen> .\n", line) for line in chosen]
    return canonicalize_nquads("".join([*lines, *again]))


@settings(max_examples=60, deadline=None)
@given(credentials, st.text(max_size=6))
def test_any_other_pointer_is_refused(document: dict[str, Any], pointer: str) -> None:
    if pointer in ("", *places(document), "/@context", "/@context/0", "/@context/1"):
        return
    relabelled = to_dataset(document, provenance=True).relabel(to_dataset(document).canonicalize().labels)
    for attempt in (lambda: relabelled.select([pointer]), lambda: select_json_ld(document, [pointer])):
        try:
            attempt()
        except LinkedDataError as error:
            assert error.code in ("pointer.form", "pointer.no_match")
        else:
            raise AssertionError(pointer)
