"""Rules for the six-digit presentation PIN 亮证密码: its form, and which ones are guessed first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .errors import PinForm, PinWeak

__all__ = ["LENGTH", "check_form", "check_new", "personal_runs"]

LENGTH = 6

_FORM = re.compile(r"[0-9]{6}\Z")
_CIRCLE = "0123456789" * 2


def check_form(pin: str) -> None:
    """Refuse what can't be a PIN at all. Raises PinForm; the PIN is never part of the message."""
    if not isinstance(pin, str) or not _FORM.match(pin):
        raise PinForm(f"a PIN has {LENGTH} digits 0-9", f"密码为 {LENGTH} 位数字")


def check_new(pin: str, personal: Iterable[str] = ()) -> None:
    """Refuse a PIN that is guessed first.

    ``personal`` are the holder's identity numbers and birth dates as they stand on the cards (``YYYY-MM-DD`` or
    digits). Refused: all digits equal; running up or down, also through 0; six digits in a row of a number; a birth
    date in any usual order. Raises PinForm, PinWeak.
    """
    check_form(pin)
    if len(set(pin)) == 1:
        raise PinWeak("all digits are equal", "各位数字相同")
    if pin in _CIRCLE or pin[::-1] in _CIRCLE:
        raise PinWeak("the digits run up or down", "数字连续递增或递减")
    if any(pin in run for text in personal for run in personal_runs(text)):
        raise PinWeak("the PIN is part of your identity number or birth date", "密码不能取自身份号码或出生日期")


def personal_runs(text: str) -> Iterator[str]:
    """The runs of digits in which a PIN must not lie, for one number or date."""
    digits = "".join(character for character in text if character in "0123456789")
    yield digits
    birth = digits[6:14] if len(digits) in (17, 18) else "19" + digits[6:12] if len(digits) == 15 else digits
    if len(birth) == 8:
        year, month, day = birth[:4], birth[4:6], birth[6:]
        for short in {year, year[2:]}:
            yield from (short + month + day, short + day + month, day + month + short, month + day + short)
            yield from (month + short, short + month, month.lstrip("0") + day.lstrip("0") + short)
