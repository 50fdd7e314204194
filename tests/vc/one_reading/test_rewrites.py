"""Whatever form a signed document is brought into: it is refused, or every reader is told what the signer said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from one_reading_lab import NAMES, changes, differing, each_rename, rewritten, sample

from vc.linked_data import engine
from vc.linked_data.templates import proof_options
from vc.linked_data.templates.instance import Instance

thorough = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_are_accepted(name: str) -> None:
    verdict = sample(name).verify(sample(name).document)
    assert verdict.verified, verdict.problems


@pytest.mark.parametrize("name", NAMES)
@thorough
@given(st.data())
def test_every_form_is_refused_or_reads_the_same(name: str, data: st.DataObject) -> None:
    original = sample(name)
    form = data.draw(rewritten(original.document))
    verdict = original.verify(form)
    if verdict.verified:
        assert verdict.document is not None
        assert changes(original.document, dict(verdict.document)) == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_member_can_go_under_its_iri(name: str) -> None:
    original = sample(name)
    for form in each_rename(original.document):
        verdict = original.verify(form)
        assert not verdict.verified or not differing(original.document, form), form


@pytest.fixture
def without_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as it would be if it took statements for all that counts."""
    for module in (engine, proof_options):
        monkeypatch.setattr(module, "differences", lambda *_: [])
    monkeypatch.setattr(engine, "_read_one_way", lambda *_: None)
    monkeypatch.setattr(Instance, "reads_one_way", lambda _: True)


FAILURES = [
    ("an expired or revoked card is accepted", "ecdsa-sd-2023", "dates"),
    ("the status of a card is hidden", "ecdsa-sd-2023", "status"),
    ("a stolen card is presented with another key", "a presentation", "subjects"),
    ("a presentation never expires", "a presentation", "proof expires"),
    ("false becomes true", "ecdsa-sd-2023", "truth"),
]


@pytest.mark.usefixtures("without_the_rule")
@pytest.mark.parametrize(("what", "name", "kind"), FAILURES, ids=[row[0] for row in FAILURES])
def test_the_property_finds_what_the_rule_prevents(what: str, name: str, kind: str) -> None:
    original = sample(name)

    def fails(form: dict[str, Any]) -> bool:
        return original.verify(form).verified and kind in differing(original.document, form)

    searching = settings(
        max_examples=3000, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    found = find(rewritten(original.document, 1), fails, settings=searching)
    assert fails(found), what
