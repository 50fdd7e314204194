"""The trust list: signed by an anchor, dated, read strictly, kept for work without a network."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import vc
from did import SoftwareKey
from vc import ProblemError
from verifier import TrustList, TrustStore, trust_list_credential

from .conftest import ANCHOR, ISSUERS, NOW, SICHUAN, trust_document

STRANGER = SoftwareKey.from_seed("Ed25519", b"somebody who is no anchor")
ENTRY: dict[str, Any] = {
    "type": "TrustedIssuer",
    "did": SICHUAN.did,
    "name": "x",
    "cardType": ["ResidentIdentityCardCredential"],
    "region": ["510000"],
}


def load(content: Any, **options: Any) -> TrustList:
    return TrustList.load(content, **{"anchors": [ANCHOR.did], "now": NOW, **options})


def refused(content: Any, **options: Any) -> str:
    with pytest.raises(ProblemError) as raised:
        load(content, **options)
    return raised.value.code


def signed(change: Callable[[dict[str, Any]], None], signer: SoftwareKey = ANCHOR) -> dict[str, Any]:
    """A list of the anchor's own making, changed before it was signed."""
    document = trust_list_credential(
        issuer=signer.did, issuers=ISSUERS, valid_from=NOW, valid_until=NOW + timedelta(days=1)
    )
    change(document)
    return vc.issue(document, signer, now=NOW)


def test_a_list_signed_by_an_anchor_is_read() -> None:
    for content in (trust_document(), json.dumps(trust_document()).encode(), json.dumps(trust_document())):
        trust = load(content)
        assert (trust.signer, trust.issuers[0].did) == (ANCHOR.did, SICHUAN.did)
        assert trust.issuers[0].regions == {"510000"}
        assert trust.verifiers == ()


def test_several_anchors_may_be_known() -> None:
    assert load(trust_document(), anchors={STRANGER.did, ANCHOR.did}).signer == ANCHOR.did


def test_the_list_of_somebody_else_is_refused() -> None:
    assert refused(trust_document(signer=STRANGER)) == "trust.anchor"
    assert refused(trust_document(), anchors=[]) == "trust.anchor"


def test_a_list_in_the_name_of_an_anchor_must_be_signed_by_it() -> None:
    document = {**trust_document(signer=STRANGER), "issuer": ANCHOR.did}
    assert refused(document) == "trust.proof"


def test_an_unsigned_list_is_refused() -> None:
    document = trust_document()
    del document["proof"]
    assert refused(document) == "trust.proof"


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s["trustedIssuer"][0].update(did=STRANGER.did),
        lambda s: s["trustedIssuer"][0]["region"].append("110000"),
        lambda s: s["trustedIssuer"][0]["cardType"].append("OtherCredential"),
        lambda s: s["trustedIssuer"].append({**ENTRY, "did": STRANGER.did}),
        lambda s: s["trustedIssuer"].clear(),
        lambda s: s.update(trustedVerifier=[{"type": "TrustedVerifier", "did": "did:web:x.example"}]),
    ],
)
def test_a_changed_list_is_refused(edit: Callable[[dict[str, Any]], None]) -> None:
    document = copy.deepcopy(trust_document())
    edit(document["credentialSubject"])
    assert refused(document) == "trust.proof"


def test_a_list_is_used_within_its_dates_only() -> None:
    document = trust_document(valid_from=NOW, valid_until=NOW + timedelta(days=1))
    assert refused(document, now=NOW - timedelta(minutes=2)) == "trust.expired"
    assert refused(document, now=NOW + timedelta(days=1, minutes=2)) == "trust.expired"
    trust = load(document)
    assert trust.check_time(NOW + timedelta(days=1)) == []
    assert [p.code for p in trust.check_time(NOW + timedelta(days=1, minutes=2))] == ["trust.expired"]
    assert [p.code for p in trust.check_time(NOW - timedelta(minutes=2))] == ["trust.expired"]


BAD_LISTS: list[Callable[[dict[str, Any]], Any]] = [
    lambda d: d.pop("validUntil"),
    lambda d: d.pop("validFrom"),
    lambda d: d.update(type=["VerifiableCredential"]),
    lambda d: d["credentialSubject"].pop("trustedIssuer"),
    lambda d: d["credentialSubject"].update(trustedIssuer=ENTRY),
    lambda d: d["credentialSubject"].update(id="urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008", name="x"),
    lambda d: d["credentialSubject"].update(trustedVerifier=[{**ENTRY, "type": "TrustedIssuer"}]),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(id="did:web:x.example"),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].pop("did"),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].pop("region"),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(region=[]),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(region="510000"),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(region=[510000]),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(did="https://sc.example/"),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(did=["did:web:sc.example"]),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(name=""),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(name="x" * 201),
    lambda d: d["credentialSubject"]["trustedIssuer"][0].update(trustedUntil="2027-01-01"),
    lambda d: d.update(credentialSubject=[d["credentialSubject"]]),
]


