"""Write the vectors into a folder, each tried on our own verifier before it is written."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import vc
from vc.status import FileStatusSource, StatusChecker
from vc.verdict import Outcome, Verdict

from .cases import Case, cases
from .world import World

__all__ = ["make"]


class VectorError(RuntimeError):
    """A case that our own verifier does not answer as it should: nothing is written for it."""


def make(folder: Path, *, seed: str, now: datetime) -> dict[str, Any]:
    """Write the vectors that follow from ``seed`` at the moment ``now`` (aware); returns the manifest.

    ``folder`` gets a file a case, a file a status list, ``manifest.json``, and for each good case the intermediate
    values as ``<case>.trace.json``. Raises VectorError when a case does not behave, OSError when it can't be written.
    """
    world = World(seed, now)
    folder.mkdir(parents=True, exist_ok=True)
    entries = [_write(folder, case, world) for case in cases(world)]
    manifest = {
        "description": "Test vectors of electronic licences. refusedBy names the check that must refuse the document; "
        "null means that it verifies. time is the time of verification.",
        "seed": seed,
        "now": now.isoformat(),
        "keys": {name: world.key(name).did for name in ("authority", "device", "another device")},
        "vectors": entries,
    }
    _dump(folder / "manifest.json", manifest)
    return manifest


def _write(folder: Path, case: Case, world: World) -> dict[str, Any]:
    status_files = []
    for url, document in case.status_lists.items():
        name = f"{case.id}.{url.rsplit('/', 2)[1]}-list.json"
        _dump(folder / name, document)
        status_files.append(name)
    path = folder / f"{case.id}.json"
    path.write_bytes(case.data)
    verdict = _verify(case, world, [folder / name for name in status_files])
    failed = [check.name for check in verdict.checks if check.outcome in (Outcome.FAILED, Outcome.INDETERMINATE)]
    as_meant = verdict.verified if case.refused_by is None else case.refused_by in failed
    if not as_meant:
        raise VectorError(f"{case.id}: meant {case.refused_by or 'to verify'}, found {failed or 'verified'}")
    if case.refused_by is None and verdict.trace is not None:
        _dump(folder / f"{case.id}.trace.json", dict(verdict.trace))
    return {
        "id": case.id,
        "about": case.about,
        "file": path.name,
        "verified": case.refused_by is None,
        "refusedBy": case.refused_by,
        "problems": sorted({problem.code for problem in verdict.problems}),
        "time": (world.now + case.after).isoformat(),
        "challenge": case.challenge,
        "domain": case.domain,
        "statusLists": status_files,
    }


def _verify(case: Case, world: World, lists: list[Path]) -> Verdict:
    return vc.verify(
        case.data,
        challenge=case.challenge,
        domain=case.domain,
        now=world.now + case.after,
        status=StatusChecker(FileStatusSource(lists)) if lists else None,
        explain=case.refused_by is None,
    )


def _dump(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
