from __future__ import annotations

import json
from typing import Any

import pytest

from did import bbs
from did.bbs.ciphersuites import SHA_256
from did.bbs.commitment import deserialize_and_validate_commit
from did.bbs.curve import G1Point
from did.bbs.interfaces import pseudonym_interface

from .conftest import VECTORS, mocked_random

ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
KEY = bbs.key_gen(bytes(range(32)))
PUBLIC_KEY = bbs.sk_to_pk(KEY)
MESSAGES = [b"a", b"b", b"c"]
SECRETS = [b"holder secret"]
NYM = bbs.random_scalar()
COMMITMENT, BLIND = bbs.commit_with_nym(SECRETS, NYM)
SIGNATURE, ENTROPY = bbs.blind_sign_with_nym(KEY, PUBLIC_KEY, COMMITMENT, b"header", MESSAGES)
HOLDER: dict[str, Any] = {"committed_messages": SECRETS, "secret_prover_blind": BLIND}


@pytest.fixture(scope="module")
def vector() -> dict[str, Any]:
    folder = VECTORS / "vc-di-bbs" / "bbs-2023-pseudonym"
    found = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    found["keys"] = json.loads((folder.parent / "BBSKeyMaterial.json").read_text())
    return found


def published(vector: dict[str, Any]) -> dict[str, Any]:
    base, derived = vector["addRawBaseSignatureInfo"], vector["derivedDisclosureData"]
    messages = [line.encode() for _, line in vector["addBaseTransform"]["nonMandatory"]["value"]]
    return {
        "pk": bytes.fromhex(base["publicKey"]),
        "header": bytes.fromhex(base["bbsHeader"]),
        "signature": bytes.fromhex(base["bbsSignature"]),
        "messages": messages,
        "prover_nym": bytes.fromhex(vector["proverNym"]["proverNymHex"]),
        "entropy": bytes.fromhex(base["signerNymEntropyHex"]),
        "nym_secret": bytes.fromhex(vector["nymSecret"]["nymSecretHex"].zfill(64)),
        "commitment": bytes.fromhex(vector["commitmentInfo"]["commitmentWithProof"]),
        "blind": bytes.fromhex(vector["commitmentInfo"]["secretProverBlind"]),
        "indexes": derived["adjSelectiveIndexes"],
        "proof": bytes.fromhex(derived["bbsProof"]),
        "pseudonym": bytes.fromhex(derived["pseudonym"]),
        "context_id": vector["verifierInfo"]["verifierId"].encode(),
    }


def test_the_published_signature_with_pseudonym_is_made(vector: dict[str, Any]) -> None:
    case = published(vector)
    deserialize_and_validate_commit(pseudonym_interface("SHA-256"), case["commitment"])
    sk = int(vector["keys"]["privateKeyHex"], 16)
    signed = bbs.blind_sign_with_nym(
        sk,
        case["pk"],
        case["commitment"],
        case["header"],
        case["messages"],
        signer_nym_entropy=case["entropy"],
    )
    assert signed == (case["signature"], case["entropy"])


def test_the_published_nym_secret_and_pseudonym_are_computed(vector: dict[str, Any]) -> None:
    case = published(vector)
    secret = bbs.finalize_with_nym(
        case["pk"],
        case["signature"],
        case["header"],
        case["messages"],
        committed_messages=[],
        prover_nym=case["prover_nym"],
        signer_nym_entropy=case["entropy"],
        secret_prover_blind=case["blind"],
    )
    assert secret == case["nym_secret"] == bbs.nym_secret(case["prover_nym"], case["entropy"])
    assert bbs.calculate_pseudonym(secret, case["context_id"]) == case["pseudonym"]


def test_the_published_proof_with_pseudonym_verifies_and_is_made(vector: dict[str, Any]) -> None:
    case = published(vector)
    headers = {"header": case["header"], "presentation_header": bytes.fromhex("113377aa")}
    assert bbs.proof_verify_with_nym(
        case["pk"],
        case["proof"],
        pseudonym=case["pseudonym"],
        context_id=case["context_id"],
        signer_messages_count=len(case["messages"]),
        disclosed_messages=[case["messages"][index] for index in case["indexes"]],
        disclosed_indexes=case["indexes"],
        **headers,
    )
    hidden = len(case["messages"]) - len(case["indexes"]) + 2
    api_id = SHA_256.identifier + b"H2G_HM2S_PSEUDONYM_"
    made = bbs.proof_gen_with_nym(
        case["pk"],
        case["signature"],
        nym_secret=case["nym_secret"],
        context_id=case["context_id"],
        messages=case["messages"],
        disclosed_indexes=case["indexes"],
        secret_prover_blind=case["blind"],
        get_random=mocked_random("SHA-256", b"3.141592653589793238462643383279", api_id, 5 + hidden),
        **headers,
    )
    assert made == (case["proof"], case["pseudonym"])


def prove(context_id: bytes = b"verifier", **changes: Any) -> tuple[bytes, bytes]:
    given: dict[str, Any] = {
        "nym_secret": bbs.nym_secret(NYM, ENTROPY),
        "context_id": context_id,
        "header": b"header",
        "messages": MESSAGES,
        "disclosed_indexes": [1],
        **HOLDER,
    }
    return bbs.proof_gen_with_nym(PUBLIC_KEY, SIGNATURE, **given | changes)


def verifies(proof: bytes, pseudonym: bytes, **changes: Any) -> bool:
    expected: dict[str, Any] = {
        "pseudonym": pseudonym,
        "context_id": b"verifier",
        "header": b"header",
        "signer_messages_count": 3,
        "disclosed_messages": [b"b"],
        "disclosed_indexes": [1],
    }
    return bbs.proof_verify_with_nym(PUBLIC_KEY, proof, **expected | changes)


