"""A signer by its URI: a key file (``file:``), a key in a token (``pkcs11:``), or a scheme that is installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .errors import SignerLocked, SignerUnknown
from .installed import Installed
from .keys import Signer
from .secret import Secret

__all__ = ["OpenSigner", "Secret", "scheme_of", "signer_from_uri"]

OpenSigner = Callable[[str, Secret], Signer]
"""What an entry point of the group ``liangzheng.signers`` is: from URI and secret to a signer, or a ``SignerError``."""

# One letter before the colon is a drive of Windows.
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)


def signer_from_uri(uri: str, secret: str | bytes | Secret | None = None) -> Signer:
    """The signer that ``uri`` names.

    =========== =================================================================================================
    ``file:``   a key file, as ``did.load`` reads it (``file:authority.key``, ``file:///etc/police/authority.key``)
    ``pkcs11:`` a key in a token (RFC 7512), see ``did.tokens``: the extra ``pkcs11``
    others      what is installed under the entry point group ``liangzheng.signers``, by its scheme
    =========== =================================================================================================

    ``secret`` is the password or PIN, or a function that gives it when it is asked for. A URI is an operator's word: it
    may name files, environment variables and a module to load, so it is never taken from a document or a request.

    Raises SignerUnknown, SignerLocked, SignerUnavailable, KeyFileError, OSError.
    """
    scheme = scheme_of(uri)
    ask = secret if callable(secret) else _given(secret)
    opener = _OURS.get(scheme) or _installed.get(scheme)
    if opener is None:
        known = ", ".join([*_OURS, *_installed.names()])
        failures = _installed.failures()
        detail = f"no signer is known for {scheme or 'a URI without a scheme'!r}; known are {known}"
        raise SignerUnknown(f"{detail} ({failures})" if failures else detail)
    signer = opener(uri, ask)
    if not isinstance(signer, Signer):
        raise SignerUnknown(f"what is installed for {scheme!r} gave a {type(signer).__name__}, which is no signer")
    return signer


def scheme_of(text: str) -> str:
    """The scheme of a URI in lower case; "" for a text that has none, such as a path."""
    found = _SCHEME.match(text)
    return found[1].lower() if found else ""


def _given(secret: str | bytes | None) -> Secret:
    def give() -> str | bytes:
        if secret is None:
            raise SignerLocked("the key needs a password or PIN, and none was given")
        return secret

    return give


def _file(uri: str, secret: Secret) -> Signer:
    from .key_files import load

    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost") or parts.query or parts.fragment or not parts.path:
        raise SignerUnknown("a file: URI names a file on this machine, and nothing else (RFC 8089)")
    return load(unquote(parts.path), secret())


def _pkcs11(uri: str, secret: Secret) -> Signer:
    from .tokens import open_signer

    return open_signer(uri, secret)


_OURS: Final[dict[str, OpenSigner]] = {"file": _file, "pkcs11": _pkcs11}


def _fault(name: str, found: Any) -> str:
    return "" if callable(found) else f"a {type(found).__name__} is no function from URI and secret to a signer"


_installed: Final = Installed("liangzheng.signers", frozenset(_OURS), _fault)
