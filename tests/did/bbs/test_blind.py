from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from did import bbs
from did.bbs.interfaces import blind_interface

from .conftest import VECTORS, fixtures, mocked_random, octets

KEY = bbs.key_gen(bytes(range(32)))
PUBLIC_KEY = bbs.sk_to_pk(KEY)
MESSAGES = [b"known", b"to the signer"]
SECRETS = [b"known to", b"the prover", b"only"]
COMMITMENT, BLIND = bbs.commit(SECRETS)
SIGNATURE = bbs.blind_sign(KEY, PUBLIC_KEY, COMMITMENT, b"header", MESSAGES)
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


def hex_list(values: list[str] | None) -> list[bytes]:
    return [bytes.fromhex(value) for value in values or []]


def mock(suite: str, case: dict[str, Any], operation: str) -> Any:
    parameters = case["mockRngParameters"]
    drawn = parameters[operation]
    return mocked_random(suite, parameters["SEED"].encode(), drawn["DST"].encode(), drawn["count"])


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-blind", "commit/"))
def test_a_published_commitment_is_made(suite: str, case: dict[str, Any]) -> None:
    made = bbs.commit(hex_list(case["committedMessages"]), suite=suite, get_random=mock(suite, case, "commit"))
    assert [value.hex() for value in made] == [case["commitmentWithProof"], case["proverBlind"]]


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-blind", "signature/"))
def test_a_published_blind_signature_verifies_and_is_made(suite: str, case: dict[str, Any]) -> None:
    pk, sk = bytes.fromhex(case["signerKeyPair"]["publicKey"]), int(case["signerKeyPair"]["secretKey"], 16)
    header, messages = bytes.fromhex(case["header"]), hex_list(case["messages"])
    committed, blind = hex_list(case["committedMessages"]), octets(case["proverBlind"])
    commitment, signer_blind = octets(case["commitmentWithProof"]) or b"", octets(case["signerBlind"])
    holder: dict[str, Any] = {"committed_messages": committed, "secret_prover_blind": blind}
    signature = bytes.fromhex(case["signature"])
    valid = bbs.blind_verify(pk, signature, header, messages, **holder, signer_blind=signer_blind, suite=suite)
    assert valid is case["result"]["valid"]
    made = bbs.blind_sign_kalos01(sk, pk, commitment, header, messages, signer_blind=signer_blind, suite=suite)
    assert made == signature
    interface = blind_interface(suite)
    domain = interface.calculate_domain(pk, len(messages) + 1, len(committed) + 1, header)
    assert domain.to_be_bytes().hex() == case["trace"]["domain"]
    # The later draft, without a signer's blind, makes another signature over the same messages.
    later = bbs.blind_sign(sk, pk, commitment, header, messages, suite=suite)
    assert later != signature
    assert bbs.blind_verify(pk, later, header, messages, **holder, suite=suite)


@pytest.mark.parametrize(("suite", "case"), fixtures("bbs-blind", "proof/"))
def test_a_published_blind_proof_verifies_and_is_made(suite: str, case: dict[str, Any]) -> None:
    short = "sha256" if suite == "SHA-256" else "shake256"
    known = json.loads((VECTORS / f"bbs-blind-{short}" / "messages.json").read_text())
    has_commitment = case["commitmentWithProof"] is not None
    messages, committed = hex_list(known["messages"]), hex_list(known["committedMessages"]) if has_commitment else []
    indexes = [int(index) for index in case["revealedMessages"]]
    committed_indexes = [int(index) for index in case["revealedCommittedMessages"] or {}]
    pk, proof = bytes.fromhex(case["signerPublicKey"]), bytes.fromhex(case["proof"])
    headers: dict[str, Any] = {
        "header": bytes.fromhex(case["header"]),
        "presentation_header": bytes.fromhex(case["presentationHeader"]),
        "suite": suite,
    }
    valid = bbs.blind_proof_verify(
        pk,
        proof,
        signer_messages_count=len(messages),
        disclosed_messages=hex_list(list(case["revealedMessages"].values())),
        disclosed_committed_messages=hex_list(list((case["revealedCommittedMessages"] or {}).values())),
        disclosed_indexes=indexes,
        disclosed_committed_indexes=committed_indexes,
        **headers,
    )
    assert valid is case["result"]["valid"]
    made = bbs.blind_proof_gen(
        pk,
        bytes.fromhex(case["signature"]),
        messages=messages,
        committed_messages=committed,
        disclosed_indexes=indexes,
        disclosed_commitment_indexes=committed_indexes,
        secret_prover_blind=octets(case["proverBlind"]),
        signer_blind=octets(case["signerBlind"]),
        get_random=mock(suite, case, "proof"),
        **headers,
    )
    assert made == proof
    trace = case["trace"]
    assert made[:144].hex() == trace["A_bar"] + trace["B_bar"] + trace["D"]
    assert made[-32:].hex() == trace["challenge"]


