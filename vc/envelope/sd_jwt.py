"""SD-JWTs (RFC 9901): compact and JSON serialisation, disclosing a part, key binding.

These are the general functions, for any SD-JWT and a key that is known already. Credentials are made with
``vc.issue_enveloped``, disclosed with ``vc.derive_enveloped`` and verified with ``vc.verify``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..problems import Problem, ProblemError
from ..quick_ways import quick_way
from . import quick_disclosures as quick
from .concealing import conceal
from .disclosures import DEFAULT_HASH, Disclosure, Revealed, digest_of, hash_name, reveal
from .disclosures import parse as parse_disclosures
from .jws import MAX_TEXT, Jws, compact, dumps, parse_compact, parse_parts, read_json
from .key_binding import KeyBinding, bind_text, confirmation_key, read_binding, seconds

if TYPE_CHECKING:
    from did import PublicKey, Signer

__all__ = [
    "KeyBinding",
    "SdJwt",
    "Shown",
    "bind",
    "bind_text",
    "confirmation_key",
    "disclose",
    "is_json_serialisation",
    "issue",
    "needed",
    "parse",
    "period",
    "seconds",
    "show",
    "verify",
]

_SKEW: Final = timedelta(seconds=60)


class SdJwt(NamedTuple):
    """An SD-JWT as received, with its payload and, in ``revealed``, what its disclosures make of it."""

    jws: Jws
    payload: dict[str, Any]
    disclosures: tuple[Disclosure, ...]
    revealed: Revealed
    issuer_signed: str
    binding: KeyBinding | None = None

    @property
    def claims(self) -> dict[str, Any]:
        """The processed payload."""
        return self.revealed.claims

    def compact(self, binding: str = "") -> str:
        """The compact serialisation (section 4): the JWT, every disclosure, and a key binding JWT or nothing."""
        return "~".join((self.issuer_signed, *(item.text for item in self.disclosures), binding))


class Shown(NamedTuple):
    """An SD-JWT with chosen disclosures, and no key binding yet: ``text`` ends in ``~``.

    ``hash_name`` is the hash of its digests; in ``claims`` is the ``cnf`` of the credential (and not every claim).
    """

    text: str
    hash_name: str
    claims: Mapping[str, Any]


def is_json_serialisation(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a JWS in flattened or general JSON serialisation (section 8)."""
    return "payload" in value and ("signature" in value or "signatures" in value)


def parse(value: str | Mapping[str, Any]) -> SdJwt:
    """An SD-JWT in compact or JSON serialisation, its form and digests checked, its signatures not.

    Raises ProblemError (``envelope.*``, ``sd_jwt.*``, ``parse.*``).
    """
    if isinstance(value, str):
        issuer_signed, texts, binding = _split(value)
        jws = parse_compact(issuer_signed)
        return _assembled(issuer_signed, jws, texts, binding, quick.read(jws.payload, texts))
    return _from_json(value)


def issue(
    payload: Mapping[str, Any],
    signer: Signer,
    *,
    disclosable: Iterable[str],
    header: Mapping[str, Any],
    random: Callable[[int], bytes],
    decoys: int = 0,
) -> str:
    """``payload`` signed by ``signer`` with what ``disclosable`` (JSON pointers) name hidden; compact, all disclosures.

    ``header`` has ``typ`` and what else the protected header is to hold. Raises ProblemError.
    """
    concealed, disclosures = conceal(payload, disclosable, random=random, decoys=decoys)
    jwt = compact(header, dumps(concealed), signer)
    return "~".join((jwt, *disclosures, ""))


def disclose(sd_jwt: str | Mapping[str, Any] | SdJwt, pointers: Iterable[str]) -> SdJwt:
    """The SD-JWT with those disclosures only that ``pointers`` need (section 7.2).

    A pointer (RFC 6901, into the payload with everything shown) selects the value with all that is in it, and what it
    stands in. Raises ProblemError; ``pointer.no_match`` names each pointer that matches nothing.
    """
    whole = sd_jwt if isinstance(sd_jwt, SdJwt) else parse(sd_jwt)
    disclosures = needed(whole, pointers)
    return whole._replace(disclosures=disclosures, revealed=reveal(whole.payload, disclosures), binding=None)


def needed(whole: SdJwt, pointers: Iterable[str]) -> tuple[Disclosure, ...]:
    """The disclosures that ``disclose`` keeps. Raises ProblemError as it does."""
    wanted = tuple(pointers)
    at_top = {f"/{item[1]}": item[0] for item in whole.revealed.at_top}
    if at_top and at_top.keys() >= set(wanted):
        texts = {at_top[pointer] for pointer in wanted}
        return tuple([item for item in whole.disclosures if item[0] in texts])
    problems = []
    by_pointer = {place.pointer: place for place in whole.revealed.places}
    chosen: set[str] = set()
    for pointer in wanted:
        found = by_pointer.get(pointer)
        if found is not None:
            chosen.add(found.disclosure.text)
            chosen.update(item.text for item in found.parents)
        elif not isinstance(pointer, str) or not pointer.startswith("/"):
            problems.append(Problem("pointer.form", "a pointer begins with '/'", str(pointer)[:200]))
        elif not _stands(whole, pointer):
            problems.append(Problem("pointer.no_match", "the pointer matches nothing", pointer[:200]))
    if problems:
        raise ProblemError(*problems)
    below = tuple(pointer + "/" for pointer in wanted)
    above = {pointer[:end] for pointer in wanted for end in range(1, len(pointer)) if pointer[end] == "/"}
    for place in whole.revealed.places:  # What is in a chosen value, and what a chosen value stands in.
        if place.pointer in above or place.pointer.startswith(below):
            chosen.add(place.disclosure.text)
            chosen.update(item.text for item in place.parents)
    return tuple(item for item in whole.disclosures if item.text in chosen)


