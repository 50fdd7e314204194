"""The resolver: from a DID to its document, from a DID URL to a verification method *for a purpose*.

One core without I/O: methods yield the files they need, and two thin drivers, one synchronous and one asynchronous,
fetch them. ``Resolver()`` never touches the network and resolves the methods that need none; with a ``Fetcher`` it
resolves did:web and did:webvh, too.

Results are kept (``CachePolicy``). Callers who ask for the same thing at the same time share one resolution, so that a
hundred verifications of one issuer fetch its document once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from . import methods as method_table
from .dereferencing import Dereferenced, dereferencing_steps
from .documents import expand_relative_urls, method_for
from .errors import (
    DidError,
    DidNotFound,
    DidUnavailable,
    InvalidDidDocument,
    InvalidDidUrl,
    InvalidOptions,
    MethodNotSupported,
)
from .methods.key import method_for as did_key_method_for
from .resolution import DidMethod, FetcherProtocol, FetchRequest, Resolution, Steps, checked_policies, next_request
from .resolution_cache import CachePolicy, Kept, ResolutionCache
from .urls import parse_did, parse_did_url
from .usable import reason_for
from .verification_methods import VerificationMethod

if TYPE_CHECKING:
    import asyncio

__all__ = ["Resolver"]

_MAX_STEPS: Final = 16
_Key = tuple[str, ...]
_Result = TypeVar("_Result")


def _system_clock() -> datetime:
    return datetime.now(UTC)


class Resolver:
    """Resolves and dereferences DIDs; safe to share between threads and event loops.

    ``fetcher``: the way to the network, or None for none. ``methods``: further methods by name, before the table's.
    ``allowed_methods``: when given, no others are resolved. ``http_loopback``: fetch the documents of ``localhost``
    over http (for development; the fetcher has to allow loopback, too). ``policies``: what is allowed beyond the strict
    reading, by name (``did.resolution.POLICIES``). ``policy``: what is kept for how long.
    ``clock`` gives the time (aware) that histories and expiries are judged by, ``monotonic`` the seconds that lifetimes
    are counted in.
    """

    def __init__(
        self,
        *,
        fetcher: FetcherProtocol | None = None,
        methods: Mapping[str, DidMethod] | None = None,
        allowed_methods: frozenset[str] | None = None,
        http_loopback: bool = False,
        policies: frozenset[str] = frozenset(),
        policy: CachePolicy | None = None,
        clock: Callable[[], datetime] = _system_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher = fetcher
        self._methods = dict(methods or {})
        self._allowed = allowed_methods
        self._http_loopback = http_loopback
        self._policies = checked_policies(policies)
        self._policy = policy or CachePolicy()
        self._clock = clock
        self._monotonic = monotonic
        self._cache = ResolutionCache(self._policy.entries)
        self._lock = threading.Lock()
        self._running: dict[_Key, Future[Kept]] = {}
        self._tasks: dict[tuple[int, _Key], asyncio.Task[Kept]] = {}
        self._did_key_is_ours = "key" not in self._methods and (allowed_methods is None or "key" in allowed_methods)

    def resolve(self, did: str, **options: Any) -> Resolution:
        """The document of ``did`` with its metadata; of a deactivated DID as well (look at ``deactivated``).

        Options: ``versionId`` (str), ``versionTime`` (aware datetime), ``expandRelativeUrls`` (bool: relative DID URLs
        made absolute), ``noCache`` (bool: resolve anew), and those of the method. Raises a DidError: InvalidDid,
        MethodNotSupported, DidNotFound, InvalidDidDocument, ..., or DidUnavailable when it couldn't be decided.
        """
        expand = bool(options.pop("expandRelativeUrls", False))
        return _expanded(self._kept(did, options).resolution(), expand)

    async def resolve_async(self, did: str, **options: Any) -> Resolution:
        """As ``resolve``, on an event loop."""
        expand = bool(options.pop("expandRelativeUrls", False))
        return _expanded((await self._kept_async(did, options)).resolution(), expand)

    def dereference(self, did_url: str, purpose: str, *, version_time: datetime | None = None) -> VerificationMethod:
        """The verification method ``did_url`` if its controller lists it for ``purpose`` (CID 1.0 section 3.3).

        ``purpose`` is a verification relationship such as ``assertionMethod``. The DID URL may not carry a query: a
        signer who could name an old version of the document would get a revoked key accepted. A verifier who knows
        better, by a trusted time stamp, passes ``version_time``. Raises a DidError: PurposeNotAllowed, DidNotFound,
        DidDeactivated, KeyInvalid, ..., or DidUnavailable. Whether the method had expired is for the caller to ask
        (``VerificationMethod.usable_at``).
        """
        if self._did_key_is_ours and isinstance(did_url, str) and did_url.startswith("did:key:"):
            return did_key_method_for(did_url, purpose)
        did, options = _dereferencing_target(did_url, version_time)
        return _method_of(self._kept(did, options), did_url, purpose)

    async def dereference_async(
        self, did_url: str, purpose: str, *, version_time: datetime | None = None
    ) -> VerificationMethod:
        """As ``dereference``, on an event loop."""
        if self._did_key_is_ours and isinstance(did_url, str) and did_url.startswith("did:key:"):
            return did_key_method_for(did_url, purpose)
        did, options = _dereferencing_target(did_url, version_time)
        return _method_of(await self._kept_async(did, options), did_url, purpose)

    def forget(self, did: str | None = None) -> None:
        """Drop what is kept of ``did``, or everything."""
        self._cache.forget(did)

    def dereference_url(self, did_url: str, **options: Any) -> Dereferenced:
        """The resource a DID URL names: a document, a part of it, service endpoints, a file (``did.dereferencing``)."""
        return self._run(did_url, dereferencing_steps(did_url, options))

    async def dereference_url_async(self, did_url: str, **options: Any) -> Dereferenced:
        """As ``dereference_url``, on an event loop."""
        return await self._run_async(did_url, dereferencing_steps(did_url, options))

    def _kept(self, did: str, options: dict[str, Any]) -> Kept:
        key, found = self._look_up(did, options)
        if found is not None:
            return found
        with self._lock:
            running = self._running.get(key)
            mine = running is None
            if running is None:
                running = self._running[key] = Future()
        if not mine:
            return running.result()
        try:
            kept = self._resolve_now(key, did, options)
            running.set_result(kept)
            return kept
        except BaseException as error:
            running.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._running[key]

    async def _kept_async(self, did: str, options: dict[str, Any]) -> Kept:
        key, found = self._look_up(did, options)
        if found is not None:
            return found
        import asyncio

        loop = asyncio.get_running_loop()
        slot = (id(loop), key)
        task = self._tasks.get(slot)
        if task is None or task.get_loop() is not loop or task.done():  # a loop that ended can leave one behind
            task = self._tasks[slot] = loop.create_task(self._resolve_task(key, did, dict(options)))
            task.add_done_callback(lambda _: self._tasks.pop(slot, None))
        # A caller who gives up doesn't take the resolution away from the others.
        return await asyncio.shield(task)

    async def _resolve_task(self, key: _Key, did: str, options: Mapping[str, Any]) -> Kept:
        try:
            result: Resolution | DidError = await self._run_async(did, self._start(did, options))
        except DidError as error:
            result = error
        return self._keep(key, did, result)

    def _resolve_now(self, key: _Key, did: str, options: Mapping[str, Any]) -> Kept:
        try:
            result: Resolution | DidError = self._run(did, self._start(did, options))
        except DidError as error:
            result = error
        return self._keep(key, did, result)

    def _look_up(self, did: str, options: dict[str, Any]) -> tuple[_Key, Kept | None]:
        """What a result is kept under, and the result if it is still fresh."""
        anew = bool(options.pop("noCache", False))
        key = _key(did, options)
        found = None if anew else self._cache.get(key)
        return key, found if found is not None and self._monotonic() < found.ends else None

    def _keep(self, key: _Key, did: str, result: Resolution | DidError) -> Kept:
        now = self._monotonic()
        if isinstance(result, DidError):
            ends = now + self._policy.lifetime_of_error(result)
            old = self._cache.get(key)
            if isinstance(result, DidUnavailable) and old is not None and now < old.serves_until:
                stale = old.resolution()
                metadata = {**stale.metadata, "stale": True}
                kept = Kept(
                    replace(stale, metadata=metadata), min(ends, old.serves_until), old.serves_until, old.methods
                )
            else:
                kept = Kept(result, ends, 0.0)
        else:
            ends = now + self._policy.lifetime(parse_did(did).method, result)
            kept = Kept(result, ends, ends + self._policy.stale_if_error)
        if kept.ends > now or kept.serves_until > now:
            self._cache.put(key, kept)
        return kept

    def _start(self, did: str, options: Mapping[str, Any]) -> Steps:
        name = parse_did(did).method
        if self._allowed is not None and name not in self._allowed:
            raise MethodNotSupported(f"this resolver doesn't resolve did:{name}", did)
        found = self._methods.get(name) or method_table.method(name)
        return found.resolve(
            did, {**options, "now": self._clock(), "httpLoopback": self._http_loopback, "policies": self._policies}
        )

    def _run(self, subject: str, steps: Generator[Any, Any, _Result]) -> _Result:
        """Drive sans-IO steps to their end, giving them what they ask for: files, or resolutions."""
        answer: Any = None
        for _ in range(_MAX_STEPS):
            ended, request = next_request(steps, answer)
            if ended is not None:
                return ended.value
            try:
                if isinstance(request, FetchRequest):
                    answer = self._way_out(subject).fetch(request)
                else:
                    answer = self.resolve(request[0], **request[1])
            except DidError as error:
                answer = error
        raise DidUnavailable("it takes too many files", subject)

    async def _run_async(self, subject: str, steps: Generator[Any, Any, _Result]) -> _Result:
        answer: Any = None
        for _ in range(_MAX_STEPS):
            ended, request = next_request(steps, answer)
            if ended is not None:
                return ended.value
            try:
                if isinstance(request, FetchRequest):
                    answer = await self._way_out(subject).fetch_async(request)
                else:
                    answer = await self.resolve_async(request[0], **request[1])
            except DidError as error:
                answer = error
        raise DidUnavailable("it takes too many files", subject)

    def _way_out(self, did: str) -> FetcherProtocol:
        if self._fetcher is None:
            raise DidUnavailable("this DID needs the network, and the resolver was made without a fetcher", did)
        return self._fetcher


def _expanded(resolution: Resolution, expand: bool) -> Resolution:
    if not expand or resolution.document is None:
        return resolution
    return replace(resolution, document=expand_relative_urls(resolution.document))


def _dereferencing_target(did_url: str, version_time: datetime | None) -> tuple[str, dict[str, Any]]:
    url = parse_did_url(did_url)
    if url.query is not None or url.path:
        raise InvalidDidUrl("a verification method is named by a DID and a fragment, without path or query", did_url)
    return url.did, {} if version_time is None else {"versionTime": version_time}


def _method_of(kept: Kept, did_url: str, purpose: str) -> VerificationMethod:
    """The method, read once for each kept result."""
    found = kept.methods.get((did_url, purpose))
    if found is None:
        document = kept.active_document().document
        assert document is not None
        try:
            found = method_for(document, did_url, purpose)
        except DidNotFound:
            reason = reason_for(kept.resolution().metadata, did_url)
            if reason is None:
                raise
            raise InvalidDidDocument(f"this verification method can't be used: {reason}", did_url) from None
        if len(kept.methods) < 64:
            kept.methods[did_url, purpose] = found
    return found


def _key(did: str, options: Mapping[str, Any]) -> _Key:
    """What a result is kept under: the DID and all options."""
    parse_did(did)
    parts = []
    for name in sorted(options):
        value = options[name]
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise InvalidOptions(f"the option {name} is a time without a zone", did)
            value = value.astimezone(UTC).isoformat()
        if not isinstance(value, str | int | bool | None):
            raise InvalidOptions(f"the option {name} has an unusable value", did)
        parts.append(f"{name}={value!r}")
    return (did, *parts)
