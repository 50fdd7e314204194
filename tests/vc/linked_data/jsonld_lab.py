"""A context with everything in it, documents over it, and two other processors to compare with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pyoxigraph
from hypothesis import strategies as st
from pyld import jsonld

from contexts import CONTEXTS, ContextRegistry

V2 = "https://www.w3.org/ns/credentials/v2"
LAB = "https://lab.example/context"
IMPORTED = "https://lab.example/imported"
XSD = "http://www.w3.org/2001/XMLSchema#"

IMPORTED_CONTEXT = {
    "@context": {
        "@version": 1.1,
        "imported": "https://lab.example/ns#imported",
        "overridden": "https://lab.example/ns#wrong",
    }
}
LAB_CONTEXT = {
    "@context": {
        "@version": 1.1,
        "@import": IMPORTED,
        "overridden": {"@id": "https://lab.example/ns#right", "@type": "@id"},
        "ex": "https://lab.example/ns#",
        "notPrefix": {"@id": "https://lab.example/no#"},
        "forced": {"@id": "https://lab.example/forced/", "@prefix": True},
        "id": "@id",
        "ident": "@id",
        "type": "@type",
        "kind": "@type",
        "val": "@value",
        "lang": "@language",
        "graphOf": "@graph",
        "none": "@none",
        "text": "ex:text",
        "german": {"@id": "ex:german", "@language": "DE"},
        "neutral": {"@id": "ex:neutral", "@language": None},
        "date": {"@id": "ex:date", "@type": f"{XSD}date"},
        "count": {"@id": "ex:count", "@type": f"{XSD}integer"},
        "real": {"@id": "ex:real", "@type": f"{XSD}double"},
        "string": {"@id": "ex:string", "@type": f"{XSD}string"},
        "anything": {"@id": "ex:anything", "@type": "@none"},
        "ref": {"@id": "ex:ref", "@type": "@id"},
        "word": {"@id": "ex:word", "@type": "@vocab"},
        "red": "ex:colours/red",
        "names": {"@id": "ex:names", "@container": "@language"},
        "titles": {"@id": "ex:titles", "@container": ["@language", "@set"]},
        "tags": {"@id": "ex:tags", "@container": "@set"},
        "list": {"@id": "ex:list", "@container": "@list"},
        "refs": {"@id": "ex:refs", "@container": "@list", "@type": "@id"},
        "json": {"@id": "ex:json", "@type": "@json"},
        "graph": {"@id": "ex:graph", "@container": "@graph", "@type": "@id"},
        "graphById": {"@id": "ex:graphById", "@container": ["@graph", "@id"]},
        "graphByIndex": {"@id": "ex:graphByIndex", "@container": ["@graph", "@index", "@set"]},
        "byIndex": {"@id": "ex:byIndex", "@container": "@index"},
        "byProperty": {"@id": "ex:byProperty", "@container": "@index", "@index": "text"},
        "byId": {"@id": "ex:byId", "@container": "@id"},
        "byType": {"@id": "ex:byType", "@container": "@type"},
        "nest": "@nest",
        "nested": {"@id": "ex:nested", "@nest": "nest"},
        "partOf": {"@reverse": "ex:has", "@type": "@id"},
        "part": "ex:part",
        "protectedTerm": {"@id": "ex:protected", "@protected": True},
        "scoped": {
            "@id": "ex:scoped",
            "@context": {
                "text": "ex:scopedText",
                "deeper": {"@id": "ex:deeper", "@context": {"text": "ex:deepText", "@language": "fr"}},
            },
        },
        "purpose": {
            "@id": "ex:purpose",
            "@type": "@vocab",
            "@context": {"sign": "ex:signing", "text": "ex:purposeText"},
        },
        "Plain": "ex:Plain",
        "Own": {
            "@id": "ex:Own",
            "@context": {
                "text": "ex:ownText",
                "own": {"@id": "ex:own", "@context": {"text": "ex:withinOwn"}},
                "identity": "@id",
            },
        },
        "Kept": {"@id": "ex:Kept", "@context": {"@propagate": True, "text": {"@id": "ex:keptText", "@language": "en"}}},
        "Other": {
            "@id": "ex:Other",
            "@context": {"text": {"@id": "ex:otherText", "@type": f"{XSD}token"}, "@vocab": "ex:v/"},
        },
    }
}


def registry() -> ContextRegistry:
    """The installed contexts and the laboratory's."""
    contexts = CONTEXTS
    for url, context in ((LAB, LAB_CONTEXT), (IMPORTED, IMPORTED_CONTEXT)):
        content = json.dumps(context).encode()
        contexts = contexts.with_context(url, content, hashlib.sha256(content).hexdigest())
    return contexts


CONTEXTS_OF_LAB = registry()


