"""SD-JWT VC and VC-JWT against openvc-core, sd-jwt (Python) and @sd-jwt (JavaScript): who issues, presents, verifies.

Peers that are not installed are left out of the matrix. For @sd-jwt, LIANGZHENG_SD_JWT_JS names a folder in which
``npm install @sd-jwt/sd-jwt-vc @sd-jwt/crypto-nodejs`` was run.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import did
import vc
from did.multibase import encode_base64url
from vc.envelope import EnvelopeProfile, sd_jwt

ISSUER = did.SoftwareKey.from_seed("P-256", b"issuer")
DEVICE = did.SoftwareKey.from_seed("P-256", b"device")
CLAIMS: dict[str, Any] = {
    "vct": "https://example.org/types/person",
    "name": "王小明",
    "address": {"city": "Chengdu", "lines": ["1", "2"]},
    "degrees": ["Arts", "Law"],
    "age": 26,
    "quote": 'a "quoted" \\ text',
}
HIDE = ["name", "address", "degrees", "age", "quote"]
SHOWN = ["name", "degrees"]
NONCE, AUDIENCE = "n-0S6_WzA2Mj", "https://verifier.example"
JS_FOLDER = os.environ.get("LIANGZHENG_SD_JWT_JS", "")


def private_jwk(key: did.SoftwareKey) -> dict[str, str]:
    return {**key.public_key.to_jwk(), "d": encode_base64url(key._secret)}


class Ours:
    def issue(self) -> str:
        pointers = ["/" + name for name in HIDE]
        return str(
            vc.issue_enveloped(CLAIMS, ISSUER, envelope="dc+sd-jwt", disclosable=pointers, holder_key=DEVICE.public_key)
        )

    def present(self, text: str) -> str:
        pointers = ["/" + name for name in SHOWN]
        return vc.derive_enveloped(text, pointers, signer=DEVICE, challenge=NONCE, domain=AUDIENCE)

    def verify(self, text: str) -> dict[str, Any]:
        verdict = vc.verify(text, challenge=NONCE, domain=AUDIENCE)
        assert verdict.verified, verdict.problems
        assert verdict.document is not None
        return dict(verdict.document)


class OpenVc:
    def __init__(self) -> None:
        from openvc.keys import P256SigningKey
        from openvc.proof.sd_jwt import SdJwtVcProofSuite

        self.suite = SdJwtVcProofSuite()
        self.key = P256SigningKey.from_jwk(private_jwk(ISSUER), ISSUER.verification_method)
        self.device = P256SigningKey.from_jwk(private_jwk(DEVICE), DEVICE.verification_method)

    def issue(self) -> str:
        claims = {"iss": ISSUER.did, **CLAIMS}
        vct = claims.pop("vct")
        return str(
            self.suite.issue(
                claims, signing_key=self.key, disclosable=HIDE, holder_jwk=DEVICE.public_key.to_jwk(), vct=vct
            )
        )

    def present(self, text: str) -> str:
        shown = sd_jwt.disclose(text, ["/" + name for name in SHOWN]).compact()  # It has no way to choose.
        return str(self.suite.create_presentation(shown, holder_key=self.device, audience=AUDIENCE, nonce=NONCE))

    def verify(self, text: str) -> dict[str, Any]:
        found = self.suite.verify(
            text,
            public_key_jwk=ISSUER.public_key.to_jwk(),
            audience=AUDIENCE,
            nonce=NONCE,
            require_key_binding=True,
            expected_vct=CLAIMS["vct"],
        )
        return dict(found.claims)


class SdJwtPython:
    def __init__(self) -> None:
        from jwcrypto.jwk import JWK

        self.issuer, self.device = JWK(**private_jwk(ISSUER)), JWK(**private_jwk(DEVICE))

    def issue(self) -> str:
        from sd_jwt.common import SDObj
        from sd_jwt.issuer import SDJWTIssuer

        claims = {SDObj(name) if name in HIDE else name: value for name, value in CLAIMS.items()}
        claims.update({"iss": ISSUER.did, "iat": int(time.time())})
        header = {"typ": "dc+sd-jwt", "kid": ISSUER.verification_method}
        made = SDJWTIssuer(claims, self.issuer, self.device, add_decoy_claims=True, extra_header_parameters=header)
        return str(made.sd_jwt_issuance)

    def present(self, text: str) -> str:
        from sd_jwt.holder import SDJWTHolder

        holder = SDJWTHolder(text)
        holder.create_presentation(dict.fromkeys(SHOWN, True), NONCE, AUDIENCE, self.device)
        return str(holder.sd_jwt_presentation)

    def verify(self, text: str) -> dict[str, Any]:
        from sd_jwt.verifier import SDJWTVerifier

        claims: dict[str, Any] = SDJWTVerifier(
            text, lambda issuer, header: self.issuer, AUDIENCE, NONCE
        ).get_verified_payload()
        return claims


class SdJwtJavaScript:
    def run(self, **job: Any) -> Any:
        script = Path(__file__).parent / "sd_jwt_peer.mjs"
        done = subprocess.run(
            ["node", str(script), JS_FOLDER],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-500:]
        return json.loads(done.stdout)

    def issue(self) -> str:
        claims = {"iss": ISSUER.did, "iat": int(time.time()), "cnf": {"jwk": DEVICE.public_key.to_jwk()}, **CLAIMS}
        return str(
            self.run(
                action="issue",
                claims=claims,
                disclosable=HIDE,
                kid=ISSUER.verification_method,
                issuerKey=private_jwk(ISSUER),
                issuerPublic=ISSUER.public_key.to_jwk(),
            )
        )

    def present(self, text: str) -> str:
        return str(
            self.run(
                action="present", sdJwt=text, shown=SHOWN, audience=AUDIENCE, nonce=NONCE, holderKey=private_jwk(DEVICE)
            )
        )

    def verify(self, text: str) -> dict[str, Any]:
        claims: dict[str, Any] = self.run(
            action="verify", sdJwt=text, nonce=NONCE, issuerPublic=ISSUER.public_key.to_jwk()
        )
        return claims


PEERS: dict[str, Callable[[], Any]] = {"liangzheng": Ours}
if find_spec("openvc"):
    PEERS["openvc-core"] = OpenVc
if find_spec("sd_jwt"):
    PEERS["sd-jwt (Python)"] = SdJwtPython
if JS_FOLDER:
    PEERS["@sd-jwt (JavaScript)"] = SdJwtJavaScript


# What the peers make of one another is not our matter.
JOURNEYS = [pytest.param(*roles, id=" -> ".join(roles)) for roles in product(PEERS, repeat=3) if "liangzheng" in roles]


@pytest.mark.parametrize(("issuer", "holder", "verifier"), JOURNEYS)
def test_an_sd_jwt_vc_travels_from_issuer_to_holder_to_verifier(issuer: str, holder: str, verifier: str) -> None:
    secured = PEERS[issuer]().issue()
    claims = PEERS[verifier]().verify(PEERS[holder]().present(secured))
    assert {name: claims[name] for name in SHOWN} == {name: CLAIMS[name] for name in SHOWN}
    assert not (set(HIDE) - set(SHOWN)) & claims.keys()


@pytest.mark.parametrize("peer", [name for name in PEERS if name == "openvc-core"])
def test_a_vc_jwt_of_openvc_core_verifies_and_its_presentation_does_with_the_old_claims_allowed(peer: str) -> None:
    from openvc.keys import P256SigningKey
    from openvc.proof.vc_jwt import VcJwtProofSuite
    from openvc.proof.vp_jwt import VpJwtProofSuite

    key = P256SigningKey.from_jwk(private_jwk(ISSUER), ISSUER.verification_method)
    device = P256SigningKey.from_jwk(private_jwk(DEVICE), DEVICE.verification_method)
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": ISSUER.did,
        "issuanceDate": "2024-01-01T00:00:00Z",
        "credentialSubject": {"id": DEVICE.did},
    }
    token = VcJwtProofSuite().sign(credential, signing_key=key, expires_in_s=600)
    verdict = vc.verify(token)
    assert verdict.verified, verdict.problems

    class OldClaims(EnvelopeProfile):
        @property
        def accepts_claims_around_2_0(self) -> bool:
            return True

    shown = VpJwtProofSuite().sign([token], holder_key=device, audience=AUDIENCE, nonce=NONCE, expires_in_s=300)
    strict = vc.verify(shown, challenge=NONCE, domain=AUDIENCE)
    assert {problem.code for problem in strict.problems} == {"envelope.claims"}
    verdict = vc.verify(shown, challenge=NONCE, domain=AUDIENCE, envelopes=OldClaims())
    assert verdict.verified, verdict.problems
