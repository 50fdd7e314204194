"""Bytes that two readers could read differently, or that cost more than they should, are not read at all."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vc import mdoc
from vc.mdoc.encoding import MAX_BYTES, plain

from .conftest import COMMON, NOW, OWN, SESSION, codes

FAST = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tagged(data: bytes) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(24, data))


def with_first_item(response: bytes, content: bytes) -> bytes:
    """``response`` with other bytes for its first element."""
    value = cbor2.loads(response)
    value["documents"][0]["issuerSigned"]["nameSpaces"][COMMON][0] = cbor2.CBORTag(24, content)
    return cbor2.dumps(value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # The same DeviceResponse by its meaning, in other bytes.
        (b"\xa3\x67version", b"\xbf\x67version"),
        (b"\xa3\x67version\x63", b"\xb8\x03\x67version\x63"),
        (b"\xa3\x67version\x631.0", b"\xa3\x67version\x7f\x631.0\xff"),
        (b"\xa3\x67version", b"\xa3\x78\x07version"),
        (b"\x66status\x00", b"\x66status\x18\x00"),
        (b"\x66status\x00", b"\x66status\xf9\x00\x00"),
        (b"\xa3\x67version\x631.0", b"\xa4\x67version\x631.0\x67version\x631.0"),
        (b"\xa3\x67version\x631.0", b"\xd9\xd9\xf7\xa3\x67version\x631.0"),
    ],
)
def test_one_response_has_one_encoding(old, new, shown, judge):
    assert shown.count(old) == 1
    other = shown.replace(old, new)
    other += b"\xff" if new.startswith(b"\xbf") else b""
    assert codes(judge(other)) == ["mdoc.form"]


def test_bytes_after_the_response_are_refused(shown, judge):
    assert codes(judge(shown + b"\x00")) == ["mdoc.form"]


@pytest.mark.parametrize(
    "value",
    [
        b"\xc2\x41\x01",  # a bignum
        b"\xc4\x82\x01\x02",  # a decimal fraction
        b"\xd8\x1c\x80",  # a shared value
        b"\xd8\x1d\x00",  # a reference
        b"\xc1\x1a\x51\x4b\x67\xb0",  # a time as number
        b"\xd8\x64\x01",  # a date as number
        b"\xf7",  # undefined
        b"\xf0",  # a simple value
        b"\xf9\x3c\x00",  # a short float
        b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",  # NaN
        b"\xa2\x61a\x01\x61a\x02",  # a key twice
        b"\xa2\x01\x01\x61\x31\x02",  # 1 and "1"
        b"\x9f\x01\xff",  # without a length
        b"\xc0\x74" + b"2020-13-01T00:00:00Z",  # no date
        b"\xc0\x78\x19" + b"2020-10-01T00:00:00+00:00",  # Z, in other letters
        b"\xc0\x76" + b"2020-10-01T00:00:00.0Z",  # the same second, in other letters
        b"\xd9\x03\xec\x68" + b"20201001",  # a date in other letters
        b"\xd9\x03\xec\x01",  # a date that is no text
        b"\xc0\x01",  # a time that is no text
        b"\x62\xff\xff",  # no UTF-8
        b"\x81" * 20 + b"\x00",  # deep
    ],
    ids=lambda value: value[:12].hex(),
)
def test_values_that_could_be_read_in_two_ways_are_refused(value, shown, judge):
    item = b"\xa4\x68digestID\x00\x66random\x58\x20" + bytes(32) + b"\x71elementIdentifier\x61x\x6celementValue" + value
    verdict = judge(with_first_item(shown, item))
    assert not verdict.verified
    assert codes(verdict)[0] in ("mdoc.form", "mdoc.element", "parse.limit")


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", "", "====", "a", "é", "oQ==", None, 5, {}])
def test_what_is_no_response_gets_a_verdict(data, judge):
    assert codes(judge(data)) == ["mdoc.form"]


def test_base64url_has_one_form(shown, judge):
    text = base64.urlsafe_b64encode(shown).rstrip(b"=").decode()
    assert judge(text).verified
    for other in (text + "=", text + "\n", " " + text, text.replace("_", "/").replace("-", "+")):
        assert codes(judge(other)) == ["mdoc.form"]


def test_size_count_and_depth_have_limits(shown, judge):
    value = cbor2.loads(shown)
    document = value["documents"][0]
    item = document["issuerSigned"]["nameSpaces"][COMMON][0]
    for name_spaces in ({COMMON: [item] * 1025}, {f"x{n}": [item] for n in range(65)}):
        document["issuerSigned"]["nameSpaces"] = name_spaces
        assert codes(judge(cbor2.dumps(value))) == ["parse.limit"]
    assert codes(judge(bytes(MAX_BYTES + 1))) == ["parse.limit"]
    assert codes(judge("A" * (MAX_BYTES * 2))) == ["parse.limit"]
    assert codes(judge(b"\x81" * 40 + b"\x00")) == ["parse.limit"]
    assert codes(judge(b"\x99\xff\xff" + b"\x00" * 65535)) == ["parse.limit"]


def test_names_have_a_length(shown, judge):
    value = cbor2.loads(shown)
    value["documents"][0]["docType"] = "x" * 257
    assert codes(judge(cbor2.dumps(value))) == ["mdoc.security_object"]


def test_an_oversight_of_ours_is_a_verdict_and_no_way_in(shown, judge, monkeypatch):
    monkeypatch.setattr("vc.mdoc.judging.read_response", lambda data: 1 / 0)
    verdict = judge(shown)
    assert not verdict.verified and codes(verdict) == ["verification.internal"]


def readings(verdict):
    return [(d["docType"], d["issuerSigned"], d["deviceSigned"], d["issuer"]) for d in verdict.document["documents"]]


@FAST
@given(data=st.data())
def test_a_mutated_response_is_refused_or_reads_the_same(data, shown, judge):
    mutated = bytearray(shown)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        how = data.draw(st.sampled_from(["flip", "set", "delete", "insert", "swap"]))
        if how == "flip":
            mutated[at] ^= 1 << data.draw(st.integers(0, 7))
        elif how == "set":
            mutated[at] = data.draw(st.integers(0, 255))
        elif how == "delete":
            del mutated[at : at + data.draw(st.integers(1, 40))]
        elif how == "insert":
            mutated[at:at] = data.draw(st.binary(min_size=1, max_size=8))
        else:
            to = data.draw(st.integers(0, len(mutated) - 1))
            mutated[at], mutated[to] = mutated[to], mutated[at]
        if not mutated:
            return
    verdict = judge(bytes(mutated))
    if verdict.verified:
        assert readings(verdict) == readings(judge(shown))


def test_every_single_bit_counts(issued, device, judge):
    response = mdoc.present(issued, {OWN: ["classes"]}, device, transcript=SESSION)
    right = readings(judge(response))
    for at in range(len(response)):
        mutated = bytearray(response)
        mutated[at] ^= 1 << (at % 8)
        verdict = judge(bytes(mutated))
        assert not verdict.verified or readings(verdict) == right, at


ODD = (None, True, 0, -1, 2**40, 1.5, "", "x", b"", b"x", [], {}, [1], {"a": 1}, {1: 1}, cbor2.CBORTag(24, b"\xa0"))  # type: ignore[var-annotated]


def places(value, path=()):
    """The way to each node of a decoded structure."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        yield (*path, key)
        yield from places(item, (*path, key))


