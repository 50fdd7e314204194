"""The same targets under atheris (libFuzzer): decisions are guided by which lines of the product an input reaches.

    python -m tests.fuzz.coverage_guided TARGET [libFuzzer's options, such as -max_total_time=60 -seed=7]

libFuzzer's bytes are decisions, not inputs: the mutators make the input from them, so that it has structure. It stops
at the first finding, which is kept in the corpus. Optional: ``pip install atheris``.
"""

from __future__ import annotations

import importlib.util
import sys

__all__ = ["available", "main"]


def available() -> bool:
    """Whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def main(arguments: list[str]) -> int:
    """Run one target until libFuzzer's options end it. Does not return: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["vc", "did", "contexts", "issuer", "holder", "verifier"]):
        from .targets import TARGETS

    from .campaign import keep
    from .choices import FromAtheris
    from .minimise import minimised
    from .target import examine

    target = TARGETS[arguments[0]]
    target.meanings

    def feed(data: bytes) -> None:
        mutant = target.mutant(FromAtheris(atheris.FuzzedDataProvider(data)))
        finding = examine(target, mutant, timed=True)
        if finding is None:
            return

        def shows(candidate: bytes) -> bool:
            again = examine(target, candidate)
            return again is not None and again.signature == finding.signature  # type: ignore[union-attr]

        if shows(mutant):
            finding = type(finding)(finding.target, finding.signature, finding.detail, minimised(mutant, shows))
        print(f"\nFOUND {target.name}: {finding.signature}\n{finding.detail}\n-> {keep(target, finding)}", flush=True)
        raise RuntimeError(finding.signature)

    atheris.Setup([sys.argv[0], *arguments[1:]], feed)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
