"""What each line of the status checkers is for: without it a list, or a status, would be believed that is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest

import did
from vc.envelope import cose
from vc.envelope.jws import compact
from vc.needs import Steps, run
from vc.problems import Problem, ProblemError
from vc.status import (
    StatusChecker,
    StatusList,
    StatusUnavailable,
    TokenStatusChecker,
    TokenStatusList,
    issue_status_list_jwt,
    read_status_list_token,
    status_entry,
    status_list_credential,
    status_reference,
)
from vc.verdict import Check, Judgement, Outcome, Verdict

URL = "https://issuer.example/status/1"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ISSUER = did.SoftwareKey.from_seed("P-256", b"issuer of every list")


class Source:
    def __init__(self, content: bytes | dict[str, Any] | None) -> None:
        self.content = content
        self.asked = 0

    def get(self, url: str) -> bytes:
        self.asked += 1
        if self.content is None:
            raise StatusUnavailable("out of reach")
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


def listed(**changes: Any) -> dict[str, Any]:
    subject = changes.pop("subject", {})
    document = status_list_credential(StatusList(), id=URL, issuer=ISSUER.did, purpose="revocation", valid_from=NOW)
    document["credentialSubject"] = subject if isinstance(subject, list) else document["credentialSubject"] | subject
    document |= changes
    return {name: value for name, value in document.items() if value is not None}


def believe(content: bytes) -> Steps[Verdict]:
    return Verdict(True, document=json.loads(content))
    yield


def disbelieve(*problems: Problem) -> Callable[[bytes], Steps[Verdict]]:
    def verify(content: bytes) -> Steps[Verdict]:
        return Verdict(False, (Check("proof", Outcome.FAILED),), problems, document=json.loads(content))
        yield

    return verify


def judge(checker: StatusChecker, verify: Any = believe, now: datetime = NOW, **change: Any) -> Judgement:
    document = {"issuer": ISSUER.did, "credentialStatus": status_entry(URL, 5, "revocation"), **change}
    return run(checker.judge(document, verify=verify, now=now))


def codes(judgement: Judgement) -> list[str]:
    return [problem.code for problem in judgement.problems]


class TestListsAsCredentials:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"type": ["VerifiableCredential"]}, "status.verification"),
            ({"id": "https://issuer.example/status/2"}, "status.verification"),
            ({"issuer": None}, "status.verification"),
            ({"issuer": {"name": "nobody"}}, "status.verification"),
            ({"issuer": "did:example:other"}, "status.issuer"),
            ({"credentialSubject": None}, "status.verification"),
            ({"subject": [{"type": "BitstringStatusList"}]}, "status.verification"),
            ({"subject": {"type": "Person"}}, "status.verification"),
            ({"subject": {"statusPurpose": []}}, "status.malformed"),
            ({"subject": {"statusPurpose": [7]}}, "status.malformed"),
            ({"subject": {"statusPurpose": ["revocation", 7]}}, "status.malformed"),
            ({"subject": {"statusPurpose": None}}, "status.malformed"),
            ({"subject": {"statusPurpose": "suspension"}}, "status.purpose"),
            ({"subject": {"statusPurpose": ["suspension", "refresh"]}}, "status.purpose"),
            ({"subject": {"ttl": -1}}, "status.malformed"),
            ({"subject": {"ttl": True}}, "status.malformed"),
            ({"subject": {"ttl": 1.5}}, "status.malformed"),
            ({"subject": {"ttl": "300000"}}, "status.malformed"),
            ({"validUntil": "some day"}, "status.verification"),
            ({"validFrom": 7}, "status.verification"),
        ],
    )
    def test_one_that_is_wrong_is_not_believed(self, change: dict[str, Any], code: str) -> None:
        judgement = judge(StatusChecker(Source(listed(**change))))
        assert (judgement.outcome, codes(judgement)) == (Outcome.FAILED, [code])

    def test_what_may_be_left_out_is_not_asked_for(self) -> None:
        for change in (
            {"id": None},
            {"validFrom": None},
            {"validFrom": "2026-11-01T00:00:00"},
            {"subject": {"ttl": 0}},
        ):
            assert judge(StatusChecker(Source(listed(**change)))).outcome is Outcome.PASSED, change

    def test_each_purpose_of_several_counts(self) -> None:
        source = Source(listed(subject={"statusPurpose": ["suspension", "revocation"]}))
        assert judge(StatusChecker(source)).outcome is Outcome.PASSED

    def test_why_a_list_was_not_verified_is_said(self) -> None:
        over, signature = Problem("period.over", "it is over"), Problem("proof.signature", "it does not match")
        for problems, code, said in (
            ((over,), "status.expired", "it is over"),
            ((signature,), "status.verification", "it does not match"),
            ((over, signature), "status.verification", "it is over"),
            ((signature, over), "status.verification", "it does not match"),
            ((), "status.verification", "it did not verify"),
        ):
            judgement = judge(StatusChecker(Source(listed())), disbelieve(*problems))
            assert (judgement.outcome, codes(judgement)) == (Outcome.FAILED, [code])
            assert said in judgement.problems[0].detail

    def test_a_list_that_is_kept_is_asked_for_again_at_its_end_and_not_before(self) -> None:
        source = Source(listed(subject={"ttl": 60_000}))
        checker = StatusChecker(source)
        for seconds, asked in ((0, 1), (59, 1), (60, 2), (119, 2), (120, 3)):
            assert judge(checker, now=NOW + timedelta(seconds=seconds)).outcome is Outcome.PASSED
            assert source.asked == asked, seconds

    def test_its_own_end_comes_first(self) -> None:
        source = Source(listed(subject={"ttl": 600_000}, validUntil="2026-11-01T12:01:00Z"))
        checker = StatusChecker(source)
        for seconds, asked in ((0, 1), (59, 1), (60, 2)):
            judge(checker, now=NOW + timedelta(seconds=seconds))
            assert source.asked == asked, seconds

    def test_what_was_set_once_is_not_unset_by_an_older_list(self) -> None:
        source = Source(listed())
        checker = StatusChecker(source, max_age=timedelta(0))
        assert judge(checker).outcome is Outcome.PASSED
        source.content = listed(validFrom="2026-11-01T11:59:59Z")
        assert codes(judge(checker)) == ["status.replaced"]
        source.content = listed(validFrom="2026-11-01T12:00:00Z")
        assert judge(checker).outcome is Outcome.PASSED

    def test_a_list_that_says_not_when_it_was_made_takes_the_place_of_another_such(self) -> None:
        source = Source(listed(validFrom=None))
        checker = StatusChecker(source, max_age=timedelta(0))
        assert judge(checker).outcome is Outcome.PASSED
        source.content = listed()
        assert judge(checker).outcome is Outcome.PASSED
        source.content = listed(validFrom=None)
        assert judge(checker).outcome is Outcome.PASSED

    def test_an_entry_of_another_kind_is_undecided_and_an_empty_list_of_them_is_wrong(self) -> None:
        checker = StatusChecker(Source(listed()))
        for entry in ({"type": "StatusList2021Entry"}, "text", 7, None, {}):
            judgement = judge(checker, credentialStatus=entry)
            assert (judgement.outcome, codes(judgement)) == (Outcome.INDETERMINATE, ["status.unsupported"])
        assert (judge(checker, credentialStatus=[]).outcome) is Outcome.FAILED
        assert (
            judge(checker, credentialStatus=[status_entry(URL, 5, "revocation"), {}]).outcome is Outcome.INDETERMINATE
        )

    def test_an_entry_that_is_wrong_is_refused(self) -> None:
        good = status_entry(URL, 5, "revocation")
        for change in ({"statusListIndex": "-1"}, {"statusListIndex": "x"}, {"statusPurpose": ""}, {"statusSize": 0}):
            judgement = judge(StatusChecker(Source(listed())), credentialStatus={**good, **change})
            assert judgement.outcome is Outcome.FAILED, change
        outside = judge(StatusChecker(Source(listed())), credentialStatus=status_entry(URL, 131_072, "revocation"))
        assert codes(outside) == ["status.range"]

    def test_who_has_no_issuer_has_no_list(self) -> None:
        for issuer in (None, {"name": "nobody"}, 7):
            assert codes(judge(StatusChecker(Source(listed())), issuer=issuer)) == ["status.issuer"]

    def test_the_age_of_a_status_is_that_of_the_oldest_list_and_known_of_all_or_of_none(self) -> None:
        other = "https://issuer.example/status/2"

        class Two(Source):
            def get(self, url: str) -> bytes:
                made = "2026-11-01T11:00:00Z" if url == other else "2026-11-01T10:00:00Z"
                return json.dumps(listed(id=url, validFrom=made)).encode()

        checker = StatusChecker(Two(None))
        one, two = status_entry(URL, 5, "revocation"), status_entry(other, 5, "revocation")
        judge(checker, credentialStatus=[one, two])

        def age(value: Any) -> datetime | None:
            return checker.as_of({"@context": [], "issuer": ISSUER.did, "credentialStatus": value})

        assert age(one) == age([one]) == age([two, one]) == datetime(2026, 11, 1, 10, tzinfo=UTC)
        assert age(two) == datetime(2026, 11, 1, 11, tzinfo=UTC)
        unknown = status_entry("https://issuer.example/status/3", 5, "revocation")
        for value in ([one, unknown], [unknown], [one, {}], [one, 7], [{"statusListCredential": 7}, one], [], None):
            assert age(value) is None, value
        assert checker.as_of({"@context": [], "status": status_reference(URL, 1)}) is None
        assert checker.as_of({"credentialStatus": one}) == datetime(2026, 11, 1, 10, tzinfo=UTC)
        assert checker.as_of({"@context": []}) is None


class TestRulesOfBoth:
    def token(self, **options: Any) -> bytes:
        arguments: dict[str, Any] = {"uri": URL, "issued_at": NOW, **options}
        return issue_status_list_jwt(TokenStatusList(100, 1), ISSUER, **arguments).encode()

    def ask(self, checker: TokenStatusChecker, now: datetime = NOW, **options: Any) -> Judgement:
        arguments: dict[str, Any] = {"issuer": ISSUER.did, "resolver": did.Resolver(), **options}
        return run(checker.judge(options.pop("status", status_reference(URL, 7)), now=now, **arguments))

    def test_who_may_keep_a_list_is_asked_of_tokens_too(self) -> None:
        checker = StatusChecker(Source(self.token()), same_issuer=lambda one, other: False)
        assert codes(self.ask(checker.tokens)) == ["status.issuer"]

    def test_how_long_and_how_many_are_kept_is_asked_of_tokens_too(self) -> None:
        source = Source(self.token())
        checker = StatusChecker(source, max_age=timedelta(seconds=10))
        for seconds, asked in ((0, 1), (9, 1), (10, 2)):
            self.ask(checker.tokens, NOW + timedelta(seconds=seconds))
            assert source.asked == asked

        class Any_(Source):
            def get(self, url: str) -> bytes:
                self.asked += 1
                return issue_status_list_jwt(TokenStatusList(100, 1), ISSUER, uri=url, issued_at=NOW).encode()

        many = Any_(None)
        small = StatusChecker(many, max_lists=1)
        for url in (URL, URL + "b", URL):
            judgement = run(
                small.tokens.judge(status_reference(url, 7), issuer=ISSUER.did, now=NOW, resolver=did.Resolver())
            )
            assert judgement.outcome is Outcome.PASSED
        assert many.asked == 3
        assert small.source is many

    @pytest.mark.parametrize("end", ["expires", "revoked"])
    def test_a_list_of_a_key_that_has_ended_is_not_believed(self, end: str) -> None:
        class Ending(did.Resolver):
            def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
                found = super().dereference(did_url, purpose)
                ends: dict[str, Any] = {end: NOW}
                return did.VerificationMethod(found.id, found.type, found.controller, found.public_key, **ends)

        token = self.token(issued_at=NOW - timedelta(minutes=5))
        late = self.ask(TokenStatusChecker(Source(token)), resolver=Ending())
        assert (late.outcome, codes(late)) == (Outcome.FAILED, ["status.verification"])
        before = NOW - timedelta(seconds=1)
        assert self.ask(TokenStatusChecker(Source(token)), before, resolver=Ending()).outcome is Outcome.PASSED

    def test_a_list_ends_at_its_second_and_begins_a_minute_before_it_at_most(self) -> None:
        token = self.token(expires=NOW + timedelta(seconds=60))
        minute, second = timedelta(seconds=60), timedelta(seconds=1)
        for shift, wanted in (
            (minute - second, []),
            (minute, ["status.expired"]),
            (-minute, []),
            (-minute - second, ["status.expired"]),
        ):
            assert codes(self.ask(TokenStatusChecker(Source(token)), NOW + shift)) == wanted, shift

    @pytest.mark.parametrize(
        "status",
        [{"status_list": {"idx": index, "uri": URL}} for index in (-1, 2**53, True, 1.0, "7", None)]
        + [{"status_list": {"idx": 7, "uri": uri}} for uri in (None, 7, "", "no url")]
        + [{"status_list": 7}, {"status_list": []}, {}, [], None, "text"],
    )
    def test_a_reference_that_is_wrong_is_refused_before_anything_is_asked(self, status: Any) -> None:
        source = Source(self.token())
        judgement = run(TokenStatusChecker(source).judge(status, issuer=ISSUER.did, now=NOW, resolver=did.Resolver()))
        assert (judgement.outcome, codes(judgement)) == (Outcome.FAILED, ["status.malformed"])
        assert source.asked == 0

    def test_the_first_place_of_a_list_is_a_place(self) -> None:
        revoked = TokenStatusList(100, 1)
        revoked[0] = 1
        token = issue_status_list_jwt(revoked, ISSUER, uri=URL, issued_at=NOW).encode()
        judgement = run(
            TokenStatusChecker(Source(token)).judge(
                status_reference(URL, 0), issuer=ISSUER.did, now=NOW, resolver=did.Resolver()
            )
        )
        assert codes(judgement) == ["status.revoked"]

    def test_nothing_is_known_of_a_claim_that_names_no_list(self) -> None:
        checker = TokenStatusChecker(Source(self.token()))
        assert self.ask(checker).outcome is Outcome.PASSED
        assert checker.as_of(status_reference(URL, 1)) == NOW
        for status in (None, 7, {}, {"status_list": 7}, {"status_list": {}}, {"status_list": {"uri": []}}):  # type: ignore[var-annotated]
            assert checker.as_of(status) is None

    @pytest.mark.parametrize(
        "change",
        [
            {"sub": None},
            {"sub": ""},
            {"sub": 7},
            {"iat": None},
            {"iat": "now"},
            {"iat": True},
            {"iat": -1},
            {"iat": 253_402_300_800},
            {"exp": "never"},
            {"exp": [1]},
            {"nbf": {}},
            {"ttl": 0},
            {"ttl": -1},
            {"ttl": "60"},
            {"iss": 7},
            {"status_list": None},
            {"status_list": []},
            {"status_list": "x"},
        ],
    )
    def test_a_token_with_a_wrong_claim_is_none(self, change: dict[str, Any]) -> None:
        claims = {"sub": URL, "iat": 0, "status_list": TokenStatusList(8, 1).to_json()}
        header = {"typ": "statuslist+jwt", "kid": ISSUER.verification_method}
        good = read_status_list_token(compact(header, json.dumps(claims).encode(), ISSUER).encode())
        assert (good.issued_at, good.expires, good.ttl, good.issuer) == (0, None, None, None)
        for wrong in ({**claims, **change}, {k: v for k, v in {**claims, **change}.items() if v is not None}):
            with pytest.raises(ProblemError) as raised:
                read_status_list_token(compact(header, json.dumps(wrong).encode(), ISSUER).encode())
            assert raised.value.code == "status.malformed"

    def test_a_credential_with_contexts_has_no_status_claim(self) -> None:
        checker = StatusChecker(Source(self.token()))
        assert self.ask(checker.tokens).outcome is Outcome.PASSED
        claim = {"status": status_reference(URL, 1)}
        assert checker.as_of(claim) == NOW
        assert checker.as_of({"@context": [], **claim}) is None

    def test_claims_that_nobody_knows_are_passed_over(self) -> None:
        kid = ISSUER.verification_method.encode()
        payload = {2: URL, 6: 0, 65533: TokenStatusList(8, 1).to_cbor(), 99: "x"}
        token = cose.sign({cose.TYP: "application/statuslist+cwt", cose.KID: kid}, cbor2.dumps(payload), ISSUER)
        assert read_status_list_token(token).uri == URL

    @pytest.mark.parametrize(("seconds", "wanted"), [(-60, []), (60, []), (61, ["status.expired"])])
    def test_a_list_is_not_believed_before_it_says(self, seconds: int, wanted: list[str]) -> None:
        begin = int(NOW.timestamp())
        claims = {"sub": URL, "iat": begin, "nbf": begin + seconds, "status_list": TokenStatusList(8, 1).to_json()}
        header = {"typ": "statuslist+jwt", "kid": ISSUER.verification_method}
        token = compact(header, json.dumps(claims).encode(), ISSUER).encode()
        assert codes(self.ask(TokenStatusChecker(Source(token)))) == wanted

    def test_a_claim_that_is_null_is_not_one_that_is_missing(self) -> None:
        header = {"typ": "statuslist+jwt", "kid": ISSUER.verification_method}
        claims = {"sub": URL, "iat": 0, "exp": None, "status_list": TokenStatusList(8, 1).to_json()}
        with pytest.raises(ProblemError):
            read_status_list_token(compact(header, json.dumps(claims).encode(), ISSUER).encode())
