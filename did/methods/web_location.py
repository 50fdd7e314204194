"""Where on the web did:web and did:webvh keep their files: host, port and path out of the method-specific identifier.

Both methods share these rules (did:web section "Method-specific identifier"; did:webvh 1.0 "The DID to HTTPS
Transformation"): components are split at ``:`` first, then percent-decoded once, each alone. A host is a domain name,
never an IP address in any notation; a path segment is not empty, ``.`` or ``..``, and holds no slash.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from ..errors import InvalidDid

__all__ = ["WebLocation", "encode_component", "parse_location"]

_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*", re.ASCII)
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_MAX_SEGMENTS: Final = 32


@dataclass(frozen=True, slots=True)
class WebLocation:
    """A host (lower case, in its ASCII form), a port or None, and decoded path segments."""

    host: str
    port: int | None
    segments: tuple[str, ...]

    @property
    def origin(self) -> str:
        """The https origin."""
        return "https://" + self.host + ("" if self.port is None else f":{self.port}")

    @property
    def is_loopback_name(self) -> bool:
        """Whether the host is ``localhost``."""
        return self.host == "localhost"

    def url(self, file: str, *, http: bool = False) -> str:
        """The URL of ``file``: under the path, or under ``/.well-known/`` when there is none."""
        origin = "http" + self.origin[5:] if http else self.origin
        return f"{origin}/{self.path(file)}"

    def path(self, file: str) -> str:
        """The path of ``file`` on the server, without a leading slash."""
        folders = [quote(segment, safe="") for segment in self.segments] or [".well-known"]
        return "/".join([*folders, file])

    def base_url(self) -> str:
        """The URL that DID URL paths are relative to: no ``/.well-known/``, with a slash at its end."""
        return "/".join([self.origin, *(quote(segment, safe="") for segment in self.segments), ""])


def parse_location(identifier: str, did: str) -> WebLocation:
    """The location in ``host[%3Aport][:segment...]``. Raises InvalidDid."""
    first, *rest = identifier.split(":")
    host, port = _host_and_port(_decode(first, did), did)
    if len(rest) > _MAX_SEGMENTS:
        raise InvalidDid(f"a path of more than {_MAX_SEGMENTS} segments", did)
    return WebLocation(host, port, tuple(_segment(_decode(part, did), did) for part in rest))


def encode_component(text: str) -> str:
    """A host, or a path segment, as it stands in a DID: percent-encoded where DID syntax asks for it."""
    return quote(text, safe="")


def _decode(text: str, did: str) -> str:
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise InvalidDid("a component whose percent-encoding isn't UTF-8", did) from None


def _host_and_port(text: str, did: str) -> tuple[str, int | None]:
    host, colon, port = text.partition(":")
    number = None
    if colon:
        if not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
            raise InvalidDid("a port is a number from 1 to 65535", did)
        number = int(port)
    host = _ascii_host(host, did).lower()
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidDid("the host isn't a domain name", did)
    if _NUMBER.fullmatch(labels[-1]) or _is_address(host):
        raise InvalidDid("the host is an IP address; a DID of this method needs a domain name", did)
    return host, number


def _ascii_host(host: str, did: str) -> str:
    if host.isascii():
        return host
    try:
        import idna

        return idna.encode(host, uts46=True).decode("ascii")
    except ModuleNotFoundError as error:
        raise InvalidDid(
            "international domain names need the extra 'http': pip install 'liangzheng[http]'", did
        ) from error
    except ValueError:
        raise InvalidDid("the host isn't a domain name (IDNA 2008)", did) from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _segment(text: str, did: str) -> str:
    if text in ("", ".", "..") or any(character in "/\\\0" for character in text) or text != text.strip():
        raise InvalidDid("a path segment that is empty, '.', '..', or holds a slash", did)
    return text
