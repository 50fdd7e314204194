"""Answers are JSON, whatever an explanation holds."""

from __future__ import annotations

import json

import pytest

from vc.vc_api import answer


@pytest.mark.parametrize("value", ["王小明", 2**53, 2**80, -(2**80), "\ud800", [{"a": None, "b": 1.5}]])
def test_every_json_value_can_be_answered(value):
    made = answer({"value": value}, 400)
    assert json.loads(made.body) == {"value": value}  # type: ignore[arg-type]
    assert (made.status, made.content_type, made.charset) == (400, "application/json", "utf-8")
