"""The message that carries cards from a wallet to a verifier, in any format, with the portraits beside them.

    {"verifiablePresentation": {...},
     "attachments": {"<digestMultibase>": {"mediaType": "image/jpeg", "data": "<base64url without padding>"}}}

Each format (``vc.cards.formats``) has a member of its own in the place of ``verifiablePresentation``. What it carries
is signed by the device; an attachment is bound to it by the digest that a disclosed claim states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from did import multibase
from vc.model import subject_of
from vc.problems import Problem, ProblemError

from .definition import CARDS, CardSet
from .portrait import JPEG, MAX_PORTRAIT, check_portrait, digest_multibase, matches_digest

if TYPE_CHECKING:
    from .formats import CardFormat, ShownCards

__all__ = ["MAX_ATTACHMENTS", "MAX_MESSAGE", "Message", "build", "check_portraits", "portraits", "read"]

MAX_ATTACHMENTS: Final = 8
MAX_MESSAGE: Final = 2 * 1024 * 1024
"""Bytes of a whole message as JSON that are read at most."""

_MAX_DATA: Final = MAX_PORTRAIT * 4 // 3 + 4
_PRESENTATION: Final = "verifiablePresentation"


@dataclass(frozen=True, slots=True)
class Message:
    """Cards that are shown, and the attachments that came with them: digestMultibase -> bytes (all JPEG, digests
    checked).

    ``presentation`` is the presentation of JSON-LD cards. Of cards in another format (``cards``) it is one that nobody
    signed, of the credentials that these stand for: what scenarios, trust lists and screens read.
    """

    presentation: dict[str, Any]
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    cards: ShownCards | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, cards: ShownCards, attachments: Mapping[str, bytes]) -> Message:
        """The message of what a format read."""
        return cls(cards.presentation, attachments, cards)

    def shown(self, definitions: CardSet = CARDS) -> ShownCards:
        """The cards as their format reads them. Raises ProblemError (``message.form``) for what is no presentation."""
        if self.cards is not None:
            return self.cards
        from .formats import FORMATS, JSON_LD

        return FORMATS[JSON_LD].read(self.presentation, definitions)

    def to_dict(self) -> dict[str, Any]:
        """The message as JSON. ``attachments`` is left out when there is none."""
        result: dict[str, Any] = {_PRESENTATION: self.presentation}
        if self.cards is not None:
            from .formats import FORMATS

            result = {FORMATS[self.cards.format].member: self.cards.value}
        if self.attachments:
            result["attachments"] = {
                digest: {"mediaType": JPEG, "data": multibase.encode_base64url(content)}
                for digest, content in self.attachments.items()
            }
        return result


def build(shown: Mapping[str, Any] | ShownCards, attachments: Mapping[str, bytes] | Iterable[bytes] = ()) -> Message:
    """The message for a presentation, or for cards that a format read: of ``attachments`` it takes those that the
    disclosed portraits name, no others.

    ``attachments`` are bytes, or a mapping digest -> bytes. Raises ProblemError (``portrait.missing``,
    ``message.limit``, ``portrait.form``) when a disclosed portrait has no bytes, or bytes that do not fit.
    """
    presentation = shown if isinstance(shown, Mapping) else shown.presentation
    contents = attachments.values() if isinstance(attachments, Mapping) else attachments
    by_digest = {digest_multibase(content): content for content in contents}
    wanted: dict[str, bytes] = {}
    problems: list[Problem] = []
    for pointer, claim in portraits(presentation):
        content = next((c for c in by_digest.values() if matches_digest(c, claim.get("digestMultibase"))), None)
        found = check_portrait(claim, content, pointer=pointer)
        problems += found
        if content is not None and not found:
            wanted[str(claim["digestMultibase"])] = content
    if len(wanted) > MAX_ATTACHMENTS:
        problems.append(
            Problem("message.limit", f"a message has {MAX_ATTACHMENTS} attachments at most", "/attachments")
        )
    if problems:
        raise ProblemError(*problems)
    return Message(dict(presentation), wanted, None if isinstance(shown, Mapping) else shown)


def read(data: bytes | str | Mapping[str, Any], definitions: CardSet = CARDS) -> Message:
    """Read a message: JSON text, or a document parsed already. A bare presentation is a message without attachments.

    Raises ProblemError with every problem: ``parse.*`` for the JSON, ``message.form``, ``message.limit``,
    ``message.attachment`` for an attachment that is not what its digest says, and what the format says of cards that
    it can't read.
    """
    document = _parsed(data)
    other = _format_of(document)
    if other is None and _PRESENTATION not in document and "type" in document:
        return Message(dict(document))
    member = _PRESENTATION if other is None else other.member
    problems = [
        Problem("message.form", "a message has no such member", _pointer(name))
        for name in list(document)[:16]
        if name not in {member, "attachments"}
    ]
    carried = document.get(member)
    if other is None and not isinstance(carried, Mapping):
        problems.append(Problem("message.form", "the presentation must be an object", "/" + _PRESENTATION))
    attachments = _attachments(document.get("attachments", {}), problems)
    if problems:
        raise ProblemError(*problems)
    if other is None:
        return Message(dict(carried), attachments)  # type: ignore[arg-type]  # An object: looked at above.
    try:
        return Message.of(other.read(carried, definitions), attachments)
    except ProblemError as error:
        place = _pointer(member)
        raise ProblemError(*(p.at(place + p.pointer) for p in error.problems)) from None


def _format_of(document: Mapping[str, Any]) -> CardFormat | None:
    """The format beside JSON-LD whose member a message has, or None. No format is loaded for a message of JSON-LD."""
    if document.keys() <= {_PRESENTATION, "attachments"}:
        return None
    from .formats import FORMATS

    return next((known for known in FORMATS.beside() if known.member in document), None)


def _attachments(raw: object, problems: list[Problem]) -> dict[str, bytes]:
    attachments: dict[str, bytes] = {}
    if not isinstance(raw, Mapping):
        problems.append(Problem("message.form", "attachments must be an object", "/attachments"))
    elif len(raw) > MAX_ATTACHMENTS:
        problems.append(
            Problem("message.limit", f"a message has {MAX_ATTACHMENTS} attachments at most", "/attachments")
        )
    else:
        for digest, entry in raw.items():
            problem = _attach(str(digest), entry, attachments)
            if problem:
                problems.append(problem)
    return attachments


def portraits(presentation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The disclosed portraits of a presentation (untrusted form): JSON pointer and claim, in order."""
    credentials = presentation.get("verifiableCredential", [])
    several = isinstance(credentials, list)
    for index, credential in enumerate(credentials if several else [credentials]):
        subject = subject_of(credential) if isinstance(credential, Mapping) else None
        claim = subject.get("portrait") if subject is not None else None
        if isinstance(claim, Mapping):
            place = f"/verifiableCredential/{index}" if several else "/verifiableCredential"
            alone = "" if credential["credentialSubject"] is subject else "/0"
            yield f"{place}/credentialSubject{alone}/portrait", claim


