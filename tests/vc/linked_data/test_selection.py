"""Selective disclosure by provenance gives what the specifications' skolemising and framing give."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from vc.linked_data import LinkedDataError, Relabelled, select_json_ld, to_dataset

VECTORS = Path(__file__).parents[2] / "vectors"
PRC = VECTORS / "vc-di-ecdsa" / "ecdsa-sd-2023-prc"
BBS = sorted((VECTORS / "vc-di-bbs").glob("bbs-2023-*"))


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def mapping(value: dict[str, Any]) -> list[tuple[int, str]]:
    return [(index, line) for index, line in value["value"]]


def hmac_labels(labels: dict[str, str], key: bytes) -> dict[str, str]:
    def label(canonical: str) -> str:
        digest = hmac.new(key, canonical.encode(), hashlib.sha256).digest()
        return "u" + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    return {blank: label(canonical) for blank, canonical in labels.items()}


def shuffled_labels(labels: dict[str, str], key: bytes) -> dict[str, str]:
    ordered = sorted(hmac_labels(labels, key).items(), key=lambda item: item[1])
    by_digest = sorted(labels, key=lambda blank: hmac.new(key, labels[blank].encode(), hashlib.sha256).digest())
    assert len(ordered) == len(by_digest)
    text_order = sorted(hmac_labels(labels, key).values())
    hashed = hmac_labels(labels, key)
    return {blank: f"b{text_order.index(hashed[blank])}" for blank in labels}


@pytest.fixture
def prc() -> Relabelled:
    dataset = to_dataset(load(PRC / "unsigned.json"), provenance=True)
    key = bytes.fromhex(load(PRC / "SDKeyMaterial.json")["hmacKeyString"])
    return dataset.relabel(hmac_labels(dataset.canonicalize().labels, key))


def test_the_relabelled_lines_are_the_published_ones(prc: Relabelled) -> None:
    assert prc.lines == load(PRC / "addBaseDocHMACCanon.json")


def test_mandatory_pointers_select_the_published_lines(prc: Relabelled) -> None:
    expected = load(PRC / "addBaseTransform.json")
    indexes = prc.select(expected["mandatoryPointers"])
    assert [(index, prc.lines[index]) for index in indexes] == mapping(expected["mandatory"])


def test_selective_and_combined_pointers_select_the_published_lines(prc: Relabelled) -> None:
    groups = load(PRC / "derivedGroupIndexes.json")
    mandatory, selective = load(PRC / "mandatoryPointers.json"), load(PRC / "selectivePointers.json")
    assert prc.select(mandatory) == groups["mandatoryIndexes"]
    assert prc.select(selective) == [i for i in groups["combinedIndexes"] if i in prc.select(selective)]
    assert prc.select([*mandatory, *selective]) == groups["combinedIndexes"]


def test_the_reveal_document_is_the_published_one() -> None:
    pointers = load(PRC / "mandatoryPointers.json") + load(PRC / "selectivePointers.json")
    assert select_json_ld(load(PRC / "unsigned.json"), pointers) == load(PRC / "derivedUnsignedReveal.json")


def test_the_labels_of_the_reveal_document_are_the_published_ones(prc: Relabelled) -> None:
    pointers = load(PRC / "mandatoryPointers.json") + load(PRC / "selectivePointers.json")
    revealed = prc.canonicalize(prc.select(pointers))
    found = {revealed.labels[blank]: prc.labels[blank] for blank in revealed.labels}
    assert found == dict(load(PRC / "derivedDisclosureData.json")["labelMap"]["value"])


def test_the_canonical_form_of_the_selected_lines_is_that_of_the_reveal_document(prc: Relabelled) -> None:
    reveal = load(PRC / "derivedUnsignedReveal.json")
    pointers = load(PRC / "mandatoryPointers.json") + load(PRC / "selectivePointers.json")
    assert prc.canonicalize(prc.select(pointers)).lines == to_dataset(reveal).canonicalize().lines


@pytest.mark.parametrize("folder", BBS, ids=lambda folder: folder.name)
def test_bbs_groups_are_the_published_ones(folder: Path) -> None:
    document = load(folder / "unsigned.json")
    dataset = to_dataset(document, provenance=True)
    canonical = dataset.canonicalize()
    assert canonical.lines == load(folder / "addBaseDocCanon.json")
    key = bytes.fromhex(load(VECTORS / "vc-di-bbs" / "BBSKeyMaterial.json")["hmacKeyString"])
    relabelled = dataset.relabel(shuffled_labels(canonical.labels, key))
    assert relabelled.lines == load(folder / "addBaseDocHMACCanon.json")
    base = load(folder / "addBaseTransform.json")
    mandatory = relabelled.select(base["mandatoryPointers"])
    assert [(index, relabelled.lines[index]) for index in mandatory] == mapping(base["mandatory"])
    selective = load(folder / "selectivePointers.json")
    combined = relabelled.select([*base["mandatoryPointers"], *selective])
    reveal = load(folder / "derivedUnsignedReveal.json")
    assert select_json_ld(document, [*base["mandatoryPointers"], *selective]) == reveal
    assert relabelled.canonicalize(combined).lines == to_dataset(reveal).canonicalize().lines


V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
DOCUMENT = {
    "@context": [V2, EXAMPLES],
    "type": ["VerifiableCredential", "Thing"],
    "issuer": "did:example:issuer",
    "credentialSubject": {
        "id": "did:example:subject",
        "knows": [{"name": "A", "age": 1}, {"type": "Dog", "name": "B"}],
        "a/b": "slash",
        "a~b": "tilde",
        "note": {"@value": "Hallo", "@language": "de"},
        "seq": {"@list": ["x", "y"]},
        "nothing": None,
    },
}


@pytest.fixture
def thing() -> Relabelled:
    dataset = to_dataset(DOCUMENT, provenance=True)
    return dataset.relabel({blank: blank for blank in dataset.canonicalize().labels})


def short(relabelled: Relabelled, pointers: list[str]) -> list[str]:
    lines = "".join(relabelled.lines[index] for index in relabelled.select(pointers))
    for long in ("https://www.w3.org/ns/credentials/examples#", "https://www.w3.org/2018/credentials#"):
        lines = lines.replace(long, "")
    return [line.split(" ", 1)[1][:-2] for line in lines.splitlines()]


@pytest.mark.parametrize(
    "pointers",
    [
        ["/issuer"],
        ["/type"],
        ["/type/1"],
        ["/credentialSubject"],
        ["/credentialSubject/id"],
        ["/credentialSubject/knows"],
        ["/credentialSubject/knows/1"],
        ["/credentialSubject/knows/1/name", "/credentialSubject/knows/0/age"],
        ["/credentialSubject/a~1b", "/credentialSubject/a~0b"],
        ["/credentialSubject/note"],
        ["/credentialSubject/seq"],
        [""],
    ],
    ids=str,
)
def test_what_is_selected_is_the_canonical_form_of_the_selected_document(
    thing: Relabelled, pointers: list[str]
) -> None:
    reveal = select_json_ld(DOCUMENT, pointers)
    assert reveal is not None
    assert thing.canonicalize(thing.select(pointers)).lines == to_dataset(reveal).canonicalize().lines


def test_no_pointers_select_nothing(thing: Relabelled) -> None:
    assert thing.select([]) == []
    assert select_json_ld(DOCUMENT, []) is None


@pytest.mark.parametrize(
    ("pointer", "code"),
    [
        ("/nothing", "pointer.no_match"),
        ("/credentialSubject/knows/2", "pointer.no_match"),
        ("/credentialSubject/knows/-", "pointer.no_match"),
        ("/credentialSubject/knows/01", "pointer.no_match"),
        ("/credentialSubject/knows/+1", "pointer.no_match"),
        ("/credentialSubject/knows/99999999999999999999", "pointer.no_match"),
        ("/credentialSubject/knows/١", "pointer.no_match"),
        ("/issuer/x", "pointer.no_match"),
        ("issuer", "pointer.form"),
        ("/a~2b", "pointer.form"),
        ("/a~", "pointer.form"),
        ("/credentialSubject/seq/@list/0", "pointer.partial"),
        ("/credentialSubject/seq/@list", "pointer.partial"),
        ("/credentialSubject/note/@value", "pointer.partial"),
    ],
)
def test_a_pointer_that_selects_nothing_whole_is_named(thing: Relabelled, pointer: str, code: str) -> None:
    with pytest.raises(LinkedDataError) as caught:
        thing.select(["/issuer", pointer])
    assert caught.value.code == code
    assert repr(pointer) in str(caught.value)


def test_every_wrong_pointer_is_reported(thing: Relabelled) -> None:
    with pytest.raises(LinkedDataError) as caught:
        thing.select(["/no", "/issuer", "/neither"])
    assert [problem.pointer for problem in caught.value.problems] == ["/no", "/neither"]


@pytest.mark.parametrize(
    "pointers",
    [
        ["", "/no"],
        ["/credentialSubject", "/credentialSubject/no"],
        ["/credentialSubject/id", "/credentialSubject", "/credentialSubject/knows/2"],
        ["/type/2"],
        ["/credentialSubject/id/0", "/issuer"],
        ["/credentialSubject/knows/1", "/credentialSubject/knows/01"],
        ["/credentialSubject/knows/0", "/credentialSubject/knows/-1"],
        ["/credentialSubject/knows/name"],
        ["/credentialSubject/knows/9999999999"],
        ["/issuer/id"],
        ["/issuer", 1],
        ["/issuer", ["/type"]],
        ["/a~2"],
        [f"/{number}" for number in range(100)],
        ["/" + "x" * 5000],
    ],
    ids=lambda pointers: str(pointers)[:60],
)
def test_the_reveal_document_is_refused_for_a_pointer_that_matches_nothing(pointers: list[Any]) -> None:
    for _ in range(2):
        assert select_json_ld(DOCUMENT, ["/issuer"]) is not None
        with pytest.raises(LinkedDataError) as caught:
            select_json_ld(DOCUMENT, pointers)
        assert caught.value.code in ("pointer.no_match", "pointer.form")


def test_pointers_that_are_remembered_are_judged_by_the_document_at_hand() -> None:
    pointers = ["/credentialSubject/knows/1/name", "/issuer", "/credentialSubject/id"]
    for number in range(3):
        subject = {"id": "urn:a", "knows": [{"name": "A"}, {"type": "Dog", "name": str(number)}]}
        document = {"@context": V2, "issuer": f"urn:{number}", "credentialSubject": subject}
        expected = {**document, "credentialSubject": {"id": "urn:a", "knows": [subject["knows"][1]]}}  # type: ignore[index]
        assert select_json_ld(document, pointers) == expected
        with pytest.raises(LinkedDataError):
            select_json_ld({**document, "credentialSubject": {"id": "urn:a", "knows": [{"name": "A"}]}}, pointers)
        with pytest.raises(LinkedDataError):
            select_json_ld({**document, "credentialSubject": "urn:a"}, pointers)


def test_selecting_does_not_change_the_document() -> None:
    before = json.dumps(DOCUMENT)
    selected = select_json_ld(DOCUMENT, ["/credentialSubject/knows/1"])
    assert selected is not None
    selected["credentialSubject"]["knows"][0]["name"] = "changed"
    assert json.dumps(DOCUMENT) == before
