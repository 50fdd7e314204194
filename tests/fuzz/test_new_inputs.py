"""A short campaign on every run, the same each time: LIANGZHENG_FUZZ_SEED makes it another one."""

from __future__ import annotations

import os

import pytest

from .campaign import round_seed, search
from .target import Target
from .targets import TARGETS

SEED = int(os.environ.get("LIANGZHENG_FUZZ_SEED", "1"))
_EXAMPLES = 40
_DEAR = frozenset({"wallet", "keystore", "key-file", "picture", "verify-bbs-2023", "derive-bbs-2023"})
"""Of these, whose inputs cost ten times the others', a few."""


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_new_inputs_show_no_fault(target: Target) -> None:
    examples = 5 if target.name in _DEAR else _EXAMPLES
    found = search(target, round_seed(SEED, target.name, 0), examples=examples, timed=False)
    assert not found, f"seed {SEED}\n" + "\n".join(f"{f.signature}\n{f.detail}\n{f.data[:2000]!r}" for f in found)
