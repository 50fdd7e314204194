"""JCS: the published vectors, and the fast way equal to the exact one."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from vc.integrity.jcs import jcs
from vc.problems import ProblemError

VECTORS = Path(__file__).parents[2] / "vectors" / "jcs"


@pytest.mark.parametrize("name", ["french", "structures", "unicode", "values"])
def test_published_values(name):
    value = json.loads((VECTORS / "input" / f"{name}.json").read_bytes())
    assert jcs(value) == (VECTORS / "output" / f"{name}.json").read_bytes().rstrip(b"\n")
    assert jcs(value) == bytes.fromhex((VECTORS / "outhex" / f"{name}.txt").read_text())


NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1e21, 1e-7, 333333333.3333333, 1e16, 2**53 - 1, 10**15, 123456789012345]),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=12), st.sampled_from(['a":1.5', ":0", "[1e5", "𠮷"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.text(max_size=6), st.sampled_from("é€\ue000😀")), inner),
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES)
def test_the_fast_way_is_the_exact_one(value):
    assert jcs(value) == rfc8785.dumps(value)


def test_the_usual_document_goes_the_fast_way(monkeypatch):
    monkeypatch.setattr(rfc8785, "dumps", lambda value: pytest.fail("slow"))
    document = {"validFrom": "2026-01-01T00:00:00Z", "b": [1, True, "中文"], "a": {"é": -5, "id": "urn:uuid:0"}}
    assert jcs(document) == orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53,
        -(2**60),
        2**80,
        "\ud800",
        {"\udfff": 1},
        {1: 2},
        {None: 2},
        b"bytes",
        object(),
        {1, 2},
        json,
    ],
)
def test_what_is_no_i_json_is_refused(value):
    for whole in (value, {"a": value}, [value]):
        with pytest.raises(ProblemError) as error:
            jcs(whole)
        assert error.value.code == "proof.transformation"


def test_nesting_without_end_is_refused():
    value: list = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ProblemError):
        jcs(value)
    value.append(value)
    with pytest.raises(ProblemError):
        jcs(value)
