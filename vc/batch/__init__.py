"""Verifying and issuing many documents, on all cores, with bounded memory.

Documents go out in chunks to worker processes and results come back in the order of the documents. A worker computes;
whatever is outside (DID documents, status lists, schemas, the signer's key) it asks its parent for, so that each is
fetched once and a private key never leaves its process. A document that is bad, or that takes a worker down with it,
harms no other.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, cast

import orjson

from did.checked_signing import sign_checked, sign_messages_checked

from ..problems import Problem, ProblemError
from ..securing import IssueArguments, issue
from ..verdict import Check, Outcome, Verdict, verdict_on_text
from ..verification import PolicyArguments, VerificationPolicy, expectations, verify
from .pool import Chunk, Document, Work, Workers

if TYPE_CHECKING:
    from did import BbsSigner, Signer

__all__ = ["CHUNK", "issue_many", "verify_many"]

CHUNK = 64
"""How many documents go to a worker at once: below 16 the way there and back costs more than it gains."""

_LARGER = 4
_QUICK = 0.05
"""Chunks become up to this many times larger while a worker takes less than so many seconds for one."""

_AHEAD = 2
"""How many chunks are under way for each worker; this, and not the length of the batch, bounds the memory."""


def verify_many(
    documents: Iterable[Document],
    policy: VerificationPolicy | None = None,
    *,
    processes: int | None = None,
    chunk: int | None = None,
    **stated: Unpack[PolicyArguments],
) -> Iterator[Verdict]:
    """The verdict on each of ``documents``, in their order, as they come; ``policy`` and keywords as for ``vc.verify``.

    ``processes`` is by default the number of cores; 1 (or a batch of no more than one ``chunk``) stays in this process.
    ``chunk`` is how many documents go to a worker at once: by default 64, and up to 256 where they are verified fast.
    ``documents`` may be endless: only a few chunks are read ahead.
    """
    expectations(policy, stated)  # An unusable policy is the caller's mistake, and not each document's.
    whole: PolicyArguments = stated if policy is None else {**policy.stated, **stated}
    return _in_order(iter(documents), _Verifying(whole), _processes(processes), chunk)


def issue_many(
    credentials: Iterable[Document],
    signer: Signer | BbsSigner,
    *,
    processes: int | None = None,
    chunk: int | None = None,
    **arguments: Unpack[IssueArguments],
) -> Iterator[dict[str, Any] | ProblemError]:
    """Each of ``credentials`` secured, in their order, as they come; the arguments are those of ``vc.issue``.

    A credential that can't be issued gives the ProblemError that ``vc.issue`` would raise, as a value. ``processes``
    and ``chunk`` are as for ``verify_many``. The signer is used in this process only, from several threads.
    """
    unknown = sorted(arguments.keys() - IssueArguments.__annotations__.keys())
    if unknown:  # Otherwise each credential would fail for it. (trace and random are for single documents.)
        raise TypeError(f"issue_many takes no argument {unknown[0]!r}")
    return _in_order(iter(credentials), _Issuing(signer, arguments), _processes(processes), chunk)


def _processes(processes: int | None) -> int:
    if processes is None:
        return os.cpu_count() or 1
    if processes < 1:
        raise ValueError("at least one process is needed")
    return processes


class _Verifying(Work):
    def __init__(self, expectations: PolicyArguments) -> None:
        self._expectations = expectations
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

    def here(self, document: Document) -> Verdict:
        return verify(document, **self._expectations)

    def crashed(self, document: Document) -> Verdict:
        detail = "the verification of this document broke off; it counts as not verified"
        problem = Problem("verification.internal", detail)
        return Verdict(False, (Check("proof", Outcome.FAILED, "", detail),), (problem,))

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

    def results(self, documents: Sequence[Document], answers: Sequence[Any]) -> list[Verdict]:
        """Verdicts. A document travels back only where it is not the one that was sent, but came out of an envelope."""
        verdicts = []
        for document, found in zip(documents, answers, strict=True):
            if found is None:
                verdicts.append(self.here(document))
                continue
            verified, checks, problems, warnings, shown, trace = found
            if shown is True:
                shown = document
            if isinstance(shown, bytes | str):
                verdicts.append(verdict_on_text(verified, checks, problems, warnings, shown, trace))
            else:
                verdicts.append(Verdict(verified, checks, problems, warnings, shown, trace))
        return verdicts


_CHECKED: Mapping[str, Callable[..., bytes]] = {"sign": sign_checked, "sign_messages": sign_messages_checked}


class _Issuing(Work):
    def __init__(self, signer: Signer | BbsSigner, arguments: IssueArguments) -> None:
        self._signer = signer
        self._arguments = arguments
        about = (signer.algorithm, signer.did, signer.verification_method, signer.public_key)
        super().__init__("issue", {"signer": about, "arguments": dict(arguments)})

    def here(self, document: Document) -> dict[str, Any] | ProblemError:
        try:
            return issue(document, self._signer, **self._arguments)
        except ProblemError as error:
            return error

    def crashed(self, document: Document) -> ProblemError:
        return ProblemError(Problem("proof.generation", "issuing this credential broke off"))

    def ask(self, kind: str, arguments: Sequence[Any]) -> Any:
        if kind in ("sign", "sign_messages", "blind_sign_messages", "blind_sign_messages_with_nym"):
            positional, named = arguments
            if kind in _CHECKED:
                return _CHECKED[kind](self._signer, *positional)
            return getattr(self._signer, kind)(*positional, **named)
        raise LookupError(kind)

    def results(self, documents: Sequence[Document], answers: Sequence[Any]) -> list[dict[str, Any] | ProblemError]:
        """Secured documents, as they came back, and errors."""
        results = []
        for document, found in zip(documents, answers, strict=True):
            if found is None:
                results.append(self.here(document))
            else:
                results.append(ProblemError(*found) if isinstance(found, tuple) else orjson.loads(found))
        return results


def _in_order(items: Iterator[Document], work: Work, processes: int, chunk: int | None) -> Iterator[Any]:
    """The result for each item, in order."""
    if chunk is not None and chunk < 1:
        raise ValueError("a chunk holds at least one document")
    return _results(items, work, processes, chunk or CHUNK, chunk or CHUNK * _LARGER)


def _results(items: Iterator[Document], work: Work, processes: int, size: int, largest: int) -> Iterator[Any]:
    first = list(itertools.islice(items, size)) if processes > 1 else []
    following = next(items, None) if processes > 1 else None
    if processes == 1 or following is None:
        for item in itertools.chain(first, items):
            yield work.here(item)
        return
    items = itertools.chain(first, [following], items)
    with Workers(work, processes) as workers:
        under_way: deque[Chunk] = deque()
        while documents := list(itertools.islice(items, size)):
            under_way.append(workers.submit(documents))
            if len(under_way) >= _AHEAD * processes:
                done = under_way.popleft()
                yield from done.results.result()
                if done.seconds < _QUICK:
                    size = min(2 * size, largest)
        while under_way:
            yield from under_way.popleft().results.result()
