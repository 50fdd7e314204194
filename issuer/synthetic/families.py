"""Families that fit together: ages, surnames, ethnic groups, relationships to the head (GB/T 4761)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vc.cards.calendar import add_years, age_on

from .draw import Draw
from .names import given_name, surname

__all__ = ["Member", "collective", "family"]

MALE, FEMALE = "1", "2"
HEAD, HUSBAND, WIFE, DAUGHTER_IN_LAW = "02", "11", "12", "38"
UNMARRIED, FIRST_MARRIAGE, WIDOWED, DIVORCED = "10", "21", "30", "40"

_SONS, _DAUGHTERS = ("22", "23", "24", "25", "26"), ("32", "33", "34", "35", "36")
_ONLY = {MALE: "21", FEMALE: "31"}
_PARENTS = {MALE: "51", FEMALE: "52"}
_SPOUSES_PARENTS = {(MALE, MALE): "55", (MALE, FEMALE): "56", (FEMALE, MALE): "53", (FEMALE, FEMALE): "54"}
_GRANDCHILDREN = {MALE: "41", FEMALE: "42"}

_ETHNIC_GROUPS = ((88, "01"), (4, "07"), (2, "04"), (2, "15"), (1, "33"), (1, "03"), (1, "06"), (1, "02"))


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a household."""

    surname: str
    given: str
    sex: str
    birth: date
    ethnic_group: str
    relationship: str
    marital_status: str

    @property
    def name(self) -> str:
        """The full name."""
        return self.surname + self.given


def family(draw: Draw, today: date) -> list[Member]:
    """A family household as of ``today``, the head first."""
    kind = draw.weighted(((42, _nuclear), (10, _with_parents), (8, _elders_with_son), (14, _couple_only)))
    other = draw.weighted(((74, kind), (12, _single), (7, _single_parent), (7, _elders)))
    return list(other(draw, today))


def collective(draw: Draw, today: date, size: int) -> list[Member]:
    """A collective household (of a school or an employer): unrelated members with one head."""
    people = [_person(draw, _born(draw, today, 18, 30), draw.pick((MALE, FEMALE)), set()) for _ in range(size)]
    return [replace(person, relationship=HEAD if i == 0 else "99") for i, person in enumerate(people)]


def _nuclear(draw: Draw, today: date) -> Iterator[Member]:
    head, spouse, taken = _couple(draw, today, 26, 58)
    yield from (head, spouse)
    yield from _children(draw, today, head, spouse, taken)


def _with_parents(draw: Draw, today: date) -> Iterator[Member]:
    head, spouse, taken = _couple(draw, today, 30, 52)
    yield from (head, spouse)
    yield from _children(draw, today, head, spouse, taken)
    child = spouse if draw.chance(0.2) else head
    father, mother = _parents_of(draw, child, taken)
    alone = draw.chance(0.35)
    for parent in (mother,) if alone else (father, mother):
        code = _PARENTS[parent.sex] if child is head else _SPOUSES_PARENTS[head.sex, parent.sex]
        yield replace(parent, relationship=code, marital_status=WIDOWED if alone else FIRST_MARRIAGE)


def _elders_with_son(draw: Draw, today: date) -> Iterator[Member]:
    head, spouse, taken = _couple(draw, today, 56, 72, head_sex=MALE)
    yield from (head, spouse)
    father, mother = head, spouse
    # Of parents old enough both, and by now at an age at which his wife is 20, be she five years younger.
    earliest = max(add_years(mother.birth, 21), add_years(father.birth, 22))
    birth = draw.day(earliest, min(add_years(mother.birth, 28), add_years(today, -25)))
    son = replace(_person(draw, birth, MALE, taken, head.surname, head.ethnic_group), relationship=_ONLY[MALE])
    wife = _spouse_of(draw, son, taken)
    yield replace(son, marital_status=FIRST_MARRIAGE)
    yield replace(wife, relationship=DAUGHTER_IN_LAW)
    for child in _children(draw, today, son, wife, taken):
        yield replace(child, relationship=_GRANDCHILDREN[child.sex])


def _couple_only(draw: Draw, today: date) -> Iterator[Member]:
    yield from _couple(draw, today, 25, 45)[:2]


def _elders(draw: Draw, today: date) -> Iterator[Member]:
    head, spouse, _ = _couple(draw, today, 62, 90)
    if draw.chance(0.4):
        yield replace(head, marital_status=WIDOWED)
    else:
        yield from (head, spouse)


