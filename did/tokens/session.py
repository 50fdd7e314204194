"""A session with a PKCS#11 token: opened when it is needed, and again when the token was pulled out and put back.

One session serves every key of a token in this process, since PKCS#11 knows one login for each application and token.
Everything that talks to a module holds the module's lock. The PIN is kept, for the next login; a PIN that was refused
is not tried again, so that no retry locks the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..errors import SignerError, SignerLocked, SignerUnavailable, SignerUnknown

if TYPE_CHECKING:
    from ..secret import Secret
    from .uri import TokenUri

__all__ = ["TokenSession", "session_of"]

_Result = TypeVar("_Result")


class _Module:
    """A loaded module: its lock, the sessions that are open through it, and the PINs that its tokens took."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lock = RLock()
        self.sessions: dict[tuple[Any, ...], TokenSession] = {}
        self.pins: dict[bytes, str] = {}

    def library(self) -> Any:
        try:
            import pkcs11
        except ModuleNotFoundError as error:
            raise SignerUnknown("keys in tokens need the extra 'pkcs11': pip install 'liangzheng[pkcs11]'") from error
        try:
            return pkcs11.lib(self.path)
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise SignerUnknown(f"the PKCS#11 module {self.path} can't be loaded: {error}") from None

    def restart(self, library: Any) -> None:
        """Some modules look for tokens only when they start. No session may outlive this: its handles would be those
        of whoever comes next.
        """
        for session in self.sessions.values():
            session.close()
        library.reinitialize()


_modules: Final[dict[str, _Module]] = {}
_lock: Final = RLock()


def session_of(uri: TokenUri, secret: Secret) -> TokenSession:
    """The session with the token that ``uri`` names, logged in. Raises SignerError, OSError."""
    path = uri.module()
    with _lock:
        module = _modules.setdefault(path, _Module(path))
    with module.lock:
        place = (uri.token, uri.manufacturer, uri.model, uri.serial, uri.slot_id)
        session = module.sessions.get(place)
        if session is None:
            session = TokenSession(module, uri)
        elif session.is_open and uri.pin_source and uri.pin_source == session.pin_source:
            return session  # A file descriptor is read once.
        session.log_in(uri.pin() or secret(), uri.pin_source)
        module.sessions[place] = session
    return session


