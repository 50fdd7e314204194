"""Refusals name what was found and what was expected, in both languages, and never what only the verifier knows."""

from __future__ import annotations

from typing import Any

import pytest

import vc
from vc.problems import Problem


def problem(verdict: Any, code: str) -> Problem:
    [found] = [one for one in verdict.problems if one.code == code]
    assert isinstance(found, Problem)
    return found


def presentation(world: Any, **more: Any) -> dict[str, Any]:
    device = world.key("device")
    card = vc.issue(world.credential(), world.key("issuer"))
    return vc.present([card], device, now=world.now, **more)


def test_the_domain_found_and_the_one_expected(world: Any) -> None:
    shown = presentation(world, challenge="c", domain="https://v.example/")
    found = problem(vc.verify(shown, challenge="c", domain="https://v.example", now=world.now), "proof.domain")
    for sentence in (found.detail, found.detail_zh):
        assert "'https://v.example/'" in sentence
        assert "'https://v.example'" in sentence


def test_the_challenge_that_is_expected_is_not_told(world: Any) -> None:
    shown = presentation(world, challenge="found-one", domain="d")
    verdict = vc.verify(shown, challenge="secret-one", domain="d", now=world.now)
    found = problem(verdict, "proof.challenge")
    assert "found-one" in found.detail
    assert "found-one" in found.detail_zh
    assert "secret-one" not in str(verdict.to_dict())


def test_the_issuer_and_who_controls_the_key(world: Any) -> None:
    stranger = world.key("stranger")
    card = vc.issue({**world.credential(), "issuer": stranger.did}, stranger)
    card["issuer"] = "https://university.example/issuers/1"
    found = problem(vc.verify(card, now=world.now, explain=True), "issuer.controller")
    for sentence in (found.detail, found.detail_zh):
        assert "https://university.example/issuers/1" in sentence
        assert stranger.did in sentence


def test_a_presentation_without_proof_says_what_can_be_verified(world: Any) -> None:
    shown = presentation(world, challenge="c", domain="d")
    del shown["proof"]
    found = problem(vc.verify(shown, now=world.now), "proof.missing")
    assert "--at /verifiableCredential/0" in found.detail
    assert "--at /verifiableCredential/0" in found.detail_zh


@pytest.mark.parametrize(("member", "code"), [("validFrom", "period.not_yet"), ("validUntil", "period.over")])
def test_the_date_that_is_not_met(world: Any, member: str, code: str) -> None:
    date = "2040-01-01T00:00:00Z" if member == "validFrom" else "2020-01-01T00:00:00Z"
    other = {"validFrom": None} if member == "validUntil" else {"validUntil": None}
    card = vc.issue(world.credential(**{**other, member: date}), world.key("issuer"))
    found = problem(vc.verify(card, now=world.now), code)
    assert f"{member} is {date}" in found.detail
    assert date in found.detail_zh


def test_a_problem_in_chinese_is_part_of_the_answer_only_where_there_is_one() -> None:
    assert "detailZh" not in Problem("parse.form", "x").to_dict()
    assert Problem("parse.form", "x", detail_zh="某").to_dict()["detailZh"] == "某"
