"""A message becomes texts for QR symbols and comes back; nothing else gets through."""

from __future__ import annotations

import hashlib
import itertools
import zlib
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vc import qr
from vc.problems import ProblemError
from vc.qr import base45, payload
from vc.qr.dictionary import DICTIONARY

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=30,
)


def noise(size: int, seed: bytes = b"") -> str:
    """Text that does not compress well."""
    return "".join(hashlib.sha256(seed + bytes([i % 256, i // 256])).hexdigest() for i in range(size // 64 + 1))[:size]


def wrap(packed: bytes) -> str:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_DEFAULT_STRATEGY, DICTIONARY)
    return "LZ1:" + base45.encode(compressor.compress(packed) + compressor.flush())


@given(st.dictionaries(st.text(max_size=10), json_values, max_size=5))
def test_any_json_object_comes_back_as_it_was(message: dict[str, Any]) -> None:
    texts = qr.encode(message)
    assert qr.decode(texts) == message
    assert all(set(text) <= set(base45.ALPHABET) for text in texts)


@settings(max_examples=30)
@given(st.integers(250, 600), st.integers(0, 2000), st.randoms(use_true_random=False))
def test_parts_come_back_in_any_order_and_seen_twice(capacity: int, size: int, random: Any) -> None:
    message = {"verifiablePresentation": {"text": noise(size)}}
    texts = list(qr.encode(message, capacity=capacity))
    assert all(len(text) <= capacity for text in texts)
    shuffled = texts + texts[: len(texts) // 2]
    random.shuffle(shuffled)
    assert qr.decode(shuffled) == message


def test_members_keep_their_order_because_nothing_is_sorted() -> None:
    assert list(qr.decode(qr.encode({"z": 1, "a": 2, "中": 3}))) == ["z", "a", "中"]


def test_a_small_message_is_one_text_without_a_number() -> None:
    (text,) = qr.encode({"a": 1})
    assert text.startswith("LZ1:")
    assert qr.is_payload(text)
    assert qr.decode(text) == {"a": 1}
    assert not qr.is_payload("HC1:ABC")


def test_parts_name_the_message_they_belong_to() -> None:
    texts = qr.encode({"a": noise(1000)}, capacity=400)
    total = len(texts)
    assert total > 1
    assert [text[: len(f"LZ1:1/{total}:")] for text in texts] == [f"LZ1:{n}/{total}:" for n in range(1, total + 1)]
    assert len({text.split(":")[2] for text in texts}) == 1


def test_a_collector_says_what_is_missing() -> None:
    message = {"a": noise(1000)}
    texts = qr.encode(message, capacity=400)
    collector = qr.Collector()
    assert not collector.complete
    assert collector.missing == ()
    assert collector.add(texts[1])
    assert not collector.add(texts[1])
    assert collector.missing == tuple(n for n in range(1, len(texts) + 1) if n != 2)
    with pytest.raises(ProblemError) as caught:
        collector.message()
    assert caught.value.code == "qr.parts"
    for text in texts:
        collector.add(text)
    assert collector.complete
    assert collector.message() == message


def test_a_part_of_another_message_is_refused_and_what_was_collected_stays() -> None:
    first, second = (qr.encode({"a": noise(1000, seed)}, capacity=400) for seed in (b"1", b"2"))
    collector = qr.Collector()
    for text in first[:-1]:
        collector.add(text)
    with pytest.raises(ProblemError, match="another message"):
        collector.add(second[-1])
    collector.add(first[-1])
    assert collector.message() == {"a": noise(1000, b"1")}


def test_parts_with_a_forged_name_do_not_make_a_message() -> None:
    first, second = (qr.encode({"a": noise(1000, seed)}, capacity=400) for seed in (b"1", b"2"))
    name = first[0].split(":")[2]
    forged = ":".join([*second[-1].split(":")[:2], name, *second[-1].split(":")[3:]])
    with pytest.raises(ProblemError) as caught:
        qr.decode([*first[:-1], forged])
    assert caught.value.code == "qr.parts"


def _with(text: str, position: int, character: str) -> str:
    return text[:position] + character + text[position + 1 :]


GOOD = qr.encode({"verifiablePresentation": {"name": "王小明"}})[0]
PARTS = qr.encode({"a": noise(1500)}, capacity=400)
DEEP = b"\x81" * 200 + b"\x00"

BAD: dict[str, tuple[Any, str]] = {
    "empty": ("", "qr.form"),
    "no texts": ([], "qr.parts"),
    "another header": ("HC1:" + GOOD[4:], "qr.form"),
    "header in lower case": (GOOD.lower(), "qr.form"),
    "a space before": (" " + GOOD, "qr.form"),
    "header only": ("LZ1:", "qr.payload"),
    "JSON": ('{"verifiablePresentation": {}}', "qr.form"),
    "too long": ("LZ1:" + "0" * 4293, "qr.limit"),
    "a letter outside": (_with(GOOD, 10, "a"), "qr.base45"),
    "not zlib": ("LZ1:" + base45.encode(b"hello"), "qr.payload"),
    "no content": (wrap(b""), "qr.payload"),
    "cut off": (GOOD[:-3], "qr.payload"),
    "another dictionary": (
        "LZ1:" + base45.encode((c := zlib.compressobj(zdict=b"other")).compress(b"\xa0") + c.flush()),
        "qr.payload",
    ),
    "something behind the stream": ("LZ1:" + base45.encode(base45.decode(wrap(b"\xa0")[4:]) + b"!!"), "qr.payload"),
    "something behind the object": (wrap(b"\xa0\xa0"), "qr.payload"),
    "an array": (wrap(b"\x80"), "qr.payload"),
    "a text": (wrap(cbor2.dumps("text")), "qr.payload"),
    "a byte string": (wrap(cbor2.dumps({"a": b"bytes"})), "qr.payload"),
    "a tag": (wrap(cbor2.dumps({"a": cbor2.CBORTag(0, "2026-01-01T00:00:00Z")})), "qr.payload"),
    "a shared reference": (wrap(b"\xa1\x61a\xd8\x1c\x81\xd8\x1d\x00"), "qr.payload"),
    "a big integer": (wrap(cbor2.dumps({"a": 2**70})), "qr.payload"),
    "undefined": (wrap(b"\xa1\x61a\xf7"), "qr.payload"),
    "not a number": (wrap(b"\xa1\x61a\xfb\x7f\xf8" + bytes(6)), "qr.payload"),
    "infinite": (wrap(b"\xa1\x61a\xfb\x7f\xf0" + bytes(6)), "qr.payload"),
    "half a float": (wrap(b"\xa1\x61a\xf9\x3c\x00"), "qr.payload"),
    "a member twice": (wrap(b"\xa2\x61a\x01\x61a\x02"), "qr.payload"),
    "a number as name": (wrap(b"\xa1\x01\x02"), "qr.payload"),
    "an array as name": (wrap(b"\xa1\x80\x01"), "qr.payload"),
    "a length too long": (wrap(b"\xa1\x78\x01a\x01"), "qr.payload"),
    "an endless array": (wrap(b"\xa1\x61a\x9f\x01\xff"), "qr.payload"),
    "a huge array": (wrap(b"\xa1\x61a\x9b" + b"\x7f" * 8), "qr.payload"),
    "a huge map": (wrap(b"\xbb" + b"\x7f" * 8), "qr.payload"),
    "a huge text": (wrap(b"\xa1\x61a\x7b" + b"\x7f" * 8), "qr.payload"),
    "broken UTF-8": (wrap(b"\xa1\x61a\x61\xff"), "qr.payload"),
    "half a character": (wrap(b"\xa1\x61a\x63\xed\xa0\x80"), "qr.payload"),
    "nested deeply": (wrap(b"\xa1\x61a" + DEEP), "qr.limit"),
    "many items": (wrap(b"\xa1\x61a\x99\x60\x00" + bytes(0x6000)), "qr.limit"),
    "a bomb": (wrap(b"\xa1\x61a\x7a" + (2 * 10**6).to_bytes(4, "big") + b"A" * 2 * 10**6), "qr.limit"),
    "part of nothing": ("LZ1:1/0:00000000:" + GOOD[4:], "qr.base45"),
    "one of one": ("LZ1:1/1:00000000:" + GOOD[4:], "qr.parts"),
    "three of two": (PARTS[0].replace(f"1/{len(PARTS)}", "3/2", 1), "qr.parts"),
    "one of 99": (PARTS[0].replace(f"1/{len(PARTS)}", "1/99", 1), "qr.parts"),
    "a part missing": (PARTS[1:], "qr.parts"),
    "another total": ([PARTS[0], PARTS[1].replace(f"2/{len(PARTS)}", "2/9", 1)], "qr.parts"),
    "two contents of a part": ([PARTS[0], PARTS[0][:-1] + ("0" if PARTS[0][-1] != "0" else "1")], "qr.parts"),
    "parts and a whole": ([PARTS[0], GOOD], "qr.parts"),
    "far too many": (itertools.repeat(GOOD), "qr.limit"),
}


@pytest.mark.parametrize(("texts", "code"), BAD.values(), ids=BAD)
def test_bad_texts_are_refused_with_a_code_of_their_own(texts: Any, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        qr.decode(texts)
    assert caught.value.code == code


def test_a_bomb_in_several_parts_is_stopped_at_the_limit() -> None:
    packed = b"\xa1\x61a\x7a" + (10**7).to_bytes(4, "big") + b"A" * 10**7
    data = wrap(packed)[4:]
    name = hashlib.sha256(base45.decode(data)).hexdigest()[:8].upper()
    size = 4000
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert 2 <= len(chunks) <= payload.MAX_PARTS
    texts = [f"LZ1:{n}/{len(chunks)}:{name}:{chunk}" for n, chunk in enumerate(chunks, 1)]
    with pytest.raises(ProblemError) as caught:
        qr.decode(texts)
    assert caught.value.code == "qr.limit"


@given(st.text(alphabet=base45.ALPHABET, max_size=200))
def test_noise_behind_the_header_never_raises_anything_else(text: str) -> None:
    with pytest.raises(ProblemError):
        qr.decode("LZ1:" + text)


@given(st.binary(max_size=100))
def test_any_content_is_an_object_or_refused(packed: bytes) -> None:
    try:
        message = qr.decode(wrap(packed))
    except ProblemError as error:
        assert error.code.startswith("qr.")
    else:
        assert cbor2.dumps(message) == packed


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"a": b"bytes"}, "qr.payload"),
        ({1: "a"}, "qr.payload"),
        ({"a": float("nan")}, "qr.payload"),
        ({"a": "\ud800"}, "qr.payload"),
        ({"\udfff": "a"}, "qr.payload"),
        ({"a": 2**70}, "qr.payload"),
        ({"a": object()}, "qr.payload"),
        ({"a": {1, 2}}, "qr.payload"),
        ({"a": noise(40_000)}, "qr.limit"),
        ({"a": "x" * 300_000}, "qr.limit"),
        ({"a": [0] * 30_000}, "qr.limit"),
    ],
)
def test_what_can_not_be_carried_is_refused_when_encoding(message: Any, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        qr.encode(message)
    assert caught.value.code == code


def test_a_message_nested_without_end_is_refused_when_encoding() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(ProblemError) as caught:
        qr.encode(deep)
    assert caught.value.code == "qr.limit"


@pytest.mark.parametrize("capacity", [0, 99, 4297, -1])
def test_a_capacity_no_symbol_has_is_the_programs_error(capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity"):
        qr.encode({}, capacity=capacity)


def test_the_dictionary_is_frozen() -> None:
    assert zlib.adler32(DICTIONARY) == int.from_bytes(base45.decode(wrap(b"\xa0")[4:])[2:6], "big")
