"""A key for some messages alone: each of its signatures is as any P-256 signature is, and no other key is like it."""

from __future__ import annotations

import secrets

import pytest

from did import PublicKey, SoftwareKey

MESSAGES = [b'_:a <urn:p> "1" .\n', b"", bytes(5000)]


def fixed(count: int) -> bytes:
    return bytes(range(count))


@pytest.mark.parametrize("random", [secrets.token_bytes, fixed], ids=["the system's random source", "another one"])
def test_each_message_is_signed(random) -> None:
    point, signatures = SoftwareKey.sign_once(MESSAGES, random=random)
    key = PublicKey("P-256", point)
    for signature, message in zip(signatures, MESSAGES, strict=True):
        assert len(signature) == 64
        assert key.verify(signature, message)
        assert not key.verify(signature, message + b"x")
    assert not key.verify(signatures[0], MESSAGES[1])


def test_every_call_has_a_key_of_its_own() -> None:
    points = {SoftwareKey.sign_once([])[0] for _ in range(20)}
    assert len(points) == 20
    assert {len(point) for point in points} == {33}
    assert {point[0] for point in points} == {2, 3}


def test_with_the_same_random_bytes_all_comes_out_the_same() -> None:
    assert SoftwareKey.sign_once(MESSAGES, random=fixed) == SoftwareKey.sign_once(MESSAGES, random=fixed)


def test_with_the_systems_random_source_nothing_does() -> None:
    assert SoftwareKey.sign_once(MESSAGES) != SoftwareKey.sign_once(MESSAGES)
