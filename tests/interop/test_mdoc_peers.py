"""mdocs against @owf/mdoc (JavaScript, what Credo uses) and openvc-core: who issues, shows and verifies.

LIANGZHENG_MDOC_JS names a folder in which ``npm install @owf/mdoc`` was run. Where openvc-core is installed, it
verifies.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from datetime import date, timedelta
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import did
from did.multibase import encode_base64url
from vc import mdoc

from ..vc.mdoc.conftest import COMMON, DOC_TYPE, NOW, OWN, Authority, software_key

JS_FOLDER = os.environ.get("LIANGZHENG_MDOC_JS", "")
AUTHORITY = Authority()
DEVICE = did.SoftwareKey.from_seed("P-256", b"device")
NAME_SPACES: dict[str, dict[str, Any]] = {
    COMMON: {"family_name": "王", "birth_date": date(1990, 2, 28), "age_over_18": True, "portrait": b"\xff\xd8\xff"},
    OWN: {"residence_address": {"administrativeDivision": "510199"}, "member_count": 3},
}
CHOSEN = {COMMON: ["family_name", "birth_date", "portrait"], OWN: ["residence_address"]}
SHOWN = {
    COMMON: {"family_name": "王", "birth_date": "1990-02-28", "portrait": "_9j_"},
    OWN: {"residence_address": {"administrativeDivision": "510199"}},
}
KEY = did.SoftwareKey.from_seed("P-256", b"encryption").public_key.to_jwk()
SESSIONS = {
    "redirect": {"client_id": "x509_hash:abc", "nonce": "n-0S6_WzA2Mj", "response_uri": "https://v.example/r"},
    "redirect, encrypted": {
        "client_id": "x509_hash:abc",
        "nonce": "n-0S6_WzA2Mj",
        "response_uri": "https://v.example/r",
        "encryption_key": KEY,
    },
    "Digital Credentials API": {"origin": "https://v.example", "nonce": "n-0S6_WzA2Mj"},
    "Digital Credentials API, encrypted": {"origin": "https://v.example", "nonce": "n", "encryption_key": KEY},
}


def transcript(session: dict[str, Any]) -> bytes:
    return mdoc.dc_api_transcript(**session) if "origin" in session else mdoc.redirect_transcript(**session)


def private_jwk(key: did.SoftwareKey) -> dict[str, str]:
    return {**key.public_key.to_jwk(), "d": encode_base64url(key._secret)}


def der(certificate: Any) -> str:
    return encode_base64url(certificate.public_bytes(Encoding.DER))


class Ours:
    def issue(self) -> str:
        return encode_base64url(AUTHORITY.issue(DEVICE.public_key, NAME_SPACES))

    def present(self, issued: str, session: dict[str, Any]) -> str:
        return encode_base64url(mdoc.present(issued, CHOSEN, DEVICE, transcript=transcript(session)))

    def verify(self, response: str, session: dict[str, Any]) -> None:
        verdict = mdoc.verify(response, transcript=transcript(session), anchors=[AUTHORITY.root], now=NOW)
        assert verdict.verified, verdict.problems
        assert verdict.document["documents"][0]["issuerSigned"] == SHOWN  # type: ignore[index]


class Owf:
    """@owf/mdoc, one process a job."""

    def issue(self) -> str:
        spaces = {
            COMMON: {
                **NAME_SPACES[COMMON],
                "birth_date": {"date": "1990-02-28"},
                "portrait": {"bytes": encode_base64url(NAME_SPACES[COMMON]["portrait"])},
            },
            OWN: NAME_SPACES[OWN],
        }
        return self.run(
            "issue",
            docType=DOC_TYPE,
            nameSpaces=spaces,
            now=NOW.isoformat(),
            validUntil=(NOW + timedelta(days=90)).isoformat(),
            issuerKey=private_jwk(software_key(AUTHORITY.signer_key)),
            certificate=der(AUTHORITY.leaf),
            deviceKey=DEVICE.public_key.to_jwk(),
        )

    def present(self, issued: str, session: dict[str, Any]) -> str:
        key = private_jwk(DEVICE)
        return self.run(
            "present",
            docType=DOC_TYPE,
            issuerSigned=issued,
            elements=CHOSEN,
            deviceKey={**key, "alg": "ES256"},
            session=self.session(session),
        )

    def verify(self, response: str, session: dict[str, Any]) -> None:
        answer = self.run(
            "verify", response=response, session=self.session(session), root=der(AUTHORITY.root), now=NOW.isoformat()
        )
        assert answer["docType"] == DOC_TYPE
        assert {name: sorted(items) for name, items in answer["shown"].items()} == {
            name: sorted(items) for name, items in CHOSEN.items()
        }

    @staticmethod
    def session(session: dict[str, Any]) -> dict[str, Any]:
        names = {"client_id": "clientId", "response_uri": "responseUri"}
        found = {names.get(name, name): value for name, value in session.items() if name != "encryption_key"}
        if "encryption_key" in session:
            found["thumbprint"] = encode_base64url(mdoc.jwk_thumbprint(session["encryption_key"]))
        return found

    @staticmethod
    def run(action: str, **job: Any) -> Any:
        script = Path(__file__).with_name("mdoc_peer.mjs")
        done = subprocess.run(
            ["node", str(script), JS_FOLDER],
            input=json.dumps({"action": action, **job}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise AssertionError(done.stderr[-2000:])
        return json.loads(done.stdout)


class Openvc:
    """openvc-core verifies only."""

    def verify(self, response: str, session: dict[str, Any]) -> None:
        from openvc.mdoc import verify_device_response

        data = base64.urlsafe_b64decode(response + "=" * (-len(response) % 4))
        (found,) = verify_device_response(
            data,
            trust_anchors=[AUTHORITY.root],
            session_transcript=transcript(session),
            now=NOW,
            expected_doc_type=DOC_TYPE,
        )
        assert found is not None


MAKERS = {"ours": Ours(), **({"@owf/mdoc": Owf()} if JS_FOLDER else {})}
VERIFIERS: dict[str, Any] = {**MAKERS, **({"openvc": Openvc()} if find_spec("openvc") else {})}
MATRIX = [names for names in product(MAKERS, MAKERS, VERIFIERS) if set(names) != {"ours"}]


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize(("issuer", "holder", "verifier"), MATRIX)
def test_an_mdoc_passes_through_every_pair(issuer, holder, verifier, session):
    response = MAKERS[holder].present(MAKERS[issuer].issue(), SESSIONS[session])  # type: ignore[attr-defined]
    VERIFIERS[verifier].verify(response, SESSIONS[session])


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_an_answer_to_somebody_else_is_refused_by_every_verifier(verifier):
    response = Ours().present(Ours().issue(), SESSIONS["redirect"])  # type: ignore[arg-type]
    with pytest.raises((AssertionError, Exception), match=r"(?i)signature|device"):
        VERIFIERS[verifier].verify(response, SESSIONS["Digital Credentials API"])