def put(value, path, odd):
    for part in path[:-1]:
        value = value[part]
    value[path[-1]] = odd


def test_whatever_stands_in_the_place_of_a_node_is_refused_in_words(shown, judge):
    right = readings(judge(shown))
    for path in places(cbor2.loads(shown)):
        for odd in ODD:
            value = cbor2.loads(shown)
            put(value, path, odd)
            verdict = judge(cbor2.dumps(value))
            assert "verification.internal" not in codes(verdict), (path, odd)
            assert not verdict.verified or readings(verdict) == right, (path, odd)


def test_so_is_whatever_an_authority_signs_in_the_place_of_a_node(shown, authority, judge):
    payload = cbor2.loads(shown)["documents"][0]["issuerSigned"]["issuerAuth"][2]
    for path in places(cbor2.loads(cbor2.loads(payload).value)):
        for odd in ODD:
            value = cbor2.loads(shown)
            authority.sign_again(value["documents"][0]["issuerSigned"], lambda mso, p=path, o=odd: put(mso, p, o))
            assert "verification.internal" not in codes(judge(cbor2.dumps(value))), (path, odd)


def test_no_bit_of_a_certificate_breaks_the_verification_off(shown, judge):
    value = cbor2.loads(shown)
    unprotected = value["documents"][0]["issuerSigned"]["issuerAuth"][1]
    certificate = unprotected[33]
    for at in range(len(certificate)):
        mutated = bytearray(certificate)
        mutated[at] ^= 1 << (at % 8)
        unprotected[33] = bytes(mutated)
        verdict = judge(cbor2.dumps(value))
        assert codes(verdict)[0] == "envelope.chain", at


@FAST
@given(data=st.binary(max_size=300))
def test_any_bytes_get_a_verdict(data, judge, authority):
    assert not judge(data).verified
    assert not mdoc.verify_issued(data, anchors=[authority.root], now=NOW).verified


_SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8) | st.binary(max_size=8)
_VALUES = st.recursive(
    _SCALARS | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@FAST
@given(value=_VALUES)
def test_what_was_issued_is_what_is_read(value, authority, device, judge):
    issued = authority.issue(device.public_key, {COMMON: {"x": value, "y": 1}})
    verdict = judge(mdoc.present(issued, {COMMON: ["x"]}, device, transcript=SESSION))
    assert verdict.verified, verdict.problems
    assert verdict.document["documents"][0]["issuerSigned"] == {COMMON: {"x": plain(value)}}


def test_the_asynchronous_way_gives_the_same_verdict(shown, issued, authority, judge):
    arguments: dict[str, Any] = {"anchors": [authority.root], "now": NOW}
    assert asyncio.run(mdoc.verify_async(shown, transcript=SESSION, **arguments)) == judge(shown)
    assert asyncio.run(mdoc.verify_issued_async(issued, **arguments)) == mdoc.verify_issued(issued, **arguments)
