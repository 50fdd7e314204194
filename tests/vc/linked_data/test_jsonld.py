"""What JSON-LD means here, feature by feature, and what is refused with the place where it stands."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import orjson
import pytest
from jsonld_lab import CONTEXTS_OF_LAB, LAB, V2

from contexts import CONTEXTS, ContextError, ContextRegistry
from vc.linked_data import LinkedDataError, canonicalize, canonicalize_nquads, contexts_known, to_dataset
from vc.problems import PROBLEMS

XSD = "http://www.w3.org/2001/XMLSchema#"
NS = "https://lab.example/ns#"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
ID = "https://a.example/1"


def lines(document: dict[str, Any], context: Any = LAB) -> list[str]:
    """The quads without the final " .", with short names."""
    text = canonicalize({"@context": context, **document}, contexts=CONTEXTS_OF_LAB)
    for long, short in ((NS, "ex:"), (XSD, "xsd:"), ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf:")):
        text = text.replace(f"<{long}", f"<{short}")
    return sorted(line[:-2] for line in text.split("\n") if line)


def of_one(document: dict[str, Any], context: Any = LAB) -> list[str]:
    """The quads of a document about one node, without their subject."""
    return sorted(line.split(" ", 1)[1] for line in lines({"id": ID, **document}, context))


ONE_NODE: list[tuple[str, dict[str, Any], list[str]]] = [
    ("a string", {"text": "a"}, ['<ex:text> "a"']),
    ("a term's own language, in lower case", {"german": "a"}, ['<ex:german> "a"@de']),
    ("a number has no language", {"german": 1}, ['<ex:german> "1"^^<xsd:integer>']),
    ("a language of null", {"neutral": "a"}, ['<ex:neutral> "a"']),
    ("a datatype", {"date": "2024-01-01"}, ['<ex:date> "2024-01-01"^^<xsd:date>']),
    ("xsd:string is not written", {"string": "a"}, ['<ex:string> "a"']),
    ("a number coerced to a string", {"string": 1}, ['<ex:string> "1"']),
    ("booleans", {"tags": [True, False]}, ['<ex:tags> "false"^^<xsd:boolean>', '<ex:tags> "true"^^<xsd:boolean>']),
    ("a coerced boolean", {"date": True}, ['<ex:date> "true"^^<xsd:date>']),
    ("an integer", {"text": -5}, ['<ex:text> "-5"^^<xsd:integer>']),
    ("an integral float", {"text": 5.0}, ['<ex:text> "5"^^<xsd:integer>']),
    ("minus zero", {"text": -0.0}, ['<ex:text> "0"^^<xsd:integer>']),
    ("a double", {"text": 0.1}, ['<ex:text> "1.0E-1"^^<xsd:double>']),
    ("a tiny double", {"text": 1e-7}, ['<ex:text> "1.0E-7"^^<xsd:double>']),
    ("a double of many digits", {"text": 5.3e-324}, ['<ex:text> "4.940656458412465E-324"^^<xsd:double>']),
    ("1e20 is an integer", {"text": 1e20}, ['<ex:text> "100000000000000000000"^^<xsd:integer>']),
    ("1e21 is a double", {"text": 1e21}, ['<ex:text> "1.0E21"^^<xsd:double>']),
    ("10**21 is a double", {"text": 10**21}, ['<ex:text> "1.0E21"^^<xsd:double>']),
    ("an integer coerced to a double", {"real": 5}, ['<ex:real> "5.0E0"^^<xsd:double>']),
    ("a double coerced to an integer", {"count": 5.5}, ['<ex:count> "5.5E0"^^<xsd:integer>']),
    ("a string keeps its text, whatever its datatype", {"real": "1.50"}, ['<ex:real> "1.50"^^<xsd:double>']),
    ("and even where that is no such value", {"count": "five"}, ['<ex:count> "five"^^<xsd:integer>']),
    ("type @none", {"anything": "a"}, ['<ex:anything> "a"']),
    ("a reference", {"ref": "urn:x:1"}, ["<ex:ref> <urn:x:1>"]),
    ("a compact IRI", {"ref": "ex:b"}, ["<ex:ref> <ex:b>"]),
    (
        "a term that is a prefix only if it says so",
        {"ref": ["notPrefix:b", "forced:b"]},
        ["<ex:ref> <https://lab.example/forced/b>", "<ex:ref> <notPrefix:b>"],
    ),
    ("no term in a reference", {"ref": "urn:red"}, ["<ex:ref> <urn:red>"]),
    ("a term of the vocabulary", {"word": ["red", "urn:x:2"]}, ["<ex:word> <ex:colours/red>", "<ex:word> <urn:x:2>"]),
    (
        "a language map",
        {"names": {"EN": "a", "de": ["b", None], "@none": "c"}},
        ['<ex:names> "a"@en', '<ex:names> "b"@de', '<ex:names> "c"'],
    ),
    ("a string under a language map", {"names": "a"}, ['<ex:names> "a"']),
    ("an alias of @none", {"titles": {"none": "a"}}, ['<ex:titles> "a"']),
    ("null is nothing", {"text": None, "tags": [None], "ref": None, "names": {"en": None}, "text2": []}, []),
    ("an empty list is rdf:nil", {"list": []}, ["<ex:list> <rdf:nil>"]),
    ("a list of null is no list", {"list": None, "text": "a"}, ['<ex:text> "a"']),
    (
        "a JSON literal",
        {"json": {"b": [1.0, None], "a": "é\n"}},
        ['<ex:json> "{\\"a\\":\\"é\\\\n\\",\\"b\\":[1,null]}"^^<rdf:JSON>'],
    ),
    ("a JSON literal of null", {"json": None}, ['<ex:json> "null"^^<rdf:JSON>']),
    ("a value object", {"text": {"@value": "a", "@language": "EN-gb"}}, ['<ex:text> "a"@en-gb']),
    ("a value object under aliases", {"text": {"val": "a", "lang": "en"}}, ['<ex:text> "a"@en']),
    ("a value object is not coerced", {"date": {"@value": "a"}}, ['<ex:date> "a"']),
    ("a typed value object", {"text": {"@value": 1, "@type": "ex:t"}}, ['<ex:text> "1"^^<ex:t>']),
    ("a JSON value object", {"text": {"@value": [1], "@type": "@json"}}, ['<ex:text> "[1]"^^<rdf:JSON>']),
    ("a set object", {"text": {"@set": ["a", {"@value": "b"}]}}, ['<ex:text> "a"', '<ex:text> "b"']),
    ("nested arrays", {"text": [["a"], [["b"]]]}, ['<ex:text> "a"', '<ex:text> "b"']),
    (
        "types",
        {"type": ["Plain", "ex:T", "urn:x:t"]},
        ["<rdf:type> <ex:Plain>", "<rdf:type> <ex:T>", "<rdf:type> <urn:x:t>"],
    ),
    ("an alias of @type", {"kind": "Plain", "type": "ex:T"}, ["<rdf:type> <ex:Plain>", "<rdf:type> <ex:T>"]),
    ("an imported term", {"imported": "a", "overridden": "urn:x:1"}, ['<ex:imported> "a"', "<ex:right> <urn:x:1>"]),
    ("a full IRI as property", {"urn:x:p": "a"}, ['<urn:x:p> "a"']),
    ("a scoped vocabulary", {"purpose": "sign"}, ["<ex:purpose> <ex:signing>"]),
    ("a type's own context", {"type": "Own", "text": "a"}, ["<rdf:type> <ex:Own>", '<ex:ownText> "a"']),
    (
        "contexts of types by the order of their names",
        {"type": ["Own", "Kept"], "text": "a"},
        ["<rdf:type> <ex:Kept>", "<rdf:type> <ex:Own>", '<ex:ownText> "a"'],
    ),
    ("nested values", {"nest": [{"text": "a"}, {"nested": "b"}]}, ['<ex:nested> "b"', '<ex:text> "a"']),
    ("the same thing twice", {"text": ["a", "a", {"@value": "a"}]}, ['<ex:text> "a"']),
]


@pytest.mark.parametrize(("document", "expected"), [row[1:] for row in ONE_NODE], ids=[row[0] for row in ONE_NODE])
def test_one_node(document: dict[str, Any], expected: list[str]) -> None:
    document = {"urn:keep": "", **{key: value for key, value in document.items() if key != "text2"}}
    assert of_one(document) == sorted([*expected, '<urn:keep> ""'])


def test_nodes_are_linked() -> None:
    found = lines({"id": ID, "part": [{"id": "urn:x:2", "text": "b"}, {"text": "c"}, {}]})
    assert found == [
        f"<{ID}> <ex:part> <urn:x:2>",
        f"<{ID}> <ex:part> _:c14n0",
        f"<{ID}> <ex:part> _:c14n1",
        '<urn:x:2> <ex:text> "b"',
        '_:c14n1 <ex:text> "c"',
    ] or found == [
        f"<{ID}> <ex:part> <urn:x:2>",
        f"<{ID}> <ex:part> _:c14n0",
        f"<{ID}> <ex:part> _:c14n1",
        '<urn:x:2> <ex:text> "b"',
        '_:c14n0 <ex:text> "c"',
    ]


def test_a_type_scoped_context_does_not_reach_into_other_nodes_unless_it_propagates() -> None:
    own = lines({"type": "Own", "part": {"text": "a"}})
    kept = lines({"type": "Kept", "part": {"text": "a"}})
    assert any('<ex:text> "a"' in line for line in own)
    assert any('<ex:keptText> "a"@en' in line for line in kept)


def test_a_type_scoped_context_holds_for_references_and_value_objects() -> None:
    context = {"T": {"@id": "u:T", "@context": {"key": "@id", "v": "@value", "p": "u:p"}}}
    assert lines({"@type": "T", "p": [{"key": "urn:x:1"}, {"v": "a"}]}, context) == [
        "_:c14n0 <rdf:type> <u:T>",
        '_:c14n0 <u:p> "a"',
        "_:c14n0 <u:p> <urn:x:1>",
    ]


def test_a_property_scoped_context_holds_inside_and_below() -> None:
    found = lines({"scoped": {"text": "a", "deeper": {"text": "b"}, "part": {"text": "c"}}})
    assert [line.split(" ", 1)[1] for line in found if '"' in line] != []
    text = "\n".join(found)
    assert '<ex:scopedText> "a"' in text
    assert '<ex:deepText> "b"@fr' in text
    assert '<ex:scopedText> "c"' in text


def test_a_property_scoped_context_applies_after_the_type_scoped_one_is_left() -> None:
    text = "\n".join(lines({"type": "Own", "own": {"text": "a", "part": {"text": "b"}}}))
    assert '<ex:withinOwn> "a"' in text
    assert '<ex:withinOwn> "b"' in text


def test_lists_of_values_nodes_and_lists() -> None:
    found = lines({"id": ID, "list": ["a", {"id": "urn:x:2"}, ["b"], {"@list": []}, {"@set": ["c"]}]})
    assert len([line for line in found if "<rdf:first>" in line]) == 7
    assert len([line for line in found if "<rdf:rest> <rdf:nil>" in line]) == 3
    assert any("<rdf:first> <rdf:nil>" in line for line in found)


def test_graphs() -> None:
    assert lines({"@graph": [{"id": ID, "text": "a"}]}) == [f'<{ID}> <ex:text> "a"']
    assert lines({"id": "urn:x:g", "graphOf": {"id": ID, "text": "a"}}) == [f'<{ID}> <ex:text> "a" <urn:x:g>']
    assert lines({"id": "urn:x:0", "graph": {"id": ID, "text": "a"}}) == [
        f'<{ID}> <ex:text> "a" _:c14n0',
        "<urn:x:0> <ex:graph> _:c14n0",
    ]
    assert lines({"id": "urn:x:0", "graphById": {"urn:x:g": {"id": ID, "text": "a"}}}) == [
        f'<{ID}> <ex:text> "a" <urn:x:g>',
        "<urn:x:0> <ex:graphById> <urn:x:g>",
    ]


@pytest.mark.parametrize("beside", [{}, {"nest": {}}, {"nest": [{}, {"nest": {}}]}, {"text": None}])
def test_a_graph_of_which_nothing_else_is_said_is_the_default_graph(beside: dict[str, Any]) -> None:
    assert lines({**beside, "graphOf": {"id": ID, "text": "a"}}) == [f'<{ID}> <ex:text> "a"']


@pytest.mark.parametrize("beside", [{"nest": {"nested": "b"}}, {"text": "b"}])
def test_a_graph_of_which_something_is_said_has_a_name(beside: dict[str, Any]) -> None:
    assert f'<{ID}> <ex:text> "a" _:c14n0' in lines({**beside, "graphOf": {"id": ID, "text": "a"}})


def test_maps_by_id_type_and_index() -> None:
    assert lines({"id": ID, "byId": {"urn:x:2": {"text": "a"}, "@none": {"id": "urn:x:3"}}}) == [
        f"<{ID}> <ex:byId> <urn:x:2>",
        f"<{ID}> <ex:byId> <urn:x:3>",
        '<urn:x:2> <ex:text> "a"',
    ]
    assert lines(
        {"id": ID, "byType": {"Own": {"id": "urn:x:2", "text": "a"}, "Plain": {"id": "urn:x:3", "text": "b"}}}
    ) == [
        f"<{ID}> <ex:byType> <urn:x:2>",
        f"<{ID}> <ex:byType> <urn:x:3>",
        '<urn:x:2> <ex:ownText> "a"',
        "<urn:x:2> <rdf:type> <ex:Own>",
        '<urn:x:3> <ex:text> "b"',
        "<urn:x:3> <rdf:type> <ex:Plain>",
    ]
    assert lines({"id": ID, "byProperty": {"k": {"id": "urn:x:2", "type": "Own"}}}) == [
        f"<{ID}> <ex:byProperty> <urn:x:2>",
        '<urn:x:2> <ex:text> "k"',
        "<urn:x:2> <rdf:type> <ex:Own>",
    ]


def test_reverse_properties_and_included_nodes() -> None:
    expected = [f"<urn:x:2> <ex:has> <{ID}>"]
    assert lines({"id": ID, "partOf": "urn:x:2"}) == expected
    assert lines({"id": ID, "@reverse": {"ex:has": {"id": "urn:x:2"}}}) == expected
    assert lines({"id": "urn:x:2", "@reverse": {"partOf": {"id": ID}}}) == expected
    assert lines({"id": ID, "text": "a", "@included": [{"id": "urn:x:2", "text": "b"}]}) == [
        f'<{ID}> <ex:text> "a"',
        '<urn:x:2> <ex:text> "b"',
    ]


def test_one_blank_node_may_be_described_in_several_places() -> None:
    assert lines({"id": "_:a", "text": "x", "part": {"id": "_:b", "part": {"id": "_:a", "german": "y"}}}) == [
        '_:c14n0 <ex:german> "y"@de',
        "_:c14n0 <ex:part> _:c14n1",
        '_:c14n0 <ex:text> "x"',
        "_:c14n1 <ex:part> _:c14n0",
    ]


def test_a_base_of_the_documents_own() -> None:
    context = {"@base": "https://a.example/b/", "p": {"@id": "u:p", "@type": "@id"}}
    assert lines({"@id": "c", "p": ["../d", "#e", "//f.example/", ""]}, context) == [
        "<https://a.example/b/c> <u:p> <https://a.example/b/#e>",
        "<https://a.example/b/c> <u:p> <https://a.example/b/>",
        "<https://a.example/b/c> <u:p> <https://a.example/d>",
        "<https://a.example/b/c> <u:p> <https://f.example/>",
    ]


def test_every_character_is_quoted_as_canonical_n_quads_ask() -> None:
    for code in (*range(0x180), 0x2028, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600, 0x1FFFE, 0x10FFFF):
        character = chr(code)
        short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}.get(code)
        if short is None:
            short = f"\\u{code:04X}" if code < 0x20 or code in (0x7F, 0xFFFE, 0xFFFF) else character
        expected = f'<{ID}> <u:p> "{short}" .\n'
        assert canonicalize({"@id": ID, "u:p": character}) == expected
        assert to_dataset({"@id": ID, "u:p": character}).canonicalize().text == expected
        assert canonicalize_nquads(expected) == expected


def test_text_that_looks_like_an_escape_is_text() -> None:
    assert canonicalize({"@id": ID, "u:p": "\\u0041 \\n"}) == f'<{ID}> <u:p> "\\\\u0041 \\\\n" .\n'


def test_what_rdf_does_not_carry_is_told() -> None:
    context = {"d": {"@id": "u:d", "@direction": "rtl"}, "i": {"@id": "u:i", "@container": "@index"}, "@vocab": "u:v#"}
    dataset = to_dataset(
        {
            "@context": context,
            "d": "a",
            "p": [{"@value": "b", "@direction": "ltr"}, "c"],
            "i": {"k": "d"},
            "q": {"@index": "x", "p": "e"},
            "n": [0.1, 0.30000000000000004, {"@value": 1.0000000000000002}],
        }
    )
    assert dataset.unsigned == ("/i/k", "/q/@index", "/n/1", "/n/2")
    assert to_dataset({"@context": V2, "type": "VerifiableCredential"}).unsigned == ()


I18N = "https://www.w3.org/ns/i18n#"
DIRECTED: list[tuple[str, dict[str, Any], str]] = [
    # The first two: w3c/json-ld-api at 92f0770, tests/toRdf/di09 and di10 (W3C Software and Document License).
    ("a direction and no language", {"@value": "no language", "@direction": "rtl"}, '"no language"^^<_rtl>'),
    (
        "a direction and a language",
        {"@value": "en-US", "@language": "en-US", "@direction": "rtl"},
        '"en-US"^^<en-us_rtl>',
    ),
    ("from left to right", {"@value": "a", "@direction": "ltr"}, '"a"^^<_ltr>'),
    ("a direction of null", {"@value": "a", "@direction": None}, '"a"'),
]


@pytest.mark.parametrize(("value", "literal"), [row[1:] for row in DIRECTED], ids=[row[0] for row in DIRECTED])
def test_a_base_direction_is_part_of_the_datatype(value: dict[str, Any], literal: str) -> None:
    text = canonicalize({"@id": ID, "http://example.org/label": value})
    assert text == f"<{ID}> <http://example.org/label> {literal.replace('^^<', '^^<' + I18N)} .\n"


def test_a_term_gives_its_direction() -> None:
    context = {
        "@vocab": "u:v#",
        "r": {"@direction": "rtl", "@language": "ar"},
        "n": {"@direction": "rtl", "@language": None},
        "m": {"@container": "@language", "@direction": "rtl"},
        "l": {"@container": "@list", "@direction": "ltr"},
        "d": {"@type": "u:t"},
    }
    document = {"@context": context, "@id": ID, "r": ["a", 1], "n": "b", "m": {"AR": "c", "@none": "d"}, "d": "e"}
    for _ in range(3):  # By the general way, and by templates.
        found = canonicalize(document).replace(I18N, "").replace(f"<{ID}> <u:v#", "").splitlines()
        assert found == [
            'd> "e"^^<u:t> .',
            'm> "c"^^<ar_rtl> .',
            'm> "d"^^<_rtl> .',
            'n> "b"^^<_rtl> .',
            f'r> "1"^^<{XSD}integer> .',
            'r> "a"^^<ar_rtl> .',
        ]
    assert f'"x"^^<{I18N}_ltr>' in canonicalize({"@context": context, "l": ["x"]})
    with pytest.raises(LinkedDataError, match="only strings"):
        canonicalize({"@id": ID, "u:p": {"@value": 1, "@direction": "ltr"}})


def test_a_document_is_not_changed() -> None:
    document = {"@context": [V2, {"x": "u:x"}], "type": ["VerifiableCredential"], "x": [{"x": {"@list": [1]}}]}
    before = json.dumps(document)
    canonicalize(document)
    to_dataset(document, provenance=True)
    assert json.dumps(document) == before


# What is refused.

REFUSED: list[tuple[str, Any, str, str]] = [
    ("an undefined term", {"nothing": "a"}, "jsonld.undefined_term", "/nothing"),
    ("an undefined term even for null", {"nothing": None}, "jsonld.undefined_term", "/nothing"),
    ("an undefined term below", {"part": [{"a/b~c": 1}]}, "jsonld.undefined_term", "/part/0/a~1b~0c"),
    ("an undefined type", {"type": ["Plain", "Nothing"]}, "jsonld.undefined_term", "/type/1"),
    ("an undefined word", {"word": "nothing"}, "jsonld.undefined_term", "/word"),
    ("a keyword of nobody's", {"@nothing": 1}, "jsonld.undefined_term", "/@nothing"),
    ("a blank node as a property", {"_:p": 1}, "jsonld.undefined_term", "/_:p"),
    ("a property with a space", {"urn:x: y": 1}, "jsonld.undefined_term", "/urn:x: y"),
    ("a relative id", {"id": "x", "text": "a"}, "jsonld.relative_iri", "/id"),
    ("an empty id", {"part": {"id": "", "text": "a"}}, "jsonld.relative_iri", "/part/id"),
    ("a relative reference", {"ref": ["urn:x:1", "../x"]}, "jsonld.relative_iri", "/ref/1"),
    ("a relative type", {"type": "a/b"}, "jsonld.relative_iri", "/type"),
    ("a relative key of a map", {"byId": {"x": {"text": "a"}}}, "jsonld.relative_iri", "/byId/x"),
    ("an IRI with a space", {"ref": "urn:x y"}, "jsonld.relative_iri", "/ref"),
    ("an IRI that ends the term", {"ref": "urn:x> <u:p> <u:o"}, "jsonld.relative_iri", "/ref"),
    ("an IRI with a line feed", {"id": "urn:x\n", "text": "a"}, "jsonld.relative_iri", "/id"),
    ("an IRI with an escape", {"ref": "urn:x\\u0020"}, "jsonld.relative_iri", "/ref"),
    ("an IRI with two fragments", {"ref": "urn:x#y#z"}, "jsonld.relative_iri", "/ref"),
    ("an IRI with a lone surrogate", {"ref": "urn:x\ud800"}, "jsonld.relative_iri", "/ref"),
    ("a language tag that is none", {"text": {"@value": "a", "@language": "en us"}}, "jsonld.dropped_value", "/text"),
    ("a language tag that ends the term", {"names": {'en> "': "a"}}, "jsonld.dropped_value", '/names/en> "'),
    ("a value of null", {"text": {"@value": None}}, "jsonld.dropped_value", "/text"),
    ("a language alone", {"text": {"@language": "en"}}, "jsonld.dropped_value", "/text"),
    ("a string in a graph", {"@graph": ["a"]}, "jsonld.dropped_value", "/@graph/0"),
    ("a value in a graph", {"@graph": [{"@value": "a"}]}, "jsonld.dropped_value", "/@graph/0"),
    ("a reference in a graph", {"@graph": {"id": "urn:x:1"}}, "jsonld.dropped_value", "/@graph"),
    ("a reference as a graph", {"graph": "urn:x:1"}, "jsonld.dropped_value", "/graph"),
    ("an id alone", {"id": "urn:x:1"}, "jsonld.dropped_value", ""),
    ("a list at the top", {"@list": [1]}, "jsonld.dropped_value", ""),
    ("a number that JSON can't hold", {"text": float("nan")}, "jsonld.invalid", "/text"),
    ("infinity", {"tags": [float("inf")]}, "jsonld.invalid", "/tags/0"),
    ("an integer that a double can't hold", {"text": 2**53 + 1}, "jsonld.invalid", "/text"),
    ("a huge integer", {"text": {"@value": 10**400}}, "jsonld.invalid", "/text"),
    ("something that is no JSON", {"text": b"a"}, "jsonld.invalid", "/text"),
    ("a set", {"text": {"a"}}, "jsonld.invalid", "/text"),
    ("a set in a tuple", {"text": ({"a"},)}, "jsonld.invalid", "/text/0"),
    ("a name that is no text", {1: "a"}, "jsonld.invalid", ""),
    ("a lone surrogate", {"part": {"tags": ["a", "\ud800"]}}, "jsonld.invalid", "/part/tags/1"),
    ("a lone surrogate in a JSON literal", {"json": ["\udfff"]}, "jsonld.invalid", "/json"),
    ("an id that is no text", {"id": 1}, "jsonld.invalid", "/id"),
    ("an id of null", {"id": None, "text": "a"}, "jsonld.invalid", "/id"),
    ("two ids", {"id": "urn:x:1", "ident": "urn:x:2", "text": "a"}, "jsonld.invalid", ""),
    ("an id beside a nested one", {"id": "urn:x:1", "nest": {"id": "urn:x:2"}}, "jsonld.invalid", ""),
    ("a type that is no text", {"type": [1]}, "jsonld.invalid", "/type"),
    ("a type of null", {"type": None}, "jsonld.invalid", ""),
    ("a value with more beside it", {"text": {"@value": "a", "text": "b"}}, "jsonld.invalid", "/text"),
    ("a value twice", {"text": {"@value": "a", "val": "b"}}, "jsonld.invalid", "/text"),
    ("a value that is an object", {"text": {"@value": {}}}, "jsonld.invalid", "/text"),
    ("a type and a language", {"text": {"@value": "a", "@type": "ex:t", "@language": "en"}}, "jsonld.invalid", "/text"),
    ("a relative datatype", {"text": {"@value": "a", "@type": "t"}}, "jsonld.invalid", "/text"),
    ("a language of a number", {"text": {"@value": 1, "@language": "en"}}, "jsonld.invalid", "/text"),
    ("a language that is no text", {"text": {"@value": "a", "@language": 1}}, "jsonld.invalid", "/text"),
    ("a direction that is none", {"text": {"@value": "a", "@direction": "up"}}, "jsonld.invalid", "/text"),
    ("an index that is no text", {"part": {"@index": 1, "text": "a"}}, "jsonld.invalid", "/part/@index"),
    ("a list with more beside it", {"part": {"@list": [], "text": "a"}}, "jsonld.invalid", "/part"),
    ("a set with more beside it", {"part": {"@set": [], "text": "a"}}, "jsonld.invalid", "/part/text"),
    ("a language map of numbers", {"names": {"en": [1]}}, "jsonld.invalid", "/names/en/0"),
    ("a nested string", {"nest": "a"}, "jsonld.invalid", "/nest"),
    ("a nested value", {"nest": {"@value": "a"}}, "jsonld.invalid", "/nest"),
    ("a reverse array", {"@reverse": []}, "jsonld.invalid", "/@reverse"),
    ("a reverse keyword", {"@reverse": {"id": "urn:x:1"}}, "jsonld.invalid", "/@reverse/id"),
    ("a reverse literal", {"@reverse": {"part": "a"}}, "jsonld.invalid", "/@reverse/part"),
    ("a reverse list", {"partOf": {"@list": [ID]}}, "jsonld.invalid", "/partOf"),
    ("an included value", {"@included": ["a"]}, "jsonld.invalid", "/@included/0"),
    ("a value by property", {"byProperty": {"a": ["b"]}}, "jsonld.invalid", "/byProperty/a/0"),
    ("a value by type", {"byType": {"Plain": {"@value": "b"}}}, "jsonld.invalid", "/byType/Plain"),
    ("a node with two indexes", {"byIndex": {"a": {"id": ID}, "b": {"id": ID}}}, "jsonld.invalid", "/byIndex/b"),
    ("nodes nested too deep", None, "jsonld.limit", "/part" * 101),
    ("an unknown context below", {"part": {"@context": "urn:x", "text": "a"}}, "context.unknown", "/part/@context"),
    ("a context that is a number", {"part": {"@context": 1}}, "context.invalid", "/part/@context"),
    (
        "a protected term redefined",
        {"part": {"@context": {"protectedTerm": "u:x"}}},
        "jsonld.protected_term",
        "/part/@context",
    ),
    ("protected terms dropped", {"part": {"@context": None, "u:p": 1}}, "jsonld.protected_term", "/part/@context"),
]


@pytest.mark.parametrize(("document", "code", "pointer"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(document: Any, code: str, pointer: str) -> None:
    if document is None:
        document = {"text": "a"}
        for _ in range(150):
            document = {"part": document}
    for provenance in (False, True):
        with pytest.raises(LinkedDataError) as caught:
            to_dataset({"@context": LAB, **document}, contexts=CONTEXTS_OF_LAB, provenance=provenance)
        assert (caught.value.problems[0].code, caught.value.problems[0].pointer) == (code, pointer)
    with pytest.raises(LinkedDataError):
        canonicalize({"@context": LAB, **document}, contexts=CONTEXTS_OF_LAB)


def test_what_python_has_beside_json_is_read_as_orjson_writes_it() -> None:
    document = {"@context": LAB, "text": ("a", 1.5), "part": ({"text": UUID(int=1)},), "german": UUID(int=2)}
    written = json.loads(orjson.dumps(document))
    assert canonicalize(document, contexts=CONTEXTS_OF_LAB) == canonicalize(written, contexts=CONTEXTS_OF_LAB)
    assert to_dataset(document, contexts=CONTEXTS_OF_LAB).canonicalize().text == canonicalize(
        written, contexts=CONTEXTS_OF_LAB
    )


def test_every_loss_is_reported() -> None:
    document = {"@context": LAB, "a": 1, "type": ["B", "Plain"], "part": {"id": "c", "ref": ["d", "urn:x:1"]}}
    with pytest.raises(LinkedDataError) as caught:
        canonicalize(document, contexts=CONTEXTS_OF_LAB)
    assert [problem.pointer for problem in caught.value.problems] == ["/type/0", "/a", "/part/id", "/part/ref/0"]


CONTEXTS_REFUSED: list[tuple[str, Any, str]] = [
    ("unknown", "https://nowhere.example/context", "context.unknown"),
    ("relative", "context.jsonld", "context.unknown"),
    ("empty", "", "context.unknown"),
    ("unknown in a list", [V2, "https://nowhere.example/context"], "context.unknown"),
    (
        "two texts that look like what is remembered of an inline context",
        ["inline", '{"@vocab":"u:"}'],
        "context.unknown",
    ),
    ("a number", 1, "context.invalid"),
    ("a list in a list", [[V2]], "context.invalid"),
    ("an empty term", {"": "u:x"}, "context.invalid"),
    ("a keyword", {"@id": "u:x"}, "context.invalid"),
    ("another version", {"@version": 1.0}, "context.invalid"),
    ("a vocabulary that is no IRI", {"@vocab": "x y"}, "context.invalid"),
    ("a base that is relative", {"@base": "x"}, "context.invalid"),
    ("a language that is a number", {"@language": 1}, "context.invalid"),
    ("a language that is none", {"@language": "e n", "p": "u:p"}, "context.invalid"),
    ("a term that is a number", {"p": 1}, "context.invalid"),
    ("a term without IRI", {"p": "q"}, "context.invalid"),
    ("terms that define each other", {"p": "q:a", "q": "p:b"}, "context.invalid"),
    ("an unknown entry", {"p": {"@id": "u:p", "@nothing": 1}}, "context.invalid"),
    ("an alias of @context", {"p": "@context"}, "context.invalid"),
    ("an unknown container", {"p": {"@id": "u:p", "@container": "@none"}}, "context.invalid"),
    ("containers that don't go together", {"p": {"@id": "u:p", "@container": ["@list", "@set"]}}, "context.invalid"),
    ("a relative type", {"p": {"@id": "u:p", "@type": "x"}}, "context.invalid"),
    ("an IRI that another definition gives", {"u:p": "u:q"}, "context.invalid"),
    ("a scoped context that is wrong", {"p": {"@id": "u:p", "@context": {"q": 1}}}, "context.invalid"),
    ("an unknown scoped context", {"p": {"@id": "u:p", "@context": "https://nowhere.example/"}}, "context.unknown"),
    ("an unknown import", {"@import": "https://nowhere.example/"}, "context.unknown"),
    ("a name that is no text", {1: "u:x"}, "context.invalid"),
    ("a protected term redefined", [V2, {"name": "u:x"}], "jsonld.protected_term"),
    ("protected terms dropped", [V2, None], "jsonld.protected_term"),
    ("too many terms", {f"t{number}": "u:x" for number in range(30_000)}, "jsonld.limit"),
]


@pytest.mark.parametrize(
    ("context", "code"), [row[1:] for row in CONTEXTS_REFUSED], ids=[row[0] for row in CONTEXTS_REFUSED]
)
def test_contexts_refused(context: Any, code: str) -> None:
    canonicalize({"@context": {"@vocab": "u:"}, "p": "a"})
    with pytest.raises(LinkedDataError) as caught:
        canonicalize({"@context": context, "p": "a"})
    assert caught.value.code == code


def test_a_protected_term_may_be_given_its_own_meaning_again() -> None:
    assert canonicalize({"@context": [V2, V2], "type": "VerifiableCredential"})
    both = ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/security/data-integrity/v2"]
    assert canonicalize({"@context": both, "type": "VerifiableCredential"})


def test_a_property_scoped_context_may_redefine_protected_terms() -> None:
    context = [V2, {"p": {"@id": "u:p", "@context": {"issuer": "u:i"}}}]
    assert "<u:i>" in canonicalize({"@context": context, "p": {"issuer": "a"}})


def test_every_code_of_the_registry_is_a_known_problem() -> None:
    def codes(error: type[ContextError]) -> set[str]:
        return {error.code}.union(*(codes(child) for child in error.__subclasses__()))

    assert codes(ContextError) <= PROBLEMS.keys()


def test_a_registered_context_that_is_none_is_refused() -> None:
    for content in (b"[]", b"{}", b"{", b'{"@context": 1}'):
        contexts = ContextRegistry({"u:c": (hashlib.sha256(content).hexdigest(), content)})
        with pytest.raises(LinkedDataError) as caught:
            canonicalize({"@context": "u:c", "p": "a"}, contexts=contexts)
        assert caught.value.code in ("context.form", "context.invalid")


def test_a_context_changed_behind_its_url_is_refused() -> None:
    url, content = "https://ours.example/context", b'{"@context": {"p": "u:p"}}'
    good = CONTEXTS.with_context(url, content, hashlib.sha256(content).hexdigest())
    assert canonicalize({"@context": url, "p": "a"}, contexts=good)
    changed = ContextRegistry({**good.pinned, url: (good.pinned[url][0], content.replace(b"u:p", b"u:q"))})
    with pytest.raises(LinkedDataError) as caught:
        # Under the same fingerprint what was compiled before is still right; a registry of its own looks again.
        canonicalize({"@context": url, "p": "b"}, contexts=ContextRegistry({**changed.pinned, "u:new": ("0", b"")}))
    assert caught.value.code == "context.digest"


def test_registries_do_not_share_what_they_mean() -> None:
    url = "https://ours.example/context"
    for iri in ("u:one", "u:two"):
        content = json.dumps({"@context": {"p": iri}}).encode()
        registry = CONTEXTS.with_context(url, content, hashlib.sha256(content).hexdigest())
        assert f"<{iri}>" in canonicalize({"@context": url, "p": "a"}, contexts=registry)


def test_contexts_that_include_each_other_end() -> None:
    contexts = CONTEXTS
    for name, other in (("a", "b"), ("b", "a")):
        content = json.dumps({"@context": {"p": {"@id": "u:p", "@context": f"u:{other}"}, name: "u:n"}}).encode()
        contexts = contexts.with_context(f"u:{name}", content, hashlib.sha256(content).hexdigest())
    assert canonicalize({"@context": "u:a", "p": {"p": {"p": {"a": "x", "b": "y"}}}}, contexts=contexts)
    content = b'{"@context": ["u:self", {"p": "u:p"}]}'
    looped = contexts.with_context("u:self", content, hashlib.sha256(content).hexdigest())
    with pytest.raises(LinkedDataError) as caught:
        canonicalize({"@context": "u:self", "p": "a"}, contexts=looped)
    assert caught.value.code == "context.invalid"


def test_known_contexts_are_told_from_definitions_a_document_brings() -> None:
    assert contexts_known({"@context": V2})
    assert contexts_known({"@context": [V2, EXAMPLES], "a": [{"b": {"@context": V2}}]})
    assert not contexts_known({"@context": [V2, {"a": "u:a"}]})
    assert not contexts_known({"@context": [V2, "https://nowhere.example/"]})
    assert not contexts_known({"@context": V2, "a": [[{"b": {"@context": {"type": "u:x"}}}]]})
    assert not contexts_known({"@context": []})
    assert not contexts_known({"@context": None})
    assert contexts_known({"a": 1})


def test_work_on_contexts_is_bounded_and_memory_of_it_too() -> None:
    types = [f"T{number}" for number in range(30)]
    context = {"@vocab": "u:v#", **{name: {"@id": f"u:{name}", "@context": {f"p{name}": "u:p"}} for name in types}}
    nodes = [{"@type": [types[n % 30], types[n // 30 % 30], types[n // 900 % 30]], "a": n} for n in range(20_000)]
    with pytest.raises(LinkedDataError) as caught:
        canonicalize({"@context": context, "@graph": nodes})
    assert caught.value.code == "jsonld.limit"
    for number in range(200):
        assert canonicalize({"@context": {"@vocab": f"u:{number}#"}, "a": "b"})
    for number in range(60):
        wide = {f"k{number}-{inner}": "v" for inner in range(1000)}
        assert canonicalize({"@context": {"@vocab": "u:wide#"}, **wide}).count("\n") == 1000
