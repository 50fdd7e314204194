"""Ours and its floor in one process, call by call in turn, as medians and as minima.

On a machine that is shared with others medians tell how busy it was, too: what neighbours do to its caches slows Python
more than it slows bare signatures. Minima are what the work takes when it is left alone.

    python -m benchmarks.paired [--seconds 4]

The floor of a row is what ``benchmarks.__main__.FLOORS`` says: the bare OpenSSL calls that this work can't avoid.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import did
import vc
from benchmarks import documents, interpreter
from benchmarks.ours import KNOWN, sd_jwt_rows, verify

MESSAGE = os.urandom(64)
Work = Callable[[Any], Any]


def primitives() -> dict[tuple[str, str], Callable[[], Any]]:
    """The bare calls, by what they do and with which key."""
    edwards = ed25519.Ed25519PrivateKey.generate()
    signature, public = edwards.sign(MESSAGE), edwards.public_key()
    found: dict[tuple[str, str], Callable[[], Any]] = {
        ("sign", "Ed25519"): lambda: edwards.sign(MESSAGE),
        ("verify", "Ed25519"): lambda: public.verify(signature, MESSAGE),
    }
    for name, curve, digest in (("P-256", ec.SECP256R1(), hashes.SHA256()), ("P-384", ec.SECP384R1(), hashes.SHA384())):
        found |= _ecdsa(name, curve, ec.ECDSA(digest))
    return found


def _ecdsa(name: str, curve: ec.EllipticCurve, algorithm: ec.ECDSA) -> dict[tuple[str, str], Callable[[], Any]]:
    key = ec.generate_private_key(curve)
    signature, public = key.sign(MESSAGE, algorithm), key.public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return {
        ("sign", name): lambda: key.sign(MESSAGE, algorithm),
        ("verify", name): lambda: public.verify(signature, MESSAGE, algorithm),
        ("make-key", name): lambda: ec.generate_private_key(curve),
        ("read-key", name): lambda: ec.EllipticCurvePublicKey.from_encoded_point(curve, point),
    }


def rows() -> Iterator[tuple[str, str, list[Any], Work]]:
    """Label, work, inputs and what is done with each: of the resident document."""
    for label, suite, key_type in (
        ("eddsa-rdfc-2022", "eddsa-rdfc-2022", "Ed25519"),
        ("eddsa-jcs-2022", "eddsa-jcs-2022", "Ed25519"),
        ("ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019", "P-256"),
        ("ecdsa-rdfc-2019-p384", "ecdsa-rdfc-2019", "P-384"),
        ("ecdsa-jcs-2019-p256", "ecdsa-jcs-2019", "P-256"),
    ):
        key = did.generate(key_type)
        items = documents.variants("resident", key.did)

        def issue(one: Any, key: Any = key, suite: str = suite) -> Any:
            return vc.issue(one, key, cryptosuite=suite, contexts=KNOWN)

        signed = [issue(one) for one in items]
        yield label, "issue", items, issue
        yield label, "verify", signed, verify
        if label == "eddsa-rdfc-2022":
            yield label, "verify-bytes", [json.dumps(one).encode() for one in signed], verify
    yield from _selective()
    for op, items, work in sd_jwt_rows():
        yield "sd-jwt-vc", op, items, work


def _selective() -> Iterator[tuple[str, str, list[Any], Work]]:
    suite, key, pointers = "ecdsa-sd-2023", did.generate("P-256"), documents.POINTERS["resident"]
    items = documents.variants("resident", key.did, 8)

    def issue(one: Any) -> Any:
        mandatory = pointers["mandatory"]
        others = documents.hideable(one, mandatory)
        return vc.issue(one, key, cryptosuite=suite, mandatory_pointers=mandatory, hideable=others, contexts=KNOWN)

    signed = [issue(one) for one in items]
    derived = [vc.derive(one, selective_pointers=pointers["selective"], contexts=KNOWN) for one in signed]
    yield suite, "issue", items, issue
    yield suite, "verify", derived, verify


def measure(seconds: float) -> list[dict[str, Any]]:
    """One row each: medians and minima in microseconds of ours and of the floor, and their ratios."""
    from benchmarks.__main__ import FLOORS

    calls, result, now = primitives(), [], time.perf_counter_ns
    for label, op, items, work in rows():
        floor = [calls[primitive, what] for count, primitive, what in FLOORS[label, op] for _ in range(count)]
        ours_taken: list[int] = []
        floor_taken: list[int] = []
        inputs, end = cycle(items), now() + seconds * 1e9
        while now() < end:
            item, start = next(inputs), now()
            work(item)
            middle = now()
            for call in floor:
                call()
            ours_taken.append(middle - start)
            floor_taken.append(now() - middle)
        row: dict[str, Any] = {"suite": label, "op": op}
        for name, place in (("median", len(ours_taken) // 2), ("minimum", 0)):
            ours, bare = (sorted(taken)[place] / 1000 for taken in (ours_taken, floor_taken))
            row |= {f"{name}_us": round(ours, 1), f"{name}_floor_us": round(bare, 1), name: round(ours / bare, 2)}
        result.append(row)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paired", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="seconds a row")
    print(interpreter.described())
    print(f"{'suite':24}{'work':14}{'median us':>12}{'floor':>9}{'ratio':>7}{'minimum us':>12}{'floor':>9}{'ratio':>7}")
    for row in measure(parser.parse_args().seconds):
        cells = (
            f"{row[f'{name}_us']:>12g}{row[f'{name}_floor_us']:>9g}{row[name]:>7g}" for name in ("median", "minimum")
        )
        print(f"{row['suite']:24}{row['op']:14}{''.join(cells)}")


if __name__ == "__main__":
    main()
