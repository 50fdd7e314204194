"""An installed product imports every module: what it needs is declared, and not only there for its tests."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT: dict[str, Any] = SETTINGS["project"]
PACKAGES: list[str] = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

# Imports every module of the packages, with nothing to be found of the top-level modules that are kept out.
SCRIPT = """
import importlib, json, pkgutil, sys

packages, kept_out = json.loads(sys.argv[1])


class KeptOut:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in kept_out:
            raise ModuleNotFoundError(f"{name} is no dependency of the product", name=name)


sys.meta_path.insert(0, KeptOut())
missing = []
for package in packages:
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, package + "."):
        if module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except ImportError as error:
            missing.append(f"{module.name}: {error}")
print(json.dumps(missing))
"""


def installed(extras: set[str]) -> set[str]:
    """The distributions that come with the product and ``extras``, by their canonical names."""
    own = PROJECT["name"]
    wanted = [*PROJECT["dependencies"], *(f"{own}[{extra}]" for extra in extras)]
    pending, names, seen = [Requirement(text) for text in wanted], set(), set()
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if (name, *sorted(requirement.extras)) in seen:
            continue
        seen.add((name, *sorted(requirement.extras)))
        if name == own:
            optional = PROJECT["optional-dependencies"]
            pending += [Requirement(text) for extra in requirement.extras for text in optional[extra]]
            continue
        try:
            texts = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        names.add(str(name))
        for extra in {"", *requirement.extras}:
            for found in map(Requirement, texts):
                if found.marker is None or found.marker.evaluate({"extra": extra}):
                    pending.append(
                        Requirement(f"{found.name}[{','.join(found.extras)}]" if found.extras else found.name)
                    )
    return names


def missing_with(extras: set[str], packages: list[str]) -> list[str]:
    declared = installed(extras)
    kept_out = [
        module
        for module, owners in packages_distributions().items()
        if module not in PACKAGES and declared.isdisjoint(map(canonicalize_name, owners))
    ]
    assert "hypothesis" in kept_out
    arguments = json.dumps([packages, kept_out])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    missing: list[str] = json.loads(done.stdout.splitlines()[-1])
    return missing


def test_every_module_is_imported_with_what_all_brings() -> None:
    assert missing_with({"all"}, PACKAGES) == []


def test_without_an_extra_only_what_an_extra_is_for_is_missing() -> None:
    missing = {line.partition(":")[0] for line in missing_with(set(), ["contexts", "did", "vc"])}
    assert "did.bbs" in missing
    assert not {name for name in missing if name.startswith(("contexts", "vc.envelope", "vc.qr.cbor", "vc.status"))}


def test_a_dependency_that_is_not_declared_is_missed(monkeypatch: Any) -> None:
    without = [text for text in PROJECT["dependencies"] if not text.startswith("base58")]
    monkeypatch.setitem(PROJECT, "dependencies", without)
    assert any("vc.qr.cbor_ld" in line for line in missing_with({"all"}, ["vc"]))
