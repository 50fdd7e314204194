"""didkit (Rust ssi through Python), measured with its own API. Run in the peers' environment, from the root.

It has Ed25519Signature2020 over VCDM 1.1, and takes no contexts from outside: ours go into the document.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from typing import Any

import didkit

from benchmarks import documents
from benchmarks.timing import bench

PEER, SUITE = "didkit", "Ed25519Signature2020"
LOOP = asyncio.new_event_loop()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return LOOP.run_until_complete(work)


async def method_of(key: str) -> str:  # The binding wants a running loop.
    return str(await didkit.key_to_verification_method("key", key))


async def issue(credential: str, options: str, key: str) -> str:
    return str(await didkit.issue_credential(credential, options, key))


async def verify(credential: str) -> None:
    result = json.loads(await didkit.verify_credential(credential, "{}"))
    if result["errors"]:
        raise AssertionError(result["errors"])


def main() -> None:
    key = didkit.generate_ed25519_key()
    options = json.dumps({"type": SUITE, "proofPurpose": "assertionMethod", "verificationMethod": run(method_of(key))})
    for kind in ("resident", "alumni"):
        items = []
        for one in documents.variants_1_1(kind, didkit.key_to_did("key", key), 8):
            one["@context"][1] = documents.contexts()[one["@context"][1]]["@context"]
            items.append(json.dumps(one))
        signed = [run(issue(item, options, key)) for item in items]
        bench(PEER, SUITE, "issue", kind, items, lambda c: run(issue(c, options, key)))
        bench(PEER, SUITE, "verify-bytes", kind, signed, lambda c: run(verify(c)))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Its threads don't end with the interpreter.