def _single(draw: Draw, today: date) -> Iterator[Member]:
    person = _person(draw, _born(draw, today, 20, 60), draw.pick((MALE, FEMALE)), set())
    divorced = age_on(person.birth, today) > 30 and draw.chance(0.4)
    yield replace(person, relationship=HEAD, marital_status=DIVORCED if divorced else UNMARRIED)


def _single_parent(draw: Draw, today: date) -> Iterator[Member]:
    head, spouse, taken = _couple(draw, today, 30, 48)
    status = draw.weighted(((4, DIVORCED), (1, WIDOWED)))
    yield replace(head, marital_status=status)
    yield from _children(draw, today, head, spouse, taken)


def _couple(draw: Draw, today: date, low: int, high: int, head_sex: str = "") -> tuple[Member, Member, set[str]]:
    """A married couple, the head first, and the given names that are taken."""
    taken: set[str] = set()
    sex = head_sex or draw.weighted(((78, MALE), (22, FEMALE)))
    head = _person(draw, _born(draw, today, low, high), sex, taken)
    head = replace(head, relationship=HEAD, marital_status=FIRST_MARRIAGE)
    return head, _spouse_of(draw, head, taken), taken


def _spouse_of(draw: Draw, person: Member, taken: set[str]) -> Member:
    """Husbands are two years younger to five years older than their wives."""
    gap = timedelta(days=draw.between(-700, 1800))
    birth = person.birth + gap if person.sex == MALE else person.birth - gap
    group = person.ethnic_group if draw.chance(0.9) else draw.weighted(_ETHNIC_GROUPS)
    spouse = _person(draw, birth, FEMALE if person.sex == MALE else MALE, taken, ethnic_group=group)
    code = WIFE if spouse.sex == FEMALE else HUSBAND
    return replace(spouse, relationship=code, marital_status=FIRST_MARRIAGE)


def _children(draw: Draw, today: date, head: Member, spouse: Member, taken: set[str]) -> list[Member]:
    """One to three children: the mother at least 20 and the father at least 22, two years between births."""
    father, mother = (head, spouse) if head.sex == MALE else (spouse, head)
    earliest = max(add_years(mother.birth, 20), add_years(father.birth, 22)) + timedelta(days=300)
    birth = draw.day(earliest, earliest + timedelta(days=365 * 9))
    children = []
    for _ in range(draw.weighted(((55, 1), (37, 2), (8, 3)))):
        if birth >= today or age_on(mother.birth, birth) > 44:
            break
        sex = draw.pick((MALE, FEMALE))
        name = father.surname if draw.chance(0.95) else mother.surname
        group = father.ethnic_group if draw.chance(0.5) else mother.ethnic_group
        children.append(_person(draw, birth, sex, taken, name, group))
        birth += timedelta(days=draw.between(600, 2200))
    numbered = _numbered(draw, children)
    # Most of the grown-up ones have a household of their own.
    return [child for child in numbered if age_on(child.birth, today) < 27 or draw.chance(0.3)]


def _numbered(draw: Draw, children: list[Member]) -> list[Member]:
    """Relationship codes: an only child, or eldest, second, third son or daughter."""
    if len(children) == 1 and draw.chance(0.5):
        return [replace(children[0], relationship=_ONLY[children[0].sex])]
    codes = {MALE: iter(_SONS), FEMALE: iter(_DAUGHTERS)}
    return [replace(child, relationship=next(codes[child.sex])) for child in children]


def _parents_of(draw: Draw, child: Member, taken: set[str]) -> tuple[Member, Member]:
    mother_birth = child.birth - timedelta(days=draw.between(21 * 366, 32 * 365))
    father_birth = mother_birth - timedelta(days=draw.between(-300, 1500))
    father = _person(draw, father_birth, MALE, taken, child.surname, child.ethnic_group)
    return father, _person(draw, mother_birth, FEMALE, taken, ethnic_group=child.ethnic_group)


def _person(
    draw: Draw, birth: date, sex: str, taken: set[str], family_name: str = "", ethnic_group: str = ""
) -> Member:
    return Member(
        surname=family_name or surname(draw),
        given=given_name(draw, sex, taken),
        sex=sex,
        birth=birth,
        ethnic_group=ethnic_group or draw.weighted(_ETHNIC_GROUPS),
        relationship=HEAD,
        marital_status=UNMARRIED,
    )


def _born(draw: Draw, today: date, low: int, high: int) -> date:
    """A birth date of somebody from ``low`` to ``high`` years of age."""
    return draw.day(add_years(today, -high - 1) + timedelta(days=1), add_years(today, -low))
