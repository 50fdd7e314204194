"""Checking a status: what counts, what is undecided, what is kept and for how long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import did
import vc
from did.resolution import FetchRequest, FetchResponse
from vc.needs import Steps, run, run_async
from vc.status import (
    FileStatusSource,
    FirstStatusSource,
    HttpsStatusSource,
    StatusChecker,
    StatusList,
    StatusUnavailable,
    status_entry,
    status_list_credential,
)
from vc.status.cache import MAX_KEPT_BYTES, KeptLists
from vc.verdict import Check, Judgement, Outcome, Verdict

URL = "https://issuer.example/status/1"
ISSUER = "did:example:issuer"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Source:
    """Documents by URL; counts the questions."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: int = 0

    def get(self, url: str) -> bytes:
        self.asked += 1
        if url not in self.documents:
            raise StatusUnavailable("out of reach")
        return self.documents[url]

    async def get_async(self, url: str) -> bytes:
        await asyncio.sleep(0)
        return self.get(url)


def believe(content: bytes) -> Steps[Verdict]:
    """A verification that finds every list genuine."""
    return Verdict(True, document=json.loads(content))
    yield


def list_document(*set_indexes: int, value: int = 1, size: int = 1, **changes: Any) -> dict[str, Any]:
    status_list = StatusList(size=size)
    for index in set_indexes:
        status_list[index] = value
    subject = changes.pop("subject", {})
    document = status_list_credential(
        status_list, id=URL, issuer=ISSUER, purpose=changes.pop("purpose", "revocation"), valid_from=NOW
    )
    document["credentialSubject"] |= subject
    return {**document, **changes}


def source(*set_indexes: int, **changes: Any) -> Source:
    return Source({URL: json.dumps(list_document(*set_indexes, **changes)).encode()})


def credential(index: int = 5, purpose: str = "revocation", **options: Any) -> dict[str, Any]:
    return {"issuer": ISSUER, "credentialStatus": status_entry(URL, index, purpose, **options)}


def judge(
    document: dict[str, Any],
    lists: Source,
    verify: Callable[[bytes], Steps[Verdict]] = believe,
    now: datetime = NOW,
    **options: Any,
) -> Judgement:
    return run(StatusChecker(lists, **options).judge(document, verify=verify, now=now))


def test_an_entry_that_is_not_set_passes() -> None:
    assert judge(credential(), source(4, 6)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("purpose", "code"),
    [("revocation", "status.revoked"), ("suspension", "status.suspended"), ("probation", "status.set")],
)
def test_an_entry_that_is_set_fails(purpose: str, code: str) -> None:
    judgement = judge(credential(purpose=purpose), source(5, purpose=purpose))
    assert judgement.outcome is Outcome.FAILED
    assert [(problem.code, problem.pointer) for problem in judgement.problems] == [(code, "/credentialStatus")]


def test_a_set_refresh_is_a_warning() -> None:
    judgement = judge(credential(purpose="refresh"), source(5, purpose="refresh"))
    assert (judgement.outcome, judgement.warnings[0].code) == (Outcome.PASSED, "status.refresh")


def test_a_message_is_a_warning_with_its_text() -> None:
    document = credential(purpose="message", size=2, messages=["none", "accepted", "rejected", "undefined"])
    judgement = judge(document, source(5, value=2, size=2, purpose="message"))
    assert (judgement.outcome, judgement.warnings[0].code) == (Outcome.PASSED, "status.message")
    assert "rejected" in judgement.warnings[0].detail
    unset = judge(document, source(size=2, purpose="message"))
    assert unset.warnings == ()


def test_any_value_but_0_of_several_bits_is_set() -> None:
    document = credential(purpose="revocation", size=2, messages=["a", "b", "c", "d"])
    assert judge(document, source(5, value=2, size=2)).problems[0].code == "status.revoked"
    assert judge(document, source(4, value=3, size=2)).outcome is Outcome.PASSED


def test_entries_of_16_bits_are_read() -> None:
    document = credential(purpose="message", size=16, messages=[f"message {value}" for value in range(1 << 16)])
    judgement = judge(document, source(5, value=0xBEEF, size=16, purpose="message"))
    assert judgement.warnings[0].detail == f"status 0xbeef: message {0xBEEF}"


def test_a_message_of_one_bit_needs_no_texts() -> None:
    judgement = judge(credential(purpose="message"), source(5, purpose="message"))
    assert judgement.warnings[0].detail == "status 0x1: set"


def test_a_list_too_short_for_the_size_of_the_entry_is_refused() -> None:
    document = credential(size=2, messages=["a", "b", "c", "d"])
    assert judge(document, source()).problems[0].code == "status.length"
    assert judge(document, source(), minimum_entries=1000).outcome is Outcome.PASSED


