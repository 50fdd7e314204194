"""JSON-LD with contexts of the document's own, N-Quads, and schemas."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import vc
from contexts import CONTEXTS, ContextError
from vc.linked_data import canonicalize_nquads
from vc.linked_data.engine import canonical_by_walk
from vc.model.json_schema import DIALECT, Schema, parse
from vc.model.related_resources import registered
from vc.problems import ProblemError

from .. import mutators, world
from ..target import Target, Violation, refused


@refused(ValueError)
def _loaded(data: bytes) -> Any:
    return json.loads(data)


@refused(ProblemError)
def _document(data: bytes) -> None:
    document = _loaded(data)
    if not isinstance(document, dict):
        return
    text = vc.canonicalize(document)
    if canonical_by_walk(document, "sha256", CONTEXTS) != text:
        raise Violation("the quick way and the general way differ")
    if canonicalize_nquads(text) != text:
        raise Violation("canonical N-Quads that are canonicalised again are others")


@refused(ProblemError, ContextError)
def _context(data: bytes) -> None:
    """A context that an installation is told to know, and a document that uses it."""
    url = "https://a.example/context"
    known = CONTEXTS.with_context(url, data, hashlib.sha256(data).hexdigest())
    vc.canonicalize(
        {"@context": url, "id": "urn:x:1", "name": "x", "knows": {"id": "urn:x:2", "name": "y"}}, contexts=known
    )


@refused(ProblemError)
def _nquads(data: bytes) -> None:
    text = canonicalize_nquads(data.decode("utf-8", "replace"))
    if canonicalize_nquads(text) != text:
        raise Violation("canonical N-Quads that are canonicalised again are others")


def _schema(data: bytes) -> None:
    schema = Schema(parse(data), trusted=False, registered=registered(CONTEXTS))
    if schema.unsupported is None and schema.defect is None:
        schema.misfits(world.credential(world.LICENSOR.did))


TARGETS = (
    Target("linked-data", mutators.json_document, _document),
    Target("context", mutators.json_document, _context),
    Target("nquads", mutators.text, _nquads),
    Target("json-schema", mutators.json_document, _schema),
)


def seeds() -> dict[str, dict[str, bytes]]:
    """Documents with every container, a context, a dataset with blank nodes in a circle, a schema."""
    context: dict[str, Any] = {
        "@version": 1.1,
        "@protected": True,
        "id": "@id",
        "type": "@type",
        "ex": "https://a.example/#",
        "name": {"@id": "ex:name", "@language": "zh"},
        "knows": {"@id": "ex:knows", "@type": "@id", "@container": "@set"},
        "by": {"@id": "ex:by", "@container": "@language"},
        "list": {"@id": "ex:list", "@container": "@list"},
        "map": {"@id": "ex:map", "@container": ["@index", "@set"]},
        "graph": {"@id": "ex:graph", "@container": ["@graph", "@id"]},
        "json": {"@id": "ex:json", "@type": "@json"},
        "Person": {"@id": "ex:Person", "@context": {"age": {"@id": "ex:age", "@type": "ex:years"}}},
        "inner": {"@id": "ex:inner", "@context": {"deep": "ex:deep"}, "@nest": "@nest"},
    }
    document = {
        "@context": context,
        "id": "urn:x:1",
        "type": "Person",
        "name": "王小明",
        "age": 36,
        "knows": ["urn:x:2"],
        "by": {"zh": "甲", "en": "a"},
        "list": [1, 1.5, "x"],
        "map": {"a": {"id": "urn:x:3"}},
        "graph": {"urn:x:4": {"name": "乙"}},
        "json": {"b": [1, None], "a": "é"},
        "inner": {"deep": {"deep": "x"}},
    }
    quads = "".join(f"_:b{n} <urn:x:p> _:b{(n + 1) % 5} .\n" for n in range(5))
    schema = {
        "$schema": DIALECT,
        "$id": "https://a.example/schema.json",
        "type": "object",
        "required": ["credentialSubject"],
        "properties": {
            "credentialSubject": {"$ref": "#/$defs/subject"},
            "id": {"type": "string", "pattern": "^urn:[a-z]+:.*$", "format": "uri"},
        },
        "$defs": {"subject": {"type": "object", "minProperties": 1, "additionalProperties": {"not": {"const": 7}}}},
    }
    return {
        "linked-data": {"valid-containers.json": mutators.dumps(document)},
        "context": {"valid-context.json": mutators.dumps({"@context": context})},
        "nquads": {"valid-circle.nq": (quads + '_:b1 <urn:x:q> "x\\u0041"@zh <urn:x:g> .\n').encode()},
        "json-schema": {"valid-schema.json": mutators.dumps(schema)},
    }
