"""Whatever is verified, there is a verdict; whatever is issued, derived or presented, there is a clear error."""

from __future__ import annotations

import copy
import json
import random
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import did
import vc
from vc.integrity import CRYPTOSUITES

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _deep(levels):
    value: object = "x"
    for _ in range(levels):
        value = {"a": value}
    return value


def _deep_list(levels):
    value: object = "x"
    for _ in range(levels):
        value = [value]
    return value


def _cycle():
    value: dict = {}
    value["self"] = value
    return value


NOT_DOCUMENTS = {
    "nothing": b"",
    "spaces": b"  \n",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "truncated": b'{"@context": ["https://www.w3.org/ns/cred',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a text with a lone surrogate": '{"a": "\ud800"}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": 1e999}',
    "an integer too large": b'{"a": 99999999999999999999999}',
    "a member twice": b'{"type": "a", "type": "b"}',
    "a member twice, escaped": b'{"type": "a", "t\\u0079pe": "b"}',
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep arrays": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "huge": b'{"a": "' + b"x" * 20_000_000 + b'"}',
    "many members": b"{" + b",".join(b'"%d": 0' % n for n in range(200_000)) + b"}",
    "an array": b"[]",
    "a string": b'"text"',
    "a number": b"7",
    "null": b"null",
    "two documents": b"{}{}",
    "HTML": "<html>",
}


@pytest.mark.parametrize("name", NOT_DOCUMENTS)
def test_what_is_no_json_object_is_refused_at_parsing(name):
    verdict = vc.verify(NOT_DOCUMENTS[name])  # type: ignore[arg-type]
    assert not verdict.verified
    assert [(check.name, check.outcome) for check in verdict.checks] == [("parse", vc.Outcome.FAILED)]
    assert verdict.problems[0].code.startswith("parse.")
    for function in (vc.derive, lambda d: vc.present([d], did.generate("P-256"))):
        with pytest.raises(vc.ProblemError) as error:
            function(NOT_DOCUMENTS[name])  # type: ignore[arg-type]
        assert error.value.code.startswith("parse.")


@pytest.mark.parametrize("value", [None, 7, 1.5, True, [], [{}], (), {1, 2}, object(), date(2026, 1, 1), vc])
def test_what_is_no_document_at_all_is_refused(value):
    verdict = vc.verify(value)
    assert not verdict.verified
    assert verdict.problems[0].code == "parse.form"
    for function in (vc.derive, lambda d: vc.present([d], did.generate("P-256"))):
        with pytest.raises(vc.ProblemError):
            function(value)


# Values that take the place of any member of a document, a proof, a subject.
JUNK = {
    "null": None,
    "true": True,
    "a number": 7,
    "a float": 1.5,
    "a large integer": 2**70,
    "NaN": float("nan"),
    "an empty text": "",
    "a text": "junk",
    "a text with controls": "\x00\x7f\n",
    "a lone surrogate": "\ud800",
    "a long text": "x" * 1_000_000,
    "an empty object": {},
    "an empty list": [],
    "a list of nulls": [None, None],
    "a list of lists": [[["a"]]],
    "a list of texts": ["a", "b"],
    "a list of objects": [{}, {"id": 7}],
    "a list of many": ["x"] * 20_000,
    "an object": {"id": {"id": {}}, "type": [], "@value": "x"},
    "keywords": {"@id": "x", "@type": 7, "@graph": [], "@list": 1, "@set": None, "@reverse": {"a": 1}, "@json": 0},
    "odd names": {"": "", "/": 1, "~": 2, "\ud800": 3, "@": 4, "@@": 5, "__class__": 6},
    "names that are numbers": {1: 2},
    "deep objects": _deep(500),
    "very deep objects": _deep(50_000),
    "very deep lists": _deep_list(50_000),
    "itself": _cycle(),
    "bytes": b"bytes",
    "a tuple": ("a", {"b": 1}),
    "a set": {"a"},
    "an object of Python's": object(),
    "a date": date(2026, 1, 1),
}
PLACES = [
    ("@context",),
    ("@context", 0),
    ("@context", 1),
    ("id",),
    ("type",),
    ("type", 1),
    ("issuer",),
    ("issuer", "id"),
    ("validFrom",),
    ("credentialStatus",),
    ("credentialSchema",),
    ("credentialSubject",),
    ("credentialSubject", "id"),
    ("credentialSubject", "type"),
    ("credentialSubject", "fullName"),
    ("credentialSubject", "@context"),
    ("proof",),
    ("proof", "type"),
    ("proof", "id"),
    ("proof", "cryptosuite"),
    ("proof", "created"),
    ("proof", "expires"),
    ("proof", "verificationMethod"),
    ("proof", "proofPurpose"),
    ("proof", "proofValue"),
    ("proof", "domain"),
    ("proof", "challenge"),
    ("proof", "nonce"),
    ("proof", "previousProof"),
    ("proof", "@context"),
    ("proof", "unheardOf"),
]


