"""The quick ways of the usual SD-JWT give what the exact ways give, or leave it to them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import did
import vc
from did.multibase import encode_base64url
from vc.envelope import concealing, disclosures, jws, quick_disclosures, sd_jwt
from vc.problems import ProblemError

KEY = did.SoftwareKey.from_seed("P-256", b"issuer")
DEVICE = did.SoftwareKey.from_seed("P-256", b"device")
VCT = "https://example.org/card"

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) - 1, 2**53 + 1) | st.floats(allow_nan=False) | st.text()
NAMES = st.sampled_from(["name", "a/b", "~", "", "王", "_sd_alg", "iss", "x:y"]) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
FRAGMENTS = st.sampled_from(
    [
        *(
            b"[",
            b"]",
            b'["s","n",1]',
            b'["s","n"',
            b',"x"]',
            b'"',
            b"\\",
            b",",
            b":",
            b" ",
            b"\n",
            b"\x01",
            b"\0",
            b"A",
        ),
        *(b'{"a":1}', b'{"a":1,"a":2}', b'{"\\u003a":1,"\\u003a":2}', b'{"_sd":[]}', b'{"...":"x"}', b"1e400", b"-0"),
        *(
            b"9007199254740993",
            b"9007199254740993.0",
            b"NaN",
            b"\xff",
            b"\xc3",
            b"\xef\xbb\xbf",
            b'"\\ud800"',
            b"[[[[]]]]",
        ),
    ]
)


def exactly(content: bytes, texts: list[str]) -> tuple[Any, ...] | None:
    try:
        payload = jws.read_json(content, "the payload")
        found = disclosures.parse(texts)
        return payload, found, disclosures.reveal(payload, found)
    except ProblemError:
        return None


def agree(content: bytes, texts: list[str]) -> bool:
    """Whether the quick way took it; what it gives is what the exact way gives."""
    quick = quick_disclosures.read(content, texts)
    if quick is None:
        return False
    exact = exactly(content, texts)
    assert exact is not None
    payload, found, revealed = exact
    mine = quick.revealed(quick.disclosures())
    assert (quick.payload, quick.disclosures()) == (payload, found)
    assert (mine.claims, mine.undisclosed) == (revealed.claims, revealed.undisclosed)
    assert set(map(repr, mine.places)) == set(map(repr, revealed.places))
    return True


def text_of(data: Any) -> str:
    return encode_base64url(data if isinstance(data, bytes) else json.dumps(data).encode())


def payload_of(texts: list[str], **members: Any) -> bytes:
    return json.dumps({"iss": KEY.did, "_sd": sorted(disclosures.digests_of(texts)), **members}).encode()


def counter() -> Callable[[int], bytes]:
    numbers = itertools.count()
    return lambda size: b"".join(next(numbers).to_bytes(2, "big") for _ in range(size // 2))


# --- reading ---------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(members=st.dictionaries(NAMES, VALUES, min_size=1, max_size=6), shown=st.data())
def test_disclosed_members_are_read_in_the_same_way(members: dict[str, Any], shown: st.DataObject) -> None:
    texts = [text_of(["salt", name, value]) for name, value in members.items()]
    kept = shown.draw(st.lists(st.sampled_from(texts), unique=True, min_size=1))
    agree(payload_of(texts, _sd_alg="sha-256", cnf={"jwk": {}}), kept)


@settings(max_examples=400, deadline=None)
@given(parts=st.lists(st.lists(FRAGMENTS, max_size=6).map(b"".join), min_size=1, max_size=3))
@example(parts=[b'["s","n",1]', b'["s","m",[1,{"a":2}]]'])
@example(parts=[b'["s","n",{"a":1,"a":2}]'])
@example(parts=[b'["s","n",1],["s","m",2]'])
@example(parts=[b'["s","n",1', b']["s","m",2]'])
def test_whatever_is_read_is_read_in_the_same_way(parts: list[bytes]) -> None:
    texts = [text_of(part) for part in parts]
    agree(payload_of(texts), texts)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_changed_texts_are_read_in_the_same_way_or_not_at_all(data: st.DataObject) -> None:
    texts = [text_of(["salt", "name", "x"]), text_of(["salt", "other", {"a": [1]}]), text_of(["salt", "t", 1])]
    index = data.draw(st.integers(0, 2))
    place = data.draw(st.integers(0, len(texts[index])))
    piece = data.draw(st.sampled_from([*"AQdg0oB-_+/=~ \n", "", "AB", "oB", "é", "\ud800"]))
    texts[index] = texts[index][:place] + piece + texts[index][place + data.draw(st.integers(0, 1)) :]
    if texts[index].isascii():
        agree(payload_of(texts), texts)
    else:
        assert quick_disclosures.read(payload_of([]), texts) is None


@settings(max_examples=200, deadline=None)
@given(payload=st.lists(FRAGMENTS | st.sampled_from([b"{", b"}", b'"_sd"', b'"iss"']), max_size=8).map(b"".join))
def test_whatever_payload_is_read_is_read_in_the_same_way(payload: bytes) -> None:
    texts = [text_of(["salt", "name", 1])]
    digests = json.dumps(disclosures.digests_of(texts)).encode()
    agree(payload, texts)
    agree(b'{"_sd":%b,%b}' % (digests, payload), texts)
    agree(b'{"_sd":%b,"x":%b}' % (digests, payload), texts)


def test_a_text_cannot_swallow_the_mark_of_its_end() -> None:
    """With stray bits the mark would be a letter, and the next text could bring another mark."""
    first = text_of(b'["salt","name","x')
    assert len(first) % 4 == 3
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    texts = [first[:-1] + alphabet[alphabet.index(first[-1]) + 1], text_of(b'y"]\x01["salt","more",1]')]
    content = payload_of(texts)
    assert quick_disclosures.read(content, texts) is None
    assert exactly(content, texts) is None


GOOD = text_of(["salt", "name", "x"])
LEFT = {
    "no disclosure": [],
    "the same twice": [GOOD, GOOD],
    "of one name twice": [GOOD, text_of(["other", "name", "x"])],
    "an array element": [text_of(["salt", "x"])],
    "of four": [text_of(["salt", "name", "x", 1])],
    "an object": [text_of({"salt": 1, "name": 2, "value": 3})],
    "text of three": [text_of("abc")],
    "a salt that is a number": [text_of([1, "name", "x"])],
    "a name that is a number": [text_of(["salt", 1, "x"])],
    "a reserved name": [text_of(["salt", "_sd", []])],
    "the name of the hash": [text_of(["salt", "_sd_alg", "sha-256"])],
    "the name of an element": [text_of(["salt", "...", "x"])],
    "a name that is there": [text_of(["salt", "iss", "x"])],
    "a name with a slash": [text_of(["salt", "a/b", "x"])],
    "a name with a tilde": [text_of(["salt", "a~b", "x"])],
    "digests in the value": [text_of(["salt", "name", {"_sd": []}])],
    "digests deep in the value": [text_of(["salt", "name", [{"a": [{"...": "x"}]}]])],
    "a member twice": [text_of(b'["salt","name",{"a":1,"a":2}]')],
    "a member twice, escaped": [text_of(b'["salt","name",{"\\u003a":1,"\\u003a":1}]')],
    "a large integer": [text_of(["salt", "name", 2**53])],
    "a large number": [text_of(b'["salt","name",1e300]')],
    "deep": [text_of(b'["salt","name",' + b"[" * 20 + b"]" * 20 + b"]")],
    "many": [text_of(["salt", "name", [0] * 10_001])],
    "white space at the end": [text_of(b'["salt","name","x"] ')],
    "no text": [""],
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_not_usual_is_left_to_the_exact_way(name: str) -> None:
    assert quick_disclosures.read(payload_of(LEFT[name]), LEFT[name]) is None


@pytest.mark.parametrize(
    "members",
    [
        {"_sd": "x"},
        {"_sd": [5]},
        {"_sd": [[]]},
        {"_sd": disclosures.digests_of([GOOD]) * 2},
        {"_sd": []},
        {"_sd": disclosures.digests_of([GOOD], "sha-512"), "_sd_alg": "sha-512"},
        {"_sd_alg": None},
        {"_sd_alg": ["sha-256"]},
        {"...": "x"},
        {"inner": {"_sd": []}},
        {"list": [{"...": "x"}]},
        {"name": "y"},
    ],
    ids=str,
)
def test_an_unusual_payload_is_left_to_the_exact_way(members: dict[str, Any]) -> None:
    assert quick_disclosures.read(payload_of([GOOD], **members), [GOOD]) is None


def test_usual_credentials_go_the_quick_way() -> None:
    claims = {"vct": VCT, "name": "王小明", "address": {"street": ["a", {"b": 1.5}]}, "adult": True, "none": None}
    hide = ["/name", "/address", "/adult", "/none"]
    issued = vc.issue_enveloped(claims, KEY, envelope="dc+sd-jwt", disclosable=hide)
    token, *texts, _ = str(issued).split("~")
    content = jws.parse_compact(token).payload
    for count in range(1, 5):
        for shown in itertools.permutations(texts, count):
            assert agree(content, list(shown))
    spaced = [text_of(b'["salt", "name", {"a": "x:y"}]'), text_of(b'["salt", "other", 1]')]
    assert agree(payload_of(spaced, also=[1, {"a": ":"}]), spaced)


@pytest.mark.parametrize("count", [1, 2, 18, 64, 65, 200])
def test_parts_of_a_text_are_cut_out_whatever_their_number(count: int) -> None:
    text = "".join(f"{number:03}-" for number in range(count))
    assert list(disclosures.parts_of(text, 4, 3)) == [f"{number:03}" for number in range(count)]
    names = [f"n{number}" for number in range(count)]
    concealed, texts = concealing.conceal(dict.fromkeys(names, 1), ["/" + name for name in names], random=counter())
    assert agree(json.dumps(concealed).encode(), texts)


# --- showing ---------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_is_shown_as_text_is_what_is_disclosed(data: st.DataObject) -> None:
    claims = {"vct": VCT, "name": "x", "a": {"b": 1, "c": [1, 2]}, "d": "y", "cnf": {"kid": "k"}, "x/y": 1, "": 2}
    hide = data.draw(st.lists(st.sampled_from(["/name", "/a", "/a/b", "/a/c/0", "/d", "/x~1y", "/"]), unique=True))
    issued = str(vc.issue_enveloped(claims, KEY, envelope="dc+sd-jwt", disclosable=hide))
    asked = st.sampled_from(["/name", "/a", "/a/b", "/d", "/x~1y", "/x/y", "/", "/vct", "", "name", "/none", 5])
    pointers: Any = data.draw(st.lists(asked, max_size=4))
    try:
        expected: Any = sd_jwt.disclose(issued, pointers)
    except ProblemError as error:
        with pytest.raises(ProblemError) as refused:
            sd_jwt.show(issued, pointers)
        assert refused.value.problems == error.problems
        return
    shown = sd_jwt.show(issued, pointers)
    assert shown == sd_jwt.show(sd_jwt.parse(issued), pointers)._replace(claims=shown.claims)
    assert shown.text == expected.compact()
    assert shown.hash_name == "sha-256"
    assert shown.claims["cnf"] == claims["cnf"]


def test_a_key_that_is_disclosed_is_the_one_that_is_bound_to() -> None:
    payload = {"vct": VCT, "iss": KEY.did, "cnf": {"jwk": DEVICE.public_key.to_jwk()}}
    header = {"typ": "dc+sd-jwt", "kid": KEY.verification_method}
    issued = sd_jwt.issue(payload, KEY, disclosable=["/cnf"], header=header, random=counter())
    assert sd_jwt.show(issued, ["/cnf"]).claims["cnf"] == payload["cnf"]


def test_an_earlier_key_binding_is_left_out() -> None:
    claims = {"vct": VCT, "name": "x"}
    issued = vc.issue_enveloped(claims, KEY, envelope="dc+sd-jwt", disclosable=["/name"], holder_key=DEVICE.public_key)
    bound = vc.derive_enveloped(str(issued), ["/name"], signer=DEVICE, challenge="c", domain="d")
    assert vc.verify(bound, challenge="c", domain="d").verified
    assert sd_jwt.show(bound, ["/name"]).text == sd_jwt.show(str(issued), ["/name"]).text


# --- hiding ----------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_members_are_hidden_in_the_same_way(data: st.DataObject) -> None:
    payload = data.draw(st.dictionaries(NAMES.filter(lambda name: name != "_sd_alg"), VALUES, max_size=5))
    exact = ["/" + name.replace("~", "~0").replace("/", "~1") for name in payload]
    others = ["", "x", "/none", "/a/b", "/name/", "\0/x", "/x\0/y", "//", *payload]
    pointers = data.draw(st.lists(st.sampled_from([*exact, *others]), max_size=5))

    def outcome() -> Any:
        try:
            return concealing.conceal(payload, pointers, random=counter())
        except ProblemError as error:
            return error.problems

    quick = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(concealing, "_members_at_top", lambda *_: None)
        assert outcome() == quick


def test_a_hidden_member_takes_the_quick_way_and_others_do_not() -> None:
    payload = {"a": 1, "b/c": 2, "": 3}
    assert concealing._members_at_top(payload, dict.fromkeys(["/a", "/"])) == {"a", ""}
    for pointers in ([], ["/b~1c"], ["/b/c"], ["a"], ["/a", "x"], ["/none"], ["/a\0/"], [5]):
        assert concealing._members_at_top(payload, dict.fromkeys(pointers)) is None  # type: ignore[arg-type]


def test_headers_that_are_equal_and_not_the_same_are_told_apart() -> None:
    """True equals 1; what is kept for headers must not mix them up."""
    headers = [{"x": value} for value in (1, True, 1.0, "1", [1])]
    written = [jws.parse_compact(jws.compact(header, b"{}", KEY)).header["x"] for header in headers]
    assert [repr(value) for value in written] == ["1", "True", "1.0", "'1'", "[1]"]


def test_a_private_key_in_a_credential_is_refused_each_time() -> None:
    claims = {"cnf": {"jwk": {**DEVICE.public_key.to_jwk(), "d": "x"}}}
    del claims["cnf"]["jwk"]["kty"]
    for _ in range(2):
        with pytest.raises(ProblemError):
            sd_jwt.confirmation_key(claims)
