"""Work is counted, not timed: twice the input takes at most a little over twice the steps, and memory has its bound."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import did
import vc
from benchmarks.nasty import INPUTS, Input
from did import strict_json
from did.errors import KeyFileLimit
from did.key_files import Argon2id, decrypt
from vc import json_text
from vc.integrity.ecdsa_sd_2023 import MAX_SIGNATURES
from vc.linked_data import engine
from vc.parsing import LIMITS, Limits, count_members, loads
from vc.problems import ProblemError
from vc.verification.price import allowance

V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"


def steps(work: Callable[[], object]) -> int:
    """How many Python functions, generators and functions in C are entered; the machine plays no part."""
    count = 0

    def counting(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


SMALL = [one for one in INPUTS.values() if not one.name.startswith(("key file", "xlsx", "schema"))]


@pytest.mark.parametrize("one", SMALL, ids=[one.name for one in SMALL])
def test_twice_the_input_takes_about_twice_the_steps(one: Input) -> None:
    one.judge(one.make(2048))
    first, second = (one.make(size) for size in (4096, 8192))
    fewer = min(steps(lambda: one.judge(first)) for _ in range(2))
    more = min(steps(lambda: one.judge(second)) for _ in range(2))
    assert more <= 2.5 * fewer + 2000, f"{fewer} and {more} steps"


DEAR = ["list of integers", "empty arrays", "strict empty arrays", "sd jwt disclosures", "poison clique", "csv columns"]


@pytest.mark.parametrize("name", DEAR)
def test_memory_is_at_most_eight_times_the_input_and_32_mib(name: str) -> None:
    one = INPUTS[name]
    one.judge(one.make(4096))
    made = one.make(256 * 1024)
    tracemalloc.start()
    try:
        one.judge(made)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 8 * len(made) + 32 * 1024 * 1024


# --- JSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [loads, strict_json.loads])
@pytest.mark.parametrize("piece", [b'\\"', b'"\\', b"\\\\", b'"', b"\\"])
def test_a_string_without_an_end_is_gone_through_once(read: Callable[[bytes], Any], piece: bytes) -> None:
    """32 KB of it once stopped three servers for 17 seconds. The expression's own steps: test_patterns."""
    for size in (16_000, 32_000, 2_000_000):
        with pytest.raises(ValueError):  # noqa: PT011 - each reader has an error of its own
            read(b'{"a":"' + piece * (size // len(piece)))


@pytest.mark.parametrize(
    ("text", "least"),
    [
        (b"[]", 0),
        (b"[1,2,3]", 2),
        (b'{"a":[{},{}]}', 3),
        (b'["a,b","[[[[",{"c,d":"\\",[{"}]', 2),
        (b'["not ended, [[[[', 0),
        (b"[[[[[", 4),
        (b",,,,", 4),
    ],
)
def test_members_are_counted_without_parsing_and_never_too_many(text: bytes, least: int) -> None:
    assert strict_json.members_at_least(text, 0) in range(min(least, 1), least + 1)
    assert strict_json.members_at_least(text + b" " * 9, 1000) == 0


def test_counting_stops_when_the_answer_is_known() -> None:
    assert 10 < strict_json.members_at_least(b"[" + b"1," * 1_000_000, 10) <= 12


def test_a_document_has_as_many_members_as_its_bytes_bear() -> None:
    def listed(count: int, padding: int) -> bytes:
        return json.dumps({"l": [1] * count, "t": "x" * padding}, separators=(",", ":")).encode()

    for padding in (0, 60_000, 1_000_000, 3_900_000):
        most = LIMITS.members_of(len(listed(0, padding)) + 8000)
        assert loads(listed(most - 10, padding + 8000))
        assert vc.inputs.read_document(json.loads(listed(most - 10, padding + 8000)))
        too_many = listed(2 * most, padding)
        for read in (loads, lambda text: vc.inputs.read_document(json.loads(text))):
            with pytest.raises(ProblemError) as refused:
                read(too_many)
            assert refused.value.problems[0].code == "parse.limit"


def test_no_document_of_16_kib_has_too_many_members() -> None:
    assert all(LIMITS.members_of(size) * 2 >= size for size in range(0, 16385, 7))
    assert Limits(members=5).members_of(10**6) == 5


def test_commas_in_texts_are_no_members() -> None:
    text = json.dumps({"t": ",[{" * 20_000}).encode()
    assert loads(text) == json.loads(text)
    count_members(json.loads(text), text)


def test_texts_are_cut_as_they_always_were() -> None:
    cases = {
        b'{"a":"b"}': [b"{", b"a", b":", b"b", b"}"],
        b'"\\\\"': [b"", b"\0", b""],
        b'"\\""': [b"", b"\1", b""],
        b'"\\\\\\""': [b"", b"\0\1", b""],
        b'"\\\\\\\\"': [b"", b"\0\0", b""],
        b'"\\\\u0041"': [b"", b"\0u0041", b""],
        b'"\\n"': [b"", b"\\n", b""],
    }
    for text, tokens in cases.items():
        assert json_text.cut(text) == tokens
        assert b'"'.join(map(json_text.restored, tokens)) == text
    assert json_text.cut(b'"\\u0001"') is None
    assert json_text.cut(b'"\\\\\\u0001"') is None


# --- proofs --------------------------------------------------------------------------------------------------------


@pytest.fixture
def transformed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the engine is asked to transform."""
    seen: list[object] = []

    def noting(name: str) -> None:
        original = getattr(engine, name)

        def noted(document: Any, *arguments: Any, **named: Any) -> Any:
            seen.append(document)
            return original(document, *arguments, **named)

        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith("vc.") and getattr(module, name, None) is original:
                monkeypatch.setattr(module, name, noted)

    noting("canonical_bytes")
    noting("to_dataset")
    return seen


def signed(key_type: str, suite: str, count: int, **more: Any) -> dict[str, Any]:
    key = did.generate(key_type)
    base = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": {"id": "urn:example:x", "l": {"@list": [1, 2, 3]}},
        **more,
    }
    made = vc.issue(base, key, cryptosuite=suite)
    if suite == "ecdsa-sd-2023":
        made = vc.derive(made, selective_pointers=["/issuer", "/credentialSubject"])
    return {**made, "proof": [made["proof"]] * count}


@pytest.mark.parametrize(
    ("key_type", "suite"),
    [("Ed25519", "eddsa-rdfc-2022"), ("P-384", "ecdsa-rdfc-2019"), ("P-256", "ecdsa-sd-2023")],
)
def test_a_document_is_transformed_once_for_all_its_proofs(
    key_type: str, suite: str, transformed: list[object]
) -> None:
    document = signed(key_type, suite, 16)
    transformed.clear()
    verdict = vc.verify(document)
    assert verdict.verified
    assert len([check for check in verdict.checks if check.name == "proof"]) == 16
    assert len(transformed) == 1


def test_each_of_many_proofs_is_still_checked() -> None:
    document = signed("Ed25519", "eddsa-rdfc-2022", 3)
    wrong = {**document["proof"][1], "proofValue": signed("Ed25519", "eddsa-rdfc-2022", 1)["proof"][0]["proofValue"]}
    document["proof"][1] = wrong
    verdict = vc.verify(document)
    assert not verdict.verified
    assert [(p.code, p.pointer) for p in verdict.problems] == [("proof.signature", "/proof/1")]


def test_what_can_not_be_transformed_is_tried_once_for_all_proofs(transformed: list[object]) -> None:
    document = signed("Ed25519", "eddsa-rdfc-2022", 16)
    links = [{"id": f"_:b{i}", "q": [{"id": f"_:b{j}"} for j in range(30) if i != j]} for i in range(30)]
    document["credentialSubject"] = {"id": "urn:example:x", "p": links}
    transformed.clear()
    verdict = vc.verify(document)
    assert {problem.code for problem in verdict.problems} == {
        "reading.dropped"
    }  # Labels of one's own are signed by nobody.
    assert len(transformed) == 1


def test_proofs_that_each_need_another_input_have_an_allowance_together() -> None:
    document = signed("Ed25519", "eddsa-rdfc-2022", 1, name="x" * 1000)
    document["credentialSubject"] = {"id": "urn:example:x", "l": {"@list": list(range(3500))}}
    one = document["proof"][0]
    proofs = [
        {**one, "id": f"urn:example:{n}", **({"previousProof": f"urn:example:{n - 1}"} if n else {})} for n in range(16)
    ]
    few = vc.verify({**document, "proof": proofs[:1]})
    many = vc.verify({**document, "proof": proofs})
    assert [problem.code for problem in few.problems] == ["proof.signature"]
    assert [problem.code for problem in many.problems] == ["proof.limit"]
    explained = vc.verify({**document, "proof": proofs}, explain=True)
    assert "proof.limit" in [problem.code for problem in explained.problems]


def test_ordinary_sets_and_chains_are_far_within_it() -> None:
    for suite, key_type in (("eddsa-rdfc-2022", "Ed25519"), ("ecdsa-sd-2023", "P-256")):
        document = signed(key_type, suite, 4)
        assert vc.verify(document).verified


def test_the_allowance_grows_with_what_is_sent_and_ends() -> None:
    sizes = [0, 1000, 65_536, 65_537, 10**6, 10**7]
    units = [allowance(size) for size in sizes]
    assert units == sorted(units)
    assert units[0] > 16 * 60  # 16 proofs with P-384
    assert units[-1] == 200_000


def test_a_statement_signature_is_not_made_for_more_than_are_verified() -> None:
    key = did.generate("P-256")
    subject = {"id": "urn:example:x", "t": "x" * 400_000, **{f"p{n}": n for n in range(MAX_SIGNATURES + 10)}}
    base = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": subject,
    }
    with pytest.raises(ProblemError) as refused:
        vc.issue(base, key, cryptosuite="ecdsa-sd-2023")
    assert refused.value.problems[0].code == "proof.generation"


# --- key files -----------------------------------------------------------------------------------------------------


def test_a_key_file_that_asks_for_a_gibibyte_is_refused_before_anything_is_derived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("did.key_files._derive", lambda *_: pytest.fail("nothing may be derived"))
    with pytest.raises(KeyFileLimit):
        decrypt(INPUTS["key file that asks for memory"].make(4096), "password")


@pytest.mark.parametrize("asked", [(128 * 1024 + 1, 2, 1), (128 * 1024, 5, 1), (19 * 1024, 17, 1), (19 * 1024, 2, 9)])
def test_no_parameter_of_a_key_file_goes_beyond_its_bound(asked: tuple[int, int, int]) -> None:
    with pytest.raises(KeyFileLimit):
        Argon2id(*asked).check()


def test_the_ordinary_parameters_and_the_largest_are_accepted() -> None:
    Argon2id().check()
    Argon2id(128 * 1024, 4, 8).check()
