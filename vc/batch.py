"""Verifying and issuing many documents, on all cores, with bounded memory.

Documents go out in chunks to worker processes and results come back in the order of the documents. A worker computes;
whatever is outside (DID documents, status lists, schemas, the signer's key) it asks its parent for, so that each is
fetched once and a private key never leaves its process. A document that is bad, or that takes a worker down with it,
harms no other.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

import orjson

from .batch_worker import Died, answer, receive, send
from .documents import read_document
from .problems import Problem, ProblemError
from .securing import issue
from .verdict import Check, Outcome, Verdict
from .verification import verify
from .verification.expectations import ExpectationArguments, Expectations

if TYPE_CHECKING:
    from did import BbsSigner, Signer

__all__ = ["CHUNK", "issue_many", "verify_many"]

CHUNK = 64
"""How many documents go to a worker at once: below 16 the way there and back costs more than it gains."""

_AHEAD = 2
"""How many chunks are under way for each worker; this, and not the length of the batch, bounds the memory."""

_PIPE = 1024 * 1024
"""Bytes that fit into a worker's pipes, where the system lets us say so: a chunk at once, usually."""

_Item = TypeVar("_Item")
Document = bytes | bytearray | str | Mapping[str, Any]


def verify_many(
    documents: Iterable[Document],
    *,
    processes: int | None = None,
    chunk: int = CHUNK,
    **expectations: Unpack[ExpectationArguments],
) -> Iterator[Verdict]:
    """The verdict on each of ``documents``, in their order, as they come; the expectations are those of ``vc.verify``.

    ``processes`` is by default the number of cores; 1 (or a batch of no more than one ``chunk``) stays in this process.
    ``documents`` may be endless: only a few chunks are read ahead.
    """
    Expectations(**expectations)  # Unusable expectations are the caller's mistake, and not each document's.
    one = _VerifyOne(expectations)
    return _in_order(iter(documents), one, _VerifyChunk(expectations), _processes(processes), chunk)


def issue_many(
    credentials: Iterable[Document],
    signer: Signer | BbsSigner,
    *,
    processes: int | None = None,
    chunk: int = CHUNK,
    **arguments: Any,
) -> Iterator[dict[str, Any] | ProblemError]:
    """Each of ``credentials`` secured, in their order, as they come; the arguments are those of ``vc.issue``.

    A credential that can't be issued gives the ProblemError that ``vc.issue`` would raise, as a value. ``processes``
    and ``chunk`` are as for ``verify_many``. The signer is used in this process only, from several threads.
    """
    if "trace" in arguments or "random" in arguments:
        raise TypeError("trace and random are for single documents")
    one = _IssueOne(signer, arguments)
    return _in_order(iter(credentials), one, _IssueChunk(signer, arguments), _processes(processes), chunk)


def _processes(processes: int | None) -> int:
    if processes is None:
        return os.cpu_count() or 1
    if processes < 1:
        raise ValueError("at least one process is needed")
    return processes


class _VerifyOne:
    """Verification in this process."""

    def __init__(self, expectations: ExpectationArguments) -> None:
        self._expectations = expectations

    def __call__(self, document: Document) -> Verdict:
        return verify(document, **self._expectations)

    def crashed(self, document: Document) -> Verdict:
        """The verdict on a document that no worker survived."""
        detail = "the verification of this document broke off; it counts as not verified"
        problem = Problem("verification.internal", detail)
        return Verdict(False, (Check("proof", Outcome.FAILED, "", detail),), (problem,))


class _IssueOne:
    """Issuing in this process."""

    def __init__(self, signer: Signer | BbsSigner, arguments: Mapping[str, Any]) -> None:
        self._signer = signer
        self._arguments = arguments

    def __call__(self, credential: Document) -> dict[str, Any] | ProblemError:
        try:
            return issue(credential, self._signer, **self._arguments)  # type: ignore[arg-type]
        except ProblemError as error:
            return error

    def crashed(self, credential: Document) -> ProblemError:
        """The result for a credential that no worker survived."""
        return ProblemError(Problem("proof.generation", "issuing this credential broke off"))


class _Work:
    """What a worker is told at its start, how documents travel, and what it may ask for."""

    def __init__(self, job: str, arguments: Mapping[str, Any]) -> None:
        self.job = job
        self.arguments = arguments

    def ask(self, kind: str, arguments: Sequence[Any]) -> Any:
        """Answer a worker's question."""
        raise NotImplementedError

    def results(self, documents: Sequence[Document], answers: Sequence[Any]) -> list[Any]:
        """The results for a chunk, from what a worker sent; None for what did not go there."""
        raise NotImplementedError


