"""Who applies is proved by name, number and a one-time code; a stranger learns nothing and can't try for long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from issuer.errors import NotFoundError, ProofingError, RateLimitError, StateError
from issuer.proofing import CodeDelivery, ProofingRequest
from issuer.tables import Proofing

World = Any
KIND = {"kind": "resident-identity-card"}


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_proves_the_applicant_once(world: World) -> None:
    application = world.authority.apply("张伟", world.zhang_wei, **KIND)
    assert application.state.value == "awaiting-proof"
    [delivery] = world.outbox.sent
    assert delivery.phone == "13800000001" and delivery.reference == application.reference
    proved = world.authority.prove(application.reference, delivery.code)
    assert proved.state.value == "awaiting-device" and proved.challenge
    with pytest.raises(StateError):
        world.authority.prove(application.reference, delivery.code)


def test_a_wrong_code_proves_nothing(world: World) -> None:
    application = world.authority.apply("张伟", world.zhang_wei, **KIND)
    code = world.outbox.sent[0].code
    for bad in (wrong(code), code + "0", code[:5]):
        with pytest.raises(ProofingError) as refused:
            world.authority.prove(application.reference, bad)
        assert refused.value.code == "proofing.failed"
    assert world.authority.application(application.reference).state.value == "awaiting-proof"
    assert world.authority.prove(application.reference, code).challenge


@pytest.mark.parametrize("evidence", ["", "x" * 1_000_000, "\0", "\ud800", "１２３４５６", "123 456"])
def test_odd_evidence_is_just_wrong(lite: World, evidence: str) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    with pytest.raises(ProofingError):
        lite.authority.prove(application.reference, evidence)


def test_a_stranger_sees_what_a_resident_sees(lite: World) -> None:
    resident = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    sent = len(lite.outbox.sent)
    for name, number in (
        ("李伟", lite.zhang_wei),  # The name of somebody else.
        ("张伟", lite.number("19850214", 99)),  # Nobody's number.
    ):
        stranger = lite.authority.apply(name, number, **KIND)
        assert {**stranger.to_dict(), "application": ""} == {**resident.to_dict(), "application": ""}
        for code in ("000000", lite.outbox.sent[0].code):
            with pytest.raises(ProofingError) as refused:
                lite.authority.prove(stranger.reference, code)
            assert refused.value.code == "proofing.failed"
    assert len(lite.outbox.sent) == sent


def test_the_dead_are_not_proved(lite: World) -> None:
    lite.authority.set_life_status(lite.zhang_wei, "deceased")
    lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    assert lite.outbox.sent == []


def test_somebody_who_dies_between_code_and_proof_is_not_proved(lite: World) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    lite.authority.set_life_status(lite.zhang_wei, "deceased")
    with pytest.raises(ProofingError):
        lite.authority.prove(application.reference, lite.outbox.sent[0].code)


def test_a_code_lives_five_minutes(lite: World) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    lite.clock.forward(minutes=5)
    with pytest.raises(ProofingError):
        lite.authority.prove(application.reference, lite.outbox.sent[0].code)


def test_a_code_bears_five_tries(lite: World) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    code = lite.outbox.sent[0].code
    for _ in range(5):
        with pytest.raises(ProofingError):
            lite.authority.prove(application.reference, wrong(code))
    with pytest.raises(ProofingError):
        lite.authority.prove(application.reference, code)


def test_a_new_code_ends_the_old_one(lite: World) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    lite.authority.resend(application.reference)
    old, new = (delivery.code for delivery in lite.outbox.sent)
    if old != new:
        with pytest.raises(ProofingError):
            lite.authority.prove(application.reference, old)
    assert lite.authority.prove(application.reference, new).challenge


def test_codes_are_limited_by_person_and_hour(world: World) -> None:
    for _ in range(5):
        world.authority.apply("张伟", world.zhang_wei, **KIND)
    with pytest.raises(RateLimitError):
        world.authority.apply("张伟", world.zhang_wei, **KIND)
    assert len(world.outbox.sent) == 5
    # Nobody else is kept out, and after an hour the person isn't either.
    world.authority.apply("李娜", world.li_na, **KIND)
    world.clock.forward(hours=1, seconds=1)
    world.authority.apply("张伟", world.zhang_wei, **KIND)


def test_tries_are_limited_by_person_and_day_across_codes(lite: World) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    for _ in range(3):
        for _ in range(5):
            with pytest.raises(ProofingError):
                lite.authority.prove(application.reference, wrong(lite.outbox.sent[-1].code))
        lite.clock.forward(hours=2)
        try:
            application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
        except RateLimitError:
            break
    else:
        pytest.fail("fifteen wrong tries in a day were not enough")
    with pytest.raises(RateLimitError):
        lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    lite.clock.forward(days=1)
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    assert lite.authority.prove(application.reference, lite.outbox.sent[-1].code).challenge


def test_parallel_guesses_count_one_by_one(world: World) -> None:
    application = world.authority.apply("张伟", world.zhang_wei, **KIND)
    code = world.outbox.sent[0].code
    outcomes: list[str] = []

    def guess() -> None:
        try:
            world.authority.prove(application.reference, wrong(code))
        except (ProofingError, RateLimitError) as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 12
    with world.authority.database.reading() as session:
        assert session.scalars(select(Proofing.attempts)).one() == 5
    with pytest.raises(ProofingError):
        world.authority.prove(application.reference, code)


def test_a_code_is_not_kept_and_not_shown(lite: World) -> None:
    lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    [delivery] = lite.outbox.sent
    assert delivery.code not in repr(delivery)
    with lite.authority.database.reading() as session:
        row = session.scalars(select(Proofing)).one()
        stored = [getattr(row, column.key) for column in row.__table__.columns]
    assert len(row.code_hash) == 32 and len(row.salt) == 16
    assert not any(delivery.code.encode() in value for value in stored if isinstance(value, bytes))
    assert not any(lite.zhang_wei in str(value) or "张伟" in str(value) for value in stored)


def test_codes_differ_and_have_six_digits(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.import_rows(*world.family)
    for _ in range(5):
        world.authority.apply("张伟", world.zhang_wei, **KIND)
    codes = [delivery.code for delivery in world.outbox.sent]
    assert all(len(code) == 6 and code.isdigit() for code in codes) and len(set(codes)) > 1


def test_an_application_runs_out(lite: World) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    lite.clock.forward(minutes=30)
    assert lite.authority.application(application.reference).state.value == "expired"
    for call in (lite.authority.resend, lite.authority.challenge):
        with pytest.raises(StateError):
            call(application.reference)
    with pytest.raises(StateError):
        lite.authority.prove(application.reference, lite.outbox.sent[0].code)


BAD_APPLICATIONS: list[tuple[str, str, dict[str, str], type[Exception]]] = [
    ("张伟", "510199198502140110", KIND, ProofingError),
    ("张伟", "", KIND, ProofingError),
    ("张伟", "x" * 1_000_000, KIND, ProofingError),
    ("张伟", "\0", KIND, ProofingError),
    ("", "510199198502140119", KIND, ProofingError),
    ("   ", "510199198502140119", KIND, ProofingError),
    ("张" * 61, "510199198502140119", KIND, ProofingError),
    ("张伟", "510199198502140119", {}, StateError),
    ("张伟", "510199198502140119", {"kind": "resident-identity-card", "department": "population"}, StateError),
    ("张伟", "510199198502140119", {"kind": "passport"}, StateError),
    ("张伟", "510199198502140119", {"kind": ""}, StateError),
    ("张伟", "510199198502140119", {"kind": "\0"}, StateError),
    ("张伟", "510199198502140119", {"department": "' OR 1=1 --"}, StateError),
    ("张伟", "510199198502140119", {"department": "人口"}, StateError),
]


@pytest.mark.parametrize(("name", "number", "selection", "error"), BAD_APPLICATIONS)
def test_a_bad_application_is_refused(
    world: World, name: str, number: str, selection: dict[str, str], error: type[Exception]
) -> None:
    number = world.zhang_wei if number == "510199198502140119" else number
    with pytest.raises(error):
        world.authority.apply(name, number, **selection)
    assert world.outbox.sent == []
    assert world.authority.counts()["applications"] == 0


def test_odd_names_are_strangers(world: World) -> None:
    for name in ("\0", "\ud800", "' OR 1=1 --", "张伟\n"):
        world.authority.apply(name, world.li_na, **KIND)
    assert world.outbox.sent == []


def test_another_way_of_proofing_can_be_plugged_in(make_world: Callable[..., World]) -> None:
    class FaceCheck:
        """Believes one answer."""

        def start(self, request: ProofingRequest) -> Any:
            return None

        def check(self, request: ProofingRequest, evidence: str) -> bool:
            return request.registered and evidence == "a face"

    world = make_world(proofing=FaceCheck())
    world.import_rows(*world.family)
    application = world.authority.apply("张伟", world.zhang_wei, kind="household-member")
    with pytest.raises(ProofingError):
        world.authority.prove(application.reference, "a mask")
    assert world.authority.prove(application.reference, "a face").challenge


def test_a_channel_that_fails_leaves_the_application_for_another_try(lite: World) -> None:
    def fail(delivery: CodeDelivery) -> None:
        raise ConnectionError("no network")

    deliver = lite.outbox.deliver
    lite.outbox.deliver = fail
    with pytest.raises(ConnectionError):
        lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    lite.outbox.deliver = deliver
    application = lite.authority.apply("张伟", lite.zhang_wei, **KIND)
    assert lite.authority.prove(application.reference, lite.outbox.sent[-1].code).challenge


def test_an_unknown_application_is_unknown(lite: World) -> None:
    with pytest.raises(NotFoundError):
        lite.authority.prove("AAAAAAAAAAAAAAAAAAAAAA", "123456")
