"""Ed448 comes in from outside: one file for the key type, one for its suites, and no file of ours changed."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import PRODUCT, Run

pytestmark = pytest.mark.long

ENTRIES = {
    "liangzheng.key_types": {"Ed448": "outside.ed448:ED448"},
    "liangzheng.cryptosuites": {
        "ed448-rdfc-test": "outside.suites:RDFC_SUITE",
        "ed448-jcs-test": "outside.suites:JCS_SUITE",
        "ed448-sd-test": "outside.suites:SD_SUITE",
    },
}
CREDENTIAL = """
key = did.generate("Ed448")
credential = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential", "ExampleCredential"],
    "issuer": key.did,
    "credentialSubject": {"id": "did:example:subject", "name": "王小明"},
}
"""


def test_no_file_of_ours_knows_of_it() -> None:
    folders = ("contexts", "did", "vc", "webshell", "issuer", "holder", "verifier", "liangzheng")
    files = [path for folder in folders for path in (PRODUCT / folder).rglob("*.py")]
    assert len(files) > 100
    assert [path for path in files if "ed448" in path.read_text(encoding="utf-8").lower()] == []


def test_a_key_signs_and_speaks_for_its_own_did(outside: Run) -> None:
    for method, fragment in (("key", None), ("jwk", "#0")):
        found = outside(
            ENTRIES,
            f"""
key = did.generate("Ed448", method={method!r})
method = did.Resolver().dereference(key.verification_method, "assertionMethod")
signature = key.sign(b"data")
answer([key.did, method.id, method.public_key.verify(signature, b"data"), key.public_key.verify(signature, b"date")])
""",
        )
        assert found[0].startswith(f"did:{method}:")
        assert found[1] == found[0] + (fragment or "#" + found[0].removeprefix("did:key:"))
        assert found[2:] == [True, False]


def test_a_key_goes_through_multikey_jwk_and_key_file(outside: Run) -> None:
    assert outside(
        ENTRIES,
        """
from did.key_files import Argon2id
from did.multicodec import encode_varint
key = did.SoftwareKey.from_seed("Ed448", b"1")
public = key.public_key
did.save(key, "a.key", "password", kdf=Argon2id(19 * 1024, 2, 1))
secret = did.multibase.encode(encode_varint(0x1311) + key._secret)
answer([
    did.PublicKey.from_multikey(public.to_multikey()) == public,
    did.PublicKey.from_jwk({**public.to_jwk(), "alg": "Ed448"}) == public,
    public.to_jwk()["crv"],
    did.load("a.key", "password").public_key == public,
    did.SoftwareKey.from_jwk(key._private_jwk()).public_key == public,
    did.SoftwareKey.from_multikey(secret).public_key == public,
])
""",
    ) == [True, True, "Ed448", True, True, True]


def test_a_multikey_from_a_stranger_finds_the_type_that_was_never_named(outside: Run) -> None:
    made = outside(ENTRIES, 'answer(did.generate("Ed448").public_key.to_multikey())')
    assert outside(ENTRIES, f"answer(did.PublicKey.from_multikey({made!r}).key_type)") == "Ed448"
    refused = outside(
        {},
        f"""
try:
    did.PublicKey.from_multikey({made!r})
except did.KeyTypeUnsupported as error:
    answer(error.message)
""",
    )
    assert "0x1203" in refused


def test_its_verification_method_form_is_read_and_written(outside: Run) -> None:
    assert outside(
        ENTRIES,
        """
key = did.generate("Ed448")
found = did.Resolver().resolve(key.did, publicKeyFormat="Ed448VerificationKey2020")
method = did.VerificationMethod.from_dict(found.document["verificationMethod"][0])
answer([method.type, method.public_key == key.public_key, found.document["@context"]])
""",
    ) == [
        "Ed448VerificationKey2020",
        True,
        ["https://www.w3.org/ns/did/v1", "https://example.org/ed448-2020/v1"],
    ]


@pytest.mark.parametrize("suite", [None, "ed448-rdfc-test", "ed448-jcs-test"])
def test_a_credential_is_issued_and_verified_with_its_suites(outside: Run, suite: str | None) -> None:
    name, created, good, changed = outside(
        ENTRIES,
        f"""{CREDENTIAL}
