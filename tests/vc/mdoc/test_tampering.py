"""What an attacker can do to each part of an answer, and the named check that stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest

import did
from vc import mdoc
from vc.envelope import cose

from .conftest import COMMON, DOC_TYPE, NAME_SPACES, NOW, OWN, SESSION, Authority, codes, outcome

Change = Callable[[dict[str, Any]], None]


def changed(response: bytes, change: Change) -> bytes:
    """``response`` with its (one) document changed."""
    value = cbor2.loads(response)
    change(value["documents"][0])
    return cbor2.dumps(value)


def item_of(document: dict[str, Any], name_space: str = COMMON, index: int = 0) -> dict[str, Any]:
    return cbor2.loads(document["issuerSigned"]["nameSpaces"][name_space][index].value)


def put_item(document: dict[str, Any], item: Any, name_space: str = COMMON, index: int = 0) -> None:
    document["issuerSigned"]["nameSpaces"][name_space][index] = cbor2.CBORTag(24, cbor2.dumps(item))


def element(**members: Any) -> Change:
    """Members of the first element, changed; None takes one away."""

    def change(document: dict[str, Any]) -> None:
        item = {**item_of(document), **members}
        put_item(document, {name: value for name, value in item.items() if value is not None})

    return change


def flipped(path: list[Any], bit: int = 0) -> Change:
    """One bit of a byte string, flipped."""

    def change(document: dict[str, Any]) -> None:
        node: Any = document
        for part in path[:-1]:
            node = node[part]
        data = bytearray(node[path[-1]])
        data[len(data) // 2] ^= 1 << bit
        node[path[-1]] = bytes(data)

    return change


def put(path: list[Any], value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        node: Any = document
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = value

    return change


AUTH = ["issuerSigned", "issuerAuth"]
DEVICE = ["deviceSigned", "deviceAuth", "deviceSignature"]
SPACES = ["issuerSigned", "nameSpaces"]


def twice(document: dict[str, Any]) -> None:
    entries = document["issuerSigned"]["nameSpaces"][COMMON]
    entries.append(entries[0])


def the_same_element_under_another_id(document: dict[str, Any]) -> None:
    item = item_of(document)
    entries = document["issuerSigned"]["nameSpaces"][COMMON]
    entries.append(cbor2.CBORTag(24, cbor2.dumps({**item, "digestID": 99, "elementValue": "李"})))


def under_the_id_of_another(document: dict[str, Any]) -> None:
    shown = {item_of(document, COMMON, index)["digestID"] for index in range(2)}
    hidden = next(number for number in range(6) if number not in shown)
    element(digestID=hidden)(document)


def under_another_name_space(document: dict[str, Any]) -> None:
    spaces = document["issuerSigned"]["nameSpaces"]
    spaces["example.other"] = spaces.pop(COMMON)


def between_name_spaces(document: dict[str, Any]) -> None:
    spaces = document["issuerSigned"]["nameSpaces"]
    spaces[OWN] = [spaces[COMMON].pop()]


def by_the_device_as_well(document: dict[str, Any]) -> None:
    own = cbor2.dumps({COMMON: {"family_name": "李"}})
    document["deviceSigned"]["nameSpaces"] = cbor2.CBORTag(24, own)


def unauthorised(document: dict[str, Any]) -> None:
    document["deviceSigned"]["nameSpaces"] = cbor2.CBORTag(24, cbor2.dumps({COMMON: {"age_over_21": True}}))


def device_elements(value: Any) -> Change:
    return put(["deviceSigned", "nameSpaces"], cbor2.CBORTag(24, cbor2.dumps(value)))


def certificate_in_the_protected_header(document: dict[str, Any]) -> None:
    auth = document["issuerSigned"]["issuerAuth"]
    auth[0], auth[1] = cbor2.dumps({1: -7, 33: auth[1][33]}), {}


def mac(document: dict[str, Any]) -> None:
    document["deviceSigned"]["deviceAuth"] = {"deviceMac": [cbor2.dumps({1: 5}), {}, None, bytes(32)]}


def both_authentications(document: dict[str, Any]) -> None:
    document["deviceSigned"]["deviceAuth"]["deviceMac"] = [cbor2.dumps({1: 5}), {}, None, bytes(32)]


CASES: dict[str, tuple[Change, str]] = {
    # The elements.
    "a value": (element(elementValue="李"), "mdoc.digest"),
    "a name": (element(elementIdentifier="given_name"), "mdoc.digest"),
    "the random bytes": (element(random=bytes(32)), "mdoc.digest"),
    "an id": (element(digestID=17), "mdoc.digest"),
    "an id of an element that is not shown": (under_the_id_of_another, "mdoc.digest"),
    "an id that is true": (element(digestID=True), "mdoc.element"),
    "an id that is a float": (element(digestID=1.0), "mdoc.element"),
    "an id below zero": (element(digestID=-1), "mdoc.element"),
    "few random bytes": (element(random=bytes(15)), "mdoc.element"),
    "random as text": (element(random="x" * 32), "mdoc.element"),
    "a member more": (element(more=1), "mdoc.element"),
    "a member fewer": (element(random=None), "mdoc.element"),
    "a name that is no text": (element(elementIdentifier=b"family_name"), "mdoc.security_object"),
    "a value with keys that are no texts": (element(elementValue={1: 1, "1": 2}), "mdoc.element"),
    "an element twice": (twice, "mdoc.element"),
    "an element under another id, too": (the_same_element_under_another_id, "mdoc.element"),
    "an element that is no map": (lambda d: put_item(d, []), "mdoc.element"),
    "an element without its tag": (lambda d: put([*SPACES, COMMON, 0], cbor2.dumps(item_of(d)))(d), "mdoc.form"),
    "an element as plain map": (lambda d: put([*SPACES, COMMON, 0], item_of(d))(d), "mdoc.form"),
    "a namespace that was not signed": (under_another_name_space, "mdoc.digest"),
    "an element in another namespace": (between_name_spaces, "mdoc.digest"),
    "no elements in a namespace": (put([*SPACES, COMMON], []), "mdoc.form"),
    "the elements of a namespace as map": (put([*SPACES, COMMON], {"a": 1}), "mdoc.form"),
    "no namespaces": (put(SPACES, {}), "mdoc.form"),
    "namespaces as array": (put(SPACES, [[1]]), "mdoc.form"),
    "a namespace without a name": (put([*SPACES, ""], [1]), "mdoc.security_object"),
    # The authority's signature.
    "the signature": (flipped([*AUTH, 3]), "proof.signature"),
    "a signature cut off": (lambda d: put([*AUTH, 3], d["issuerSigned"]["issuerAuth"][3][:-1])(d), "proof.signature"),
    "no signature": (put([*AUTH, 3], b""), "proof.signature"),
    "the algorithm of another key type": (put([*AUTH, 0], cbor2.dumps({1: -35})), "envelope.algorithm"),
    "an algorithm for MACs": (put([*AUTH, 0], cbor2.dumps({1: 5})), "envelope.algorithm"),
    "no algorithm": (put([*AUTH, 0], b""), "envelope.algorithm"),
    "an algorithm that is true": (put([*AUTH, 0], cbor2.dumps({1: True})), "envelope.algorithm"),
    "the algorithm where nobody signed it": (put([*AUTH, 1, 1], -7), "envelope.header"),
    "the certificate where it is signed": (certificate_in_the_protected_header, "envelope.header"),
    "something more that nobody signed": (put([*AUTH, 1, 16], "x"), "envelope.header"),
    "a header that has to be understood": (put([*AUTH, 0], cbor2.dumps({1: -7, 2: [1]})), "envelope.header"),
    "a header more": (put([*AUTH, 0], cbor2.dumps({1: -7, 16: "x"})), "envelope.header"),
    "no certificate": (put([*AUTH, 1], {}), "envelope.header"),
    "a certificate that is none": (put([*AUTH, 1, 33], b"x"), "envelope.chain"),
    "a certificate with a bit flipped": (flipped([*AUTH, 1, 33]), "envelope.chain"),
    "an array of one certificate": (
        lambda d: put([*AUTH, 1, 33], [d["issuerSigned"]["issuerAuth"][1][33]])(d),
        "envelope.chain",
    ),
    "no payload": (put([*AUTH, 2], None), "envelope.form"),
    "a payload that is no security object": (put([*AUTH, 2], b"\x00"), "mdoc.security_object"),
    "issuerAuth with a tag": (lambda d: put(AUTH, cbor2.CBORTag(18, d["issuerSigned"]["issuerAuth"]))(d), "mdoc.form"),
    "issuerAuth as map": (put(AUTH, {"a": 1, "b": 2, "c": 3, "d": 4}), "mdoc.form"),
    "issuerAuth as text": (put(AUTH, "four"), "mdoc.form"),
    "issuerAuth of three": (lambda d: d["issuerSigned"]["issuerAuth"].pop(), "mdoc.form"),
    # The device's signature.
    "the device's signature": (flipped([*DEVICE, 3]), "mdoc.device_signature"),
    "the device's algorithm": (put([*DEVICE, 0], cbor2.dumps({1: -35})), "envelope.algorithm"),
    "the device's payload": (put([*DEVICE, 2], b"x"), "mdoc.form"),
    "a header that the device did not sign": (put([*DEVICE, 1], {16: "x"}), "envelope.header"),
    "a certificate of the device": (
        lambda d: put([*DEVICE, 1], d["issuerSigned"]["issuerAuth"][1])(d),
        "envelope.header",
    ),
    "elements that the device did not sign": (unauthorised, "mdoc.device_authorization"),
    "an element of the authority's by the device": (by_the_device_as_well, "mdoc.element"),
    "a MAC": (mac, "mdoc.device_mac"),
    "a MAC and a signature": (both_authentications, "mdoc.form"),
    "no authentication": (put(["deviceSigned", "deviceAuth"], {}), "mdoc.form"),
    "the device's elements as array": (device_elements([]), "mdoc.form"),
    "the device's elements of many namespaces": (device_elements({f"x{n}": {"y": 0} for n in range(65)}), "mdoc.form"),
    "no elements of the device in a namespace": (device_elements({"x": {}}), "mdoc.form"),
    "the device's elements in a namespace as array": (device_elements({"x": [1]}), "mdoc.form"),
    "an element of the device without a name": (device_elements({"x": {"": 1}}), "mdoc.security_object"),
    "the device's elements without their tag": (put(["deviceSigned", "nameSpaces"], {}), "mdoc.form"),
    # The maps that nobody signed.
    "another document type": (put(["docType"], "org.iso.18013.5.1.mDL"), "mdoc.doc_type"),
    "no device": (lambda d: d.pop("deviceSigned"), "mdoc.form"),
    "a member more in the document": (put(["zk"], 1), "mdoc.form"),
    "a member more in issuerSigned": (put(["issuerSigned", "more"], 1), "mdoc.form"),
    "a member more in deviceSigned": (put(["deviceSigned", "more"], 1), "mdoc.form"),
    "an element that is shown and reported missing": (put(["errors"], {COMMON: {"family_name": 0}}), "mdoc.element"),
    "errors of no kind": (put(["errors"], {COMMON: {"sex": "no"}}), "mdoc.form"),
    "errors as array": (put(["errors"], [{}]), "mdoc.form"),
    "no errors at all": (put(["errors"], {}), "mdoc.form"),
    "errors of many namespaces": (put(["errors"], {f"x{n}": {"y": 0} for n in range(65)}), "mdoc.form"),
    "no errors of a namespace": (put(["errors"], {COMMON: {}}), "mdoc.form"),
    "errors of a namespace as array": (put(["errors"], {COMMON: ["sex"]}), "mdoc.form"),
    "errors of many elements": (put(["errors"], {COMMON: {f"x{n}": 0 for n in range(257)}}), "mdoc.form"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_changed_answer_is_refused_by_name(name, shown, judge):
    change, code = CASES[name]
    verdict = judge(changed(shown, change))
    assert not verdict.verified
    assert codes(verdict)[0] == code, verdict.problems
    for problem in verdict.problems:
        assert problem.to_dict()["titleZh"]


def test_a_kid_that_nobody_signed_changes_nothing(shown, judge):
    def change(document: dict[str, Any]) -> None:
        document["issuerSigned"]["issuerAuth"][1][4] = b"did:example:another#key"
        document["deviceSigned"]["deviceAuth"]["deviceSignature"][1][4] = b"x"

    assert judge(changed(shown, change)) == judge(shown)


def test_the_unchanged_answer_verifies(shown, judge):
    assert judge(changed(shown, lambda document: None)).verified


# --- what an authority must not have signed, or a thief of another document would show -------------------------------


def signed_anew(response: bytes, authority: Authority, device: did.SoftwareKey, change: Change) -> bytes:
    """An answer whose security object was changed and signed again, by authority and device."""
    value = cbor2.loads(response)
    document = value["documents"][0]
    authority.sign_again(document["issuerSigned"], change)
    issued = document["issuerSigned"]
    try:
        elements = {
            name: [cbor2.loads(item.value)["elementIdentifier"] for item in items]
            for name, items in issued["nameSpaces"].items()
        }
        return mdoc.present(cbor2.dumps(issued), elements, device, transcript=SESSION)
    except ValueError:
        return cbor2.dumps(value)


def drop(name: str) -> Change:
    return lambda mso: mso.pop(name)


def when(**times: Any) -> Change:
    return lambda mso: mso["validityInfo"].update(times)


KEY = ["deviceKeyInfo", "deviceKey"]
LATER = datetime(2029, 1, 1, tzinfo=UTC)
MSO_CASES: dict[str, tuple[Change, str]] = {
    "another version": (put(["version"], "1.1"), "mdoc.security_object"),
    "a version that is a number": (put(["version"], 1.0), "mdoc.security_object"),
    "no version": (drop("version"), "mdoc.security_object"),
    "a weak digest": (put(["digestAlgorithm"], "SHA-1"), "mdoc.security_object"),
    "digests of another length": (put(["valueDigests", COMMON, 0], bytes(20)), "mdoc.security_object"),
    "a digest id that is true": (put(["valueDigests", "x"], {True: bytes(32)}), "mdoc.security_object"),
    "no digests": (put(["valueDigests"], {}), "mdoc.security_object"),
    "a namespace without digests": (put(["valueDigests", "x"], {}), "mdoc.security_object"),
    "digests that are no map": (put(["valueDigests", COMMON], [bytes(32)]), "mdoc.security_object"),
    "no device key": (drop("deviceKeyInfo"), "mdoc.security_object"),
    "a device key off its curve": (flipped(["deviceKeyInfo", "deviceKey", -2]), "mdoc.device_key"),
    "a device key with its private part": (put(["deviceKeyInfo", "deviceKey", -4], bytes(32)), "mdoc.device_key"),
    "a device key on another curve": (put(["deviceKeyInfo", "deviceKey", -1], 8), "mdoc.device_key"),
    "a device key that agrees only": (put(KEY, {1: 1, -1: 4, -2: bytes(32)}), "mdoc.device_key"),
    "a device key for another algorithm": (put(["deviceKeyInfo", "deviceKey", 3], -35), "mdoc.device_key"),
    "authorisations of no kind": (put(["deviceKeyInfo", "keyAuthorizations"], []), "mdoc.security_object"),
    "a namespace authorised twice": (
        put(["deviceKeyInfo", "keyAuthorizations"], {"nameSpaces": ["x"], "dataElements": {"x": ["y"]}}),
        "mdoc.security_object",
    ),
    "no document type": (drop("docType"), "mdoc.security_object"),
    "no period": (drop("validityInfo"), "mdoc.security_object"),
    "a time as text": (when(validUntil="2030-01-01T00:00:00Z"), "mdoc.security_object"),
    "a time with fractions": (when(signed=NOW.replace(microsecond=500000)), "mdoc.security_object"),
    "an end before the beginning": (when(validUntil=NOW - timedelta(days=1)), "mdoc.security_object"),
    "a beginning before the signature": (when(validFrom=NOW - timedelta(days=1)), "mdoc.security_object"),
    "a status that is none": (put(["status"], None), "mdoc.security_object"),
    "signed before the certificate": (
        when(signed=NOW - timedelta(days=31), validFrom=NOW - timedelta(days=31)),
        "mdoc.signed",
    ),
    "signed after the certificate": (
        when(signed=LATER, validFrom=LATER, validUntil=LATER + timedelta(days=1)),
        "mdoc.signed",
    ),
    "not valid yet": (when(validFrom=NOW + timedelta(minutes=2)), "period.not_yet"),
}


@pytest.mark.parametrize("name", MSO_CASES)
def test_a_wrong_security_object_is_refused_even_when_it_is_signed(name, shown, authority, device, judge):
    change, code = MSO_CASES[name]
    verdict = judge(signed_anew(shown, authority, device, change))
    assert not verdict.verified
    assert codes(verdict)[0] == code, verdict.problems


def test_members_that_the_authority_signed_and_nobody_knows_are_passed_over(shown, authority, device, judge):
    verdict = judge(signed_anew(shown, authority, device, put(["more"], 1)))
    assert verdict.verified, verdict.problems


@pytest.mark.parametrize(
    ("seconds", "code"), [(89 * 86_400, None), (90 * 86_400 + 61, "period.over"), (-61, "period.not_yet")]
)
def test_an_mdoc_is_good_within_its_period_give_or_take_the_skew(seconds, code, shown, judge):
    verdict = judge(shown, now=NOW + timedelta(seconds=seconds))
    assert codes(verdict) == ([] if code is None else [code])
    assert outcome(verdict, "validity_period") == ("passed" if code is None else "failed")


def test_the_elements_of_two_documents_are_not_mixed(authority, device, shown, judge):
    other = authority.issue(device.public_key, {COMMON: {**NAME_SPACES[COMMON], "family_name": "李"}, OWN: {"x": 1}})
    theirs = cbor2.loads(mdoc.present(other, {COMMON: ["family_name"]}, device, transcript=SESSION))
    stolen = theirs["documents"][0]["issuerSigned"]["nameSpaces"][COMMON]
    verdict = judge(changed(shown, put([*SPACES, COMMON], stolen)))
    assert codes(verdict) == ["mdoc.digest"]


def test_the_device_signature_of_one_document_does_not_fit_another_of_the_same_device(authority, device, shown, judge):
    other = authority.issue(device.public_key, doc_type=DOC_TYPE + ".other")
    theirs = cbor2.loads(mdoc.present(other, {}, device, transcript=SESSION))["documents"][0]
    verdict = judge(changed(shown, put(["deviceSigned"], theirs["deviceSigned"])))
    assert codes(verdict) == ["mdoc.device_signature"]


def test_a_thief_with_another_key_shows_nothing(shown, issued, judge):
    thief = did.generate()
    pending = mdoc.prepare(issued, {COMMON: ["family_name"]}, transcript=SESSION)
    forged = changed(shown, put([*DEVICE, 3], thief.sign(pending.data_to_sign)))
    assert codes(judge(forged)) == ["mdoc.device_signature"]


def test_a_stranger_is_no_authority(shown, device, judge):
    stranger = Authority("Stranger")
    response = mdoc.present(stranger.issue(device.public_key), {COMMON: ["sex"]}, device, transcript=SESSION)
    verdict = judge(response)
    assert codes(verdict) == ["envelope.chain"]
    assert verdict.document["documents"][0]["issuer"] is None
    for name in ("proof", "digests", "holder_binding", "status"):
        assert outcome(verdict, name) == "not applicable"


def test_without_anchors_nobody_is_trusted(shown, judge):
    assert codes(judge(shown, anchors=[])) == ["envelope.chain"]


# --- the response around the documents -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": "1.1"}, "mdoc.form"),
        ({"version": None}, "mdoc.form"),
        ({"status": 10}, "mdoc.response"),
        ({"status": False}, "mdoc.form"),
        ({"status": -1}, "mdoc.form"),
        ({"status": None}, "mdoc.form"),
        ({"documents": None}, "mdoc.response"),
        ({"documents": []}, "mdoc.form"),
        ({"documents": {}}, "mdoc.form"),
        ({"documents": {"a": 1}}, "mdoc.form"),
        ({"documentErrors": {"a": 1}}, "mdoc.form"),
        ({"documents": [1] * 17}, "parse.limit"),
        ({"documents": [1]}, "mdoc.form"),
        ({"zkDocuments": [1]}, "mdoc.form"),
        ({"documentErrors": []}, "mdoc.form"),
        ({"documentErrors": [{"x": "no"}]}, "mdoc.form"),
    ],
)
def test_a_response_is_of_version_1_with_documents_and_no_error(change, code, shown, judge):
    value = {**cbor2.loads(shown), **change}
    verdict = judge(cbor2.dumps({name: item for name, item in value.items() if item is not None}))
    assert not verdict.verified
    assert codes(verdict)[0] == code


def test_what_a_device_did_not_return_is_a_warning(shown, judge):
    value = cbor2.loads(shown)
    value["documents"][0]["errors"] = {COMMON: {"nationality": 0}}
    value["documentErrors"] = [{"org.iso.18013.5.1.mDL": 0}]
    verdict = judge(cbor2.dumps(value))
    assert verdict.verified
    assert [warning.code for warning in verdict.warnings] == ["mdoc.document_error"] * 2
    assert verdict.document["documentErrors"] == [{"docType": "org.iso.18013.5.1.mDL", "code": 0}]


def test_each_document_of_a_response_is_judged(shown, judge):
    value = cbor2.loads(shown)
    bad = cbor2.loads(shown)["documents"][0]
    flipped([*DEVICE, 3])(bad)
    value["documents"].append(bad)
    verdict = judge(cbor2.dumps(value))
    assert [problem.pointer for problem in verdict.problems] == ["/documents/1/deviceSigned/deviceAuth/deviceSignature"]
    value["documents"].pop()
    value["documents"].append(value["documents"][0])
    assert judge(cbor2.dumps(value)).verified


def test_an_mdoc_of_strangers_is_explained_without_being_believed(shown, issued):
    (trace,) = mdoc.explain(shown, transcript=SESSION)
    assert trace["deviceAuth"]["method"] == "deviceSignature"
    assert trace["elements"][0]["digest"] == trace["elements"][0]["signedDigest"]
    assert "deviceAuth" not in mdoc.explain(shown)[0]
    assert len(mdoc.explain(issued)[0]["elements"]) == 8
    with pytest.raises(ValueError, match=r"mdoc\.form"):
        mdoc.explain(b"\x00")


def test_a_response_is_told_from_other_forms_by_its_first_bytes(shown, issued):
    assert mdoc.looks_like_response(shown)
    for other in (issued, b"{}", b"eyJ", b"\xd2\x84", b""):
        assert not mdoc.looks_like_response(other)


def test_an_explanation_goes_on_after_a_failure_and_names_every_value(shown, judge):
    verdict = judge(changed(shown, element(elementValue="李")), explain=True)
    assert codes(verdict) == ["mdoc.digest"]
    assert outcome(verdict, "holder_binding") == "passed"
    trace = verdict.trace["mdoc"][0]
    entry = trace["elements"][0]
    assert entry["elementValue"] == "李" and entry["digest"] != entry["signedDigest"]
    assert trace["deviceAuth"]["sessionTranscript"] == SESSION.hex()
    assert trace["undisclosed"] == {COMMON: 4, OWN: 1}
    assert trace["issuerAuth"]["certificates"][0]["subject"] == "CN=Authority document signer,C=CN"
    signed = cose.parse(cbor2.dumps(cbor2.loads(shown)["documents"][0]["issuerSigned"]["issuerAuth"]))
    assert trace["issuerAuth"]["signingInput"] == signed.signing_input.hex()