@settings(max_examples=15, deadline=None)
@given(
    messages=st.lists(st.binary(max_size=20), max_size=4),
    committed=st.lists(st.binary(max_size=20), max_size=4),
    data=st.data(),
    suite=st.sampled_from(["SHA-256", "SHAKE-256"]),
)
def test_blindly_signed_messages_can_be_shown_in_part(
    messages: list[bytes], committed: list[bytes], data: st.DataObject, suite: str
) -> None:
    def some(values: list[bytes]) -> list[int]:
        return sorted(data.draw(st.sets(st.sampled_from(range(len(values)))) if values else st.just(set())))

    indexes, committed_indexes = some(messages), some(committed)
    commitment, blind = bbs.commit(committed, suite=suite)
    signature = bbs.blind_sign(KEY, PUBLIC_KEY, commitment, b"h", messages, suite=suite)
    proof = bbs.blind_proof_gen(
        PUBLIC_KEY,
        signature,
        header=b"h",
        presentation_header=b"p",
        messages=messages,
        committed_messages=committed,
        disclosed_indexes=indexes,
        disclosed_commitment_indexes=committed_indexes,
        secret_prover_blind=blind,
        suite=suite,
    )
    expected: dict[str, Any] = {
        "header": b"h",
        "presentation_header": b"p",
        "signer_messages_count": len(messages),
        "disclosed_messages": [messages[index] for index in indexes],
        "disclosed_committed_messages": [committed[index] for index in committed_indexes],
        "disclosed_indexes": indexes,
        "disclosed_committed_indexes": committed_indexes,
        "suite": suite,
    }
    assert bbs.blind_proof_verify(PUBLIC_KEY, proof, **expected)
    assert not bbs.blind_proof_verify(PUBLIC_KEY, proof, **expected | {"presentation_header": b""})
    assert not bbs.blind_proof_verify(PUBLIC_KEY, proof, **expected | {"signer_messages_count": len(messages) + 1})


def test_any_changed_byte_of_a_commitment_is_refused() -> None:
    for at in range(len(COMMITMENT)):
        changed = bytearray(COMMITMENT)
        changed[at] ^= 1 << at % 8
        with pytest.raises(bbs.BbsError) as raised:
            bbs.blind_sign(KEY, PUBLIC_KEY, bytes(changed), b"header", MESSAGES)
        assert raised.value.code == "bbs.commitment_invalid"


@pytest.mark.parametrize(
    "commitment",
    [
        COMMITMENT[:-1],
        COMMITMENT[:-32],
        COMMITMENT[:48],
        b"\0",
        COMMITMENT + bytes(32),
        COMMITMENT + COMMITMENT[-32:],
        b"\xc0" + bytes(47) + COMMITMENT[48:],
        COMMITMENT[:48] + bytes(32) + COMMITMENT[80:],
        COMMITMENT[:-32] + ORDER.to_bytes(32, "big"),
        COMMITMENT[:48] + b"\1" * 32 * (bbs.MAX_MESSAGES + 3),
    ],
    ids=len,
)
def test_a_malformed_commitment_is_refused(commitment: bytes) -> None:
    with pytest.raises(bbs.BbsError) as raised:
        bbs.blind_sign(KEY, PUBLIC_KEY, commitment, b"header", MESSAGES)
    assert raised.value.code == "bbs.commitment_invalid"


