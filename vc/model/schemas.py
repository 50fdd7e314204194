"""Credential schemas (VCDM 2.0 section 4.11, Verifiable Credentials JSON Schema): of both types that are defined there.

A schema is taken from the registered ones, or fetched through an injected source when the credential names its digest.
Schemas may be hostile: they can't make this code fetch anything, and the work of evaluating one is bounded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..needs import Source as SchemaSource
from ..needs import Steps, fetch
from ..needs import Unavailable as SchemaUnavailable
from ..problems import Problem
from ..verdict import Judgement, Outcome, Verdict
from .identifiers import identifier_of, types_of
from .related_resources import Resources, digest_matches

if TYPE_CHECKING:
    from collections.abc import Callable

    from .json_schema import Schema

__all__ = ["MAX_SCHEMA", "SchemaChecker", "SchemaSource", "SchemaUnavailable"]

MAX_SCHEMA = 512 * 1024
"""The most bytes of a schema."""


class SchemaChecker:
    """Judges credentials by their ``credentialSchema``.

    ``registered`` gives the bytes of schemas that are known by URL and trusted as they are (None for others), and is
    the only place where references between schemas lead. ``source`` fetches others; None means that none is fetched.
    """

    def __init__(self, registered: Resources, source: SchemaSource | None = None) -> None:
        self._registered = registered
        self._source = source
        self._ready: dict[bytes, Schema] = {}

    @property
    def registered(self) -> Resources:
        """The schemas that are known by URL."""
        return self._registered

    @property
    def source(self) -> SchemaSource | None:
        """Where other schemas come from."""
        return self._source

    def judge(
        self,
        credential: Mapping[str, Any],
        *,
        verify: Callable[[bytes], Steps[Verdict]] | None = None,
        now: datetime | None = None,
        pointer: str = "",
    ) -> Steps[Judgement]:
        """Does ``credential`` (which stands at ``pointer``) fit each of its schemas?

        ``verify`` verifies the credential around a ``JsonSchemaCredential`` (as for status lists). FAILED when it does
        not fit, or a schema was changed or is unusable; INDETERMINATE when one can't be had or is of an unknown kind.
        ``now`` is not used; it keeps this method and the status checker's alike.
        """
        if "credentialSchema" not in credential:
            return Judgement(Outcome.NOT_APPLICABLE, detail="the credential names no schema")
        value = credential["credentialSchema"]
        problems: list[Problem] = []
        outcome = Outcome.PASSED
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            place = f"{pointer}/credentialSchema" + (f"/{index}" if isinstance(value, list) else "")
            result = yield from self._judge_one(credential, node, place, pointer, verify)
            problems.extend(result.problems)
            if result.outcome is Outcome.FAILED or outcome is Outcome.PASSED:
                outcome = result.outcome
        return Judgement(outcome, tuple(problems))

    def _judge_one(
        self,
        credential: Mapping[str, Any],
        node: Any,
        place: str,
        pointer: str,
        verify: Callable[[bytes], Steps[Verdict]] | None,
    ) -> Steps[Judgement]:
        types = types_of(node)
        url = node.get("id") if isinstance(node, dict) else None
        if not isinstance(url, str) or len(types) != 1 or types[0] not in ("JsonSchema", "JsonSchemaCredential"):
            return _undecided("schema.unsupported", "only JsonSchema and JsonSchemaCredential can be checked", place)
        content = self._registered(url)
        trusted = content is not None
        if content is None:
            if self._source is None:
                return _undecided("schema.unavailable", "the schema is not registered, and none is fetched", place)
            if types[0] == "JsonSchema" and "digestSRI" not in node and "digestMultibase" not in node:
                detail = "a schema that is not registered is used only when the credential names its digest"
                return _undecided("schema.unavailable", detail, place)
            content = yield fetch(self._source, url)
        if not isinstance(content, bytes):
            return _undecided("schema.unavailable", f"the schema could not be obtained: {content}", place)
        if len(content) > MAX_SCHEMA:
            return _failed("schema.invalid", f"the schema is larger than {MAX_SCHEMA} bytes", place)
        if not _digests_match(node, content):
            return _failed("schema.digest", "the schema is not the one whose digest the credential names", place)
        if types[0] == "JsonSchema":
            schema = self._compiled(content, trusted=trusted)
        else:
            inner = yield from self._inside_credential(credential, content, place, verify)
            if isinstance(inner, Judgement):
                return inner
            from .json_schema import Schema

            schema = Schema(inner, trusted=False, registered=self._registered)
        return _evaluated(schema, credential, place, pointer)

    def _compiled(self, content: bytes, *, trusted: bool) -> Schema:
        from .json_schema import Schema, parse

        if not trusted:
            return Schema(parse(content), trusted=False, registered=self._registered)
        digest = hashlib.sha256(content).digest()
        schema = self._ready.get(digest)
        if schema is None:
            schema = self._ready[digest] = Schema(parse(content), trusted=True, registered=self._registered)
        return schema

    def _inside_credential(
        self,
        credential: Mapping[str, Any],
        content: bytes,
        place: str,
        verify: Callable[[bytes], Steps[Verdict]] | None,
    ) -> Steps[dict[str, Any] | Judgement]:
        """The schema that a verified credential of the same issuer holds."""
        if verify is None:
            return _undecided("schema.unsupported", "a schema credential can't be verified here", place)
        verdict = yield from verify(content)
        if not verdict.verified:
            reason = verdict.problems[0].detail if verdict.problems else "it did not verify"
            detail = f"the credential around the schema did not verify: {reason}"
            if verdict.indeterminate:
                return _undecided("schema.unavailable", detail, place)
            return _failed("schema.invalid", detail, place)
        document = verdict.document or {}
        if identifier_of(document.get("issuer")) != identifier_of(credential.get("issuer")):
            return _failed("schema.invalid", "the schema credential is of another issuer than the credential", place)
        subject = document.get("credentialSubject")
        if (
            "JsonSchemaCredential" not in types_of(document)
            or not isinstance(subject, dict)
            or "JsonSchema" not in types_of(subject)
            or not isinstance(subject.get("jsonSchema"), dict)
        ):
            return _failed("schema.invalid", "the document is not a JsonSchemaCredential with a jsonSchema", place)
        schema: dict[str, Any] = subject["jsonSchema"]
        return schema


def _evaluated(schema: Schema, credential: Mapping[str, Any], place: str, pointer: str) -> Judgement:
    if schema.unsupported is not None:
        return _undecided("schema.unsupported", schema.unsupported, place)
    if schema.defect is not None:
        return _failed("schema.invalid", schema.defect, place)
    misfits, defect = schema.misfits(credential)
    if defect is not None:
        return _failed("schema.invalid", defect, place)
    if not misfits:
        return Judgement(Outcome.PASSED)
    problems = tuple(
        Problem("schema.mismatch", f"the value does not meet {keyword} of the schema", pointer + where)
        for where, keyword in misfits
    )
    return Judgement(Outcome.FAILED, problems)


def _digests_match(node: Mapping[str, Any], content: bytes) -> bool:
    for member in ("digestSRI", "digestMultibase"):
        if member in node:
            value = node[member]
            if not digest_matches(member, value if isinstance(value, list) else [value], content):
                return False
    return True


def _undecided(code: str, detail: str, place: str) -> Judgement:
    return Judgement(Outcome.INDETERMINATE, (Problem(code, detail, place),))


def _failed(code: str, detail: str, place: str) -> Judgement:
    return Judgement(Outcome.FAILED, (Problem(code, detail, place),))
