"""Run the published test manifests of JSON-LD 1.1 (toRdf) and RDF Dataset Canonicalization against the engine.

    python -m tests.conformance.jsonld --manifests DIR

DIR holds checkouts of https://github.com/w3c/json-ld-api and https://github.com/w3c/rdf-canon. Nothing is fetched: the
contexts that tests refer to are served from the checkout. ``--json FILE`` writes the figures, ``--list`` every test
that did not pass, ``--refused`` those that pass only because the losses are looked past.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contexts import ContextRegistry
from vc.linked_data import LinkedDataError, canonicalize_nquads
from vc.linked_data.engine import read
from vc.linked_data.rdf.dataset import Dataset
from vc.linked_data.rdf.nquads import parse_nquads
from vc.linked_data.rdf.rdfc import canonical_labels

BASE = "https://w3c.github.io/json-ld-api/tests/"

PASSED, REFUSED, FAILED, NOT_RUN = "passed", "passed, but refused by the product", "failed", "not run"


@dataclass(frozen=True, slots=True)
class Result:
    """How one test ended. ``detail`` says why when it did not pass."""

    manifest: str
    test: str
    name: str
    outcome: str
    detail: str = ""


# JSON-LD 1.1 to RDF.


def run_to_rdf(root: Path) -> Iterator[Result]:
    """Every test of toRdf-manifest.jsonld."""
    contexts = _served(root)
    manifest = json.loads((root / "toRdf-manifest.jsonld").read_text())
    for test in manifest["sequence"]:
        outcome, detail = _to_rdf(root, contexts, test)
        yield Result("JSON-LD 1.1 toRdf", test["@id"], test["name"], outcome, detail)


def _served(root: Path) -> ContextRegistry:
    pinned = {}
    for path in sorted(root.glob("**/*.jsonld")):
        content = path.read_bytes()
        pinned[BASE + path.relative_to(root).as_posix()] = (hashlib.sha256(content).hexdigest(), content)
    return ContextRegistry(pinned)


def _not_run(option: dict[str, Any]) -> str:
    if "json-ld-1.0" in (option.get("specVersion"), option.get("processingMode")):
        return "JSON-LD 1.0 only"
    if option.get("produceGeneralizedRdf"):
        return "generalised RDF: a blank node as predicate can't be canonicalised"
    if option.get("rdfDirection", _SIGNED_AS) != _SIGNED_AS:
        return f"rdfDirection {option['rdfDirection']}: base directions are signed as {_SIGNED_AS}"
    return ""


def _to_rdf(root: Path, contexts: ContextRegistry, test: dict[str, Any]) -> tuple[str, str]:
    option = test.get("option", {})
    reason = _not_run(option)
    if reason:
        return NOT_RUN, reason
    document = json.loads((root / test["input"]).read_text())
    if "expandContext" in option:
        extra = json.loads((root / option["expandContext"]).read_text())["@context"]
        document = {**document, "@context": [extra, *_listed(document.get("@context", []))]}
    expected_error = test.get("expectErrorCode")
    try:
        walk = read(document, contexts, base=option.get("base", BASE + test["input"]))
    except LinkedDataError as error:
        if expected_error is None:
            return FAILED, str(error)
        return (PASSED, "") if expected_error in str(error) else (PASSED, f"expected {expected_error!r}, found {error}")
    if expected_error is not None:
        if walk.problems:
            return PASSED, f"expected {expected_error!r}, found {walk.problems[0].detail}"
        return FAILED, f"expected {expected_error!r}, found no error"
    losses = "; ".join(problem.detail for problem in walk.problems)
    if "expect" not in test:
        return (REFUSED, losses) if losses else (PASSED, "")
    found = "".join(Dataset(walk.quads).canonicalize().lines)
    if "rdfDirection" not in option:
        found = canonicalize_nquads(_without_directions(found))
    if found != canonicalize_nquads((root / test["expect"]).read_text()):
        return FAILED, "another dataset"
    return (REFUSED, losses) if losses else (PASSED, "")


_SIGNED_AS = "i18n-datatype"
_DIRECTED = re.compile(r'"\^\^<https://www\.w3\.org/ns/i18n#([a-z0-9-]*)_(?:ltr|rtl)>')


def _without_directions(text: str) -> str:
    """N-Quads as they are where base directions are left out: that is what tests without the option expect."""
    return _DIRECTED.sub(lambda match: '"@' + match[1] if match[1] else '"', text)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# RDF Dataset Canonicalization.


def run_rdfc(root: Path) -> Iterator[Result]:
    """Every test of rdf-canon's manifest.jsonld."""
    for entry in json.loads((root / "manifest.jsonld").read_text())["entries"]:
        outcome, detail = _rdfc(root, entry)
        yield Result("RDFC-1.0", entry["id"], entry["name"], outcome, detail)


def _rdfc(root: Path, entry: dict[str, Any]) -> tuple[str, str]:
    text = (root / entry["action"]).read_text()
    hash_name: Any = entry.get("hashAlgorithm", "SHA256").lower()
    kind = entry["type"].removeprefix("rdfc:")
    try:
        found: Any = canonicalize_nquads(text, hash_name=hash_name)
    except LinkedDataError as error:
        refused = kind == "RDFC10NegativeEvalTest" and error.code == "rdfc.budget"
        return (PASSED, "") if refused else (FAILED, str(error))
    if kind == "RDFC10NegativeEvalTest":
        return FAILED, "not refused"
    expected: Any = (root / entry["result"]).read_text()
    if kind == "RDFC10MapTest":
        quads = parse_nquads(text)
        labels = [label[2:] for label in canonical_labels(quads, hash_name)]
        found, expected = dict(zip(quads.names, labels, strict=True)), json.loads(expected)
    return (PASSED, "") if found == expected else (FAILED, "another result")


# The command.


def run(manifests: Path) -> list[Result]:
    """All tests of the manifests in a folder of checkouts."""
    return [*run_to_rdf(manifests / "json-ld-api" / "tests"), *run_rdfc(manifests / "rdf-canon" / "tests")]


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 when a test failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifests", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--refused", action="store_true")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    results = run(options.manifests)
    for result in results:
        shown = (options.list and result.outcome in (FAILED, NOT_RUN)) or (
            options.refused and result.outcome == REFUSED
        )
        if shown or result.outcome == FAILED:
            print(f"{result.outcome}: {result.manifest} {result.test} {result.name}: {result.detail}")
        elif options.list and result.detail and result.outcome == PASSED:
            print(f"{result.outcome}, with another error: {result.manifest} {result.test}: {result.detail}")
    figures: dict[str, dict[str, int]] = {}
    for manifest in dict.fromkeys(result.manifest for result in results):
        counts = Counter(result.outcome for result in results if result.manifest == manifest)
        figures[manifest] = {outcome: counts[outcome] for outcome in (PASSED, REFUSED, FAILED, NOT_RUN)}
        print(f"{manifest}: " + ", ".join(f"{count} {outcome}" for outcome, count in figures[manifest].items()))
    print(f"{time.perf_counter() - start:.1f} s")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if any(result.outcome == FAILED for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
