"""What is needed from outside is fetched in one way, and what can't be had is an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import vc.envelope
import vc.model
import vc.status
from vc.needs import Fetch, Steps, Unavailable, fetch, run, run_async


class Source:
    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer

    def get(self, url: str) -> bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return url.encode() + self.answer

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


def both(need: Fetch) -> list[Any]:
    return [need.obtain(), asyncio.run(need.obtain_async())]


def test_the_answer_is_the_document() -> None:
    assert both(fetch(Source(b"!"), "a")) == [b"a!", b"a!"]


def test_that_it_can_not_be_had_is_an_answer_too() -> None:
    refusal = Unavailable("out of reach")
    assert both(fetch(Source(refusal), "a")) == [refusal, refusal]


def test_anything_else_is_raised_where_the_rules_wait() -> None:
    def rules() -> Steps[str]:
        try:
            yield fetch(Source(ZeroDivisionError()), "a")
        except ZeroDivisionError:
            return "told"
        return "missed"

    assert run(rules()) == "told"
    assert asyncio.run(run_async(rules())) == "told"
    with pytest.raises(ZeroDivisionError):
        fetch(Source(ZeroDivisionError()), "a").obtain()


def test_an_operation_of_any_name_is_asked_with_its_arguments() -> None:
    class Resolver:
        def find(self, name: str, purpose: str) -> str:
            if purpose != "signing":
                raise KeyError(purpose)
            return name + purpose

        async def find_async(self, name: str, purpose: str) -> str:
            return self.find(name, purpose)

    assert both(Fetch(Resolver(), "find", ("k", "signing"), KeyError)) == ["ksigning", "ksigning"]
    assert [type(found) for found in both(Fetch(Resolver(), "find", ("k", "x"), KeyError))] == [KeyError, KeyError]


def test_each_room_calls_the_one_refusal_by_its_own_name() -> None:
    assert vc.status.StatusUnavailable is Unavailable
    assert vc.model.SchemaUnavailable is Unavailable
    assert vc.envelope.SourceUnavailable is Unavailable
