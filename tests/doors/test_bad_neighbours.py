"""What is installed beside us and can't be used: it is named, it replaces nothing, and it stops nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run

pytestmark = pytest.mark.long

KEY_TYPE = """
try:
    did.generate("Ed448")
except did.KeyTypeUnsupported as error:
    answer([error.message, did.generate("P-256").public_key.to_jwk()["crv"]])
"""


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Ed448", "outside.broken:ED448", "RuntimeError: its library is missing"),
        ("Ed448", "outside.absent:ED448", "ModuleNotFoundError"),
        ("Ed448", "outside.ed448:ABSENT", "AttributeError"),
        ("Ed448", "outside.ed448:NO_KEY_TYPE", "a str is no"),
        ("Ed448", "outside.ed448:TAKES_A_CODE", "its own name is"),
        ("Ed448-other", "outside.ed448:TAKES_A_CODE", "multicodec 4608 is taken"),
        ("P-256", "outside.ed448:TAKES_A_NAME", "nothing replaces"),
    ],
)
def test_a_key_type_that_cannot_be_used_is_named_with_its_package(
    outside: Run, name: str, value: str, reason: str
) -> None:
    message, curve = outside({"liangzheng.key_types": {name: value}}, KEY_TYPE)
    assert "liangzheng-outside 1.0" in message
    assert reason in message
    assert curve == "P-256"


def test_a_broken_package_does_not_hide_a_good_one(outside: Run) -> None:
    entries = {"liangzheng.key_types": {"A": "outside.broken:A", "Ed448": "outside.ed448:ED448"}}
    assert outside(entries, 'answer(did.generate("Ed448").algorithm)') == "Ed448"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ed448-rdfc-test", "outside.broken:SUITE", "its library is missing"),
        ("ed448-rdfc-test", "outside.suites:JCS_SUITE", "its own name is"),
        ("silent-test", "outside.suites:SILENT", "doesn't state key_types"),
        ("ecdsa-sd-2023", "outside.suites:RDFC_SUITE", "nothing replaces"),
    ],
)
def test_a_suite_that_cannot_be_used_is_a_named_problem(outside: Run, name: str, value: str, reason: str) -> None:
    code, detail, sd = outside(
        {"liangzheng.cryptosuites": {name: value}},
        f"""
from vc.integrity import CRYPTOSUITES
key = did.generate("P-256")
proof = {{"type": "DataIntegrityProof", "cryptosuite": {name if name != "ecdsa-sd-2023" else "other"!r},
          "proofPurpose": "assertionMethod", "verificationMethod": key.verification_method, "proofValue": "z1"}}
verdict = vc.verify({{
    "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"], "issuer": key.did,
    "credentialSubject": {{"id": "did:example:a"}}, "proof": proof,
}})
problem = verdict.problems[0]
answer([problem.code, problem.detail, sorted(CRYPTOSUITES["ecdsa-sd-2023"].key_types)])
""",
    )
    assert code == "proof.suite_unknown"
    assert "liangzheng-outside 1.0" in detail
    assert reason in detail
    assert sd == ["P-256"]


@pytest.mark.parametrize(
    ("suite", "key_type", "code"),
    [
        ("ed448-weak-test", "Ed448", "proof.hash_unknown"),
        ("no-key-test", "P-521", "method.key_type"),
        ("no-key-sd-test", "P-256", "method.key_type"),
        ("ed448-rdfc-test", "P-256", "method.key_type"),
        ("absent-test", "P-256", "proof.suite_unknown"),
    ],
)
def test_an_unknown_key_or_hash_is_a_named_problem_when_made_and_when_checked(
    outside: Run, suite: str, key_type: str, code: str
) -> None:
    made, checked = outside(
        {
            "liangzheng.key_types": {"Ed448": "outside.ed448:ED448"},
            "liangzheng.cryptosuites": {
                "ed448-weak-test": "outside.suites:UNKNOWN_HASH",
                "no-key-test": "outside.suites:UNKNOWN_KEY",
                "no-key-sd-test": "outside.suites:SD_UNKNOWN_KEY",
                "ed448-rdfc-test": "outside.suites:RDFC_SUITE",
            },
        },
        f"""
