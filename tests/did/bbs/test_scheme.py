from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from did import bbs
from did.bbs.ciphersuites import ciphersuite
from did.bbs.core import Opening, Statement, _Verified, calculate_b, secret_scalar, signature_from_b
from did.bbs.curve import G1Point, G2Point, octets_to_pubkey
from did.bbs.interfaces import Interface, plain_interface

from .conftest import fixtures, mocked_random

KEY = bbs.key_gen(bytes(range(32)))
PUBLIC_KEY = bbs.sk_to_pk(KEY)
HEADER = b"header"
MESSAGES = [b"first", b"second", b"", b"fourth" * 40]
SIGNATURE = bbs.sign(KEY, PUBLIC_KEY, HEADER, MESSAGES)
SHOWN = [0, 2]
PROOF = bbs.proof_gen(PUBLIC_KEY, SIGNATURE, header=HEADER, messages=MESSAGES, disclosed_indexes=SHOWN)
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
IDENTITY = b"\xc0" + bytes(47)


def shown(messages: list[bytes], indexes: list[int]) -> list[bytes]:
    return [messages[index] for index in indexes]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-irtf", "keypair"))
def test_a_published_key_pair_is_derived(suite: str, case: dict[str, Any]) -> None:
    material, info, dst = (bytes.fromhex(case[name]) for name in ("keyMaterial", "keyInfo", "keyDst"))
    sk = bbs.key_gen(material, info, dst, suite=suite)
    assert sk == int(case["keyPair"]["secretKey"], 16)
    assert bbs.sk_to_pk(sk).hex() == case["keyPair"]["publicKey"]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-irtf", "generators"))
def test_published_generators_are_created(suite: str, case: dict[str, Any]) -> None:
    interface = plain_interface(suite)
    created = interface.create_generators(len(case["MsgGenerators"]) + 1)
    assert interface.p1[0].to_compressed_bytes().hex() == case["P1"]
    assert [base[0].to_compressed_bytes().hex() for base in created] == [case["Q1"], *case["MsgGenerators"]]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-irtf", "h2s"))
def test_octets_hash_to_the_published_scalar(suite: str, case: dict[str, Any]) -> None:
    scalar = ciphersuite(suite).hash_to_scalar(bytes.fromhex(case["message"]), bytes.fromhex(case["dst"]))
    assert scalar.to_be_bytes().hex() == case["scalar"]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-irtf", "MapMessageToScalarAsHash"))
def test_messages_map_to_the_published_scalars(suite: str, case: dict[str, Any]) -> None:
    messages = [bytes.fromhex(item["message"]) for item in case["cases"]]
    scalars = plain_interface(suite).messages_to_scalars(messages)
    assert [scalar.to_be_bytes().hex() for scalar in scalars] == [item["scalar"] for item in case["cases"]]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-irtf", "mockedRng"))
def test_mocked_random_scalars_are_the_published_ones(suite: str, case: dict[str, Any]) -> None:
    source = mocked_random(suite, bytes.fromhex(case["seed"]), bytes.fromhex(case["dst"]), case["count"])
    drawn = [int.from_bytes(source(48), "big") % ORDER for _ in range(case["count"])]
    assert [f"{scalar:064x}" for scalar in drawn] == case["mockedScalars"]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-irtf", "signature/"))
def test_a_published_signature_is_judged_and_made(suite: str, case: dict[str, Any]) -> None:
    pk, header = bytes.fromhex(case["signerKeyPair"]["publicKey"]), bytes.fromhex(case["header"])
    messages = [bytes.fromhex(message) for message in case["messages"]]
    signature = bytes.fromhex(case["signature"])
    assert bbs.verify(pk, signature, header, messages, suite=suite) is case["result"]["valid"]
    if case["result"]["valid"]:
        sk = int(case["signerKeyPair"]["secretKey"], 16)
        assert bbs.sign(sk, pk, header, messages, suite=suite) == signature
        statement = Statement(plain_interface(suite), pk, header, len(messages) + 1)
        domain = statement.domain()
        b = calculate_b(statement, plain_interface(suite).messages_to_scalars(messages), domain)
        assert domain.to_be_bytes().hex() == case["trace"]["domain"]
        assert b.to_compressed_bytes().hex() == case["trace"]["B"]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-irtf", "proof/"))
