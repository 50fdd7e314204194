"""DeviceResponse and IssuerSigned as received (ISO/IEC 18013-5 sections 8.3.2.1.2.2 and 9.1.2), taken apart strictly.

Only form is judged here; nothing is believed. What nobody signed (the maps around the signatures) has the members of
the standard and no others, so that a reader who knows fewer and one who knows more read the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..envelope import cose
from ..problems import ProblemError
from .certificates import read_chain
from .encoding import at, decode, embedded, encode, encode_embedded, plain, problem, read_base64url
from .security_object import MAX_NAMESPACES, MobileSecurityObject, check_name, read_security_object

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = [
    "MAX_DOCUMENTS",
    "MAX_ELEMENTS",
    "MIN_RANDOM",
    "DeviceResponse",
    "DeviceSigned",
    "Document",
    "IssuerSigned",
    "IssuerSignedItem",
    "looks_like_response",
    "read_issuer_signed",
    "read_response",
]

MAX_DOCUMENTS: Final = 16
MAX_ELEMENTS: Final = 1024
"""The most elements of one document."""
MIN_RANDOM: Final = 16
"""The fewest random bytes of an element (section 9.1.2.5)."""
_MAX_ERRORS: Final = 256
# A map of two to four members; "version" is one of them, and the first that anybody writes.
_STARTS: Final = tuple(bytes((0xA0 | members,)) + b"\x67version" for members in (2, 3, 4))
_ITEM: Final = frozenset({"digestID", "random", "elementIdentifier", "elementValue"})


@dataclass(frozen=True, slots=True)
class IssuerSignedItem:
    """One element. ``encoded`` is the IssuerSignedItemBytes as received, of which the digest is taken."""

    digest_id: int
    random: bytes = field(repr=False)
    identifier: str
    value: Any = field(repr=False)
    encoded: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuerSigned:
    """What an authority issued, or the part of it that is shown: elements by namespace, and the signature on them.

    ``issuer_auth`` is the COSE_Sign1 as it was decoded, ``auth`` the same taken apart.
    """

    items: Mapping[str, tuple[IssuerSignedItem, ...]]
    issuer_auth: list[Any] = field(repr=False)
    auth: cose.CoseSign1 = field(repr=False)
    chain: tuple[Certificate, ...]
    security_object: MobileSecurityObject

    @property
    def elements(self) -> dict[str, dict[str, Any]]:
        """Namespace -> element -> value, as JSON."""
        return {name: {item.identifier: plain(item.value) for item in items} for name, items in self.items.items()}


@dataclass(frozen=True, slots=True)
class DeviceSigned:
    """What the device signed. ``name_spaces`` are the DeviceNameSpacesBytes as received, ``elements`` what is in them.

    ``signature`` is a COSE_Sign1 without its payload; None when the device authenticated by MAC.
    """

    name_spaces: bytes
    elements: Mapping[str, Mapping[str, Any]]
    signature: tuple[bytes, Mapping[Any, Any], bytes] | None


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a response. ``errors``: namespace -> element -> why it was not returned."""

    doc_type: str
    issuer_signed: IssuerSigned
    device_signed: DeviceSigned
    errors: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class DeviceResponse:
    """One response. ``document_errors``: the types of documents that were not returned, and why."""

    documents: tuple[Document, ...]
    document_errors: tuple[tuple[str, int], ...]
    status: int


def looks_like_response(data: bytes) -> bool:
    """Whether bytes can be a DeviceResponse, and no other form that this library verifies."""
    return data.startswith(_STARTS)


def read_response(data: bytes | str) -> DeviceResponse:
    """The DeviceResponse in CBOR, or in base64url as OpenID4VP sends it.

    Raises ProblemError (``mdoc.*``, ``envelope.*``, ``parse.limit``), and nothing else for any bytes or text.
    """
    value = _members(_opened(data, "the DeviceResponse"), {"version", "status"}, {"documents", "documentErrors"}, "")
    if value["version"] != "1.0":
        raise problem("mdoc.form", "only version 1.0 of a DeviceResponse is known", "/version")
    if type(value["status"]) is not int or value["status"] < 0:
        raise problem("mdoc.form", "status is a whole number", "/status")
    documents, errors = value.get("documents", []), value.get("documentErrors", [])
    for name, items in (("documents", documents), ("documentErrors", errors)):
        if not isinstance(items, list) or (name in value and not items):
            raise problem("mdoc.form", f"{name} is an array with one entry or more", "/" + name)
        if len(items) > MAX_DOCUMENTS:
            raise problem("parse.limit", f"at most {MAX_DOCUMENTS} {name} are read", "/" + name)
    return DeviceResponse(
        tuple(_document(item, f"/documents/{index}") for index, item in enumerate(documents)),
        tuple(entry for index, item in enumerate(errors) for entry in _codes(item, f"/documentErrors/{index}").items()),
        value["status"],
    )


