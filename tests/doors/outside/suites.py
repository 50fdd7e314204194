"""Cryptosuites for Ed448: one with the hash of its keys, one with a hash of its own, one that discloses selectively."""

from __future__ import annotations

from vc.integrity.ecdsa_sd_2023 import StatementSignatures
from vc.integrity.whole_document import JCS, RDFC, WholeDocumentSuite

RDFC_SUITE = WholeDocumentSuite("ed448-rdfc-test", frozenset({"Ed448"}), RDFC)
JCS_SUITE = WholeDocumentSuite("ed448-jcs-test", frozenset({"Ed448"}), JCS, hash_name="sha3_256", writes_created=False)
SD_SUITE = StatementSignatures("ed448-sd-test", "Ed448")
SD_UNKNOWN_KEY = StatementSignatures("no-key-sd-test", "X448")
UNKNOWN_HASH = WholeDocumentSuite("ed448-weak-test", frozenset({"Ed448"}), RDFC, hash_name="md5")
UNKNOWN_KEY = WholeDocumentSuite("no-key-test", frozenset({"P-256", "P-521", "X448"}), RDFC)


class SaysTooLittle:
    name = "silent-test"
    proof_type = "DataIntegrityProof"


SILENT = SaysTooLittle()