@quick_way("shown disclosures")
def show(value: str | Mapping[str, Any] | SdJwt, pointers: Iterable[str]) -> Shown:
    """As ``disclose``, for who wants the text only."""
    wanted = tuple(pointers)
    if isinstance(value, str):
        issuer_signed, texts, binding = _split(value)
        jws = parse_compact(issuer_signed)
        usual = quick.read(jws.payload, texts)
        if usual is not None and not binding and "cnf" not in usual.names:
            chosen = usual.texts_at(wanted)
            if chosen is not None:
                return Shown("~".join((issuer_signed, *chosen, "")), DEFAULT_HASH, usual.payload)
        whole = _assembled(issuer_signed, jws, texts, binding, usual)
    else:
        whole = value if isinstance(value, SdJwt) else _from_json(value)
    kept = [item.text for item in needed(whole, wanted)]
    return Shown("~".join((whole.issuer_signed, *kept, "")), hash_name(whole.payload), whole.claims)


def bind(sd_jwt: SdJwt, signer: Signer, *, nonce: str, audience: str, now: datetime) -> str:
    """The SD-JWT in compact serialisation with a key binding JWT by ``signer`` (section 4.3), whose key ``cnf`` has."""
    return bind_text(sd_jwt.compact(), hash_name(sd_jwt.payload), signer, nonce=nonce, audience=audience, now=now)


def verify(
    sd_jwt: str | Mapping[str, Any],
    key: PublicKey,
    *,
    nonce: str | None = None,
    audience: str | None = None,
    require_key_binding: bool | None = None,
    now: datetime | None = None,
    skew: timedelta = _SKEW,
    max_age: timedelta | None = None,
) -> dict[str, Any]:
    """The processed payload of an SD-JWT that ``key`` signed (section 7.1 and, with key binding, 7.3).

    ``require_key_binding`` is by default whether a ``nonce`` or an ``audience`` was given; a key binding JWT that is
    there is verified in any case, with the key in ``cnf``. ``max_age`` limits the age of its ``iat``. ``exp`` and
    ``nbf`` are judged at ``now`` (aware; by default the system's time), give or take ``skew``.

    Raises ProblemError: ``proof.signature``, ``sd_jwt.*``, ``envelope.*``, ``period.*``, ``proof.challenge``,
    ``proof.domain``, ``parse.*``. What this returns says nothing about who holds ``key``.
    """
    moment = datetime.now(UTC) if now is None else now
    parsed = parse(sd_jwt)
    if not parsed.jws.verify(key):
        raise _problem("proof.signature", "the signature does not match the SD-JWT, or the algorithm not the key")
    problems = period(parsed.claims, moment, skew)
    required = require_key_binding if require_key_binding is not None else not (nonce is None and audience is None)
    if parsed.binding is not None:
        problems += _binding_problems(parsed, parsed.binding, nonce, audience, moment, skew, max_age)
    elif required:
        problems.append(Problem("sd_jwt.binding", "key binding is required, and there is none"))
    if problems:
        raise ProblemError(*problems)
    return parsed.claims


def period(claims: Mapping[str, Any], now: datetime, skew: timedelta) -> list[Problem]:
    """The problems with ``nbf`` and ``exp`` at ``now``: ``period.not_yet``, ``period.over``, ``envelope.claims``."""
    problems = []
    for name in ("nbf", "exp"):
        if name not in claims:
            continue
        when = seconds(claims[name])
        if when is None:
            problems.append(Problem("envelope.claims", f"{name} is a number of seconds", "/" + name))
        elif name == "nbf" and when > (now + skew).timestamp():
            problems.append(Problem("period.not_yet", "not valid yet", "/nbf"))
        elif name == "exp" and when < (now - skew).timestamp():
            problems.append(Problem("period.over", "no longer valid", "/exp"))
    return problems


