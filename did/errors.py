"""The errors of identifiers and keys, one tree with a stable ``code`` at every leaf.

    DidError
    ├── EncodingInvalid             did.encoding_invalid              multibase, base64url, varint
    ├── InvalidDid                  did.invalid                       not a DID, or not one of its method
    ├── InvalidDidUrl               did.invalid_url                   not a DID URL
    ├── InvalidOptions              did.invalid_options               resolution options that make no sense
    ├── FeatureNotSupported         did.feature_not_supported         an option that isn't offered here
    ├── DidNotFound                 did.not_found                     no such DID, version or resource
    ├── DidDeactivated              did.deactivated                   there was one; its controller ended it
    ├── MethodNotSupported          did.method_not_supported          no resolver for this method here
    ├── RepresentationNotSupported  did.representation_not_supported  the media type asked for isn't offered
    ├── InvalidDidDocument          did.document_invalid              the document breaks DID 1.1 or CID 1.0
    ├── InvalidDidLog               did.log_invalid                   a history (did:webvh) that doesn't hold together
    │   └── InvalidDidLogParameters did.log_parameters_invalid
    ├── KeyInvalid                  did.key_invalid                   not a public key that can be used
    │   ├── KeyFormatInvalid        did.key_format_invalid            not a form this key can be written in
    │   ├── KeyLengthInvalid        did.key_length_invalid
    │   └── KeyTypeUnsupported      did.key_type_unsupported
    ├── SignatureFault              did.signature_fault               a signer's signature is not its key's
    ├── PurposeNotAllowed           did.purpose_not_allowed           the controller didn't list the key for the purpose
    ├── BundleInvalid               did.bundle_invalid                an offline bundle not signed by whom one trusts
    ├── DidUnavailable              did.unavailable                   it could not be decided: network, server, limits
    │   ├── BundleExpired           did.bundle_expired                an offline bundle that is past its time
    │   └── FetchRefused            did.fetch_refused                 the guarded fetcher refused address or answer
    ├── KeyFileError                                                  a file with a private key:
    │   ├── KeyFileInvalid          keyfile.invalid                   not such a file, truncated, of an unknown form
    │   ├── KeyFileLocked           keyfile.locked                    wrong password, or the file was changed
    │   ├── KeyFileWeak             keyfile.weak                      key derivation below the accepted strength
    │   ├── KeyFileLimit            keyfile.limit                     key derivation or size above what is accepted
    │   └── KeyFileExists           keyfile.exists                    refusing to write over a key
    └── SignerError                                                   a key that is named by a URI:
        ├── SignerUnknown           signer.unknown                    no such scheme, module, token or key; or several
        ├── SignerLocked            signer.locked                     no PIN, a wrong one, or a locked token
        ├── SignerExists            signer.exists                     refusing to make a key of a name that there is
        └── SignerUnavailable       signer.unavailable                the token isn't there now: put it back, try again

``DidUnavailable`` and what is under it mean "could not decide"; every other leaf is a decision.
"""

from __future__ import annotations

from .refusal import StatedRefusal

__all__ = [
    "BundleExpired",
    "BundleInvalid",
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
    "PurposeNotAllowed",
    "RepresentationNotSupported",
    "SignatureFault",
    "SignerError",
    "SignerExists",
    "SignerLocked",
    "SignerUnavailable",
    "SignerUnknown",
]


class DidError(StatedRefusal, ValueError):
    """Something about an identifier or a key is wrong. ``code`` is stable, ``did`` what was asked for, or ""."""

    code = "did.error"
    title_zh = "DID 或密钥有误"
    unusable = True

    def __init__(self, message: str, did: str = "") -> None:
        super().__init__(message)
        self.did = did[:2048]


class EncodingInvalid(DidError):
    """Text that isn't strict multibase, base64url or base58btc, or a varint that isn't minimal."""

    code = "did.encoding_invalid"
    title_zh = "编码有误"


class SignatureFault(DidError):
    """What a signer answered is no signature of its public key; it was not handed out (``did.checked_signing``)."""

    code = "did.signature_fault"
    title_zh = "签名设备给出的不是有效签名"


class InvalidDid(DidError):
    """Not a DID (DID 1.1 section 3.1), or not one its method allows."""

    code = "did.invalid"
    title_zh = "DID 无效"


class InvalidDidUrl(DidError):
    """Not a DID URL (DID 1.1 section 3.2)."""

    code = "did.invalid_url"
    title_zh = "DID URL 无效"


class InvalidOptions(DidError):
    """Resolution or dereferencing options that contradict each other or have the wrong type."""

    code = "did.invalid_options"
    title_zh = "解析选项有误"


class FeatureNotSupported(DidError):
    """An option that is valid, and that this method or this resolver doesn't offer."""

    code = "did.feature_not_supported"
    title_zh = "不支持此选项"


class DidNotFound(DidError):
    """The method answered: no such DID, version, verification method or service."""

    code = "did.not_found"
    title_zh = "没有此 DID"
    unusable = False


