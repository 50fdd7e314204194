"""The vocabulary page (docs/vocabulary.md), in Chinese and English, made from the definitions and the code lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .codes import code_list
from .definition import CardDefinition, ClaimDefinition, FieldDefinition

__all__ = ["vocabulary_page"]

_INTRODUCTION = """# Vocabulary of the cards · 证照词汇表

This page is made from `vc/cards/definitions/*.json` by `python -m vc.cards.generate`; change those, not this.
本页由 `vc/cards/definitions/*.json` 生成，请勿直接修改。

*Disclosure · 披露*: **M** always disclosed · 始终披露; **S** selective · 选择性披露; **S!** selective and sensitive,
the wallet asks for it by itself · 选择性披露且敏感，单独征求同意.
*Need · 必需*: ● the issuer must state it · 签发时必填.
A *derived* claim is computed at issuance from others · *推导*项在签发时由其他项目计算.
An age claim is true or absent, never false; an age is reached on the birthday, 29 February on 1 March in a common year.
年龄项只有“真”或不出现；生日当天视为满岁，2月29日出生者平年于3月1日满岁。
"""


def vocabulary_page(cards: Mapping[str, CardDefinition]) -> str:
    """The page as Markdown text."""
    ordered = sorted(cards.values(), key=lambda card: card.licence_type_code)
    parts = [_INTRODUCTION]
    parts += ["\n".join(_card(card)) for card in ordered]
    parts.append("\n".join(_terms(ordered)))
    parts.append("\n".join(_code_lists(ordered)))
    return "\n".join(parts)


def _card(card: CardDefinition) -> Iterator[str]:
    placeholder = " (placeholder, not allocated · 占位，未分配)" if card.licence_type_code_placeholder else ""
    yield f"## {card.title.zh} · {card.title.en}\n"
    yield f"- Type · 类型: `{card.type}`; subject · 主体: `{card.subject_type}` {card.subject_label.zh}"
    yield f"- Department · 部门: {card.department.zh} · {card.department.en}"
    yield f"- Context · 上下文: <{card.context}>; schema: <{card.schema_url}>"
    yield f"- Lifetime of the electronic credential · 电子凭证有效期: {card.lifetime_days} days · 天"
    yield f"- E-licence type code · 证照类型代码: `{card.licence_type_code}`{placeholder}\n"
    yield "| term · 术语 | 中文 | English | datatype · 类型 | codes · 代码 | D | need · 必需 |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for claim in card.claims.values():
        yield (
            f"| `{claim.term}` | {claim.label.zh} | {claim.label.en} | {_datatype(claim)} | {_codes(claim)} "
            f"| {claim.disclosure} | {_need(claim)} |"
        )
        for field in claim.fields:
            texts = (f"↳ `{field.term}`", field.label.zh, field.label.en, _datatype(field), _codes(field), "", "")
            yield f"| {' | '.join(texts)} |"
    yield ""


def _datatype(field: FieldDefinition) -> str:
    many = " (0..n)" if isinstance(field, ClaimDefinition) and field.many else ""
    node = f" {field.node}" if isinstance(field, ClaimDefinition) and field.node else ""
    return field.datatype + node + many


def _codes(field: FieldDefinition) -> str:
    if field.codes == "divisions":
        return "GB/T 2260" + (f", {field.level}" if field.level else "")
    return f"[{field.codes}](#{field.codes.lower()})" if field.codes else (field.format or "")


def _need(claim: ClaimDefinition) -> str:
    if claim.derive is not None:
        return f"derived from · 推导自 `{'`, `'.join(claim.derive['from'])}`"
    return "●" if claim.required else ""


def _terms(cards: Iterable[CardDefinition]) -> Iterator[str]:
    yield "## Terms and their IRIs · 术语与 IRI\n"
    yield "| term · 术语 | IRI |\n| --- | --- |"
    seen: dict[str, str] = {}
    for card in cards:
        seen[card.type] = card.namespace + card.type
        seen[card.subject_type] = card.subject_iri
        for claim in card.claims.values():
            seen[claim.term] = claim.iri
            seen.update({f"{claim.term} / {field.term}": field.iri for field in claim.fields})
    for term in sorted(seen):
        yield f"| `{term}` | <{seen[term]}> |"
    yield ""


def _code_lists(cards: Iterable[CardDefinition]) -> Iterator[str]:
    names = {field.codes for card in cards for claim in card.claims.values() for field in (claim, *claim.fields)}
    yield "## Code lists · 代码表\n"
    yield "Administrative divisions (GB/T 2260) are six digits; the list in `vc/cards/codes.json` covers Sichuan and"
    yield "Chongqing, with its source and date. 行政区划代码见 `vc/cards/codes.json`，涵盖四川省和重庆市。\n"
    for name in sorted(name for name in names if name and name != "divisions"):
        yield f"### {name}\n"
        yield "| code · 代码 | 中文 | English |\n| --- | --- | --- |"
        for entry in code_list(name).values():
            yield f"| {entry.code} | {entry.zh} | {entry.en} |"
        yield ""
