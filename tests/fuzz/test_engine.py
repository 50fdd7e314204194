"""The campaign itself: it repeats, it finds what is there to be found, and it makes what it finds small."""

from __future__ import annotations

import json
from typing import Any

import pytest

import vc

from . import mutators, world
from .campaign import Campaign, keep, round_seed, search
from .choices import FromSeed
from .meaning import answers, differences, says_more
from .minimise import fewest, minimised
from .target import Finding, Target, Violation, budget, examine
from .targets import TARGETS


def _fed(target: Target, seed: int) -> list[bytes]:
    return [target.mutant(FromSeed(f"{seed}/{n}")) for n in range(30)]


@pytest.mark.parametrize(
    "name", ["parse", "verify-ecdsa-sd-2023", "envelope-sd-jwt", "envelope-cose", "http", "qr-payload"]
)
def test_the_same_seed_makes_the_same_inputs(name: str) -> None:
    target = TARGETS[name]
    assert _fed(target, 1) == _fed(target, 1)
    assert _fed(target, 1) != _fed(target, 2)


@pytest.mark.parametrize("hypothetical", [False, True])
def test_the_same_seed_makes_the_same_search(hypothetical: bool) -> None:
    def collected(seed: int) -> list[bytes]:
        fed: list[bytes] = []

        def run(data: bytes) -> None:
            fed.append(data)

        target = Target("parse", mutators.json_document, run)
        search(target, seed, examples=20, timed=False, hypothetical=hypothetical)
        return fed

    assert collected(7) == collected(7)
    assert len(collected(7)) >= 20


@pytest.mark.parametrize("hypothetical", [False, True])
def test_a_search_ends_when_its_time_is_up(hypothetical: bool) -> None:
    fed: list[bytes] = []
    target = Target("parse", mutators.json_document, fed.append)
    search(target, 1, examples=50, until=0, timed=False, hypothetical=hypothetical)
    assert fed == list(target.files("valid-").values())  # What the target's meanings are taken from, and no more.


def test_rounds_of_different_targets_have_different_seeds() -> None:
    assert round_seed(1, "parse", 0) != round_seed(1, "qr-payload", 0) != round_seed(1, "qr-payload", 1)


def test_an_error_that_is_not_documented_is_found_and_made_small() -> None:
    def run(data: bytes) -> None:
        if b"@value" in data:
            raise KeyError("a careless reader")

    found: list[Finding] = []
    campaign = Campaign(3, found.append)
    campaign.round(Target("parse", mutators.json_document, run), 0, examples=400)
    assert [(f.target, f.data) for f in found] == [("parse", b"@value")]
    assert "KeyError" in found[0].signature
    campaign.round(Target("parse", mutators.json_document, run), 1, examples=400)
    assert len(found) == 1  # Known by then.


def test_a_document_that_is_believed_unchecked_is_found_by_its_meaning() -> None:
    def run(data: bytes) -> Any:
        try:
            return answers(vc.parsing.loads(data))
        except vc.ProblemError:
            return None

    careless = Target("verify-eddsa-rdfc-2022", mutators.json_document, run, signed=True)
    found = search(careless, 1, examples=60, timed=False)
    assert any("means something else" in finding.signature for finding in found)


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"issuer": "did:web:another.example"}, "issuer"),
        ({"validUntil": "2099-01-01T00:00:00Z"}, "validUntil"),
        ({"credentialStatus": []}, "status"),
        ({"credentialSubject": {"id": "did:web:another.example"}}, "subjects"),
        ({"credentialSubject": {**world.credential("x")["credentialSubject"], "ageOver18": [False]}}, "truth"),
        ({"proof": {"type": "DataIntegrityProof", "challenge": "c"}}, "proof.challenge"),
        ({"https://www.w3.org/2018/credentials#validUntil": "x"}, "document"),
    ],
)
def test_a_reader_that_gets_another_answer_is_named(change: dict[str, Any], asked: str) -> None:
    original = world.credential("did:web:sc.example")
    assert asked in differences(answers(original), answers({**original, **change}))


