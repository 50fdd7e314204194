from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from did import InvalidDid, InvalidDidUrl
from did.urls import DidUrl, is_did, parse_did, parse_did_url, resolve_reference

GOOD = ["did:key:z6Mk", "did:web:a.example%3A8443:b", "did:x1:a::b", "did:example:a.b-c_d%20", "did:a:" + "b" * 5000]
BAD: list[Any] = [
    "",
    "did",
    "did:",
    "did:web",
    "did:web:",
    "did:web:a:",
    "did::a",
    "did:Web:a",
    "DID:web:a",
    "did:we-b:a",
    "did:web:a b",
    "did:web:a%",
    "did:web:a%2",
    "did:web:a%zz",
    "did:web:ä",
    "did:web:a\n",
    " did:web:a",
    "did:web:a@b",
    "urn:web:a",
    "did:web:" + "a" * 70_000,
    "did:key:" + "a:" * 30_000,
    None,
    1,
    b"did:web:a",
    ["did:web:a"],
    {},
]


@pytest.mark.parametrize("did", GOOD)
def test_a_did_is_read(did: str) -> None:
    url = parse_did(did)
    assert str(url) == url.did == did
    assert did == f"did:{url.method}:{url.method_specific_id}"
    assert is_did(did)


@pytest.mark.parametrize(
    "did", [*BAD, *(good + tail for good in GOOD[:2] for tail in ("#", "#k", "?", "?a=b", "/", "/p"))]
)
def test_what_isnt_a_did_is_refused(did: Any) -> None:
    with pytest.raises(InvalidDid):
        parse_did(did)
    assert not is_did(did)


@pytest.mark.parametrize(
    ("url", "path", "query", "fragment"),
    [
        ("did:web:a", "", None, None),
        ("did:web:a#k", "", None, "k"),
        ("did:web:a#", "", None, ""),
        ("did:web:a?", "", "", None),
        ("did:web:a/", "/", None, None),
        ("did:web:a/b/../c", "/b/../c", None, None),
        ("did:web:a/b?service=s&relativeRef=%2Fx%3Fy#z?/:@", "/b", "service=s&relativeRef=%2Fx%3Fy", "z?/:@"),
    ],
)
def test_a_did_url_is_taken_apart(url: str, path: str, query: str | None, fragment: str | None) -> None:
    parts = parse_did_url(url)
    assert (parts.did, parts.path, parts.query, parts.fragment) == ("did:web:a", path, query, fragment)
    assert str(parts) == url


@pytest.mark.parametrize(
    "url", [*BAD, "did:web:a#b#c", "did:web:a?b`", "did:web:a/^", "did:web:a#ä", "did:web:a#%", "#k", "/p"]
)
def test_what_isnt_a_did_url_is_refused(url: Any) -> None:
    with pytest.raises(InvalidDidUrl):
        parse_did_url(url)


def test_parameters_are_decoded_once() -> None:
    assert parse_did_url("did:web:a?service=a%20b&&hl=%2525&x").parameters == {"service": "a b", "hl": "%25", "x": ""}


@pytest.mark.parametrize("query", ["a=1&a=2", "a=1&%61=2", "a=%ff"])
def test_parameters_that_could_be_read_two_ways_are_refused(query: str) -> None:
    with pytest.raises(InvalidDidUrl):
        _ = parse_did_url(f"did:web:a?{query}").parameters


@given(st.text(max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    for candidate in (text, "did:web:" + text):
        try:
            assert str(parse_did_url(candidate)) == candidate
        except InvalidDidUrl:
            assert not is_did(candidate)


@given(
    st.from_regex(
        r"did:[a-z0-9]{1,5}:[A-Za-z0-9._-]{1,20}(/[a-z]{1,3}){0,2}(\?[a-z]=[a-z])?(#[a-z]{1,3})?", fullmatch=True
    )
)
def test_every_did_url_comes_back(text: str) -> None:
    assert isinstance(parse_did_url(text), DidUrl)
    assert str(parse_did_url(text)) == text


@pytest.mark.parametrize(
    ("reference", "absolute"),
    [
        ("#k", "did:web:a#k"),
        ("?a=b#k", "did:web:a?a=b#k"),
        ("/p", "did:web:a/p"),
        ("did:web:b#k", "did:web:b#k"),
        ("https://x/", "https://x/"),
    ],
)
def test_references_are_resolved_against_the_did(reference: str, absolute: str) -> None:
    assert resolve_reference(reference, "did:web:a") == absolute