def test_each_of_several_entries_counts() -> None:
    document = credential()
    document["credentialStatus"] = [status_entry(URL, 5, "suspension"), status_entry(URL, 6, "revocation")]
    lists = source(6, purpose=["revocation", "suspension"])
    judgement = judge(document, lists)
    assert [problem.pointer for problem in judgement.problems] == ["/credentialStatus/1"]
    assert lists.asked == 1


def test_a_credential_without_a_status_has_nothing_to_check() -> None:
    assert judge({"issuer": ISSUER}, Source()).outcome is Outcome.NOT_APPLICABLE


def test_a_list_that_cannot_be_had_leaves_it_undecided() -> None:
    judgement = judge(credential(), Source())
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.INDETERMINATE, "status.retrieval")
    assert judgement.problems[0].type.endswith("status-list#STATUS_RETRIEVAL_ERROR")


def test_a_failure_outweighs_what_is_undecided() -> None:
    document = credential()
    other = "https://issuer.example/status/2"
    document["credentialStatus"] = [status_entry(other, 1, "revocation"), status_entry(URL, 5, "revocation")]
    judgement = judge(document, source(5))
    assert judgement.outcome is Outcome.FAILED
    assert {problem.code for problem in judgement.problems} == {"status.retrieval", "status.revoked"}


def outcome(result: Outcome) -> Callable[[bytes], Steps[Verdict]]:
    def verify(content: bytes) -> Steps[Verdict]:
        return Verdict(False, (Check("proof", result),), document=json.loads(content))
        yield

    return verify


def test_a_list_that_does_not_verify_is_not_believed() -> None:
    judgement = judge(credential(), source(), outcome(Outcome.FAILED))
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.FAILED, "status.verification")


def test_a_list_whose_issuer_cannot_be_resolved_leaves_it_undecided() -> None:
    judgement = judge(credential(), source(), outcome(Outcome.INDETERMINATE))
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.INDETERMINATE, "status.retrieval")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issuer": "did:example:other"}, "status.issuer"),
        ({"issuer": {"id": "did:example:other"}}, "status.issuer"),
        ({"issuer": None}, "status.verification"),
        ({"type": ["VerifiableCredential"]}, "status.verification"),
        ({"id": "https://issuer.example/status/2"}, "status.verification"),
        ({"id": None}, "status.verification"),
        ({"credentialSubject": []}, "status.verification"),
        ({"credentialSubject": [{"type": "BitstringStatusList"}]}, "status.verification"),
        ({"subject": {"type": "Other"}}, "status.verification"),
        ({"purpose": "suspension"}, "status.purpose"),
        ({"subject": {"statusPurpose": []}}, "status.malformed"),
        ({"subject": {"statusPurpose": 5}}, "status.malformed"),
        ({"subject": {"statusPurpose": ["revocation", 5]}}, "status.malformed"),
        ({"subject": {"encodedList": None}}, "status.encoding"),
        ({"subject": {"encodedList": "uAAAA"}}, "status.encoding"),
        ({"subject": {"encodedList": "H4sIAAAAAAAAA"}}, "status.encoding"),
        ({"subject": {"encodedList": "uH4sIAAAAAAACAwMAAAAAAAAAAAA"}}, "status.length"),
        ({"subject": {"ttl": -1}}, "status.malformed"),
        ({"subject": {"ttl": "300000"}}, "status.malformed"),
        ({"subject": {"ttl": True}}, "status.malformed"),
        ({"validFrom": "yesterday"}, "status.verification"),
    ],
)
def test_a_list_that_is_wrong_fails(changes: dict[str, Any], code: str) -> None:
    judgement = judge(credential(), source(**changes))
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.FAILED, code)


@pytest.mark.parametrize(
    ("entry", "outcome", "code"),
    [
        ({"statusListIndex": "131072"}, Outcome.FAILED, "status.range"),
        ({"statusListIndex": "1" + "0" * 99}, Outcome.FAILED, "status.range"),
        ({"statusListIndex": "1" + "0" * 100}, Outcome.FAILED, "status.malformed"),
        ({"statusListIndex": 5}, Outcome.FAILED, "status.malformed"),
        ({"statusListIndex": "1e3"}, Outcome.FAILED, "status.malformed"),
        ({"statusListCredential": "list"}, Outcome.FAILED, "status.malformed"),
        ({"statusPurpose": None}, Outcome.FAILED, "status.malformed"),
        ({"statusSize": 2}, Outcome.FAILED, "status.malformed"),
        ({"type": "StatusList2021Entry"}, Outcome.INDETERMINATE, "status.unsupported"),
        ({"type": None}, Outcome.INDETERMINATE, "status.unsupported"),
    ],
)
def test_an_entry_that_is_wrong_is_never_taken_for_good(entry: dict[str, Any], outcome: Outcome, code: str) -> None:
    document = credential()
    document["credentialStatus"] |= entry
    judgement = judge(document, source())
    assert (judgement.outcome, judgement.problems[0].code) == (outcome, code)


