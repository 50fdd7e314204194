"""What is read is what was signed.

Whatever is done to an envelope that leaves its signatures good, it is refused, or all software that looks at it,
wherever it looks, reads what the verdict says.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import did
import vc
from did.multibase import encode_base64url
from vc.envelope import agreement, cose, disclosures, jws, reading
from vc.envelope import payload as payload_rules
from vc.envelope.payload import enveloped_object
from vc.verdict import Verdict

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SECOND = int(NOW.timestamp())
ISSUER = did.SoftwareKey.from_seed("P-256", b"issuer")
DEVICE = did.SoftwareKey.from_seed("P-256", b"device")
OTHER = did.SoftwareKey.from_seed("P-256", b"another")
CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
ID = "urn:uuid:0d2ae1f8-2a5b-4d54-9d3f-5f1c1c9a8d11"
FROM, UNTIL = "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"
STATUS = {"id": "https://status.example/1#7", "type": "BitstringStatusListEntry", "statusPurpose": "revocation"} | {
    "statusListIndex": "7", "statusListCredential": "https://status.example/1",
}  # fmt: skip


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


DOCUMENT: dict[str, Any] = {
    "@context": CONTEXTS,
    "id": ID,
    "type": ["VerifiableCredential"],
    "issuer": {"id": ISSUER.did, "name": "An authority"},
    "validFrom": FROM,
    "validUntil": UNTIL,
    "credentialStatus": STATUS,
    "credentialSubject": {"id": DEVICE.did, "name": "王小明", "nicknames": ["Ming", "阿明"]},
}
REGISTERED = {"iss": ISSUER.did, "sub": DEVICE.did, "jti": ID, "nbf": seconds(FROM), "exp": seconds(UNTIL)}
CNF = {"jwk": DEVICE.public_key.to_jwk()}
OLD = {
    "@context": ["https://www.w3.org/2018/credentials/v1"],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"id": DEVICE.did},
}
PRESENTATION = {"@context": CONTEXTS[:1], "type": ["VerifiablePresentation"], "holder": DEVICE.did}

# form -> payload, and the key that signs
PAYLOADS: dict[str, tuple[dict[str, Any], did.SoftwareKey]] = {
    "vc+jwt": ({**DOCUMENT, "cnf": CNF}, ISSUER),
    "vc+sd-jwt": ({**DOCUMENT, "cnf": CNF}, ISSUER),
    "vc+cose": (DOCUMENT, ISSUER),
    "dc+sd-jwt": ({**REGISTERED, "vct": "https://example.org/types/person", "name": "王小明", "cnf": CNF}, ISSUER),
    "JWT": ({**REGISTERED, "vc": OLD}, ISSUER),
    "vp+jwt": ({**PRESENTATION, "iat": SECOND, "nonce": "n", "aud": "v"}, DEVICE),
    "vp+cose": ({**PRESENTATION, "iat": SECOND, "nonce": "n", "aud": "v"}, DEVICE),
}


def text_of(value: Any) -> str:
    return encode_base64url(value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode())


def sealed(form: str, header: Mapping[Any, Any] = {}, payload: Any = None, texts: tuple[str, ...] = ()) -> Any:
    """An envelope signed by whoever has to, with ``header`` beside what is usual."""
    usual, key = PAYLOADS[form]
    content = payload if isinstance(payload, bytes) else jws.dumps(usual if payload is None else payload)
    if form.endswith("cose"):
        names = {"typ": cose.TYP, "kid": cose.KID}
        named = {names.get(name, name): value for name, value in header.items()}
        return cose.sign(
            {cose.KID: key.verification_method.encode(), cose.TYP: f"application/{form}", **named}, content, key
        )
    token = jws.compact({"typ": form, "kid": key.verification_method, **header}, content, key)
    return "~".join((token, *texts, "")) if "sd-jwt" in form else token


def concealed(form: str, entries: list[list[Any]], **more: Any) -> Any:
    """An SD-JWT whose ``entries`` (salt, name, value) are hidden at the top, and shown."""
    texts = tuple(map(text_of, entries))
    payload = {name: value for name, value in PAYLOADS[form][0].items() if name not in {entry[1] for entry in entries}}
    return sealed(form, {}, {**payload, "_sd": disclosures.digests_of(texts), **more}, texts)


SHOWN = concealed("dc+sd-jwt", [["s1", "name", "王小明"], ["s2", "city", "Chengdu"]])
BOUND = vc.derive_enveloped(SHOWN, ["/name", "/city"], signer=DEVICE, challenge="n", domain="v", now=NOW)
ACCEPTED: dict[str, Any] = {form: sealed(form) for form in PAYLOADS} | {"shown": SHOWN, "bound": BOUND}


def verdict_of(value: Any) -> Verdict:
    return vc.verify(value, now=NOW, challenge="n", domain="v") if _answers(value) else vc.verify(value, now=NOW)


def _answers(value: Any) -> bool:
    return any(part in str(value) for part in (BOUND.rpartition("~")[2],)) or "vp+" in str(reader_headers(value))


# --- other software ---------------------------------------------------------------------------------------------------


def reader_headers(value: Any) -> list[Any]:
    try:
        return [entry.get("typ") for entry in Reader(value).headers]
    except Exception:
        return []


class Reader:
    """Software that believes whatever it finds, wherever it looks first."""

    def __init__(self, value: Any) -> None:
        self.headers: list[dict[str, Any]] = []
        self.payloads: list[dict[str, Any]] = []
        if isinstance(value, Mapping):
            members = dict(value)
            if "id" in members and str(members.get("type")).find("Enveloped") >= 0:
                url = members.pop("id")
                for name in ("@context", "type"):
                    members.pop(name, None)
                self.payloads.append(members)
                head, _, text = url.partition(",")
                value = (
                    base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
                    if head.endswith(";base64")
                    else unquote(text)
                )
                if isinstance(value, bytes) and not value.startswith((b"\xd2", b"\x84")):
                    value = value.decode()
            else:
                self._json(members)
                return
        if isinstance(value, bytes):
            self._cose(value)
        else:
            self._text(value.strip())

    def _text(self, text: str) -> None:
        token, *rest = text.split("~")
        header, payload, _ = token.split(".")
        self.headers += self._both(header)
        self.payloads += self._both(payload)
        for part in rest:
            if part and "." not in part:
                entry = json.loads(base64.urlsafe_b64decode(part + "=="))
                if len(entry) == 3:
                    self.payloads.append({entry[1]: entry[2]})

    def _json(self, members: dict[str, Any]) -> None:
        entries = members.get("signatures", [members])
        self.payloads += [{k: v for k, v in members.items() if k not in ("payload", "signature", "protected")}]
        for entry in entries:
            self._text(f"{entry['protected']}.{members['payload']}.x")
            self.headers.append(
                {k: v for k, v in entry.get("header", {}).items() if k not in ("disclosures", "kb_jwt")}
            )
            self.headers.append({k: v for k, v in entry.items() if k in ("typ", "kid", "alg")})

    def _cose(self, data: bytes) -> None:
        value = cbor2.loads(data)
        protected, unprotected, payload, _ = value.value if isinstance(value, cbor2.CBORTag) else value
        names = {1: "alg", 3: "cty", 4: "kid", 16: "typ"}
        claims = {1: "iss", 2: "sub", 4: "exp", 5: "nbf", 6: "iat"}
        for header in (cbor2.loads(protected), unprotected):
            found = {names.get(label, str(label)): v for label, v in header.items()}
            found |= {claims.get(label, label): v for label, v in header.get(15, {}).items()}
            self.headers.append(found)
        self.payloads.append(json.loads(payload))

    @staticmethod
    def _both(part: str) -> list[dict[str, Any]]:
        data = base64.urlsafe_b64decode(part + "==")
        return [json.loads(data), json.loads(data, object_pairs_hook=lambda pairs: dict(reversed(pairs)))]

    def says(self, *names: str) -> set[str]:
        """What it finds under any of ``names``, in any place."""
        places = [*self.headers, *self.payloads]
        places += [place["vc"] for place in self.payloads if isinstance(place.get("vc"), dict)]
        return {_plain(name, place[name]) for place in places for name in names if place.get(name) is not None}

    def keys(self) -> set[str]:
        """The holder's keys that are named by cnf, as DIDs."""
        found = [place["cnf"]["jwk"] for place in [*self.headers, *self.payloads] if "cnf" in place]
        return {_plain("sub", "did:key:" + did.PublicKey.from_jwk(jwk).to_multikey()) for jwk in found}

    def subjects(self) -> set[str]:
        places = [place["vc"] for place in self.payloads if isinstance(place.get("vc"), dict)]
        found = self.says("sub")
        for place in [*self.payloads, *places]:
            subject = place.get("credentialSubject")
            for one in subject if isinstance(subject, list) else [subject]:
                if isinstance(one, dict) and "id" in one:
                    found.add(_plain("sub", one["id"]))
        return found