@pytest.mark.parametrize("change", BAD_LISTS, ids=range(len(BAD_LISTS)))
def test_a_signed_list_of_another_form_is_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    assert refused(signed(change)) == "trust.form"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"[]", "text", b"\xff", b"{" * 50_000, b'{"a":1,"a":2}', {}, b" " * 1_100_000]
)
def test_what_is_no_list_is_refused(content: Any) -> None:
    assert refused(content) in ("trust.proof", "trust.form")


@pytest.mark.parametrize("credential", [{}, {"issuer": None}, {"issuer": []}, {"issuer": SICHUAN.did, "type": 5}])
def test_a_credential_of_any_form_is_judged(credential: dict[str, Any]) -> None:
    assert load(trust_document()).check_issuer(credential, now=NOW)


@pytest.mark.parametrize(
    "entry",
    [{"did": "x"}, {**ENTRY, "region": []}, {**ENTRY, "other": 1}, {"cardType": "x"}],
)
def test_an_unusable_list_is_not_made(entry: dict[str, Any]) -> None:
    with pytest.raises(ProblemError) as raised:
        trust_list_credential(issuer=ANCHOR.did, issuers=[entry], valid_from=NOW, valid_until=NOW)
    assert raised.value.code == "trust.form"


class TestStore:
    @pytest.fixture
    def store(self, tmp_path: Path) -> TrustStore:
        return TrustStore(tmp_path / "state" / "trust-list.json", anchors=[ANCHOR.did])

    def content(self, days: int = 0) -> bytes:
        document = trust_document(valid_from=NOW - timedelta(days=1 - days))
        return json.dumps(document).encode()

    def test_without_a_list_there_is_none(self, store: TrustStore) -> None:
        with pytest.raises(ProblemError) as raised:
            store.load(NOW)
        assert raised.value.code == "trust.unavailable"

    def test_an_installed_list_is_used_without_a_network(self, store: TrustStore) -> None:
        store.install(self.content(), NOW)
        assert store.load(NOW).issuers[0].did == SICHUAN.did

    def test_a_newer_list_replaces_it_and_an_older_one_does_not(self, store: TrustStore) -> None:
        store.install(self.content(1), NOW)
        with pytest.raises(ProblemError) as raised:
            store.install(self.content(0), NOW)
        assert raised.value.code == "trust.older"
        store.install(self.content(1), NOW)

    def test_a_list_that_is_refused_leaves_the_old_one(self, store: TrustStore, tmp_path: Path) -> None:
        store.install(self.content(), NOW)
        for bad in (b"", json.dumps(trust_document(signer=STRANGER)).encode()):
            with pytest.raises(ProblemError):
                store.install(bad, NOW)
        assert store.load(NOW).signer == ANCHOR.did
        assert [path.name for path in (tmp_path / "state").iterdir()] == ["trust-list.json"]

    def test_a_file_that_was_changed_is_refused(self, store: TrustStore, tmp_path: Path) -> None:
        store.install(self.content(), NOW)
        path = tmp_path / "state" / "trust-list.json"
        path.write_bytes(path.read_bytes().replace(b"510000", b"110000"))
        with pytest.raises(ProblemError) as raised:
            store.load(NOW)
        assert raised.value.code == "trust.proof"

    def test_a_list_that_ended_is_refused(self, store: TrustStore) -> None:
        store.install(self.content(), NOW)
        with pytest.raises(ProblemError) as raised:
            store.load(NOW + timedelta(days=60))
        assert raised.value.code == "trust.expired"

    def test_a_list_that_was_read_before_is_judged_anew(self, store: TrustStore, tmp_path: Path) -> None:
        store.install(self.content(), NOW)
        first = store.load(NOW)
        assert store.load(NOW + timedelta(minutes=1)) is first
        again = store.load(NOW + timedelta(hours=2))
        assert again is not first
        assert again == first
        with pytest.raises(ProblemError) as raised:
            store.load(NOW + timedelta(days=60))
        assert raised.value.code == "trust.expired"
        (tmp_path / "state" / "trust-list.json").write_bytes(b"{}")
        with pytest.raises(ProblemError):
            store.load(NOW + timedelta(hours=2))
