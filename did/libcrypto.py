"""SM2 signatures with SM3 (GB/T 32918.2) by OpenSSL's own library ``libcrypto``, called with ctypes. Experimental.

The library ``cryptography`` brings an OpenSSL without SM2 and shows nothing of it, so the system's is looked for:
version 3 or newer, with SM2 and SM3. Before it is used for anything it has to accept the signature that GB/T 32918.5
prints, and refuse it under another user's name. Everything that is arithmetic happens in it; here are only calls, each
with its return code checked, and each object freed.

A key (``Sm2Key``) may be used by several threads at once: contexts are made for each call.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import cache
from typing import Any, Final

from .errors import KeyInvalid, KeyTypeUnsupported

__all__ = ["USER_ID", "LibcryptoMissing", "Sm2Key", "sm2_missing"]

USER_ID: Final = b"1234567812345678"
"""The signer's identity in Z (GB/T 32918.2 section 5.5): the one that all use who agree on none (GM/T 0009)."""

_NAMES: Final = {
    "linux": ("libcrypto.so.3", "libcrypto.so.4"),
    "darwin": ("libcrypto.3.dylib", "libcrypto.4.dylib"),
    "win32": ("libcrypto-3-x64", "libcrypto-3-arm64", "libcrypto-3"),
}
_OLDEST: Final = 0x30000000
_LONGEST_DER: Final = 80
"""Bytes of a signature in DER at most: 72."""

# The one form of each that there is for SM2: what differs from key to key stands at the end, or in the middle.
_CURVE: Final = bytes.fromhex("06082a811ccf5501822d")
_PUBLIC_HEAD: Final = bytes.fromhex("3039301306072a8648ce3d0201") + _CURVE + bytes.fromhex("032200")
_PRIVATE_HEAD: Final = bytes.fromhex("30310201010420")
_PRIVATE_TAIL: Final = bytes.fromhex("a00a") + _CURVE

