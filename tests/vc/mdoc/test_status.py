"""The status of an mdoc: a Token Status List that its authority signed."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import did
from vc import mdoc
from vc.envelope.jws import compact, dumps
from vc.status import StatusChecker, StatusUnavailable, TokenStatusList, issue_status_list_cwt, status_reference

from .conftest import COMMON, NOW, SESSION, Authority, codes, outcome

URI = "https://police.example/status/1"


class Source:
    """One list, or none."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content

    def get(self, url: str) -> bytes:
        if self.content is None or url != URI:
            raise StatusUnavailable(url)
        return self.content

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


def list_of(authority: Authority, **statuses: int) -> bytes:
    """A status list token with the certificate of the authority's document signer."""
    found = TokenStatusList(1000, bits=2)
    for index, status in statuses.items():
        found[int(index[1:])] = status
    certificate = base64.b64encode(authority.leaf.public_bytes(Encoding.DER)).decode()
    claims: dict[str, Any] = {"sub": URI, "iat": int(NOW.timestamp()), "status_list": found.to_json()}
    return compact({"typ": "statuslist+jwt", "x5c": [certificate]}, dumps(claims), authority.signer).encode()


@pytest.fixture(scope="module")
def with_status(authority, device):
    issued = authority.issue(device.public_key, status=status_reference(URI, 7))
    return mdoc.present(issued, {COMMON: ["age_over_18"]}, device, transcript=SESSION)


@pytest.mark.parametrize(
    ("status", "code"), [(0, None), (1, "status.revoked"), (2, "status.suspended"), (3, "status.set")]
)
def test_the_status_is_that_of_its_list(status, code, with_status, authority, judge):
    verdict = judge(with_status, status=StatusChecker(Source(list_of(authority, _7=status))))
    assert codes(verdict) == ([] if code is None else [code])
    assert outcome(verdict, "status") == ("passed" if code is None else "failed")


def test_another_entry_of_the_list_is_nobodys_business(with_status, authority, judge):
    assert judge(with_status, status=StatusChecker(Source(list_of(authority, _6=1, _8=1)))).verified


def test_a_list_out_of_reach_leaves_it_undecided(with_status, judge):
    verdict = judge(with_status, status=StatusChecker(Source(None)))
    assert not verdict.verified and verdict.indeterminate
    assert codes(verdict) == ["status.retrieval"]


def test_the_list_of_a_stranger_is_not_believed(with_status, judge):
    verdict = judge(with_status, status=StatusChecker(Source(list_of(Authority("Stranger")))))
    assert codes(verdict) == ["status.verification"]


def test_a_list_signed_by_a_did_is_believed_where_the_verifier_says_whose_it_is(with_status, judge):
    signer = did.SoftwareKey.from_seed("P-256", b"list")
    token = issue_status_list_cwt(TokenStatusList(1000, bits=2), signer, uri=URI, issued_at=NOW)
    assert codes(judge(with_status, status=StatusChecker(Source(token)))) == ["status.issuer"]

    def same(issuer: str, of_list: str) -> bool:
        return issuer == "https://police.example/authority" and of_list == signer.did

    assert judge(with_status, status=StatusChecker(Source(token), same_issuer=same)).verified


def test_a_status_of_another_kind_leaves_it_undecided(authority, device, judge):
    issued = authority.issue(device.public_key, status={"identifier_list": {"id": b"\x01", "uri": URI}})
    response = mdoc.present(issued, {}, device, transcript=SESSION)
    verdict = judge(response, status=StatusChecker(Source(None)))
    assert verdict.indeterminate and codes(verdict) == ["status.unsupported"]


def test_without_a_checker_a_warning_says_so(with_status, judge):
    verdict = judge(with_status)
    assert verdict.verified and [warning.code for warning in verdict.warnings] == ["warning.status"]


def test_the_status_of_a_forgery_is_not_asked_for(with_status, judge):
    verdict = judge(with_status, status=StatusChecker(Source(None)), anchors=[])
    assert outcome(verdict, "status") == "not applicable"


def test_the_wallet_asks_as_well_and_without_blocking(authority, device):
    issued = authority.issue(device.public_key, status=status_reference(URI, 7))
    checker = StatusChecker(Source(list_of(authority, _7=1)), max_age=timedelta(minutes=1))
    verdict = asyncio.run(mdoc.verify_issued_async(issued, anchors=[authority.root], now=NOW, status=checker))
    assert codes(verdict) == ["status.revoked"]
