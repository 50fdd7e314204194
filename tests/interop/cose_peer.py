"""The other side of test_cose_peer.py, run by a Python that has python-cwt: reads a job as JSON, prints the result.

{"job": "sign", "jwk": ..., "protected": {...}, "payload": hex} -> {"cose": hex}
{"job": "verify", "jwk": ..., "cose": hex} -> {"payload": hex}
"""

from __future__ import annotations

import json
import sys

from cwt import COSE, COSEKey


def main() -> None:
    job = json.load(sys.stdin)
    key = COSEKey.from_jwk(job["jwk"])
    if job["job"] == "sign":
        protected = {int(label): value for label, value in job["protected"].items()}
        payload = bytes.fromhex(job["payload"])
        signed = COSE.new(alg_auto_inclusion=True).encode_and_sign(payload, key, protected=protected)
        print(json.dumps({"cose": signed.hex()}))
    else:
        print(json.dumps({"payload": COSE.new().decode(bytes.fromhex(job["cose"]), key).hex()}))


if __name__ == "__main__":
    main()
