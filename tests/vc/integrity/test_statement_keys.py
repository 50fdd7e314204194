"""The key of one proof: made for it, with each of its signatures as any P-256 signature is."""

from __future__ import annotations

import secrets

import pytest

from did import PublicKey
from vc.integrity.statement_keys import sign_statements, statement_verifier
from vc.problems import ProblemError

STATEMENTS = [b'_:a <urn:p> "1" .\n', b"", bytes(5000)]


def fixed(count: int) -> bytes:
    return bytes(range(count))


@pytest.mark.parametrize("random", [secrets.token_bytes, fixed], ids=["the system's random source", "another one"])
def test_each_statement_is_signed(random) -> None:
    point, signatures = sign_statements(STATEMENTS, random)
    key = PublicKey("P-256", point)
    verify = statement_verifier(point)
    for signature, statement in zip(signatures, STATEMENTS, strict=True):
        assert len(signature) == 64
        assert key.verify(signature, statement)
        assert verify(signature, statement)
        assert not verify(signature, statement + b"x")
        assert not verify(signature[:-1], statement)
    assert not verify(signatures[0], STATEMENTS[1])


def test_every_proof_has_a_key_of_its_own() -> None:
    points = {sign_statements([], secrets.token_bytes)[0] for _ in range(20)}
    assert len(points) == 20
    assert {len(point) for point in points} == {33}
    assert {point[0] for point in points} == {2, 3}


def test_with_the_same_random_bytes_all_comes_out_the_same() -> None:
    assert sign_statements(STATEMENTS, fixed) == sign_statements(STATEMENTS, fixed)


def test_with_the_systems_random_source_nothing_does() -> None:
    assert sign_statements(STATEMENTS, secrets.token_bytes) != sign_statements(STATEMENTS, secrets.token_bytes)


@pytest.mark.parametrize("point", [b"", bytes(33), b"\x02" + b"\xff" * 32, b"\x04" + bytes(64)])
def test_what_is_no_point_is_refused(point: bytes) -> None:
    with pytest.raises(ProblemError) as caught:
        statement_verifier(point)
    assert caught.value.code == "proof.value"