def by_pyld(document: Any, contexts: ContextRegistry = CONTEXTS_OF_LAB) -> str:
    """Canonical N-Quads by PyLD, which fetches nothing."""

    def load(url: str, options: Any) -> dict[str, Any]:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": json.loads(contexts.raw(url)),
            "contentType": "application/ld+json",
        }

    options = {
        "base": "https://base.example/",
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": load,
    }
    text: str = jsonld.normalize(json.loads(json.dumps(document)), options)
    return text


def by_pyoxigraph(document: Any, contexts: ContextRegistry = CONTEXTS_OF_LAB, *, sha384: bool = False) -> str:
    """Canonical N-Quads by pyoxigraph, with the contexts written into the document."""
    quads = pyoxigraph.parse(json.dumps(_inlined(document, contexts)), format=pyoxigraph.RdfFormat.JSON_LD)
    dataset = pyoxigraph.Dataset(quads)
    algorithm = pyoxigraph.CanonicalizationAlgorithm
    dataset.canonicalize(algorithm.RDFC_1_0_SHA_384 if sha384 else algorithm.RDFC_1_0_SHA_256)
    lines = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS)
    assert lines is not None
    return "".join(sorted(line + "\n" for line in lines.decode().split("\n") if line))


def _inlined(value: Any, contexts: ContextRegistry) -> Any:
    if isinstance(value, list):
        return [_inlined(item, contexts) for item in value]
    if isinstance(value, dict):
        return {
            key: _inlined_context(item, contexts) if key == "@context" else _inlined(item, contexts)
            for key, item in value.items()
        }
    return value


def _inlined_context(value: Any, contexts: ContextRegistry) -> Any:
    if isinstance(value, str):
        return _inlined_context(contexts.get(value)["@context"], contexts)
    if isinstance(value, list):
        return [_inlined_context(item, contexts) for item in value]
    if isinstance(value, dict) and "@import" in value:
        value = {**IMPORTED_CONTEXT["@context"], **value}
        return {key: item for key, item in value.items() if key != "@import"}
    return value


# Documents.

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    [
        'quote "',
        "back\\slash",
        "line\nfeed",
        "cr\r",
        "tab\t",
        "\b\f",
        "\x00\x1f\x7f\x80",
        "😀",
        "￾",
        "\\u0041",
        "_:b0",
        "张三",
    ]
)
plain_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ['quote "', "back\\slash", "line\nfeed", "cr\r", "tab\t", "😀", "\\u0041", "_:b0", "张三"]
)
blank_ids = st.sampled_from(["_:x", "_:y", "_:b0"])
iris = st.sampled_from(
    [
        "https://a.example/1",
        "urn:uuid:2",
        "did:example:3#k",
        "ex:four",
        "forced:five",
        "https://a.example/?q=ü",
    ]
)
ids = iris | blank_ids
integers = st.integers(-(2**53), 2**53) | st.sampled_from([0, 10**20, 10**21])
numbers = (
    integers | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1e-7, 1.0, -0.0, 1e21, 0.1, 1e20])
)
words = st.sampled_from(["red", "Plain", "ex:word", "https://a.example/word"])
types = st.sampled_from(["Plain", "Own", "Kept", "Other", "ex:Thing", "https://a.example/Type"])
languages = st.sampled_from(["en", "de-at", "zh-hans"])
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def one_or_more(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return items | st.lists(items, max_size=3)


def value_objects(strings: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(lambda v: {"@value": v}, strings | st.booleans()),
        st.builds(
            lambda v, t: {"val": v, "@type": t}, strings, st.sampled_from(["ex:dt", f"{XSD}date", f"{XSD}string"])
        ),
        st.builds(lambda v, n: {"val": v, "lang": n}, strings, languages),
        st.builds(lambda v: {"@value": v, "@type": "@json"}, json_values),
    )


def nodes(
    strings: st.SearchStrategy[str], numbers: st.SearchStrategy[Any], *, depth: int
) -> st.SearchStrategy[dict[str, Any]]:
    """Node objects with all sorts of properties."""
    literals = strings | st.booleans() | numbers
    members: dict[str, st.SearchStrategy[Any]] = {
        "id": ids,
        "type": types | st.lists(types, min_size=1, max_size=3),
        "text": one_or_more(literals | value_objects(strings)),
        "german": one_or_more(literals),
        "neutral": strings,
        "date": one_or_more(strings),
        "count": one_or_more(numbers | strings),
        "real": numbers,
        "string": literals,
        "anything": literals,
        "ref": one_or_more(ids),
        "word": one_or_more(words),
        "names": st.dictionaries(languages | st.just("@none"), one_or_more(strings), max_size=2),
        "titles": st.dictionaries(languages | st.just("none"), one_or_more(strings), max_size=2),
        "tags": one_or_more(literals | st.none()) | st.builds(lambda v: {"@set": v}, st.lists(strings, max_size=2)),
        "list": one_or_more(literals | value_objects(strings) | st.lists(strings, max_size=2)),
        "refs": st.lists(ids, max_size=3),
        "json": json_values,
        "ex:compact": literals,
        "https://a.example/full": literals,
        "imported": strings,
        "overridden": iris,
        "protectedTerm": strings,
        "purpose": st.just("sign") | words,
    }
    if depth > 0:
        inner = st.deferred(lambda: nodes(strings, numbers, depth=depth - 1))
        said = inner.map(lambda node: {**node, "text": "said"})
        members |= {
            "part": one_or_more(inner | value_objects(strings)),
            "scoped": one_or_more(inner | st.builds(lambda n: {"deeper": n}, inner)),
            "own": inner,
            "list": one_or_more(inner | strings | st.builds(lambda v: {"@list": v}, st.lists(strings, max_size=2))),
            "graph": one_or_more(said),
            "graphById": st.dictionaries(ids, one_or_more(said), max_size=2),
            "graphByIndex": st.dictionaries(st.sampled_from(["a", "none"]), one_or_more(said), max_size=2),
            "byIndex": st.dictionaries(st.just("a"), one_or_more(inner | strings), max_size=1),
            "byProperty": st.dictionaries(st.sampled_from(["a", "b"]), one_or_more(inner), max_size=2),
            "byId": st.dictionaries(ids, said, max_size=2),
            "byType": st.dictionaries(types, one_or_more(inner), max_size=1),
            "partOf": one_or_more(inner | iris),
            "@included": one_or_more(said),
            "nest": one_or_more(
                st.fixed_dictionaries({}, optional={"text": strings, "nested": literals, "part": inner})
            ),
            "graphOf": one_or_more(said),
            "@reverse": st.fixed_dictionaries({"ref": ids}, optional={"part": one_or_more(inner)}),
        }
    chosen = st.lists(st.sampled_from(sorted(members)), unique=True, max_size=4)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: members[key] for key in keys})).filter(_sound)