def read_issuer_signed(data: bytes | str) -> IssuerSigned:
    """The IssuerSigned in CBOR, or in base64url as OpenID4VCI sends it. Raises ProblemError as ``read_response``."""
    return _issuer_signed(_opened(data, "the IssuerSigned"), "")


def _opened(data: bytes | str, what: str) -> Any:
    if isinstance(data, str):
        data = read_base64url(data, what)
    elif not isinstance(data, bytes | bytearray):
        raise problem("mdoc.form", f"{what} is bytes, or text in base64url")
    return decode(bytes(data), what)


def _members(value: Any, needed: set[str], possible: set[str], pointer: str) -> dict[str, Any]:
    """``value``, when it is a map with these members and no others."""
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | possible:
        names = ", ".join(sorted(needed)) + "".join(f", {name}?" for name in sorted(possible))
        raise problem("mdoc.form", f"a map with these members and no others: {names}", pointer)
    return value


def _document(value: Any, pointer: str) -> Document:
    value = _members(value, {"docType", "issuerSigned", "deviceSigned"}, {"errors"}, pointer)
    doc_type = check_name(value["docType"], "docType", pointer + "/docType")
    issuer_signed = _issuer_signed(value["issuerSigned"], pointer + "/issuerSigned")
    device_signed = _device_signed(value["deviceSigned"], pointer + "/deviceSigned")
    for name, elements in device_signed.elements.items():
        given = {item.identifier for item in issuer_signed.items.get(name, ())}
        for element in sorted(given & elements.keys()):
            where = at(at(pointer + "/deviceSigned/nameSpaces", name), element)
            raise problem("mdoc.element", "an element is signed by the authority and by the device", where)
    errors = {}
    if "errors" in value:
        errors = _errors(value["errors"], pointer + "/errors")
        for name, codes in errors.items():
            shown = {item.identifier for item in issuer_signed.items.get(name, ())}
            if shown & codes.keys():
                detail = "an element is shown and reported as not returned"
                raise problem("mdoc.element", detail, at(pointer + "/errors", name))
    return Document(doc_type, issuer_signed, device_signed, errors)


def _errors(value: Any, pointer: str) -> dict[str, dict[str, int]]:
    if not isinstance(value, dict) or not 0 < len(value) <= MAX_NAMESPACES:
        raise problem("mdoc.form", "errors is a map by namespaces", pointer)
    names = [check_name(name, "a namespace", pointer) for name in value]
    return {name: _codes(value[name], at(pointer, name)) for name in names}


def _codes(value: Any, pointer: str) -> dict[str, int]:
    if not isinstance(value, dict) or not 0 < len(value) <= _MAX_ERRORS:
        raise problem("mdoc.form", "errors are a map from names to codes", pointer)
    for name, code in value.items():
        check_name(name, "a name", pointer)
        if type(code) is not int:
            raise problem("mdoc.form", "the code of an error is a whole number", pointer)
    return value


# --- what the authority signed ---------------------------------------------------------------------------------------


def _issuer_signed(value: Any, pointer: str) -> IssuerSigned:
    value = _members(value, {"issuerAuth"}, {"nameSpaces"}, pointer)
    place = pointer + "/issuerAuth"
    auth = _sign1(value["issuerAuth"], place)
    if cose.X5CHAIN not in auth.unprotected:
        raise problem("envelope.header", "issuerAuth has no certificates (x5chain) in its unprotected header", place)
    chain = read_chain(auth.unprotected[cose.X5CHAIN], place)
    security_object = read_security_object(auth.payload, place + "/payload")
    items: dict[str, tuple[IssuerSignedItem, ...]] = {}
    if "nameSpaces" in value:
        items = _name_spaces(value["nameSpaces"], pointer + "/nameSpaces")
    return IssuerSigned(items, value["issuerAuth"], auth, tuple(chain), security_object)


