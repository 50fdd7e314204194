"""Whether the package ``did`` is ours. A distribution on PyPI that is called ``did`` installs one of the same name."""

from __future__ import annotations

__all__ = ["check"]


def check() -> None:
    """Raises ImportError, with what to do, when ``import did`` gives somebody else's package."""
    import did

    if getattr(did, "__liangzheng__", False) is not True:
        raise ImportError(_message(getattr(did, "__file__", None)), name="did", path=getattr(did, "__file__", None))


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
