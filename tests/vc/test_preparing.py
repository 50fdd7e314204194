"""A presentation can be signed elsewhere: prepared here, completed with a signature that is checked first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import did
import vc
from did import SoftwareKey
from vc.presentation import prepare

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)
ARGUMENTS: dict[str, Any] = {
    "challenge": "n3Kx8pQ0vT5yR2mW",
    "domain": "https://hotel.example",
    "expires_in": 300,
    "now": NOW,
}


class Elsewhere:
    """A signer whose private key is not here."""

    def __init__(self, key: SoftwareKey) -> None:
        self.algorithm, self.did = key.algorithm, key.did
        self.verification_method, self.public_key = key.verification_method, key.public_key

    def sign(self, data: bytes) -> bytes:
        raise AssertionError("the key is elsewhere")


@pytest.fixture(params=["P-256", "P-384", "Ed25519"])
def key(request: pytest.FixtureRequest) -> SoftwareKey:
    return SoftwareKey.from_seed(request.param, b"a key of another place")


def test_completed_with_the_keys_signature_it_verifies(key: SoftwareKey) -> None:
    pending = prepare([], Elsewhere(key), **ARGUMENTS)
    presentation = pending.complete(key.sign(pending.data_to_sign))
    verdict = vc.verify(presentation, challenge="n3Kx8pQ0vT5yR2mW", domain="https://hotel.example", now=NOW)
    assert verdict.verified, verdict.problems
    assert presentation == vc.present([], key, **ARGUMENTS)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: b"",
        lambda good: good[:-1],
        lambda good: good + b"\0",
        lambda good: bytes(len(good)),
        lambda good: b"\xff" * len(good),
        lambda good: good[:-1] + bytes([good[-1] ^ 1]),
        lambda good: good * 1000,
    ],
)
def test_any_other_signature_is_refused_before_anything_leaves(
    key: SoftwareKey, spoil: Callable[[bytes], bytes]
) -> None:
    pending = prepare([], Elsewhere(key), **ARGUMENTS)
    with pytest.raises(vc.ProblemError) as refused:
        pending.complete(spoil(key.sign(pending.data_to_sign)))
    assert [problem.code for problem in refused.value.problems] == ["proof.signature"]


def test_another_keys_signature_is_refused(key: SoftwareKey) -> None:
    pending = prepare([], Elsewhere(key), **ARGUMENTS)
    other = did.generate(key.algorithm)
    with pytest.raises(vc.ProblemError):
        pending.complete(other.sign(pending.data_to_sign))


def test_what_present_refuses_prepare_refuses(key: SoftwareKey) -> None:
    with pytest.raises(vc.ProblemError):
        prepare([{"type": "VerifiableCredential"}], Elsewhere(key), **ARGUMENTS)
    with pytest.raises(vc.ProblemError):
        prepare([], Elsewhere(key), **{**ARGUMENTS, "expires_in": -1})


def test_what_a_pending_presentation_prints_shows_no_credential(key: SoftwareKey) -> None:
    assert "VerifiablePresentation" not in repr(prepare([], Elsewhere(key), **ARGUMENTS))