def _sign1(value: Any, pointer: str, payload: bytes | None = None) -> cose.CoseSign1:
    """A COSE_Sign1 without a tag; ``payload`` is what stands elsewhere (detached). The header names the algorithm.

    ``cose.parse`` leaves ``x5chain`` and ``kid`` in the unprotected header. A ``kid`` is passed over: the certificate,
    and the device key in the security object, say whose key it is.
    """
    if not isinstance(value, list) or len(value) != 4:
        raise problem("mdoc.form", "a COSE_Sign1 is an array of four, without a tag", pointer)
    protected, unprotected, content, signature = value
    if payload is not None:
        if content is not None:
            raise problem("mdoc.form", "the payload of the device's signature is null", pointer)
        content = payload
    try:
        parsed = cose.parse(encode([protected, unprotected, content, signature]))
    except ProblemError as error:
        raise problem(error.code, error.problems[0].detail, pointer) from None
    if parsed.header.keys() != {cose.ALG}:
        raise problem("envelope.header", "the protected header has the algorithm and nothing else", pointer)
    return parsed


def _name_spaces(value: Any, pointer: str) -> dict[str, tuple[IssuerSignedItem, ...]]:
    if not isinstance(value, dict) or not value:
        raise problem("mdoc.form", "nameSpaces is a map with one namespace or more", pointer)
    if len(value) > MAX_NAMESPACES or sum(len(e) for e in value.values() if isinstance(e, list)) > MAX_ELEMENTS:
        raise problem("parse.limit", f"more than {MAX_NAMESPACES} namespaces or {MAX_ELEMENTS} elements", pointer)
    found = {}
    for name, entries in value.items():
        place = at(pointer, check_name(name, "a namespace", pointer))
        if not isinstance(entries, list) or not entries:
            raise problem("mdoc.form", "the elements of a namespace are an array with one or more", place)
        items = tuple(_item(entry, f"{place}/{index}") for index, entry in enumerate(entries))
        for what, keys in (
            ("an element", [item.identifier for item in items]),
            ("a digest id", [item.digest_id for item in items]),
        ):
            if len(set(keys)) != len(keys):
                raise problem("mdoc.element", f"{what} appears twice in a namespace", place)
        found[name] = items
    return found


def _item(value: Any, pointer: str) -> IssuerSignedItem:
    content = embedded(value)
    if content is None:
        raise problem("mdoc.form", "an element is a map, encoded once more (tag 24)", pointer)
    item = decode(content, "an element", pointer)
    if not isinstance(item, dict) or item.keys() != _ITEM:
        raise problem("mdoc.element", f"an element has the members {', '.join(sorted(_ITEM))}", pointer)
    number, random = item["digestID"], item["random"]
    if type(number) is not int or number < 0:
        raise problem("mdoc.element", "the digest id is a whole number", pointer)
    if not isinstance(random, bytes) or len(random) < MIN_RANDOM:
        raise problem("mdoc.element", f"random is {MIN_RANDOM} bytes or more", pointer)
    name = check_name(item["elementIdentifier"], "elementIdentifier", pointer)
    plain(item["elementValue"], pointer)
    return IssuerSignedItem(number, random, name, item["elementValue"], encode_embedded(content))


# --- what the device signed ------------------------------------------------------------------------------------------


def _device_signed(value: Any, pointer: str) -> DeviceSigned:
    value = _members(value, {"nameSpaces", "deviceAuth"}, set(), pointer)
    content = embedded(value["nameSpaces"])
    place = pointer + "/nameSpaces"
    if content is None:
        raise problem("mdoc.form", "the device's nameSpaces are a map, encoded once more (tag 24)", place)
    spaces = decode(content, "the device's nameSpaces", place)
    elements = {}
    if not isinstance(spaces, dict) or len(spaces) > MAX_NAMESPACES:
        raise problem("mdoc.form", f"the device's nameSpaces are a map with at most {MAX_NAMESPACES} entries", place)
    for name, entries in spaces.items():
        where = at(place, check_name(name, "a namespace", place))
        if not isinstance(entries, dict) or not 0 < len(entries) <= MAX_ELEMENTS:
            raise problem("mdoc.form", "the device's elements are a map with one or more", where)
        for element in entries:
            check_name(element, "an element", where)
        elements[name] = plain(entries, where)
    auth = value["deviceAuth"]
    if isinstance(auth, dict) and auth.keys() == {"deviceMac"}:
        return DeviceSigned(encode_embedded(content), elements, None)
    place = pointer + "/deviceAuth/deviceSignature"
    raw = _members(auth, {"deviceSignature"}, set(), pointer + "/deviceAuth")["deviceSignature"]
    signature = _sign1(raw, place, b"")
    if cose.X5CHAIN in signature.unprotected:
        raise problem("envelope.header", "a device has no certificate", place)
    return DeviceSigned(encode_embedded(content), elements, (raw[0], raw[1], raw[3]))