def _plain(name: str, value: Any) -> str:
    if name in ("issuer", "holder") and isinstance(value, dict):
        value = value.get("id")
    if name in ("exp", "nbf", "validFrom", "validUntil", "issuanceDate", "expirationDate"):
        with contextlib.suppress(ValueError):
            value = seconds(value) if isinstance(value, str) else int(value)
    if name == "typ" and isinstance(value, str):
        value = value.lower().removeprefix("application/")
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return json.dumps(value, sort_keys=True, default=str)


# exp and nbf are about the signature where the payload is a document of VCDM 2.0 (VC-JOSE-COSE): two ends, both judged.
QUESTIONS: dict[str, tuple[str, ...]] = {
    "issuer": ("iss", "issuer"),
    "holder": ("holder",),
    "id": ("jti", "id"),
    "status": ("status", "credentialStatus"),
    "key": ("cnf",),
    "algorithm": ("alg",),
    "type": ("typ",),
    "name of the key": ("kid",),
    "vct": ("vct",),
    "nonce": ("nonce",),
    "audience": ("aud",),
    "contexts": ("@context",),
    "end of the signature": ("exp",),
    "begin of the signature": ("nbf",),
}
DATES = {"from": ("nbf", "validFrom", "issuanceDate"), "until": ("exp", "validUntil", "expirationDate")}


