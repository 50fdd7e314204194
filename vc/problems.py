"""Problem details (VCDM 2.0 section 7.1, Data Integrity section 4.7, Bitstring Status List section 3.2; RFC 9457).

Every problem has a stable ``code`` of ours, listed in ``PROBLEMS`` with the problem type of the specification it stands
under and a title in English and Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["PROBLEMS", "Problem", "ProblemError", "ProblemType"]

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"


class ProblemType(NamedTuple):
    """What a code stands for: the problem type URL of the specification, and a title in two languages."""

    type: str
    title: str
    title_zh: str


PROBLEMS: dict[str, ProblemType] = {
    # Parsing: before anything is believed.
    "parse.json": ProblemType(_VCDM + "PARSING_ERROR", "Not a JSON document", "不是有效的 JSON"),
    "parse.encoding": ProblemType(_VCDM + "PARSING_ERROR", "Not UTF-8 text", "不是 UTF-8 文本"),
    "parse.duplicate_key": ProblemType(_VCDM + "PARSING_ERROR", "A member appears twice", "成员重复"),
    "parse.limit": ProblemType(_VCDM + "PARSING_ERROR", "The document is over a limit", "文档超出限制"),
    "parse.form": ProblemType(_VCDM + "PARSING_ERROR", "Not a form that can be verified", "无法识别的文档形式"),
}
"""All problem codes. Each module that reports problems has its own section here."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where, and what to do.

    ``code`` is a key of ``PROBLEMS``, ``detail`` a sentence for people (no personal data beyond what the pointer
    names), ``pointer`` a JSON pointer (RFC 6901) into the document that was checked.
    """

    code: str
    detail: str
    pointer: str = ""

    @property
    def type(self) -> str:
        """The problem type URL of the specification."""
        return PROBLEMS[self.code].type

    @property
    def title(self) -> str:
        """The English title of the code."""
        return PROBLEMS[self.code].title

    def to_dict(self) -> dict[str, Any]:
        """The problem as JSON (RFC 9457 members, plus ``code``, ``pointer`` and the Chinese title)."""
        kind = PROBLEMS[self.code]
        return {
            "type": kind.type,
            "title": kind.title,
            "titleZh": kind.title_zh,
            "code": self.code,
            "detail": self.detail,
            "pointer": self.pointer,
        }


class ProblemError(ValueError):
    """Input of the caller's own that can't be used (issuing, deriving, presenting); carries every problem found."""

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise TypeError("a ProblemError needs at least one problem")
        super().__init__("; ".join(f"{p.code} at {p.pointer or '/'}: {p.detail}" for p in problems))
        self.problems = problems

    @property
    def code(self) -> str:
        """The code of the first problem."""
        return self.problems[0].code
