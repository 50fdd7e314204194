"""What any role refuses: one type with a stable code, and the same sentence in Chinese and English.

    Refusal
    ├── StatedRefusal      says in English what is wrong, and in Chinese what kind of thing it is
    │   ├── DidError       identifiers and keys             (did.errors)
    │   ├── StatusUnavailable                               (vc.status)
    │   └── LedgerUnavailable                               (verifier)
    ├── ProblemError       problems with codes and pointers (vc.problems)
    ├── IssuerError        what an authority refuses        (issuer.errors)
    ├── HolderError        what a wallet refuses            (holder.errors)
    └── PageError          ends a request with a page       (webshell)

Commands, pages and APIs need to know this type only; what a role says beyond it is in its own subclasses.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from typing import Any, ClassVar

from .languages import in_language

__all__ = ["Refusal", "StatedRefusal"]


class Refusal(Exception):
    """Something that can't or won't be done. ``code`` is stable, for programs; ``zh`` and ``en`` say it to people.

    ``unusable`` tells input that can't be used as it is (a form, a file, a name: a command ends with 2) from what was
    understood and refused (it ends with 1).
    """

    code: str = "refused"
    unusable: bool = False

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en

    @property
    def label(self) -> tuple[str, str]:
        """The sentence in Chinese and in English."""
        return self.zh, self.en

    def in_language(self, language: str) -> str:
        """The sentence in ``zh``, ``en``, or a language that has a catalogue."""
        return in_language(self.zh, self.en, language)

    def lines(self, language: str) -> list[str]:
        """What a command prints: the code and the sentence."""
        return [f"{self.code}: {self.in_language(language)}"]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        # Constructors differ; what they made is what travels between processes.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class StatedRefusal(Refusal):
    """A refusal whose details are English, for whoever operates the machine; ``title_zh`` is the kind in Chinese."""

    title_zh: ClassVar[str] = "无法处理"

    def __init__(self, message: str) -> None:
        super().__init__(f"{self.title_zh}：{message}", message)
        self.message = message
