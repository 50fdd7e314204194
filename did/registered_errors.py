"""The errors of this package by the names that DID Resolution registers, and by the older names of its drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from . import errors

__all__ = ["RegisteredError", "registered"]

_DID: Final = "https://www.w3.org/ns/did#"
_CID: Final = "https://w3id.org/security#"


@dataclass(frozen=True, slots=True)
class RegisteredError:
    """``type`` and ``title`` as in RFC 9457, the status of the HTTPS binding, and the name older suites ask for."""

    type: str
    title: str
    status: int
    legacy: str

    def to_dict(self, detail: str) -> dict[str, Any]:
        """The error object of the current specification."""
        return {"type": self.type, "title": self.title, "detail": detail}


_INVALID_DID: Final = RegisteredError(_DID + "INVALID_DID", "The DID is invalid", 400, "invalidDid")

# The first class in an error's line of ancestors counts.
_TABLE: Final[dict[type[errors.DidError], RegisteredError]] = {
    errors.EncodingInvalid: _INVALID_DID,
    errors.InvalidDid: _INVALID_DID,
    errors.InvalidDidLog: _INVALID_DID,
    errors.InvalidDidUrl: RegisteredError(_DID + "INVALID_DID_URL", "The DID URL is invalid", 400, "invalidDidUrl"),
    errors.InvalidOptions: RegisteredError(_DID + "INVALID_OPTIONS", "The options are invalid", 400, "invalidOptions"),
    errors.FeatureNotSupported: RegisteredError(
        _DID + "FEATURE_NOT_SUPPORTED", "The feature is not supported", 501, "featureNotSupported"
    ),
    errors.DidNotFound: RegisteredError(_DID + "NOT_FOUND", "Not found", 404, "notFound"),
    errors.DidDeactivated: RegisteredError(_DID + "NOT_FOUND", "The DID is deactivated", 410, "deactivated"),
    errors.MethodNotSupported: RegisteredError(
        _DID + "METHOD_NOT_SUPPORTED", "The DID method is not supported", 501, "methodNotSupported"
    ),
    errors.RepresentationNotSupported: RegisteredError(
        _DID + "REPRESENTATION_NOT_SUPPORTED", "The representation is not supported", 406, "representationNotSupported"
    ),
    errors.InvalidDidDocument: RegisteredError(
        _DID + "INVALID_DID_DOCUMENT", "The DID document is invalid", 500, "invalidDidDocument"
    ),
    errors.KeyInvalid: RegisteredError(_DID + "INVALID_DID", "The public key is invalid", 400, "invalidPublicKey"),
    errors.KeyLengthInvalid: RegisteredError(
        _DID + "INVALID_DID", "The public key has another length", 400, "invalidPublicKeyLength"
    ),
    errors.KeyFormatInvalid: RegisteredError(
        _DID + "INVALID_OPTIONS", "The public key format is not allowed", 400, "invalidPublicKeyType"
    ),
    errors.KeyTypeUnsupported: RegisteredError(
        _DID + "FEATURE_NOT_SUPPORTED", "The public key type is not supported", 501, "unsupportedPublicKeyType"
    ),
    errors.PurposeNotAllowed: RegisteredError(
        _CID + "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD",
        "The verification method is not listed for this relationship",
        500,
        "invalidRelationshipForVerificationMethod",
    ),
    errors.DidError: RegisteredError(_DID + "INTERNAL_ERROR", "It could not be decided", 500, "internalError"),
}


def registered(error: errors.DidError) -> RegisteredError:
    """What an error is called outside this package."""
    return next(_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE)
