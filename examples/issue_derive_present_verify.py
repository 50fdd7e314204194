"""Issue, derive, present, verify: the whole life of a credential in one program.

An issuer secures a credential so that its holder can show parts of it; the holder shows one claim, bound to the
verifier's challenge; the verifier learns that claim and nothing else. Then somebody changes it.
"""

from __future__ import annotations

import copy

import did
import vc

issuer, device = did.generate("P-256"), did.generate("P-256")

# What the issuer says. A term that no context defines is refused: what is dropped would not be signed.
credential = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential"],
    "issuer": issuer.did,
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": device.did, "name": "王小明", "ageOver18": True},
}

# ecdsa-sd-2023 signs each statement by itself. Mandatory ones are part of everything that is derived.
secured = vc.issue(
    credential,
    issuer,
    cryptosuite="ecdsa-sd-2023",
    mandatory_pointers=["/issuer", "/validFrom", "/credentialSubject/id"],
)

# The holder chooses what to show, and signs for one verifier, one challenge, five minutes.
shown = vc.present(
    [vc.derive(secured, selective_pointers=["/credentialSubject/ageOver18"])],
    device,
    challenge="n-0S6_WzA2Mj",
    domain="hotel.example",
    expires_in=300,
)

verdict = vc.verify(shown, challenge="n-0S6_WzA2Mj", domain="hotel.example")
assert verdict.verified
subject = shown["verifiableCredential"][0]["credentialSubject"]
assert set(subject) == {"id", "ageOver18"}, "no name was shown"
print("verified:", subject["ageOver18"])

# Somebody who copied the presentation and makes it say something else is found out, and told where.
changed = copy.deepcopy(shown)
changed["verifiableCredential"][0]["credentialSubject"]["ageOver18"] = False
refused = vc.verify(changed, challenge="n-0S6_WzA2Mj", domain="hotel.example")
assert not refused.verified
for problem in refused.problems:
    print("refused:", problem.code, problem.pointer or "/", "-", problem.detail)

# So is somebody who shows it at another counter.
elsewhere = vc.verify(shown, challenge="another", domain="bank.example")
assert not elsewhere.verified
print("elsewhere:", sorted({problem.code for problem in elsewhere.problems}))
