"""Data Integrity proofs (Verifiable Credential Data Integrity 1.0): one file a cryptosuite, one table of suites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from did.installed import Installed

from ..extras import missing_extra
from ..problems import Problem
from .suite import DEFAULT_ENVIRONMENT, Cryptosuite, Environment, SelectiveDisclosureSuite, Trace, discloses

__all__ = [
    "CRYPTOSUITES",
    "DEFAULT_ENVIRONMENT",
    "Cryptosuite",
    "Environment",
    "SelectiveDisclosureSuite",
    "Trace",
    "discloses",
    "register",
    "unknown_suite",
    "unloaded_suite",
]


_MODULES = {
    "eddsa-rdfc-2022": "eddsa_rdfc_2022",
    "eddsa-jcs-2022": "eddsa_jcs_2022",
    "ecdsa-rdfc-2019": "ecdsa_rdfc_2019",
    "ecdsa-jcs-2019": "ecdsa_jcs_2019",
    "ecdsa-sd-2023": "ecdsa_sd_2023",
    "bbs-2023": "bbs_2023",
    "Ed25519Signature2020": "ed25519_signature_2020",
    "sm2-2023": "sm2_2023",
    "sm2-sd-2023": "sm2_sd_2023",
}

_EXPERIMENTAL = frozenset({"sm2-2023", "sm2-sd-2023"})
"""What no specification registers, and may still change: lists of suites say so."""


# What a suite has to state, and what one that discloses selectively has to do beside it.
_FACTS = ("proof_type", "key_types", "contexts", "context", "selective", "signs_statements", "writes_created")
_DOES = ("create_proof", "verify_proof")
_DISCLOSES = ("derive_proof", "is_base_proof", "mandatory_pointers")


class _Suites(Mapping[str, Cryptosuite]):
    """Suite name -> suite. A suite's module is loaded when it is first asked for (bbs-2023 brings curve arithmetic)."""

    def __init__(self) -> None:
        self._loaded: dict[str, Cryptosuite] = {}
        self._missing: dict[str, ImportError] = {}
        self._installed = Installed("liangzheng.cryptosuites", frozenset(_MODULES), _fault)

    def __getitem__(self, name: str) -> Cryptosuite:
        suite = self._loaded.get(name)
        if suite is None:
            suite = self._ours(name) if name in _MODULES else self._installed.get(name)
            if suite is None:
                raise KeyError(name)
            self._loaded[name] = suite
        return suite

    def _ours(self, name: str) -> Cryptosuite | None:
        try:
            suite: Cryptosuite = import_module("." + _MODULES[name], __name__).SUITE
        except ImportError as error:  # An extra that isn't installed.
            self._missing[name] = error
            return None
        return suite

    def add(self, suite: Cryptosuite) -> None:
        taken = suite.name in _MODULES or suite.name in self
        if fault := _fault(suite.name, suite) or ("the name is taken" if taken else ""):
            raise ValueError(f"the cryptosuite {suite.name!r} can't be registered: {fault}")
        self._loaded[suite.name] = suite

    def unknown(self, name: str) -> str:
        """Why there is no suite of that name, and which there are."""
        known = ", ".join(f"{one} (experimental)" if one in _EXPERIMENTAL else one for one in self)
        said = f"no cryptosuite {name[:80]!r} is known; known are {known}"
        reasons = [f"{name}: {reason}" for name, reason in self._missing.items()]
        if failures := self._installed.failures():
            reasons.append(failures)
        return f"{said} ({'; '.join(reasons)})" if reasons else said

    def missing(self, name: str) -> ImportError | None:
        """Why a suite of ours could not be loaded when it was asked for."""
        return self._missing.get(name)

    def __iter__(self) -> Iterator[str]:
        ours = [name for name in _MODULES if name not in self._missing]
        return iter(dict.fromkeys([*ours, *self._installed.names(), *self._loaded]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return any(name == known for known in self)


def _fault(name: str, suite: object) -> str:
    """What a suite lacks that goes by ``name``, or ""."""
    if getattr(suite, "name", None) != name:
        return f"its own name is {getattr(suite, 'name', None)!r}"
    needed = _FACTS + _DOES + (_DISCLOSES if getattr(suite, "selective", False) else ())
    lacking = [member for member in needed if not hasattr(suite, member)]
    return f"it doesn't state {', '.join(lacking)}" if lacking else ""


_suites = _Suites()
CRYPTOSUITES: Mapping[str, Cryptosuite] = _suites
"""The table of suites: ours, those registered, those installed under ``liangzheng.cryptosuites``. A new suite of ours
is a new module with a ``SUITE``, and a line here. KeyError for an unknown name."""


def register(suite: Cryptosuite) -> None:
    """Make ``suite`` known in this process. Raises ValueError when its name is taken, or a fact is missing.

    A package that brings a suite names it under the entry point group ``liangzheng.cryptosuites`` instead.
    """
    _suites.add(suite)


def unloaded_suite(name: str) -> Problem | None:
    """The problem to report for a suite of ours whose extra is not installed; None for other names."""
    error = _suites.missing(name)
    return None if error is None else missing_extra(error)


def unknown_suite(name: str) -> str:
    """The detail of the problem ``proof.suite_unknown``: the names that are known, and what could not be loaded."""
    return _suites.unknown(name)
