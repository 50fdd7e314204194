"""Write synthetic registers, one file for each province: ``python -m issuer.synthetic FOLDER``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from did.timestamps import read_date

from . import generate, to_csv, to_xlsx

__all__ = ["main"]

SAMPLE_PEOPLE, SAMPLE_SEED, SAMPLE_DAY = 600, "liangzheng-2026", "2026-10-01"
_PROVINCES = {"510000": "sichuan", "500000": "chongqing"}


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code. The defaults write the sample of issuer/sample."""
    parser = argparse.ArgumentParser(prog="python -m issuer.synthetic", description=(__doc__ or "").split(":")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=SAMPLE_PEOPLE, help=f"how many at least ({SAMPLE_PEOPLE})")
    parser.add_argument("--seed", default=SAMPLE_SEED, help=f"same seed, same people ({SAMPLE_SEED})")
    parser.add_argument("--today", type=read_date, default=read_date(SAMPLE_DAY), help=SAMPLE_DAY)
    parser.add_argument("--format", choices=["csv", "csv-gb18030", "xlsx"], default="csv")
    options = parser.parse_args(arguments)
    population = generate(options.people, seed=options.seed, today=options.today)
    options.folder.mkdir(parents=True, exist_ok=True)
    for province, name in _PROVINCES.items():
        people = population.register(province)
        if options.format == "xlsx":
            path, content = options.folder / f"{name}.xlsx", to_xlsx(people, modified=options.today)
        else:
            encoding = "gb18030" if options.format == "csv-gb18030" else "utf-8"
            path, content = options.folder / f"{name}.csv", to_csv(people, encoding=encoding)
        path.write_bytes(content)
        sys.stdout.write(f"{path}: {len(people)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