def disagreements(value: Any) -> list[str]:
    """What readers and the verdict don't agree about. Nothing, if the envelope is refused."""
    verdict = verdict_of(value)
    assert "verification.internal" not in {problem.code for problem in verdict.problems}
    if not verdict.verified:
        return []
    reader = Reader(value)
    of_2_0 = any(part in str(reader_headers(value)) for part in ("vc+", "vp+"))
    questions = QUESTIONS | ({"from": ("validFrom",), "until": ("validUntil",)} if of_2_0 else DATES)
    found = [question for question, names in questions.items() if len(reader.says(*names)) > 1]
    if len(reader.subjects()) > 1 or (reader.subjects() and not reader.subjects() & subjects_of(verdict)):
        found.append("subject")
    if len(reader.subjects() | reader.keys()) > 1:
        found.append("holder's key")
    document = verdict.document or {}
    for question, names in questions.items():
        said = {_plain(n, document[n]) for n in names if document.get(n) is not None}
        read = reader.says(*names)
        if (said and not said <= read) or (read and not said and question in ("status", "from", "until", "holder")):
            found.append(f"verdict: {names}")
    return found


def subjects_of(verdict: Verdict) -> set[str]:
    document = verdict.document or {}
    subject = document.get("credentialSubject")
    ids = [one.get("id") for one in (subject if isinstance(subject, list) else [subject]) if isinstance(one, dict)]
    return {_plain("sub", one) for one in [*ids, document.get("sub"), document.get("holder")] if one}


# --- what can be done without a key -----------------------------------------------------------------------------------


def compact_as_json(text: str) -> dict[str, Any]:
    token, *texts, binding = text.split("~")
    protected, payload, signature = token.split(".")
    header = {"disclosures": texts} | ({"kb_jwt": binding} if binding else {})
    return {"payload": payload, "protected": protected, "signature": signature, "header": header}


LIES: dict[str, Any] = {
    "iss": OTHER.did, "issuer": OTHER.did, "sub": OTHER.did, "jti": "urn:uuid:x", "id": "urn:uuid:x", "aud": "w",
    "exp": SECOND + 20 * 10**8, "nbf": SECOND - 10**8, "validUntil": "2099-01-01T00:00:00Z", "nonce": "m",
    "validFrom": "1999-01-01T00:00:00Z", "issuanceDate": "1999-01-01T00:00:00Z", "holder": OTHER.did, "vc": OLD,
    "expirationDate": "2099-01-01T00:00:00Z", "status": {"status_list": {"idx": 1, "uri": "https://s.example/2"}},
    "credentialStatus": {**STATUS, "statusListIndex": "8"}, "credentialSubject": {"id": OTHER.did, "name": "x"},
    "cnf": {"jwk": OTHER.public_key.to_jwk()}, "vct": "https://example.org/other", "typ": "vp+jwt", "alg": "ES384",
    "kid": OTHER.verification_method, "vp": PRESENTATION, "proof": {"type": "DataIntegrityProof"}, "x": 1,
}  # fmt: skip


