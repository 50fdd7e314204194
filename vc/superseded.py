"""Names that files still carry and specifications have given up, each with what took its place. One table for all.

Names are told apart by where they stand: ``suite`` (the type of a proof), ``typ`` (of a JOSE header), ``media_type``,
``status`` (the type of a credentialStatus), ``credential_type``, ``context`` and ``key`` (the type of a verification
method).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["SUPERSEDED", "Place", "Superseded", "superseded"]

Place = Literal["suite", "typ", "media_type", "status", "credential_type", "context", "key"]


@dataclass(frozen=True, slots=True)
class Superseded:
    """One name of old: where it stands, what replaces it, and where that is specified."""

    place: Place
    name: str
    by: str
    specification: str

    @property
    def sentence(self) -> str:
        """What to say of it, in English."""
        return f"{self.name!r} is superseded: {self.by} takes its place ({self.specification})"

    @property
    def sentence_zh(self) -> str:
        """What to say of it, in Chinese."""
        return f"“{self.name}”已被取代，现行名称为 {self.by}（{self.specification}）"

    def to_dict(self) -> dict[str, str]:
        """The entry as JSON."""
        return {"place": self.place, "name": self.name, "by": self.by, "specification": self.specification}


_DI_EDDSA: Final = "Data Integrity EdDSA Cryptosuites v1.0"
_DI_ECDSA: Final = "Data Integrity ECDSA Cryptosuites v1.0"
_DI_BBS: Final = "Data Integrity BBS Cryptosuites v1.0"
_JOSE: Final = "VC-JOSE-COSE"
_SD_JWT: Final = "SD-JWT VC"
_LIST: Final = "Bitstring Status List v1.0"
_VCDM: Final = "VC Data Model v2.0"
_CID: Final = "Controlled Identifiers v1.0"
_EDDSA: Final = "DataIntegrityProof with eddsa-rdfc-2022"
_ECDSA: Final = "DataIntegrityProof with ecdsa-rdfc-2019"
_BBS: Final = "DataIntegrityProof with bbs-2023"
_LIST_ENTRY: Final = "BitstringStatusListEntry"
_LIST_CREDENTIAL: Final = "BitstringStatusListCredential"

SUPERSEDED: Final[tuple[Superseded, ...]] = (
    Superseded("suite", "Ed25519Signature2018", _EDDSA, _DI_EDDSA),
    Superseded("suite", "Ed25519Signature2020", _EDDSA, _DI_EDDSA),
    Superseded("suite", "JcsEd25519Signature2020", "DataIntegrityProof with eddsa-jcs-2022", _DI_EDDSA),
    Superseded("suite", "JcsEd25519Signature2022", "DataIntegrityProof with eddsa-jcs-2022", _DI_EDDSA),
    Superseded("suite", "json-eddsa-2022", "DataIntegrityProof with eddsa-jcs-2022", _DI_EDDSA),
    Superseded("suite", "eddsa-2022", _EDDSA, _DI_EDDSA),
    Superseded("suite", "JsonWebSignature2020", f"{_EDDSA} or ecdsa-rdfc-2019", _DI_ECDSA),
    Superseded("suite", "EcdsaSecp256k1Signature2019", _ECDSA, _DI_ECDSA),
    Superseded("suite", "EcdsaSecp256k1RecoverySignature2020", _ECDSA, _DI_ECDSA),
    Superseded("suite", "EcdsaSecp256r1Signature2019", _ECDSA, _DI_ECDSA),
    Superseded("suite", "ecdsa-2019", _ECDSA, _DI_ECDSA),
    Superseded("suite", "RsaSignature2018", _ECDSA, _DI_ECDSA),
    Superseded("suite", "LinkedDataSignature2015", _ECDSA, _DI_ECDSA),
    Superseded("suite", "GpgSignature2020", _EDDSA, _DI_EDDSA),
    Superseded("suite", "EthereumEip712Signature2021", _ECDSA, _DI_ECDSA),
    Superseded("suite", "eip712signature2021", _ECDSA, _DI_ECDSA),
    Superseded("suite", "BbsBlsSignature2020", _BBS, _DI_BBS),
    Superseded("suite", "BbsBlsSignatureProof2020", _BBS, _DI_BBS),
    Superseded("suite", "bbs-2022", _BBS, _DI_BBS),
    Superseded("suite", "CLSignature2019", _BBS, _DI_BBS),
    Superseded("suite", "AnonCredDerivedCredentialv1", _BBS, _DI_BBS),
    Superseded("typ", "vc+ld+jwt", "vc+jwt", _JOSE),
    Superseded("typ", "vc-ld+jwt", "vc+jwt", _JOSE),
    Superseded("typ", "vc+ld+json+jwt", "vc+jwt", _JOSE),
    Superseded("typ", "vc+ld+json", "vc+jwt", _JOSE),
    Superseded("typ", "vp+ld+jwt", "vp+jwt", _JOSE),
    Superseded("typ", "vp-ld+jwt", "vp+jwt", _JOSE),
    Superseded("typ", "vp+ld+json+jwt", "vp+jwt", _JOSE),
    Superseded("typ", "vp+ld+json", "vp+jwt", _JOSE),
    Superseded("typ", "vc+ld+json+sd-jwt", "vc+sd-jwt", _JOSE),
    Superseded("typ", "vc+ld+sd-jwt", "vc+sd-jwt", _JOSE),
    Superseded("typ", "vp+ld+json+sd-jwt", "vp+sd-jwt", _JOSE),
    Superseded("typ", "vp+ld+sd-jwt", "vp+sd-jwt", _JOSE),
    Superseded("typ", "vc+ld+json+cose", "vc+cose", _JOSE),
    Superseded("typ", "vc+ld+cose", "vc+cose", _JOSE),
    Superseded("typ", "vp+ld+json+cose", "vp+cose", _JOSE),
    Superseded("typ", "example+sd-jwt", "dc+sd-jwt", _SD_JWT),
    Superseded("typ", "jwt_vc", "vc+jwt", _JOSE),
    Superseded("typ", "jwt_vc_json", "vc+jwt", _JOSE),
    Superseded("typ", "jwt_vp", "vp+jwt", _JOSE),
    Superseded("typ", "vc_sd_jwt", "dc+sd-jwt", _SD_JWT),
    Superseded("typ", "vc_sd-jwt", "dc+sd-jwt", _SD_JWT),
    Superseded("typ", "kb+sd-jwt", "kb+jwt", "RFC 9901"),
    Superseded("media_type", "application/vc+ld+json", "application/vc", _VCDM),
    Superseded("media_type", "application/vp+ld+json", "application/vp", _VCDM),
    Superseded("media_type", "application/vc-ld", "application/vc", _VCDM),
    Superseded("status", "StatusList2021Entry", _LIST_ENTRY, _LIST),
    Superseded("status", "StatusList2021", _LIST_ENTRY, _LIST),
    Superseded("status", "RevocationList2020Status", _LIST_ENTRY, _LIST),
    Superseded("status", "RevocationList2021Status", _LIST_ENTRY, _LIST),
    Superseded("status", "SuspensionList2021Status", _LIST_ENTRY, _LIST),
    Superseded("status", "CredentialStatusList2017", _LIST_ENTRY, _LIST),
    Superseded("status", "RevocationBitmap2022", _LIST_ENTRY, _LIST),
    Superseded("status", "1EdTechRevocationList", _LIST_ENTRY, _LIST),
    Superseded("credential_type", "StatusList2021Credential", _LIST_CREDENTIAL, _LIST),
    Superseded("credential_type", "RevocationList2020Credential", _LIST_CREDENTIAL, _LIST),
    Superseded("credential_type", "RevocationList2021Credential", _LIST_CREDENTIAL, _LIST),
    Superseded("context", "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2", _VCDM),
    Superseded("context", "https://w3id.org/openbadges/v2", "Open Badges 3.0", "Open Badges 3.0"),
    Superseded("context", "https://w3id.org/vc/status-list/2021/v1", "https://www.w3.org/ns/credentials/v2", _LIST),
    Superseded("key", "Ed25519VerificationKey2018", "Multikey", _CID),
    Superseded("key", "Ed25519VerificationKey2020", "Multikey", _CID),
    Superseded("key", "EcdsaSecp256k1VerificationKey2019", "Multikey or JsonWebKey", _CID),
    Superseded("key", "EcdsaSecp256r1VerificationKey2019", "Multikey", _CID),
    Superseded("key", "Bls12381G2Key2020", "Multikey", _CID),
    Superseded("key", "JsonWebKey2020", "JsonWebKey", _CID),
    Superseded("key", "X25519KeyAgreementKey2019", "Multikey", _CID),
    Superseded("key", "X25519KeyAgreementKey2020", "Multikey", _CID),
)

_BY_NAME: Final = {(entry.place, entry.name.lower()): entry for entry in SUPERSEDED}


def superseded(place: Place, name: object) -> Superseded | None:
    """The entry of a name of old; None for names in use, unknown ones, and what is no string.

    Media types, and ``typ`` with or without ``application/``, are compared without regard to case.
    """
    if not isinstance(name, str):
        return None
    if place == "typ":
        name = name.lower().removeprefix("application/")
    return _BY_NAME.get((place, name.lower()))