def test_a_published_proof_is_judged_and_made(suite: str, case: dict[str, Any]) -> None:
    pk, proof = bytes.fromhex(case["signerPublicKey"]), bytes.fromhex(case["proof"])
    header, presentation_header = bytes.fromhex(case["header"]), bytes.fromhex(case["presentationHeader"])
    messages, indexes = [bytes.fromhex(message) for message in case["messages"]], case["disclosedIndexes"]
    valid = bbs.proof_verify(
        pk,
        proof,
        header=header,
        presentation_header=presentation_header,
        disclosed_messages=shown(messages, indexes),
        disclosed_indexes=indexes,
        suite=suite,
    )
    assert valid is case["result"]["valid"]
    trace = case["trace"]
    assert proof[:144].hex() == trace["A_bar"] + trace["B_bar"] + trace["D"]
    if not valid:
        return
    dst = ciphersuite(suite).identifier + b"H2G_HM2S_MOCK_RANDOM_SCALARS_DST_"
    source = mocked_random(suite, b"3.141592653589793238462643383279", dst, 5 + len(messages) - len(indexes))
    made = bbs.proof_gen(
        pk,
        bytes.fromhex(case["signature"]),
        header=header,
        presentation_header=presentation_header,
        messages=messages,
        disclosed_indexes=indexes,
        suite=suite,
        get_random=source,
    )
    assert made == proof
    assert made[-32:].hex() == trace["challenge"]


@settings(max_examples=25, deadline=None)
@given(
    messages=st.lists(st.binary(max_size=80), max_size=8),
    data=st.data(),
    header=st.binary(max_size=40),
    presentation_header=st.binary(max_size=40),
    suite=st.sampled_from(["SHA-256", "SHAKE-256"]),
)
def test_whatever_is_signed_can_be_shown_in_part(
    messages: list[bytes], data: st.DataObject, header: bytes, presentation_header: bytes, suite: str
) -> None:
    indexes = sorted(data.draw(st.sets(st.integers(0, len(messages) - 1)) if messages else st.just(set())))
    signature = bbs.sign(KEY, PUBLIC_KEY, header, messages, suite=suite)
    assert bbs.verify(PUBLIC_KEY, signature, header, messages, suite=suite)
    proof = bbs.proof_gen(
        PUBLIC_KEY,
        signature,
        header=header,
        presentation_header=presentation_header,
        messages=messages,
        disclosed_indexes=indexes,
        suite=suite,
    )
    assert len(proof) == 272 + 32 * (len(messages) - len(indexes))
    given_values: dict[str, Any] = {
        "header": header,
        "presentation_header": presentation_header,
        "disclosed_messages": shown(messages, indexes),
        "disclosed_indexes": indexes,
        "suite": suite,
    }
    assert bbs.proof_verify(PUBLIC_KEY, proof, **given_values)
    other_suite = "SHA-256" if suite == "SHAKE-256" else "SHAKE-256"
    assert not bbs.proof_verify(PUBLIC_KEY, proof, **given_values | {"suite": other_suite})
    assert not bbs.proof_verify(PUBLIC_KEY, proof, **given_values | {"header": header + b"x"})
    assert not bbs.proof_verify(PUBLIC_KEY, proof, **given_values | {"presentation_header": b"x" + presentation_header})


def test_two_proofs_of_one_signature_have_nothing_in_common() -> None:
    again = bbs.proof_gen(PUBLIC_KEY, SIGNATURE, header=HEADER, messages=MESSAGES, disclosed_indexes=SHOWN)
    blocks = {PROOF[at : at + 16] for at in range(0, len(PROOF), 16)}
    assert blocks.isdisjoint(again[at : at + 16] for at in range(0, len(again), 16))


