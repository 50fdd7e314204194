"""The columns that an import file may have, and where each goes.

Datatypes, code lists and limits come from the card definitions; this table adds the headers in Chinese and where the
register keeps a fact. A fact that only another department's card names goes to that card's licence record: a new card
brings its own columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from vc.cards.definition import CARDS, CardDefinition, CardSet, ClaimDefinition, FieldDefinition, Label

from .register import DECLARED

__all__ = ["COMPUTED", "Column", "columns", "find_column", "header_key"]

PERSON, HOUSEHOLD, MEMBERSHIP, PERMIT, FACTS = "person", "household", "membership", "permit", "facts"

COMPUTED = DECLARED | {"portrait_digest", "portrait_media_type", "head_name", "member_count"}
"""Facts that the register works out by itself: no file states them."""

_REGISTER_CARDS = frozenset(
    {
        "ResidentIdentityCardCredential",
        "HouseholdRegisterCredential",
        "HouseholdMemberCredential",
        "ResidencePermitCredential",
    }
)

# fact -> where it is kept, the Chinese header, other headers that mean the same.
_HEADERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "citizen_identity_number": (PERSON, "公民身份号码", ("身份证号", "身份证号码", "身份号码", "公民身份证件编号")),
    "name": (PERSON, "姓名", ()),
    "sex": (PERSON, "性别", ()),
    "ethnic_group": (PERSON, "民族", ()),
    "birth_date": (PERSON, "出生日期", ()),
    "registered_division": (PERSON, "户籍行政区划", ("住址行政区划", "户籍区划代码")),
    "registered_address": (PERSON, "户籍住址", ("住址", "户籍地址", "常住户口所在地住址")),
    "life_status": (PERSON, "人员状态", ()),
    "phone": (PERSON, "联系电话", ("手机号", "手机号码", "电话")),
    "card_issuing_agency": (PERSON, "签发机关", ("身份证签发机关",)),
    "card_issuing_agency_division": (PERSON, "签发机关行政区划", ("身份证签发机关行政区划",)),
    "card_valid_from": (PERSON, "证件有效期起", ("有效期起",)),
    "card_valid_until": (PERSON, "证件有效期止", ("有效期止",)),
    "card_valid_long_term": (PERSON, "长期有效", ()),
    "household_number": (HOUSEHOLD, "户号", ()),
    "household_type": (HOUSEHOLD, "户别", ()),
    "registration_authority": (HOUSEHOLD, "户口登记机关", ()),
    "registration_authority_division": (HOUSEHOLD, "户口登记机关行政区划", ()),
    "household_issue_date": (HOUSEHOLD, "户口簿签发日期", ()),
    "address_changes": (HOUSEHOLD, "住址变动登记", ()),
    "relationship_to_head": (MEMBERSHIP, "与户主关系", ("户主或与户主关系",)),
    "residence_permit_number": (PERMIT, "居住证编号", ("居住证号",)),
    "residence_division": (PERMIT, "居住地行政区划", ()),
    "residence_address": (PERMIT, "居住地住址", ("居住地址",)),
    "permit_issuing_agency": (PERMIT, "居住证签发机关", ()),
    "permit_issuing_agency_division": (PERMIT, "居住证签发机关行政区划", ()),
    "permit_issue_date": (PERMIT, "居住证签发日期", ()),
    "endorsed_on": (PERMIT, "签注日期", ()),
    "endorsed_until": (PERMIT, "签注有效期至", ()),
    "continuous_residence_since": (PERMIT, "连续居住起始日期", ()),
}

_BESIDE_CARDS = {
    "life_status": FieldDefinition(
        term="lifeStatus",
        iri="",
        label=Label("人员状态", "Status of person"),
        datatype="string",
        values=("living", "deceased", "emigrated"),
    ),
    "phone": FieldDefinition(
        term="phone", iri="", label=Label("联系电话", "Phone"), datatype="string", format="phone", max_length=20
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A fact that a file may state. ``home`` is person, household, membership, permit, facts, or a card type."""

    fact: str
    home: str
    label: Label
    field: FieldDefinition
    many: bool
    headers: tuple[str, ...]
    card_type: str | None = None


def columns(cards: CardSet = CARDS) -> Mapping[str, Column]:
    """All columns of these cards' facts: fact -> Column."""
    return _columns(cards)


@cache
def _columns(cards: CardSet) -> Mapping[str, Column]:
    found: dict[str, Column] = {}
    for fact, beside in _BESIDE_CARDS.items():
        home, header, others = _HEADERS[fact]
        found[fact] = Column(fact, home, Label(header, beside.label.en), beside, False, (header, *others))
    for card in sorted(cards.values(), key=lambda card: card.type not in _REGISTER_CARDS):
        for fact, label, claim, field in _facts_of(card):
            if fact in COMPUTED or fact in found:
                continue
            home, header, others = _HEADERS.get(
                fact, (FACTS if card.type in _REGISTER_CARDS else card.type, label.zh, ())
            )
            found[fact] = Column(fact, home, Label(header, label.en), field, claim.many, (header, *others))
    return found


def _facts_of(card: CardDefinition) -> Iterable[tuple[str, Label, ClaimDefinition, FieldDefinition]]:
    for claim in card.claims.values():
        if isinstance(claim.source, str):
            yield claim.source, claim.label, claim, claim
        elif claim.source is not None:
            for field in claim.fields:
                if field.term in claim.source:
                    label = Label(claim.label.zh + field.label.zh, f"{claim.label.en}: {field.label.en}")
                    yield claim.source[field.term], label, claim, field


def header_key(text: str) -> str:
    """A header as it is looked up: no blanks, underscores, hyphens or brackets, lower case."""
    return re.sub(r"[\s_\-()（）*：:]", "", text).lower()


@cache
def _by_header(cards: CardSet) -> Mapping[str, Column]:
    """Header -> column. A header of this table wins; of those that follow from the cards, only one that is alone."""
    found: dict[str, Column] = {}
    for column in columns(cards).values():
        found[header_key(column.fact)] = column
        if column.fact in _HEADERS:
            found |= {header_key(header): column for header in column.headers}
    shared: dict[str, list[Column]] = {}
    for column in columns(cards).values():
        for name in {header_key(name) for name in (*column.headers, column.label.en, column.field.term)} - set(found):
            shared.setdefault(name, []).append(column)
    return found | {name: sharing[0] for name, sharing in shared.items() if len(sharing) == 1}


def find_column(header: str, cards: CardSet = CARDS) -> Column | None:
    """The column that a header names: its fact (``birth_date``, ``birthDate``), Chinese or English label."""
    return _by_header(cards).get(header_key(header))
