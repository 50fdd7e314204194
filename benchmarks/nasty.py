"""Inputs made to be dear: for each entrance, what costs most in so many bytes. The benchmark and the tests use them."""
# ruff: noqa: E501 - the names in XML are as long as they are

from __future__ import annotations

import copy
import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import did
import vc
from did.errors import DidError
from did.key_files import decrypt
from did.methods.webvh.history import read as read_log
from did.multibase import decode as decode_multibase
from did.multibase import encode_base64url
from did.strict_json import loads as strict_loads
from issuer.errors import ImportFileError, IssuerError
from issuer.sheets import read_sheet
from issuer.workbook_parts import Bounds, look_through
from vc.integrity import Environment
from vc.linked_data import LinkedDataError, canonicalize, canonicalize_nquads
from vc.model.schemas import SchemaChecker
from vc.needs import run
from vc.parsing import LIMITS, loads
from vc.problems import ProblemError
from vc.securing import add_proof
from vc.status import StatusList
from vc.status.token_status_list import TokenStatusList
from verifier.trust import TrustList
from verifier.web.explaining import explained

__all__ = ["INPUTS", "LARGE", "SMALL", "Input"]

SMALL, LARGE = 64 * 1024, 4 * 1024 * 1024
V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
_NOW = datetime(2026, 1, 31, tzinfo=UTC)
_REFUSALS = (ProblemError, LinkedDataError, DidError, IssuerError, ValueError)


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of input: ``make`` gives it for a size in bytes (at most), ``enter`` is what it is given to."""

    name: str
    enter: Callable[[Any], object]
    make: Callable[[int], Any]
    most: int = LARGE
    """The largest size that is of interest: beyond it there is nothing more to see."""

    def judge(self, made: Any) -> str:
        """Hand it in, and say in a word what the answer was. A refusal is one; all else that is raised is a defect."""
        try:
            result = self.enter(made)
        except _REFUSALS as error:
            problems = getattr(error, "problems", None)
            return problems[0].code if problems else str(getattr(error, "code", type(error).__name__))
        verdict = getattr(result, "verdict", result)
        problems = getattr(verdict, "problems", ())
        return problems[0].code if problems else "accepted"


INPUTS: dict[str, Input] = {}


def _input(enter: Callable[[Any], object], *, most: int = LARGE) -> Callable[[Callable[[int], Any]], Any]:
    def register(make: Callable[[int], Any]) -> Callable[[int], Any]:
        name = make.__name__.removeprefix("_").replace("_", " ")
        INPUTS[name] = Input(name, enter, make, most)
        return make

    return register


def _filled(size: int, start: bytes, piece: bytes, end: bytes) -> bytes:
    return start + piece * ((size - len(start) - len(end)) // len(piece)) + end


def _numbered(size: int, start: str, piece: str, end: str, *, join: str = ",", most: int = 10**9) -> bytes:
    """``start``, as many pieces as fit with ``{0}`` their number and ``{1}`` the next one's, ``end``.

    With ``most``, so many pieces at most.
    """
    parts: list[str] = []
    left = size - len(start.encode()) - len(end.encode())
    number = 0
    while number < most:
        one = piece.replace("{0}", str(number)).replace("{1}", str(number + 1))
        if left < len(one) + len(join):
            break
        left -= len(one) + len(join)
        parts.append(one)
        number += 1
    return (start + join.join(parts) + end).encode()


def _room(size: int) -> int:
    """How many members a document of so many bytes may have, less those of a credential and its proof."""
    return LIMITS.members_of(size) - 60


def _padded(size: int, content: bytes) -> bytes:
    """The JSON object with spaces in it."""
    return content[:1] + b" " * (size - len(content)) + content[1:]


@cache
def _key(kind: str = "Ed25519") -> Any:
    return did.generate(kind)


def _credential(subject: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "issuer": _key().did,
        "credentialSubject": subject or {"id": "urn:example:x"},
        **more,
    }


def _proof(**more: Any) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "verificationMethod": _key().verification_method,
        "proofPurpose": "assertionMethod",
        "proofValue": "z" + "1" * 64,
        **more,
    }


def _bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _around(
    size: int,
    subject: str,
    piece: str,
    close: str,
    *,
    members: int = 1,
    context: Any = None,
    proof: Any = None,
    **more: Any,
) -> bytes:
    """A credential whose member of the subject, called ``p``, is filled up with pieces of so many ``members``.

    They are as many as a document of the size may have; a text takes the rest.
    """
    base = _credential({"id": "urn:example:x", "t": "@PAD@", "p": "@HERE@"}, proof=proof or _proof(), **more)
    if context is not None:
        base["@context"] = context
    head, tail = json.dumps(base, separators=(",", ":")).split('"@HERE@"')
    made = _numbered(size, head + subject, piece, close + tail, most=_room(size) // members)
    return made.replace(b"@PAD@", b"x" * (size - len(made)))


def _verify_dict(document: Any) -> object:
    return vc.verify(document)


def _verify_with_schema(document: Any) -> object:
    content, credential = document
    checker = SchemaChecker({"urn:example:schema": content}.get, None)
    return run(checker.judge(credential))


# --- JSON ----------------------------------------------------------------------------------------------------------


@_input(loads)
def _escaped_quotes_string_not_ended(size: int) -> bytes:
    return _filled(size, b'{"a":"', b'\\"', b"")


@_input(loads)
def _backslashes_string_not_ended(size: int) -> bytes:
    return _filled(size, b'{"a":"', b"\\\\", b"")


@_input(loads)
def _strings_not_ended(size: int) -> bytes:
    return _filled(size, b"{", b'"\\', b"")


@_input(loads)
def _deep_arrays(size: int) -> bytes:
    return _filled(size, b'{"a":', b"[", b"")


@_input(loads)
def _deep_objects(size: int) -> bytes:
    return _filled(size, b"", b'{"a":', b"")


@_input(loads)
def _one_number_of_many_digits(size: int) -> bytes:
    return _filled(size, b'{"a":', b"9", b"}")


@_input(loads)
def _one_fraction_of_many_digits(size: int) -> bytes:
    return _filled(size, b'{"a":1.', b"1", b"e-300}")


@_input(loads)
def _integral_floats(size: int) -> bytes:
    return _filled(size, b'{"a":[1', b",1e22", b"]}")


@_input(loads)
def _members_given_twice(size: int) -> bytes:
    return _filled(size, b'{"b":1', b',"a":1', b"}")


@_input(loads)
def _the_last_member_twice(size: int) -> bytes:
    return _numbered(size, "{", '"{0}":0', ',"0":1}')


@_input(loads)
def _members_whose_hashes_collide(size: int) -> bytes:
    return _numbered(size, "{", '"\\u0000{0}":0', "}")


@_input(loads)
def _empty_arrays(size: int) -> bytes:
    return _filled(size, b'{"a":[[]', b",[]", b"]}")


@_input(loads)
def _spaces(size: int) -> bytes:
    return _filled(size, b"{", b" ", b"}")


@_input(loads)
def _not_utf_8(size: int) -> bytes:
    return _filled(size, b'{"a":"', b"\xc3\xa9", b'\xff"}')


@_input(loads)
def _characters_by_number(size: int) -> bytes:
    return _filled(size, b'{"a":"', b"\\u0001", b'"}')


@_input(strict_loads)
def _strict_deep_arrays(size: int) -> bytes:
    return _filled(size, b"", b"[", b"")


@_input(strict_loads)
def _strict_number_of_many_digits(size: int) -> bytes:
    return _filled(size, b"[", b"9", b"]")


@_input(strict_loads)
def _strict_empty_arrays(size: int) -> bytes:
    return _filled(size, b"[[]", b",[]", b"]")


# --- documents -----------------------------------------------------------------------------------------------------


@_input(vc.verify)
def _list_of_integers(size: int) -> bytes:
    return _around(size, '{"@list":[', "{0}", "]}")


@_input(vc.verify)
def _more_integers_than_may_be(size: int) -> bytes:
    head, tail = json.dumps(_credential({"p": "@HERE@"}, proof=_proof())).split('"@HERE@"')
    return _numbered(size, head + '{"@list":[', "1", "]}" + tail)


@_input(_verify_dict)
def _the_same_as_a_dict(size: int) -> Any:
    return json.loads(_around(size, '{"@list":[', "{0}", "]}"))


@_input(vc.verify)
def _the_same_as_text(size: int) -> str:
    return _around(size, '{"@list":[', "{0}", "]}").decode()


@_input(vc.verify)
def _list_of_ones(size: int) -> bytes:
    return _around(size, '{"@list":[', "1", "]}")


@_input(vc.verify)
def _list_of_floats(size: int) -> bytes:
    return _around(size, '{"@list":[', "{0}.1", "]}")


@_input(vc.verify)
def _nodes(size: int) -> bytes:
    return _around(size, "[", '{"q":{0}}', "]", members=2)


@_input(vc.verify)
def _empty_nodes(size: int) -> bytes:
    return _around(size, "[", "{}", "]")


@_input(vc.verify)
def _blank_nodes_alike(size: int) -> bytes:
    return _around(size, "[", '{"q":"r"}', "]", members=2)


@_input(vc.verify)
def _poison_ring(size: int) -> bytes:
    return _around(size, "[", '{"id":"_:b{0}","q":{"id":"_:b{1}"}}', "]", members=4)


@_input(vc.verify)
def _poison_clique(size: int) -> bytes:
    nodes = max(3, min(60, int((_room(size) / 2) ** 0.5) - 1))
    links = [{"id": f"_:b{i}", "q": [{"id": f"_:b{j}"} for j in range(nodes) if i != j]} for i in range(nodes)]
    return _padded(size, _bytes(_credential({"id": "urn:example:x", "p": links}, proof=_proof())))


@_input(vc.verify)
def _properties(size: int) -> bytes:
    return _around(size, "{", '"p{0}":{0}', "}")


@_input(vc.verify)
def _undefined_terms(size: int) -> bytes:
    return _around(size, "{", '"p{0}":{0}', "}", context=[V2])


@_input(vc.verify)
def _types(size: int) -> bytes:
    return _around(size, '{"type":[', '"T{0}"', "]}")


@_input(vc.verify)
def _types_of_the_credential(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof=_proof())).split('["VerifiableCredential"]')
    return _numbered(size, head + '["VerifiableCredential",', '"T{0}"', "]" + tail)


@_input(vc.verify)
def _names_in_languages(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof=_proof(), name="@HERE@")).split('"@HERE@"')
    return _numbered(size, head + "[", '{"@value":"n{0}","@language":"zh"}', "]" + tail)


@_input(vc.verify)
def _subjects(size: int) -> bytes:
    head, tail = json.dumps(_credential({"id": "@HERE@"}, proof=_proof())).split('{"id": "@HERE@"}')
    return _numbered(size, head + "[", '{"id":"urn:x:{0}"}', "]" + tail)


@_input(vc.verify)
def _status_entries(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof=_proof(), credentialStatus="@HERE@")).split('"@HERE@"')
    entry = (
        '{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"{0}",'
        '"statusListCredential":"https://x.example/{0}"}'
    )
    return _numbered(size, head + "[", entry, "]" + tail)


@_input(vc.verify)
def _related_resources(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof=_proof(), relatedResource="@HERE@")).split('"@HERE@"')
    return _numbered(size, head + "[", '{"id":"urn:x:{0}","digestSRI":"sha256-AAAA"}', "]" + tail)


@_input(vc.verify)
def _contexts_by_name(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof=_proof()), separators=(",", ":")).split(json.dumps(EXAMPLES))
    return _numbered(size, head, f'"{EXAMPLES}"', tail)


@_input(vc.verify)
def _contexts_of_their_own(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof=_proof()), separators=(",", ":")).split(json.dumps(EXAMPLES))
    return _numbered(size, head, '{"t{0}":"urn:x:t{0}"}', tail)


@_input(vc.verify)
def _one_text(size: int) -> bytes:
    return _bytes(_credential({"id": "urn:example:x", "p": "x" * (size - 700)}, proof=_proof()))


@_input(vc.verify)
def _one_text_of_quotation_marks(size: int) -> bytes:
    return _bytes(_credential({"id": "urn:example:x", "p": '"' * ((size - 700) // 2)}, proof=_proof()))


@_input(vc.verify)
def _a_long_identifier(size: int) -> bytes:
    return _bytes(_credential({"id": "urn:example:" + "%" * (size - 700)}, proof=_proof()))


@_input(vc.verify)
def _a_long_moment(size: int) -> bytes:
    return _bytes(_credential(proof=_proof(), validFrom="2026-01-01T00:00:00." + "0" * (size - 700)))


@_input(vc.verify)
def _a_long_proof_value(size: int) -> bytes:
    return _bytes(_credential(proof=_proof(proofValue="z" + "2" * (size - 700))))


@_input(vc.verify)
def _a_long_verification_method(size: int) -> bytes:
    return _bytes(_credential(proof=_proof(verificationMethod="did:key:z" + "2" * (size - 700) + "#z2")))


@_input(vc.verify)
def _jcs_of_floats(size: int) -> bytes:
    return _around(size, '{"@list":[', "{0}.1", "]}", proof=_proof(cryptosuite="eddsa-jcs-2022"))


@_input(vc.verify)
def _jcs_of_names_outside_the_bmp(size: int) -> bytes:
    return _around(size, "{", '"p\\ud83d\\ude00{0}":{0}', "}", proof=_proof(cryptosuite="eddsa-jcs-2022"))


# --- proofs --------------------------------------------------------------------------------------------------------


def _filled_subject(size: int, reserved: int, proofs: int) -> dict[str, Any]:
    """A subject of so many bytes, less those reserved: a list as long as it may be beside so many proofs, and a text."""
    room = max(100, size - reserved)
    count = max(1, min(room // 8, _room(room) - proofs * 10))
    listed = list(range(count))
    return {"id": "urn:example:x", "l": {"@list": listed}, "t": "x" * (room - len(_bytes(listed)))}


def _with_proofs(size: int, count: int, **more: Any) -> bytes:
    """A document of integers with ``count`` good proofs."""
    base = _credential(_filled_subject(size, 900 + count * 420, count))
    signed = vc.issue(base, _key(), cryptosuite="eddsa-rdfc-2022", **more)
    signed["proof"] = [signed["proof"]] * count
    return _bytes(signed)


@_input(vc.verify)
def _proofs_16(size: int) -> bytes:
    return _with_proofs(size, 16)


@_input(vc.verify)
def _proofs_17(size: int) -> bytes:
    return _with_proofs(size, 17)


@_input(vc.verify)
def _proofs_as_many_as_fit(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof="@HERE@")).split('"@HERE@"')
    return _numbered(size, head + "[", json.dumps(_proof()), "]" + tail)


@_input(vc.verify)
def _proofs_of_every_suite(size: int) -> bytes:
    """Each proof needs another transformation, as far as there are any."""
    base = _credential(_filled_subject(size, 900 + 16 * 900, 16))
    kinds = ("eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "eddsa-jcs-2022", "ecdsa-sd-2023", "bbs-2023")
    types = {"eddsa": ("Ed25519",), "bbs": ("BLS12-381-G2",), "ecdsa": ("P-256", "P-384")}
    proofs = []
    for name in kinds:
        for kind in types[name.partition("-")[0]]:
            if (kind, name) == ("P-384", "ecdsa-sd-2023"):
                continue
            key, selective = _key(kind), name in ("ecdsa-sd-2023", "bbs-2023")
            signed = vc.issue({**(_credential() if selective else base), "issuer": key.did}, key, cryptosuite=name)
            if selective:
                signed = vc.derive(signed, selective_pointers=["/credentialSubject"])
            proofs.append(signed["proof"])
    return _bytes({**base, "proof": (proofs * 4)[:16]})


@_input(vc.verify)
def _proof_chain(size: int) -> bytes:
    base = _credential(_filled_subject(size, 900 + 16 * 700, 16))
    proofs = [
        _proof(id=f"urn:example:{n}", **({"previousProof": [f"urn:example:{m}" for m in range(n)]} if n else {}))
        for n in range(16)
    ]
    return _bytes({**base, "proof": proofs})


@_input(vc.verify)
def _previous_proofs(size: int) -> bytes:
    names = [f"urn:example:{n}" for n in range((size - 2000) // 16)]
    return _bytes(_credential(proof=[_proof(id="urn:example:0"), _proof(id="urn:example:y1", previousProof=names)]))


@_input(vc.verify)
def _domains(size: int) -> bytes:
    head, tail = json.dumps(_credential(proof=_proof(domain="@HERE@"))).split('"@HERE@"')
    return _numbered(size, head + "[", '"d{0}"', "]" + tail)


def _presentation(size: int, credential: dict[str, Any], most: int) -> bytes:
    key = _key()
    count = min(most, max(1, (size - 1200) // len(_bytes(credential))))
    unsigned = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiablePresentation"],
        "holder": key.did,
        "verifiableCredential": [credential] * count,
    }
    return _bytes(_signed_presentation(unsigned))


def _signed_presentation(unsigned: dict[str, Any]) -> dict[str, Any]:
    config = {"proofPurpose": "authentication"}
    try:
        return add_proof(unsigned, _key(), cryptosuite="eddsa-jcs-2022", config=config, options=None, env=Environment())
    except (ProblemError, LinkedDataError):
        return {**unsigned, "proof": _proof(proofPurpose="authentication")}


@_input(vc.verify)
def _presentation_of_64_credentials(size: int) -> bytes:
    base = _credential({**_filled_subject(size // 64, 1100, 8), "id": _key().did})
    return _presentation(size, vc.issue(base, _key(), cryptosuite="eddsa-rdfc-2022"), 64)


@_input(vc.verify)
def _presentation_of_credentials_with_16_proofs(size: int) -> bytes:
    base = vc.issue(_credential({"id": _key().did}), _key(), cryptosuite="eddsa-rdfc-2022")
    base["proof"] = [base["proof"]] * 16
    return _presentation(size, base, 64)


@_input(vc.verify)
def _presentation_of_derived_cards(size: int) -> bytes:
    key = _key("P-256")
    base = _credential({**_filled_subject(min(20_000, size // 64), 2000, 8), "id": key.did}, issuer=key.did)
    signed = vc.issue(base, key, cryptosuite="ecdsa-sd-2023")
    return _presentation(size, vc.derive(signed, selective_pointers=["/issuer", "/credentialSubject"]), 64)


@_input(vc.verify)
def _presentation_of_more_credentials_than_are_read(size: int) -> bytes:
    return _presentation(size, {"type": "VerifiableCredential"}, 10**9)


@_input(vc.verify)
def _presentation_of_envelopes(size: int) -> bytes:
    wrapped = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,e30.e30.AA"}
    return _presentation(size, wrapped, 64)


@_input(lambda document: vc.derive(document, selective_pointers=["/credentialSubject"]))
def _derived_from(size: int) -> Any:
    key = _key("P-256")
    count = max(1, (size - 1500) // 85)  # a base proof has a signature of 64 bytes for every statement
    base = _credential({"id": "urn:example:x", **{f"p{n}": n for n in range(min(count, 8_000))}})
    return _sd_base(key, base)


def _sd_base(key: Any, base: dict[str, Any]) -> Any:
    return vc.issue({**base, "issuer": key.did}, key, cryptosuite="ecdsa-sd-2023")


@_input(vc.verify)
def _derived_statements(size: int) -> Any:
    key = _key("P-256")
    count = max(1, min(8_000, (size - 1500) // 100))
    base = _credential({"id": "urn:example:x", **{f"p{n}": n for n in range(count)}})
    return _bytes(vc.derive(_sd_base(key, base), selective_pointers=["/issuer", "/credentialSubject"]))


@_input(lambda pair: vc.derive(pair[0], selective_pointers=pair[1]))
def _pointers(size: int) -> Any:
    base = _sd_base(_key("P-256"), _credential({"id": "urn:example:x", "p": [1, 2, 3]}))
    return base, [f"/credentialSubject/p/{n % 3}" for n in range(size // 22)]


# --- contexts ------------------------------------------------------------------------------------------------------


def _inline(size: int, piece: str, **more: str) -> bytes:
    start = '{"@context":{' + more.get("first", "")
    return _numbered(size, start, piece, more.get("last", "") + '},"t0":"x"}')


def _canonical(content: bytes) -> object:
    return canonicalize(loads(content))


@_input(_canonical)
def _terms(size: int) -> bytes:
    return _inline(size, '"t{0}":"urn:x:t{0}"')


@_input(_canonical)
def _chain_of_terms(size: int) -> bytes:
    return _inline(size, '"t{0}":"t{1}:x"', last=',"tx":"urn:x:"')


@_input(_canonical)
def _chain_of_terms_in_verify_order(size: int) -> bytes:
    return _inline(size, '"t{1}":{"@id":"t{0}"}', first='"t0":"urn:x:y",')


@_input(_canonical)
def _chain_of_growing_terms(size: int) -> bytes:
    """Each term's IRI is the one before with something added: together they are as long as the square of their number."""
    return _inline(
        size, '"t{1}":{"@id":"t{0}:abcdefgh/","@prefix":true}', first='"t0":{"@id":"urn:x:","@prefix":true},'
    )


