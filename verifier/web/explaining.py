"""What a tester pasted, whatever it is: found out, verified, explained, compared. Only ProblemError is raised for it.

The forms: a credential or presentation as JSON, a transport message (of a presentation or of cards in another format),
the text of QR symbols, a JWT or SD-JWT, COSE as hexadecimal or base64url, and an explanation that was copied before (to
compare with).
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import vc
from vc import qr
from vc.cards import CARDS, CardSet
from vc.cards.formats import FORMATS, CardFormat
from vc.checks.expectations import Expectations, PolicyArguments
from vc.explanation import explain, first_difference
from vc.needs import run
from vc.parsing import Limits, loads
from vc.problems import Problem, ProblemError
from vc.recognition import KINDS, open_input, recognise
from vc.verdict import Verdict

from ..answers import read_answer

__all__ = ["MAX_DOCUMENT", "Explained", "compare", "explained"]

_log = logging.getLogger(__name__)

MAX_DOCUMENT: Final = 512 * 1024
"""Characters of a document that is explained, at most."""

_LIMITS: Final = Limits(size=2 * MAX_DOCUMENT, depth=64, members=8_192)
_MESSAGE: Final = "message of "
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}\s*+)++\Z")
_JOSE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:~[A-Za-z0-9_.-]*+)*+\Z")
_BASE64: Final = re.compile(r"[A-Za-z0-9_-]{24,}\Z")
_KINDS: Final = {
    "presentation": "presentation",
    "jwt": "jwt",
    "jwt-presentation": "jwt",
    "sd-jwt": "sd-jwt",
    "cose": "cose",
}
_THEMSELVES: Final = frozenset({kind for kind, found in KINDS.items() if found.verifiable} | {"json", "unknown"})


@dataclass(frozen=True, slots=True)
class Explained:
    """One document explained: ``form`` names what it was, ``document`` is the JSON (None for envelopes).

    ``content`` has ``form``, ``contexts``, ``proofs`` and ``verdict`` (docs/conformance-jsonld.md names the values);
    ``verdict`` is the verdict itself, None for an explanation that was pasted.
    """

    form: str
    content: Mapping[str, Any]
    verdict: Verdict | None = None


def explained(text: str, expectations: PolicyArguments, cards: CardSet = CARDS) -> Explained:
    """Find out what ``text`` is, and explain it. Raises ProblemError when it is nothing that can be explained."""
    if len(text) > MAX_DOCUMENT:
        raise ProblemError(Problem("parse.limit", f"a document has {MAX_DOCUMENT:,} characters at most"))
    found = _read(text)
    try:
        result = _explained(found.form, found.document, expectations, cards)
        return replace(result, content={"found": found.place, **result.content}) if found.place else result
    except ProblemError:
        raise
    except Exception as error:  # An oversight of ours is a problem to show, like the tester's own.
        _log.error("explaining broke off: %s", type(error).__name__)
        detail = f"the explanation broke off ({type(error).__name__})"
        raise ProblemError(Problem("verification.internal", detail)) from None


def _explained(
    form: str, document: dict[str, Any] | str | bytes, expectations: PolicyArguments, known: CardSet
) -> Explained:
    if form == "explanation" and isinstance(document, Mapping):
        return Explained(form, document)
    expectations["explain"] = True
    if isinstance(document, dict) and _other_format(document) is not None:
        return _cards(form, document, expectations, known)
    verdict = vc.verify(document, **expectations)
    try:
        content = explain(document, **expectations)
    except ProblemError:
        if isinstance(document, dict):
            raise
        # No header was to be read: the verdict says why.
        summary = verdict.to_dict()
        content = {**dict(summary.pop("trace", None) or {}), "verdict": summary}
    return Explained(form, {"form": form, **content}, verdict)


def _cards(form: str, document: dict[str, Any], expectations: PolicyArguments, known: CardSet) -> Explained:
    """The message of cards that are no JSON-LD: one verdict as the counter gives it, and the values of each card."""
    cards = read_answer(document, known).cards
    verdict = run(cards.verification(Expectations(**expectations)))
    proofs = [
        {**proof, "pointer": f"/verifiableCredential/{index}{proof['pointer']}"}
        for index, card in enumerate(cards.documents())
        for proof in explain(card, **expectations)["proofs"]
    ]
    summary = verdict.to_dict()
    summary.pop("trace", None)
    return Explained(form, {"form": form, "contexts": {}, "proofs": proofs, "verdict": summary}, verdict)


def compare(ours: Explained, theirs: Explained) -> dict[str, Any] | None:
    """The first intermediate value in which two explanations differ, as JSON; None when all are equal."""
    found = first_difference(_values(ours), _values(theirs))
    return None if found is None else found.to_dict()


def _values(one: Explained) -> Mapping[str, Any]:
    """The explanation with the members that a comparison needs; an envelope's may have none of them."""
    proofs = one.content.get("proofs", [])
    return {"contexts": one.content.get("contexts", {}), "proofs": [{"pointer": "", **proof} for proof in proofs]}


