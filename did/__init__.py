"""Identifiers and keys: DIDs, documents and methods, public keys in every form, signing keys in encrypted files."""

from __future__ import annotations

from .checked_signing import CheckedSigner, sign_checked
from .errors import (
    BundleExpired,
    BundleInvalid,
    DidDeactivated,
    DidError,
    DidNotFound,
    DidUnavailable,
    EncodingInvalid,
    FeatureNotSupported,
    FetchRefused,
    InvalidDid,
    InvalidDidDocument,
    InvalidDidLog,
    InvalidDidLogParameters,
    InvalidDidUrl,
    InvalidOptions,
    KeyFileError,
    KeyFileExists,
    KeyFileInvalid,
    KeyFileLimit,
    KeyFileLocked,
    KeyFileWeak,
    KeyFormatInvalid,
    KeyInvalid,
    KeyLengthInvalid,
    KeyTypeUnsupported,
    MethodNotSupported,
    PurposeNotAllowed,
    RepresentationNotSupported,
    SignatureFault,
    SignerError,
    SignerExists,
    SignerLocked,
    SignerUnavailable,
    SignerUnknown,
)
from .key_files import load, save
from .keys import BbsSigner, Signer, SoftwareKey, generate
from .public_keys import PublicKey
from .resolution import Resolution
from .resolver import Resolver
from .signers import signer_from_uri
from .verification_methods import VerificationMethod

__liangzheng__ = True
"""Says that this is the package ``did`` of liangzheng (``vc.own_did``): another distribution has one of that name."""

__all__ = [
    "BbsSigner",
    "BundleExpired",
    "BundleInvalid",
    "CheckedSigner",
    "DidDeactivated",
    "DidError",
    "DidNotFound",
    "DidUnavailable",
    "EncodingInvalid",
    "FeatureNotSupported",
    "FetchRefused",
    "InvalidDid",
    "InvalidDidDocument",
    "InvalidDidLog",
    "InvalidDidLogParameters",
    "InvalidDidUrl",
    "InvalidOptions",
    "KeyFileError",
    "KeyFileExists",
    "KeyFileInvalid",
    "KeyFileLimit",
    "KeyFileLocked",
    "KeyFileWeak",
    "KeyFormatInvalid",
    "KeyInvalid",
    "KeyLengthInvalid",
    "KeyTypeUnsupported",
    "MethodNotSupported",
    "PublicKey",
    "PurposeNotAllowed",
    "RepresentationNotSupported",
    "Resolution",
    "Resolver",
    "SignatureFault",
    "Signer",
    "SignerError",
    "SignerExists",
    "SignerLocked",
    "SignerUnavailable",
    "SignerUnknown",
    "SoftwareKey",
    "VerificationMethod",
    "generate",
    "load",
    "save",
    "sign_checked",
    "signer_from_uri",
]
