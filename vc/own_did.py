"""Whether the package ``did`` is ours. A distribution on PyPI that is called ``did`` installs one of the same name."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

__all__ = ["check"]


def check() -> None:
    """Raises ImportError, with what to do, when ``import did`` gives somebody else's package.

    ``did`` is not loaded for that where its source can be looked at: ``import vc`` stays light.
    """
    if "did" in sys.modules or not _is_ours(find_spec("did")):
        place = None
        try:
            import did

            place = getattr(did, "__file__", None)
            ours = getattr(did, "__liangzheng__", False) is True
        except ModuleNotFoundError as error:
            if error.name == "did":
                raise
            ours = False  # Somebody else's, which lacks something else besides.
        if not ours:
            raise ImportError(_message(place), name="did", path=place)


def _is_ours(spec: ModuleSpec | None) -> bool:
    """Whether the source says so; False also where there is none to look at."""
    get_source = getattr(spec.loader, "get_source", None) if spec is not None else None
    source = get_source("did") if get_source is not None else None
    return source is not None and "\n__liangzheng__ = True\n" in source


def _message(place: str | None) -> str:
    from importlib.metadata import packages_distributions

    owners = sorted(set(packages_distributions().get("did", ())) - {"liangzheng"})
    whose = f"the distribution {', '.join(owners)}" if owners else "another distribution, or a folder on the path"
    fix = f"pip uninstall {' '.join(owners)}" if owners else "take it off the path"
    return (
        f"the package 'did' in {place or 'an unknown place'} is not the one of liangzheng: {whose} brings one of the "
        f"same name, and the two can't be installed together. Do: {fix}; then: "
        "pip install --force-reinstall --no-deps liangzheng"
    )