def test_two_commitments_to_the_same_messages_have_nothing_in_common() -> None:
    again, blind = bbs.commit(SECRETS)
    assert blind != BLIND
    blocks = {COMMITMENT[at : at + 16] for at in range(0, len(COMMITMENT), 16)}
    assert blocks.isdisjoint(again[at : at + 16] for at in range(0, len(again), 16))


@pytest.mark.parametrize(
    "changes",
    [
        {"committed_messages": [SECRETS[1], SECRETS[0], SECRETS[2]]},
        {"committed_messages": SECRETS[:-1]},
        {"committed_messages": [*SECRETS, b""]},
        {"secret_prover_blind": None},
        {"secret_prover_blind": bytes(31) + b"\1"},
        {"secret_prover_blind": bytes(32)},
        {"secret_prover_blind": BLIND[:-1]},
        {"secret_prover_blind": ORDER.to_bytes(32, "big")},
        {"signer_blind": bytes(31) + b"\1"},
    ],
)
def test_a_blind_signature_is_worth_nothing_without_the_provers_values(changes: dict[str, Any]) -> None:
    holder: dict[str, Any] = {"committed_messages": SECRETS, "secret_prover_blind": BLIND}
    assert bbs.blind_verify(PUBLIC_KEY, SIGNATURE, b"header", MESSAGES, **holder)
    assert not bbs.blind_verify(PUBLIC_KEY, SIGNATURE, b"header", MESSAGES, **holder | changes)
    with pytest.raises(bbs.BbsError):
        bbs.blind_proof_gen(PUBLIC_KEY, SIGNATURE, header=b"header", messages=MESSAGES, **holder | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"signer_messages_count": 1},
        {"signer_messages_count": 3},
        {"signer_messages_count": -1},
        {"signer_messages_count": 10**6},
        {"disclosed_indexes": [2], "disclosed_messages": [MESSAGES[1]]},
        {"disclosed_indexes": [0]},
        {"disclosed_messages": []},
        {"disclosed_committed_messages": [SECRETS[1]]},
        {"disclosed_committed_indexes": [0], "disclosed_committed_messages": [SECRETS[0]]},
    ],
)
def test_a_blind_proof_fails_for_anything_it_was_not_made_for(changes: dict[str, Any]) -> None:
    proof = bbs.blind_proof_gen(
        PUBLIC_KEY,
        SIGNATURE,
        header=b"header",
        messages=MESSAGES,
        committed_messages=SECRETS,
        disclosed_indexes=[1],
        secret_prover_blind=BLIND,
    )
    expected: dict[str, Any] = {
        "header": b"header",
        "signer_messages_count": 2,
        "disclosed_messages": [MESSAGES[1]],
        "disclosed_indexes": [1],
    }
    assert bbs.blind_proof_verify(PUBLIC_KEY, proof, **expected)
    assert not bbs.blind_proof_verify(PUBLIC_KEY, proof, **expected | changes)


@pytest.mark.parametrize("committed_index", [-1, 3])
def test_the_blind_itself_cannot_be_disclosed(committed_index: int) -> None:
    with pytest.raises(bbs.BbsError) as raised:
        bbs.blind_proof_gen(
            PUBLIC_KEY,
            SIGNATURE,
            header=b"header",
            messages=MESSAGES,
            committed_messages=SECRETS,
            disclosed_commitment_indexes=[committed_index],
            secret_prover_blind=BLIND,
        )
    assert raised.value.code == "bbs.index_invalid"
