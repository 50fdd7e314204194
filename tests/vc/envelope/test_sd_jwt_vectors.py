"""The published SD-JWT cases, those of SD-JWT VC, and inputs that have to be refused (tests/vectors/sd-jwt)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from did import PublicKey
from vc.envelope import disclosures, sd_jwt
from vc.problems import ProblemError

FOLDER = Path(__file__).parents[2] / "vectors" / "sd-jwt"
CASES = {path.stem: json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}
ACCEPTED = {name: case for name, case in CASES.items() if case.get("expect") != "reject"}
REFUSED = {name: case for name, case in CASES.items() if case.get("expect") == "reject"}
NOW = datetime(2027, 1, 1, tzinfo=UTC)
REASONS = {
    "reject-alg-none": {"envelope.algorithm"},
    "reject-altered-disclosure": {"parse.json", "sd_jwt.disclosure"},
    "reject-kb-missing": {"sd_jwt.binding"},
    "reject-reserved-claim-name": {"sd_jwt.disclosure"},
    "reject-unreferenced-disclosure": {"sd_jwt.disclosure"},
    "reject-wrong-nonce": {"proof.challenge"},
}


def key_of(case: dict[str, Any]) -> PublicKey:
    return PublicKey.from_jwk(case["issuerPublicJwk"])


def without_binding(value: Any) -> Any:
    return value if isinstance(value, str) else {name: item for name, item in value.items() if name != "kb_jwt"}


def test_there_are_cases_of_each_kind() -> None:
    assert len(ACCEPTED) >= 20
    assert len(REFUSED) >= 6


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_presentation_gives_the_processed_payload(name: str) -> None:
    case = ACCEPTED[name]
    asked = case.get("keyBindingInput", {})
    if isinstance(case["presentation"], str):
        claims = sd_jwt.verify(
            case["presentation"],
            key_of(case),
            nonce=asked.get("nonce"),
            audience=asked.get("aud"),
            require_key_binding=case["keyBinding"],
            now=NOW,
        )
    else:
        # The key bindings of the JSON cases have their sd_hash over the text that one library had written, not over the
        # compact form (RFC 9901 section 8.1): see the next test.
        claims = sd_jwt.verify(without_binding(case["presentation"]), key_of(case), now=NOW)
    assert claims == case["verifiedPayload"]


@pytest.mark.parametrize("name", [name for name, case in ACCEPTED.items() if not isinstance(case["presentation"], str)])
def test_a_key_binding_that_is_not_over_the_compact_form_is_refused(name: str) -> None:
    with pytest.raises(ProblemError) as refused:
        sd_jwt.verify(ACCEPTED[name]["presentation"], key_of(ACCEPTED[name]), now=NOW)
    assert refused.value.code == "sd_jwt.binding"


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_disclosure_has_its_published_digest_and_content(name: str) -> None:
    for entry in ACCEPTED[name]["disclosures"]:
        (parsed,) = disclosures.parse([entry["disclosure"]])
        assert disclosures.digests_of([entry["disclosure"]]) == [entry["digest"]]
        expected = entry["json"]
        assert (parsed.name, parsed.value) == (
            (expected[1], expected[2]) if len(expected) == 3 else (None, expected[1])
        )


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_was_issued_holds_the_published_payload(name: str) -> None:
    case = ACCEPTED[name]
    parsed = sd_jwt.parse(case["issued"])
    assert parsed.payload == case["issuerPayload"]
    assert [item.text for item in parsed.disclosures] == [entry["disclosure"] for entry in case["disclosures"]]
    user = sd_jwt.verify(case["issued"], key_of(case), now=NOW)
    assert {name: user[name] for name in case["userClaims"] if name not in {"iat"}} == {
        name: value for name, value in case["userClaims"].items() if name not in {"iat"}
    }


@pytest.mark.parametrize("name", [name for name, case in ACCEPTED.items() if isinstance(case["presentation"], str)])
def test_the_holder_discloses_what_the_case_discloses(name: str) -> None:
    """The pointers of what the case shows give its processed payload again."""
    case = ACCEPTED[name]
    shown = sd_jwt.parse(case["presentation"])
    whole = sd_jwt.parse(case["issued"])
    texts = {item.text for item in shown.disclosures}
    pointers = [place.pointer for place in whole.revealed.places if place.disclosure.text in texts]
    nested = {place.pointer for place in whole.revealed.places if place.disclosure.text not in texts}
    if any(inner.startswith(pointer + "/") for pointer in pointers for inner in nested):
        # The case shows a value without what is hidden in it; a pointer shows all of it.
        kept = {item.text for item in sd_jwt.disclose(whole, pointers).disclosures}
        assert kept >= texts
        return
    assert sd_jwt.disclose(whole, pointers).claims == case["verifiedPayload"]


@pytest.mark.parametrize("name", REFUSED)
def test_changed_input_is_refused(name: str) -> None:
    case = REFUSED[name]
    asked = case["keyBindingInput"]
    with pytest.raises(ProblemError) as refused:
        sd_jwt.verify(
            case["sdJwt"],
            key_of(case),
            nonce=asked["nonce"],
            audience=asked["aud"],
            require_key_binding=case["keyBindingRequired"],
            now=NOW,
        )
    assert name not in REASONS or refused.value.code in REASONS[name]
