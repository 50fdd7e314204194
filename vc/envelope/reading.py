"""From whatever came in to an envelope that was opened: what form it is, and what it says. Nothing is believed yet.

What decides the form, in this order:

1. an object whose ``type`` is EnvelopedVerifiableCredential or -Presentation, and a ``data:`` URL: its media type;
2. an object with ``payload`` and ``signature`` or ``signatures``: an SD-JWT in JSON serialisation;
3. bytes that begin as CBOR does (tag 18, or an array of four), and their base64: COSE_Sign1;
4. text with ``~``: SD-JWT; text of three parts between dots: JWS.

Within these, the protected ``typ`` says what it is and has to be one of the known types; it is never guessed from the
payload. Two exceptions are read by the payload, because their specifications have it so: a JWT without ``typ``, or with
``JWT``, is a VC-JWT of VCDM 1.1 if it has a ``vc`` or ``vp`` claim; and a ``vc+sd-jwt`` with ``vct`` and without
``@context`` is an SD-JWT VC under its name of old.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes

from ..checks.envelope_policies import TYP_MISSING, allowing
from ..checks.envelope_profile import STRICT, EnvelopeProfile
from ..model import identifier_of, is_enveloped
from ..parsing import LIMITS
from ..problems import Problem, ProblemError
from ..superseded import superseded
from . import cose, sd_jwt
from .jws import MAX_TEXT, Jws, parse_compact, read_json
from .media_types import FORMS, JWT, Form, essence, form_of_media_type
from .sd_jwt import SdJwt

__all__ = ["Envelope", "is_envelope", "is_envelope_text", "read_envelope", "unbase64"]

_DATA: Final = re.compile(r"data:([A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+)(;base64)?,(.*)", re.DOTALL)
_MAX_ESCAPES: Final = 16_384
"""Characters of an envelope that may be escaped in a data: URL: only its few separators need be. Each takes memory."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_COSE_TEXT: Final = ("0oQ", "0oR", "hE", "hF")
_WRAPPER: Final = frozenset({"@context", "type", "id"})
_JSON_MEMBERS: Final = frozenset({"payload", "protected", "signature", "header", "disclosures", "kb_jwt"})
_GENERAL_MEMBERS: Final = frozenset({"payload", "signatures", "disclosures", "kb_jwt"})
_TEXT_START: Final = frozenset(b"{[ \t\r\n\xef")


class Envelope(NamedTuple):
    """An envelope that was opened.

    ``header`` has the JOSE names (``alg``, ``typ``, ``cty``, ``kid``) also for COSE. ``claims`` is the payload with the
    disclosures in place; ``document`` the credential or presentation in it (the claims themselves for an SD-JWT VC).
    ``chain`` is the value of ``x5c``. ``wrapper`` is the object with the ``data:`` URL, if there was one.
    """

    form: Form
    header: Mapping[str, Any]
    claims: dict[str, Any]
    signed: Jws | cose.CoseSign1
    sd_jwt: SdJwt | None = None
    wrapper: Mapping[str, Any] | None = None

    @property
    def kid(self) -> str | None:
        """The name of the key."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def chain(self) -> Any:
        """The certificates."""
        return self.header.get("x5c")

    @property
    def version_1_1(self) -> bool:
        """Whether it is a VC-JWT of VCDM 1.1, with the document in a claim."""
        return self.form.name == JWT.name

    @property
    def kind(self) -> str:
        """``credential`` or ``presentation``."""
        return self.form.kind or ("presentation" if "vp" in self.claims else "credential")

    @property
    def issuer(self) -> str | None:
        """Who issued it: ``issuer`` (``iss`` where there is no such member)."""
        found = None if not self.form.data_model else identifier_of(self._content.get("issuer"))
        return found or self._text("iss")

    @property
    def signed_by(self) -> str | None:
        """Who is said to have signed: ``iss``, else the issuer or, for a presentation, the holder."""
        member = "holder" if self.kind == "presentation" else "issuer"
        return self._text("iss") or identifier_of(self._content.get(member))

    @property
    def _content(self) -> Mapping[str, Any]:
        if not self.version_1_1:
            return self.claims
        inner = self.claims.get("vp" if "vp" in self.claims else "vc")
        return inner if isinstance(inner, Mapping) else {}

    def _text(self, name: str) -> str | None:
        value = self.claims.get(name)
        return value if isinstance(value, str) and value else None


def is_envelope(value: object) -> bool:
    """Whether a parsed object, bytes or text have to be read as an envelope rather than as a JSON document."""
    if isinstance(value, Mapping):
        return is_enveloped(dict(value)) or ("@context" not in value and sd_jwt.is_json_serialisation(value))
    if isinstance(value, bytes | bytearray | memoryview):
        first = bytes(value[:1])
        return bool(first) and first[0] not in _TEXT_START
    return isinstance(value, str) and is_envelope_text(value)


def is_envelope_text(text: str) -> bool:
    """Whether text can't be JSON (which begins with a brace) and so has to be an envelope."""
    return bool(text) and text[0] not in "{[ \t\r\n\ufeff"