key = did.generate({key_type!r})
credential = {{
    "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"], "issuer": key.did,
    "credentialSubject": {{"id": "did:example:a"}},
}}
try:
    vc.issue(credential, key, cryptosuite={suite!r})
except vc.ProblemError as error:
    made = error.code
proof = {{"type": "DataIntegrityProof", "cryptosuite": {suite!r}, "proofPurpose": "assertionMethod",
          "verificationMethod": key.verification_method, "proofValue": "z1"}}
answer([made, [problem.code for problem in vc.verify({{**credential, "proof": proof}}).problems]])
""",
    )
    assert made == code
    assert checked == [code]


def test_a_suite_whose_extra_is_missing_is_said_to_be_missing(outside: Run) -> None:
    code, detail, known = outside(
        {},
        """
import sys
sys.modules["py_arkworks_bls12381"] = None
from vc.integrity import CRYPTOSUITES
try:
    vc.issue({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
              "issuer": (key := did.generate("P-256")).did, "credentialSubject": {"id": "did:example:a"}},
             key, cryptosuite="bbs-2023")
except vc.ProblemError as error:
    answer([error.code, error.problems[0].detail, "bbs-2023" in CRYPTOSUITES])
""",
    )
    assert code == "proof.suite_unknown"
    assert "liangzheng[bbs]" in detail
    assert known is False


class TestSigners:
    BOX = {"liangzheng.signers": {"box": "outside.box:open_box"}}  # noqa: RUF012

    def test_a_scheme_comes_in_by_entry_point(self, outside: Run) -> None:
        first, again, other = outside(
            self.BOX,
            """
answer([did.signer_from_uri(uri, secret).did for uri, secret in
        (("box:a", "1"), ("box:a", lambda: b"1"), ("box:a", "2"))])
""",
        )
        assert first == again != other

    def test_commands_take_it_where_they_take_a_key_file(self, outside: Run) -> None:
        code, output = outside(
            self.BOX,
            """
import os
from click.testing import CliRunner
from liangzheng.cli import cli
os.environ["LIANGZHENG_PASSWORD"] = "1"
result = CliRunner().invoke(cli, ["keys", "show", "box:a", "--json"])
answer([result.exit_code, json.loads(result.stdout)["did"] == did.signer_from_uri("box:a", "1").did])
""",
        )
        assert (code, output) == (0, True)

    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("box", "outside.box:open_nothing", "gave a str, which is no signer"),
            ("box", "outside.broken:open_box", "its library is missing"),
            ("box", "outside.box:__doc__", "a str is no function"),
            ("pkcs11", "outside.box:open_box", "nothing replaces"),
        ],
    )
    def test_what_is_no_signer_is_refused(self, outside: Run, name: str, value: str, reason: str) -> None:
        said = outside(
            {"liangzheng.signers": {name: value}},
            """
try:
    did.signer_from_uri("box:a", "1")
except did.SignerUnknown as error:
    answer(error.message)
""",
        )
        assert reason in said


def test_of_two_packages_with_one_name_one_is_named_as_refused(outside: Run, tmp_path: Path) -> None:
    other = tmp_path / "installed" / "z_other-2.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: z-other\nVersion: 2.0\n")
    (other / "entry_points.txt").write_text("[liangzheng.key_types]\nEd448 = outside:ed448.ED448\n")
    said = outside(
        {"liangzheng.key_types": {"Ed448": "outside.ed448:ED448"}},
        """
try:
    did.generate("RSA")
except did.KeyTypeUnsupported as error:
    answer(error.message)
""",
    )
    # Which of the two comes first is the file system's; that one stays.
    assert "z-other 2.0 can't be used: the name is liangzheng-outside 1.0's" in said or (
        "liangzheng-outside 1.0 can't be used: the name is z-other 2.0's" in said
    )
