"""The authority's key where it can't sign now: a token that was pulled out, a PIN that is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from did import SignerError

from .errors import StateError

__all__ = ["key_needed"]

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def key_needed(work: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """``work``, which signs: a key that can't be used is a StateError with the code of the SignerError."""

    @wraps(work)
    def guarded(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        try:
            return work(*arguments, **named)
        except SignerError as error:
            raise StateError(
                error.code,
                "签发密钥暂时不可用（令牌可能未插入），未签发任何证照，请稍后再试",
                "the authority's key can't be used now (its token may be out); nothing was issued, try again later",
            ) from error

    return guarded
