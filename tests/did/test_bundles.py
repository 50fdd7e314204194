from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
from did import BundleExpired, BundleInvalid, DidError, DidNotFound, DidUnavailable, Resolver
from did.bundles import make, open_bundle
from did.methods.web import create as create_web
from did.methods.web import document_for
from did.methods.webvh.authoring import create, identifier_for
from did.methods.webvh.authoring import document_for as webvh_document_for
from did.resolution import FetchRequest, FetchResponse

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
WEB = "did:web:police.example"
KEY = did.SoftwareKey.from_seed("P-256", b"bundle")
UPDATE = did.SoftwareKey.from_seed("Ed25519", b"bundle")
LOG = create(webvh_document_for(identifier_for("gongan.example"), {"key-1": KEY.public_key}), UPDATE, now=NOW)
SIGNER = did.SoftwareKey.from_seed("Ed25519", b"signer")
TRUSTED = {SIGNER.verification_method: SIGNER.public_key}
LIST = FetchRequest("https://police.example/status/1")


class Net:
    def __init__(self) -> None:
        document = create_web(document_for(WEB, {"key-1": KEY.public_key}))[".well-known/did.json"]
        self.files = {
            "https://police.example/.well-known/did.json": (document, "application/json"),
            "https://gongan.example/.well-known/did.jsonl": (LOG.to_bytes(), "text/jsonl"),
            LIST.url: (b"{}", "application/json"),
        }
        self.asked: list[str] = []

    def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request.url)
        body, media_type = self.files.get(request.url, (b"", ""))
        return FetchResponse(request.url, 200 if media_type else 404, body, media_type)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


def bundle(**options: Any) -> bytes:
    return make([WEB, LOG.did, KEY.did], SIGNER, fetcher=Net(), requests=[LIST], clock=lambda: NOW, **options)


def later(hours: float) -> Callable[[], datetime]:
    return lambda: NOW + timedelta(hours=hours)


def test_a_verifier_without_network_resolves_from_it() -> None:
    fetcher = open_bundle(bundle(), TRUSTED, clock=later(5))
    resolver = Resolver(fetcher=fetcher, clock=later(5))
    for identifier in (WEB, LOG.did):
        assert resolver.dereference(identifier + "#key-1", "assertionMethod").public_key == KEY.public_key
    assert fetcher.fetch(LIST).body == b"{}"
    assert fetcher.expires == NOW + timedelta(days=1)
    assert len(fetcher.urls) == 3


async def test_the_asynchronous_twin_does_the_same() -> None:
    fetcher = open_bundle(bundle(), TRUSTED, clock=later(5))
    result = await Resolver(fetcher=fetcher, clock=later(5)).resolve_async(LOG.did)
    assert result.document_metadata["versionId"] == LOG.latest.version_id


def test_what_isnt_in_it_cant_be_decided() -> None:
    resolver = Resolver(fetcher=open_bundle(bundle(), TRUSTED, clock=later(5)))
    with pytest.raises(DidUnavailable, match="bundle"):
        resolver.resolve("did:web:other.example")


async def test_the_network_can_stand_behind_it() -> None:
    net = Net()
    fetcher = open_bundle(bundle(), TRUSTED, clock=later(5), otherwise=net)
    assert Resolver(fetcher=fetcher).resolve(WEB).document
    assert net.asked == []
    with pytest.raises(DidNotFound):
        await Resolver(fetcher=fetcher).resolve_async("did:web:other.example")
    assert net.asked == ["https://other.example/.well-known/did.json"]


def test_it_ends() -> None:
    moment = [NOW]

    def seconds() -> float:
        return (moment[0] - NOW).total_seconds()

    fetcher = open_bundle(bundle(valid_for=timedelta(hours=2)), TRUSTED, clock=lambda: moment[0])
    resolver = Resolver(fetcher=fetcher, monotonic=seconds)
    assert resolver.resolve(WEB).ttl == 7200
    moment[0] = NOW + timedelta(hours=2)
    with pytest.raises(BundleExpired):
        resolver.resolve(WEB)
    with pytest.raises(BundleExpired):
        open_bundle(bundle(valid_for=timedelta(hours=2)), TRUSTED, clock=later(3))


