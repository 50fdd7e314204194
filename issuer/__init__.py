"""An issuing authority: population register, applications, identity proofing, issuance, status."""
