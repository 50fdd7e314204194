"""What verification needs from outside, and how it gets it: one core for synchronous and asynchronous callers.

The rules are generators. Where they need something that may take the network (a status list, a schema, a DID document)
they yield a ``Need`` and are sent what it obtained. ``run`` and ``run_async`` are the only places that do obtain.
``Fetch`` is the one kind of need that there is.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol, TypeVar

__all__ = ["Fetch", "Need", "Source", "Steps", "Unavailable", "fetch", "run", "run_async"]

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


class Unavailable(Exception):
    """What was asked for can't be had from a source; the message says why."""


class Source(Protocol):
    """Gives what stands behind a URL or another name, as received and not yet verified.

    Status lists, schemas, controlled identifier documents, type and issuer metadata all come from such a source.
    """

    def get(self, url: str) -> bytes:
        """The document. Raises Unavailable."""
        ...

    async def get_async(self, url: str) -> bytes:
        """The same without blocking."""
        ...


class Fetch:
    """Something is asked of a source that may have to fetch it. Its refusal is an answer, too.

    ``operation`` is the name of a method of ``source``, which has another of that name and ``_async``; ``refusal`` is
    what these raise where they have no answer.
    """

    __slots__ = ("arguments", "operation", "refusal", "source")

    def __init__(self, source: object, operation: str, arguments: tuple[str, ...], refusal: type[Exception]) -> None:
        self.source, self.operation, self.arguments, self.refusal = source, operation, arguments, refusal

    def obtain(self) -> Any:
        """Ask, blocking."""
        try:
            return getattr(self.source, self.operation)(*self.arguments)
        except self.refusal as error:
            return error

    async def obtain_async(self) -> Any:
        """Ask without blocking the event loop."""
        try:
            return await getattr(self.source, self.operation + "_async")(*self.arguments)
        except self.refusal as error:
            return error


def fetch(source: Source, url: str) -> Fetch:
    """The need for the document behind ``url``: the answer is its bytes, or an ``Unavailable``."""
    return Fetch(source, "get", (url,), Unavailable)


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
