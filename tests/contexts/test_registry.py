"""What a context URL means is fixed at installation: by digest, without a network."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pytest

import contexts
import vc
from contexts import CONTEXTS, ContextDigestError, ContextFormError, ContextRegistry, UnknownContextError

FOLDER = Path(contexts.__file__).parent
VCDM = "https://www.w3.org/ns/credentials/v2"
CARDS = "https://liangzheng.example/contexts/cards/v1"
MANIFESTS = sorted(FOLDER.glob("*/manifest.json"))


def entries() -> list[tuple[Path, dict[str, object]]]:
    return [(path.parent, entry) for path in MANIFESTS for entry in json.loads(path.read_bytes())["contexts"]]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a context was fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("url", sorted(CONTEXTS.urls()))
def test_every_installed_context_has_its_pinned_bytes(url: str) -> None:
    assert hashlib.sha256(CONTEXTS.raw(url)).hexdigest() == CONTEXTS.digest(url)
    assert "@context" in CONTEXTS.get(url)


@pytest.mark.parametrize(("folder", "entry"), entries(), ids=lambda value: str(value)[-30:])
def test_the_manifest_says_source_licence_and_digest_of_each_file(folder: Path, entry: dict[str, object]) -> None:
    assert entry["source"]
    assert entry["licence"]
    content = (folder / str(entry["file"])).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"]


def test_no_context_file_is_outside_a_manifest() -> None:
    named = {folder / str(entry["file"]) for folder, entry in entries()}
    assert named == set(FOLDER.glob("*/*.jsonld"))


def test_the_base_context_has_the_digest_that_the_recommendation_publishes() -> None:
    # VCDM 2.0 appendix B.1
    assert CONTEXTS.digest(VCDM) == "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"


def test_the_cards_context_is_frozen() -> None:
    # Credentials that were signed with it must always mean the same: never change this figure, make v2.
    assert CONTEXTS.digest(CARDS) == "c2f9de460abd2cab3b47aa97557330264e604232ab62bfb979efb08cf206b3ed"


def test_an_unknown_url_is_an_error_that_names_it() -> None:
    url = "https://elsewhere.example/v1"
    for ask in (CONTEXTS.get, CONTEXTS.raw, CONTEXTS.digest):
        with pytest.raises(UnknownContextError, match=r"https://elsewhere\.example/v1") as raised:
            ask(url)
        assert raised.value.url == url
        assert raised.value.code == "context.unknown"
    assert url not in CONTEXTS


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: content + b" ", id="a blank more"),
        pytest.param(lambda content: content[:-1], id="cut off"),
        pytest.param(lambda content: content.replace(b"schema.org/name", b"schema.org/nane", 1), id="one letter"),
        pytest.param(lambda content: content.replace(b"\n", b"\r\n"), id="other line ends"),
        pytest.param(lambda _: b"", id="empty"),
    ],
)
def test_manipulated_bytes_are_an_error_that_names_the_url(change, tmp_path: Path) -> None:
    path = tmp_path / "context.jsonld"
    path.write_bytes(change(CONTEXTS.raw(VCDM)))
    registry = ContextRegistry({VCDM: (CONTEXTS.digest(VCDM), path)})
    for ask in (registry.get, registry.raw):
        with pytest.raises(ContextDigestError, match=r"https://www\.w3\.org/ns/credentials/v2") as raised:
            ask(VCDM)
        assert raised.value.url == VCDM
        assert raised.value.code == "context.digest"


def test_a_context_whose_file_is_gone_is_an_error_that_names_the_url(tmp_path: Path) -> None:
    registry = ContextRegistry({VCDM: (CONTEXTS.digest(VCDM), tmp_path / "gone.jsonld")})
    with pytest.raises(ContextDigestError, match="credentials/v2"):
        registry.get(VCDM)


def test_one_more_context_is_an_explicit_act_with_its_digest() -> None:
    content = b'{"@context": {"term": "https://elsewhere.example/term"}}'
    url = "https://elsewhere.example/v1"
    more = CONTEXTS.with_context(url, content, hashlib.sha256(content).hexdigest())
    assert more.get(url) == json.loads(content)
    assert url not in CONTEXTS
    assert more.fingerprint != CONTEXTS.fingerprint


def test_a_context_with_another_digest_than_stated_is_refused() -> None:
    with pytest.raises(ContextDigestError, match=r"elsewhere\.example"):
        CONTEXTS.with_context("https://elsewhere.example/v1", b'{"@context": {}}', "0" * 64)


def test_a_known_url_never_gets_other_bytes() -> None:
    content = b'{"@context": {}}'
    with pytest.raises(ContextDigestError, match="credentials/v2"):
        CONTEXTS.with_context(VCDM, content, hashlib.sha256(content).hexdigest())
    same = CONTEXTS.raw(VCDM)
    assert CONTEXTS.with_context(VCDM, same, CONTEXTS.digest(VCDM)).raw(VCDM) == same


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'"@context"', b"[" * 100_000])
def test_bytes_that_are_no_context_are_refused(content: bytes) -> None:
    with pytest.raises(ContextFormError, match=r"elsewhere\.example") as raised:
        CONTEXTS.with_context("https://elsewhere.example/v1", content, hashlib.sha256(content).hexdigest())
    assert raised.value.code == "context.form"


def test_registries_that_mean_the_same_have_the_same_fingerprint() -> None:
    copied = ContextRegistry({url: (CONTEXTS.digest(url), CONTEXTS.raw(url)) for url in sorted(CONTEXTS.urls())})
    assert copied.fingerprint == CONTEXTS.fingerprint


@pytest.mark.parametrize("url", sorted(CONTEXTS.urls()))
def test_every_installed_context_resolves_from_the_registry_alone(url: str) -> None:
    # A context may import others: those have to be here, too.
    quads = vc.canonicalize({"@context": [url], "@id": "urn:example:a", "urn:example:says": {"@value": "b"}})
    assert quads.startswith("<urn:example:a> <urn:example:says> ")
