"""Offline bundles: what a verifier needs for a day without network, signed and dated.

A bundle holds files as servers gave them out (documents, logs, witness files, status lists), not conclusions: whoever
opens it runs the same checks as on the network, a did:webvh log is verified again entry by entry. The signature says
who fetched them, and the dates until when they may be used; it is what stands in for TLS.

``make`` it where there is a network, ``open_bundle`` it where there is none: that gives a fetcher for a ``Resolver``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from . import multibase
from .checked_signing import sign_checked
from .errors import BundleExpired, BundleInvalid, DidError, DidUnavailable
from .keys import Signer
from .public_keys import PublicKey
from .resolution import FetcherProtocol, FetchRequest, FetchResponse
from .resolver import Resolver
from .strict_json import loads
from .verification_methods import parse_timestamp

__all__ = ["MAX_BUNDLE", "BundleFetcher", "make", "open_bundle"]

MAX_BUNDLE: Final = 64 * 1024 * 1024
"""Bytes of a bundle at most."""

_TYPE: Final = "LiangzhengOfflineBundle"
_MAX_FILES: Final = 4096
_MAX_VALIDITY: Final = timedelta(days=31)
_SKEW: Final = timedelta(minutes=5)
_DOMAIN: Final = b"liangzheng offline bundle\0"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


def _system_clock() -> datetime:
    return datetime.now(UTC)


class BundleFetcher:
    """Gives out the files of a bundle until it ends; then, and for other files, ``otherwise`` is asked if there is one.

    ``created``, ``expires`` and ``verification_method`` (the signer's) are as the bundle says.
    """

    def __init__(
        self,
        files: Mapping[str, FetchResponse],
        created: datetime,
        expires: datetime,
        verification_method: str,
        *,
        clock: Callable[[], datetime] = _system_clock,
        otherwise: FetcherProtocol | None = None,
    ) -> None:
        self._files = dict(files)
        self.created = created
        self.expires = expires
        self.verification_method = verification_method
        self._clock = clock
        self._otherwise = otherwise

    @property
    def urls(self) -> tuple[str, ...]:
        """What is in the bundle."""
        return tuple(self._files)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The file of the bundle. Raises BundleExpired, or DidUnavailable for what isn't in it."""
        found = self._find(request)
        if found is not None:
            return found
        assert self._otherwise is not None
        return self._otherwise.fetch(request)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        """As ``fetch``."""
        found = self._find(request)
        if found is not None:
            return found
        assert self._otherwise is not None
        return await self._otherwise.fetch_async(request)

    def _find(self, request: FetchRequest) -> FetchResponse | None:
        now = self._clock()
        found = self._files.get(request.url)
        if found is not None and now < self.expires and len(found.body) <= request.max_bytes:
            if found.status == 200 and found.media_type not in request.media_types:
                raise BundleInvalid("a file of the bundle is of a media type that isn't wanted", request.url)
            left = (self.expires - now).total_seconds()
            return FetchResponse(found.url, found.status, found.body, found.media_type, left)
        if self._otherwise is not None:
            return None
        if now >= self.expires:
            raise BundleExpired(f"the offline bundle ended at {self.expires.strftime(_TIME)}", request.url)
        raise DidUnavailable("the offline bundle doesn't hold this file, and there is no network", request.url)


class _Recorder:
    def __init__(self, fetcher: FetcherProtocol) -> None:
        self._fetcher = fetcher
        self.files: dict[str, FetchResponse] = {}

    def fetch(self, request: FetchRequest) -> FetchResponse:
        response = self._fetcher.fetch(request)
        self.files[request.url] = response
        return response

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        response = await self._fetcher.fetch_async(request)
        self.files[request.url] = response
        return response


def make(
    dids: Iterable[str],
    signer: Signer,
    *,
    fetcher: FetcherProtocol,
    requests: Iterable[FetchRequest] = (),
    valid_for: timedelta = timedelta(days=1),
    http_loopback: bool = False,
    clock: Callable[[], datetime] = _system_clock,
) -> bytes:
    """Resolve ``dids`` and fetch ``requests`` (such as status lists) with ``fetcher``, and put all of it in a bundle.

    Valid for 31 days at most. Raises the DidError of whatever can't be resolved or fetched: a bundle is whole.
    """
    if not timedelta() < valid_for <= _MAX_VALIDITY:
        raise ValueError("a bundle is valid for up to 31 days")
    recorder = _Recorder(fetcher)
    resolver = Resolver(fetcher=recorder, clock=clock, http_loopback=http_loopback)
    for did in dids:
        resolver.resolve(did)
    for request in requests:
        if recorder.fetch(request).status != 200:
            raise DidUnavailable("a file for the bundle can't be fetched", request.url)
    now = clock().astimezone(UTC)
    bundle: dict[str, Any] = {
        "type": _TYPE,
        "created": now.strftime(_TIME),
        "expires": (now + valid_for).strftime(_TIME),
        "files": [
            {
                "url": url,
                "status": file.status,
                "mediaType": file.media_type,
                "body": multibase.encode_base64url(file.body),
            }
            for url, file in recorder.files.items()
        ],
        "verificationMethod": signer.verification_method,
    }
    bundle["signature"] = multibase.encode(sign_checked(signer, _signed_bytes(bundle)))
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode() + b"\n"


def open_bundle(
    data: bytes,
    trusted: Mapping[str, PublicKey],
    *,
    clock: Callable[[], datetime] = _system_clock,
    otherwise: FetcherProtocol | None = None,
) -> BundleFetcher:
    """Check a bundle and give out its files.

    ``trusted``: verification method -> key of those whose bundles are accepted. Raises BundleInvalid (unreadable,
    changed, signed by someone else) or BundleExpired.
    """
    try:
        bundle = loads(data, max_bytes=MAX_BUNDLE)
        if not isinstance(bundle, dict) or bundle.get("type") != _TYPE:
            raise BundleInvalid("not an offline bundle")
        signature = bundle.pop("signature", None)
        method = bundle.get("verificationMethod")
        key = trusted.get(method) if isinstance(method, str) else None
        if key is None:
            raise BundleInvalid("the bundle is signed by someone who isn't trusted for that")
        if not isinstance(signature, str) or not key.verify(multibase.decode(signature), _signed_bytes(bundle)):
            raise BundleInvalid("the bundle was changed: its signature doesn't hold")
        created, expires = parse_timestamp(bundle.get("created")), parse_timestamp(bundle.get("expires"))
        files = _read_files(bundle.get("files"))
    except BundleInvalid:
        raise
    except DidError as error:
        raise BundleInvalid(f"a bundle that can't be read: {error.message}") from None
    now = clock()
    if created > now + _SKEW or expires - created > _MAX_VALIDITY:
        raise BundleInvalid("a bundle from the future, or for longer than 31 days")
    if now >= expires:
        raise BundleExpired(f"the offline bundle ended at {expires.strftime(_TIME)}")
    assert isinstance(method, str)
    return BundleFetcher(files, created, expires, method, clock=clock, otherwise=otherwise)


def _read_files(listed: Any) -> dict[str, FetchResponse]:
    if not isinstance(listed, list) or len(listed) > _MAX_FILES:
        raise BundleInvalid(f"a bundle holds at most {_MAX_FILES} files")
    files: dict[str, FetchResponse] = {}
    for entry in listed:
        if not isinstance(entry, dict) or entry.keys() != {"url", "status", "mediaType", "body"}:
            raise BundleInvalid("a file of a bundle has a url, a status, a mediaType and a body")
        url, status, media_type, body = (entry[name] for name in ("url", "status", "mediaType", "body"))
        if not all(isinstance(text, str) for text in (url, media_type, body)) or type(status) is not int:
            raise BundleInvalid("a file of a bundle has a url, a status, a mediaType and a body")
        if url in files:
            raise BundleInvalid("a file is in the bundle twice")
        files[url] = FetchResponse(url, status, multibase.decode_base64url(body), media_type)
    return files


def _signed_bytes(bundle: Mapping[str, Any]) -> bytes:
    import rfc8785

    try:
        return _DOMAIN + rfc8785.dumps(dict(bundle))
    except rfc8785.CanonicalizationError:
        raise BundleInvalid("a bundle without a canonical form") from None