def read_envelope(value: object, *, profile: EnvelopeProfile = STRICT) -> Envelope:
    """Open ``value``: text, bytes or an object for which ``is_envelope`` is true.

    Raises ProblemError (``envelope.*``, ``sd_jwt.*``, ``model.envelope``, ``parse.*``), and nothing else for any value.
    """
    if value.__class__ is not str and isinstance(value, Mapping):
        if is_enveloped(dict(value)):
            return _from_wrapper(value, profile)
        _check_members(value)
        return _from_sd_jwt(sd_jwt.parse(value), None, profile)
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        if cose.looks_like_cose(data):
            return _from_cose(cose.parse(data), None, profile)
        if len(data) > MAX_TEXT:
            raise ProblemError(Problem("parse.limit", f"{len(data):,} bytes; at most {MAX_TEXT:,} are read"))
        try:
            value = data.decode("ascii")
        except UnicodeDecodeError:
            raise _problem("parse.form", "neither JSON, nor an envelope as text, nor COSE") from None
    if not isinstance(value, str):
        raise _problem("parse.form", f"a {type(value).__name__} is no envelope")
    text = value.strip("\r\n \t") if len(value) <= MAX_TEXT else value
    if " " in text or "\n" in text or "\r" in text or "\t" in text:
        raise _problem("envelope.form", "white space inside of the envelope: was it broken over lines?")
    return _from_text(text, None, profile)


def _from_wrapper(wrapper: Mapping[str, Any], profile: EnvelopeProfile) -> Envelope:
    url = wrapper.get("id")
    if not isinstance(url, str):
        raise _problem("model.envelope", "the id of an envelope must be a data: URL", "/id")
    others = sorted(map(str, wrapper.keys() - _WRAPPER))
    if others:  # They are not the issuer's word, and stand where one would look for that.
        detail = f"an envelope has @context, type and id and nothing else, not {others[0]:.60}"
        raise _problem("model.envelope", detail, "/" + others[0][:100].replace("~", "~0").replace("/", "~1"))
    opened = _from_data_url(url, profile)
    types = wrapper.get("type")
    expected = "EnvelopedVerifiableCredential" if opened.kind == "credential" else "EnvelopedVerifiablePresentation"
    if types not in (expected, [expected]):
        raise _problem("model.envelope", f"the envelope holds another thing than its type says: {opened.kind}", "/type")
    return Envelope(opened.form, opened.header, opened.claims, opened.signed, opened.sd_jwt, wrapper)


