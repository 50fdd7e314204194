"""Envelopes: credentials and presentations secured with JOSE, SD-JWT and COSE.

VC-JOSE-COSE (``vc+jwt``, ``vp+jwt``, ``vc+sd-jwt``, ``vp+sd-jwt``, ``vc+cose``, ``vp+cose``), SD-JWT VC (``dc+sd-jwt``)
and the VC-JWT of VCDM 1.1. ``vc.verify`` takes all of them; ``EnvelopeProfile`` says what it may trust besides DIDs.
What is named here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..checks.envelope_policies import POLICIES
from ..checks.envelope_profile import EnvelopeProfile
from ..needs import Source
from ..needs import Unavailable as SourceUnavailable

if TYPE_CHECKING:
    from .issuing import as_document, derive_enveloped, issue_enveloped
    from .media_types import FORMS, Form
    from .reading import Envelope, is_envelope, read_envelope

__all__ = [
    "FORMS",
    "POLICIES",
    "Envelope",
    "EnvelopeProfile",
    "Form",
    "Source",
    "SourceUnavailable",
    "as_document",
    "derive_enveloped",
    "is_envelope",
    "issue_enveloped",
    "present_enveloped",
    "read_envelope",
]

_HOMES = {
    "FORMS": ".media_types",
    "Form": ".media_types",
    "as_document": ".issuing",
    "derive_enveloped": ".issuing",
    "issue_enveloped": ".issuing",
    "present_enveloped": "..presentation",
    "Envelope": ".reading",
    "is_envelope": ".reading",
    "read_envelope": ".reading",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'vc.envelope' has no attribute {name!r}")
    value = getattr(import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