def test_a_bundle_is_whole_or_not_made() -> None:
    with pytest.raises(DidNotFound):
        make([WEB, "did:web:other.example"], SIGNER, fetcher=Net(), clock=lambda: NOW)
    with pytest.raises(DidUnavailable):
        make([WEB], SIGNER, fetcher=Net(), requests=[FetchRequest("https://x.example/")], clock=lambda: NOW)


@pytest.mark.parametrize("valid_for", [timedelta(), timedelta(days=-1), timedelta(days=32)])
def test_it_isnt_made_for_ever(valid_for: timedelta) -> None:
    with pytest.raises(ValueError, match="31 days"):
        bundle(valid_for=valid_for)


def test_only_trusted_signers_count() -> None:
    other = did.generate("Ed25519")
    with pytest.raises(BundleInvalid, match="trusted"):
        open_bundle(bundle(), {other.verification_method: other.public_key}, clock=later(1))
    with pytest.raises(BundleInvalid, match="signature"):
        open_bundle(bundle(), {SIGNER.verification_method: other.public_key}, clock=later(1))
    with pytest.raises(BundleInvalid, match="trusted"):
        open_bundle(bundle(), {}, clock=later(1))


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.update(expires="2026-06-09T08:00:00Z"),
        lambda b: b.update(created="2026-05-01T08:00:00Z"),
        lambda b: b.update(type="x"),
        lambda b: b.update(extra=1),
        lambda b: b.pop("signature"),
        lambda b: b.update(signature=5),
        lambda b: b.update(signature="z1"),
        lambda b: b.update(signature="!"),
        lambda b: b.pop("verificationMethod"),
        lambda b: b.update(verificationMethod=["x"]),
        lambda b: b["files"].pop(),
        lambda b: b["files"][0].update(body=""),
        lambda b: b["files"][0].update(url="https://evil.example/"),
        lambda b: b["files"].reverse(),
    ],
)
def test_every_change_is_noticed(change: Callable[[dict[str, Any]], Any]) -> None:
    value = json.loads(bundle())
    change(value)
    with pytest.raises(BundleInvalid):
        open_bundle(json.dumps(value).encode(), TRUSTED, clock=later(1))


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        [5],
        [{"url": "x"}],
        [{"url": 5, "status": 200, "mediaType": "", "body": ""}],
        [{"url": "x", "status": "200", "mediaType": "", "body": ""}],
        [{"url": "x", "status": True, "mediaType": "", "body": ""}],
        [{"url": "x", "status": 200, "mediaType": "", "body": "="}],
        [{"url": "x", "status": 200, "mediaType": "", "body": ""}] * 2,
    ],
)
def test_a_signed_mess_is_refused_as_well(files: Any) -> None:
    from did.bundles import _signed_bytes

    value = {**json.loads(bundle()), "files": files}
    value.pop("signature")
    value["signature"] = did.multibase.encode(SIGNER.sign(_signed_bytes(value)))
    with pytest.raises(BundleInvalid):
        open_bundle(json.dumps(value).encode(), TRUSTED, clock=later(1))


def test_one_from_the_future_is_refused() -> None:
    with pytest.raises(BundleInvalid, match="future"):
        open_bundle(bundle(), TRUSTED, clock=later(-1))


def test_a_log_in_it_is_verified_again() -> None:
    net = Net()
    resolver = Resolver(
        fetcher=open_bundle(make([LOG.did], SIGNER, fetcher=net, clock=lambda: NOW), TRUSTED, clock=later(1))
    )
    net.files["https://gongan.example/.well-known/did.jsonl"] = (
        LOG.to_bytes().replace(b"key-1", b"key-2"),
        "text/jsonl",
    )
    with pytest.raises(did.InvalidDidLog):
        make([LOG.did], SIGNER, fetcher=net, clock=lambda: NOW)
    assert resolver.resolve(LOG.did).document


@given(st.binary(max_size=100))
def test_random_bytes_never_crash_the_reader(data: bytes) -> None:
    with pytest.raises(DidError):
        open_bundle(data, TRUSTED)
