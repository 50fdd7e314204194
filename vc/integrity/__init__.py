"""Data Integrity proofs (Verifiable Credential Data Integrity 1.0): one file a cryptosuite, one table of suites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from .suite import DEFAULT_ENVIRONMENT, Cryptosuite, Environment, SelectiveDisclosureSuite, Trace, discloses

__all__ = [
    "CRYPTOSUITES",
    "DEFAULT_ENVIRONMENT",
    "Cryptosuite",
    "Environment",
    "SelectiveDisclosureSuite",
    "Trace",
    "discloses",
]


_MODULES = {
    "eddsa-rdfc-2022": "eddsa_rdfc_2022",
    "eddsa-jcs-2022": "eddsa_jcs_2022",
    "ecdsa-rdfc-2019": "ecdsa_rdfc_2019",
    "ecdsa-jcs-2019": "ecdsa_jcs_2019",
    "ecdsa-sd-2023": "ecdsa_sd_2023",
    "bbs-2023": "bbs_2023",
    "Ed25519Signature2020": "ed25519_signature_2020",
}


class _Suites(Mapping[str, Cryptosuite]):
    """Suite name -> suite. A suite's module is loaded when it is first asked for (bbs-2023 brings curve arithmetic)."""

    def __init__(self) -> None:
        self._loaded: dict[str, Cryptosuite] = {}

    def __getitem__(self, name: str) -> Cryptosuite:
        suite = self._loaded.get(name)
        if suite is None:
            suite = import_module("." + _MODULES[name], __name__).SUITE
            self._loaded[name] = suite
        return suite

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)

    def __contains__(self, name: object) -> bool:
        return name in _MODULES


CRYPTOSUITES: Mapping[str, Cryptosuite] = _Suites()
"""The table of suites. A new suite is a new module with a ``SUITE``, and a line here. KeyError for an unknown name."""
