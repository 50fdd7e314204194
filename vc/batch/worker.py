"""A worker process of ``vc.batch``: reads chunks of documents, writes results, asks its parent for what is outside.

Messages are pickles behind their length, over the worker's standard input and output. Both ends are this program; no
byte of a document is ever unpickled.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any, Final

import orjson

from did.checked_signing import CheckedElsewhere

from ..inputs import JSON_STARTS
from ..parsing import loads
from ..problems import ProblemError

if TYPE_CHECKING:
    from did import PublicKey, VerificationMethod

__all__ = ["AGAIN", "Died", "answer", "main", "packed", "receive", "send"]

_KEPT_FOR = 60.0
"""Seconds for which a worker believes what its parent resolved."""

_MAX_KEPT = 1024

AGAIN: Final = True
"""In place of a result: the same as the one before, in this chunk or an earlier one."""


SEVERAL: Final = "several"
"""The kind of a question that is a list of questions."""

_THREADS = 16
"""How many credentials a worker has in hand at once, so that their signatures are asked for together."""


class Died(Exception):
    """The other end is gone."""


def packed(message: object) -> bytes:
    """A message as it travels, behind its length."""
    return pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)


def send(stream: IO[bytes] | None, message: bytes) -> None:
    """Write one packed message. Raises Died."""
    try:
        assert stream is not None
        stream.write(len(message).to_bytes(8, "big"))  # Not one string of both: a large message is not copied.
        stream.write(message)
        stream.flush()
    except (OSError, ValueError):
        raise Died from None


def receive(stream: IO[bytes] | None) -> Any:
    """Read one message. Raises Died at the end of the stream."""
    try:
        assert stream is not None
        length = stream.read(8)
        content = stream.read(int.from_bytes(length, "big")) if len(length) == 8 else b""
    except (OSError, ValueError):
        raise Died from None
    if len(length) != 8 or len(content) != int.from_bytes(length, "big"):
        raise Died
    return pickle.loads(content)  # noqa: S301 - written by ``send`` of this program


def answer(ask: Callable[[str, Sequence[Any]], Any], kind: str, arguments: Sequence[Any]) -> bytes:
    """The parent's answer to a question, packed: a value, or the error that it met. To ``several``, a list of them."""
    if kind == SEVERAL:
        answers = [_answered(ask, *question) for question in arguments]
        try:
            return packed(("value", answers))
        except Exception:  # Find out which one can't travel.
            return packed(("value", [pickle.loads(_sound(found)) for found in answers]))  # noqa: S301 - our own bytes
    return _sound(_answered(ask, kind, arguments))


def _answered(ask: Callable[[str, Sequence[Any]], Any], kind: str, arguments: Sequence[Any]) -> tuple[str, Any]:
    try:
        return "value", ask(kind, arguments)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        except Exception:
            return "error", RuntimeError(type(error).__name__)
        return "error", error


def _sound(found: tuple[str, Any]) -> bytes:
    """An answer, packed. One that can't be is an error."""
    try:
        return packed(found)
    except Exception as error:
        return packed(("error", RuntimeError(type(error).__name__)))


class _Parent:
    """The way to the parent process."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._stdin, self._stdout = stdin, stdout
        self._ahead: deque[list[Any]] = deque()

    def chunk(self) -> list[Any]:
        """The next chunk of documents. Raises Died."""
        if self._ahead:
            return self._ahead.popleft()
        documents: list[Any] = receive(self._stdin)[1]
        return documents

    def done(self, results: list[Any]) -> None:
        """Hand in the results for a chunk. Raises Died."""
        send(self._stdout, packed(("done", results)))

    def ask(self, kind: str, *arguments: Any) -> Any:
        """The parent's answer. Raises the error that the parent met."""
        send(self._stdout, packed((kind, arguments)))
        outcome, value = receive(self._stdin)
        while outcome == "chunk":  # It was on its way before the question.
            self._ahead.append(value)
            outcome, value = receive(self._stdin)
        if outcome == "error":
            raise value
        return value


class _Question:
    """What a thread wants to know; it waits for the answer."""

    __slots__ = ("_found", "_open", "asked")

    def __init__(self, kind: str, arguments: Sequence[Any]) -> None:
        self.asked = (kind, arguments)
        self._open = threading.Lock()
        self._open.acquire()
        self._found: tuple[str, Any] = ("error", RuntimeError())

    def settle(self, found: tuple[str, Any]) -> None:
        """Let the thread go on with what was found."""
        self._found = found
        self._open.release()

    def answer(self) -> Any:
        """Wait for the answer. Raises the error that the parent met."""
        self._open.acquire()
        outcome, value = self._found
        if outcome == "error":
            raise value
        return value


