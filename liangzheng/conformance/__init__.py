"""The conformance server: issuers, verifiers, holders and a DID resolver in one process, for public test suites."""

from __future__ import annotations

from .profile import CONFORMANCE, STRICT, Profile
from .server import create_app

__all__ = ["CONFORMANCE", "STRICT", "Profile", "create_app"]
