"""A credential as SD-JWT: an envelope of which the holder discloses one claim.

What issue_derive_present_verify.py does with proofs, in JOSE.
"""

from __future__ import annotations

import did
import vc

issuer, device = did.generate("P-256"), did.generate("P-256")
credential = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential"],
    "issuer": issuer.did,
    "credentialSubject": {"id": device.did, "name": "王小明", "age": 26},
}

# What is disclosable leaves the payload for a salted digest; the key that may show the card is named in it (cnf).
card = vc.issue_enveloped(
    credential,
    issuer,
    envelope="vc+sd-jwt",
    disclosable=["/credentialSubject/name", "/credentialSubject/age"],
    holder_key=device.public_key,
)
print(len(card.split("~")) - 2, "disclosures")

# One of them is shown, with a key binding for this verifier and this challenge.
shown = vc.derive_enveloped(card, ["/credentialSubject/age"], signer=device, challenge="n-1", domain="hotel.example")
verdict = vc.verify(shown, challenge="n-1", domain="hotel.example")
assert verdict.verified
assert verdict.document is not None
print(verdict.document["credentialSubject"]["age"], "name" in verdict.document["credentialSubject"])

# Without the key binding it is somebody else's copy.
refused = vc.verify(card, challenge="n-1", domain="hotel.example")
assert not refused.verified
print("refused:", refused.problems[0].code)