class DidDeactivated(DidError):
    """The controller deactivated the DID; nothing may be verified with it any more."""

    code = "did.deactivated"
    title_zh = "此 DID 已停用"
    unusable = False


class MethodNotSupported(DidError):
    """No method of this name is known to the resolver (or it may not use the network)."""

    code = "did.method_not_supported"
    title_zh = "不支持此 DID 方法"


class RepresentationNotSupported(DidError):
    """The media type asked for isn't one of those offered."""

    code = "did.representation_not_supported"
    title_zh = "不提供此格式"


class InvalidDidDocument(DidError):
    """A DID document that breaks DID 1.1 or CID 1.0."""

    code = "did.document_invalid"
    title_zh = "DID 文档无效"
    unusable = False


class InvalidDidLog(DidError):
    """A verifiable history (did:webvh) whose entries, proofs or witnesses don't hold."""

    code = "did.log_invalid"
    title_zh = "DID 历史记录无效"
    unusable = False


class InvalidDidLogParameters(InvalidDidLog):
    """Parameters in a verifiable history that its method doesn't allow."""

    code = "did.log_parameters_invalid"
    title_zh = "DID 历史记录参数无效"


class KeyInvalid(DidError):
    """Not a public key that can be used: wrong length, not on the curve, of small order, private members in a JWK."""

    code = "did.key_invalid"
    title_zh = "密钥无效"


class KeyFormatInvalid(KeyInvalid):
    """A verification method form (``publicKeyFormat``) that isn't allowed, or that this key can't be written in."""

    code = "did.key_format_invalid"
    title_zh = "密钥格式无效"


class KeyLengthInvalid(KeyInvalid):
    """Key bytes of another length than the key type has."""

    code = "did.key_length_invalid"
    title_zh = "密钥长度有误"


class KeyTypeUnsupported(KeyInvalid):
    """A key type, curve or verification method form that isn't known here."""

    code = "did.key_type_unsupported"
    title_zh = "不支持此密钥类型"


class PurposeNotAllowed(DidError):
    """The controller did not list the verification method under the relationship asked for (CID 1.0 section 3.3)."""

    code = "did.purpose_not_allowed"
    title_zh = "密钥未获准用于此目的"
    unusable = False


class DidUnavailable(DidError):
    """It could not be decided: the network, a server or a limit stood in the way. Try again later."""

    code = "did.unavailable"
    title_zh = "暂时无法确定"
    unusable = False


class BundleInvalid(DidError):
    """An offline bundle that can't be read, was changed, or isn't signed by anyone who is trusted for it."""

    code = "did.bundle_invalid"
    title_zh = "离线包无效"


class BundleExpired(DidUnavailable):
    """An offline bundle that is past its time: get a new one."""

    code = "did.bundle_expired"
    title_zh = "离线包已过期"


class FetchRefused(DidUnavailable):
    """The guarded fetcher refused the address or the answer."""

    code = "did.fetch_refused"
    title_zh = "拒绝获取"


class KeyFileError(DidError):
    """A file with a private key can't be read or written."""

    code = "keyfile.error"
    title_zh = "密钥文件有误"


class KeyFileInvalid(KeyFileError):
    """Not a key file, a truncated one, or one of an unknown form."""

    code = "keyfile.invalid"
    title_zh = "不是可用的密钥文件"


class KeyFileLocked(KeyFileError):
    """The password is wrong, or the file was changed (the two can't be told apart)."""

    code = "keyfile.locked"
    title_zh = "密钥文件无法解锁"


class KeyFileWeak(KeyFileError):
    """The file derives its key with less work or salt than is accepted."""

    code = "keyfile.weak"
    title_zh = "密钥文件强度不足"


class KeyFileLimit(KeyFileError):
    """The file asks for more memory or time than is accepted, or is too large."""

    code = "keyfile.limit"
    title_zh = "密钥文件超出限度"


class KeyFileExists(KeyFileError):
    """There is a file of that name already; a key is never written over."""

    code = "keyfile.exists"
    title_zh = "密钥文件已存在"


class SignerError(DidError):
    """A key that a URI names can't be used."""

    code = "signer.error"
    title_zh = "签名密钥有误"


class SignerUnknown(SignerError):
    """The URI can't be read, its scheme or module isn't known, or it names no key, or more than one."""

    code = "signer.unknown"
    title_zh = "没有此签名密钥"


class SignerLocked(SignerError):
    """There is no PIN or password, it is wrong, or the token has locked itself."""

    code = "signer.locked"
    title_zh = "签名密钥已锁定"


class SignerExists(SignerError):
    """There is a key of that name already; a key is never written over."""

    code = "signer.exists"
    title_zh = "同名密钥已存在"


class SignerUnavailable(SignerError):
    """The token can't be reached now. Put it back and try again: the same signer goes on."""

    code = "signer.unavailable"
    title_zh = "签名设备不可用"
