"""The mark of a quick way, and a switch that runs each beside its exact way and compares.

A quick way recognises the usual kind of input and answers as the exact way would, or leaves it to that (docs/adr/0002).
The functions in which one stands are marked with ``quick_way``; the table in ``vc.exact_ways`` says for each what the
exact way answers. One property in the tests goes over all of them. With LIANGZHENG_COMPARE_WAYS=1 in the environment
the running product goes both ways each time and raises ``WaysDisagree``: for tests and for whoever doubts. It is
decided when the modules are imported: without the variable a marked function is the function itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from importlib import import_module
from typing import Any, Final, TypeVar

from did.refusal import Refusal

__all__ = ["COMPARING", "VARIABLE", "WaysDisagree", "go_both_ways", "quick_way", "quick_ways", "said"]

VARIABLE: Final = "LIANGZHENG_COMPARE_WAYS"
COMPARING: Final = os.environ.get(VARIABLE) == "1"

_F = TypeVar("_F", bound=Callable[..., Any])
_NEVER: Final = object()


class WaysDisagree(RuntimeError):
    """A quick way answered otherwise than its exact way: a defect of ours. Says which, and nothing of the input."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the quick way {name!r} disagrees with its exact way")
        self.name = name


_marked: dict[str, Callable[..., Any]] = {}


def quick_way(name: str) -> Callable[[_F], _F]:
    """Mark the function in which the quick way ``name`` of the table stands."""

    def mark(function: _F) -> _F:
        _marked[name] = function
        if not COMPARING:
            return function

        @wraps(function)
        def compared(*args: Any, **options: Any) -> Any:
            args = tuple([tuple(item) if isinstance(item, Iterator) else item for item in args])
            outcome = go_both_ways(name, *args, **options)
            if isinstance(outcome, Refusal):
                raise outcome
            return outcome

        return compared  # type: ignore[return-value]

    return mark


def quick_ways() -> Mapping[str, Callable[..., Any]]:
    """The marked functions by name, each imported."""
    for way in _table().values():
        import_module(way.where.partition(":")[0])
    return _marked


def _table() -> Mapping[str, Any]:
    """The table, which knows all rooms: only who compares loads it."""
    table: Mapping[str, Any] = import_module("vc.exact_ways").WAYS
    return table


def go_both_ways(name: str, *args: Any, **options: Any) -> Any:
    """The answer of the quick way, or what it refused (a Refusal), once the exact way answers alike.

    Raises WaysDisagree.
    """
    way = _table()[name]
    answer = _outcome(_marked[name], args, options)
    if answer is way.leaves or (isinstance(answer, Refusal) and not way.refusals):
        return answer
    exact = _outcome(way.exact, args, options)
    if isinstance(answer, Refusal) or isinstance(exact, Refusal):
        same = isinstance(answer, Refusal) and isinstance(exact, Refusal) and said(answer) == said(exact)
    else:
        same = _outcome(way.seen, (answer, *args), options) == exact
    if not same:
        raise WaysDisagree(name)
    return answer


def _outcome(function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    try:
        return function(*args, **options)
    except Refusal as refusal:
        return refusal


def said(refusal: Refusal) -> object:
    """What two refusals have to have in common to be the same."""
    problems = getattr(refusal, "problems", None)
    return refusal.code if problems is None else [(problem.code, problem.pointer) for problem in problems]
