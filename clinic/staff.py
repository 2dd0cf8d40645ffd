"""Staff: who may log in, as what, and how often they may try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base

SHORTEST_PASSWORD = 10
ROLES = ("staff", "admin")
HASHER = PasswordHasher()
NOBODY = HASHER.hash("no member of staff has this password")
"""Verified for unknown names, so that they take as long as known ones."""


class StaffExists(Exception):
    """There is a member of staff of that name already."""


class StaffMember(Base):
    """Somebody of the health centre who works in the inbox."""

    __tablename__ = "staff_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    """staff or admin."""
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Raised by a password change or log-out everywhere: older sessions end."""


@dataclass(frozen=True)
class StaffView:
    """A member of staff without the password."""

    id: int
    username: str
    name: str
    role: str
    is_active: bool
    session_epoch: int


def add_staff(db: Session, *, username: str, name: str, role: str, password: str, now: datetime) -> StaffView:
    """Let somebody log in; raises StaffExists, or ValueError for a short password or an unknown role."""
    if role not in ROLES:
        raise ValueError(f"the role must be one of {', '.join(ROLES)}")
    _check_length(password)
    member = StaffMember(
        username=_as_kept(username),
        name=name,
        role=role,
        password_hash=HASHER.hash(password),
        is_active=True,
        session_epoch=0,
        created_at=now,
    )
    try:
        with db.begin_nested():
            db.add(member)
    except IntegrityError as error:
        raise StaffExists(f"{username} exists already") from error
    return _view(member)


def verify_login(
    db: Session, *, username: str, password: str, now: datetime, hasher: PasswordHasher = HASHER
) -> StaffView | None:
    """The member of staff with this name and password; None otherwise, after the same work."""
    statement = select(StaffMember).where(StaffMember.username == _as_kept(username))
    member = db.scalar(statement)
    if not _matches(member.password_hash if member is not None else NOBODY, password, hasher):
        return None
    if member is None or not member.is_active:
        return None
    if hasher.check_needs_rehash(member.password_hash):
        member.password_hash = hasher.hash(password)
    member.last_login_at = now
    db.flush()
    return _view(member)


def change_password(db: Session, staff_id: int, *, old: str, new: str) -> StaffView | None:
    """A new password for whoever knows the old one; ends all other sessions. None when the old one is wrong."""
    member = db.get(StaffMember, staff_id)
    if member is None or not _matches(member.password_hash, old):
        return None
    _check_length(new)
    member.password_hash = HASHER.hash(new)
    member.session_epoch += 1
    db.flush()
    return _view(member)


def end_sessions(db: Session, staff_id: int) -> None:
    """Log out everywhere."""
    member = db.get(StaffMember, staff_id)
    if member is not None:
        member.session_epoch += 1
        db.flush()


def staff_by_id(db: Session, staff_id: int) -> StaffView | None:
    member = db.get(StaffMember, staff_id)
    return None if member is None else _view(member)


def staff_count(db: Session) -> int:
    """How many may log in."""
    return db.scalar(select(func.count()).select_from(StaffMember).where(StaffMember.is_active.is_(True))) or 0


def _as_kept(username: str) -> str:
    """Without what the eye does not see; a NUL sign, which anybody may send us, Postgres refuses even to look up."""
    return username.replace("\x00", "").strip().lower()


def _matches(password_hash: str, password: str, hasher: PasswordHasher = HASHER) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _check_length(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"a password needs at least {SHORTEST_PASSWORD} characters")


def _view(member: StaffMember) -> StaffView:
    return StaffView(
        id=member.id,
        username=member.username,
        name=member.name,
        role=member.role,
        is_active=member.is_active,
        session_epoch=member.session_epoch,
    )
