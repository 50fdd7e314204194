"""Verify a file from somewhere else, and see why it does not verify.

``python examples/verify_a_foreign_file.py FILE`` takes any file: a credential or a presentation with a proof, a JWT, an
SD-JWT, a COSE envelope, or rubbish. Without FILE it reads a published vector of the W3C (Data Integrity ECDSA
Cryptosuites 1.0), whose signature is right (check ``proof``) and which is refused all the same (check ``issuer``): it
names an issuer that the signing key does not speak for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import vc

VECTOR = Path("tests/vectors/vc-di-ecdsa/ecdsa-rdfc-2019-p256-basic/signedECDSAP256.json")
given = len(sys.argv) > 1
path = Path(sys.argv[1]) if given else Path(__file__).parent.parent / VECTOR

# Bytes go in as they are: parsing is part of verifying, with its own limits and problem codes. Nothing raises here.
verdict = vc.verify(path.read_bytes())

print("verified" if verdict.verified else "not verified")
for check in verdict.checks:
    print(f"  {check.outcome.value:<14} {check.name}")
for problem in verdict.problems:
    print(f"  {problem.code} at {problem.pointer or '/'}: {problem.detail}")
for warning in verdict.warnings:
    print(f"  warning {warning.code} at {warning.pointer or '/'}: {warning.detail}")

if not given:
    # The bytes that were hashed, and the hashes: to be compared with another implementation's, value by value.
    proof = vc.explain(path.read_bytes())["proofs"][0]
    print("  " + ", ".join(proof))
