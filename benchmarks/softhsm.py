"""Ours with the issuer's key in a token (SoftHSM through PKCS#11); `ours` has the same work with a software key."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import did
import vc
from benchmarks import documents
from benchmarks.ours import KNOWN, PEER
from benchmarks.timing import bench
from did import tokens

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN = "271828"


def signer(module: str, key_type: str) -> did.Signer:
    """A new key in the token ``bench``."""
    return tokens.generate(f"pkcs11:token=bench;object={key_type}?module-path={module}", key_type, lambda: PIN)


def plain(label: str, suite: str, key: did.Signer) -> None:
    def issue(credential: Any) -> dict[str, Any]:
        return vc.issue(credential, key, cryptosuite=suite, contexts=KNOWN)

    bench(PEER, label, "issue", "resident", documents.variants("resident", key.did), issue)


def selective(label: str, key: did.Signer) -> None:
    mandatory = documents.POINTERS["resident"]["mandatory"]

    def issue(credential: Any) -> dict[str, Any]:
        return vc.issue(credential, key, cryptosuite="ecdsa-sd-2023", mandatory_pointers=mandatory, contexts=KNOWN)

    bench(PEER, label, "issue", "resident", documents.variants("resident", key.did, 8), issue)


def main() -> None:
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {folder}\nlog.level = ERROR\n", encoding="utf-8")
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        make = ["softhsm2-util", "--init-token", "--free", "--label", "bench", "--so-pin", "31415926", "--pin", PIN]
        subprocess.run(make, check=True, capture_output=True)
        p256 = signer(module, "P-256")
        plain("eddsa-rdfc-2022-softhsm", "eddsa-rdfc-2022", signer(module, "Ed25519"))
        plain("ecdsa-rdfc-2019-p256-softhsm", "ecdsa-rdfc-2019", p256)
        plain("ecdsa-rdfc-2019-p384-softhsm", "ecdsa-rdfc-2019", signer(module, "P-384"))
        selective("ecdsa-sd-2023-softhsm", p256)


if __name__ == "__main__":
    main()