@pytest.mark.parametrize("at", range(80))
def test_a_signature_with_a_changed_byte_fails(at: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[at] ^= 1 << at % 8
    assert not bbs.verify(PUBLIC_KEY, bytes(changed), HEADER, MESSAGES)


def test_a_proof_with_any_changed_byte_fails() -> None:
    for at in range(len(PROOF)):
        changed = bytearray(PROOF)
        changed[at] ^= 1 << at % 8
        assert not verifies(bytes(changed)), at


def verifies(proof: bytes, **changes: Any) -> bool:
    expected: dict[str, Any] = {
        "header": HEADER,
        "disclosed_messages": shown(MESSAGES, SHOWN),
        "disclosed_indexes": SHOWN,
    }
    return bbs.proof_verify(changes.pop("pk", PUBLIC_KEY), proof, **expected | changes)


def test_the_unchanged_proof_verifies() -> None:
    assert verifies(PROOF)


@pytest.mark.parametrize(
    "changes",
    [
        {"disclosed_messages": [MESSAGES[2], MESSAGES[0]]},
        {"disclosed_messages": [MESSAGES[0], MESSAGES[1]]},
        {"disclosed_messages": [MESSAGES[0]]},
        {"disclosed_messages": [*shown(MESSAGES, SHOWN), b"more"]},
        {"disclosed_indexes": [0, 1]},
        {"disclosed_indexes": [2, 0]},
        {"disclosed_indexes": [0, 0]},
        {"disclosed_indexes": [0, 4]},
        {"disclosed_indexes": [-1, 2]},
        {"disclosed_indexes": [0, 2**70]},
        {"disclosed_indexes": [False, 2]},
        {"disclosed_indexes": [0, 2.0]},
        {"disclosed_indexes": [0], "disclosed_messages": [MESSAGES[0]]},
        {"disclosed_indexes": [], "disclosed_messages": []},
        {"header": b""},
        {"presentation_header": b"\0"},
        {"pk": bbs.sk_to_pk(KEY + 1)},
        {"pk": b"\xc0" + bytes(95)},
        {"pk": PUBLIC_KEY[:-1]},
        {"pk": PUBLIC_KEY + b"\0"},
        {"pk": b""},
        {"pk": bytes(96)},
        {"pk": b"\xff" * 96},
    ],
    ids="-".join,
)
def test_a_proof_fails_for_anything_it_was_not_made_for(changes: dict[str, Any]) -> None:
    assert not verifies(PROOF, **changes)


def scalar_octets(value: int) -> bytes:
    return value.to_bytes(32, "big")


def not_in_subgroup() -> bytes:
    """A point on the curve that lies outside G1, in compressed form."""
    for x in range(1, 100):
        octets_ = bytearray(x.to_bytes(48, "big"))
        octets_[0] |= 0x80
        try:
            point = G1Point.from_compressed_bytes_unchecked(bytes(octets_))
        except ValueError:
            continue
        if not point.is_in_subgroup():
            return bytes(octets_)
    raise AssertionError("no such point")


def non_canonical(point: bytes) -> bytes:
    """The same x coordinate plus the field's modulus, where that still fits into 381 bits."""
    x = int.from_bytes(bytes([point[0] & 0x1F]) + point[1:], "big")
    encoded = bytearray(((x + FIELD) % (1 << 381)).to_bytes(48, "big"))
    encoded[0] |= point[0] & 0xE0
    return bytes(encoded)


BAD_POINTS = {
    "identity": IDENTITY,
    "identity with sign": b"\xe0" + bytes(47),
    "identity with rest": b"\xc0" + bytes(46) + b"\1",
    "zero": bytes(48),
    "ones": b"\xff" * 48,
    "outside the subgroup": not_in_subgroup(),
    "uncompressed flag": bytes([PROOF[0] & 0x7F]) + PROOF[1:48],
    "infinity flag": bytes([PROOF[0] | 0x40]) + PROOF[1:48],
    "x is not below the modulus": b"\x9a" + FIELD.to_bytes(48, "big")[1:],
    "x plus the modulus": non_canonical(PROOF[:48]),
}
BAD_SCALARS = {"zero": 0, "order": ORDER, "order + 1": ORDER + 1, "largest": 2**256 - 1}


@pytest.mark.parametrize("position", [0, 48, 96])
@pytest.mark.parametrize("name", BAD_POINTS)
def test_a_proof_with_a_bad_point_fails(name: str, position: int) -> None:
    assert not verifies(PROOF[:position] + BAD_POINTS[name] + PROOF[position + 48 :])


@pytest.mark.parametrize("position", [144, 176, 208, 240, 272, 304])
@pytest.mark.parametrize("name", BAD_SCALARS)
def test_a_proof_with_a_scalar_out_of_range_fails(name: str, position: int) -> None:
    assert not verifies(PROOF[:position] + scalar_octets(BAD_SCALARS[name]) + PROOF[position + 32 :])


@pytest.mark.parametrize(
    "proof",
    [b"", PROOF[:1], PROOF[:-1], PROOF + b"\0", PROOF[:-32], PROOF + PROOF[-32:], PROOF[:271], PROOF[48:]],
    ids=len,
)
def test_a_proof_of_the_wrong_length_fails(proof: bytes) -> None:
    assert not verifies(proof)


def test_a_huge_proof_fails_before_any_generator_is_made() -> None:
    before = len(plain_interface("SHA-256").create_generators(1))
    assert not verifies(PROOF[:144] + scalar_octets(5) * (bbs.MAX_MESSAGES + 100))
    assert len(plain_interface("SHA-256").create_generators(1)) == before
    assert len(plain_interface("SHA-256")._signer.bases) < 1000


@pytest.mark.parametrize("name", BAD_POINTS)
def test_a_signature_with_a_bad_point_fails(name: str) -> None:
    assert not bbs.verify(PUBLIC_KEY, BAD_POINTS[name] + SIGNATURE[48:], HEADER, MESSAGES)


@pytest.mark.parametrize("name", BAD_SCALARS)
def test_a_signature_with_a_scalar_out_of_range_fails(name: str) -> None:
    assert not bbs.verify(PUBLIC_KEY, SIGNATURE[:48] + scalar_octets(BAD_SCALARS[name]), HEADER, MESSAGES)


@pytest.mark.parametrize(
    ("header", "messages"),
    [
        (b"", MESSAGES),
        (HEADER, MESSAGES[:-1]),
        (HEADER, [*MESSAGES, b""]),
        (HEADER, [MESSAGES[1], MESSAGES[0], *MESSAGES[2:]]),
        (HEADER, [*MESSAGES[:3], MESSAGES[3] + b"\0"]),
    ],
)
def test_a_signature_fails_for_other_messages_or_another_header(header: bytes, messages: list[bytes]) -> None:
    assert not bbs.verify(PUBLIC_KEY, SIGNATURE, header, messages)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("bbs.signature_invalid", {"signature": SIGNATURE[:-1]}),
        ("bbs.signature_invalid", {"signature": IDENTITY + SIGNATURE[48:]}),
        ("bbs.signature_invalid", {"messages": MESSAGES[:-1]}),
        ("bbs.signature_invalid", {"messages": [b"other", *MESSAGES[1:]]}),
        ("bbs.signature_invalid", {"header": b"other"}),
        ("bbs.signature_invalid", {"pk": bbs.sk_to_pk(KEY + 1)}),
        ("bbs.key_invalid", {"pk": b"\xc0" + bytes(95)}),
        ("bbs.index_invalid", {"disclosed_indexes": [4]}),
        ("bbs.index_invalid", {"disclosed_indexes": [1, 1]}),
        ("bbs.index_invalid", {"disclosed_indexes": [1, 0]}),
        ("bbs.index_invalid", {"disclosed_indexes": [-1]}),
        ("bbs.suite_unknown", {"suite": "SHA-1"}),
        ("bbs.too_large", {"messages": [b""] * (bbs.MAX_MESSAGES + 1)}),
    ],
)
def test_no_proof_is_made_from_unfit_input(code: str, changes: dict[str, Any]) -> None:
    given_values: dict[str, Any] = {"header": HEADER, "messages": MESSAGES, "disclosed_indexes": SHOWN} | changes
    pk, signature = given_values.pop("pk", PUBLIC_KEY), given_values.pop("signature", SIGNATURE)
    with pytest.raises(bbs.BbsError) as raised:
        bbs.proof_gen(pk, signature, **given_values)
    assert raised.value.code == code


