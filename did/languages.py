"""Texts for people: which of a pair, Chinese and English, is shown, and how a further language comes in.

Every text stands in the code as a pair. The pair is also the key of a gettext catalogue (docs/adr/0007): ``msgctxt`` is
the Chinese text, ``msgid`` the English one. ``in_language`` is the one function that chooses; nothing else learns of a
new language. Catalogues are ``LANGUAGE.mo`` files in the folder that the variable ``LIANGZHENG_TEXTS`` names.
"""

from __future__ import annotations

import gettext
import logging
import os
import re
import struct
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

__all__ = ["BUILT_IN", "VARIABLE", "Catalogue", "in_language", "language_name", "language_tag", "languages"]

BUILT_IN: Final = ("zh", "en")
VARIABLE: Final = "LIANGZHENG_TEXTS"
_NAME: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_MAX_FILE: Final = 8 * 1024 * 1024
_CONTEXT_END: Final = "\x04"
_PLACE: Final = re.compile(r"\{([0-9])\}")
_LONGEST: Final = 4096
"""Characters of a text that patterns are tried on."""
_log = logging.getLogger("liangzheng.texts")


def in_language(zh: str, en: str, language: str) -> str:
    """The text in ``zh``, in ``en``, or in a language with a catalogue: where that has no entry, Chinese.

    Of a language that is not known here the text is English.
    """
    if language == "zh":
        return zh
    if language == "en":
        return en
    catalogue = _catalogues().get(language)
    return en if catalogue is None else catalogue.text(zh, en) or zh


def languages() -> tuple[str, ...]:
    """The languages that texts can be shown in: ``zh``, ``en``, and those that have a catalogue, as BCP 47 tags."""
    return (*BUILT_IN, *_catalogues())


def language_name(language: str) -> str:
    """A language's name in itself: the translation of the pair that says so in the two languages of the code."""
    name = in_language("中文", "English", language)
    return language if name == "中文" and language != "zh" else name


def language_tag(language: str) -> str:
    """What a page says that its language is (BCP 47): Chinese is that of the mainland."""
    return "zh-CN" if language == "zh" else language


class Catalogue:
    """Translations by pair. An entry whose key has ``{0}``, ``{1}`` stands for all texts with values in these places.

    ``entries`` maps (Chinese, English) to the translation.
    """

    def __init__(self, entries: Mapping[tuple[str, str], str]) -> None:
        self._exact = {pair: text for pair, text in entries.items() if text}
        self._patterns = [
            (_pattern(zh), _pattern(en), text) for (zh, en), text in self._exact.items() if _PLACE.search(en)
        ]
        self.text = lru_cache(maxsize=4096)(self._text)

    def _text(self, zh: str, en: str) -> str | None:
        """The translation, or None. A pattern counts when both texts match it with the same values."""
        found = self._exact.get((zh, en))
        if found is not None or max(len(zh), len(en)) > _LONGEST:
            return found
        for in_zh, in_en, text in self._patterns:
            match_en = in_en.fullmatch(en)
            match_zh = in_zh.fullmatch(zh) if match_en is not None else None
            if match_en is None or match_zh is None or match_en.groupdict() != match_zh.groupdict():
                continue
            values = match_en.groupdict()
            return _PLACE.sub(lambda place: values.get(f"v{place[1]}", place[0]), text)  # noqa: B023 - used at once
        return None

    @classmethod
    def read(cls, path: Path) -> Catalogue:
        """The catalogue in a compiled file (``.mo``). Raises OSError, ValueError for a file that is none."""
        if path.stat().st_size > _MAX_FILE:
            raise ValueError(f"{path.name} is larger than {_MAX_FILE} bytes")
        try:
            with path.open("rb") as file:
                return cls(dict(_entries(gettext.GNUTranslations(file))))
        except (ArithmeticError, LookupError, UnicodeError, struct.error) as error:
            raise ValueError(f"{path.name} is no catalogue: {error}") from None


def _pattern(text: str) -> re.Pattern[str]:
    """A text with places for values; each value is short, and the same wherever its number stands."""
    parts, seen = [], set()
    end = 0
    for place in _PLACE.finditer(text):
        name = f"v{place[1]}"
        parts += [re.escape(text[end : place.start()]), f"(?P={name})" if name in seen else f"(?P<{name}>.{{0,200}}?)"]
        seen.add(name)
        end = place.end()
    return re.compile("".join([*parts, re.escape(text[end:])]), re.DOTALL)


def _entries(translations: gettext.GNUTranslations) -> Iterator[tuple[tuple[str, str], str]]:
    # What the standard library read; it has no public way to list it.
    for key, text in translations._catalog.items():  # type: ignore[attr-defined]
        zh, mark, en = key.partition(_CONTEXT_END) if isinstance(key, str) else ("", "", "")
        if mark:
            yield (zh, en), text


@cache
def _catalogues() -> dict[str, Catalogue]:
    folder = os.environ.get(VARIABLE)
    found: dict[str, Catalogue] = {}
    for path in sorted(Path(folder).glob("*.mo")) if folder else ():
        if _NAME.fullmatch(path.stem) is None or path.stem in BUILT_IN:
            continue
        try:
            found[path.stem] = Catalogue.read(path)
        except (OSError, ValueError) as error:
            _log.warning("a catalogue of texts can't be used: %s", error)
    return found
