"""The runner of published manifests counts rightly, shown on manifests of a few tests."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("jsonld_runner", Path(__file__).with_name("jsonld.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # Dataclasses look their module up.
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    to_rdf, rdfc = tmp_path / "json-ld-api" / "tests", tmp_path / "rdf-canon" / "tests"
    files: dict[Path, Any] = {
        to_rdf / "good.jsonld": {"@context": "context.jsonld", "@id": "a", "p": "x"},
        to_rdf / "context.jsonld": {"@context": {"p": "u:p"}},
        to_rdf / "lossy.jsonld": {"@id": "u:a", "u:p": "x", "lost": 1},
        to_rdf / "bad.jsonld": {"@id": 1},
        to_rdf / "good.nq": '<https://w3c.github.io/json-ld-api/tests/a> <u:p> "x" .\n',
        to_rdf / "lossy.nq": '<u:a> <u:p> "x" .\n',
        to_rdf / "toRdf-manifest.jsonld": {
            "sequence": [
                {"@id": "#1", "name": "good", "input": "good.jsonld", "expect": "good.nq"},
                {"@id": "#2", "name": "lossy", "input": "lossy.jsonld", "expect": "lossy.nq"},
                {"@id": "#3", "name": "bad", "input": "bad.jsonld", "expectErrorCode": "invalid @id value"},
                {"@id": "#4", "name": "old", "input": "x", "expect": "x", "option": {"specVersion": "json-ld-1.0"}},
                {"@id": "#5", "name": "wrong", "input": "good.jsonld", "expect": "lossy.nq"},
            ]
        },
        rdfc / "in.nq": '_:x <u:p> "1" .\n',
        rdfc / "out.nq": '_:c14n0 <u:p> "1" .\n',
        rdfc / "map.json": {"x": "c14n0"},
        rdfc / "manifest.jsonld": {
            "entries": [
                {"id": "#a", "type": "rdfc:RDFC10EvalTest", "name": "a", "action": "in.nq", "result": "out.nq"},
                {"id": "#b", "type": "rdfc:RDFC10MapTest", "name": "b", "action": "in.nq", "result": "map.json"},
                {"id": "#c", "type": "rdfc:RDFC10NegativeEvalTest", "name": "c", "action": "in.nq"},
            ]
        },
    }
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return tmp_path


def test_each_outcome_is_counted(runner: ModuleType, manifests: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = manifests / "figures.json"
    arguments = ["--manifests", str(manifests), "--json", str(figures), "--list", "--refused"]
    assert runner.main(arguments) == 1
    assert json.loads(figures.read_text()) == {
        "JSON-LD 1.1 toRdf": {"passed": 2, "passed, but refused by the product": 1, "failed": 1, "not run": 1},
        "RDFC-1.0": {"passed": 2, "passed, but refused by the product": 0, "failed": 1, "not run": 0},
    }
    printed = capsys.readouterr().out
    for line in (
        "failed: JSON-LD 1.1 toRdf #5",
        "refused by the product: JSON-LD 1.1 toRdf #2",
        "not run: JSON-LD 1.1 toRdf #4",
    ):
        assert line in printed
