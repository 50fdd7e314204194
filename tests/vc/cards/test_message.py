"""Portraits beside their digests, and the message that carries a presentation."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from did import multibase
from vc.cards.message import MAX_ATTACHMENTS, MAX_MESSAGE, Message, build, check_portraits, portraits, read
from vc.cards.portrait import MAX_PORTRAIT, check_portrait, digest_multibase, matches_digest, portrait_claim
from vc.problems import ProblemError

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256))
OTHER = PHOTO + b"\x00"


def presentation(*photos: bytes) -> dict[str, Any]:
    return {
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [{"credentialSubject": {"portrait": portrait_claim(photo)}} for photo in photos],
    }


# --- portraits -------------------------------------------------------------------------------------------------------


def test_the_digest_is_a_sha2_256_multihash_in_base58btc() -> None:
    # Multihash sha2-256 of the empty string, a well-known value.
    assert digest_multibase(b"") == "zQmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"


@given(st.binary(max_size=200), st.sampled_from(["z", "u"]))
def test_a_digest_fits_its_bytes_in_both_encodings_and_no_others(content: bytes, base: Any) -> None:
    digest = multibase.encode(multibase.decode(digest_multibase(content)), base)
    assert matches_digest(content, digest)
    assert not matches_digest(content + b"\x00", digest)


@pytest.mark.parametrize(
    "digest", [None, 7, "", "z", "zQm", "f1220" + "00" * 32, "Qm" * 20, "z" * 10_000, "z0OIl", "u==="]
)
def test_what_is_no_digest_fits_nothing(digest: object) -> None:
    assert not matches_digest(PHOTO, digest)


def test_the_right_bytes_are_accepted() -> None:
    assert check_portrait(portrait_claim(PHOTO), PHOTO) == []


@pytest.mark.parametrize(
    ("claim", "content", "code"),
    [
        (portrait_claim(PHOTO), OTHER, "portrait.digest"),
        (portrait_claim(PHOTO), b"", "portrait.digest"),
        (portrait_claim(PHOTO), None, "portrait.missing"),
        (None, PHOTO, "portrait.form"),
        ("zQm", PHOTO, "portrait.form"),
        ({}, PHOTO, "portrait.digest"),
        ({"digestMultibase": digest_multibase(PHOTO)}, PHOTO, "portrait.form"),
        ({"digestMultibase": digest_multibase(PHOTO), "mediaType": "image/svg+xml"}, PHOTO, "portrait.form"),
        ({"digestMultibase": digest_multibase(b"<svg>"), "mediaType": "image/jpeg"}, b"<svg>", "portrait.form"),
        (
            {"digestMultibase": digest_multibase(PHOTO * 600), "mediaType": "image/jpeg"},
            PHOTO * 600,
            "portrait.form",
        ),
    ],
)
def test_other_bytes_and_forms_are_refused(claim: object, content: bytes | None, code: str) -> None:
    (problem,) = check_portrait(claim, content, pointer="/here")
    assert (problem.code, problem.pointer) == (code, "/here")


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8\xff" + b"x" * MAX_PORTRAIT])
def test_what_is_no_portrait_gets_no_claim(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"portrait|JPEG"):
        portrait_claim(content)


# --- messages --------------------------------------------------------------------------------------------------------


def test_a_message_comes_back_as_it_was_built() -> None:
    message = build(presentation(PHOTO, OTHER), [PHOTO, OTHER])
    text = json.dumps(message.to_dict())
    assert read(text) == read(text.encode()) == read(json.loads(text)) == message
    assert check_portraits(message) == []
    assert set(message.attachments.values()) == {PHOTO, OTHER}


def test_only_disclosed_portraits_travel() -> None:
    message = build(presentation(PHOTO), {digest_multibase(PHOTO): PHOTO, digest_multibase(OTHER): OTHER})
    assert list(message.attachments.values()) == [PHOTO]
    bare = build(presentation(), [PHOTO])
    assert bare.to_dict() == {"verifiablePresentation": presentation()}


def test_a_bare_presentation_is_a_message_without_attachments() -> None:
    assert read(json.dumps(presentation())) == Message(presentation())


def test_a_disclosed_portrait_without_its_bytes_can_not_be_sent() -> None:
    with pytest.raises(ProblemError) as raised:
        build(presentation(PHOTO, OTHER), [PHOTO])
    assert [(p.code, p.pointer) for p in raised.value.problems] == [
        ("portrait.missing", "/verifiableCredential/1/credentialSubject/portrait")
    ]


def test_missing_swapped_and_surplus_attachments_are_found() -> None:
    message = build(presentation(PHOTO), [PHOTO])
    assert [p.code for p in check_portraits(Message(message.presentation))] == ["portrait.missing"]
    digest = digest_multibase(PHOTO)
    assert [p.code for p in check_portraits(Message(message.presentation, {digest: OTHER}))] == ["portrait.digest"]
    surplus = Message(message.presentation, {**message.attachments, digest_multibase(OTHER): OTHER})
    assert [p.code for p in check_portraits(surplus)] == ["message.attachment"]


def _with(**change: Any) -> dict[str, Any]:
    return {**copy.deepcopy(build(presentation(PHOTO), [PHOTO]).to_dict()), **change}


def _attached(entry: object, digest: str = digest_multibase(PHOTO)) -> dict[str, Any]:
    return _with(attachments={digest: entry})


DATA = multibase.encode_base64url(PHOTO)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "parse.json"),
        (b"{", "parse.json"),
        (b"[]", "parse.form"),
        (b"\xff\xfe", "parse.encoding"),
        (b'{"verifiablePresentation":{},"verifiablePresentation":{}}', "parse.duplicate_key"),
        (b'{"a":' * 100_000, "parse.limit"),
        (b" " * (MAX_MESSAGE + 1), "message.limit"),
        ({}, "message.form"),
        ({"verifiablePresentation": "x"}, "message.form"),
        ({"verifiablePresentation": [presentation()]}, "message.form"),
        (_with(attachments=[]), "message.form"),
        (_with(attachments=None), "message.form"),
        (_with(extra=1), "message.form"),
        (_with(attachments={str(i): {} for i in range(MAX_ATTACHMENTS + 1)}), "message.limit"),
        (_attached(None), "message.form"),
        (_attached(DATA), "message.form"),
        (_attached({"data": DATA}), "message.form"),
        (_attached({"data": DATA, "mediaType": "image/png"}), "message.form"),
        (_attached({"data": DATA, "mediaType": "image/jpeg", "name": "x"}), "message.form"),
        (_attached({"data": DATA + "=", "mediaType": "image/jpeg"}), "message.form"),
        (_attached({"data": "+/+/", "mediaType": "image/jpeg"}), "message.form"),
        (_attached({"data": 7, "mediaType": "image/jpeg"}), "message.form"),
        (_attached({"data": "A" * (2 * MAX_PORTRAIT), "mediaType": "image/jpeg"}), "message.limit"),
        (_attached({"data": DATA, "mediaType": "image/jpeg"}, digest_multibase(OTHER)), "message.attachment"),
        (_attached({"data": DATA, "mediaType": "image/jpeg"}, "x/~y"), "message.attachment"),
    ],
)
def test_bad_messages_are_refused_with_a_code(data: Any, code: str) -> None:
    with pytest.raises(ProblemError) as raised:
        read(data)
    assert raised.value.code == code


@given(
    st.dictionaries(
        st.sampled_from(["verifiablePresentation", "attachments", "type", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
            max_leaves=6,
        ),
    )
)
def test_any_document_is_a_message_or_an_error_with_a_code(document: dict[str, Any]) -> None:
    try:
        message = read(document)
    except ProblemError as error:
        assert error.code.startswith("message.")
    else:
        list(portraits(message.presentation))
        check_portraits(message)
