"""Every input of the corpus does what its name says, on every run: what was found once is not found again."""

from __future__ import annotations

import re

import pytest

from .target import CORPUS, Target, examine
from .targets import TARGETS

_FILES = [(name, file) for name, target in TARGETS.items() for file in target.files()]


@pytest.mark.parametrize(("name", "file"), _FILES, ids=[f"{name}/{file}" for name, file in _FILES])
def test_an_input_of_the_corpus_shows_no_fault(name: str, file: str) -> None:
    target = TARGETS[name]
    finding = examine(target, (target.folder / file).read_bytes())
    assert finding is None, f"{finding.signature}\n{finding.detail}"  # type: ignore[union-attr]


@pytest.mark.parametrize("target", [t for t in TARGETS.values() if t.signed], ids=lambda target: target.name)
def test_what_is_named_valid_is_accepted_and_what_is_named_refused_is_not(target: Target) -> None:
    accepted = {file for file, data in target.files().items() if target.run(data) is not None}
    assert accepted >= set(target.files("valid-"))
    assert not accepted & set(target.files("refused-"))


def test_each_target_has_seeds_and_each_folder_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert all(target.seeds for target in TARGETS.values())


def test_the_corpus_is_small_and_well_named() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert all(re.match(r"(valid|refused|found)-[a-z0-9-]+\.[a-z0-9]+$", path.name) for path in files)
    assert sum(path.stat().st_size for path in files) < 2 * 1024 * 1024
