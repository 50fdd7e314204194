"""Each quick way answers as its exact way does, or leaves it to that: one property over the whole table."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import did
import vc
from did.multibase import encode_base64url
from did.refusal import Refusal
from vc import quick_ways
from vc.envelope import disclosures
from vc.exact_ways import WAYS
from vc.quick_ways import WaysDisagree, go_both_ways

from .linked_data.jsonld_lab import CONTEXTS_OF_LAB, LAB, V2, documents, texts, trees

ROOT = Path(__file__).parents[2]
KEY = did.SoftwareKey.from_seed("P-256", b"issuer")
MARKED = quick_ways.quick_ways()

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) - 1, 2**53 + 1) | st.floats() | st.text(max_size=8)
NAMES = st.sampled_from(["name", "a/b", "~", "", "王", "_sd_alg", "iss", "x:y", "...", "\ue000", "😀"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
PIECES = st.sampled_from(
    ['{"a":1}', '{"a":1,"a":2}', '{"\\u003a":1,"\\u003a":2}', "1e400", "-0", "[", "9007199254740993", "NaN"]
)

USUAL: dict[str, Any] = {
    "@context": [V2, LAB],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential", "Plain"],
    "issuer": "did:example:issuer",
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2027-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:subject", "text": "x"},
}
PLAIN: dict[str, Any] = {
    "@context": [V2],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "credentialSubject": {"id": "did:example:subject", "name": "x"},
}
PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-01-01T00:00:00Z",
    "verificationMethod": "did:example:issuer#key",
    "proofPurpose": "assertionMethod",
}
ODD = st.sampled_from(
    ["", "x", "urn:a", "did:example:a", "2026-01-01T24:00:00Z", "2026-01-01", 5, None, True, [], {}, ["a"], {"id": "x"}]
)


def _changed(usual: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The usual object with some members replaced, added or left out."""
    names = st.sampled_from(
        [*usual, "name", "description", "credentialStatus", "credentialSchema", "undefined", "domain"]
    )

    def change(changes: dict[str, Any], left_out: list[str]) -> dict[str, Any]:
        return {name: value for name, value in {**copy.deepcopy(usual), **changes}.items() if name not in left_out}

    changes = st.dictionaries(names, ODD | VALUES.filter(lambda value: value == value), max_size=2)
    return st.builds(change, changes, st.lists(st.sampled_from(sorted(usual)), max_size=1))


def _linked() -> st.SearchStrategy[dict[str, Any]]:
    in_lab = trees(2).map(lambda node: {"@context": LAB, **node})
    return documents(texts) | in_lab | _changed(USUAL) | _changed(PLAIN)


@st.composite
def _sd_jwts(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    members = draw(st.dictionaries(NAMES | st.text(max_size=3), VALUES, min_size=1, max_size=4))
    found = [encode_base64url(json.dumps(["salt", *item]).encode()) for item in members.items()]
    payload = {
        "iss": KEY.did,
        "_sd": sorted(disclosures.digests_of(found)),
        **draw(st.dictionaries(NAMES, VALUES, max_size=2)),
    }
    return json.dumps(payload).encode(), draw(st.lists(st.sampled_from(found), unique=True, min_size=1))


def _issued() -> str:
    claims = {"vct": "https://example.org/card", "name": "x", "a": {"b": 1, "c": [1, 2]}, "x/y": 1, "cnf": {"kid": "k"}}
    return str(vc.issue_enveloped(claims, KEY, envelope="dc+sd-jwt", disclosable=["/name", "/a", "/x~1y"]))


class _Terms(NamedTuple):
    challenge: str | None
    domains: tuple[str, ...] | None


IN_LAB = {"contexts": CONTEXTS_OF_LAB}
ONE_READING = st.booleans().map(lambda one: {**IN_LAB, "one_reading": one})
HASHED = st.builds(lambda kept, name: {**kept, "hash_name": name}, ONE_READING, st.sampled_from(["sha256", "sha384"]))
SOME = st.none() | st.sampled_from(["a", "b", "\ud800"])
DOMAINS = st.none() | st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple)
TERMS = st.builds(_Terms, SOME, DOMAINS)

Call = tuple[tuple[Any, ...], dict[str, Any]]


NONE: st.SearchStrategy[dict[str, Any]] = st.just({})


def _calls(*arguments: st.SearchStrategy[Any], options: st.SearchStrategy[Any] = NONE) -> st.SearchStrategy[Call]:
    return st.tuples(st.tuples(*arguments), options)


