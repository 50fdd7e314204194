# What docs/web.md takes for granted: an authority's key, an officer's password, the secret of the sessions.
import secrets

import did

signer = did.generate("P-256")
password = "correct horse battery 亮证"
secret = secrets.token_bytes(32)