secured = vc.issue(credential, key, cryptosuite={suite!r})
changed = {{**secured, "credentialSubject": {{"id": "did:example:other", "name": "王小明"}}}}
verdict = vc.verify(changed)
answer([
    secured["proof"]["cryptosuite"],
    "created" in secured["proof"],
    vc.verify(secured).verified,
    [problem.code for problem in verdict.problems],
])
""",
    )
    assert name == (suite or "ed448-rdfc-test")
    assert created is (suite != "ed448-jcs-test")
    assert good is True
    assert changed == ["proof.signature"]


def test_its_selective_suite_discloses_what_is_chosen_and_nothing_else(outside: Run) -> None:
    shown, good, changed, base = outside(
        ENTRIES,
        f"""{CREDENTIAL}
credential["credentialSubject"] |= {{"degree": {{"type": "ExampleDegree", "name": "学士"}}, "city": "Chengdu"}}
secured = vc.issue(credential, key, cryptosuite="ed448-sd-test", mandatory_pointers=["/issuer"])
derived = vc.derive(secured, selective_pointers=["/credentialSubject/degree"])
changed = {{**derived, "credentialSubject": {{**derived["credentialSubject"], "degree": {{"name": "硕士"}}}}}}
answer([
    derived["credentialSubject"],
    vc.verify(derived).verified,
    vc.verify(changed).verified,
    [problem.code for problem in vc.verify(secured).problems],
])
""",
    )
    assert shown == {"id": "did:example:subject", "degree": {"type": "ExampleDegree", "name": "学士"}}
    assert good is True
    assert changed is False
    assert base == ["proof.base"]


def test_an_undefined_term_is_refused_by_the_suite_that_signs_text(outside: Run) -> None:
    for suite in ("ed448-rdfc-test", "ed448-jcs-test"):
        code = outside(
            ENTRIES,
            f"""{CREDENTIAL}
credential["@context"] = credential["@context"][:1]
credential["type"] = credential["type"][:1]
vc.issue(credential, key, cryptosuite={suite!r})
credential["credentialSubject"]["meaningless"] = "x"
try:
    vc.issue(credential, key, cryptosuite={suite!r})
except vc.ProblemError as error:
    answer(error.code)
""",
        )
        assert code == "jsonld.undefined_term"


@pytest.mark.parametrize(("envelope", "algorithm"), [("vc+jwt", "Ed448"), ("vc+sd-jwt", "Ed448"), ("vc+cose", -53)])
def test_its_envelopes_verify(outside: Run, envelope: str, algorithm: Any) -> None:
    found = outside(
        ENTRIES,
        f"""{CREDENTIAL}
from vc.envelope.reading import read_envelope
secured = vc.issue_enveloped(credential, key, envelope={envelope!r})
header = read_envelope(secured).signed.header
other = did.generate("Ed448")
answer([header.get("alg", header.get(1)), vc.verify(secured).verified])
""",
    )
    assert found == [algorithm, True]


def test_the_command_makes_such_a_key(outside: Run) -> None:
    assert outside(
        ENTRIES,
        """
import os
from click.testing import CliRunner
from liangzheng.cli import cli
os.environ["LIANGZHENG_PASSWORD"] = "password"
made = CliRunner().invoke(cli, ["keys", "generate", "a.key", "--type", "Ed448", "--json"])
unknown = CliRunner().invoke(cli, ["keys", "generate", "b.key", "--type", "RSA"])
answer([json.loads(made.stdout)["type"], unknown.exit_code, "Ed448" in unknown.output])
""",
    ) == ["Ed448", 2, True]


def test_a_program_registers_a_key_type_and_a_suite_by_itself(outside: Run) -> None:
    assert outside(
        {},
        f"""
from outside import ed448, suites
from did.key_types import register
from vc import integrity
register(ed448.ED448)
integrity.register(suites.RDFC_SUITE)
{CREDENTIAL}
again = []
for what, value in ((register, ed448.ED448), (register, ed448.TAKES_A_NAME), (register, ed448.TAKES_A_CODE),
                    (integrity.register, suites.RDFC_SUITE), (integrity.register, suites.SILENT)):
    try:
        what(value)
    except ValueError as error:
        again.append(str(error))
answer([vc.verify(vc.issue(credential, key)).verified, len(again), did.generate("P-256").public_key.to_jwk()["crv"]])
""",
    ) == [True, 5, "P-256"]