def _binding_problems(
    parsed: SdJwt,
    binding: KeyBinding,
    nonce: str | None,
    audience: str | None,
    now: datetime,
    skew: timedelta,
    max_age: timedelta | None,
) -> list[Problem]:
    if not binding.covers:
        return [Problem("sd_jwt.binding", "the key binding is about another SD-JWT, or other disclosures")]
    if not binding.jws.verify(confirmation_key(parsed.claims)):
        return [Problem("sd_jwt.binding", "the key binding was not signed with the holder's key")]
    problems = []
    if nonce is not None and not hmac.compare_digest(binding.nonce.encode(), nonce.encode()):
        detail = f"the key binding answers the nonce {binding.nonce[:80]!r}, which is not the one expected"
        problems.append(Problem("proof.challenge", detail))
    if audience is not None and not hmac.compare_digest(binding.audience.encode(), audience.encode()):
        problems.append(
            Problem(
                "proof.domain",
                f"the key binding is for the audience {binding.audience[:120]!r}, expected is {audience[:120]!r}",
                detail_zh=f"密钥绑定的受众为“{binding.audience[:120]}”，预期为“{audience[:120]}”",
            )
        )
    if binding.issued_at > (now + skew).timestamp():
        problems.append(Problem("proof.created", "the key binding was made in the future"))
    if binding.expires is not None and binding.expires <= now.timestamp():
        problems.append(Problem("proof.expired", "the key binding has expired"))
    elif binding.not_before is not None and binding.not_before > (now + skew).timestamp():
        problems.append(Problem("proof.created", "the key binding is not valid yet"))
    elif max_age is not None and binding.issued_at < (now - max_age - skew).timestamp():
        problems.append(Problem("proof.expired", "the key binding is too old"))
    return problems


def _split(text: str) -> tuple[str, list[str], str]:
    """The JWT of the issuer, the disclosures, and the key binding JWT or nothing."""
    if len(text) > MAX_TEXT:
        raise ProblemError(Problem("parse.limit", f"{len(text):,} characters; at most {MAX_TEXT:,} are read"))
    issuer_signed, *texts = text.split("~")
    if not texts:
        raise _problem("sd_jwt.form", "an SD-JWT ends in '~' or in a key binding JWT")
    binding = texts.pop()
    if binding and "." not in binding:
        raise _problem("sd_jwt.form", "an SD-JWT ends in '~' or in a key binding JWT, and not in a disclosure")
    if "" in texts:
        raise _problem("sd_jwt.form", "two '~' in a row: there is no empty disclosure")
    return issuer_signed, texts, binding


def _from_json(value: Mapping[str, Any]) -> SdJwt:
    """Flattened or general JSON serialisation (section 8); of several signatures, there may be only one."""
    signatures = value.get("signatures", [value])
    if ("signatures" in value) == ("signature" in value) or not isinstance(signatures, list) or len(signatures) != 1:
        raise _problem("envelope.form", "a JWS as JSON has exactly one signature here")
    entry = signatures[0]
    if not isinstance(entry, Mapping):
        raise _problem("envelope.form", "a signature of a JWS as JSON is an object")
    payload, protected, signature = value.get("payload"), entry.get("protected"), entry.get("signature")
    if not (isinstance(payload, str) and isinstance(protected, str) and isinstance(signature, str)):
        raise _problem("envelope.form", "payload, protected and signature of a JWS as JSON are strings")
    texts, binding = _carried(value, entry)
    jws = parse_parts(protected, payload, signature)
    return _assembled(f"{protected}.{payload}.{signature}", jws, texts, binding, quick.read(jws.payload, texts))


def _carried(value: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[list[str], str]:
    """Disclosures and key binding: in the unprotected header, or beside it, where drafts before the RFC had them."""
    unprotected = entry.get("header", {})
    if not isinstance(unprotected, Mapping) or not unprotected.keys() <= {"disclosures", "kb_jwt", "kid"}:
        raise _problem("envelope.header", "the unprotected header has disclosures, kb_jwt and kid, and nothing else")
    if ("disclosures" in value or "kb_jwt" in value) and ("disclosures" in unprotected or "kb_jwt" in unprotected):
        raise _problem("envelope.form", "disclosures or key binding in two places")
    holder = value if "disclosures" in value or "kb_jwt" in value else unprotected
    texts, binding = holder.get("disclosures", []), holder.get("kb_jwt", "")
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts) or not isinstance(binding, str):
        raise _problem("envelope.header", "disclosures are an array of strings, kb_jwt is a string")
    return texts, binding


def _assembled(issuer_signed: str, jws: Jws, texts: list[str], binding: str, usual: quick.TopLevel | None) -> SdJwt:
    """All parts together; ``usual`` is what was made of payload and disclosures if these are of the usual form."""
    if usual is not None:
        payload, disclosures, name = usual.payload, usual.disclosures(), DEFAULT_HASH
    else:
        payload = read_json(jws.payload, "the payload")
        disclosures = parse_disclosures(texts)
        name = hash_name(payload) if binding else DEFAULT_HASH
    bound = read_binding(binding, digest_of("~".join((issuer_signed, *texts, "")), name)) if binding else None
    revealed = reveal(payload, disclosures) if usual is None else usual.revealed(disclosures)
    return SdJwt(jws, payload, disclosures, revealed, issuer_signed, bound)


def _stands(sd_jwt: SdJwt, pointer: str) -> bool:
    """Whether a pointer matches something of the payload with everything shown."""
    node: Any = sd_jwt.claims
    if any(place.pointer == pointer for place in sd_jwt.revealed.places):
        return True
    for token in pointer[1:].split("/"):
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and len(name) < 7 and int(name) < len(node):
            node = node[int(name)]
        else:
            return False
    return True


def _problem(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