_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "OpenSSL_version_num": (c_ulong, []),
    "ERR_clear_error": (None, []),
    "BN_bn2binpad": (c_int, [c_void_p, c_char_p, c_int]),
    "BN_clear_free": (None, [c_void_p]),
    "EVP_sm3": (c_void_p, []),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_is_a": (c_int, [c_void_p, c_char_p]),
    "EVP_PKEY_get_bn_param": (c_int, [c_void_p, c_char_p, POINTER(c_void_p)]),
    # It takes more arguments for other key types; for SM2 there are none (EVP_PKEY_Q_keygen(3)).
    "EVP_PKEY_Q_keygen": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "d2i_AutoPrivateKey": (c_void_p, [c_void_p, POINTER(c_void_p), c_long]),
    "d2i_PUBKEY": (c_void_p, [c_void_p, POINTER(c_void_p), c_long]),
    "EVP_MD_CTX_new": (c_void_p, []),
    "EVP_MD_CTX_free": (None, [c_void_p]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, [c_void_p, c_void_p, c_char_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_set1_id": (c_int, [c_void_p, c_char_p, c_int]),
    "EVP_DigestSignInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestSign": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_DigestVerifyInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestVerify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
}

# GB/T 32918.5-2017 appendix A.2: public key, message, signature (r and s).
_SAMPLE_KEY: Final = bytes.fromhex("0309f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020")
_SAMPLE_MESSAGE: Final = b"message digest"
_SAMPLE_SIGNATURE: Final = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


class LibcryptoMissing(ImportError):
    """This machine has no libcrypto that signs with SM2; the message says what was found instead."""

    def __init__(self, reason: str) -> None:
        detail = f"SM2 needs OpenSSL 3 on this machine, a libcrypto with SM2 and SM3: {reason}"
        super().__init__(detail, name="libcrypto")


def sm2_missing() -> LibcryptoMissing | None:
    """Why there is no SM2 on this machine; None where there is. Looked up once in a process."""
    found = _looked_up()
    return found if isinstance(found, LibcryptoMissing) else None


class Sm2Key:
    """A public or private SM2 key in libcrypto. Made by its three class methods; freed with the object."""

    __slots__ = ("__weakref__", "_handle", "_library")

    def __init__(self, library: Any, handle: int) -> None:
        self._library, self._handle = library, handle
        weakref.finalize(self, library.EVP_PKEY_free, handle).atexit = False

    @classmethod
    def public(cls, point: bytes) -> Sm2Key:
        """The key of a compressed point (33 bytes). Raises KeyInvalid when it isn't one of the curve."""
        if len(point) != 33 or point[0] not in (2, 3):
            raise KeyInvalid("SM2 public key that isn't a compressed point (33 bytes that start with 02 or 03)")
        library = _library()
        handle = _read(library, library.d2i_PUBKEY, _PUBLIC_HEAD + point)
        if not handle:
            raise KeyInvalid("SM2 public key that isn't a point on the curve")
        return cls(library, handle)

    @classmethod
    def private(cls, secret: bytes) -> Sm2Key:
        """The key of a scalar (32 bytes, big-endian) from 1 to the order less 2. Raises KeyInvalid."""
        library = _library()
        handle = _read(library, library.d2i_AutoPrivateKey, _PRIVATE_HEAD + secret + _PRIVATE_TAIL)
        if not handle:
            raise KeyInvalid("not a secret SM2 key")
        return cls(library, handle)

    @classmethod
    def generate(cls) -> Sm2Key:
        """A new private key, made by libcrypto with its own random source; its secret never leaves it."""
        library = _library()
        handle = library.EVP_PKEY_Q_keygen(None, None, b"SM2")
        if not handle:
            raise _broke(library, "EVP_PKEY_Q_keygen")
        return cls(library, handle)

    def coordinates(self) -> tuple[bytes, bytes]:
        """x and y of the public point, 32 bytes each."""
        return self._coordinate(b"qx"), self._coordinate(b"qy")

    def _coordinate(self, name: bytes) -> bytes:
        library, number = self._library, c_void_p()
        if library.EVP_PKEY_get_bn_param(self._handle, name, byref(number)) != 1:
            raise _broke(library, "EVP_PKEY_get_bn_param")
        try:
            out = ctypes.create_string_buffer(32)
            if library.BN_bn2binpad(number, out, 32) != 32:
                raise _broke(library, "BN_bn2binpad")
            return out.raw
        finally:
            library.BN_clear_free(number)

    def sign(self, data: bytes, user_id: bytes = USER_ID) -> bytes:
        """The signature over ``data`` in DER, its nonce from libcrypto's random source."""
        library = self._library
        with _context(library, self._handle, library.EVP_DigestSignInit, user_id) as context:
            size, out = c_size_t(_LONGEST_DER), ctypes.create_string_buffer(_LONGEST_DER)
            if library.EVP_DigestSign(context, out, byref(size), data, len(data)) != 1:
                raise _broke(library, "EVP_DigestSign")
            return out.raw[: size.value]

    def verify(self, signature: bytes, data: bytes, user_id: bytes = USER_ID) -> bool:
        """Whether ``signature`` (DER) is this key's over ``data``."""
        return _verify(self._library, self._handle, signature, data, user_id)


def _read(library: Any, function: Callable[..., int | None], der: bytes) -> int | None:
    """The EVP_PKEY in ``der``, an SM2 key and no other; None when there is none."""
    buffer = ctypes.create_string_buffer(der, len(der))
    handle = function(None, byref(c_void_p(ctypes.addressof(buffer))), len(der))
    ctypes.memset(buffer, 0, len(der))
    library.ERR_clear_error()  # Decoders leave what they tried in the thread's queue.
    if handle and not library.EVP_PKEY_is_a(handle, b"SM2"):
        library.EVP_PKEY_free(handle)
        return None
    return handle


@contextmanager
def _context(library: Any, handle: int, init: Callable[..., int], user_id: bytes) -> Iterator[int]:
    """An EVP_MD_CTX for one operation. The identity is set before it begins: it is hashed first of all."""
    context = library.EVP_MD_CTX_new()
    key_context = library.EVP_PKEY_CTX_new_from_pkey(None, handle, None)
    try:
        if not context or not key_context:
            raise _broke(library, "EVP_MD_CTX_new or EVP_PKEY_CTX_new_from_pkey")
        if library.EVP_PKEY_CTX_set1_id(key_context, user_id, len(user_id)) != 1:
            raise _broke(library, "EVP_PKEY_CTX_set1_id")
        library.EVP_MD_CTX_set_pkey_ctx(context, key_context)
        if init(context, None, library.EVP_sm3(), None, handle) != 1:
            raise _broke(library, "EVP_DigestSignInit or EVP_DigestVerifyInit")
        yield context
    finally:
        library.EVP_MD_CTX_free(context)  # Both take NULL.
        library.EVP_PKEY_CTX_free(key_context)


def _verify(library: Any, handle: int, signature: bytes, data: bytes, user_id: bytes) -> bool:
    with _context(library, handle, library.EVP_DigestVerifyInit, user_id) as context:
        answer: int = library.EVP_DigestVerify(context, signature, len(signature), data, len(data))
    if answer != 1:
        library.ERR_clear_error()
    return answer == 1


def _broke(library: Any, function: str) -> KeyInvalid:
    library.ERR_clear_error()
    return KeyInvalid(f"libcrypto could not do this with the SM2 key ({function})")


def _library() -> Any:
    """libcrypto with its functions typed. Raises KeyTypeUnsupported where there is none that will do."""
    found = _looked_up()
    if isinstance(found, LibcryptoMissing):
        raise KeyTypeUnsupported(str(found))
    return found


@cache
def _looked_up() -> Any:
    try:
        library = _typed(_loaded())
    except LibcryptoMissing as error:
        return error
    if _works(library):
        return library
    return LibcryptoMissing("the one that was found does not verify the signature that GB/T 32918.5 prints")


def _loaded() -> ctypes.CDLL:
    """The first library of a usual name, else the one that the system calls ``crypto``."""
    for name in _NAMES.get(sys.platform, _NAMES["linux"]):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    path = ctypes.util.find_library("crypto")
    if path is None or (sys.platform == "darwin" and path.startswith("/usr/lib/")):
        raise LibcryptoMissing("none was found")  # (macOS ends a process that loads its own.)
    try:
        return ctypes.CDLL(path)
    except OSError:
        raise LibcryptoMissing("the one that was found can't be loaded") from None


def _typed(library: ctypes.CDLL) -> ctypes.CDLL:
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name, None)
        if function is None:
            raise LibcryptoMissing(f"the one that was found has no {name}")
        function.restype, function.argtypes = result, arguments
    if library.OpenSSL_version_num() < _OLDEST:
        raise LibcryptoMissing("the one that was found is older than OpenSSL 3")
    return library


def _works(library: Any) -> bool:
    """Whether it has SM2 and SM3, and counts the signer's identity in (the sample of the standard says how)."""
    handle = _read(library, library.d2i_PUBKEY, _PUBLIC_HEAD + _SAMPLE_KEY)
    if not handle or not library.EVP_sm3():
        return False
    try:
        right, wrong = (
            _verify(library, handle, _SAMPLE_SIGNATURE, _SAMPLE_MESSAGE, user_id)
            for user_id in (USER_ID, USER_ID[::-1])
        )
    except KeyInvalid:
        return False
    finally:
        library.EVP_PKEY_free(handle)
    return right and not wrong