class _Read(NamedTuple):
    """What was pasted: its form, what to explain, and where that stood in what it was wrapped in."""

    form: str
    document: dict[str, Any] | str | bytes
    place: dict[str, str] | None = None


def _read(text: str) -> _Read:
    lines = [line for line in text.replace("\r", "").split("\n") if line.strip()]
    if not lines:
        raise ProblemError(Problem("parse.form", "there is nothing to explain"))
    if qr.is_payload(lines[0]):
        return _Read("qr", _unwrapped(qr.decode(lines))[1])
    bare = text.strip()
    if bare.startswith("{"):
        form, document = _unwrapped(loads(bare, limits=_LIMITS))
        wrapped = form == "credential" and recognise(document).kind not in _THEMSELVES
        return _found(bare) if wrapped else _Read(form, document)
    if bare.startswith('"') and bare.endswith('"'):
        bare = bare[1:-1]
    if _JOSE.match(bare):
        return _Read("sd-jwt" if "~" in bare else "jwt", bare)
    if _HEX.match(bare):
        return _Read("cose", bytes.fromhex(bare))
    if _BASE64.match(bare):
        try:
            return _Read("cose", base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)))
        except (binascii.Error, ValueError):
            pass
    return _found(text)


def _found(text: str) -> _Read:
    """The one thing to explain in what is none of the usual forms: a wrapper, a badge. Raises ProblemError."""
    found = open_input(recognise(text))
    if not found.what.described.verifiable:
        loads(text.strip(), limits=_LIMITS)
        raise ProblemError(Problem("parse.form", "neither JSON, nor a JWT, SD-JWT, COSE or the text of QR symbols"))
    content = found.content
    if isinstance(content, str) and content.lstrip().startswith("{"):
        content = loads(content, limits=_LIMITS)
    place = {"kind": found.what.kind, "in": found.whole.kind, "pointer": found.pointer}
    return _Read(_KINDS.get(found.what.kind, "credential"), content, place if found.unwrapped else None)


def _unwrapped(document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The presentation in a transport message; everything else as it is, a message in another format, too."""
    presentation = document.get("verifiablePresentation")
    if isinstance(presentation, dict):
        return "message", presentation
    other = _other_format(document)
    if other is not None:
        return _MESSAGE + other.name, document
    if _is_explanation(document):
        return "explanation", document
    types = document.get("type")
    names = types if isinstance(types, list) else [types]
    return ("presentation" if "VerifiablePresentation" in names else "credential"), document


def _other_format(document: Mapping[str, Any]) -> CardFormat | None:
    """The format beside JSON-LD whose member a message has."""
    return next((known for known in FORMATS.beside() if known.member in document), None)


def _is_explanation(document: Mapping[str, Any]) -> bool:
    proofs = document.get("proofs")
    return (
        isinstance(proofs, list)
        and all(isinstance(proof, dict) for proof in proofs)
        and isinstance(document.get("contexts"), dict)
        and isinstance(document.get("verdict"), dict)
    )
