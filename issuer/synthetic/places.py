"""Where synthetic people live, and which agencies serve them: Chengdu, Leshan, Mianyang, Chongqing."""

from __future__ import annotations

from dataclasses import dataclass

from vc.cards.codes import division, divisions_in

from .draw import Draw
from .names import street

__all__ = ["CITIES", "NUMBER_PREFIXES", "Place", "agency", "place"]

CITIES = ((45, "510100"), (18, "511100"), (17, "510700"), (20, "500000"))
"""How many of a hundred households live where."""

NUMBER_PREFIXES = {"51": "510199", "50": "500199"}
"""The division in identity numbers, by province: codes that were never allocated, so no number is a real person's."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address: county-level division and full text, and the police station that serves it."""

    division: str
    address: str
    station: str

    @property
    def province(self) -> str:
        """The province as two digits."""
        return self.division[:2]


def place(draw: Draw, city: str) -> Place:
    """An address in a city (prefecture code; ``500000`` for Chongqing)."""
    code = draw.pick(divisions_in(city))
    road = street(draw)
    house = f"{draw.between(1, 299)}号{draw.between(1, 18)}栋{draw.between(1, 4)}单元"
    house += f"{draw.between(1, 26)}{draw.between(1, 6):02}室"
    return Place(code, f"{division(code).full_name}{road}{house}", f"{agency(code)}{road}派出所")


def agency(code: str) -> str:
    """The public security organ of a county-level division: a city's branch, or a county's own bureau."""
    county = division(code)
    if not county.name.endswith("区"):
        return f"{county.name}公安局"
    city = division("500000" if code.startswith("50") else code[:4] + "00").name
    return f"{city}公安局{county.name}分局"
