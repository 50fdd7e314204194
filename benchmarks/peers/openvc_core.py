"""openvc-core (Python), measured with its own API. Run in the peers' environment, from the repository's root."""

from __future__ import annotations

import base64
import json
from typing import Any

from openvc.keys import Ed25519SigningKey, P256SigningKey, P384SigningKey
from openvc.multibase import encode_multibase
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_ecdsa_rdfc import EcdsaRdfcProofSuite
from openvc.proof.di_jcs import EcdsaJcsProofSuite, EddsaJcsProofSuite
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite
from openvc.proof.sd_jwt import SdJwtVcProofSuite

from benchmarks import documents
from benchmarks.timing import bench

PEER, EXTRA = "openvc-core", documents.contexts()
SHOWN = ("ageOver18", "nationality", "birthDate")


def raw_key(key: Any) -> bytes:
    """The compressed public key; read from the JWK where the key class has no method for it."""
    if hasattr(key, "public_key_raw"):
        return bytes(key.public_key_raw())
    jwk = key.public_jwk()
    x, y = (base64.urlsafe_b64decode(jwk[c] + "==") for c in ("x", "y"))
    return bytes([2 + (y[-1] & 1)]) + x


def identify(key: Any, prefix: bytes) -> tuple[str, str]:
    multikey = encode_multibase(prefix + raw_key(key))
    return f"did:key:{multikey}", f"did:key:{multikey}#{multikey}"


def plain(name: str, suite: Any, key: Any, prefix: bytes, kinds: tuple[str, ...], *, jcs: bool = False) -> None:
    did, method = identify(key, prefix)
    more: dict[str, Any] = {} if jcs else {"extra_contexts": EXTRA}
    known = {"public_key_jwk": key.public_jwk()} if "p384" in name else {}
    for kind in kinds:
        items = documents.variants(kind, did)

        def issue(credential: Any) -> Any:
            return suite.add_proof(credential, signing_key=key, verification_method=method, **more)

        signed = [issue(item) for item in items]
        bench(PEER, name, "issue", kind, items, issue)
        bench(PEER, name, "verify", kind, signed, lambda c: suite.verify(c, **more, **known))
        if name == "eddsa-rdfc-2022":
            texts = [json.dumps(c).encode() for c in signed]
            bench(PEER, name, "verify-bytes", kind, texts, lambda b: suite.verify(json.loads(b), **more))


def selective(key: Any) -> None:
    did, method = identify(key, b"\x80\x24")
    suite = EcdsaSdProofSuite()
    for kind in ("resident", "alumni"):
        chosen, items = documents.POINTERS[kind], documents.variants(kind, did, 8)

        def issue(credential: Any, pointers: Any = chosen) -> Any:
            return suite.add_base_proof(
                credential,
                signing_key=key,
                verification_method=method,
                mandatory_pointers=pointers["mandatory"],
                extra_contexts=EXTRA,
            )

        def derive(credential: Any, pointers: Any = chosen) -> Any:
            return suite.derive_proof(credential, selective_pointers=pointers["selective"], extra_contexts=EXTRA)

        signed = [issue(item) for item in items]
        derived = [derive(item) for item in signed]
        bench(PEER, "ecdsa-sd-2023", "issue", kind, items, issue)
        bench(PEER, "ecdsa-sd-2023", "derive", kind, signed, derive)
        bench(PEER, "ecdsa-sd-2023", "verify", kind, derived, lambda c: suite.verify(c, extra_contexts=EXTRA))


def sd_jwt(key: Any) -> None:
    suite, holder = SdJwtVcProofSuite(), P256SigningKey.generate("h")
    public = key.public_jwk()
    items = []
    for one in documents.variants("resident", "x"):
        claims = {k: v for k, v in one["credentialSubject"].items() if k not in ("id", "type")}
        items.append({"iss": "https://issuer.example", **claims})
    names = [name for name in items[0] if name != "iss"]

    def issue(claims: Any) -> Any:
        return suite.issue(
            claims,
            signing_key=key,
            disclosable=names,
            vct="https://x.example/resident",
            holder_jwk=holder.public_jwk(),
            expires_in_s=3600,
        )

    def present(token: str) -> Any:
        jws, *disclosures = token.split("~")
        kept = [d for d in disclosures if d and json.loads(base64.urlsafe_b64decode(d + "=="))[1] in SHOWN]
        chosen = "~".join([jws, *kept, ""])
        return suite.create_presentation(chosen, holder_key=holder, audience="https://rp.example", nonce="n-1")

    def check(token: str) -> Any:
        return suite.verify(
            token,
            public_key_jwk=public,
            audience="https://rp.example",
            nonce="n-1",
            require_key_binding=True,
            expected_vct="https://x.example/resident",
        )

    tokens = [issue(one) for one in items]
    bench(PEER, "sd-jwt-vc", "issue", "resident", items, issue)
    bench(PEER, "sd-jwt-vc", "present", "resident", tokens, present)
    bench(PEER, "sd-jwt-vc", "verify", "resident", [present(token) for token in tokens], check)


if __name__ == "__main__":
    every = ("resident", "alumni", "resident_portrait")
    p256 = P256SigningKey.generate("k")
    plain("eddsa-rdfc-2022", DataIntegrityProofSuite(), Ed25519SigningKey.generate("k"), b"\xed\x01", every)
    plain("eddsa-jcs-2022", EddsaJcsProofSuite(), Ed25519SigningKey.generate("k"), b"\xed\x01", ("resident",), jcs=True)
    plain("ecdsa-rdfc-2019-p256", EcdsaRdfcProofSuite(), p256, b"\x80\x24", ("resident",))
    plain("ecdsa-rdfc-2019-p384", EcdsaRdfcProofSuite(), P384SigningKey.generate("k"), b"\x81\x24", ("resident",))
    plain("ecdsa-jcs-2019-p256", EcdsaJcsProofSuite(), p256, b"\x80\x24", ("resident",), jcs=True)
    selective(p256)
    sd_jwt(p256)
