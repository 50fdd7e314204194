"""JSON from outside is parsed strictly, or refused with a code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.parsing import Limits, loads
from vc.problems import ProblemError

REFUSED: list[tuple[str, bytes | str, str]] = [
    ("nothing", b"", "parse.json"),
    ("blank", b"  \n", "parse.json"),
    ("truncated", b'{"a": [1, 2', "parse.json"),
    ("two documents", b"{} {}", "parse.json"),
    ("a trailing comma", b'{"a": 1,}', "parse.json"),
    ("a comment", b'{"a": 1 /* one */}', "parse.json"),
    ("single quotes", b"{'a': 1}", "parse.json"),
    ("a raw control character", b'{"a": "\x01"}', "parse.json"),
    ("a bad escape", rb'{"a": "\x41"}', "parse.json"),
    ("a leading zero", b'{"a": 01}', "parse.json"),
    ("NaN", b'{"a": NaN}', "parse.json"),
    ("Infinity", b'{"a": -Infinity}', "parse.json"),
    ("a number beyond double", b'{"a": 1e400}', "parse.json"),
    ("an integer that no double holds", b'{"a": 9007199254740993}', "parse.json"),
    ("a negative one", b'{"a": [-9007199254740993]}', "parse.json"),
    ("an integer beyond 2^64", b'{"a": {"b": 123456789012345678901234567890}}', "parse.json"),
    ("an integer of a million digits", b'{"a": ' + b"1" * 1_000_000 + b"}", "parse.json"),
    ("a byte order mark", b"\xef\xbb\xbf{}", "parse.json"),
    ("UTF-16", '{"a": 1}'.encode("utf-16"), "parse.encoding"),
    ("Latin-1", b'{"a": "\xe9"}', "parse.encoding"),
    ("overlong UTF-8", b'{"a": "\xc0\xaf"}', "parse.encoding"),
    ("an encoded surrogate", b'{"a": "\xed\xa0\x80"}', "parse.encoding"),
    ("an escaped lone surrogate", rb'{"a": "\ud800"}', "parse.encoding"),
    ("a swapped surrogate pair", rb'{"a": "\ude00\ud83d"}', "parse.encoding"),
    ("an escaped lone surrogate in a name", rb'{"\udc00": 1}', "parse.encoding"),
    ("text with a lone surrogate", '{"a": "\ud800"}', "parse.encoding"),
    ("an array", b"[]", "parse.form"),
    ("a string", b'"a"', "parse.form"),
    ("null", b"null", "parse.form"),
    ("a member twice", b'{"a": 1, "a": 2}', "parse.duplicate_key"),
    ("a member twice with one value", b'{"a": 1, "b": {"c": [], "c": []}}', "parse.duplicate_key"),
    ("a member twice in an array", b'{"a": [{"x": 1, "x": 1}]}', "parse.duplicate_key"),
    ("a member twice, once escaped", rb'{"a": 1, "\u0061": 2}', "parse.duplicate_key"),
    ("a member twice, made up for by an escaped colon", rb'{"a": 1, "a": "\u003a"}', "parse.duplicate_key"),
    (
        "a member twice, made up for by a capital escape",
        rb'{"a": "\u003A", "a": 2, "b": "\u003A"}',
        "parse.duplicate_key",
    ),
    ("a member twice, spaced out", b'{"a" : 1 , "a"\n:\t2}', "parse.duplicate_key"),
    ("an empty name twice", b'{"": 1, "": 2}', "parse.duplicate_key"),
    ("nested too deep", b'{"a":' * 65 + b"1" + b"}" * 65, "parse.limit"),
    ("nested deeper than a parser goes", b"[" * 2_000_000, "parse.limit"),
    ("nested deeper than a parser goes, and closed", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "parse.limit"),
    ("too many members", b'{"a": [' + b"0," * 100_000 + b"0]}", "parse.limit"),
    ("too large", b'{"a": "' + b"x" * 4 * 1024 * 1024 + b'"}', "parse.limit"),
]


@pytest.mark.parametrize(("data", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(data: bytes | str, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        loads(data)
    assert [problem.code for problem in caught.value.problems] == [code]


ACCEPTED: list[tuple[str, bytes | str, Any]] = [
    ("an empty object", b"{}", {}),
    ("text", '{"名": "张三"}', {"名": "张三"}),
    ("escaped text", rb'{"a": "\u5f20\u4e09 \ud83d\ude00"}', {"a": "张三 😀"}),
    ("an escaped colon", rb'{"a": "\u003a", "b": "\\u003a"}', {"a": ":", "b": "\\u003a"}),
    ("colons in text", b'{"a:": "::", "b": "\\":"}', {"a:": "::", "b": '":'}),
    ("one name in different objects", b'{"a": {"a": [{"a": 1}, {"a": 2}]}}', {"a": {"a": [{"a": 1}, {"a": 2}]}}),
    ("large integers that are doubles", b'{"a": [9007199254740992, 100000000000000000000]}', {"a": [2**53, 1e20]}),
    ("the largest integers", b'{"a": [9007199254740991, -9007199254740991]}', {"a": [2**53 - 1, 1 - 2**53]}),
    ("large doubles", b'{"a": [1e21, 1.5e300, 1E-7]}', {"a": [1e21, 1.5e300, 1e-7]}),
    ("all kinds", b'{"a": [null, true, false, 0, -1, 0.5, ""]}', {"a": [None, True, False, 0, -1, 0.5, ""]}),
    ("depth 64", b'{"a":' * 64 + b"1" + b"}" * 64, None),
]


@pytest.mark.parametrize(("data", "expected"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_accepted(data: bytes | str, expected: Any) -> None:
    assert loads(data) == (json.loads(data) if expected is None else expected)


def test_limits_can_be_set() -> None:
    assert loads(b'{"a": [1]}', limits=Limits(size=10, depth=2, members=2)) == {"a": [1]}
    for limits in (Limits(size=9), Limits(depth=1), Limits(members=1)):
        with pytest.raises(ProblemError) as caught:
            loads(b'{"a": [1]}', limits=limits)
        assert caught.value.code == "parse.limit"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values), st.booleans(), st.sampled_from([None, 1]))
def test_what_json_writes_is_read_back(document: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    assert loads(json.dumps(document, ensure_ascii=ascii_only, indent=indent)) == document


@given(st.binary() | st.text())
def test_anything_else_is_a_problem_error(data: bytes | str) -> None:
    try:
        assert isinstance(loads(data), dict)
    except ProblemError as error:
        assert error.code.startswith("parse.")


@given(st.dictionaries(st.text(), json_values, min_size=1), st.data())
def test_a_doubled_member_is_always_found(document: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(document)))
    value = data.draw(json_values)
    text = json.dumps(document, ensure_ascii=data.draw(st.booleans()))
    doubled = f"{text[:-1]}, {json.dumps(name)}: {json.dumps(value)}}}"
    with pytest.raises(ProblemError) as caught:
        loads(doubled)
    assert caught.value.code == "parse.duplicate_key"