def _from_data_url(url: str, profile: EnvelopeProfile) -> Envelope:
    if len(url) > MAX_TEXT:
        raise ProblemError(Problem("parse.limit", f"a URL of {len(url):,} characters"))
    match = _DATA.fullmatch(url)
    if match is None:
        raise _problem("model.envelope", "the id of an envelope must be a data: URL with a media type", "/id")
    media_type, base64_marker, text = match.groups()
    form = form_of_media_type(media_type)
    if form is None or not form.data_model:
        raise _problem("envelope.media_type", f"no credential is enveloped as {media_type[:60]!r}", "/id")
    if form.structure == "cose":
        if not base64_marker:
            raise _problem("envelope.form", "COSE in a data: URL is base64", "/id")
        return _from_cose(cose.parse(unbase64(text)), form, profile)
    if base64_marker:
        text = unbase64(text).decode("ascii", "replace")
    elif "%" in text:
        if text.count("%") > _MAX_ESCAPES:
            raise _problem("envelope.form", f"a data: URL with more than {_MAX_ESCAPES} escaped characters", "/id")
        text = unquote_to_bytes(text).decode("ascii", "replace")
    return _from_text(text, form, profile)


def _from_text(text: str, expected: Form | None, profile: EnvelopeProfile) -> Envelope:
    if text.startswith("data:") and expected is None:
        return _from_data_url(text, profile)
    if "~" in text:
        return _from_sd_jwt(sd_jwt.parse(text), expected, profile)
    if "." in text:
        jws = parse_compact(text)
        if _is_sd_jwt_type(jws.header) or (expected is not None and expected.structure == "sd-jwt"):
            raise _problem("sd_jwt.form", "an SD-JWT ends in '~' or in a key binding JWT")
        return _opened(jws, jws.header, read_json(jws.payload, "the payload"), None, expected, profile)
    if expected is None and text.startswith(_COSE_TEXT) and _BASE64.fullmatch(text):
        return _from_cose(cose.parse(unbase64(text)), None, profile)
    raise _problem("parse.form", "not a form that can be verified: neither JSON nor a JWT, SD-JWT or COSE")


def _check_members(value: Mapping[str, Any]) -> None:
    """A JWS as JSON has nothing that nobody signed but what belongs to the SD-JWT: disclosures and key binding."""
    entries = value.get("signatures", [value])
    known = _GENERAL_MEMBERS if "signatures" in value else _JSON_MEMBERS
    others = value.keys() - known
    for entry in entries if isinstance(entries, list) and "signatures" in value else []:
        others |= entry.keys() - _JSON_MEMBERS if isinstance(entry, Mapping) else set()
    if others:
        raise _problem("envelope.form", f"a member that no SD-JWT as JSON has: {min(map(str, others)):.60}")
    for entry in entries if isinstance(entries, list) else []:
        unprotected = entry.get("header") if isinstance(entry, Mapping) else None
        if isinstance(unprotected, Mapping) and "kid" in unprotected:
            raise _problem("envelope.header", "kid in the unprotected header, which nobody signed")


def _from_sd_jwt(parsed: SdJwt, expected: Form | None, profile: EnvelopeProfile) -> Envelope:
    return _opened(parsed.jws, parsed.jws.header, parsed.claims, parsed, expected, profile)


def _from_cose(signed: cose.CoseSign1, expected: Form | None, profile: EnvelopeProfile) -> Envelope:
    header = {
        name: signed.header.get(label, signed.unprotected.get(label))
        for name, label in (("alg", cose.ALG), ("cty", cose.CONTENT_TYPE), ("typ", cose.TYP), ("kid", cose.KID))
    }
    header["x5c"] = signed.header.get(cose.X5CHAIN, signed.unprotected.get(cose.X5CHAIN))
    header |= cose.header_claims(signed.header.get(cose.CWT_CLAIMS, {}))
    if isinstance(header["kid"], bytes):
        try:
            header["kid"] = header["kid"].decode()
        except UnicodeDecodeError:
            raise _problem("envelope.header", "the kid of a COSE envelope is UTF-8 text") from None
    present = {name: value for name, value in header.items() if value is not None}
    return _opened(signed, present, read_json(signed.payload, "the payload"), None, expected, profile)


