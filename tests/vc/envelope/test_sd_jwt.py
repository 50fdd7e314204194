"""SD-JWT (RFC 9901) and SD-JWT VC: disclosures of every shape, decoys, key binding, type metadata, status."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import did
import vc
from did.multibase import decode_base64url, encode_base64url
from vc.envelope import EnvelopeProfile, SourceUnavailable, concealing, disclosures, jws, sd_jwt
from vc.envelope.type_metadata import check_integrity, integrity_of
from vc.problems import ProblemError
from vc.verdict import Outcome, Verdict

VCT = "https://example.org/types/person"
CLAIMS: dict[str, Any] = {
    "vct": VCT,
    "name": "王小明",
    "address": {"city": "Chengdu", "street": {"line": "Renmin", "number": 12}},
    "degrees": [{"of": "Arts"}, {"of": "Law"}, "PhD"],
    "a/b~c": True,
    "nothing": None,
}
EVERY = ["/name", "/address", "/address/street", "/address/street/number", "/degrees", "/degrees/0", "/degrees/2"]
EVERY += ["/degrees/0/of", "/a~1b~0c", "/nothing"]


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def counter() -> Callable[[int], bytes]:
    state = [0]

    def random(count: int) -> bytes:
        state[0] += 1
        return hashlib.shake_256(bytes([state[0]])).digest(count)

    return random


@pytest.fixture
def issued(world: Any) -> str:
    secured = vc.issue_enveloped(
        CLAIMS,
        world.key("issuer"),
        envelope="dc+sd-jwt",
        disclosable=EVERY,
        decoys=2,
        holder_key=world.key("device").public_key,
        now=world.now,
    )
    assert isinstance(secured, str)
    return secured


def shown(world: Any, issued: str, pointers: list[str], **changes: Any) -> str:
    options = {"challenge": "n-1", "domain": "hotel", "now": world.now, "signer": world.key("device"), **changes}
    return vc.derive_enveloped(issued, pointers, **options)


# --- disclosing ------------------------------------------------------------------------------------------------------


def test_everything_shown_is_everything(world: Any, issued: str) -> None:
    verdict = vc.verify(issued, now=world.now)
    assert verdict.verified, verdict.problems
    assert verdict.document is not None
    assert {name: verdict.document[name] for name in CLAIMS} == CLAIMS


@pytest.mark.parametrize(
    ("pointers", "expected"),
    [
        ([], {}),
        (["/name"], {"name": "王小明"}),
        (["/a~1b~0c", "/nothing"], {"a/b~c": True, "nothing": None}),
        (["/address/street/number"], {"address": {"city": "Chengdu", "street": {"line": "Renmin", "number": 12}}}),
        (["/address/city"], {"address": {"city": "Chengdu"}}),
        (["/address"], {"address": CLAIMS["address"]}),
        (["/degrees/1"], {"degrees": [{"of": "Law"}]}),
        (["/degrees/2"], {"degrees": [{"of": "Law"}, "PhD"]}),
        (["/degrees/0"], {"degrees": [{"of": "Arts"}, {"of": "Law"}]}),
    ],
    ids=str,
)
def test_a_pointer_shows_its_value_and_what_it_stands_in(
    world: Any, issued: str, pointers: list[str], expected: dict[str, Any]
) -> None:
    verdict = vc.verify(shown(world, issued, pointers), challenge="n-1", domain="hotel", now=world.now)
    assert verdict.verified, verdict.problems
    assert verdict.document is not None
    assert {name: value for name, value in verdict.document.items() if name in CLAIMS and name != "vct"} == expected
    assert [check.outcome for check in verdict.checks if check.name == "holder_binding"] == [Outcome.PASSED]


def test_a_credential_that_was_read_once_is_shown_often(world: Any, issued: str) -> None:
    opened = sd_jwt.parse(issued)
    for pointer in ("/name", "/address"):
        text = vc.derive_enveloped(
            opened, [pointer], signer=world.key("device"), challenge="n-1", domain="hotel", now=world.now
        )
        assert text == shown(world, issued, [pointer])


@pytest.mark.parametrize(
    ("pointer", "code"), [("/no", "pointer.no_match"), ("name", "pointer.form"), ("/degrees/9", "pointer.no_match")]
)
def test_a_pointer_to_nothing_is_named(issued: str, pointer: str, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        vc.derive_enveloped(issued, ["/name", pointer])
    assert [(p.code, p.pointer) for p in refused.value.problems] == [(code, pointer)]


def test_what_is_hidden_is_not_in_the_text(world: Any, issued: str) -> None:
    texts = shown(world, issued, ["/name"]).split("~")
    readable = b"".join(decode_base64url(part) for text in texts for part in text.split("."))
    assert "王小明".encode() in readable
    assert b"Chengdu" not in readable
    assert b"PhD" not in readable


def test_digests_are_sorted_and_decoys_are_among_them(issued: str) -> None:
    parsed = sd_jwt.parse(issued)
    digests = parsed.payload["_sd"]
    assert digests == sorted(digests)
    assert len(digests) == 5 + 2
    assert parsed.revealed.undisclosed == 2 * 4  # the payload, the address, its street, the degree that hides a member


def test_salts_are_fresh(world: Any) -> None:
    made = [
        vc.issue_enveloped(
            {"vct": VCT, "a": 1, "b": 1}, world.key("issuer"), envelope="dc+sd-jwt", disclosable=["/a", "/b"]
        )
        for _ in range(20)
    ]
    salts = [json.loads(decode_base64url(text))[0] for item in made for text in str(item).split("~")[1:-1]]
    assert len(set(salts)) == 40
    assert all(len(decode_base64url(salt)) == 16 for salt in salts)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def pointers_of(node: Any, prefix: str = "") -> list[str]:
    found = []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, item in items:
        pointer = f"{prefix}/{str(name).replace('~', '~0').replace('/', '~1')}"
        found += [pointer, *pointers_of(item, pointer)]
    return found


@settings(max_examples=150, deadline=None)
@given(payload=st.dictionaries(st.text(max_size=5), JSON, max_size=5), data=st.data())
def test_hiding_and_showing_again_gives_the_same(payload: dict[str, Any], data: st.DataObject) -> None:
    reserved = {"_sd", "...", "_sd_alg"}

    def clean(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: clean(item) for name, item in node.items() if name not in reserved}
        return [clean(item) for item in node] if isinstance(node, list) else node

    payload = clean(payload)
    every = pointers_of(payload)
    hide = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    concealed, texts = concealing.conceal(payload, hide, random=counter(), decoys=data.draw(st.integers(0, 2)))
    assert len(texts) == len(hide)
    revealed = disclosures.reveal(json.loads(json.dumps(concealed)), disclosures.parse(texts))
    assert revealed.claims == payload
    assert {place.pointer for place in revealed.places} == set(hide)


# --- what does not hold together -------------------------------------------------------------------------------------


def disclosure(*entries: Any) -> str:
    return encode_base64url(json.dumps(list(entries)).encode())


def digest(text: str) -> str:
    return disclosures.digests_of([text])[0]


A = disclosure("salt", "a", 1)
ELEMENT = disclosure("salt", 1)
INNER = disclosure("salt", "x", {"_sd": [digest(A)]})


@pytest.mark.parametrize(
    ("payload", "texts"),
    [
        ({}, [A]),
        ({"_sd": [digest(A)]}, [A, A]),
        ({"_sd": [digest(A), digest(A)]}, [A]),
        ({"_sd": [digest(A)], "b": {"_sd": [digest(A)]}}, [A]),
        ({"_sd": [digest(A)], "a": 2}, [A]),
        ({"_sd": [digest(ELEMENT)]}, [ELEMENT]),
        ({"l": [{"...": digest(A)}]}, [A]),
        ({"l": [{"...": digest(ELEMENT), "more": 1}]}, [ELEMENT]),
        ({"l": [{"...": 5}]}, []),
        ({"...": digest(ELEMENT)}, [ELEMENT]),
        ({"_sd": digest(A)}, [A]),
        ({"_sd": [5]}, []),
        ({"_sd": [None, None]}, []),
        ({"_sd": [digest(A)], "_sd_alg": "md5"}, [A]),
        ({"_sd": [digest(A)], "_sd_alg": 5}, [A]),
        ({"_sd": [digest(A)], "_sd_alg": "sha-512"}, [A]),
        ({"_sd": [digest(INNER)]}, [A]),
        ({"_sd": [digest(INNER), digest(A)]}, [INNER, A]),
        ({"_sd": [digest(disclosure("s", "_sd", []))]}, [disclosure("s", "_sd", [])]),
        ({"_sd": [digest(disclosure("s", "...", []))]}, [disclosure("s", "...", [])]),
        ({"_sd": [digest(disclosure("s", 5, 1))]}, [disclosure("s", 5, 1)]),
        ({"_sd": [digest(disclosure(5, "a", 1))]}, [disclosure(5, "a", 1)]),
        ({"_sd": [digest(disclosure("s"))]}, [disclosure("s")]),
        ({"_sd": [digest(disclosure("s", "a", 1, 2))]}, [disclosure("s", "a", 1, 2)]),
        ({"_sd": []}, [encode_base64url(b"{}")]),
        ({"_sd": []}, [encode_base64url(b"[")]),
        ({"_sd": []}, [encode_base64url(b'["s","a",1],["s","b",2]')]),
        ({"_sd": []}, [encode_base64url(b'["s","a",[1]'), encode_base64url(b"[2]]")]),
        ({"_sd": []}, [encode_base64url(b'["s","a",{"b":1,"b":2}]')]),
        ({"_sd": []}, [encode_base64url(b'1],"e":[2')]),
        ({"_sd": []}, ["="]),
        ({"_sd": []}, ["A"]),
        ({"_sd": []}, ["ä"]),
    ],
)
def test_disclosures_that_belong_nowhere_are_refused(world: Any, payload: dict[str, Any], texts: list[str]) -> None:
    issuer = world.key("issuer")
    token = jws.compact(
        {"typ": "dc+sd-jwt", "kid": issuer.verification_method},
        jws.dumps({"vct": VCT, "iss": issuer.did, **payload}),
        issuer,
    )
    text = "~".join((token, *texts, ""))
    with pytest.raises(ProblemError):
        sd_jwt.verify(text, issuer.public_key, now=world.now)
    assert not vc.verify(text, now=world.now).verified


@pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "iat"])
def test_what_a_credential_rests_on_is_never_hidden(world: Any, name: str) -> None:
    issuer = world.key("issuer")
    values: dict[str, Any] = {"iss": issuer.did, "vct": VCT, "cnf": {}, "status": {}, "vct#integrity": "sha256-x"}
    claims = {"iss": issuer.did, "vct": VCT, "nbf": 1, "exp": 4_000_000_000, "iat": 1, **values}
    with pytest.raises(ProblemError) as refused:
        vc.issue_enveloped(claims, issuer, envelope="dc+sd-jwt", disclosable=["/" + name])
    assert refused.value.code == "sd_jwt.form"
    if name == "iat":
        return
    forged = sd_jwt.issue(
        claims,
        issuer,
        disclosable=["/" + name],
        header={"typ": "dc+sd-jwt", "kid": issuer.verification_method},
        random=counter(),
    )
    assert not vc.verify(forged, now=world.now).verified


@pytest.mark.parametrize("name", ["validUntil", "credentialStatus"])
def test_an_end_that_could_be_hidden_is_refused(world: Any, name: str) -> None:
    issuer = world.key("issuer")
    document = {**world.credential(), "credentialStatus": {"id": "urn:uuid:1", "type": "Example"}}
    header = {"typ": "vc+sd-jwt", "kid": issuer.verification_method}
    forged = sd_jwt.issue(document, issuer, disclosable=["/" + name], header=header, random=counter())
    assert [(p.code, p.pointer) for p in vc.verify(forged, now=world.now).problems] == [("envelope.claims", "/" + name)]


# --- key binding -----------------------------------------------------------------------------------------------------


def test_key_binding_is_required_when_a_challenge_is_expected(world: Any, issued: str) -> None:
    without = vc.derive_enveloped(issued, ["/name"])
    assert vc.verify(without, now=world.now).verified
    assert codes(vc.verify(without, challenge="n-1", domain="hotel", now=world.now)) == {
        "proof.challenge",
        "proof.domain",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"challenge": "n-2"}, "proof.challenge"), ({"domain": "bar"}, "proof.domain")],
)
def test_nonce_and_audience_are_compared(world: Any, issued: str, changes: dict[str, Any], code: str) -> None:
    text = shown(world, issued, ["/name"], **changes)
    assert codes(vc.verify(text, challenge="n-1", domain="hotel", now=world.now)) == {code}


def test_a_key_binding_is_neither_of_the_future_nor_old(world: Any, issued: str) -> None:
    text = shown(world, issued, ["/name"])
    for delta, code in ((timedelta(minutes=-5), "proof.created"), (timedelta(minutes=12), "proof.expired")):
        assert code in codes(vc.verify(text, challenge="n-1", domain="hotel", now=world.now + delta))
    patient = EnvelopeProfile(binding_max_age=timedelta(days=1))
    later = world.now + timedelta(hours=3)
    assert vc.verify(text, challenge="n-1", domain="hotel", now=later, envelopes=patient).verified


def test_a_key_binding_covers_exactly_what_is_shown(world: Any, issued: str) -> None:
    text = shown(world, issued, ["/name", "/a~1b~0c"])
    token, first, second, binding = text.split("~")
    for changed in ((token, first, binding), (token, second, first, binding), (token, binding)):
        verdict = vc.verify("~".join(changed), challenge="n-1", domain="hotel", now=world.now)
        assert "sd_jwt.binding" in codes(verdict)


def test_a_stranger_can_not_bind(world: Any, issued: str) -> None:
    with pytest.raises(ProblemError) as refused:
        shown(world, issued, ["/name"], signer=world.key("stranger"))
    assert refused.value.code == "holder.binding"
    parsed = sd_jwt.disclose(issued, ["/name"])
    forged = sd_jwt.bind(parsed, world.key("stranger"), nonce="n-1", audience="hotel", now=world.now)
    assert codes(vc.verify(forged, challenge="n-1", domain="hotel", now=world.now)) == {"sd_jwt.binding"}


def test_an_unbound_credential_can_not_be_bound(world: Any) -> None:
    secured = str(vc.issue_enveloped({"vct": VCT}, world.key("issuer"), envelope="dc+sd-jwt"))
    with pytest.raises(ProblemError) as refused:
        shown(world, secured, [])
    assert refused.value.code == "sd_jwt.binding"
    forged = sd_jwt.bind(sd_jwt.parse(secured), world.key("device"), nonce="n-1", audience="hotel", now=world.now)
    assert codes(vc.verify(forged, challenge="n-1", domain="hotel", now=world.now)) == {"sd_jwt.binding"}


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "JWT"}, {}),
        ({}, {}),
        ({"typ": "kb+jwt", "alg": "none"}, {}),
        ({"typ": "kb+jwt"}, {"nonce": None}),
        ({"typ": "kb+jwt"}, {"aud": ["hotel"]}),
        ({"typ": "kb+jwt"}, {"iat": "now"}),
        ({"typ": "kb+jwt"}, {"sd_hash": 5}),
        ({"typ": "kb+jwt"}, {"sd_hash": ""}),
    ],
    ids=str,
)
def test_a_malformed_key_binding_is_refused(world: Any, issued: str, header: Any, claims: dict[str, Any]) -> None:
    without = vc.derive_enveloped(issued, ["/name"])
    good = {"iat": int(world.now.timestamp()), "aud": "hotel", "nonce": "n-1", "sd_hash": digest(without)}
    binding = jws.compact(header, jws.dumps({**good, **claims}), world.key("device"))
    assert not vc.verify(without + binding, challenge="n-1", domain="hotel", now=world.now).verified
    right = jws.compact({"typ": "kb+jwt"}, jws.dumps(good), world.key("device"))
    assert vc.verify(without + right, challenge="n-1", domain="hotel", now=world.now).verified


def test_a_holder_named_by_a_did_binds_too(world: Any) -> None:
    device, issuer = world.key("device", "Ed25519"), world.key("issuer")
    claims = {"vct": VCT, "cnf": {"kid": device.verification_method}}
    secured = str(vc.issue_enveloped(claims, issuer, envelope="dc+sd-jwt"))
    text = sd_jwt.bind(sd_jwt.parse(secured), device, nonce="n", audience="d", now=world.now)
    assert vc.verify(text, challenge="n", domain="d", now=world.now).verified
    other = sd_jwt.bind(sd_jwt.parse(secured), world.key("stranger", "Ed25519"), nonce="n", audience="d", now=world.now)
    assert codes(vc.verify(other, challenge="n", domain="d", now=world.now)) == {"sd_jwt.binding"}


def test_the_json_serialisation_is_the_same_thing(world: Any, issued: str) -> None:
    text = shown(world, issued, ["/name"])
    token, *texts, binding = text.split("~")
    protected, payload, signature = token.split(".")
    header = {"disclosures": texts, "kb_jwt": binding}
    flattened = {"payload": payload, "protected": protected, "signature": signature, "header": header}
    general = {"payload": payload, "signatures": [{"protected": protected, "signature": signature, "header": header}]}
    for value in (flattened, general, json.dumps(flattened)):
        assert vc.verify(value, challenge="n-1", domain="hotel", now=world.now).verified
    for broken in (
        {**flattened, "signatures": []},
        {**general, "signatures": [*general["signatures"], *general["signatures"]]},
        {**flattened, "protected": 5},
        {**flattened, "header": {"alg": "none"}},
        {**flattened, "header": []},
        {**flattened, "disclosures": []},
        {**flattened, "header": {**header, "disclosures": [5]}},
    ):
        assert not vc.verify(broken, challenge="n-1", domain="hotel", now=world.now).verified


# --- SD-JWT VC -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claims", [{}, {"vct": ""}, {"vct": 5}, {"vct": None}], ids=str)
def test_an_sd_jwt_vc_names_its_type(world: Any, claims: dict[str, Any]) -> None:
    issuer = world.key("issuer")
    with pytest.raises(ProblemError):
        vc.issue_enveloped(claims, issuer, envelope="dc+sd-jwt")
    header = {"typ": "dc+sd-jwt", "kid": issuer.verification_method}
    token = jws.compact(header, jws.dumps({"iss": issuer.did, **claims}), issuer)
    assert codes(vc.verify(token + "~", now=world.now)) == {"envelope.claims"}


def test_an_sd_jwt_vc_ends_and_begins(world: Any) -> None:
    at = int(world.now.timestamp())
    for claims, code in (({"exp": at - 100}, "period.over"), ({"nbf": at + 100}, "period.not_yet")):
        secured = vc.issue_enveloped({"vct": VCT, **claims}, world.key("issuer"), envelope="dc+sd-jwt")
        assert codes(vc.verify(secured, now=world.now)) == {code}


def test_an_issuer_that_is_named_is_the_one_who_signed(world: Any) -> None:
    issuer, other = world.key("issuer"), world.key("other")
    for named in (other.did, {"id": other.did, "name": "An authority"}):
        header = {"typ": "dc+sd-jwt", "kid": issuer.verification_method}
        token = jws.compact(header, jws.dumps({"iss": issuer.did, "vct": VCT, "issuer": named}), issuer)
        verdict = vc.verify(token + "~", now=world.now)
        assert not verdict.verified
        assert "envelope.claims" in codes(verdict)


def test_the_type_of_old_is_read_by_its_claims(world: Any) -> None:
    issuer = world.key("issuer")
    header = {"typ": "vc+sd-jwt", "kid": issuer.verification_method}
    token = jws.compact(header, jws.dumps({"iss": issuer.did, "vct": VCT}), issuer)
    assert vc.verify(token + "~", now=world.now).verified
    assert not vc.verify(token, now=world.now).verified


def test_a_status_that_nobody_checks_is_noted_and_one_without_its_list_is_undecided(world: Any) -> None:
    from vc.status import FileStatusSource, StatusChecker

    claims = {"vct": VCT, "status": {"status_list": {"idx": 1, "uri": "https://example.org/list"}}}
    secured = vc.issue_enveloped(claims, world.key("issuer"), envelope="dc+sd-jwt", now=world.now)
    noted = vc.verify(secured, now=world.now)
    assert noted.verified
    assert [warning.code for warning in noted.warnings] == ["warning.status"]
    checker = StatusChecker(FileStatusSource({}))
    verdict = vc.verify(secured, now=world.now, status=checker)
    assert verdict.indeterminate
    assert codes(verdict) == {"status.retrieval"}


METADATA = {"vct": VCT, "claims": [{"path": ["name"], "sd": "always"}, {"path": ["vct"], "sd": "never"}]}


def judged(world: Any, metadata: dict[str, bytes], claims: dict[str, Any], hide: list[str]) -> Verdict:
    secured = vc.issue_enveloped({"vct": VCT, **claims}, world.key("issuer"), envelope="dc+sd-jwt", disclosable=hide)
    return vc.verify(secured, now=world.now, envelopes=EnvelopeProfile(type_metadata=metadata))


def test_type_metadata_is_compared_with_its_digest(world: Any) -> None:
    data = json.dumps(METADATA).encode()
    claims = {"name": "x", "vct#integrity": integrity_of(data)}
    assert judged(world, {VCT: data}, claims, ["/name"]).verified
    assert codes(judged(world, {VCT: data + b" "}, claims, ["/name"])) == {"type_metadata.integrity"}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"vct": "other"}, "type_metadata.mismatch"),
        ({"claims": [{"path": ["name"], "sd": "never"}]}, "type_metadata.mismatch"),
        ({"claims": [{"path": ["other"], "mandatory": True}]}, "type_metadata.mismatch"),
        ({"claims": [{"path": ["list", None], "sd": "always"}]}, "type_metadata.mismatch"),
        ({"claims": "x"}, "type_metadata.form"),
        ({"claims": [{"path": []}]}, "type_metadata.form"),
        ({"claims": [{"path": [-1]}]}, "type_metadata.form"),
        ({"extends": VCT}, "type_metadata.form"),
        ({"extends": 5}, "type_metadata.form"),
        ({"extends": "https://example.org/unknown"}, "type_metadata.unavailable"),
    ],
    ids=str,
)
def test_a_credential_that_does_not_fit_its_type_is_refused(world: Any, document: Any, code: str) -> None:
    data = json.dumps(document).encode()
    assert codes(judged(world, {VCT: data}, {"name": "x", "list": [1]}, ["/name"])) == {code}


def test_type_metadata_extends_other_metadata_with_a_digest(world: Any) -> None:
    base = json.dumps({"vct": "https://example.org/base", "claims": [{"path": ["name"], "sd": "always"}]}).encode()
    own = {"vct": VCT, "extends": "https://example.org/base", "extends#integrity": integrity_of(base)}
    known = {VCT: json.dumps(own).encode(), "https://example.org/base": base}
    assert judged(world, known, {"name": "x"}, ["/name"]).verified
    assert codes(judged(world, known, {"name": "x"}, [])) == {"type_metadata.mismatch"}
    known["https://example.org/base"] = base + b"\n"
    assert codes(judged(world, known, {"name": "x"}, ["/name"])) == {"type_metadata.integrity"}


class Answers:
    """A source of documents."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers

    def get(self, url: str) -> bytes:
        if url not in self.answers:
            raise SourceUnavailable("out of reach")
        return self.answers[url]

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


