"""The formats that cards come in: one file a format, one table of formats.

FORMATS["dc+sd-jwt"]           a format, by the name that requests, offers, files and databases know it by
FORMATS.asked_for(envelope)    the format that a request names; JSON-LD where it names none
register(format)               one more, in a program; packages bring theirs by an entry point
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from did.installed import Installed

from .protocol import MAX_SHOWN, TOKEN, CardFormat, Chosen, Held, PendingCards, ShownCards, Unsecured

__all__ = [
    "FORMATS",
    "JSON_LD",
    "MAX_SHOWN",
    "TOKEN",
    "CardFormat",
    "Chosen",
    "Held",
    "PendingCards",
    "ShownCards",
    "Unsecured",
    "register",
]

JSON_LD: Final = "ldp_vc"
"""The format that every card has and that scenarios, trust lists and screens read. Requests don't name it."""

_MODULES = {
    JSON_LD: "json_ld",
    "dc+sd-jwt": "sd_jwt_vc",
}

_OF_WALLETS = b"liangzheng wallet"
"""How the texts begin by which a device key opens its wallet."""

# What a format has to state, and what it has to do.
_FACTS = ("label", "member", "discloses_besides", "device_signs", "needs_certificates")
_DOES = ("signs_with", "status_purposes", "published", "secure", "open", "verify_held", "prepare", "read")


class _Formats(Mapping[str, CardFormat]):
    """Name -> format. A format's module is loaded when it is first asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, CardFormat] = {}
        self._installed = Installed("liangzheng.card_formats", frozenset(_MODULES), self._fault)

    def __getitem__(self, name: str) -> CardFormat:
        found = self._loaded.get(name)
        if found is None:
            found = self._ours(name) if name in _MODULES else self._installed.get(name)
            if found is None:
                raise KeyError(name)
            self._loaded[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        yield from _MODULES
        yield from (name for name in self._loaded if name not in _MODULES)
        yield from (name for name in self._installed.names() if name not in self._loaded)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def usable(self) -> list[CardFormat]:
        """All that can be loaded, in the order of their names; JSON-LD is the first."""
        return [found for name in list(self) if (found := self.get(name)) is not None]

    def beside(self) -> list[CardFormat]:
        """Those that a card may come in beside JSON-LD."""
        return self.usable()[1:]

    def failures(self) -> str:
        """What is installed and can't be used, each with its reason; "" when there is none."""
        return self._installed.failures()

    def asked_for(self, envelope: object) -> CardFormat | None:
        """The format that a request names: JSON-LD for None; None for a name that no format beside it has."""
        if envelope is None:
            return self[JSON_LD]
        return self.get(envelope) if isinstance(envelope, str) and envelope != JSON_LD else None

    def add(self, made: CardFormat) -> None:
        fault = "the name is taken" if made.name in self else self._fault(made.name, made)
        if fault:
            raise ValueError(f"the card format {made.name!r} can't be registered: {fault}")
        self._loaded[made.name] = made

    def _ours(self, name: str) -> CardFormat:
        made: CardFormat = import_module("." + _MODULES[name], __name__).FORMAT
        return made

    def _fault(self, name: str, made: Any) -> str:
        """What keeps an object from being a format of that name; "" when nothing does."""
        missing = [fact for fact in _FACTS if not hasattr(made, fact)]
        missing += [work for work in _DOES if not callable(getattr(made, work, None))]
        if missing:
            return f"a card format that doesn't state or do {', '.join(missing)}"
        if getattr(made, "name", None) != name:
            return f"its own name is {getattr(made, 'name', None)!r}"
        if not all(_tells(form) for form in made.device_signs):
            return "device_signs has lengths, or beginnings of 8 bytes at least that are no other purpose's"
        taken = {self[ours].member for ours in _MODULES} | {other.member for other in self._loaded.values()}
        return f"the member {made.member!r} of messages is taken" if made.member in taken | {"attachments"} else ""


def _tells(form: int | bytes) -> bool:
    """Whether a form of what device keys sign keeps apart from what else they sign (``holder.web.device_proof``)."""
    return (
        form > 0 if isinstance(form, int) else len(form) >= 8 and not _OF_WALLETS.startswith(form[: len(_OF_WALLETS)])
    )


FORMATS: Final = _Formats()
"""Every format of cards that is known here: ours, and what other packages bring under ``liangzheng.card_formats``."""


def register(made: CardFormat) -> None:
    """Make a format known to this program. Raises ValueError: nothing replaces a format that is there."""
    FORMATS.add(made)