def _put(document, place, value):
    """A copy of the document with ``value`` at ``place``; containers on the way are copied, the value is not."""
    head, *rest = place
    changed = list(document) if isinstance(document, list) else dict(document)
    if rest:
        changed[head] = _put(changed[head], rest, value)
    else:
        changed[head] = value
    return changed


@pytest.fixture(scope="module", params=["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-sd-2023"])
def secured(request, world):
    suite = CRYPTOSUITES[request.param]
    issuer = world.key("issuer", next(iter(suite.key_types)))
    options: dict[str, Any] = {"mandatory_pointers": ["/issuer"]} if request.param == "ecdsa-sd-2023" else {}
    document = vc.issue(world.credential(issuer), issuer, cryptosuite=request.param, now=world.now, **options)
    if options:
        document = vc.derive(document, selective_pointers=["/credentialSubject", "/validFrom", "/id"])
    assert vc.verify(document, now=world.now).verified
    return document


@pytest.mark.parametrize("name", JUNK)
def test_junk_anywhere_in_a_credential_gives_a_verdict(secured, world, name):
    for place in PLACES:
        if place == ("proof", "unheardOf") and name == "a list of nulls":
            continue  # The example contexts take any term; a set of nulls states nothing in JSON-LD.
        document = _put(secured, place, JUNK[name])
        verdict = vc.verify(document, now=world.now)
        assert not verdict.verified, place
        assert verdict.problems, place
        assert all(p.code != "verification.internal" for p in verdict.problems), (place, verdict.problems)


@pytest.mark.parametrize("name", JUNK)
def test_junk_anywhere_in_a_presentation_gives_a_verdict(world, secured, name):
    shown = vc.present([secured], world.key("device"), challenge="c", domain="d", expires_in=300, now=world.now)
    places = [
        ("@context",),
        ("type",),
        ("holder",),
        ("proof",),
        ("proof", "challenge"),
        ("proof", "domain"),
        ("proof", "expires"),
        ("proof", "previousProof"),
        ("verifiableCredential",),
        ("verifiableCredential", 0),
        ("verifiableCredential", 0, "issuer"),
        ("verifiableCredential", 0, "credentialSubject"),
        ("verifiableCredential", 0, "credentialSubject", "id"),
        ("verifiableCredential", 0, "proof"),
        ("verifiableCredential", 0, "proof", "proofValue"),
    ]
    for place in places:
        verdict = vc.verify(_put(shown, place, JUNK[name]), challenge="c", domain="d", now=world.now)
        assert not verdict.verified, place
        assert verdict.problems, place
        assert all(p.code != "verification.internal" for p in verdict.problems), (place, verdict.problems)


@pytest.mark.parametrize("name", JUNK)
def test_junk_anywhere_in_what_is_to_be_signed_is_an_error_or_is_signed(world, name):
    issuer = world.key("issuer", "Ed25519")
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        for place in PLACES:
            if place[0] == "proof":
                continue
            document = _put(world.credential(issuer), place, JUNK[name])
            try:
                signed = vc.issue(document, issuer, cryptosuite=suite, now=world.now)
            except vc.ProblemError as error:
                assert error.problems, place
            else:
                assert json.dumps(signed), place


