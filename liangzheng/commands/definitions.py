"""Cards and scenarios from folders of one's own: ``--cards`` and ``--scenarios`` of a group of commands.

    liangzheng verifier --cards cards --scenarios scenarios request --scenario patrol-duty

The installed cards are known beside those of the folder, and the installed scenarios beside those of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from .. import terminal

if TYPE_CHECKING:
    from vc.cards import CardSet
    from vc.scenarios import ScenarioSet

__all__ = ["CARDS_VARIABLE", "SCENARIOS_VARIABLE", "card_set", "scenario_set", "with_cards", "with_scenarios"]

CARDS_VARIABLE: Final = "LIANGZHENG_CARDS"
SCENARIOS_VARIABLE: Final = "LIANGZHENG_SCENARIOS"

_Group = TypeVar("_Group", bound=Callable[..., Any])


def with_cards(group: _Group) -> _Group:
    """Give a group of commands the option ``--cards``."""
    return _option("cards", CARDS_VARIABLE, "Definitions of cards beside the installed ones.")(group)


def with_scenarios(group: _Group) -> _Group:
    """Give a group of commands the option ``--scenarios``."""
    return _option("scenarios", SCENARIOS_VARIABLE, "Scenarios beside the installed ones.")(group)


def card_set() -> CardSet:
    """The cards that this command knows. Ends the command when the folder's definitions can't be used."""
    from vc.cards import CARDS, load

    folder = _folder("cards")
    return CARDS if folder is None else _loaded(lambda: load(folder, cards=CARDS))


def scenario_set(cards: CardSet | None = None) -> ScenarioSet:
    """The scenarios that this command knows, which ask for ``cards``. Ends the command as ``card_set`` does."""
    from vc.scenarios import SCENARIOS, load

    folder = _folder("scenarios")
    if folder is None:
        return SCENARIOS
    known = card_set() if cards is None else cards
    return _loaded(lambda: load(folder, cards=known, scenarios=SCENARIOS))


def _option(name: str, variable: str, text: str) -> Callable[[_Group], _Group]:
    def keep(context: click.Context, _: click.Parameter, value: str | None) -> None:
        context.meta[_key(name)] = value

    return click.option(
        f"--{name}",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        envvar=variable,
        expose_value=False,
        callback=keep,
        help=f"{text} Default: {variable}.",
    )


def _folder(name: str) -> str | None:
    context = click.get_current_context(silent=True)
    found = None if context is None else context.meta.get(_key(name))
    return None if found is None else str(found)


def _key(name: str) -> str:
    return f"{__name__}.{name}"


_Set = TypeVar("_Set")


def _loaded(load: Callable[[], _Set]) -> _Set:
    from vc.cards import DefinitionError

    try:
        return load()
    except DefinitionError as error:
        terminal.fail(str(error))
