"""The errors of the wallet, one tree with a stable ``code`` at every leaf and a sentence in both languages.

HolderError
├── WalletError
│   ├── WalletMissing      wallet.missing        no wallet at this place
│   ├── WalletExists       wallet.exists         a wallet is never written over
│   ├── WalletDamaged      wallet.damaged        not a wallet, of a later form, or a record that was changed
│   ├── WalletUnusable     wallet.unusable       permissions, a full disk, or another program stand in the way
│   ├── WalletPlace        wallet.place          wallet and keystore are in one folder
│   ├── WalletChanged      wallet.changed        another process changed the same thing just now; nothing was done
│   └── KeystoreMissing    wallet.keystore       the device's secret for this wallet is not here
├── PinError
│   ├── PinForm            pin.form              not six digits
│   ├── PinWeak            pin.weak              easily guessed
│   ├── PinWrong           pin.wrong             counted; says how many tries are left
│   ├── PinLocked          pin.locked            too many wrong tries; says until when
│   ├── PinBlocked         pin.blocked           no more tries: identity must be proofed anew
│   └── SignatureNotGranted  pin.required        the device key signs only right after the PIN
├── CardError
│   ├── CardUnknown        card.unknown          no such card in the wallet
│   └── CardRefused        card.refused          not a card for this device, or not properly signed
├── RequestRefused         request.*, scenario.* the request must not or can't be answered
├── DisclosureMismatch     disclosure.mismatch   a derived card would show other claims than agreed
└── ConsentRefused         consent.refused       the holder said no
"""

from __future__ import annotations

from datetime import datetime

from did.refusal import Refusal
from vc.problems import PROBLEMS, Problem

__all__ = [
    "CardError",
    "CardRefused",
    "CardUnknown",
    "ConsentRefused",
    "DisclosureMismatch",
    "HolderError",
    "KeystoreMissing",
    "PinBlocked",
    "PinError",
    "PinForm",
    "PinLocked",
    "PinWeak",
    "PinWrong",
    "RequestRefused",
    "SignatureNotGranted",
    "WalletChanged",
    "WalletDamaged",
    "WalletError",
    "WalletExists",
    "WalletMissing",
    "WalletPlace",
    "WalletUnusable",
]


class HolderError(Refusal):
    """The wallet can't or won't do what was asked. ``message`` is English, ``message_zh`` Chinese."""

    code = "holder"

    def __init__(self, message: str, message_zh: str) -> None:
        super().__init__(message_zh, message)
        self.message = message
        self.message_zh = message_zh


class WalletError(HolderError):
    """Something about the wallet's files."""

    unusable = True


class WalletMissing(WalletError):
    """There is no wallet at this place."""

    code = "wallet.missing"


class WalletExists(WalletError):
    """There is a wallet (or another file) already; nothing is written over."""

    code = "wallet.exists"


class WalletDamaged(WalletError):
    """The file is no wallet of a known form, or one of its records was changed."""

    code = "wallet.damaged"


class WalletUnusable(WalletError):
    """The file is there and can't be used now; the message says what to look at."""

    code = "wallet.unusable"


class WalletPlace(WalletError):
    """Wallet and keystore are in one folder: whoever copies it can try every PIN."""

    code = "wallet.place"


class WalletChanged(WalletError):
    """Another process changed the same thing at the same time; nothing was done here."""

    code = "wallet.changed"

    def __init__(self) -> None:
        super().__init__("another process changed this just now: look again", "另一进程刚刚做了修改，请重新查看")


class KeystoreMissing(WalletError):
    """The device's keystore has no secret for this wallet: a copied or stolen file, or an erased keystore."""

    code = "wallet.keystore"


class PinError(HolderError):
    """Something about the PIN."""


class PinForm(PinError):
    """Not six digits 0-9. Not counted as a try."""

    code = "pin.form"
    unusable = True


class PinWeak(PinError):
    """A PIN that is guessed first: all digits equal, running up or down, or taken from the holder's own numbers."""

    code = "pin.weak"
    unusable = True


class PinWrong(PinError):
    """A wrong PIN, which was counted. ``tries_left`` until the next wait, ``locked_until`` when it has begun."""

    code = "pin.wrong"

    def __init__(self, tries_left: int, locked_until: datetime | None = None) -> None:
        if locked_until is None:
            super().__init__(f"wrong PIN, {tries_left} tries left", f"密码错误，还可尝试 {tries_left} 次")
        else:
            when = locked_until.astimezone().isoformat(timespec="seconds")
            super().__init__(f"wrong PIN, locked until {when}", f"密码错误，已锁定至 {when}")
        self.tries_left = tries_left
        self.locked_until = locked_until


class PinLocked(PinError):
    """Too many wrong tries: no PIN is looked at before ``locked_until``."""

    code = "pin.locked"

    def __init__(self, locked_until: datetime) -> None:
        when = locked_until.astimezone().isoformat(timespec="seconds")
        super().__init__(f"too many wrong PINs, locked until {when}", f"密码错误次数过多，已锁定至 {when}")
        self.locked_until = locked_until


class PinBlocked(PinError):
    """No more tries: after proofing their identity anew, the holder sets up a new wallet and applies again."""

    code = "pin.blocked"

    def __init__(self) -> None:
        super().__init__(
            "too many wrong PINs: prove your identity again, set up a new wallet and apply for the cards anew",
            "密码错误次数过多：请重新核验身份，新建卡包并重新申领",
        )


class SignatureNotGranted(PinError):
    """The device key signs once after each right PIN, and not otherwise."""

    code = "pin.required"

    def __init__(self) -> None:
        super().__init__("the device key signs only right after the PIN", "设备密钥仅在输入密码后签名一次")


class CardError(HolderError):
    """Something about a card in the wallet or about to enter it."""


class CardUnknown(CardError):
    """No card with this id is in the wallet."""

    code = "card.unknown"

    def __init__(self, card_id: str) -> None:
        super().__init__(f"there is no card {card_id[:64]!r}", f"卡包中没有卡片 {card_id[:64]!r}")


class CardRefused(CardError):
    """A credential that is not taken in: of an unknown kind, for another device, or not properly signed."""

    code = "card.refused"


class RequestRefused(HolderError):
    """A request that is not answered: ``problems`` says all that stands against it, ``code`` is the first one's.

    ``request.form``, ``request.expired``, ``request.excess`` (more than the scenario's law column),
    ``scenario.unknown``, ``scenario.version``, and for what the wallet does not hold ``scenario.card_missing``,
    ``scenario.claim_missing``, ``scenario.binding``.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__(
            "; ".join(f"{problem.title}: {problem.detail} ({problem.pointer or '/'})" for problem in problems),
            "；".join(f"{PROBLEMS[problem.code].title_zh}（{problem.pointer or '/'}）" for problem in problems),
        )
        self.problems = problems
        self.code = problems[0].code
        self.unusable = self.code == "request.form"


class DisclosureMismatch(HolderError):
    """A derived card would show more or less than the holder agreed to; nothing was shown."""

    code = "disclosure.mismatch"

    def __init__(self) -> None:
        super().__init__(
            "the card would show other claims than agreed: nothing was shown", "将出示的项目与同意的不符，未出示"
        )


class ConsentRefused(HolderError):
    """The holder did not agree; nothing left the wallet."""

    code = "consent.refused"

    def __init__(self) -> None:
        super().__init__("not agreed: nothing was shown", "未同意，未出示任何信息")