@_input(_canonical)
def _chain_of_prefixes(size: int) -> bytes:
    return _inline(size, '"t{0}:":"t{1}:"')


@_input(_canonical)
def _contexts_in_a_list(size: int) -> bytes:
    return _numbered(size, '{"@context":[', '{"t{0}":"urn:x:t{0}"}', '],"t0":"x"}')


@_input(_canonical)
def _scoped_contexts(size: int) -> bytes:
    return _inline(size, '"t{0}":{"@id":"urn:x:t{0}","@context":{"u{0}":"urn:x:u"}}')


@_input(_canonical)
def _scoped_contexts_inside_each_other(size: int) -> bytes:
    depth = min(30, size // 40)
    context: Any = {"last": "urn:x:last"}
    for level in range(depth):
        context = {f"t{level}": {"@id": f"urn:x:{level}", "@context": context}}
    return _bytes({"@context": context, "t0": "x"})


@_input(_canonical)
def _protected_terms_again(size: int) -> bytes:
    one = _numbered(size // 2, '{"@protected":true,', '"t{0}":"urn:x:t{0}"', "}").decode()
    return f'{{"@context":[{one},{one}],"t0":"x"}}'.encode()


@_input(_canonical)
def _contexts_in_nodes(size: int) -> bytes:
    return _numbered(size, '{"@context":{"@vocab":"urn:v:"},"p":[', '{"@context":{"q":"urn:x:{0}"},"q":1}', "]}")


@_input(_canonical)
def _a_large_context_in_nodes(size: int) -> bytes:
    terms = ",".join(f'"t{n}":"urn:x:{n}"' for n in range(size // 2 // 20))
    return _numbered(
        size, f'{{"@context":{{"@vocab":"urn:v:",{terms}}},"p":[', '{"@context":{"q{0}":"urn:x:{0}"},"q":1}', "]}"
    )


@_input(_canonical)
def _types_with_scopes(size: int) -> bytes:
    return _numbered(
        size,
        '{"@context":{"@vocab":"urn:v:","T":{"@id":"urn:T","@context":{"a":"urn:a"}},"U":{"@id":"urn:U","@context":{"b":"urn:b"}}},"p":[',
        '{"@type":["T","U"],"a":{0}}',
        "]}",
    )


@_input(_canonical)
def _nested_members(size: int) -> bytes:
    return _numbered(size, '{"@context":{"@vocab":"urn:v:","n":"@nest"},"n":[', '{"a":{0}}', "]}")


@_input(_canonical)
def _language_map(size: int) -> bytes:
    return _numbered(size, '{"@context":{"p":{"@id":"urn:p","@container":"@language"}},"p":{', '"l{0}":["x","y"]', "}}")


@_input(_canonical)
def _index_map(size: int) -> bytes:
    return _numbered(
        size, '{"@context":{"@vocab":"urn:v:","p":{"@id":"urn:p","@container":"@index"}},"p":{', '"l{0}":{"q":1}', "}}"
    )


@_input(_canonical)
def _graph_map(size: int) -> bytes:
    return _numbered(
        size,
        '{"@context":{"@vocab":"urn:v:","p":{"@id":"urn:p","@container":["@graph","@index"]}},"p":{',
        '"l{0}":{"q":1}',
        "}}",
    )


@_input(_canonical)
def _lists_in_lists(size: int) -> bytes:
    return _numbered(size, '{"@context":{"p":{"@id":"urn:p","@container":"@list"}},"p":[', "[[{0}]]", "]}")


@_input(_canonical)
def _json_literal(size: int) -> bytes:
    return _numbered(size, '{"@context":{"p":{"@id":"urn:p","@type":"@json"}},"p":[', '{"b":{0}.5,"a":{0}}', "]}")


@_input(_canonical)
def _reversed(size: int) -> bytes:
    return _numbered(
        size, '{"@context":{"@vocab":"urn:v:","p":{"@reverse":"urn:p"}},"@id":"urn:x","p":[', '{"@id":"urn:{0}"}', "]}"
    )


@_input(lambda text: canonicalize_nquads(text.decode()))
def _nquads_lines(size: int) -> bytes:
    return _numbered(size, "", "_:b{0} <urn:p> _:b{1} .\n", "", join="")


@_input(lambda text: canonicalize_nquads(text.decode()))
def _nquads_without_an_end(size: int) -> bytes:
    return _filled(size, b'<urn:x> <urn:p> "', b'\\"', b"")


# --- envelopes -----------------------------------------------------------------------------------------------------


@_input(vc.verify)
def _sd_jwt_disclosures(size: int) -> str:
    head = encode_base64url(b'{"alg":"ES256","typ":"dc+sd-jwt"}')
    body = encode_base64url(b'{"vct":"urn:x","_sd":[]}')
    count = (size - 200) // 40
    return f"{head}.{body}.{'A' * 86}~" + "".join(
        encode_base64url(b'["s%07d","n%07d",1]' % (n, n)) + "~" for n in range(count)
    )


@_input(vc.verify)
def _sd_jwt_of_tildes(size: int) -> str:
    head, body = encode_base64url(b'{"alg":"ES256","typ":"dc+sd-jwt"}'), encode_base64url(b'{"vct":"urn:x"}')
    return f"{head}.{body}.{'A' * 86}" + "~" * (size - 200)


@_input(vc.verify)
def _sd_jwt_disclosures_in_disclosures(size: int) -> str:
    import hashlib

    parts: list[str] = []
    inner: list[str] = []
    for number in range((size - 300) // 130):
        text = encode_base64url(_bytes([f"salt{number}", f"n{number}", {"_sd": inner}]))
        inner = [encode_base64url(hashlib.sha256(text.encode()).digest())]
        parts.append(text)
    head = encode_base64url(b'{"alg":"ES256","typ":"dc+sd-jwt"}')
    body = encode_base64url(_bytes({"vct": "urn:x", "_sd": inner, "_sd_alg": "sha-256"}))
    return f"{head}.{body}.{'A' * 86}~" + "".join(part + "~" for part in parts)


@_input(vc.verify)
def _sd_jwt_digests(size: int) -> str:
    head = encode_base64url(b'{"alg":"ES256","typ":"dc+sd-jwt"}')
    digests = [encode_base64url(b"%032d" % n) for n in range((size * 3 // 4 - 200) // 48)]
    body = encode_base64url(_bytes({"vct": "urn:x", "_sd": digests}))
    return f"{head}.{body}.{'A' * 86}~"


@_input(vc.verify)
def _jwt_of_dots(size: int) -> str:
    return "a" + "." * (size - 1)


@_input(vc.verify)
def _jwt_with_a_long_header(size: int) -> str:
    header = encode_base64url(_filled(size * 3 // 4 - 100, b'{"alg":"ES256","crit":["x"', b',"x"', b"]}"))
    return f"{header}.e30.AA"


@_input(vc.verify)
def _jwt_with_certificates(size: int) -> str:
    header = encode_base64url(
        _filled(size * 3 // 4 - 100, b'{"alg":"ES256","typ":"vc+jwt","x5c":["MA=="', b',"MA=="', b"]}")
    )
    return f"{header}.e30.AA"


@_input(vc.verify)
def _data_url(size: int) -> bytes:
    return _bytes(
        {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + "%" * (size - 200)}
    )


@_input(vc.verify)
def _data_url_of_base64(size: int) -> bytes:
    return _bytes(
        {
            "@context": V2,
            "type": "EnvelopedVerifiableCredential",
            "id": "data:application/vc+cose;base64," + "=" * (size - 200),
        }
    )


@_input(vc.verify)
def _cose_decimal_fraction(size: int) -> bytes:
    count = size - 20
    return b"\xd2\x84\x40\xa1\x04\xc4\x82\x01\xc2\x5a" + count.to_bytes(4, "big") + b"\xff" * count + b"\x40\x40"


@_input(vc.verify)
def _cose_arrays(size: int) -> bytes:
    return b"\xd2\x84" + b"\x81" * (size - 2)


@_input(vc.verify)
def _cose_map_of_integers(size: int) -> bytes:
    count = (size - 10) // 5
    pairs = b"".join(b"\x1a" + struct.pack(">I", 70_000 + n) + b"\0" for n in range(count * 5 // 6))
    return b"\xd2\x84\x40\xba" + struct.pack(">I", count * 5 // 6) + pairs + b"\x40\x40"


@_input(lambda text: explained(text, {}), most=512 * 1024)
def _tester_hexadecimal(size: int) -> str:
    return "ab " * ((size - 1) // 3) + "x"


@_input(lambda text: explained(text, {}), most=512 * 1024)
def _tester_tildes(size: int) -> str:
    return "a.b.c" + "~" * (size - 6) + "!"


@_input(lambda text: explained(text, {}), most=512 * 1024)
def _tester_document(size: int) -> str:
    return _around(size, '{"@list":[', "{0}", "]}").decode()


# --- status, trust, schemas ----------------------------------------------------------------------------------------


@_input(StatusList.decode)
def _status_list_that_inflates(size: int) -> str:
    content = gzip.compress(b"\0" * min(size * 700, 64 * 1024 * 1024), 9, mtime=0)
    return "u" + encode_base64url(content)[: size - 1]


@_input(StatusList.decode)
def _status_list_of_noise(size: int) -> str:
    return "u" + "A" * (size - 1)


@_input(lambda packed: TokenStatusList.unpack(packed, 1))
def _token_status_list_that_inflates(size: int) -> bytes:
    return zlib.compress(b"\0" * min(size * 700, 64 * 1024 * 1024), 9)[:size]


def _load_trust(content: bytes) -> object:
    return TrustList.load(content, anchors=[_key().did], now=_NOW)


@_input(_load_trust)
def _trust_list(size: int) -> bytes:
    from verifier.trust_document import TRUST_CONTEXT

    count = max(1, (size - 900) // 150)
    unsigned = {
        "@context": [V2, TRUST_CONTEXT],
        "type": ["VerifiableCredential", "TrustListCredential"],
        "issuer": _key().did,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {
            "type": "TrustList",
            "trustedIssuer": [
                {
                    "type": "TrustedIssuer",
                    "did": f"did:web:x{n}.example",
                    "name": "x",
                    "cardType": ["A"],
                    "region": ["510000"],
                }
                for n in range(count)
            ],
        },
    }
    return _bytes({**unsigned, "proof": _proof()})


@_input(_verify_with_schema, most=512 * 1024)
def _schema_of_many_alternatives(size: int) -> Any:
    schema = _numbered(
        size, '{"$schema":"https://json-schema.org/draft/2020-12/schema","anyOf":[', '{"required":["a{0}"]}', "]}"
    )
    return schema, _with_schema()


@_input(_verify_with_schema, most=512 * 1024)
def _schema_that_doubles(size: int) -> Any:
    defs = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(min(40, size // 80))}
    last = f"d{len(defs)}"
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/d0",
        "$defs": {**defs, last: {"type": "object"}},
    }
    return _bytes(schema), _with_schema()


@_input(_verify_with_schema, most=512 * 1024)
def _schema_with_a_slow_pattern(size: int) -> Any:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"name": {"pattern": "^(a+)+$"}},
    }
    return _bytes(schema), {**_with_schema(), "name": "a" * (size - 600) + "!"}


@_input(_verify_with_schema, most=512 * 1024)
def _schema_with_unique_items(size: int) -> Any:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"name": {"uniqueItems": True}},
    }
    return _bytes(schema), {**_with_schema(), "name": [{"a": n} for n in range((size - 600) // 10)]}


def _with_schema() -> dict[str, Any]:
    return _credential(credentialSchema={"id": "urn:example:schema", "type": "JsonSchema"})


# --- DIDs ----------------------------------------------------------------------------------------------------------


def _checked_document(content: bytes) -> object:
    from did.documents import check

    return check(strict_loads(content, max_bytes=512 * 1024), "did:web:x.example")


@_input(_checked_document, most=512 * 1024)
def _methods(size: int) -> bytes:
    method = (
        '{"id":"did:web:x.example#k{0}","type":"Multikey","controller":"did:web:x.example",'
        f'"publicKeyMultibase":"{_key().public_key.to_multikey()}"}}'
    )
    return _numbered(
        size,
        '{"@context":["https://www.w3.org/ns/did/v1"],"id":"did:web:x.example","verificationMethod":[',
        method,
        "]}",
    )


@_input(_checked_document, most=512 * 1024)
def _services_of_a_document(size: int) -> bytes:
    service = '{"id":"did:web:x.example#s{0}","type":"T","serviceEndpoint":"https://x.example/{0}"}'
    return _numbered(
        size, '{"@context":["https://www.w3.org/ns/did/v1"],"id":"did:web:x.example","service":[', service, "]}"
    )


@_input(_checked_document, most=512 * 1024)
def _other_names(size: int) -> bytes:
    return _numbered(
        size,
        '{"@context":["https://www.w3.org/ns/did/v1"],"id":"did:web:x.example","alsoKnownAs":[',
        '"urn:x:{0}"',
        "]}",
    )


@_input(lambda text: did.Resolver().resolve(text))
def _long_did_key(size: int) -> str:
    return "did:key:z" + "2" * (size - 9)


@_input(lambda text: did.Resolver().resolve(text))
def _long_did_jwk(size: int) -> str:
    return "did:jwk:" + "e" * (size - 8)


@_input(lambda text: did.Resolver().resolve(text))
def _long_did_peer(size: int) -> str:
    return "did:peer:2" + ".SeyJ0IjoiZG0ifQ" * ((size - 10) // 16)


@_input(lambda text: did.Resolver().dereference(text, "assertionMethod"))
def _long_did_url(size: int) -> str:
    return _key().did + "?" + "a=b&" * ((size - 60) // 4) + "#x"


@_input(lambda text: did.Resolver().resolve(text))
def _did_of_colons(size: int) -> str:
    return "did:web:x.example" + ":a" * ((size - 17) // 2)


@_input(lambda data: read_log(data, _NOW))
def _log_lines(size: int) -> bytes:
    return _filled(size, b"", b"{}\n", b"")


@_input(lambda data: read_log(data, _NOW))
def _log_of_one_line(size: int) -> bytes:
    entry = '{"versionId":"1-%s","versionTime":"2026-01-01T00:00:00Z","parameters":{},"proof":[],"state":{"l":[' % (
        "Q" * 46
    )
    return _numbered(size, entry, "{0}", "]}}")


# --- files ---------------------------------------------------------------------------------------------------------


def _sheet(data: bytes) -> object:
    sheet = read_sheet(data)
    return [sheet.header, sum(1 for _ in sheet.rows), sheet.merged_rows]


def _workbook(sheet: bytes, *, noise: bytes = b"", **others: bytes) -> bytes:
    files = {
        "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        b'<Default Extension="xml" ContentType="application/xml"/>'
        b'<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        b'<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
        b"</Types>",
        "_rels/.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        b"</Relationships>",
        "xl/workbook.xml": b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        b'<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
        b'<Relationship Id="r3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
        b"</Relationships>",
        "xl/worksheets/sheet1.xml": sheet,
        "xl/styles.xml": b"<styleSheet " + _MAIN + b"/>",
        "xl/sharedStrings.xml": b"<sst " + _MAIN + b"/>",
        **others,
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        if noise:
            archive.writestr(zipfile.ZipInfo("xl/media/noise.bin"), noise)
    return content.getvalue()


_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_ROW = b'<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'


def _around_rows(rows: bytes, after: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?><worksheet '
        + _MAIN
        + b"><sheetData>"
        + _ROW
        + rows
        + b"</sheetData>"
        + after
        + b"</worksheet>"
    )


def _packed(size: int, inner: Callable[[int], bytes], part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook of ``size`` bytes whose part is as long as is not refused beforehand; noise takes the rest."""
    noise = random.Random(1).randbytes(size)

    def made(length: int) -> bytes:
        files = {"sheet" if part.startswith("xl/worksheets") else part: inner(length)}
        bare = _workbook(**({"sheet": _around_rows(b"")} | files))
        return _workbook(**({"sheet": _around_rows(b"")} | files), noise=noise[: max(0, size - len(bare) - 200)])

    low, high = 0, 64 * size
    for _ in range(18):
        middle = (low + high) // 2
        content = made(middle)
        try:
            look_through(content, Bounds(len(content), 1000, 256 * 1024 * 1024, 200_000, 200))
            low = middle
        except ImportFileError:
            high = middle
    return made(low)


@_input(_sheet)
def _xlsx_merge_cells_in_a_comment(size: int) -> bytes:
    def inner(length: int) -> bytes:
        merges = b'<mergeCell ref="A1:A199999"/>' * (length // 29)
        return _around_rows(b"", b"<!-- " + merges + b" -->")

    return _packed(size, inner)


@_input(_sheet)
def _xlsx_merge_cells(size: int) -> bytes:
    def inner(length: int) -> bytes:
        return _around_rows(b"", b"<mergeCells>" + b'<mergeCell ref="A1:A199999"/>' * (length // 29) + b"</mergeCells>")

    return _packed(size, inner)


@_input(_sheet)
def _xlsx_merge_cell_without_an_end(size: int) -> bytes:
    return _packed(
        min(size, 8 * 1024), lambda length: _around_rows(b"", b"<!--" + b"<mergeCell " * (length // 11) + b"-->")
    )


@_input(_sheet)
def _xlsx_empty_cells(size: int) -> bytes:
    return _packed(size, lambda length: _around_rows((b"<row>" + b"<c/>" * 200 + b"</row>") * (length // 811)))


@_input(_sheet)
def _xlsx_empty_rows(size: int) -> bytes:
    return _packed(size, lambda length: _around_rows(b"<row/>" * (length // 6)))


@_input(_sheet)
def _xlsx_a_row_far_down(size: int) -> bytes:
    return _workbook(_around_rows(b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'))


@_input(_sheet)
def _xlsx_styles(size: int) -> bytes:
    return _packed(
        size,
        lambda length: b"<styleSheet " + _MAIN + b"><fonts>" + b"<font/>" * (length // 7) + b"</fonts></styleSheet>",
        "xl/styles.xml",
    )


@_input(_sheet)
def _xlsx_shared_strings(size: int) -> bytes:
    return _packed(
        size,
        lambda length: b"<sst " + _MAIN + b">" + b"<si><t/></si>" * (length // 13) + b"</sst>",
        "xl/sharedStrings.xml",
    )


@_input(_sheet)
def _xlsx_one_long_shared_string(size: int) -> bytes:
    return _packed(
        size,
        lambda length: (
            b"<sst " + _MAIN + b">" + (b"<si><t>" + b"x" * 400_000 + b"</t></si>") * (length // 400_000) + b"</sst>"
        ),
        "xl/sharedStrings.xml",
    )


@_input(_sheet)
def _xlsx_full_cells(size: int) -> bytes:
    def inner(length: int) -> bytes:
        row = b'<row r="%d">' + b'<c t="n"><v>1</v></c>' * 20 + b"</row>"
        return _around_rows(b"".join(row % (n + 2) for n in range(length // len(row))))

    return _packed(size, inner)


@_input(_sheet)
def _xlsx_rows_far_apart(size: int) -> bytes:
    return _packed(
        size, lambda length: _around_rows(b"".join(b'<row r="%d"/>' % (9_000 + n) for n in range(length // 14)))
    )


@_input(_sheet)
def _xlsx_deep_elements(size: int) -> bytes:
    return _packed(size, lambda length: _around_rows(b"<a>" * (length // 7) + b"</a>" * (length // 7)))


@_input(_sheet)
def _xlsx_entities_in_utf_16(size: int) -> bytes:
    bomb = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE w [<!ENTITY a "' + "x" * 1000 + '">'
    bomb += "".join(f'<!ENTITY a{n + 1} "{("&a%s;" % (n or "")) * 10}">' for n in range(4))
    bomb += (
        "]><worksheet "
        + _MAIN.decode()
        + "><sheetData><row><c t='inlineStr'><is><t>&a4;</t></is></c></row></sheetData></worksheet>"
    )
    return _workbook(bomb.encode("utf-16-be"))


@_input(_sheet)
def _csv_rows(size: int) -> bytes:
    return _filled(size, b"name\n", b"x\n", b"")


@_input(_sheet)
def _csv_columns(size: int) -> bytes:
    return _filled(size, b"name\n", b",", b"")


@_input(_sheet)
def _csv_quotes(size: int) -> bytes:
    return _filled(size, b'name\n"', b'""', b"")


@_input(_sheet)
def _csv_line_ends(size: int) -> bytes:
    return _filled(size, b"name", b"\n", b"")


@_input(_sheet)
def _csv_chinese_either_way(size: int) -> bytes:
    return _filled(size, "姓名\n".encode("gb18030"), "张三\n".encode("gb18030"), b"")


def _open_key(data: bytes) -> object:
    return decrypt(data, "password")


@_input(_open_key, most=SMALL)
def _key_file_that_asks_for_memory(size: int) -> bytes:
    kdf = {"name": "argon2id", "v": 19, "m": 1024 * 1024, "t": 4, "p": 1, "salt": encode_base64url(b"0" * 16)}
    header = {"alg": "dir", "enc": "A256GCM", "typ": "liangzheng-key+jwe", "cty": "jwk+json", "kdf": kdf}
    return (
        f"{encode_base64url(_bytes(header))}..{encode_base64url(b'0' * 12)}.AAAA.{encode_base64url(b'0' * 16)}".encode()
    )


@_input(decode_multibase)
def _base58(size: int) -> str:
    return "z" + "2" * (size - 1)


@_input(lambda document: vc.verify(copy.copy(document)))
def _a_dict_of_other_mappings(size: int) -> Any:
    from types import MappingProxyType

    return {"a": [MappingProxyType({"b": n}) for n in range(size // 8)]}