def test_type_metadata_comes_from_a_source_and_is_undecided_without(world: Any) -> None:
    secured = vc.issue_enveloped(
        {"vct": VCT, "name": "x"}, world.key("issuer"), envelope="dc+sd-jwt", disclosable=["/name"]
    )
    good = EnvelopeProfile(type_metadata_source=Answers({VCT: json.dumps(METADATA).encode()}))
    assert vc.verify(secured, now=world.now, envelopes=good).verified
    verdict = vc.verify(secured, now=world.now, envelopes=EnvelopeProfile(type_metadata_source=Answers({})))
    assert verdict.indeterminate
    assert codes(verdict) == {"type_metadata.unavailable"}


@pytest.mark.parametrize("integrity", [5, "", "x", "md5-AAAA", "sha256-!", "sha256-AAAA sha512-AAAA", "s" * 2000])
def test_a_wrong_integrity_value_is_a_problem(integrity: Any) -> None:
    problem = check_integrity(b"data", integrity)
    assert problem is not None
    assert problem.code == "type_metadata.integrity"


def test_of_several_digests_the_strongest_counts() -> None:
    import base64

    strong = "sha512-" + base64.b64encode(hashlib.sha512(b"data").digest()).decode()
    assert check_integrity(b"data", f"sha256-AAAA {strong}") is None
    assert check_integrity(b"data", f"{integrity_of(b'data')} sha512-AAAA") is not None


