"""``liangzheng vectors``: test vectors for other vendors, reproducible from a seed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from .. import terminal
from ..terminal import t
from .shared import JSON, MOMENT

__all__ = ["vectors"]


@click.group()
def vectors() -> None:
    """Test vectors of our own cards."""


@vectors.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default="liangzheng", show_default=True, help="The same seed and time make the same files.")
@click.option(
    "--now", "moment", type=MOMENT, default="2026-10-01T00:00:00Z", show_default=True, help="The vectors' moment."
)
@JSON
def make(folder: Path, seed: str, moment: datetime, as_json: bool) -> None:
    """Write good and bad vectors into FOLDER, each bad one with the check that must refuse it."""
    from ..test_vectors import make as make_vectors
    from ..test_vectors.make import VectorError

    try:
        manifest = make_vectors(folder, seed=seed, now=moment.replace(microsecond=0))
    except (OSError, LookupError, VectorError) as error:
        terminal.fail(t(f"无法生成：{error}", f"can't make them: {error}"))
    good = sum(entry["verified"] for entry in manifest["vectors"])
    bad = len(manifest["vectors"]) - good
    human = t(f"{folder}：{good} 个有效，{bad} 个应被拒绝", f"{folder}: {good} good, {bad} to be refused")
    terminal.emit(manifest, as_json=as_json, human=human)
