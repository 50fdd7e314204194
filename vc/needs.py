"""What verification needs from outside, and how it gets it: one core for synchronous and asynchronous callers.

The rules are generators. Where they need something that may take the network (a status list, a schema, a DID document)
they yield a ``Need`` and are sent what it obtained. ``run`` and ``run_async`` are the only places that do obtain.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol, TypeVar

__all__ = ["Need", "Steps", "run", "run_async"]

_Result = TypeVar("_Result")


class Need(Protocol):
    """One thing wanted from outside. Obtaining it should not raise: a failure is a value, too.

    What is raised all the same is raised where the rules wait for the answer.
    """

    def obtain(self) -> Any:
        """Get it, blocking."""
        ...

    async def obtain_async(self) -> Any:
        """Get it without blocking the event loop."""
        ...


Steps = Generator[Need, Any, _Result]
"""Work that stops at each ``Need``, is sent the answer, and returns its result at the end."""


def run(steps: Steps[_Result]) -> _Result:
    """Do the work, blocking at each need."""
    try:
        need = next(steps)
        while True:
            try:
                answer = need.obtain()
            except Exception as error:  # It broke its promise (a resolver of the caller's): the rules judge that, too.
                need = steps.throw(error)
            else:
                need = steps.send(answer)
    except StopIteration as done:
        result: _Result = done.value
        return result


async def run_async(steps: Steps[_Result]) -> _Result:
    """Do the same work, awaiting each need."""
    try:
        need = next(steps)
        while True:
            try:
                answer = await need.obtain_async()
            except Exception as error:
                need = steps.throw(error)
            else:
                need = steps.send(answer)
    except StopIteration as done:
        result: _Result = done.value
        return result
