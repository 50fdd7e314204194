"""Officers of the authority's desk: accounts with Argon2id passwords, three roles, and what each may do.

A wrong password counts before it is compared (``issuer.sign_in_limits``). An unknown name is counted, waits, is
answered and takes as long as a known one.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select
from sqlalchemy.orm import Session

from .audit import Act
from .environment import storable
from .errors import NotFoundError, ProofingError, StateError
from .sign_in_limits import SignInLimits
from .tables import Officer

if TYPE_CHECKING:
    from .authority import Authority

__all__ = ["PERMISSIONS", "OfficerView", "Officers", "Permission", "Role"]

_MIN_PASSWORD, _MAX_PASSWORD = 10, 128


class Role(StrEnum):
    """What an officer is for."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """Something that a role may or may not do."""

    REGISTER = "register"
    CORRECT = "correct"
    APPLICATIONS = "applications"
    ISSUE = "issue"
    SUSPEND = "suspend"
    REVOKE = "revoke"
    CONTACT = "contact"
    """To change the phone that one-time codes go to: who may do that can become anybody."""
    AUDIT = "audit"


_CLERK = frozenset(
    {Permission.REGISTER, Permission.CORRECT, Permission.APPLICATIONS, Permission.ISSUE, Permission.SUSPEND}
)
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _CLERK,
    Role.SUPERVISOR: _CLERK | {Permission.REVOKE, Permission.CONTACT, Permission.AUDIT},
    # Who checks the others sees what they did, not the register.
    Role.AUDITOR: frozenset({Permission.AUDIT}),
}


@dataclass(frozen=True, slots=True)
class OfficerView:
    """An officer. ``stamp`` changes with the password: a session that began before it ends."""

    id: int
    username: str
    name: str
    role: Role
    stamp: str

    @property
    def actor(self) -> str:
        """How the audit log names the officer."""
        return f"officer:{self.username}"

    def may(self, permission: Permission | str) -> bool:
        """Whether the officer's role includes a permission."""
        return Permission(permission) in PERMISSIONS[self.role]


class Officers:
    """The accounts of one authority. ``hasher`` sets the cost of a password's hash."""

    def __init__(self, authority: Authority, *, hasher: PasswordHasher | None = None) -> None:
        self._authority = authority
        self._hasher = hasher or PasswordHasher()
        self._limits = SignInLimits()
        # What a try for an unknown name is compared with.
        self._nobody = self._hasher.hash(authority.random(16).hex())

    def add(self, username: str, name: str, role: Role | str, password: str, *, actor: str = "operator") -> OfficerView:
        """Make an account. Raises StateError: ``officer.form``, ``officer.password``, ``officer.taken``."""
        if not storable(username) or not 2 <= len(username) <= 40 or not name or len(name) > 60:
            raise StateError("officer.form", "用户名或姓名不合要求", "the user name or the name is not acceptable")
        self._check_password(username, password)
        role, password_hash = Role(role), self._hasher.hash(password)

        def work(act: Act) -> OfficerView:
            if _find(act.session, username) is not None:
                raise StateError("officer.taken", "用户名已被使用", "the user name is taken")
            officer = Officer(username=username, name=name, role=role, password_hash=password_hash, created_at=act.at)
            act.session.add(officer)
            act.session.flush()
            act.note("officer.added", f"officer:{username}", role=role.value)
            return _view(officer)

        return self._authority.act(actor, work)

    def set_password(self, username: str, password: str, *, actor: str = "operator") -> None:
        """Give an account a new password; its sessions end, its lock opens. Raises NotFoundError, StateError."""
        self._check_password(username, password)
        password_hash = self._hasher.hash(password)

        def work(act: Act) -> None:
            officer = _known(act.session, username)
            officer.password_hash = password_hash
            self._limits.open(act.session, username)
            act.note("officer.password", f"officer:{username}")

        self._authority.act(actor, work)

    def set_active(self, username: str, active: bool, *, actor: str = "operator") -> None:
        """Close an account or open it again. Raises NotFoundError."""

        def work(act: Act) -> None:
            _known(act.session, username).active = active
            act.note("officer.opened" if active else "officer.closed", f"officer:{username}")

        self._authority.act(actor, work)

    def sign_in(self, username: str, password: str, *, device: str | None = None, address: str = "") -> OfficerView:
        """The officer with this name and password.

        ``device`` names the browser if it signed in to this account before (``webshell.known_devices``), ``address`` is
        where the try comes from. Raises ProofingError (``officer.refused``), RateLimitError: both the same for a name
        that there is none of.
        """
        claimed = self._authority.act("desk", lambda act: self._limits.claim(act, username, device, address))

        def look(session: Session) -> tuple[str, bool]:
            officer = _find(session, username)
            return (self._nobody, False) if officer is None else (officer.password_hash, True)

        with self._authority.database.reading() as session:
            password_hash, known = look(session)
        right = self._verify(password_hash, password[:_MAX_PASSWORD])
        refused = ProofingError("officer.refused", "用户名或密码错误", "the user name or the password is wrong")

        def settle(act: Act) -> OfficerView | None:
            officer = _find(act.session, username, lock=True)
            same = officer is not None and officer.password_hash == password_hash
            if officer is None or not same or not right or not officer.active:
                act.note("officer.refused", f"officer:{username}" if officer is not None else "")
                return None
            self._limits.right(act, claimed)
            act.note("officer.signed_in", f"officer:{username}")
            return _view(officer)

        view = self._authority.act(f"officer:{username}" if known else "desk", settle)
        if view is None:
            raise refused
        return view

    def officer(self, officer_id: int, stamp: str) -> OfficerView | None:
        """The officer of a session, None when the account was closed or has another password now."""
        with self._authority.database.reading() as session:
            officer = session.get(Officer, officer_id)
            if officer is None or not officer.active:
                return None
            view = _view(officer)
        return view if hmac.compare_digest(view.stamp.encode(), stamp.encode()) else None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password.encode("utf-8", "surrogatepass"))
        except (Argon2Error, InvalidHashError):
            return False

    def _check_password(self, username: str, password: str) -> None:
        if not _MIN_PASSWORD <= len(password) <= _MAX_PASSWORD or username.lower() in password.lower():
            raise StateError(
                "officer.password",
                f"密码须为 {_MIN_PASSWORD} 至 {_MAX_PASSWORD} 个字符，且不含用户名",
                f"a password has {_MIN_PASSWORD} to {_MAX_PASSWORD} characters and does not hold the user name",
            )


def _find(session: Session, username: str, *, lock: bool = False) -> Officer | None:
    if not storable(username):
        return None
    query = select(Officer).where(Officer.username == username)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def _known(session: Session, username: str) -> Officer:
    officer = _find(session, username, lock=True)
    if officer is None:
        raise NotFoundError("officer.unknown", "没有这个用户", "there is no such officer")
    return officer


def _view(officer: Officer) -> OfficerView:
    stamp = hashlib.sha256(officer.password_hash.encode()).hexdigest()[:16]
    return OfficerView(officer.id, officer.username, officer.name, Role(officer.role), stamp)
