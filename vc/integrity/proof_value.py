"""Proof values: multibase signatures (Data Integrity 2.1), and the CBOR of selective disclosure suites, both strict."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import cbor2

import did.multibase
from did.errors import EncodingInvalid

from ..cbor import CborLimits, CborRefused, loads
from .suite import proof_problem

__all__ = [
    "check_bytes",
    "check_mandatory_pointers",
    "decode_array",
    "decode_base64url",
    "decode_components",
    "decode_signature",
    "encode_components",
    "encode_signature",
    "has_header",
]

MAX_PROOF_VALUE = 4 * 1024 * 1024
"""Characters of a proof value that are read at most."""

_LIMITS = CborLimits(items=100_000, depth=4, bignums=32)  # Scalars of BLS12-381 are the largest numbers.


def encode_signature(signature: bytes) -> str:
    """The signature as a proof value of the suites that sign a whole document: base58btc, prefix ``z``."""
    return did.multibase.encode(signature, "z")


def decode_signature(proof_value: str, length: int) -> bytes:
    """The ``length`` bytes of a base58btc proof value. Raises ProblemError (``proof.value``)."""
    if not proof_value.startswith("z"):
        raise proof_problem("proof.value", "the proof value is not base58btc (multibase prefix 'z')", "/proofValue")
    if len(proof_value) > 2 * length:
        raise proof_problem("proof.value", f"the proof value is not a signature of {length} bytes", "/proofValue")
    try:
        signature = did.multibase.decode(proof_value)
    except EncodingInvalid as error:
        raise proof_problem("proof.value", f"the proof value is not base58btc: {error}", "/proofValue") from None
    if len(signature) != length:
        detail = f"the proof value holds {len(signature)} bytes, a signature of this key has {length}"
        raise proof_problem("proof.value", detail, "/proofValue")
    return signature


def encode_components(header: bytes, components: list[Any]) -> str:
    """A proof value of a selective disclosure suite: ``u`` + base64url of header bytes and a CBOR array."""
    return did.multibase.encode(header + cbor2.dumps(components), "u")


def decode_components(proof_value: str, header: bytes, count: int) -> list[Any]:
    """The ``count`` components of a proof value that starts with ``header``.

    The CBOR (RFC 8949) has to be one definite, shortest-form array with nothing behind it, no tags and no repeated map
    keys; the order of map entries is free. Raises ProblemError (``proof.value``). The caller checks the components.
    """
    data = decode_base64url(proof_value)
    if data[: len(header)] != header:
        detail = f"the proof value starts with {data[: len(header)].hex()!r}, expected {header.hex()!r}"
        raise proof_problem("proof.value", detail, "/proofValue")
    return decode_array(data[len(header) :], count)


def has_header(proof_value: object, header: bytes) -> bool:
    """Whether ``proof_value`` is base64url text that starts with these three header bytes. Never raises."""
    return isinstance(proof_value, str) and proof_value[:5] == _text_of_header(header)


@lru_cache(maxsize=16)
def _text_of_header(header: bytes) -> str:
    return did.multibase.encode(header, "u")


def decode_array(encoded: bytes, count: int | Collection[int]) -> list[Any]:
    """The ``count`` items of one strict CBOR array (see ``decode_components``). Raises ProblemError.

    ``count`` may be several numbers, where a format allows for them.
    """
    try:
        components = loads(encoded, _LIMITS)
    except CborRefused as error:
        raise proof_problem("proof.value", f"the CBOR of the proof value: {error}", "/proofValue") from None
    if type(components) is not list:
        detail = "the proof value is not one plain CBOR array in the shortest form, without tags"
        raise proof_problem("proof.value", detail, "/proofValue")
    counts = (count,) if isinstance(count, int) else count
    if len(components) not in counts:
        detail = f"the proof value has {len(components)} components, expected {' or '.join(map(str, counts))}"
        raise proof_problem("proof.value", detail, "/proofValue")
    return components


def check_bytes(name: str, value: object, length: int | None = None) -> None:
    """Refuse a component that is no byte string, or not one of ``length`` bytes. Raises ProblemError."""
    if type(value) is not bytes or length not in (None, len(value)):
        what = "a byte string" if length is None else f"a byte string of {length} bytes"
        raise proof_problem("proof.value", f"{name} is not {what}", "/proofValue")


def check_mandatory_pointers(value: object) -> None:
    """Refuse a component that is no list of strings. Raises ProblemError."""
    if type(value) is not list or not all(type(pointer) is str for pointer in value):
        raise proof_problem("proof.value", "mandatoryPointers is not a list of strings", "/proofValue")


def decode_base64url(proof_value: str) -> bytes:
    """The bytes of a base64url proof value. Raises ProblemError (``proof.value``)."""
    if not proof_value.startswith("u"):
        raise proof_problem("proof.value", "the proof value is not base64url (multibase prefix 'u')", "/proofValue")
    if len(proof_value) > MAX_PROOF_VALUE:
        detail = f"the proof value is longer than {MAX_PROOF_VALUE} characters"
        raise proof_problem("proof.value", detail, "/proofValue")
    try:
        return did.multibase.decode(proof_value)
    except EncodingInvalid as error:
        raise proof_problem("proof.value", f"the proof value is not base64url: {error}", "/proofValue") from None
