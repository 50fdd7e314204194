"""JSON Schema draft 2020-12 within bounds: no fetching, a work budget, regular expressions in linear time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, cast

import jsonschema
import orjson
import referencing
import referencing.exceptions
import referencing.jsonschema
from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema_specifications import REGISTRY

from did.timestamps import moment, read_date

from .findings import escape
from .identifiers import is_url
from .related_resources import Resources

__all__ = ["DIALECT", "Schema", "parse"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MAX_DEPTH = 64
MAX_NODES = 5000
"""The deepest and the largest schema that is looked at."""
MAX_WORK = 50_000
"""How many keywords are evaluated at most for one credential."""
MAX_MISFITS = 32
"""How many places of a credential are reported at most."""
_MAX_PATTERN = 512
_MAX_UNIQUE = 1000


def parse(content: bytes) -> object:
    """The JSON of a schema's bytes; None when it is no JSON."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


class Schema:
    """A schema made ready. ``unsupported`` and ``defect`` say why it can't be used, None when it can.

    ``trusted`` schemas (registered with this installation) may use Python's regular expressions; the patterns of others
    run on RE2, whose time is linear, and are refused where RE2 is not installed.
    """

    __slots__ = ("_validator", "defect", "unsupported")

    def __init__(self, document: object, *, trusted: bool, registered: Resources) -> None:
        self.unsupported: str | None = None
        self.defect: str | None = None
        self._validator: Any = None
        if not isinstance(document, dict):
            self.defect = "the schema is not a JSON object"
        elif not _within_bounds(document):
            self.defect = f"the schema is nested deeper than {MAX_DEPTH} or has more than {MAX_NODES} values"
        elif document.get("$schema") != DIALECT:
            self.unsupported = f"the schema is not of {DIALECT}"
        elif not isinstance(document.get("$id"), str):
            self.defect = "the schema has no $id"
        else:
            self._make(document, trusted, registered)

    def _make(self, document: dict[str, Any], trusted: bool, registered: Resources) -> None:
        try:
            Draft202012Validator.check_schema(document, format_checker=FormatChecker(()))
        except (jsonschema.SchemaError, RecursionError):
            self.defect = "the schema breaks the rules of JSON Schema"
            return
        registry = REGISTRY.combine(cast("Any", referencing.Registry)(retrieve=_retriever(registered)))
        kind = _TRUSTED if trusted else _UNTRUSTED
        self._validator = kind(document, registry=registry, format_checker=_FORMATS)

    def misfits(self, instance: Mapping[str, Any]) -> tuple[list[tuple[str, str]], str | None]:
        """Where ``instance`` does not fit: (JSON pointer, keyword) pairs; and why the schema itself failed, or None."""
        work = _WORK.set([MAX_WORK])
        try:
            errors = itertools.islice(self._validator.iter_errors(instance), MAX_MISFITS)
            return [(_pointer(error.absolute_path), str(error.validator)) for error in errors], None
        except _Refused as refusal:
            return [], str(refusal)
        except (referencing.exceptions.Unresolvable, referencing.exceptions.Unretrievable):
            return [], "the schema refers to a schema that is not registered"
        except RecursionError:
            return [], "the schema refers to itself without end"
        except (ArithmeticError, TypeError, ValueError):
            return [], "the schema can't be evaluated"
        finally:
            _WORK.reset(work)


class _Refused(Exception):
    """The schema asks for something that is not done here; the message says what."""


_WORK: ContextVar[list[int]] = ContextVar("work")
_Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


def _counted(keyword: _Keyword) -> _Keyword:
    def evaluate(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any] | None:
        budget = _WORK.get()
        budget[0] -= 1
        if budget[0] < 0:
            raise _Refused("evaluating the schema takes too much work")
        return keyword(validator, value, instance, schema)

    return evaluate


def _unique_items(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any] | None:
    # Comparing each item with each takes quadratic time.
    if value and isinstance(instance, list) and len(instance) > _MAX_UNIQUE:
        raise _Refused("uniqueItems is not evaluated on so long a list")
    checked: Iterator[Any] | None = Draft202012Validator.VALIDATORS["uniqueItems"](validator, value, instance, schema)
    return checked


def _linear_pattern(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(instance, "string") and not _search(value, instance):
        yield jsonschema.ValidationError("the text does not match the pattern")


def _refused_keyword(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any] | None:
    raise _Refused("patternProperties is evaluated in registered schemas only")


def _search(pattern: str, text: str) -> bool:
    try:
        import re2
    except ModuleNotFoundError:
        raise _Refused("patterns of schemas that are not registered need google-re2") from None
    if len(pattern) > _MAX_PATTERN:
        raise _Refused(f"a pattern of the schema is longer than {_MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options).search(text) is not None
    except re2.error:
        raise _Refused("a pattern of the schema can't be evaluated in linear time") from None


_COUNTED = {name: _counted(keyword) for name, keyword in Draft202012Validator.VALIDATORS.items()}
_extend: Any = validators.extend
_TRUSTED = _extend(Draft202012Validator, {**_COUNTED, "uniqueItems": _counted(_unique_items)})
_UNTRUSTED = _extend(_TRUSTED, {"pattern": _counted(_linear_pattern), "patternProperties": _counted(_refused_keyword)})

_FORMATS = FormatChecker(())
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    if isinstance(value, str):
        read_date(value)
    return True


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if isinstance(value, str):
        moment(value)
    return True


@_FORMATS.checks("email")
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or _EMAIL.fullmatch(value) is not None


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or is_url(value)


def _retriever(registered: Resources) -> Callable[[str], Any]:
    def retrieve(uri: str) -> Any:
        content = registered(uri)
        document = None if content is None else parse(content)
        if not isinstance(document, dict) or not _within_bounds(document):
            raise cast("Any", referencing.exceptions.NoSuchResource)(ref=uri)
        return referencing.jsonschema.DRAFT202012.create_resource(document)

    return retrieve


def _within_bounds(document: dict[str, Any]) -> bool:
    level: list[Any] = [document]
    count = 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        count += len(below)
        if count > MAX_NODES:
            return False
        if not below:
            return True
        level = below
    return False


def _pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + escape(str(token)) for token in path)
