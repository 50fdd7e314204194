"""An issuing authority: population register, applications, identity proofing, issuance, status.

    with Authority("register.db", signer, name="四川省公安厅", region="510000", base_url="https://...") as authority:
        authority.import_file("people.csv")
        application = authority.apply(name, number, kind="resident-identity-card")

What is named here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import vc  # noqa: F401 - first of all: it sees to it that the package ``did`` is ours.

if TYPE_CHECKING:
    from .authority import Authority, CredentialView, IssuedCard
    from .errors import IssuerError
    from .proofing import Channel, CodeDelivery, IdentityProofing

__all__ = ["Authority", "Channel", "CodeDelivery", "CredentialView", "IdentityProofing", "IssuedCard", "IssuerError"]

_HOMES = {
    "Authority": "authority",
    "Channel": "proofing",
    "CodeDelivery": "proofing",
    "CredentialView": "authority",
    "IdentityProofing": "proofing",
    "IssuedCard": "authority",
    "IssuerError": "errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'issuer' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