class TokenSession:
    """See ``session_of``. ``generation`` counts how often it was opened: object handles of another one are stale."""

    def __init__(self, module: _Module, uri: TokenUri) -> None:
        self._module = module
        self._lock = module.lock
        self._uri = uri
        self._pin: str | None = None
        self._refused = False
        self._serial: bytes | None = None
        self._open: Any = None
        self.pin_source = ""
        self.generation = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a session that was not found lost."""
        return self._open is not None

    def log_in(self, pin: str | bytes, source: str) -> None:
        """Open the session, or see that ``pin`` is that of the one that is open. Raises SignerError."""
        pin = pin.decode() if isinstance(pin, bytes) else pin
        with self._lock:
            if self._open is not None and self._pin is not None:
                self._same(pin, self._pin)
                return
            self._pin, self._refused, self.pin_source = pin, False, source
            self._connect()

    def close(self) -> None:
        """End the session; the next work opens another."""
        with self._lock:
            if self._open is not None:
                with suppress(Exception):  # It may be gone already.
                    self._open.close()
                self._open = None

    def do(self, work: Callable[[Any], _Result]) -> _Result:
        """``work`` with the session (of python-pkcs11), once more with a new one when the token was away meanwhile.

        Raises SignerUnavailable when the token isn't there, other SignerErrors as they come.
        """
        import pkcs11

        with self._lock:
            if self._open is not None:
                try:
                    return work(self._open)
                except pkcs11.PKCS11Error as error:
                    if not _lost(error):
                        raise self._failure(error) from None
                    self.close()
                except SignerUnknown:  # Some modules say of a token that is away that it is empty: look anew.
                    self.close()
            self._connect()
            try:
                return work(self._open)
            except pkcs11.PKCS11Error as error:
                if _lost(error):
                    self.close()
                raise self._failure(error) from None

    def _connect(self) -> None:
        import pkcs11

        if self._refused or self._pin is None:
            raise SignerLocked("the token refused its PIN; give the right one before the token locks itself")
        token = self._present(self._module.library())
        if self._serial is not None and token.serial != self._serial:
            raise SignerUnavailable(f"another token than the one that was opened is in the place of {self._name()}")
        try:
            self._open = token.open(rw=True, user_pin=self._pin)
        except pkcs11.UserAlreadyLoggedIn:  # This process has another session with the token, under another name.
            self._same(self._pin, self._module.pins.get(token.serial, self._pin))
            self._open = token.open(rw=True)
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
            self._refused = True
            raise SignerLocked("the PIN is wrong; a token locks itself after a few wrong ones") from None
        except pkcs11.PKCS11Error as error:
            raise self._failure(error) from None
        self._module.pins[token.serial] = self._pin
        self._serial = token.serial
        self.generation += 1

    def _same(self, pin: str, known: str) -> None:
        if not hmac.compare_digest(pin.encode(), known.encode()):
            raise SignerLocked("this PIN is not the one that the token was opened with")

    def _present(self, library: Any) -> Any:
        """The token, looked for once more after a restart of the module. Raises SignerUnavailable, SignerUnknown."""
        import pkcs11

        try:
            token = self._find(library)
        except pkcs11.PKCS11Error:
            token = None
        if token is None:
            try:
                self._module.restart(library)
                token = self._find(library)
            except pkcs11.PKCS11Error as error:
                raise self._failure(error) from None
        if token is None:
            raise SignerUnavailable(f"there is no token {self._name()}: put it in, and try again")
        return token

    def _find(self, library: Any) -> Any:
        """The one token that fits; None for none. Raises SignerUnknown for several."""
        import pkcs11

        found = []
        for slot in library.get_slots(token_present=True):
            try:
                token = slot.get_token()
            except (pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised, pkcs11.DeviceRemoved):
                continue
            if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags and self._fits(slot, token):
                found.append(token)
        if len(found) > 1:
            raise SignerUnknown(f"{len(found)} tokens fit {self._name()}: add serial, model or slot-id")
        return found[0] if found else None

    def _fits(self, slot: Any, token: Any) -> bool:
        uri = self._uri
        pairs = (
            (uri.token, token.label),
            (uri.manufacturer, token.manufacturer_id),
            (uri.model, token.model),
            (uri.serial, token.serial.decode("utf-8", "replace").rstrip(" \0")),
            (uri.slot_id, slot.slot_id),
        )
        return all(wanted in ("", None) or wanted == found for wanted, found in pairs)

    def _name(self) -> str:
        uri = self._uri
        return repr(uri.token or uri.serial or uri.model or uri.slot_id or "of any name")

    def _failure(self, error: Exception) -> SignerError:
        import pkcs11

        if isinstance(error, pkcs11.PinLocked | pkcs11.PinExpired | pkcs11.UserPinNotInitialized):
            return SignerLocked("the token is locked, or has no PIN that counts: its security officer can set one")
        said = f"the token {self._name()} can't be used: {type(error).__name__} {error}".rstrip()
        return SignerUnavailable(said) if _lost(error) else SignerError(said)


def _lost(error: Exception) -> bool:
    """Whether an error says that session or token are gone, so that a new session may help."""
    import pkcs11

    return isinstance(
        error,
        pkcs11.DeviceError
        | pkcs11.DeviceRemoved
        | pkcs11.GeneralError
        | pkcs11.KeyHandleInvalid
        | pkcs11.NoSuchToken
        | pkcs11.ObjectHandleInvalid
        | pkcs11.SessionClosed
        | pkcs11.SessionHandleInvalid
        | pkcs11.SlotIDInvalid
        | pkcs11.TokenNotPresent
        | pkcs11.TokenNotRecognised
        | pkcs11.UserNotLoggedIn,
    )
