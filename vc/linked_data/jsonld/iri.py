"""IRIs: which texts may stand in N-Quads, and how a relative one is resolved (RFC 3986 section 5)."""

from __future__ import annotations

import re

__all__ = ["is_absolute", "is_keyword_like", "match_absolute", "match_absolute_utf8", "resolve"]

# An absolute IRI may not hold what N-Quads forbids in <>: otherwise an id could forge further quads.
_FORBIDDEN = r'\x00-\x20<>"{}|^`\\#'
_ABSOLUTE = r"([A-Za-z][A-Za-z0-9+.\-]*):[^%s]*(?:#[^%s]*)?\Z"
match_absolute = re.compile(_ABSOLUTE % ((_FORBIDDEN + r"\ud800-\udfff",) * 2)).match
"""Matches an absolute IRI that may be written between < and >; group 1 is the scheme."""
match_absolute_utf8 = re.compile((_ABSOLUTE % (_FORBIDDEN, _FORBIDDEN)).encode()).match
"""The same for a text in UTF-8."""

is_keyword_like = re.compile(r"@[A-Za-z]+\Z").match

_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", re.DOTALL)


def is_absolute(text: str) -> bool:
    """Whether the text is an absolute IRI, fit for N-Quads."""
    return match_absolute(text) is not None


def resolve(reference: str, base: str) -> str:
    """The reference resolved against an absolute base (RFC 3986 section 5.2, strict)."""
    scheme, authority, path, query, fragment = _split(reference)
    base_scheme, base_authority, base_path, base_query, _ = _split(base)
    if scheme is None:
        scheme = base_scheme
        if authority is None:
            authority = base_authority
            if not path:
                path = base_path
                query = base_query if query is None else query
            elif path.startswith("/"):
                path = _remove_dot_segments(path)
            else:
                path = _remove_dot_segments(_merge(base_authority, base_path, path))
        else:
            path = _remove_dot_segments(path)
    else:
        path = _remove_dot_segments(path)
    return "".join(
        (
            f"{scheme}:" if scheme is not None else "",
            f"//{authority}" if authority is not None else "",
            path,
            f"?{query}" if query is not None else "",
            f"#{fragment}" if fragment is not None else "",
        )
    )


def _split(text: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = _PARTS.match(text)
    if match is None:
        return None, None, text, None, None
    scheme, authority, path, query, fragment = match.groups()
    return scheme, authority, path, query, fragment


def _merge(base_authority: str | None, base_path: str, path: str) -> str:
    if base_authority is not None and not base_path:
        return "/" + path
    return base_path[: base_path.rfind("/") + 1] + path


def _remove_dot_segments(path: str) -> str:
    output: list[str] = []
    segments = path.split("/")
    last = len(segments) - 1
    for position, segment in enumerate(segments):
        if segment == ".":
            if position == last:
                output.append("")
        elif segment == "..":
            if len(output) > 1 or (output and output[0]):
                output.pop()
            if position == last:
                output.append("")
        else:
            output.append(segment)
    return "/".join(output)
