"""The worker processes of ``vc.batch``, each with a thread of the parent's that writes, reads and answers questions.

A worker always has its next chunk in its pipe, where that fits, so that it never waits for its parent. What was in the
hands of a worker that died is given out again, one document at a time.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

import orjson

from ..inputs import read_document
from ..problems import ProblemError
from .worker import AGAIN, Died, answer, packed, receive, send

__all__ = ["Document", "Work", "Workers"]

_PIPE = 1024 * 1024
"""Bytes that fit into a worker's pipes, where the system lets us say so: a chunk at once, usually."""

Document = bytes | bytearray | str | Mapping[str, Any]


class Work:
    """What workers are told at their start, what they may ask for, and what is made of their answers."""

    def __init__(self, job: str, arguments: Mapping[str, Any]) -> None:
        self.job = job
        self.arguments = arguments

    def here(self, document: Document) -> Any:
        """The result for a document, worked out in this process."""
        raise NotImplementedError

    def crashed(self, document: Document) -> Any:
        """The result for a document that no worker survived."""
        raise NotImplementedError

    def ask(self, kind: str, arguments: Sequence[Any]) -> Any:
        """Answer a worker's question."""
        raise NotImplementedError

    def results(self, documents: Sequence[Document], answers: Sequence[Any]) -> list[Any]:
        """The results for documents, from what a worker answered: None for what is no document."""
        raise NotImplementedError


class Chunk:
    """Documents on their way through a worker; ``results`` will hold the result for each.

    ``seconds`` is then how long its worker took for it.
    """

    __slots__ = ("content", "documents", "results", "seconds", "sent_to")

    def __init__(self, documents: Sequence[Document]) -> None:
        # What can be changed while it is on its way would not be what was verified.
        self.documents = [bytes(item) if isinstance(item, bytearray) else item for item in documents]
        self.content = packed(("chunk", [_travelling(item) for item in self.documents]))
        self.results: Future[list[Any]] = Future()
        self.seconds = float("inf")
        self.sent_to: _Worker | None = None


class _Worker:
    """A worker process, its pipes as wide as the system lets us make them."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vc.batch.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.room = 0
        """Bytes that an empty pipe to it surely takes though nobody reads: half of what it holds, in whole pages."""
        self._last: Any = None
        if sys.platform == "linux":
            import fcntl

            with contextlib.suppress(OSError):  # Some users have had their share of wide pipes.
                for pipe in (self.process.stdout, self.process.stdin):
                    fcntl.fcntl(pipe or -1, fcntl.F_SETPIPE_SZ, _PIPE)
            with contextlib.suppress(OSError):
                self.room = fcntl.fcntl(self.process.stdin or -1, fcntl.F_GETPIPE_SZ) // 2

    def send(self, message: bytes) -> None:
        """Write one packed message. Raises Died."""
        send(self.process.stdin, message)

    def receive(self) -> tuple[str, Any]:
        """Read one message: its kind and its value. Raises Died."""
        kind, value = receive(self.process.stdout)
        return kind, [self._found(result) for result in value] if kind == "done" else value

    def _found(self, result: Any) -> Any:
        if result is not AGAIN:
            self._last = result
        return self._last

    def end(self) -> None:
        """Leave nothing of it."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self.process.wait()


class Workers:
    """As many worker processes as there is work for, at most ``processes``."""

    def __init__(self, work: Work, processes: int) -> None:
        self._work = work
        self._start = packed((work.job, work.arguments))
        self._waiting: SimpleQueue[Chunk | None] = SimpleQueue()
        self._running: set[_Worker] = set()
        self._closing = False
        self._lock = threading.Lock()
        # Daemons: somebody may keep a half-read iterator until the interpreter ends, which must not wait for it.
        self._threads = [threading.Thread(target=self._serve, name="vc-batch", daemon=True) for _ in range(processes)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        # Also when the caller loses interest half way: nothing is left running.
        with self._lock:
            self._closing = True
            running = list(self._running)
        for worker in running:
            worker.process.kill()
        self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def submit(self, documents: Sequence[Document]) -> Chunk:
        """Start work on a chunk."""
        chunk = Chunk(documents)
        self._waiting.put(chunk)
        return chunk

    def _serve(self) -> None:
        """What each thread does: see one chunk after another through its worker, with the next one on its way."""
        worker: _Worker | None = None
        chunk = self._next()
        while chunk is not None:
            following: Chunk | None = None
            try:
                worker = worker or self._begin()
                started = time.monotonic()
                if chunk.sent_to is not worker:
                    self._send(chunk, worker)
                following = self._next(wait=False)
                # The worker reads a whole chunk before it writes anything. So this can't wait for a worker that waits
                # for us, as long as what is sent ahead fits into the pipe.
                if following is not None and len(following.content) <= worker.room:
                    self._send(following, worker)
                results = self._finish(chunk, worker)
                chunk.seconds = time.monotonic() - started
                chunk.results.set_result(results)
            except Died:
                self._end(worker)
                worker = None
                chunk.results.set_result(self._one_by_one(chunk.documents))
            except BaseException as error:  # An error of a caller's source or signer, say: the caller shall see it.
                self._end(worker)
                worker = None
                chunk.results.set_exception(error)
            chunk = following or self._next()
        self._end(worker)

    def _next(self, *, wait: bool = True) -> Chunk | None:
        """The next chunk that no thread has taken. None when there is none, or (waiting) when all is over."""
        try:
            chunk = self._waiting.get(block=wait)
        except Empty:
            return None
        if chunk is None:  # For the other threads, too.
            self._waiting.put(None)
        return None if self._closing else chunk

    def _one_by_one(self, documents: Sequence[Document]) -> list[Any]:
        """The results for a chunk in which something took a worker down: each document goes to a worker alone."""
        results: list[Any] = []
        worker: _Worker | None = None
        for document in documents:
            chunk = Chunk([document])
            try:
                worker = worker or self._begin()
                self._send(chunk, worker)
                results += self._finish(chunk, worker)
            except Died:
                self._end(worker)
                worker = None
                if self._closing:
                    break
                results.append(self._work.crashed(document))
        self._end(worker)
        return results

    def _send(self, chunk: Chunk, worker: _Worker) -> None:
        chunk.sent_to = worker
        worker.send(chunk.content)

    def _finish(self, chunk: Chunk, worker: _Worker) -> list[Any]:
        """Answer the worker's questions until it has the results. Raises Died."""
        while True:
            kind, value = worker.receive()
            if kind == "done":
                return self._work.results(chunk.documents, value)
            worker.send(answer(self._work.ask, kind, value))

    def _begin(self) -> _Worker:
        """A new worker. Raises Died when there shall be none any more."""
        with self._lock:
            if self._closing:
                raise Died
            worker = _Worker()
            self._running.add(worker)
        worker.send(self._start)
        return worker

    def _end(self, worker: _Worker | None) -> None:
        """Leave nothing of a worker."""
        if worker is not None:
            self._running.discard(worker)
            worker.end()


def _travelling(document: Document) -> Any:
    """How a document goes to a worker: text as it is, a parsed one as bytes that need no limits any more.

    None for what is no document: that is refused here, at once.
    """
    if isinstance(document, bytes | str):
        return document
    if not isinstance(document, Mapping):
        return None
    try:
        return (orjson.dumps(read_document(document)),)
    except ProblemError:
        return None
