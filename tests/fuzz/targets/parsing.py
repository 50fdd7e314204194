"""JSON from outside, CBOR-LD, and what QR symbols carry."""

from __future__ import annotations

import json
from typing import Any

import cbor2

from vc import parsing
from vc.problems import ProblemError
from vc.qr import base45, cbor_ld, payload
from vc.qr.pictures import read_symbols
from vc.qr.symbols import draw, sheet

from .. import mutators, world
from ..target import Target, Violation, refused


@refused(ProblemError)
def _parse(data: bytes) -> None:
    document, text = parsing.loads_with_text(data)
    if json.loads(data) != document or json.loads(text) != document:
        raise Violation("another JSON parser reads something else")
    if parsing.loads(text) != document:
        raise Violation("the text that was written reads otherwise")
    twins: list[Any] = []
    json.loads(data, object_pairs_hook=lambda pairs: twins.append(len(pairs) != len(dict(pairs))) or dict(pairs))  # type: ignore[func-returns-value]
    if any(twins):
        raise Violation("a member given twice was accepted")


@refused(ProblemError)
def _cbor_ld(data: bytes) -> None:
    document = cbor_ld.decode(data)
    json.dumps(document)
    if data[3:5] == b"\x82\x01":
        try:
            again = cbor_ld.decode(cbor_ld.encode(document))
        except ProblemError:
            return  # What can be said in CBOR-LD by hand is more than what the encoder takes.
        if again != document:
            raise Violation("decoded, encoded and decoded again it is another document")


@refused(ProblemError)
def _qr(data: bytes) -> None:
    texts = data.decode("utf-8", "surrogateescape").splitlines()
    message = payload.decode(texts)
    if payload.decode(payload.encode(message)) != message:
        raise Violation("a message that is encoded again reads otherwise")


@refused(ProblemError)
def _base45(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    if base45.encode(base45.decode(text)) != text:
        raise Violation("two Base45 texts stand for the same bytes")


@refused(ProblemError)
def _picture(data: bytes) -> None:
    for text in read_symbols(data):
        if not isinstance(text, str):
            raise Violation("a symbol's text is no text")


TARGETS = (
    Target("parse", mutators.json_document, _parse),
    Target("cbor-ld", mutators.cbor, _cbor_ld),
    Target("qr-payload", mutators.qr, _qr),
    Target("base45", mutators.raw, _base45),
    Target("picture", mutators.raw, _picture),
)


def seeds() -> dict[str, dict[str, bytes]]:
    """Small inputs to begin with."""
    document = world.credential(world.LICENSOR.did)
    message = {
        "verifiablePresentation": {"type": ["VerifiablePresentation"], "holder": world.DEVICE.did},
        "n": [1, 2.5, None],
    }
    long = {"text": [f"{n * 7919 % 10007:05d}" for n in range(400)]}
    drawn = sheet(draw(payload.encode({"a": "王小明"})), scale=2)
    return {
        "parse": {
            "valid-credential.json": mutators.dumps(document),
            "valid-numbers.json": b'{"a":[1,1.5,-0,1e3,9007199254740991,1E-7],"b":{"\\u0062":"\\ud83d\\ude00"},"c":[]}',
            "refused-twice.json": b'{"type":"a","t\\u0079pe":"b"}',
            "refused-cut-off.json": b'{"a":"' + b'\\"' * 40,
        },
        "cbor-ld": {
            "valid-credential.cbor": cbor_ld.encode(document),
            "valid-plain.cbor": cbor_ld.encode(message, entry=0),
            "refused-bignum.cbor": cbor2.dumps(cbor2.CBORTag(0xCB1D, [2**70, {}])),
        },
        "qr-payload": {
            "valid-message.txt": "\n".join(payload.encode(message)).encode(),
            "valid-parts.txt": "\n".join(payload.encode(long, capacity=400)).encode(),
        },
        "base45": {"valid-text.txt": base45.encode(bytes(range(64))).encode(), "refused-group.txt": b"GGW"},
        "picture": {"valid-symbol.png": drawn},
    }
