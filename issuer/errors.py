"""What an authority refuses, each with a stable code and a sentence in Chinese and English.

    IssuerError
        RegisterError        the register or its database can't be used
        ImportFileError      a whole file can't be imported (single rows are reported, not raised)
        NotFoundError        no such application, credential, device
        ProofingError        the applicant is not proved
        StateError           not possible in the present state
            HoldError        the authority holds back cards of this kind from this person
            OfferError       the device has yet to be shown to be the applicant's
        RateLimitError       too many tries
        CardError            the register does not support this card
        DeviceError          the device did not prove its key

Messages hold no personal data: what they name is a reference, a column or a code.
"""

from __future__ import annotations

from did.refusal import Refusal

__all__ = [
    "CardError",
    "DeviceError",
    "HoldError",
    "ImportFileError",
    "IssuerError",
    "NotFoundError",
    "OfferError",
    "ProofingError",
    "RateLimitError",
    "RegisterError",
    "StateError",
]


class IssuerError(Refusal):
    """Something the authority refuses. ``code`` is stable; ``zh`` and ``en`` say the same to people."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"


class RegisterError(IssuerError):
    """The register or its database can't be used: ``register.unusable``, ``register.damaged``, ``register.version``."""

    unusable = True


class ImportFileError(IssuerError):
    """A file that can't be imported as a whole."""

    unusable = True


class NotFoundError(IssuerError):
    """There is no such application, credential or device."""

    unusable = True


class ProofingError(IssuerError):
    """The applicant is not proved. Says no more than that: a stranger learns nothing about who is registered."""


class RateLimitError(IssuerError):
    """Too many tries for this person; try later."""


class StateError(IssuerError):
    """Not possible in the present state of the application, card or device."""


class HoldError(StateError):
    """A hold stands against the card (``issuer.holds``); ``rule`` names it, the texts say what to do."""

    def __init__(self, rule: str, zh: str, en: str) -> None:
        super().__init__("card.held", zh, en)
        self.rule = rule


class OfferError(StateError):
    """The device that wants an offer's cards is not admitted: ``offer.code_required``, ``offer.code_wrong``,
    ``offer.officer_required``."""


class CardError(IssuerError):
    """The register does not support this card."""


class DeviceError(IssuerError):
    """The device did not prove possession of its key."""
