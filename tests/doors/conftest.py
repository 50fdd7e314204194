"""Runs Python where the package ``outside`` is installed, with the entry points that a test names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PRODUCT = HERE.parents[1]
Run = Callable[..., Any]


@pytest.fixture
def outside(tmp_path: Path) -> Run:
    """``outside({group: {name: object}}, code)`` runs ``code`` and gives back what it hands to ``answer``."""

    def run(entries: dict[str, dict[str, str]], code: str) -> Any:
        installed = tmp_path / "installed"
        information = installed / "liangzheng_outside-1.0.dist-info"
        information.mkdir(parents=True, exist_ok=True)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: liangzheng-outside\nVersion: 1.0\n")
        lines = []
        for group, names in entries.items():
            lines += [f"[{group}]", *(f"{name} = {value}" for name, value in names.items())]
        (information / "entry_points.txt").write_text("\n".join(lines) + "\n")
        script = f"import json\nimport did, vc\ndef answer(value): print(json.dumps(value))\n{code}"
        result = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(HERE), str(PRODUCT)])},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return run
