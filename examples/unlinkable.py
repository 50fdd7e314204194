"""Show a card twice so that two verifiers who compare notes can't tell that it was one card (bbs-2023).

With ecdsa-sd-2023 every presentation of a card carries the same issuer's signature. A BBS proof is new each time. Needs
``pip install 'liangzheng[bbs]'``.
"""

from __future__ import annotations

import did
import vc

issuer = did.generate("BLS12-381-G2")
credential = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential"],
    "issuer": issuer.did,
    "credentialSubject": {"name": "王小明", "ageOver18": True},
}
secured = vc.issue(credential, issuer, cryptosuite="bbs-2023", mandatory_pointers=["/issuer"])

first, second = (vc.derive(secured, selective_pointers=["/credentialSubject/ageOver18"]) for _ in range(2))
assert vc.verify(first).verified
assert vc.verify(second).verified
assert first["credentialSubject"] == second["credentialSubject"] == {"ageOver18": True}
assert first["proof"]["proofValue"] != second["proof"]["proofValue"]
print("two proofs, nothing in common but what was shown:", first["credentialSubject"])