@pytest.mark.parametrize("name", JUNK)
def test_junk_anywhere_in_what_is_to_be_derived_is_an_error(world, name):
    base = vc.issue(world.credential(), world.key("issuer"), cryptosuite="ecdsa-sd-2023", now=world.now)
    for place in PLACES:
        try:
            derived = vc.derive(_put(base, place, JUNK[name]), selective_pointers=["/issuer"])
        except vc.ProblemError as error:
            assert error.problems, place
        else:
            if place == ("proof", "unheardOf") and name == "a list of nulls":
                continue
            # What the junk replaced is not disclosed, or the proof does not hold.
            assert not vc.verify(derived, now=world.now).verified or not _has(derived, place), place


def _has(document, place):
    """Whether there is something at ``place`` (member names and indexes)."""
    for token in place:
        try:
            document = document[token]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def test_a_mapping_of_another_kind_is_a_document_too(world, secured):
    assert vc.verify(MappingProxyType(secured), now=world.now).verified


@pytest.mark.parametrize("seed", range(8))
def test_no_changed_byte_verifies(world, secured, seed):
    text = bytearray(json.dumps(secured, ensure_ascii=False).encode())
    source = random.Random(seed)
    for _ in range(60):
        changed = bytearray(text)
        position = source.randrange(len(changed))
        kind = source.randrange(3)
        if kind == 0:
            changed[position] ^= 1 << source.randrange(8)
        elif kind == 1:
            del changed[position]
        else:
            changed.insert(position, source.randrange(256))
        verdict = vc.verify(bytes(changed), now=world.now)
        if verdict.verified:
            # White space between tokens may come and go.
            assert verdict.document == secured, bytes(changed)


def _leaves(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


def test_every_single_value_is_protected(world, secured):
    for path in _leaves(secured):
        if path[0] == "@context":
            continue
        document = copy.deepcopy(secured)
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = holder[path[-1]] + "x" if isinstance(holder[path[-1]], str) else "other"
        assert not vc.verify(document, now=world.now).verified, path
        if isinstance(holder, dict):
            del holder[path[-1]]
            assert not vc.verify(document, now=world.now).verified, path


@SLOW
@given(
    claims=st.dictionaries(st.sampled_from("abcdefgh"), st.text(min_size=1, max_size=30), min_size=1), data=st.data()
)
def test_any_changed_claim_fails_and_the_unchanged_ones_verify(world, claims, data):
    issuer = world.key("issuer", "Ed25519")
    credential = world.credential(issuer, credentialSubject={"id": "urn:example:1", **claims})
    name = data.draw(st.sampled_from(sorted(claims)))
    other = data.draw(st.text(max_size=30).filter(lambda text: text != claims[name]))
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        secured = vc.issue(credential, issuer, cryptosuite=suite, now=world.now)
        assert vc.verify(secured, now=world.now).verified
        secured["credentialSubject"] = {**secured["credentialSubject"], name: other}
        assert not vc.verify(secured, now=world.now).verified


def _pointers(value, path=""):
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "@context":
                yield from _pointers(item, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _pointers(item, f"{path}/{index}")


@SLOW
@given(data=st.data())
def test_whatever_is_derived_verifies(world, data):
    credential = world.credential()
    everything = sorted(_pointers(credential))
    mandatory = data.draw(st.lists(st.sampled_from(everything), max_size=4, unique=True))
    selective = data.draw(
        st.lists(st.sampled_from(everything), min_size=0 if mandatory else 1, max_size=6, unique=True)
    )
    base = vc.issue(
        credential, world.key("issuer"), cryptosuite="ecdsa-sd-2023", mandatory_pointers=mandatory, now=world.now
    )
    derived = vc.derive(base, selective_pointers=selective)
    verdict = vc.verify(derived, now=world.now)
    # Everything but an issuer that is not shown: who it is can't be told then.
    assert {problem.code for problem in verdict.problems} <= {"model.issuer", "issuer.controller"}, verdict.problems
    if "issuer" in derived:
        assert verdict.verified
    for pointer in [*mandatory, *selective]:
        value = credential
        for token in pointer[1:].split("/"):
            name = token.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
        assert json.dumps(value, ensure_ascii=False) in json.dumps(derived, ensure_ascii=False) or isinstance(
            value, dict | list
        )