class _Together:
    """Works on several items at once, and asks for all of them when each waits: one way to the parent, not many."""

    def __init__(self, parent: _Parent) -> None:
        self._parent = parent
        self._threads = ThreadPoolExecutor(_THREADS)
        self._lock = threading.Lock()
        self._working = 0
        self._questions: list[_Question] = []

    def results(self, work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        """The result of ``work`` for each item, in order."""
        results: list[Any] = [None] * len(items)
        left = iter(range(len(items)))
        self._working = min(_THREADS, len(items))

        def some() -> None:
            try:
                for number in left:  # One iterator for all threads: each takes what no other has taken.
                    results[number] = work(items[number])
            finally:
                self._proceed(-1)

        for done in [self._threads.submit(some) for _ in range(self._working)]:
            done.result()
        return results

    def ask(self, kind: str, *arguments: Any) -> Any:
        """The parent's answer. Raises the error that the parent met."""
        question = _Question(kind, arguments)
        self._proceed(0, question)
        return question.answer()

    def _proceed(self, change: int, *question: _Question) -> None:
        """Take note of a thread that asks or is done; when all that are left have asked, get them their answers."""
        with self._lock:
            self._working += change
            self._questions += question
            if not self._questions or len(self._questions) < self._working:
                return
            questions, self._questions = self._questions, []
        try:
            answers = self._parent.ask(SEVERAL, *(one.asked for one in questions))
        except BaseException as error:  # The parent is gone: so must be all who wait.
            answers = [("error", error)] * len(questions)
        for one, found in zip(questions, answers, strict=True):
            one.settle(found)


class _Resolver:
    """Dereferences through the parent, whose resolver fetches and keeps documents for all workers."""

    def __init__(self, parent: _Parent) -> None:
        self._parent = parent
        self._kept: OrderedDict[tuple[str, str], tuple[float, VerificationMethod]] = OrderedDict()

    def dereference(self, did_url: str, purpose: str) -> VerificationMethod:
        key = (did_url, purpose)
        found = self._kept.get(key)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        method: VerificationMethod = self._parent.ask("dereference", did_url, purpose)
        self._kept[key] = (time.monotonic() + _KEPT_FOR, method)
        if len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return method


class _Source:
    """Status lists or schemas, by way of the parent."""

    def __init__(self, parent: _Parent, kind: str) -> None:
        self._parent, self._kind = parent, kind

    def get(self, url: str) -> bytes:
        content: bytes = self._parent.ask(self._kind, url)
        return content

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


class _Signer(CheckedElsewhere):
    """Signs in the parent, where the key is."""

    def __init__(self, parent: _Together, about: tuple[str, str, str, PublicKey]) -> None:
        self._parent = parent
        self.algorithm, self.did, self.verification_method, self.public_key = about

    def sign(self, data: bytes) -> bytes:
        signature: bytes = self._parent.ask("sign", (data,), {})
        return signature

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in ("sign_messages", "blind_sign_messages", "blind_sign_messages_with_nym"):
            raise AttributeError(name)
        return lambda *positional, **named: self._parent.ask(name, positional, named)


def _verifying(parent: _Parent, arguments: dict[str, Any]) -> Callable[[list[Any]], list[Any]]:
    from ..verification import verify

    settings = arguments.pop("status_settings")
    if settings is not None:
        from ..status import StatusChecker

        arguments["status"] = StatusChecker(_Source(parent, "status"), **settings)
    if arguments.pop("has_schemas"):
        from ..model.schemas import SchemaChecker

        fetched = _Source(parent, "schema") if arguments.pop("has_schema_source") else None
        arguments["schemas"] = SchemaChecker(_Source(parent, "registered").get, fetched)
    if arguments.pop("has_resolver"):
        arguments["resolver"] = _Resolver(parent)

    last: tuple[Any, ...] | None = None

    def job(item: Any) -> Any:
        nonlocal last
        document = _parsed(item)
        verdict = verify(document, **arguments)
        shown: Any = verdict.document
        if shown is not None:
            shown = True if shown is document else orjson.dumps(shown)
        found = (verdict.verified, verdict.checks, verdict.problems, verdict.warnings, shown, verdict.trace)
        # Most verdicts are alike. (A trace may be equal and yet another: 1, 1.0, True.)
        if found == last and verdict.trace is None:
            return AGAIN
        last = found
        return found

    return lambda items: [None if item is None else job(item) for item in items]


def _parsed(item: Any) -> Any:
    """A document that arrived, parsed if it is JSON: then it can be told whether a verdict shows that very object."""
    if isinstance(item, tuple):
        return orjson.loads(item[0])
    if item[:1] in JSON_STARTS:
        with contextlib.suppress(ProblemError):
            return loads(item)
    return item


def _issuing(parent: _Parent, arguments: dict[str, Any]) -> Callable[[list[Any]], list[Any]]:
    from ..securing import issue

    together = _Together(parent)
    signer: Any = _Signer(together, arguments["signer"])

    def job(item: Any) -> Any:
        if item is None:
            return None
        document = orjson.loads(item[0]) if isinstance(item, tuple) else item
        try:
            return orjson.dumps(issue(document, signer, **arguments["arguments"]))
        except ProblemError as error:
            return error.problems

    return lambda items: together.results(job, items)


def main() -> None:
    """Work until the parent closes the stream."""
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Whatever prints by accident must not end up among the messages.
    parent = _Parent(stdin, stdout)
    try:
        job, arguments = receive(stdin)
        work = {"verify": _verifying, "issue": _issuing}[job](parent, arguments)
        while True:
            parent.done(work(parent.chunk()))
    except (Died, KeyboardInterrupt):
        pass
