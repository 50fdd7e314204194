"""PyPI's distribution ``did`` installs a package of the same import name: whoever imports us is told what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCT = Path(__file__).parents[2]


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A folder where somebody else's ``did`` is installed."""
    folder = tmp_path / "site"
    (folder / "did").mkdir(parents=True)
    (folder / "did" / "__init__.py").write_text('"""What did you do last week, month, year?"""\n')
    (folder / "did" / "base.py").write_text("class Config: pass\n")
    information = folder / "did-0.23.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: did\nVersion: 0.23.1\n")
    (information / "RECORD").write_text("did/__init__.py,,\ndid/base.py,,\n")
    (information / "top_level.txt").write_text("did\n")
    return folder


def run(code: str, *places: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(place) for place in (*places, PRODUCT))
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, "LC_ALL": "zh_CN.UTF-8"},
        cwd=places[0] if places else PRODUCT,  # Where `python -c` is run comes first on the path.
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("package", ["vc", "issuer", "holder", "verifier", "vc.securing", "liangzheng.commands.keys"])
def test_the_import_says_whose_package_it_is_and_what_to_do(wrong: Path, package: str) -> None:
    done = run(f"import {package}", wrong)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("ImportError: the package 'did' in ")
    assert str(wrong / "did" / "__init__.py") in last
    assert "the distribution did brings one" in last
    assert "pip uninstall did; then: pip install --force-reinstall --no-deps liangzheng" in last


def test_a_folder_on_the_path_is_named_too(wrong: Path) -> None:
    for file in (wrong / "did-0.23.1.dist-info").iterdir():
        file.unlink()
    done = run("import vc", wrong)
    assert "a folder on the path" in done.stderr
    assert done.returncode == 1


def test_the_command_shows_no_traceback(wrong: Path) -> None:
    done = run("from liangzheng.cli import main; main(['keys', 'show', 'a.key'])", wrong)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "装有同名的 did 软件包" in done.stderr
    assert "pip uninstall did" in done.stderr


def test_our_own_package_passes() -> None:
    assert run("import vc, issuer, holder, verifier").returncode == 0


def test_one_that_lacks_something_itself_is_told_as_well(wrong: Path) -> None:
    (wrong / "did" / "__init__.py").write_text("import fedora_messaging_that_is_absent\n")
    assert "is not the one of liangzheng" in run("import vc", wrong).stderr
