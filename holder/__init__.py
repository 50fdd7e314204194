"""A wallet: device key, PIN, credential store, consent, presentation, usage log."""

from __future__ import annotations

import vc  # noqa: F401 - first of all: it sees to it that the package ``did`` is ours.

from .cards import Card, CardSource
from .consent import Consent, DisclosedCard, DisclosedClaim, Disclosure
from .device import DeviceKey
from .errors import (
    CardRefused,
    CardUnknown,
    ConsentRefused,
    DisclosureMismatch,
    HolderError,
    KeystoreMissing,
    PinBlocked,
    PinError,
    PinForm,
    PinLocked,
    PinWeak,
    PinWrong,
    RequestRefused,
    SignatureNotGranted,
    WalletChanged,
    WalletDamaged,
    WalletExists,
    WalletMissing,
)
from .keystore import FileKeystore, Keystore
from .pending import PendingMessage
from .remote_key import RemoteDeviceKey
from .wallet import LIFETIME_SECONDS, SELF_SHOWN, Wallet

__all__ = [
    "LIFETIME_SECONDS",
    "SELF_SHOWN",
    "Card",
    "CardRefused",
    "CardSource",
    "CardUnknown",
    "Consent",
    "ConsentRefused",
    "DeviceKey",
    "DisclosedCard",
    "DisclosedClaim",
    "Disclosure",
    "DisclosureMismatch",
    "FileKeystore",
    "HolderError",
    "Keystore",
    "KeystoreMissing",
    "PendingMessage",
    "PinBlocked",
    "PinError",
    "PinForm",
    "PinLocked",
    "PinWeak",
    "PinWrong",
    "RemoteDeviceKey",
    "RequestRefused",
    "SignatureNotGranted",
    "Wallet",
    "WalletChanged",
    "WalletDamaged",
    "WalletExists",
    "WalletMissing",
]
