"""The parts of a did:webvh: its SCID and the place of its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...errors import InvalidDid
from ...urls import is_did
from ..web_location import WebLocation, parse_location

__all__ = ["location", "scid_of", "with_implicit_services"]

_PREFIX: Final = "did:webvh:"
_SCID: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46}", re.ASCII)


def scid_of(did: Any) -> str:
    """The self-certifying identifier in a did:webvh. Raises InvalidDid, also when the place in it is none."""
    return _parse(did)[0]


def location(did: str) -> WebLocation:
    """Where the files of a did:webvh are. Raises InvalidDid."""
    return _parse(did)[1]


def with_implicit_services(state: Mapping[str, Any], did: str) -> dict[str, Any]:
    """Every did:webvh has the services #files and #whois, whether or not its document names them."""
    base = location(did).base_url()
    listed = state.get("service", [])
    if not isinstance(listed, list):
        return dict(state)  # the check of the document says what is wrong
    named = {entry.get("id") for entry in listed if isinstance(entry, Mapping)}
    implicit = [
        {"id": f"{did}#files", "type": "relativeRef", "serviceEndpoint": base},
        {
            "@context": "https://identity.foundation/linked-vp/contexts/v1",
            "id": f"{did}#whois",
            "type": "LinkedVerifiablePresentation",
            "serviceEndpoint": base + "whois.vp",
        },
    ]
    missing = [s for s in implicit if not named & {s["id"], s["id"][len(did) :]}]
    return {**state, "service": [*listed, *missing]}


def _parse(did: Any) -> tuple[str, WebLocation]:
    if not is_did(did) or not did.startswith(_PREFIX):
        raise InvalidDid("not a did:webvh", did if isinstance(did, str) else "")
    scid, _, rest = did[len(_PREFIX) :].partition(":")
    if not _SCID.fullmatch(scid):
        raise InvalidDid("the SCID of a did:webvh is a SHA-256 multihash in base58btc", did)
    place = parse_location(rest, did)
    if "." not in place.host and not place.is_loopback_name:
        raise InvalidDid("a did:webvh needs a fully qualified domain name", did)
    return scid, place
