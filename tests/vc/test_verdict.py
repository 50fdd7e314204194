"""A verdict on text is a verdict like any other; its document is parsed when it is looked at."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest

from vc.verdict import Check, Outcome, Verdict, verdict_on_text

CHECKS = (Check("proof", Outcome.PASSED),)
DOCUMENT = {"name": "An example", "numbers": [1, 2.5, None]}
TEXT = '{"name": "An example", "numbers": [1, 2.5, null]}'


def late(text: bytes | str = TEXT) -> Verdict:
    return verdict_on_text(True, CHECKS, (), (), text)


def usual() -> Verdict:
    return Verdict(True, CHECKS, document=DOCUMENT)


@pytest.mark.parametrize("text", [TEXT, TEXT.encode()])
def test_it_equals_one_made_in_the_usual_way(text):
    assert late(text) == usual()
    assert usual() == late(text)
    assert late(text) != replace(usual(), document={})
    assert repr(late(text)) == repr(usual())
    assert late(text).to_dict() == usual().to_dict()


def test_the_document_is_the_same_object_each_time():
    verdict = late()
    assert verdict.document is verdict.document


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, replace, lambda verdict: pickle.loads(pickle.dumps(verdict))]
)
def test_copies_have_the_document(again):
    assert again(late()) == usual()
    assert again(late()).document == DOCUMENT


def test_nothing_else_is_there_and_nothing_can_be_changed():
    for verdict in (late(), usual()):
        with pytest.raises(AttributeError, match="'Verdict' object has no attribute 'text'"):
            verdict.text  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            verdict.document = {}  # type: ignore[misc]
        with pytest.raises(TypeError, match="not a bool"):
            bool(verdict)
        assert not hasattr(verdict, "__dict__")


def test_a_trace_comes_along():
    assert verdict_on_text(True, CHECKS, (), (), TEXT, {"value": 1}).trace == {"value": 1}