def test_a_pseudonym_is_the_same_in_one_context_and_differs_in_another() -> None:
    first, second, other = prove(), prove(), prove(b"another verifier")
    assert first[1] == second[1] != other[1]
    assert first[0] != second[0]
    assert verifies(*first)
    assert verifies(*second)
    assert verifies(*other, context_id=b"another verifier")


def test_a_pseudonym_of_one_context_fails_in_another() -> None:
    first, other = prove(), prove(b"another verifier")
    assert not verifies(*first, context_id=b"another verifier")
    assert not verifies(first[0], other[1])
    assert not verifies(first[0], other[1], context_id=b"another verifier")


def test_another_credential_cannot_claim_a_pseudonym() -> None:
    nym = bbs.random_scalar()
    commitment, blind = bbs.commit_with_nym(SECRETS, nym)
    signature, entropy = bbs.blind_sign_with_nym(KEY, PUBLIC_KEY, commitment, b"header", MESSAGES)
    own = bbs.proof_gen_with_nym(
        PUBLIC_KEY,
        signature,
        nym_secret=bbs.nym_secret(nym, entropy),
        context_id=b"verifier",
        header=b"header",
        messages=MESSAGES,
        disclosed_indexes=[1],
        committed_messages=SECRETS,
        secret_prover_blind=blind,
    )
    assert verifies(*own)
    assert not verifies(own[0], prove()[1])


def test_disclosed_committed_messages_verify_at_their_place() -> None:
    proof, pseudonym = prove(disclosed_commitment_indexes=[0])
    shown: dict[str, Any] = {"disclosed_committed_messages": SECRETS, "disclosed_committed_indexes": [0]}
    assert verifies(proof, pseudonym, **shown)
    assert not verifies(proof, pseudonym)
    assert not verifies(proof, pseudonym, **shown | {"disclosed_committed_messages": [b"other"]})
    # Index 1 would be the pseudonym secret.
    assert not verifies(proof, pseudonym, **shown | {"disclosed_committed_indexes": [1]})


@pytest.mark.parametrize(
    "pseudonym",
    [
        b"",
        bytes(48),
        b"\xc0" + bytes(47),
        b"\xff" * 48,
        G1Point().to_compressed_bytes(),
        (-G1Point()).to_compressed_bytes(),
    ],
)
def test_a_point_that_is_no_pseudonym_fails(pseudonym: bytes) -> None:
    assert not verifies(prove()[0], pseudonym)


def test_any_changed_byte_of_proof_or_pseudonym_fails() -> None:
    proof, pseudonym = prove()
    whole = pseudonym + proof
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        assert not verifies(bytes(changed[48:]), bytes(changed[:48])), at


@pytest.mark.parametrize(
    "changes",
    [
        {"signer_messages_count": 2},
        {"signer_messages_count": 6},
        {"signer_messages_count": -1},
        {"disclosed_messages": [b"a"]},
        {"disclosed_indexes": [0]},
        {"disclosed_indexes": [3]},
        {"disclosed_indexes": []},
        {"disclosed_committed_indexes": [0]},
        {"header": b""},
        {"presentation_header": b"x"},
    ],
)
def test_a_proof_fails_for_anything_it_was_not_made_for(changes: dict[str, Any]) -> None:
    assert not verifies(*prove(), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"nym_secret": NYM},
        {"nym_secret": bytes(32)},
        {"nym_secret": b"\xff" * 32},
        {"nym_secret": b""},
        {"committed_messages": []},
        {"committed_messages": [b"other"]},
        {"secret_prover_blind": None},
        {"secret_prover_blind": NYM},
        {"messages": MESSAGES[:-1]},
        {"header": b"other"},
        {"disclosed_indexes": [3]},
        {"disclosed_commitment_indexes": [1]},
    ],
)
def test_no_proof_is_made_from_unfit_input(changes: dict[str, Any]) -> None:
    with pytest.raises(bbs.BbsError):
        prove(**changes)


@pytest.mark.parametrize("prover_nym", [b"", bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32, NYM + b"\0"])
def test_a_prover_nym_out_of_range_is_refused(prover_nym: bytes) -> None:
    with pytest.raises(bbs.BbsError) as raised:
        bbs.commit_with_nym([], prover_nym)
    assert raised.value.code == "bbs.scalar_invalid"


def test_the_signer_refuses_a_commitment_without_pseudonym_secret_or_of_the_blind_interface() -> None:
    empty, _ = bbs.commit([])
    blind, _ = bbs.commit([b"secret"])
    for commitment in (b"", empty, blind, COMMITMENT[:-1]):
        with pytest.raises(bbs.BbsError) as raised:
            bbs.blind_sign_with_nym(KEY, PUBLIC_KEY, commitment, b"header", MESSAGES)
        assert raised.value.code == "bbs.commitment_invalid"


def test_the_signers_entropy_is_drawn_anew_and_can_be_given_again() -> None:
    again, entropy = bbs.blind_sign_with_nym(KEY, PUBLIC_KEY, COMMITMENT, b"header", MESSAGES)
    assert entropy != ENTROPY
    assert again != SIGNATURE
    same = bbs.blind_sign_with_nym(KEY, PUBLIC_KEY, COMMITMENT, b"header", MESSAGES, signer_nym_entropy=ENTROPY)
    assert same == (SIGNATURE, ENTROPY)


def test_opposite_parts_of_a_pseudonym_secret_are_refused() -> None:
    opposite = (ORDER - int.from_bytes(ENTROPY, "big")).to_bytes(32, "big")
    with pytest.raises(bbs.BbsError):
        prove(nym_secret=bbs.nym_secret(opposite, ENTROPY))