def test_order_and_spelling_are_no_meaning_and_neither_are_signature_bytes() -> None:
    original = {**world.credential("did:web:sc.example"), "proof": {"proofValue": "zA"}}
    turned = json.loads(json.dumps(dict(reversed(original.items())), indent=1))
    turned["proof"]["proofValue"] = "zB"
    turned["credentialSubject"]["languages"].reverse()
    turned["credentialSubject"]["rooms"] = 2.0
    turned["credentialStatus"] = [turned["credentialStatus"]]
    turned["issuer"] = {"id": turned["issuer"]}
    assert differences(answers(original), answers(turned)) == []


def test_a_part_says_no_more_than_the_whole() -> None:
    whole = world.credential("did:web:sc.example")
    part = {"issuer": whole["issuer"], "credentialSubject": {"rooms": 2, "languages": ["en"]}}
    assert says_more(part, whole) is None
    assert says_more({"credentialSubject": {"rooms": 3}}, whole) == "/credentialSubject/rooms"
    assert says_more({"credentialSubject": {"languages": ["fr"]}}, whole) == "/credentialSubject/languages/0"
    assert says_more({"name": "x"}, whole) == "/name"
    assert says_more({"credentialStatus": [whole["credentialStatus"]]}, whole) is None
    assert says_more({"credentialSubject": {"ageOver18": [False]}}, whole) == "/credentialSubject/ageOver18"


def test_of_many_decisions_those_that_matter_are_left() -> None:
    assert fewest([5, 0, 7, 9, 3, 0, 0], lambda kept: 7 in kept) == [7]
    assert fewest([5, 6, 7], lambda kept: len(kept) == 3 and kept[1] == 6) == [0, 6, 0]


def test_what_is_minimised_still_shows_the_fault() -> None:
    data = json.dumps({"a": [1, {"b": "needle", "c": [2, 3]}], "d": "x" * 50}).encode()
    assert minimised(data, lambda candidate: b"needle" in candidate) == b"needle"

    def valid(candidate: bytes) -> bool:
        try:
            return "needle" in json.dumps(json.loads(candidate))
        except ValueError:
            return False

    assert valid(minimised(data, valid))
    assert len(minimised(data, valid)) < 30


def test_a_violation_is_a_finding_and_a_refusal_is_none() -> None:
    def run(data: bytes) -> None:
        raise Violation("believed | at /issuer")

    finding = examine(Target("parse", mutators.raw, run), b"x")
    assert finding is not None
    assert (finding.signature, finding.data) == ("violation: believed", b"x")
    assert examine(Target("parse", mutators.raw, lambda data: None), b"x") is None


def test_an_input_that_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(float(n) for n in range(20))
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    target = Target("parse", mutators.raw, lambda data: None)
    finding = examine(target, b"x" * 100, timed=True)
    assert finding is not None
    assert (finding.signature, finding.detail) == ("slow", "100 bytes took 1.00 s of processor time")
    assert examine(target, b"x" * 2_000_000, timed=True) is None
    assert examine(target, b"x" * 100) is None


def test_the_budget_is_that_of_the_price_list() -> None:
    assert budget(65_536) == 0.15
    assert budget(4 * 1024 * 1024) == 4


def test_a_finding_is_kept_under_a_name_that_says_what_it_is(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.target.CORPUS", tmp_path, raising=False)
    target = Target("parse", mutators.raw, lambda data: None)
    name = keep(target, Finding("parse", "KeyError in jcs.py:jcs", "", b"{}"))
    try:
        assert name == "found-keyerror-in-jcs-py-jcs-44136fa3." + name.rpartition(".")[2]
        assert (target.folder / name).read_bytes() == b"{}"
    finally:
        (target.folder / name).unlink()