@pytest.mark.parametrize("sk", [0, -1, ORDER, ORDER + 5, 1 << 300])
def test_a_secret_key_out_of_range_is_refused_without_being_repeated(sk: int) -> None:
    for use in (lambda: bbs.sk_to_pk(sk), lambda: bbs.sign(sk, PUBLIC_KEY, HEADER, MESSAGES)):
        with pytest.raises(bbs.BbsError) as raised:
            use()
        assert raised.value.code == "bbs.key_invalid"
        assert str(sk) not in str(raised.value) or sk in (0, -1)


@pytest.mark.parametrize(
    ("material", "info", "dst"),
    [(bytes(31), b"", None), (b"", b"", None), (bytes(32), bytes(65536), None), (bytes(32), b"", bytes(256))],
)
def test_unfit_key_material_is_refused(material: bytes, info: bytes, dst: bytes | None) -> None:
    with pytest.raises(bbs.BbsError):
        bbs.key_gen(material, info, dst)


@pytest.mark.parametrize("count", [127, 128, 140, 260])
def test_many_messages_are_signed_and_shown_in_part(count: int) -> None:
    messages = [b"message %d" % number for number in range(count)]
    signature = bbs.sign(KEY, PUBLIC_KEY, HEADER, messages)
    assert bbs.verify(PUBLIC_KEY, signature, HEADER, messages)
    for indexes in ([], [0, count - 1], list(range(0, count, 2)), list(range(count - 1)), list(range(count))):
        proof = bbs.proof_gen(PUBLIC_KEY, signature, header=HEADER, messages=messages, disclosed_indexes=indexes)
        expected: dict[str, Any] = {"disclosed_messages": shown(messages, indexes), "disclosed_indexes": indexes}
        assert verifies(proof, **expected)
        assert not verifies(proof, **expected | {"header": b"other"})


