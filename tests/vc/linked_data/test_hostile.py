"""Whatever a document holds, it is canonicalised or refused with a LinkedDataError, within bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonld_lab import CONTEXTS_OF_LAB, LAB, LAB_CONTEXT, V2

from vc.linked_data import LinkedDataError, canonicalize, canonicalize_nquads, to_dataset
from vc.linked_data.jsonld.term_definition import KEYWORDS

keys = st.sampled_from(
    [*sorted(KEYWORDS), *LAB_CONTEXT["@context"], "@foo", "ex:x", "_:b", "urn:x:y", "x y", "", "a:", "~/"]
)
texts = st.sampled_from(
    ["@id", "@json", "urn:x", "en", "ltr", "ex:a", "_:b", "red", "Own", "u:/", "#", "", LAB, V2, "\ud800"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.text(max_size=3)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)
entries = st.sampled_from(
    ["@id", "@type", "@container", "@context", "@reverse", "@nest", "@index", "@language", "@prefix"]
)
definitions = st.dictionaries(
    entries, values | st.sampled_from(["@list", ["@graph", "@id"], "@index", "@vocab", "u:x", True]), max_size=3
)
inline = st.dictionaries(keys | st.sampled_from(["t", "u"]), definitions | texts, max_size=4)
contexts = st.sampled_from([LAB, [V2, LAB], LAB, None]) | st.lists(st.sampled_from([LAB, V2]) | inline, max_size=2)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(contexts, st.dictionaries(keys | st.text(max_size=3), values, max_size=5))
def test_any_json_is_canonicalised_or_refused(context: Any, members: dict[str, Any]) -> None:
    document = {"@context": context, **members}
    try:
        dataset = to_dataset(document, contexts=CONTEXTS_OF_LAB, provenance=True)
    except LinkedDataError as error:
        assert all(problem.title and problem.pointer[:1] in ("", "/") for problem in error.problems)
        with pytest.raises(LinkedDataError):
            canonicalize(document, contexts=CONTEXTS_OF_LAB)
    else:
        canonical = dataset.canonicalize()
        assert canonicalize(document, contexts=CONTEXTS_OF_LAB) == canonical.text
        assert canonicalize_nquads(canonical.text) == canonical.text
        relabelled = dataset.relabel(canonical.labels)
        assert relabelled.select([""]) == list(range(len(relabelled.lines)))


def nested(keyword: str, depth: int) -> dict[str, Any]:
    value: Any = {"p": 1}
    for _ in range(depth):
        value = {keyword: value}
    return {"@context": {"@vocab": "u:v#"}, **value}


def array(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def scoped(depth: int) -> Any:
    context: Any = {}
    for level in range(depth):
        context = {f"t{level}": {"@id": f"u:{level}", "@context": context}}
    return context


DEEP: list[tuple[str, dict[str, Any]]] = [
    ("properties", nested("p", 3000)),
    ("graphs", nested("@graph", 3000)),
    ("nests", nested("@nest", 3000)),
    ("included nodes", nested("@included", 3000)),
    ("sets", nested("@set", 3000)),
    ("reverse properties", {"@context": {"@vocab": "u:v#"}, "p": nested("@reverse", 3000)}),
    ("arrays", {"@context": {"@vocab": "u:v#"}, "p": array(3000)}),
    ("lists", {"@context": {"@vocab": "u:v#", "p": {"@container": "@list"}}, "p": array(3000)}),
    ("JSON literals", {"@context": {"@vocab": "u:v#", "p": {"@type": "@json"}}, "p": array(3000)}),
    ("contexts in a list", {"@context": array(3000), "u:p": 1}),
    ("scoped contexts", {"@context": scoped(2000), "u:p": 1}),
    ("prefixes", {"@context": {f"p{n}": f"p{n + 1}:x" for n in range(2000)} | {"p2000": "u:"}, "u:p": 1}),
]


@pytest.mark.parametrize("document", [row[1] for row in DEEP], ids=[row[0] for row in DEEP])
def test_deep_nesting_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(LinkedDataError) as caught:
        canonicalize(document)
    assert caught.value.code in ("jsonld.limit", "jsonld.invalid", "context.invalid")


def test_too_many_nodes_are_refused() -> None:
    with pytest.raises(LinkedDataError) as caught:
        canonicalize({"@context": {"@vocab": "u:v#"}, "p": [{}] * 100_001})
    assert caught.value.code == "jsonld.limit"


def test_a_graph_made_to_take_for_ever_is_refused() -> None:
    clique = [{"@id": f"_:n{a}", "p": [{"@id": f"_:n{b}"} for b in range(10) if b != a]} for a in range(10)]
    document = {"@context": {"@vocab": "u:v#"}, "@graph": clique}
    for attempt in (lambda: canonicalize(document), lambda: to_dataset(document).canonicalize("sha384")):
        with pytest.raises(LinkedDataError) as caught:
            attempt()
        assert caught.value.code == "rdfc.budget"


def test_problems_are_counted_too() -> None:
    with pytest.raises(LinkedDataError) as caught:
        canonicalize({"@context": V2, **{f"undefined{number}": 1 for number in range(5000)}})
    assert len(caught.value.problems) == 100