def unsigned(name: str) -> Iterator[tuple[str, Any]]:
    """Everything here leaves what was signed as it is."""
    value = ACCEPTED[name]
    kind = "presentation" if name.startswith("vp") else "credential"
    if isinstance(value, bytes):
        protected, _, payload, signature = cbor2.loads(value).value
        for label in (1, 2, 3, 4, 5, 7, 11, 15, 16, 33, 34, 394, "iss", "x"):
            lie = {15: {1: OTHER.did}, 4: OTHER.verification_method.encode(), 16: "application/vp+jwt"}.get(label, -35)  # type: ignore[arg-type]
            yield f"unprotected {label}", cbor2.dumps(cbor2.CBORTag(18, [protected, {label: lie}, payload, signature]))
        yield "untagged", value[1:]
        yield "no length", b"\xd2\x9f" + value[2:] + b"\xff"
        yield "long head", b"\xd2\x98\x04" + value[2:]
        for text in (base64.b64encode(value).decode(), base64.urlsafe_b64encode(value).decode().rstrip("=")):
            yield "as text", base64.b64decode(text + "==", altchars=b"-_" if "-" in text or "_" in text else None)
            yield "wrapped", enveloped_object(text, f"application/{name};base64", kind)
        wrapper = enveloped_object(base64.b64encode(value).decode(), f"application/{name};base64", kind)
    else:
        media = {"JWT": "application/jwt"}.get(name, f"application/{name if '+' in name else 'dc+sd-jwt'}")
        wrapper = enveloped_object(value, media, kind)
        yield "spaces around", f"\n{value} \r\n"
        yield "spelled", {**wrapper, "id": f"data:{media},{quote(value, safe='').replace('e', '%65')}"}
        yield "base64", {**wrapper, "id": f"data:{media};base64,{base64.b64encode(value.encode()).decode()}"}
        yield "case", {**wrapper, "id": f"data:{media.upper()},{value}"}
        yield "padded", value.replace(".", "=.", 1)
        yield "slashes", value.replace("_", "/").replace("-", "+")
    for member, lie in LIES.items():
        yield f"wrapper with {member}", {**wrapper, member: lie}
    if isinstance(value, str) and "~" in value:
        yield from of_sd_jwt(value)


def of_sd_jwt(value: str) -> Iterator[tuple[str, Any]]:
    token, *texts, binding = value.split("~")
    flat = compact_as_json(value)
    yield "as JSON", flat
    for member, lie in LIES.items():
        yield f"JSON with {member}", {**flat, member: lie}
        yield f"unprotected {member}", {**flat, "header": {**flat["header"], member: lie}}
        general = {"payload": flat["payload"], "signatures": [{k: v for k, v in flat.items() if k != "payload"}]}
        yield f"general with {member}", {**general, member: lie}
        yield f"signature with {member}", {**general, "signatures": [{**general["signatures"][0], member: lie}]}
    yield (
        "two signatures",
        {"payload": flat["payload"], "signatures": [{k: v for k, v in flat.items() if k != "payload"}] * 2},
    )
    yield "reversed", "~".join((token, *reversed(texts), binding))
    for index in range(len(texts)):
        yield "left out", "~".join((token, *texts[:index], *texts[index + 1 :], binding))
        yield "twice", "~".join((token, *texts, texts[index], binding))
    yield "another's", "~".join((token, *texts, text_of(["s", "exp", 1]), binding))
    yield "without the binding", "~".join((token, *texts, ""))


# --- what an issuer could sign ----------------------------------------------------------------------------------------


def signed(name: str) -> Iterator[tuple[str, Any]]:
    """Everything here is signed, and says two things."""
    payload = PAYLOADS[name][0]
    for member, lie in LIES.items():
        if member not in ("alg", "typ", "kid"):
            yield f"payload with {member}", sealed(name, {}, {**payload, member: lie})
            twice = jws.dumps(payload)[:-1] + b"," + jws.dumps({member: lie})[1:]
            if member in payload:
                yield f"payload with {member} twice", sealed(name, {}, twice)
        if not name.endswith("cose") and member not in ("typ", "alg"):
            yield f"header with {member}", sealed(name, {member: lie})
        if "sd-jwt" in name and member not in ("alg", "typ", "kid"):
            yield f"disclosed {member}", concealed(name, [["s", member, lie]])
            yield f"disclosed beside {member}", sealed(
                name, {}, {**payload, "_sd": disclosures.digests_of([text_of(["s", member, lie])])},
                (text_of(["s", member, lie]),),
            )  # fmt: skip
    for number, lie in {1: OTHER.did, 2: OTHER.did, 4: SECOND + 10**9, 8: {}}.items():
        if name.endswith("cose"):
            yield f"header claim {number}", sealed(name, {15: {number: lie}})
    if name == "JWT":
        for member in LIES.keys() - {"vc", "vp"}:
            yield f"vc with {member}", sealed(name, {}, {**payload, "vc": {**OLD, member: LIES[member]}})


