"""Issue and verify many credentials, on all cores, one by one as they are done.

A credential that can't be issued is a value among the others, and a document that does not verify a verdict: a batch
never stops half-way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import did
import vc


def credentials(issuer: str, count: int) -> Iterator[dict[str, Any]]:
    """One after the other: a batch may be longer than the memory is large."""
    for number in range(count):
        yield {
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
            "type": ["VerifiableCredential"],
            "issuer": issuer,
            "validFrom": "yesterday" if number == 7 else "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": f"urn:example:{number}", "name": f"示例 {number}"},
        }


# Workers are started as new processes, which read this file again: what only the first one does stands below.
if __name__ == "__main__":
    issuer = did.generate("Ed25519")
    good = []
    for result in vc.issue_many(credentials(issuer.did, 200), issuer, cryptosuite="eddsa-rdfc-2022", processes=2):
        if isinstance(result, vc.ProblemError):
            print("not issued:", result.problems[0].code, result.problems[0].pointer)
        else:
            good.append(result)
    print(len(good), "issued")

    good[3]["credentialSubject"]["name"] = "changed"
    verdicts = list(vc.verify_many(good, processes=2))
    print(sum(verdict.verified for verdict in verdicts), "verified")
    assert [number for number, verdict in enumerate(verdicts) if not verdict.verified] == [3]
