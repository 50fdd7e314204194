"""The examples of docs/verification-policy.md run as they are printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from vc.problems import PROBLEMS

TEXT = (Path(__file__).parents[3] / "docs" / "verification-policy.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 1
    done = subprocess.run([sys.executable, "-c", blocks[0]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_code_of_a_demand_is_named() -> None:
    for code in PROBLEMS:
        if code.startswith("policy."):
            assert f"`{code}`" in TEXT or f"`.{code.removeprefix('policy.')}`" in TEXT, code