@pytest.mark.parametrize("value", [None, [], {}, "text", 5, [None], [[]]])
def test_a_status_that_is_no_entry_is_never_taken_for_good(value: Any) -> None:
    judgement = judge({"issuer": ISSUER, "credentialStatus": value}, source())
    assert judgement.outcome in (Outcome.FAILED, Outcome.INDETERMINATE)
    assert judgement.problems


def test_a_credential_without_a_readable_issuer_has_no_status_issuer() -> None:
    document = {**credential(), "issuer": None}
    assert judge(document, source()).problems[0].code == "status.issuer"


def test_another_issuer_of_lists_can_be_allowed() -> None:
    lists = source(issuer="did:example:status-service")
    allowed = {(ISSUER, "did:example:status-service")}
    assert judge(credential(), lists, same_issuer=lambda one, other: (one, other) in allowed).outcome is Outcome.PASSED


@dataclass(frozen=True)
class _Heavy:
    weight: int
    fresh_until: Any = None


class TestKeeping:
    @pytest.fixture
    def lists(self) -> Source:
        return source(subject={"ttl": 60_000})

    def at(self, checker: StatusChecker, seconds: float) -> Outcome:
        now = NOW + timedelta(seconds=seconds)
        return run(checker.judge(credential(), verify=believe, now=now)).outcome

    def test_a_list_is_kept_for_its_ttl(self, lists: Source) -> None:
        checker = StatusChecker(lists)
        for seconds in (0, 1, 59):
            assert self.at(checker, seconds) is Outcome.PASSED
        assert lists.asked == 1
        self.at(checker, 60)
        assert lists.asked == 2

    def test_valid_until_ends_it_earlier(self, lists: Source) -> None:
        document = {**list_document(subject={"ttl": 60_000}), "validUntil": "2026-11-01T12:00:30Z"}
        lists.documents[URL] = json.dumps(document).encode()
        checker = StatusChecker(lists)
        for seconds in (0, 29, 30):
            self.at(checker, seconds)
        assert lists.asked == 2

    def test_without_ttl_the_checker_decides(self, lists: Source) -> None:
        lists.documents[URL] = json.dumps(list_document()).encode()
        checker = StatusChecker(lists, max_age=timedelta(seconds=10))
        for seconds in (0, 9, 10):
            self.at(checker, seconds)
        assert lists.asked == 2

    def test_when_the_ttl_is_over_and_the_list_is_out_of_reach_it_is_undecided(self, lists: Source) -> None:
        checker = StatusChecker(lists)
        self.at(checker, 0)
        lists.documents.clear()
        assert self.at(checker, 59) is Outcome.PASSED
        assert self.at(checker, 60) is Outcome.INDETERMINATE

    def test_a_revocation_is_seen_at_the_next_refresh(self, lists: Source) -> None:
        checker = StatusChecker(lists)
        self.at(checker, 0)
        lists.documents[URL] = source(5).documents[URL]
        assert self.at(checker, 61) is Outcome.FAILED

    def test_an_older_list_does_not_replace_a_newer_one(self, lists: Source) -> None:
        checker = StatusChecker(lists)
        self.at(checker, 0)
        old = {**list_document(), "validFrom": "2026-10-01T00:00:00Z"}
        lists.documents[URL] = json.dumps(old).encode()
        judgement = run(checker.judge(credential(), verify=believe, now=NOW + timedelta(seconds=61)))
        assert [problem.code for problem in judgement.problems] == ["status.replaced"]

    def test_a_list_that_was_refused_is_not_kept(self, lists: Source) -> None:
        checker = StatusChecker(lists)
        refused = run(checker.judge(credential(), verify=outcome(Outcome.FAILED), now=NOW))
        assert refused.outcome is Outcome.FAILED
        assert self.at(checker, 0) is Outcome.PASSED

    def test_a_huge_ttl_does_no_harm(self, lists: Source) -> None:
        lists.documents[URL] = json.dumps(list_document(subject={"ttl": 10**40})).encode()
        assert self.at(StatusChecker(lists), 0) is Outcome.PASSED

    def test_the_bytes_kept_are_limited(self) -> None:
        kept: KeptLists[_Heavy] = KeptLists(100)
        for number in range(5):
            kept.keep(str(number), _Heavy(MAX_KEPT_BYTES // 3))
        assert [kept.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]
        kept.keep("4", _Heavy(1))
        kept.keep("5", _Heavy(MAX_KEPT_BYTES // 3))
        assert kept.get("2") is not None
        kept.keep("6", _Heavy(MAX_KEPT_BYTES * 2))
        assert [kept.get(str(number)) is not None for number in range(7)] == [False] * 6 + [True]

    def test_the_number_of_lists_kept_is_limited(self) -> None:
        lists = Source()
        checker = StatusChecker(lists, max_lists=2)
        for number in range(3):
            url = f"https://issuer.example/status/{number}"
            lists.documents[url] = json.dumps({**list_document(), "id": url}).encode()
            document = {"issuer": ISSUER, "credentialStatus": status_entry(url, 5, "revocation")}
            run(checker.judge(document, verify=believe, now=NOW))
        assert [checker.published(f"https://issuer.example/status/{n}") is None for n in range(3)] == [
            True,
            False,
            False,
        ]


async def test_the_asynchronous_twin_finds_the_same() -> None:
    checker = StatusChecker(source(5))
    judgement = await run_async(checker.judge(credential(), verify=believe, now=NOW))
    assert judgement.problems[0].code == "status.revoked"
    undecided = await run_async(StatusChecker(Source()).judge(credential(), verify=believe, now=NOW))
    assert undecided.outcome is Outcome.INDETERMINATE


class TestSources:
    def test_files_are_found_by_the_id_inside_them(self, tmp_path: Path) -> None:
        path = tmp_path / "list.json"
        path.write_text(json.dumps(list_document()), encoding="utf-8")
        files = FileStatusSource([path])
        assert files.urls() == {URL}
        assert json.loads(files.get(URL))["id"] == URL
        with pytest.raises(StatusUnavailable):
            files.get("https://issuer.example/status/2")

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b"{}", b'{"id": 5}', b"\xff\xfe"])
    def test_a_file_that_is_no_list_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "list.json"
        path.write_bytes(content)
        with pytest.raises(StatusUnavailable):
            FileStatusSource([path])

    def test_a_file_that_cannot_be_read_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StatusUnavailable):
            FileStatusSource([tmp_path / "none.json"])

    def test_sources_are_asked_in_turn(self) -> None:
        first, second = Source(), Source({URL: b"{}"})
        both = FirstStatusSource(first, second)
        assert both.get(URL) == b"{}"
        assert asyncio.run(both.get_async(URL)) == b"{}"
        assert (first.asked, second.asked) == (2, 2)
        with pytest.raises(StatusUnavailable, match="out of reach"):
            FirstStatusSource(first).get(URL)
        with pytest.raises(StatusUnavailable):
            asyncio.run(FirstStatusSource(first).get_async(URL))

    def test_a_fetched_list_is_the_body_of_a_good_answer(self) -> None:
        class Fetcher:
            def __init__(self, answer: FetchResponse | did.DidError) -> None:
                self.answer = answer

            def fetch(self, request: FetchRequest) -> FetchResponse:
                if isinstance(self.answer, did.DidError):
                    raise self.answer
                assert request.url == URL
                return self.answer

            async def fetch_async(self, request: FetchRequest) -> FetchResponse:
                return self.fetch(request)

        good = HttpsStatusSource(Fetcher(FetchResponse(URL, 200, b"{}")))
        assert good.get(URL) == asyncio.run(good.get_async(URL)) == b"{}"
        for answer in (FetchResponse(URL, 404), did.DidUnavailable("no network", URL)):
            bad = HttpsStatusSource(Fetcher(answer))
            with pytest.raises(StatusUnavailable):
                bad.get(URL)
            with pytest.raises(StatusUnavailable):
                asyncio.run(bad.get_async(URL))


class TestInVerification:
    """The whole way: a signed credential, a signed list, ``vc.verify``."""

    @pytest.fixture
    def issuer(self) -> did.SoftwareKey:
        return did.generate("P-256")

    def signed(self, issuer: did.SoftwareKey) -> dict[str, Any]:
        return vc.issue(
            {
                "@context": ["https://www.w3.org/ns/credentials/v2"],
                "type": ["VerifiableCredential"],
                "issuer": issuer.did,
                "credentialStatus": status_entry(URL, 5, "revocation"),
                "credentialSubject": {"id": "did:example:subject"},
            },
            issuer,
            now=NOW,
        )

    def lists(self, issuer: did.SoftwareKey, *set_indexes: int, **changes: Any) -> Source:
        document = {
            **list_document(*set_indexes),
            "issuer": issuer.did,
            "validUntil": "2026-11-02T00:00:00Z",
            **changes,
        }
        return Source({URL: json.dumps(vc.issue(document, issuer, now=NOW)).encode()})

    def verify(self, credential: dict[str, Any], lists: Source, now: datetime = NOW) -> Verdict:
        return vc.verify(credential, status=StatusChecker(lists), now=now)

    def test_a_credential_that_was_not_revoked_verifies(self, issuer: did.SoftwareKey) -> None:
        verdict = self.verify(self.signed(issuer), self.lists(issuer))
        assert verdict.verified
        assert {check.name: check.outcome for check in verdict.checks}["status"] is Outcome.PASSED

    def test_a_revoked_credential_does_not(self, issuer: did.SoftwareKey) -> None:
        verdict = self.verify(self.signed(issuer), self.lists(issuer, 5))
        assert not verdict.verified
        assert [problem.code for problem in verdict.problems] == ["status.revoked"]

    def test_without_the_list_it_is_undecided(self, issuer: did.SoftwareKey) -> None:
        verdict = self.verify(self.signed(issuer), Source())
        assert not verdict.verified
        assert verdict.indeterminate

    def test_a_list_that_was_changed_is_not_believed(self, issuer: did.SoftwareKey) -> None:
        lists = self.lists(issuer, 5)
        document = json.loads(lists.documents[URL])
        document["credentialSubject"]["encodedList"] = StatusList().encode()
        lists.documents[URL] = json.dumps(document).encode()
        verdict = self.verify(self.signed(issuer), lists)
        assert [problem.code for problem in verdict.problems] == ["status.verification"]

    def test_a_list_signed_by_someone_else_is_not_believed(self, issuer: did.SoftwareKey) -> None:
        stranger = did.generate("P-256")
        verdict = self.verify(self.signed(issuer), self.lists(stranger))
        assert [problem.code for problem in verdict.problems] == ["status.issuer"]

    def test_a_list_that_expired_is_not_believed(self, issuer: did.SoftwareKey) -> None:
        verdict = self.verify(self.signed(issuer), self.lists(issuer), NOW + timedelta(days=2))
        assert [problem.code for problem in verdict.problems] == ["status.expired"]

    def test_a_list_without_a_proof_is_not_believed(self, issuer: did.SoftwareKey) -> None:
        lists = Source({URL: json.dumps({**list_document(), "issuer": issuer.did}).encode()})
        verdict = self.verify(self.signed(issuer), lists)
        assert [problem.code for problem in verdict.problems] == ["status.verification"]

    @pytest.mark.parametrize("content", [b"", b"{", b"null", b"[1]", b"\xff", b"{" * 10_000, b'{"a":1,"a":2}'])
    def test_a_list_that_is_no_document_is_not_believed(self, issuer: did.SoftwareKey, content: bytes) -> None:
        verdict = self.verify(self.signed(issuer), Source({URL: content}))
        assert [problem.code for problem in verdict.problems] == ["status.verification"]

    @pytest.mark.parametrize("envelope", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
    def test_an_enveloped_list_counts_as_any_other(
        self, issuer: did.SoftwareKey, envelope: str, tmp_path: Path
    ) -> None:
        document = {**list_document(5), "issuer": issuer.did}
        secured = vc.issue_enveloped(document, issuer, envelope=envelope, now=NOW)
        path = tmp_path / "list"
        path.write_bytes(secured if isinstance(secured, bytes) else secured.encode())
        files = FileStatusSource([path])
        assert files.urls() == {URL}
        verdict = vc.verify(self.signed(issuer), status=StatusChecker(files), now=NOW)
        assert [problem.code for problem in verdict.problems] == ["status.revoked"]
        signed = path.read_bytes()
        signature_end = signed.index(b"~") if b"~" in signed and envelope == "vc+sd-jwt" else len(signed)
        path.write_bytes(signed[: signature_end - 9] + b"AAAAAAAAA" + signed[signature_end:])
        files.update([path])
        verdict = vc.verify(self.signed(issuer), status=StatusChecker(files), now=NOW)
        assert [problem.code for problem in verdict.problems] == ["status.verification"]

    async def test_the_asynchronous_twin_finds_the_same(self, issuer: did.SoftwareKey) -> None:
        checker = StatusChecker(self.lists(issuer, 5))
        verdict = await vc.verify_async(self.signed(issuer), status=checker, now=NOW)
        assert [problem.code for problem in verdict.problems] == ["status.revoked"]
