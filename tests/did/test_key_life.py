"""The life of an authority's signing key: it signs, it is rotated, it is kept for what it signed, it is taken out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import did
import vc
from did import Resolver, SoftwareKey
from did.methods import web
from did.methods.webvh import authoring
from did.resolution import FetchRequest, FetchResponse

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW = SoftwareKey.from_seed("P-256", b"old"), SoftwareKey.from_seed("P-256", b"new")
UPDATE, NEXT = SoftwareKey.from_seed("Ed25519", b"update"), SoftwareKey.from_seed("Ed25519", b"next")


class Server:
    """What the authority publishes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def fetch(self, request: FetchRequest) -> FetchResponse:
        body = self.files.get(request.url.split("/", 3)[3])
        return FetchResponse(request.url, 404 if body is None else 200, body or b"", request.media_types[0])

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


class WebAuthority:
    """An authority under did:web."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.did = web.did_for("police.example", "sichuan")
        self.publish({"key-1": OLD})

    def publish(self, keys: dict[str, SoftwareKey], **options: Any) -> None:
        listed = {name: key.public_key for name, key in keys.items()}
        self.server.files.update(web.create(web.document_for(self.did, listed, **options)))


class WebvhAuthority:
    """An authority under did:webvh; each change is an entry of its history."""

    def __init__(self, server: Server) -> None:
        self.server = server
        identifier = authoring.identifier_for("police.example", "sichuan")
        document = authoring.document_for(identifier, {"key-1": OLD.public_key})
        self.log = authoring.create(document, UPDATE, next_keys=[NEXT.public_key], now=NOW)
        self.did = self.log.did
        self.update, self.following = NEXT, 0
        server.files.update(self.log.files())

    def publish(self, keys: dict[str, SoftwareKey], **options: Any) -> None:
        listed = {name: key.public_key for name, key in keys.items()}
        self.following += 1
        following = SoftwareKey.from_seed("Ed25519", b"next" + bytes([self.following]))
        self.log = self.log.update(
            self.update,
            document=authoring.document_for(self.did, listed, **options),
            update_keys=[self.update.public_key],
            next_keys=[following.public_key],
            now=NOW + self.following * DAY,
        )
        self.update = following
        self.server.files.update(self.log.files())


AUTHORITIES = pytest.mark.parametrize("kind", [WebAuthority, WebvhAuthority])


def issued(authority: Any, key: SoftwareKey, name: str, when: datetime) -> dict[str, Any]:
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": authority.did,
        "validFrom": "2026-06-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:holder", "cardNumber": name},
    }
    return vc.issue(credential, key.with_controller(authority.did, "#" + name), created=when, now=when)


def verdict(server: Server, credential: dict[str, Any], day: int) -> vc.Verdict:
    now = NOW + day * DAY
    resolver = Resolver(fetcher=server, clock=lambda: now)
    return vc.verify(credential, resolver=resolver, now=now)


@AUTHORITIES
def test_a_rotated_key_serves_what_it_signed_for_as_long_as_it_is_listed(kind: Any) -> None:
    server = Server()
    authority = kind(server)
    first = issued(authority, OLD, "key-1", NOW)
    assert verdict(server, first, 1).verified

    # A new key signs from now on; the old one stays listed for what it signed, and can't sign the authority in.
    authority.publish({"key-1": OLD, "key-2": NEW}, purposes={"key-1": ["assertionMethod"]})
    second = issued(authority, NEW, "key-2", NOW + 10 * DAY)
    assert verdict(server, first, 20).verified
    assert verdict(server, second, 20).verified
    with pytest.raises(did.PurposeNotAllowed):
        Resolver(fetcher=server, clock=lambda: NOW + 20 * DAY).dereference(authority.did + "#key-1", "authentication")

    # The old key is listed without any purpose: it is known, and nothing verifies with it.
    authority.publish({"key-1": OLD, "key-2": NEW}, purposes={"key-1": []})
    assert not verdict(server, first, 30).verified
    assert verdict(server, second, 30).verified

    # It is taken out.
    authority.publish({"key-2": NEW})
    refused = verdict(server, first, 40)
    assert not refused.verified
    assert not refused.indeterminate
    assert verdict(server, second, 40).verified


@AUTHORITIES
def test_another_key_under_the_old_name_verifies_nothing_of_the_old(kind: Any) -> None:
    server = Server()
    authority = kind(server)
    first = issued(authority, OLD, "key-1", NOW)
    authority.publish({"key-1": NEW})
    assert not verdict(server, first, 10).verified


@AUTHORITIES
def test_a_server_that_is_gone_is_no_refusal_of_the_key(kind: Any) -> None:
    server = Server()
    authority = kind(server)
    first = issued(authority, OLD, "key-1", NOW)

    class Down(Server):
        def fetch(self, request: FetchRequest) -> FetchResponse:
            raise did.DidUnavailable("down")

    undecided = verdict(Down(), first, 1)
    assert not undecided.verified
    assert undecided.indeterminate


def test_a_signer_cant_choose_the_version_its_key_is_judged_by() -> None:
    server = Server()
    authority = WebvhAuthority(server)
    version = authority.log.latest.version_id
    authority.publish({"key-2": NEW})
    stolen = OLD.with_controller(authority.did, f"{authority.did}?versionId={version}#key-1")
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": authority.did,
        "credentialSubject": {"id": "did:example:holder"},
    }
    forged = vc.issue(credential, stolen, created=NOW, now=NOW)
    assert not verdict(server, forged, 10).verified


def test_a_deactivated_authority_verifies_nothing() -> None:
    server = Server()
    authority = WebvhAuthority(server)
    first = issued(authority, OLD, "key-1", NOW)
    server.files.update(authority.log.deactivate(NEXT, now=NOW + DAY).files())
    refused = verdict(server, first, 10)
    assert not refused.verified
    assert not refused.indeterminate
