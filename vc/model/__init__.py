"""The data model: Verifiable Credentials Data Model 2.0, and 1.1 for peers that still use it."""

from __future__ import annotations

from did.timestamps import Moment, moment, moment_of, what_is_wrong

from .identifiers import identifier_of, is_url, subject_of, types_of
from .period import validity_period
from .schemas import SchemaChecker, SchemaSource, SchemaUnavailable
from .validation import CREDENTIALS_V1, CREDENTIALS_V2, is_enveloped, is_presentation, validate

__all__ = [
    "CREDENTIALS_V1",
    "CREDENTIALS_V2",
    "Moment",
    "SchemaChecker",
    "SchemaSource",
    "SchemaUnavailable",
    "identifier_of",
    "is_enveloped",
    "is_presentation",
    "is_url",
    "moment",
    "moment_of",
    "subject_of",
    "types_of",
    "validate",
    "validity_period",
    "what_is_wrong",
]