def test_any_signer_will_do(world: Any) -> None:
    """The private key stays behind the Signer protocol."""

    class Remote:
        algorithm, did, verification_method = "P-256", world.key("issuer").did, world.key("issuer").verification_method
        public_key = world.key("issuer").public_key

        def sign(self, data: bytes) -> bytes:
            signature: bytes = world.key("issuer").sign(data)
            return signature

    assert isinstance(Remote(), did.Signer)
    assert vc.verify(vc.issue_enveloped({"vct": VCT}, Remote(), envelope="dc+sd-jwt"), now=world.now).verified


@pytest.mark.parametrize(
    ("challenge", "domain", "expected"),
    [
        ("n-1", "hotel", set()),
        ("n-2", "hotel", {"proof.challenge"}),
        ("n-1", "motel", {"proof.domain"}),
        ("\ud800", "\ud800", {"proof.challenge", "proof.domain"}),
        ("n-1", ["hotel", "motel"], {"proof.domain"}),
        ("n-1", ["hotel", "hotel"], set()),
    ],
)
def test_nonce_and_audience_of_a_key_binding_are_told_apart(
    world: Any, issued: str, challenge: str, domain: Any, expected: set[str]
) -> None:
    verdict = vc.verify(shown(world, issued, ["/name"]), challenge=challenge, domain=domain, now=world.now)
    assert codes(verdict) == expected
    assert verdict.verified is not bool(expected)
