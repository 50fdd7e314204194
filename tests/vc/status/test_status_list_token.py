"""Status list tokens: the published ones verify, ours are read by others, and nothing unverified is believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk, jws

import did
import vc
from vc import ProblemError
from vc.envelope import cose
from vc.envelope.jws import compact
from vc.needs import run, run_async
from vc.status import (
    FileStatusSource,
    StatusChecker,
    StatusUnavailable,
    TokenStatusChecker,
    TokenStatusList,
    issue_status_list_cwt,
    issue_status_list_jwt,
    read_status_list_token,
    status_reference,
)
from vc.verdict import Judgement, Outcome, Verdict

VECTORS = Path(__file__).parents[2] / "vectors" / "token-status-list"
URI = "https://issuer.example/status/token/1"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ISSUER = did.SoftwareKey.from_seed("P-256", b"the issuer of status list tokens")
STRANGER = did.SoftwareKey.from_seed("P-256", b"somebody else")

# The public part of the key in the draft's examples.
EXAMPLE_KEY = did.PublicKey.from_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo",
        "y": "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M",
    }
)


def published(form: str) -> bytes:
    tokens = json.loads((VECTORS / "tokens.json").read_bytes())
    return tokens["statusListJwt"].encode() if form == "jwt" else bytes.fromhex(tokens["statusListCwtHex"])


@pytest.mark.parametrize("form", ["jwt", "cwt"])
def test_a_published_token_is_read_and_verifies_with_its_key(form: str) -> None:
    token = read_status_list_token(published(form))
    assert (token.form, token.uri, token.kid) == (form, "https://example.com/statuslists/1", "12")
    assert (token.issued_at, token.expires, token.ttl) == (1686920170, 2291720170, 43200)
    assert token.verify(EXAMPLE_KEY)
    assert not token.verify(STRANGER.public_key)
    assert [index for index, _ in token.status_list().items()] == [0, 3, 4, 5, 7, 8, 9, 13, 15]


def test_a_published_referenced_token_names_its_place() -> None:
    tokens = json.loads((VECTORS / "tokens.json").read_bytes())
    claims = cbor2.loads(cose.parse(bytes.fromhex(tokens["referencedCwtHex"])).payload)
    assert claims[65535] == status_reference("https://example.com/statuslists/1", 0)


def statuses(*invalid: int, suspended: tuple[int, ...] = (), bits: int = 2) -> TokenStatusList:
    status_list = TokenStatusList(1000, bits)
    for index in invalid:
        status_list[index] = 1
    for index in suspended:
        status_list[index] = 2
    return status_list


def issue(form: str, status_list: TokenStatusList | None = None, signer: Any = ISSUER, **options: Any) -> bytes:
    options: dict[str, Any] = {  # type: ignore[no-redef]
        "uri": URI,
        "issued_at": NOW,
        "expires": NOW + timedelta(days=1),
        "ttl": timedelta(minutes=15),
    } | options
    status_list = status_list or statuses(5, suspended=(6,))
    if form == "jwt":
        return issue_status_list_jwt(status_list, signer, **options).encode()
    return issue_status_list_cwt(status_list, signer, **options)


@dataclass
class Source:
    """Tokens by URI; counts the questions."""

    tokens: dict[str, bytes] = field(default_factory=dict)
    asked: int = 0

    def get(self, url: str) -> bytes:
        self.asked += 1
        if url not in self.tokens:
            raise StatusUnavailable("out of reach")
        return self.tokens[url]

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


def judge(
    token: bytes | Source | None,
    status: Any = None,
    *,
    issuer: str = ISSUER.did,
    now: datetime = NOW,
    checker: TokenStatusChecker | None = None,
) -> Judgement:
    source = token if isinstance(token, Source) else Source({} if token is None else {URI: token})
    checker = checker or TokenStatusChecker(source)
    status = status_reference(URI, 7) if status is None else status
    return run(checker.judge(status, issuer=issuer, now=now, resolver=did.Resolver()))


@pytest.mark.parametrize("form", ["jwt", "cwt"])
@pytest.mark.parametrize(
    ("index", "outcome", "code"),
    [
        (7, Outcome.PASSED, None),
        (5, Outcome.FAILED, "status.revoked"),
        (6, Outcome.FAILED, "status.suspended"),
        (999, Outcome.PASSED, None),
        (1000, Outcome.FAILED, "status.range"),
        (2**53 - 1, Outcome.FAILED, "status.range"),
    ],
)
@pytest.mark.parametrize("key_type", ["P-256", "P-384", "Ed25519"])
def test_a_status_is_read_from_a_verified_list(
    form: str, index: int, outcome: Outcome, code: str | None, key_type: str
) -> None:
    key = did.SoftwareKey.from_seed(key_type, b"a key of each type")
    judgement = judge(issue(form, signer=key), status_reference(URI, index), issuer=key.did)
    assert judgement.outcome is outcome
    assert [problem.code for problem in judgement.problems] == ([code] if code else [])


@pytest.mark.parametrize("status", [3, 4, 11, 12, 15])
def test_a_status_without_a_rule_is_never_taken_for_valid(status: int) -> None:
    status_list = TokenStatusList(8, 4)
    status_list[7] = status
    judgement = judge(issue("jwt", status_list))
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.FAILED, "status.set")


def test_ours_is_read_by_jwcrypto_and_its_is_read_by_us() -> None:
    key = jwk.JWK(**ISSUER.public_key.to_jwk())
    theirs = jws.JWS()
    theirs.deserialize(issue("jwt").decode(), key)
    assert json.loads(theirs.payload)["sub"] == URI
    private = jwk.JWK.generate(kty="EC", crv="P-256")
    public = did.PublicKey.from_jwk(json.loads(private.export_public()))
    made = jws.JWS(json.dumps({"sub": URI, "iat": 1.5, "status_list": statuses().to_json(), "more": [1]}))
    made.add_signature(private, protected=json.dumps({"alg": "ES256", "typ": "application/statuslist+JWT"}))
    token = read_status_list_token(made.serialize(compact=True).encode() + b"\n")
    assert token.verify(public)


@pytest.mark.parametrize("form", ["jwt", "cwt"])
def test_what_is_issued_says_what_the_draft_asks_for(form: str) -> None:
    data = issue(form, aggregation_uri="https://issuer.example/status/token")
    token = read_status_list_token(data)
    assert token.content["aggregation_uri"] == "https://issuer.example/status/token"
    assert (token.issuer, token.kid, token.ttl) == (ISSUER.did, ISSUER.verification_method, 900)
    if form == "cwt":
        assert data[:1] == b"\xd2"
        assert cbor2.loads(cbor2.loads(data).value[0])[16] == "application/statuslist+cwt"


def jwt(claims: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> bytes:
    base = {"sub": URI, "iat": int(NOW.timestamp()), "status_list": statuses().to_json()}
    content = {name: value for name, value in {**base, **changes}.items() if value is not ...}
    head = {"typ": "statuslist+jwt", "kid": ISSUER.verification_method, **(header or {})}
    head = {name: value for name, value in head.items() if value is not ...}
    return compact(head, json.dumps(content if claims is None else claims).encode(), ISSUER).encode()


BASE = int(NOW.timestamp())


def cwt(claims: dict[Any, Any], header: dict[int, Any] | None = None) -> bytes:
    """A good CWT with further claims and header parameters."""
    good = cose.parse(issue("cwt"))
    payload = cbor2.dumps({**cbor2.loads(good.payload), **claims})
    own = {label: value for label, value in good.header.items() if label != cose.ALG}
    return cose.sign({**own, **(header or {})}, payload, ISSUER)


def unprotected(header: dict[int, Any]) -> bytes:
    """A good CWT with what nobody signed."""
    protected, _, payload, signature = cbor2.loads(issue("cwt")).value
    return cbor2.dumps(cbor2.CBORTag(18, [protected, header, payload, signature]))


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (b"", "status.verification"),
        (b"\xff\xfe", "status.verification"),
        (b"a.b", "status.verification"),
        (b"a.b.c", "status.verification"),
        (b"." * 10_000_000, "status.verification"),
        (published("jwt"), "status.verification"),
        (jwt([]), "status.verification"),
        (jwt("text"), "status.verification"),
        (jwt(header={"typ": ...}), "status.malformed"),
        (jwt(header={"typ": "JWT"}), "status.malformed"),
        (jwt(header={"typ": "vc+jwt"}), "status.malformed"),
        (jwt(header={"typ": 5}), "status.malformed"),
        (jwt(header={"kid": "12"}), "status.verification"),
        (jwt(header={"crit": ["x"]}), "status.verification"),
        (jwt(header={"kid": STRANGER.verification_method}), "status.verification"),
        (jwt(header={"sub": "https://issuer.example/status/token/2"}), "status.malformed"),
        (jwt(header={"exp": BASE + 10**6}), "status.malformed"),
        (jwt(header={"jwk": STRANGER.public_key.to_jwk()}), "status.verification"),
        (jwt(iss=STRANGER.did), "status.verification"),
        (jwt(iss=5), "status.malformed"),
        (jwt(sub=...), "status.malformed"),
        (jwt(sub=5), "status.malformed"),
        (jwt(sub="https://issuer.example/status/token/2"), "status.verification"),
        (jwt(iat=...), "status.malformed"),
        (jwt(iat="now"), "status.malformed"),
        (jwt(iat=True), "status.malformed"),
        (jwt(iat=None), "status.malformed"),
        (jwt(iat=-1), "status.malformed"),
        (jwt(iat=10**15), "status.malformed"),
        (jwt(iat=BASE + 61), "status.expired"),
        (jwt(nbf=BASE + 61), "status.expired"),
        (jwt(exp=BASE), "status.expired"),
        (jwt(exp=BASE - 1.5), "status.expired"),
        (jwt(exp="tomorrow"), "status.malformed"),
        (jwt(ttl=0), "status.malformed"),
        (jwt(ttl=-5), "status.malformed"),
        (jwt(ttl="1"), "status.malformed"),
        (jwt(status_list=...), "status.malformed"),
        (jwt(status_list=[]), "status.malformed"),
        (jwt(status_list={"bits": 3, "lst": ""}), "status.malformed"),
        (jwt(status_list={"bits": 1, "lst": "AAAA"}), "status.encoding"),
        (issue("jwt", signer=STRANGER), "status.issuer"),
        (issue("cwt", signer=STRANGER), "status.issuer"),
        (issue("cwt")[1:], "status.verification"),
        (issue("cwt") + b"\x00", "status.verification"),
        (issue("cwt")[:-1], "status.verification"),
        (b"\xd2\x84" + b"\x84" * 5000, "status.verification"),
        (cose.sign({16: "application/vc+cose"}, cbor2.dumps({}), ISSUER), "status.malformed"),
        (cose.sign({}, cbor2.dumps({}), ISSUER), "status.malformed"),
        (cose.sign({16: "application/statuslist+cwt"}, cbor2.dumps([]), ISSUER), "status.verification"),
        (cose.sign({16: "application/statuslist+cwt"}, cbor2.dumps({}), ISSUER), "status.malformed"),
        (cose.sign({16: "application/statuslist+cwt"}, b"\xa2\x02\x61a\x02\x61b", ISSUER), "status.verification"),
        (cose.sign({16: "application/statuslist+cwt", 4: b"\xff"}, cbor2.dumps({2: URI}), ISSUER), "status.malformed"),
        (cwt({}, {15: {2: "https://issuer.example/status/token/2"}}), "status.malformed"),
        (cwt({}, {15: {99: 1}}), "status.verification"),
        (cwt({"exp": BASE + 10**6}), "status.malformed"),
        (cwt({2.0: "x"}), "status.verification"),
        (cwt({9: 2**70}), "status.verification"),
        (unprotected({4: b"x"}), "status.verification"),
        (unprotected({15: {2: "x"}}), "status.verification"),
        (unprotected({7: b""}), "status.verification"),
        (cbor2.dumps(cbor2.CBORTag(61, cbor2.loads(issue("cwt")))), "status.verification"),
    ],
)
def test_a_token_that_is_wrong_is_not_believed(token: bytes, code: str) -> None:
    judgement = judge(token)
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.FAILED, code)
    assert judgement.problems[0].pointer == "/status/status_list"


def test_the_key_of_a_did_key_needs_no_name() -> None:
    assert judge(jwt(header={"kid": ...})).outcome is Outcome.PASSED


@pytest.mark.parametrize("form", ["jwt", "cwt"])
def test_a_changed_token_is_not_believed(form: str) -> None:
    good = issue(form)
    changed = bytearray(good)
    changed[-20] ^= 1
    assert judge(good).outcome is Outcome.PASSED
    assert judge(bytes(changed)).problems[0].code == "status.verification"


def test_a_list_is_unpacked_only_when_the_signature_is_good() -> None:
    bomb = {"bits": 1, "lst": "AAAA"}
    signed = jwt(status_list=bomb)
    forged = signed[: signed.rindex(b".") + 1] + b"A" * 86
    assert judge(forged).problems[0].code == "status.verification"
    assert judge(signed).problems[0].code == "status.encoding"


@pytest.mark.parametrize(
    ("status", "outcome", "code", "pointer"),
    [
        ([], Outcome.FAILED, "status.malformed", "/status"),
        ({}, Outcome.FAILED, "status.malformed", "/status"),
        ("x", Outcome.FAILED, "status.malformed", "/status"),
        ({"other": {}}, Outcome.INDETERMINATE, "status.unsupported", "/status"),
        ({"status_list": []}, Outcome.FAILED, "status.malformed", "/status/status_list"),
        ({"status_list": {"uri": URI}}, Outcome.FAILED, "status.malformed", "/status/status_list/idx"),
        *(
            ({"status_list": {"idx": idx, "uri": URI}}, Outcome.FAILED, "status.malformed", "/status/status_list/idx")
            for idx in (-1, "5", 5.0, True, None, 2**53)
        ),
        *(
            ({"status_list": {"idx": 5, "uri": uri}}, Outcome.FAILED, "status.malformed", "/status/status_list/uri")
            for uri in (None, 5, "", "list", ["https://a.example"])
        ),
    ],
)
def test_a_claim_that_is_wrong_is_never_taken_for_good(status: Any, outcome: Outcome, code: str, pointer: str) -> None:
    judgement = judge(issue("jwt"), status if status != "x" else "text")
    assert (judgement.outcome, judgement.problems[0].code) == (outcome, code)
    assert judgement.problems[0].pointer == pointer


def test_a_list_or_key_that_cannot_be_had_leaves_it_undecided() -> None:
    assert judge(None).outcome is Outcome.INDETERMINATE
    key = ISSUER.with_controller("did:web:issuer.example", "did:web:issuer.example#1")
    judgement = judge(issue("jwt", signer=key), issuer=key.did)
    assert (judgement.outcome, judgement.problems[0].code) in (
        (Outcome.INDETERMINATE, "status.retrieval"),
        (Outcome.FAILED, "status.verification"),  # A resolver without a network has no did:web at all.
    )


def test_another_issuer_of_lists_can_be_allowed() -> None:
    source = Source({URI: issue("cwt", signer=STRANGER)})
    checker = TokenStatusChecker(source, same_issuer=lambda one, other: (one, other) == (ISSUER.did, STRANGER.did))
    assert judge(source, checker=checker).outcome is Outcome.PASSED


class TestKeeping:
    def at(self, checker: TokenStatusChecker, seconds: float) -> Judgement:
        return judge(None, checker=checker, now=NOW + timedelta(seconds=seconds))

    def test_a_list_is_kept_for_its_ttl(self) -> None:
        source = Source({URI: issue("jwt", ttl=timedelta(minutes=1))})
        checker = TokenStatusChecker(source)
        for seconds in (0, 59, 60):
            assert self.at(checker, seconds).outcome is Outcome.PASSED
        assert source.asked == 2
        assert checker.as_of(status_reference(URI, 1)) == NOW

    def test_its_end_ends_that_earlier(self) -> None:
        source = Source({URI: issue("jwt", expires=NOW + timedelta(seconds=30))})
        checker = TokenStatusChecker(source)
        assert self.at(checker, 29).outcome is Outcome.PASSED
        assert self.at(checker, 30).problems[0].code == "status.expired"

    def test_an_older_list_does_not_replace_a_newer_one(self) -> None:
        source = Source({URI: issue("jwt", ttl=timedelta(minutes=1))})
        checker = TokenStatusChecker(source)
        self.at(checker, 0)
        source.tokens[URI] = issue("jwt", issued_at=NOW - timedelta(seconds=1))
        assert self.at(checker, 61).problems[0].code == "status.replaced"

    def test_a_huge_ttl_does_no_harm(self) -> None:
        assert judge(jwt(ttl=10**11)).outcome is Outcome.PASSED

    def test_nothing_is_known_of_a_list_that_was_not_used(self) -> None:
        checker = TokenStatusChecker(Source())
        for status in (None, {}, {"status_list": {}}, status_reference(URI, 1)):  # type: ignore[var-annotated]
            assert checker.as_of(status) is None


async def test_the_asynchronous_twin_finds_the_same() -> None:
    checker = StatusChecker(Source({URI: issue("cwt")})).tokens
    steps = checker.judge(status_reference(URI, 5), issuer=ISSUER.did, now=NOW, resolver=did.Resolver())
    assert (await run_async(steps)).problems[0].code == "status.revoked"


@pytest.mark.parametrize("form", ["jwt", "cwt"])
def test_a_token_in_a_file_is_found_by_its_subject(form: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(issue(form))
    assert FileStatusSource([path]).urls() == {URI}


@pytest.mark.parametrize(
    "make",
    [
        lambda: issue("jwt", uri="list"),
        lambda: issue("cwt", aggregation_uri="list"),
        lambda: issue("jwt", ttl=timedelta()),
        lambda: issue("jwt", expires=NOW),
        lambda: issue("jwt", signer=did.generate("BLS12-381-G2")),
        lambda: status_reference("list", 1),
        lambda: status_reference(URI, -1),
        lambda: status_reference(URI, True),
    ],
)
def test_what_cannot_be_is_not_issued(make: Callable[[], Any]) -> None:
    with pytest.raises(ProblemError):
        make()


def test_dates_need_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        issue("jwt", issued_at=datetime(2026, 1, 1))


class TestInVerification:
    """The whole way: an SD-JWT VC with a status claim, a signed list, ``vc.verify``."""

    def verify(self, index: int, token: bytes | None = None, now: datetime = NOW) -> Verdict:
        claims = {"vct": "https://issuer.example/type", "status": status_reference(URI, index)}
        secured = vc.issue_enveloped(claims, ISSUER, envelope="dc+sd-jwt", now=NOW)
        source = Source({} if token is None else {URI: token})
        return vc.verify(secured, now=now, status=StatusChecker(source))

    @pytest.mark.parametrize("form", ["jwt", "cwt"])
    def test_the_status_decides(self, form: str) -> None:
        verdict = self.verify(7, issue(form))
        assert verdict.verified
        assert {check.name: check.outcome for check in verdict.checks}["status"] is Outcome.PASSED
        for index, code in ((5, "status.revoked"), (6, "status.suspended"), (1000, "status.range")):
            verdict = self.verify(index, issue(form))
            assert not verdict.verified
            assert [(p.code, p.pointer) for p in verdict.problems] == [(code, "/status/status_list")]

    def test_it_is_known_how_old_the_status_is(self) -> None:
        claims = {"vct": "https://issuer.example/type", "status": status_reference(URI, 7)}
        secured = vc.issue_enveloped(claims, ISSUER, envelope="dc+sd-jwt", now=NOW)
        checker = StatusChecker(Source({URI: issue("cwt")}))
        later = NOW + timedelta(minutes=5)
        verdict = vc.verify(secured, now=later, status=checker)
        assert verdict.verified and verdict.document is not None
        assert checker.as_of(verdict.document) == NOW
        assert checker.as_of({"vct": "x"}) is None

    def test_without_the_list_it_is_undecided(self) -> None:
        verdict = self.verify(7)
        assert verdict.indeterminate and not verdict.verified

    def test_the_list_of_somebody_else_is_not_believed(self) -> None:
        verdict = self.verify(7, issue("jwt", signer=STRANGER))
        assert [problem.code for problem in verdict.problems] == ["status.issuer"]

    def test_a_list_that_ended_is_not_believed(self) -> None:
        verdict = self.verify(7, issue("jwt"), now=NOW + timedelta(days=2))
        assert [problem.code for problem in verdict.problems] == ["status.expired"]


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xd2\x84", b"eyJ"]))
def test_no_bytes_make_reading_raise_anything_else(data: bytes, start: bytes) -> None:
    with pytest.raises(ProblemError):
        read_status_list_token(start + data)
