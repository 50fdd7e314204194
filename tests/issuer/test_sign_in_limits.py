"""Wrong passwords: nobody learns a name by them, nobody locks an owner out, and guessing stays hopeless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.errors import IssuerError, ProofingError, RateLimitError
from issuer.officers import Officers
from issuer.portal import Portal

World = Any
PASSWORD = "correct horse battery"


@pytest.fixture
def officers(lite: World) -> Officers:
    made = Officers(lite.authority, hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    made.add("boss", "李强", "supervisor", PASSWORD)
    return made


def _answers(officers: Officers, name: str, tries: int, **where: str) -> Iterator[tuple[type[Exception], str, str]]:
    for _ in range(tries):
        with pytest.raises(IssuerError) as refused:
            officers.sign_in(name, "wrong password", **where)
        yield type(refused.value), refused.value.code, refused.value.zh


def test_an_unknown_name_is_answered_and_waits_exactly_as_a_known_one(lite: World, officers: Officers) -> None:
    for wait in (0, 16, 31, 61):
        lite.clock.forward(minutes=wait)
        known = list(_answers(officers, "boss", 7, address="192.0.2.1"))
        unknown = list(_answers(officers, "ghost", 7, address="192.0.2.2"))
        assert known == unknown
        assert known[-1][0] is RateLimitError


def test_the_log_and_the_counts_name_no_unknown_name(lite: World, officers: Officers) -> None:
    list(_answers(officers, "ghost", 6))
    from sqlalchemy import text

    with lite.authority.database.reading() as session:
        kept = str(session.execute(text("SELECT * FROM sign_in_tries")).all())
    assert "ghost" not in kept and "ghost" not in str(list(lite.authority.audit_entries()))


def test_an_unknown_name_costs_a_password_hash_too(lite: World) -> None:
    counted: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            counted.append("hash")
            return super().verify(hash, password)  # type: ignore[return-value]

    officers = Officers(lite.authority, hasher=Counting(time_cost=1, memory_cost=64, parallelism=1))
    officers.add("boss", "李强", "supervisor", PASSWORD)
    for name in ("boss", "ghost", "\x00", "名"):
        list(_answers(officers, name, 1))
    assert len(counted) == 4


def test_a_stranger_s_tries_do_not_lock_the_owner_out(officers: Officers) -> None:
    list(_answers(officers, "boss", 30, address="192.0.2.1"))
    with pytest.raises(RateLimitError):
        officers.sign_in("boss", PASSWORD, address="192.0.2.9")
    assert officers.sign_in("boss", PASSWORD, device="the office's", address="192.0.2.9").username == "boss"


def test_a_known_device_is_stopped_by_its_own_tries(officers: Officers) -> None:
    list(_answers(officers, "boss", 5, device="stolen"))
    with pytest.raises(RateLimitError):
        officers.sign_in("boss", PASSWORD, device="stolen")
    assert officers.sign_in("boss", PASSWORD, device="another")
    assert officers.sign_in("boss", PASSWORD, address="192.0.2.1")


def test_guessing_from_many_addresses_gets_few_tries_a_day(lite: World, officers: Officers) -> None:
    tried = 0
    for minute in range(24 * 60):
        lite.clock.forward(minutes=1)
        if minute % 5 == 0:
            [(kind, _, _)] = _answers(officers, "boss", 1, address=f"198.51.100.{minute % 250}")
            tried += kind is ProofingError
    assert tried <= 15


def test_one_address_does_not_try_many_names(officers: Officers) -> None:
    kinds = [kind for n in range(40) for kind, _, _ in _answers(officers, f"name{n}", 1, address="192.0.2.1")]
    assert kinds.count(ProofingError) == 30


def test_right_passwords_use_nothing_up(officers: Officers) -> None:
    for n in range(40):
        assert officers.sign_in("boss", PASSWORD, address="192.0.2.1", device="known" if n % 2 else None)


def test_a_new_password_opens_the_account(officers: Officers) -> None:
    list(_answers(officers, "boss", 6, address="192.0.2.1"))
    officers.set_password("boss", "another horse 77")
    assert officers.sign_in("boss", "another horse 77", address="192.0.2.2")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["wrong", "right", "wait"]), max_size=25))
def test_a_known_device_goes_on_whatever_strangers_do(steps: list[str]) -> None:
    import tempfile
    from pathlib import Path

    import did
    from issuer.authority import Authority

    with (
        tempfile.TemporaryDirectory() as folder,
        Authority(
            Path(folder) / "r.db", did.SoftwareKey.from_seed("P-256", b"s"), name="n", region="510000",
            base_url="https://a.example",
        ) as authority,
    ):  # fmt: skip
        officers = Officers(authority, hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        officers.add("boss", "李强", "supervisor", PASSWORD)
        for step in steps:
            try:
                officers.sign_in("boss", PASSWORD if step == "right" else "wrong", address="192.0.2.1")
            except IssuerError:
                continue
        assert officers.sign_in("boss", PASSWORD, device="known")


def test_a_stranger_does_not_lock_a_resident_out_of_a_browser_that_they_use(lite: World) -> None:
    portal = Portal(lite.authority)
    with pytest.raises(RateLimitError):  # noqa: PT012 - after some tries, whichever
        for _ in range(10):
            portal.sign_in("张伟", lite.zhang_wei)
    with pytest.raises(RateLimitError):
        portal.sign_in("张伟", lite.zhang_wei)
    reference = portal.sign_in("张伟", lite.zhang_wei, device="at home")
    assert portal.confirm(reference, lite.outbox.sent[-1].code).name == "张伟"


def test_a_known_browser_has_few_tries_at_codes_too(lite: World) -> None:
    portal, wrong = Portal(lite.authority), 0
    with pytest.raises(RateLimitError):  # noqa: PT012 - after some tries, whichever
        for _ in range(10):
            reference = portal.sign_in("张伟", lite.zhang_wei, device="stolen")
            for _ in range(5):
                with pytest.raises(ProofingError):
                    portal.confirm(reference, "no code")
                wrong += 1
    assert wrong <= 15