CALLS: dict[str, st.SearchStrategy[Call]] = {
    "canonical form by templates": _calls(_linked(), options=HASHED),
    "dataset by templates": _calls(
        _linked(), options=st.builds(lambda kept, known: {**kept, "provenance": known}, ONE_READING, st.booleans())
    ),
    "terms by templates": _calls(_linked(), options=ONE_READING),
    "proof configuration by templates": _calls(st.sampled_from([V2, [V2, LAB], LAB]), _changed(PROOF), options=HASHED),
    "JSON by templates": _calls(_linked(), _changed(PROOF), options=st.just(IN_LAB)),
    "usual credential": _calls(_changed(USUAL)),
    "JSON text": _calls(
        VALUES.map(lambda value: json.dumps({"a": value}).encode())
        | st.lists(PIECES, max_size=3).map(lambda pieces: f'{{"a":[{",".join(pieces)}]}}')
    ),
    "canonical JSON": _calls(VALUES),
    "disclosures at the top": _sd_jwts().map(lambda call: (call, {})),
    "shown disclosures": _calls(
        st.just(_issued()),
        st.lists(st.sampled_from(["/name", "/a", "/a/b", "/x~1y", "/vct", "/none", "", "name"]), max_size=3),
    ),
    "challenge and domain": _calls(TERMS, TERMS),
}

TAKEN: dict[str, Call] = {
    "canonical form by templates": ((USUAL,), IN_LAB),
    "dataset by templates": ((USUAL,), {**IN_LAB, "provenance": True}),
    "terms by templates": ((PLAIN,), {"one_reading": True}),
    "proof configuration by templates": ((V2, PROOF), {}),
    "JSON by templates": ((PLAIN, PROOF), {}),
    "usual credential": ((USUAL,), {}),
    "JSON text": ((b'{"a":1}',), {}),
    "canonical JSON": (({"a": 1},), {}),
    "disclosures at the top": (
        (
            json.dumps({"_sd": list(disclosures.digests_of([encode_base64url(b'["s","n",1]')]))}).encode(),
            [encode_base64url(b'["s","n",1]')],
        ),
        {},
    ),
    "shown disclosures": ((_issued(), ["/name"]), {}),
    "challenge and domain": ((_Terms("a", ("b",)), _Terms("a", ("b",))), {}),
}


def test_each_way_of_the_table_is_marked_where_the_table_says() -> None:
    assert WAYS.keys() == MARKED.keys() == CALLS.keys() == TAKEN.keys()
    for name, way in WAYS.items():
        module, _, function = way.where.partition(":")
        assert (MARKED[name].__module__, MARKED[name].__qualname__) == (module, function)


@pytest.mark.parametrize("name", WAYS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_the_quick_way_answers_as_the_exact_way_or_leaves_it_to_that(name: str, data: st.DataObject) -> None:
    arguments, options = data.draw(CALLS[name])
    for _ in range(2):  # a form is met, and met again
        go_both_ways(name, *arguments, **options)


@pytest.mark.parametrize("name", WAYS)
def test_the_usual_input_is_not_left_to_the_exact_way(name: str) -> None:
    arguments, options = TAKEN[name]
    answer = go_both_ways(name, *arguments, **options)
    assert not isinstance(answer, Refusal)
    assert answer is not WAYS[name].leaves


@pytest.mark.parametrize("name", WAYS)
def test_a_quick_way_that_answers_otherwise_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WAYS, name, WAYS[name]._replace(exact=lambda *_, **__: "something else"))
    with pytest.raises(WaysDisagree, match=name):
        go_both_ways(name, *TAKEN[name][0], **TAKEN[name][1])


def test_each_marked_function_is_in_the_table_and_the_other_way_round() -> None:
    assert set(MARKED) == set(WAYS)
    for name, way in WAYS.items():
        module, _, function = way.where.partition(":")
        assert MARKED[name].__module__ == module
        assert MARKED[name].__qualname__ == function


def test_without_the_switch_a_marked_function_is_the_function_itself() -> None:
    code = (
        "import vc.parsing, vc.quick_ways as q; print(q.COMPARING, vc.parsing.loads_with_text is q.quick_ways()[NAME])"
    )
    code = code.replace("NAME", repr("JSON text"))
    shown = {}
    for switch in ("", "1"):
        environment = {**os.environ, quick_ways.VARIABLE: switch}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        shown[switch] = run.stdout.split()
    assert shown == {"": ["False", "True"], "1": ["True", "False"]}


ONE_WAY_ONLY = "tests/vc/integrity/test_jcs.py::test_the_usual_document_goes_the_fast_way"


@pytest.mark.long
@pytest.mark.parametrize("part", ["tests/vc/integrity", "tests/verifier/test_verifying.py", "tests/vc/envelope"])
def test_the_product_goes_both_ways_where_the_switch_is_on(part: str) -> None:
    environment = {**os.environ, quick_ways.VARIABLE: "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "not long", "--deselect", ONE_WAY_ONLY, part]
    run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:]