def _opened(
    signed: Jws | cose.CoseSign1,
    header: Mapping[str, Any],
    claims: dict[str, Any],
    parsed: SdJwt | None,
    expected: Form | None,
    profile: EnvelopeProfile,
) -> Envelope:
    form = profile.form(_form(signed, header, claims, parsed, expected), header, claims)
    if form is None and "typ" not in header:
        form = _of_payload(signed, claims, parsed)
        if form is None or TYP_MISSING not in profile.policies:
            suffix = "" if form is None else f"; by its payload it would be {form.name}{allowing(TYP_MISSING)}"
            raise _problem("envelope.media_type", f"the envelope has no type (typ){suffix}")
    if form is None:
        raise _problem("envelope.media_type", _unknown_type(header.get("typ"), signed))
    if expected is not None and form is not expected:
        raise _problem("envelope.media_type", f"the envelope says {form.name}, its data: URL {expected.name}")
    content = header.get("cty")
    if content is not None and form.content not in (None, essence(content) if isinstance(content, str) else ""):
        raise _problem("envelope.media_type", f"the content is {content!r:.60} and should be {form.content}")
    return Envelope(form, header, profile.claims(form, claims), signed, parsed)


def _form(
    signed: Jws | cose.CoseSign1,
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    parsed: SdJwt | None,
    expected: Form | None,
) -> Form | None:
    typ = header.get("typ")
    structure = "cose" if isinstance(signed, cose.CoseSign1) else "jws" if parsed is None else "sd-jwt"
    if typ is None and expected is not None and expected is not JWT:
        form: Form | None = expected
    elif typ is None or (isinstance(typ, str) and essence(typ) == "jwt"):
        form = JWT if structure == "jws" and ("vc" in claims) != ("vp" in claims) else None
    else:
        form = FORMS.get(essence(typ)) if isinstance(typ, str) else None
    if form is None or form.structure != structure:
        return None
    if form.name == "vc+sd-jwt" and "vct" in claims and "@context" not in claims:
        return FORMS["dc+sd-jwt"]
    return form


def _of_payload(signed: Jws | cose.CoseSign1, claims: Mapping[str, Any], parsed: SdJwt | None) -> Form | None:
    """The form that a JWT without a type would have by its payload, which is a document of VCDM 2.0."""
    types = claims.get("type")
    if isinstance(signed, cose.CoseSign1) or parsed is not None or "@context" not in claims:
        return None
    for name in types if isinstance(types, list) else [types]:
        if name in ("VerifiableCredential", "VerifiablePresentation"):
            return FORMS["vc+jwt" if name == "VerifiableCredential" else "vp+jwt"]
    return None


def _unknown_type(typ: object, signed: Jws | cose.CoseSign1) -> str:
    name = essence(typ) if isinstance(typ, str) else None
    if (old := superseded("typ", name)) is not None:
        return old.sentence
    if name == "jwt" and not isinstance(signed, cose.CoseSign1):
        return f"{typ!r:.60} is the type of a JWT with a vc or vp claim; SD-JWTs are vc+sd-jwt, vp+sd-jwt or dc+sd-jwt"
    return f"{typ!r:.60} is not a type of credentials; there are {', '.join(FORMS)}"


def _is_sd_jwt_type(header: Mapping[str, Any]) -> bool:
    typ = header.get("typ")
    form = FORMS.get(essence(typ)) if isinstance(typ, str) else None
    return form is not None and form.structure == "sd-jwt"


def unbase64(text: str) -> bytes:
    """Base64 or base64url, padded or not: COSE has no text form of its own, so both are around."""
    if len(text) > LIMITS.size * 4 // 3 + 4:
        raise ProblemError(Problem("parse.limit", f"{len(text):,} characters of base64"))
    stripped = text.rstrip("=")
    if ("-" in text or "_" in text) and ("+" in text or "/" in text):
        raise _problem("envelope.form", "base64 of two alphabets")
    try:
        return base64.b64decode(
            stripped.replace("-", "+").replace("_", "/") + "=" * (-len(stripped) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        raise _problem("envelope.form", "not base64") from None


def _problem(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
