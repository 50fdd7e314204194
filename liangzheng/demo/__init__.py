"""``liangzheng demo``: the main job, told step by step with real keys, real checks and made-up people."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ..terminal import DONE, NOT_VERIFIED

__all__ = ["demo"]


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Keep the QR code and documents here.")
@click.option("--json", "as_json", is_flag=True, help="Only the summary, as JSON.")
def demo(out: Path | None, as_json: bool) -> None:
    """Run the main job, narrated step by step. Exit status 1 when anything is not as it should be."""
    from .narrator import Narrator
    from .story import tell

    narrator = Narrator(quiet=as_json)
    if out is None:
        out = Path("out") / "demo"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="liangzheng-demo-") as scratch:
        tell(narrator, Path(scratch), out)
    narrator.summary(as_json=as_json)
    narrator.say(
        "接着在浏览器中试用签发、卡包与核验台：.venv/bin/liangzheng serve all",
        "next, try portal, wallet and counter in a browser: .venv/bin/liangzheng serve all",
    )
    raise SystemExit(DONE if narrator.all_as_expected else NOT_VERIFIED)