class _VerifyChunk(_Work):
    def __init__(self, expectations: ExpectationArguments) -> None:
        plain = cast("dict[str, Any]", dict(expectations))
        self._resolver = plain.pop("resolver", None)
        self._status = plain.pop("status", None)
        self._schemas = plain.pop("schemas", None)
        plain["status_settings"] = None if self._status is None else self._status.settings
        plain["has_resolver"] = self._resolver is not None
        plain["has_schemas"] = self._schemas is not None
        if self._schemas is not None:
            plain["has_schema_source"] = self._schemas.source is not None
        super().__init__("verify", plain)

    def ask(self, kind: str, arguments: Sequence[Any]) -> Any:
        if kind == "dereference":
            return self._resolver.dereference(*arguments)
        if kind == "status":
            return self._status.source.get(*arguments)
        if kind == "registered":
            return self._schemas.registered(*arguments)
        if kind == "schema" and self._schemas.source is not None:
            return self._schemas.source.get(*arguments)
        raise LookupError(kind)

    def results(self, documents: Sequence[Document], answers: Sequence[Any]) -> list[Any]:
        """Verdicts; the documents in them did not travel back."""
        verdicts: list[Verdict | None] = []
        for document, found in zip(documents, answers, strict=True):
            if found is None:
                verdicts.append(None)
                continue
            verified, checks, problems, warnings, parsed, trace = found
            read: Mapping[str, Any] | None = None
            if parsed:
                read = document if isinstance(document, Mapping) else orjson.loads(document)
            verdicts.append(Verdict(verified, checks, problems, warnings, read, trace))
        return verdicts


class _IssueChunk(_Work):
    def __init__(self, signer: Signer | BbsSigner, arguments: Mapping[str, Any]) -> None:
        self._signer = signer
        about = (signer.algorithm, signer.did, signer.verification_method, signer.public_key)
        super().__init__("issue", {"signer": about, "arguments": dict(arguments)})

    def ask(self, kind: str, arguments: Sequence[Any]) -> Any:
        if kind in ("sign", "sign_messages", "blind_sign_messages", "blind_sign_messages_with_nym"):
            positional, named = arguments
            return getattr(self._signer, kind)(*positional, **named)
        raise LookupError(kind)

    def results(self, documents: Sequence[Document], answers: Sequence[Any]) -> list[Any]:
        """Secured documents and errors."""
        return [ProblemError(*found) if isinstance(found, tuple) else found for found in answers]


def _in_order(items: Iterator[Document], one: Any, work: _Work, processes: int, chunk: int) -> Iterator[Any]:
    """The result for each item, in order."""
    if chunk < 1:
        raise ValueError("a chunk holds at least one document")
    return _results(items, one, work, processes, chunk)


def _results(items: Iterator[Document], one: Any, work: _Work, processes: int, chunk: int) -> Iterator[Any]:
    first = list(itertools.islice(items, chunk)) if processes > 1 else []
    following = next(items, None) if processes > 1 else None
    if processes == 1 or following is None:
        for item in itertools.chain(first, items):
            yield one(item)
        return
    chunks = itertools.chain([first], _chunks(itertools.chain([following], items), chunk))
    with _Workers(work, one, processes) as workers:
        under_way: deque[Future[list[Any]]] = deque()
        for documents in chunks:
            under_way.append(workers.submit(documents))
            if len(under_way) >= _AHEAD * processes:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def _chunks(items: Iterator[_Item], size: int) -> Iterator[list[_Item]]:
    while chunk := list(itertools.islice(items, size)):
        yield chunk


class _Workers:
    """A thread for each worker process; the thread writes to it, reads from it and answers its questions."""

    def __init__(self, work: _Work, one: Any, processes: int) -> None:
        self._work = work
        self._one = one
        self._start = pickle.dumps((work.job, work.arguments))
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="vc-batch")
        self._local = threading.local()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closing = False
        self._lock = threading.Lock()

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *error: object) -> None:
        # Also when the caller loses interest half way: nothing is left running.
        with self._lock:
            self._closing = True
            running = list(self._running)
        for process in running:
            process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in running:
            self._end(process)

    def submit(self, documents: list[Document]) -> Future[list[Any]]:
        """Start work on a chunk."""
        return self._threads.submit(self._chunk, documents)

    def _chunk(self, documents: list[Document]) -> list[Any]:
        try:
            results = self._work.results(documents, self._exchange(documents))
            pairs = zip(documents, results, strict=True)
            return [self._one(document) if result is None else result for document, result in pairs]
        except Died:
            if self._closing:
                return []
            if len(documents) == 1:
                return [self._one.crashed(documents[0])]
            # One of these took the worker down: find it by giving each to a worker alone.
            return [result for document in documents for result in self._chunk([document])]

    def _exchange(self, documents: list[Document]) -> list[Any]:
        process = getattr(self._local, "process", None)
        if process is None:
            process = self._local.process = self._begin()
        try:
            send(process.stdin, ("chunk", [_travelling(document) for document in documents]))
            while True:
                kind, value = receive(process.stdout)
                if kind == "done":
                    results: list[Any] = value
                    return results
                send(process.stdin, answer(self._work.ask, kind, value))
        except Died:
            self._local.process = None
            self._end(process)
            raise

    def _begin(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)}
        with self._lock:
            if self._closing:
                raise Died
            process = subprocess.Popen(
                [sys.executable, "-m", "vc.batch_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                pipesize=_PIPE,
            )
            self._running.add(process)
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.write(len(self._start).to_bytes(8, "big") + self._start)
            process.stdin.flush()
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._running.discard(process)
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        process.wait()


def _travelling(document: Document) -> Any:
    """How a document goes to a worker: text as it is, a parsed one as bytes that need no limits any more.

    None for what is no document: that is refused here, at once.
    """
    if not isinstance(document, Mapping):
        return document if isinstance(document, bytes | bytearray | str) else None
    try:
        return (orjson.dumps(read_document(document)),)
    except ProblemError:
        return None
