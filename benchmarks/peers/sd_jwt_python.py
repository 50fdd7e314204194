"""sd-jwt (Python), measured with its own API. Run in the peers' environment, from the repository's root."""

from __future__ import annotations

from typing import Any

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from benchmarks import documents
from benchmarks.timing import bench

PEER, AUDIENCE = "sd-jwt (Python)", "https://rp.example"
WANTED = {"ageOver18": True, "nationality": True, "birthDate": True}

if __name__ == "__main__":
    issuer, holder = JWK.generate(kty="EC", crv="P-256"), JWK.generate(kty="EC", crv="P-256")
    public = JWK.from_json(holder.export_public())
    stated = {"iss": "https://issuer.example", "vct": "https://x.example/resident", "iat": 1700000000}
    items: list[dict[Any, Any]] = []
    for one in documents.variants("resident", "x"):
        claims = {SDObj(k): v for k, v in one["credentialSubject"].items() if k not in ("id", "type")}
        items.append({**stated, "exp": 2900000000, **claims})

    def issue(claims: dict[Any, Any]) -> str:
        return str(SDJWTIssuer(dict(claims), issuer, public, sign_alg="ES256").sd_jwt_issuance)

    def present(token: str) -> str:
        shown = SDJWTHolder(token)
        shown.create_presentation(WANTED, "n-1", AUDIENCE, holder, "ES256")
        return str(shown.sd_jwt_presentation)

    def check(token: str) -> None:
        found = SDJWTVerifier(token, lambda iss, header: issuer, AUDIENCE, "n-1").get_verified_payload()
        if "birthDate" not in found or "sex" in found:
            raise AssertionError("not what was disclosed")

    tokens = [issue(one) for one in items]
    bench(PEER, "sd-jwt-vc", "issue", "resident", items, issue)
    bench(PEER, "sd-jwt-vc", "present", "resident", tokens, present)
    bench(PEER, "sd-jwt-vc", "verify", "resident", [present(token) for token in tokens], check)