def check_portraits(message: Message) -> list[Problem]:
    """Compare every disclosed portrait with the bytes beside it, and every attachment with the portraits.

    Returns the problems: ``portrait.missing``, ``portrait.digest``, ``portrait.form``, and ``message.attachment`` for
    bytes that nobody asked for.
    """
    problems: list[Problem] = []
    used: set[str] = set()
    for pointer, claim in portraits(message.presentation):
        digest = claim.get("digestMultibase")
        content = message.attachments.get(digest) if isinstance(digest, str) else None
        used.add(str(digest))
        problems += check_portrait(claim, content, pointer=pointer)
    problems += [
        Problem("message.attachment", "no disclosed claim states this digest", f"/attachments/{digest}")
        for digest in message.attachments
        if digest not in used
    ]
    return problems


def _parsed(data: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(data, Mapping):
        return data
    if len(data) > MAX_MESSAGE:
        raise ProblemError(Problem("message.limit", f"a message has {MAX_MESSAGE} bytes at most"))
    from vc import parsing

    return parsing.loads(data)


def _attach(digest: str, entry: object, attachments: dict[str, bytes]) -> Problem | None:
    pointer = _pointer("attachments", digest)
    if not isinstance(entry, Mapping) or set(entry) != {"mediaType", "data"} or not isinstance(entry["data"], str):
        return Problem("message.form", "an attachment has the members mediaType and data, no others", pointer)
    if entry["mediaType"] != JPEG:
        return Problem("message.form", f"an attachment is {JPEG}", pointer + "/mediaType")
    if len(entry["data"]) > _MAX_DATA:
        return Problem("message.limit", f"an attachment has {MAX_PORTRAIT} bytes at most", pointer + "/data")
    try:
        content = multibase.decode_base64url(entry["data"])
    except ValueError:
        return Problem("message.form", "data must be base64url without padding", pointer + "/data")
    if not matches_digest(content, digest):
        return Problem("message.attachment", "the bytes have another digest", pointer)
    attachments[digest] = content
    return None


def _pointer(*parts: str) -> str:
    return "".join("/" + part[:80].replace("~", "~0").replace("/", "~1") for part in parts)
