"""Which IP addresses may be connected to. Everything that isn't plainly the public internet is refused by default."""

from __future__ import annotations

import ipaddress
from typing import Final

__all__ = ["is_allowed", "is_loopback"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL: Final = ipaddress.IPv6Network("64:ff9b:1::/48")
_SITE_LOCAL: Final = ipaddress.IPv6Network("fec0::/10")


def is_allowed(text: str, *, loopback: bool = False, private: bool = False) -> bool:
    """Whether the address ``text`` may be connected to.

    ``loopback`` allows 127.0.0.0/8 and ::1, ``private`` allows private networks (RFC 1918, RFC 4193). Link-local,
    multicast, unspecified and reserved addresses never are. Addresses that carry an IPv4 address (mapped, 6to4, NAT64)
    are judged by it; Teredo and the local NAT64 range are refused.
    """
    try:
        address = _carried(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if address is None or address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if address.is_loopback:
        return loopback
    if address.is_global:
        return True
    return private and address.is_private and not address.is_reserved


def is_loopback(text: str) -> bool:
    """Whether ``text`` is a loopback address."""
    try:
        address = _carried(ipaddress.ip_address(text))
    except ValueError:
        return False
    return address is not None and address.is_loopback


def _carried(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64_LOCAL or address in _SITE_LOCAL:
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if int(address) >> 32 == 0 and int(address) > 1:  # ::a.b.c.d, deprecated
        return None
    return address