def test_a_key_outside_the_subgroup_of_g2_is_refused() -> None:
    def refused(octets_: bytes) -> str:
        with pytest.raises(bbs.BbsError) as raised:
            octets_to_pubkey(octets_)
        return raised.value.code

    found = 0
    for x in range(1, 40):
        octets_ = bytearray(x.to_bytes(96, "big"))
        octets_[0] |= 0x80
        try:
            G2Point.from_compressed_bytes_unchecked(bytes(octets_))
        except ValueError:
            assert refused(bytes(octets_)) == "bbs.key_invalid"
        else:
            found += 1
            assert refused(bytes(octets_)) == "bbs.key_invalid"
            assert not verifies(PROOF, pk=bytes(octets_))
    assert found


def test_a_signature_that_would_divide_by_zero_is_refused() -> None:
    secret = secret_scalar(KEY)
    with pytest.raises(bbs.BbsError):
        signature_from_b(secret, -secret, G1Point())
    with pytest.raises(bbs.BbsError):
        signature_from_b(secret, secret, G1Point.identity())


def test_remembered_signatures_are_bounded_and_only_good_ones() -> None:
    memory = _Verified()
    scalars = plain_interface("SHA-256").messages_to_scalars(MESSAGES)
    statement = Statement(plain_interface("SHA-256"), PUBLIC_KEY, HEADER, len(scalars) + 1)
    b = calculate_b(statement, scalars, statement.domain())
    opening = Opening.of(SIGNATURE, scalars)
    good = b - opening.a * opening.e
    assert not memory.check(PUBLIC_KEY, opening, b, good + G1Point())
    assert memory.check(PUBLIC_KEY, opening, b, good)
    assert len(memory._digests) == 1
    memory._digests.update((bytes([number >> 8, number & 255]), None) for number in range(1024))
    other = bbs.sign(KEY, PUBLIC_KEY, b"other", MESSAGES)
    statement = Statement(plain_interface("SHA-256"), PUBLIC_KEY, b"other", len(scalars) + 1)
    b, opening = calculate_b(statement, scalars, statement.domain()), Opening.of(other, scalars)
    assert memory.check(PUBLIC_KEY, opening, b, b - opening.a * opening.e)
    assert len(memory._digests) <= 1025


def test_threads_share_the_generators() -> None:
    interface = Interface(ciphersuite("SHA-256"), b"an api_id of this test")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(interface.create_generators, [5, 9, 30, 2, 30, 17, 30, 1]))
    octets_ = [[base[0].to_compressed_bytes() for base in bases] for bases in made]
    assert all(row == octets_[2][: len(row)] for row in octets_)
    assert len(set(octets_[2])) == 30
    assert interface._signer.octets == octets_[2]


def test_key_info_and_suite_tell_keys_apart() -> None:
    keys = {
        bbs.key_gen(bytes(32)),
        bbs.key_gen(bytes(32), b"a"),
        bbs.key_gen(bytes(32), suite="SHAKE-256"),
        bbs.key_gen(bytes(33)),
    }
    assert len(keys) == 4


def test_interfaces_do_not_verify_each_others_signatures() -> None:
    commitment, blind = bbs.commit()
    signature = bbs.blind_sign(KEY, PUBLIC_KEY, commitment, HEADER, MESSAGES)
    assert not bbs.verify(PUBLIC_KEY, signature, HEADER, MESSAGES)
    assert not bbs.blind_verify(PUBLIC_KEY, SIGNATURE, HEADER, MESSAGES, secret_prover_blind=blind)
