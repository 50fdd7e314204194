"""Cards as they look: each kind front and back, only what is given, and nothing that is believed about its form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import webshell.card_pictures as card_pictures
from vc.cards import CARDS
from webshell import card_picture, in_order

CLAIMS: dict[str, Any] = {
    "id": "did:key:z",
    "type": "Person",
    "name": "张伟",
    "sex": "1",
    "ethnicGroup": "01",
    "birthDate": "1985-02-14",
    "registeredAddress": {"administrativeDivision": "510104", "addressText": "示例路1号"},
    "citizenIdentityNumber": "510199198502140119",
    "portrait": {"digestMultibase": "z", "mediaType": "image/jpeg"},
    "issuingAgency": {"name": "锦江区分局", "administrativeDivision": "510104"},
    "cardValidFrom": "2020-05-01",
    "cardValidUntil": "2040-05-01",
    "drivingClass": ["C1", "D"],
    "plateNumber": "川A1",
}


def _credential(card_type: str, claims: Any) -> dict[str, Any]:
    return {"type": ["VerifiableCredential", card_type], "credentialSubject": claims}


def _html(picture: Any) -> str:
    folder = Path(card_pictures.__file__).parent / "templates"
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined
    )
    source = '{% from "card.html" import card_faces with context %}{{ card_faces(picture) }}'
    return pages.from_string(source).render(picture=picture, t=lambda zh, en: zh, lang="zh")


@pytest.mark.parametrize("card_type", list(CARDS))
def test_every_kind_of_card_has_a_layout_that_names_only_its_claims(card_type: str) -> None:
    layout = card_pictures._layouts()[card_type]
    terms = [term for side in ("front", "back") for row in layout[side] for e in row for term in e["term"].split("..")]
    assert set(terms) <= set(CARDS[card_type].claims)
    for side in ("front", "back"):
        for row in layout[side]:
            assert sum(entry["span"] for entry in row) <= 12


def test_an_identity_card_prints_its_dates_as_the_card_does() -> None:
    picture = card_picture(_credential("ResidentIdentityCardCredential", CLAIMS), portrait=b"\xff\xd8\xff")
    assert picture is not None and [face.side for face in picture.faces] == ["front", "back"]
    html = _html(picture)
    for text in (
        "1985 年 2 月 14 日",
        "2020.05.01-2040.05.01",
        "汉",
        "data:image/jpeg;base64,/9j/",
        "样本 · 非真实证件",
    ):
        assert text in html
    long_term = {**CLAIMS, "cardValidityLongTerm": True}
    del long_term["cardValidUntil"]
    assert "2020.05.01-长期" in _html(card_picture(_credential("ResidentIdentityCardCredential", long_term)))


def test_a_driving_licence_prints_codes_of_classes() -> None:
    assert ">C1 D<" in _html(card_picture(_credential("DrivingLicenceCredential", CLAIMS)))


def test_only_what_was_disclosed_is_drawn() -> None:
    picture = card_picture(_credential("ResidentIdentityCardCredential", {"name": "张伟"}), portrait=b"\xff\xd8\xff")
    assert picture is not None and picture.portrait is None
    html = _html(picture)
    assert "张伟" in html and "公民身份号码" not in html and "data:image" not in html


def test_a_state_is_drawn_across() -> None:
    picture = card_picture(_credential("ResidentIdentityCardCredential", CLAIMS), state="suspended")
    assert "已暂停" in _html(picture) and "card-is-suspended" in _html(picture)


def test_claims_are_text_never_markup() -> None:
    evil = '<img src=x onerror="alert(1)">'
    claims = {**CLAIMS, "name": evil, "registeredAddress": {"addressText": evil}, "drivingClass": [evil]}
    for card_type in CARDS:
        assert "<img src=x" not in _html(card_picture(_credential(card_type, claims), portrait='x" onerror="y'))


def test_a_card_without_a_layout_gets_one_from_its_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_pictures, "_layouts", dict)
    picture = card_picture(_credential("ResidentIdentityCardCredential", CLAIMS))
    assert picture is not None and picture.theme == "plain" and "张伟" in _html(picture)


@pytest.mark.parametrize("credential", [{}, {"type": "Nothing"}, {"type": 7}, {"type": list(CARDS)}])
def test_what_is_no_known_card_has_no_picture(credential: dict[str, Any]) -> None:
    assert card_picture(credential) is None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(list(CARDS)), st.dictionaries(st.sampled_from(list(CLAIMS)), _VALUES) | _VALUES)
def test_any_claims_are_drawn_or_left_out(card_type: str, claims: Any) -> None:
    picture = card_picture(_credential(card_type, claims))
    assert picture is not None
    _html(picture)


def test_cards_stand_in_the_order_in_which_people_look_for_them() -> None:
    types = in_order(sorted([*CARDS, "Unknown"]), lambda card_type: card_type)
    assert types[0] == "ResidentIdentityCardCredential" and types[-1] == "Unknown" and len(types) == len(CARDS) + 1