def every(source: Callable[[str], Iterator[tuple[str, Any]]], names: Any) -> list[str]:
    return [
        f"{name}: {label}: {found}"
        for name in names
        for label, value in source(name)
        if (found := disagreements(value))
    ]


@pytest.mark.parametrize("name", ACCEPTED)
def test_the_envelopes_are_accepted_and_read_by_everybody_alike(name: str) -> None:
    verdict = verdict_of(ACCEPTED[name])
    assert verdict.verified, verdict.problems
    assert disagreements(ACCEPTED[name]) == []


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_changed_around_the_signed_text_is_refused_or_read_alike(name: str) -> None:
    assert every(unsigned, [name]) == []


@pytest.mark.parametrize("name", PAYLOADS)
def test_what_says_two_things_is_refused_though_it_is_signed(name: str) -> None:
    assert every(signed, [name]) == []


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_several_lies_at_once_are_refused_as_well(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PAYLOADS)))
    members = data.draw(st.lists(st.sampled_from(sorted(LIES.keys() - {"alg", "typ", "kid"})), unique=True, max_size=4))
    truths = data.draw(st.lists(st.sampled_from(sorted(REGISTERED)), unique=True))
    payload = {**PAYLOADS[name][0], **{n: REGISTERED[n] for n in truths if "vp" not in name}}
    header = (
        {} if name.endswith("cose") else {n: LIES[n] for n in data.draw(st.lists(st.sampled_from(members or ["x"])))}
    )
    assert disagreements(sealed(name, header, {**payload, **{n: LIES[n] for n in members}})) == []


NOTHING: Callable[..., Any] = lambda *_, **__: []  # noqa: E731
RULES: dict[str, tuple[Any, str, Any]] = {
    "claims agree": (payload_rules, "agreement_problems", NOTHING),
    "header agrees": (agreement, "_header", NOTHING),
    "members beside vc": (agreement, "_beside_the_claim", NOTHING),
    "one period": (agreement, "_period", NOTHING),
    "one key": (agreement, "_confirmation", NOTHING),
    "never hidden": (payload_rules, "hidden_problems", NOTHING),
    "JSON serialisation": (reading, "_check_members", NOTHING),
    "wrapper": (reading, "_WRAPPER", frozenset({*LIES, "@context", "type", "id"})),
    "unprotected header": (cose, "_UNPROTECTED", frozenset({1, 2, 3, 4, 5, 7, 11, 15, 16, 33, 34, 394, "iss", "x"})),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_missed_when_it_is_taken_out(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if rule == "unprotected header":
        monkeypatch.setattr(cose, "_check_header", NOTHING)
    monkeypatch.setattr(*RULES[rule])
    found = every(unsigned, ACCEPTED) + every(signed, PAYLOADS)
    if rule == "never hidden":  # What it keeps in sight doesn't lie: it would be missing.
        hidden = concealed("dc+sd-jwt", [["s", "exp", REGISTERED["exp"]]])
        found += ["hidden"] if verdict_of(hidden).verified else []
    assert found


@pytest.mark.parametrize("form", ["vp+jwt", "vp+cose"])
def test_a_presentation_is_neither_early_nor_late(form: str) -> None:
    for claims in ({"exp": SECOND - 1}, {"nbf": SECOND + 3600}, {"iat": SECOND + 3600}):
        assert not verdict_of(sealed(form, {}, {**PAYLOADS[form][0], **claims})).verified
    good = {**PAYLOADS[form][0], "exp": SECOND + 60, "nbf": SECOND}
    assert verdict_of(sealed(form, {}, good)).verified


def test_both_ends_of_an_envelope_of_2_0_are_judged() -> None:
    for claims in ({"exp": SECOND - 3600}, {"nbf": SECOND + 3600}, {"validUntil": "2026-05-01T00:00:00Z"}):
        assert not verdict_of(sealed("vc+jwt", {}, {**PAYLOADS["vc+jwt"][0], **claims})).verified