def in_order(value: Any) -> Any:
    """The same document with types first, as a streaming processor wants it."""
    if isinstance(value, list):
        return [in_order(item) for item in value]
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: {"@context": 0, "type": 1, "id": 2}.get(key, 3))
        return {key: in_order(value[key]) for key in keys}
    return value


def _sound(node: dict[str, Any]) -> bool:
    """Leave out what only a type's own context defines, and what that context redefines into a loss."""
    return "own" not in node or "Own" in _types(node)


def _types(node: dict[str, Any]) -> list[str]:
    value = node.get("type", [])
    return value if isinstance(value, list) else [value]


def documents(
    strings: st.SearchStrategy[str], numbers: st.SearchStrategy[Any] = numbers
) -> st.SearchStrategy[dict[str, Any]]:
    """Documents over the laboratory's context, some under credentials/v2 as well."""
    contexts = st.sampled_from([LAB, [LAB], [V2, LAB]])
    return st.builds(
        lambda context, node: {"@context": context, **node},
        contexts,
        nodes(strings, numbers, depth=2).filter(lambda n: not n.keys() <= {"id"}),
    )


# What the quick way by templates is for.

_simple = {
    "text": texts | st.lists(texts, max_size=3),
    "german": texts | st.booleans() | st.integers(-9, 9) | st.none(),
    "date": texts,
    "real": st.floats() | st.integers(0, 9),
    "ref": st.one_of(iris, st.lists(iris, max_size=3), texts, ids),
    "word": words | st.lists(words, max_size=2) | texts,
    "names": st.dictionaries(languages | st.sampled_from(["@none", "none", "id", "no tag"]), texts, max_size=3),
    "undefined": st.none() | texts,
    "json": st.none(),
    "val": st.none() | texts,
    "ex:text": texts,
}


def trees(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Trees of nodes as most credentials are, and some that are not quite."""
    members: dict[str, st.SearchStrategy[Any]] = dict(_simple)
    if depth:
        inner = st.deferred(lambda: trees(depth - 1))
        members |= {name: inner | st.lists(inner | texts, max_size=3) for name in ("part", "ref", "scoped", "own")}
    common = [name for name in members if name not in ("undefined", "json", "val", "ex:text", "own", "scoped")]
    keys = st.lists(st.sampled_from(common), unique=True, max_size=4) | st.lists(
        st.sampled_from(sorted(members)), unique=True, max_size=3
    )
    types = st.sampled_from(["Plain", "Own", ["Plain", "Other"], ["Kept", "Plain"], ["ex:A", "ex:A"], [], "_:t", "no"])
    return keys.flatmap(
        lambda names: st.fixed_dictionaries(
            {name: members[name] for name in names}, optional={"id": ids, "type": types, "@id": iris}
        )
    )


def with_other_texts(value: Any, turned: Callable[[str], str]) -> Any:
    """The same document with other texts; names, types and contexts stay."""
    if isinstance(value, dict):
        return {
            name: item if name in ("@context", "type", "@type") else with_other_texts(item, turned)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [with_other_texts(item, turned) for item in value]
    return turned(value) if isinstance(value, str) else value


def places(value: Any, path: str = "") -> list[str]:
    """The JSON pointers into a document."""
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            found += places(item, f"{path}/{position}")
    return found
