"""A private key in an encrypted file: a JWE (RFC 7516) over its JWK, the key derived with Argon2id (RFC 9106).

The file is one JWE in compact form: ``alg`` is ``dir``, ``enc`` is ``A256GCM``, and the protected header carries the
Argon2id parameters under ``kdf``. The header is authenticated with the key, so that nothing in it can be changed.

PKCS#8 files can't name Argon2id as OpenSSL writes them, hence JWE. The derivation asked for by a file that was not
written here is bounded both ways: weak parameters are refused, and so are those that would exhaust the machine.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from . import multibase
from .errors import DidError, KeyFileExists, KeyFileInvalid, KeyFileLimit, KeyFileLocked, KeyFileWeak
from .keys import SoftwareKey

__all__ = ["MAX_FILE", "Argon2id", "decrypt", "encrypt", "load", "save"]

MAX_FILE: Final = 64 * 1024
"""Bytes of a key file at most."""

_TYPE: Final = "liangzheng-key+jwe"
_SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Argon2id:
    """Argon2id parameters: memory in KiB, passes, lanes. The default is the second choice of RFC 9106 section 4.

    Accepted: 19 MiB to 128 MiB, 2 to 16 passes (the lower bounds are OWASP's), 1 to 8 lanes; memory times passes at
    most 512 MiB, which takes about half a second. It is checked before anything is derived.
    """

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def check(self) -> None:
        """Raises KeyFileWeak or KeyFileLimit."""
        if self.memory < 19 * 1024 or self.passes < 2 or self.lanes < 1:
            raise KeyFileWeak("Argon2id with less than 19 MiB or less than 2 passes is too weak for a key file")
        if self.memory > 128 * 1024 or self.passes > 16 or self.lanes > 8 or self.memory * self.passes > 512 * 1024:
            raise KeyFileLimit("Argon2id with more than 128 MiB, 16 passes, 8 lanes or 512 MiB in all is not accepted")


def save(
    key: SoftwareKey,
    path: str | os.PathLike[str],
    password: str | bytes,
    *,
    kdf: Argon2id | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> None:
    """Write ``key`` to a new file, readable by its owner only, encrypted with ``password``.

    The file appears whole or not at all. Raises KeyFileExists rather than write over a file, KeyFileWeak for an empty
    password or a weak ``kdf``, OSError as the system does.
    """
    import tempfile

    target = Path(path)
    data = encrypt(key, password, kdf=kdf, random=random)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".key-")  # created with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise KeyFileExists(f"{target} exists already; a key is never written over") from None
    finally:
        Path(temporary).unlink()


def load(path: str | os.PathLike[str], password: str | bytes) -> SoftwareKey:
    """The key in a file that ``save`` wrote.

    Raises KeyFileInvalid (not a key file, truncated), KeyFileLocked (wrong password, or changed), KeyFileWeak,
    KeyFileLimit, OSError.
    """
    with Path(path).open("rb") as file:
        data = file.read(MAX_FILE + 1)
    return decrypt(data, password)


def encrypt(
    key: SoftwareKey,
    password: str | bytes,
    *,
    kdf: Argon2id | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """The bytes of a key file (one line of ASCII); ``random`` draws the salt. Raises KeyFileWeak."""
    from jwcrypto.jwe import JWE

    secret = _password_bytes(password)
    if not secret:
        raise KeyFileWeak("an empty password protects nothing")
    kdf = kdf or Argon2id()
    kdf.check()
    salt = random(_SALT_BYTES)
    header = {
        "alg": "dir",
        "enc": "A256GCM",
        "typ": _TYPE,
        "cty": "jwk+json",
        "kdf": {
            "name": "argon2id",
            "v": 19,
            "m": kdf.memory,
            "t": kdf.passes,
            "p": kdf.lanes,
            "salt": multibase.encode_base64url(salt),
        },
    }
    jwk = {**key._private_jwk(), "kid": key.verification_method, "controller": key.did}
    sealing = _content_key(secret, salt, kdf)
    sealed = JWE(json.dumps(jwk).encode(), json.dumps(header, separators=(",", ":")), recipient=sealing)
    return str(sealed.serialize(compact=True)).encode() + b"\n"


def decrypt(data: bytes, password: str | bytes) -> SoftwareKey:
    """The key in the bytes of a key file. Errors as of ``load``."""
    from jwcrypto.common import JWException
    from jwcrypto.jwe import JWE

    if len(data) > MAX_FILE:
        raise KeyFileLimit(f"a key file has at most {MAX_FILE} bytes")
    kdf, salt = _read_header(_protected_part(data))
    sealed = JWE(algs=["dir", "A256GCM"])
    try:
        sealed.deserialize(data.strip().decode("ascii"), _content_key(_password_bytes(password), salt, kdf))
    except JWException:
        raise KeyFileLocked("wrong password, or the key file was changed") from None
    try:
        jwk = json.loads(sealed.payload)
        did, method = jwk.pop("controller"), jwk.pop("kid")
        return SoftwareKey.from_jwk(jwk).with_controller(did, method)
    except (ValueError, TypeError, KeyError, AttributeError, DidError):
        raise KeyFileInvalid("the key file opens, but doesn't hold a usable key") from None


def _protected_part(data: bytes) -> bytes:
    """The protected header as text, of what has the form of one JWE without an encrypted key."""
    parts = data.strip().split(b".")
    if len(parts) != 5 or parts[1]:
        raise KeyFileInvalid("not a key file, or a truncated one: it holds one JWE in compact form")
    try:
        nonce, sealed, tag = (multibase.decode_base64url(part.decode("ascii")) for part in parts[2:])
    except (UnicodeDecodeError, DidError):
        raise KeyFileInvalid("a key file with parts that aren't base64url") from None
    if len(nonce) != 12 or len(tag) != 16 or not sealed:
        raise KeyFileInvalid("a truncated key file")
    return parts[0]


def _read_header(protected: bytes) -> tuple[Argon2id, bytes]:
    try:
        header = json.loads(multibase.decode_base64url(protected.decode("ascii")))
        if (header["alg"], header["enc"], header["typ"]) != ("dir", "A256GCM", _TYPE) or {"crit", "zip"} & set(header):
            raise KeyFileInvalid("a JWE that is not a key file of this project")
        settings = header["kdf"]
        if settings["name"] != "argon2id" or settings["v"] != 19:
            raise KeyFileWeak("a key file whose key isn't derived with Argon2id version 1.3")
        numbers = [settings[name] for name in ("m", "t", "p")]
        if not all(type(number) is int for number in numbers):
            raise KeyFileInvalid("a key file with malformed Argon2id parameters")
        salt = multibase.decode_base64url(settings["salt"])
    except KeyFileInvalid:
        raise
    except KeyFileWeak:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise KeyFileInvalid("a key file with a malformed header") from None
    kdf = Argon2id(*numbers)
    kdf.check()
    if len(salt) < _SALT_BYTES:
        raise KeyFileWeak(f"a key file with a salt of less than {_SALT_BYTES} bytes")
    if len(salt) > 64:
        raise KeyFileLimit("a key file with a salt of more than 64 bytes")
    return kdf, salt


def _content_key(password: bytes, salt: bytes, kdf: Argon2id) -> Any:
    """The key that seals the file, as a JWK of jwcrypto."""
    from jwcrypto.jwk import JWK

    return JWK(kty="oct", k=multibase.encode_base64url(_derive(password, salt, kdf)))


def _derive(password: bytes, salt: bytes, kdf: Argon2id) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    result: bytes = hash_secret_raw(password, salt, kdf.passes, kdf.memory, kdf.lanes, 32, Type.ID)
    return result


def _password_bytes(password: str | bytes) -> bytes:
    import unicodedata

    return unicodedata.normalize("NFC", password).encode() if isinstance(password, str) else password
