"""Identifiers and keys: DIDs, documents and methods, public keys in every form, signing keys in encrypted files."""

from __future__ import annotations

from .errors import (
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
)
from .key_files import load, save
from .keys import BbsSigner, Signer, SoftwareKey, generate
from .public_keys import PublicKey
from .resolution import Resolution
from .resolver import Resolver
from .verification_methods import VerificationMethod

__all__ = [
    "BbsSigner",
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
    "Signer",
    "SoftwareKey",
    "VerificationMethod",
    "generate",
    "load",
    "save",
]
