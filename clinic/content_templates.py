"""Content templates: what Twilio's Content API keeps for us, by the name and the wording it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed

APPROVED = "approved"
LONGEST_REASON = 400


class ContentTemplate(Base):
    """One wording under one account: wanted first, then made (`sid`), then perhaps approved by WhatsApp."""

    __tablename__ = "content_template"
    __table_args__ = (UniqueConstraint("account", "name", "wording"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(34))
    name: Mapped[str] = mapped_column(String(60))
    wording: Mapped[str] = mapped_column(String(12))
    """The beginning of the hash of its definition: another wording is another template."""
    sid: Mapped[str | None] = mapped_column(String(34))
    approval: Mapped[str | None] = mapped_column(String(16))
    """unsubmitted, received, pending, approved, rejected, paused or disabled, as Twilio says it."""
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    """Why it was rejected."""
    wanted_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]


@dataclass(frozen=True)
class ContentView:
    """What we know of one template."""

    name: str
    wording: str
    sid: str | None
    approval: str | None
    reason: str | None
    checked_at: datetime | None


def contents_of(db: Session, account: str) -> tuple[ContentView, ...]:
    """All that this account wants or has, by name."""
    rows = db.scalars(
        select(ContentTemplate)
        .where(ContentTemplate.account == account)
        .order_by(ContentTemplate.name, ContentTemplate.id)
        .execution_options(populate_existing=True)
    )
    return tuple(_view(row) for row in rows)


def note_wanted(db: Session, *, account: str, name: str, wording: str, now: datetime) -> bool:
    """Somebody had a use for it; False when that is known already."""
    wanted = {"account": account, "name": name, "wording": wording, "wanted_at": now}
    insert = insert_into(db, ContentTemplate).values(**wanted).on_conflict_do_nothing()
    return db.scalar(insert.returning(ContentTemplate.id)) is not None


def note_made(db: Session, *, account: str, name: str, wording: str, sid: str, now: datetime) -> None:
    """Twilio has it under this id, made a moment ago or found there."""
    note_wanted(db, account=account, name=name, wording=wording, now=now)
    same = _is(account=account, name=name, wording=wording)
    rows_changed(db, update(ContentTemplate).where(*same).values(sid=sid, made_at=now))


def note_approval(
    db: Session, *, account: str, sid: str, approval: str, reason: str | None = None, now: datetime
) -> None:
    """What WhatsApp says of it."""
    values = {"approval": approval[:16], "reason": reason[:LONGEST_REASON] if reason else None, "checked_at": now}
    same = (ContentTemplate.account == account, ContentTemplate.sid == sid)
    rows_changed(db, update(ContentTemplate).where(*same).values(**values))


def forget_sid(db: Session, *, account: str, sid: str) -> bool:
    """It is no longer at Twilio: wanted again, to be made anew."""
    same = (ContentTemplate.account == account, ContentTemplate.sid == sid)
    cleared = {"sid": None, "made_at": None, "approval": None, "reason": None, "checked_at": None}
    return rows_changed(db, update(ContentTemplate).where(*same).values(**cleared)) > 0


def forget_other_wordings(db: Session, *, account: str, kept: Mapping[str, str]) -> int:
    """Drop what stands under a name of `kept` (name -> wording) with another wording; the count of those dropped."""
    dropped = 0
    for name, wording in kept.items():
        old = (ContentTemplate.account == account, ContentTemplate.name == name, ContentTemplate.wording != wording)
        dropped += rows_changed(db, delete(ContentTemplate).where(*old))
    return dropped


def approved_sids(db: Session, wordings: Mapping[str, str]) -> dict[str, str]:
    """Name -> id of those that WhatsApp approved in just this wording (name -> wording); the newest where two are."""
    rows = db.scalars(
        select(ContentTemplate)
        .where(ContentTemplate.sid.is_not(None), ContentTemplate.approval == APPROVED)
        .order_by(ContentTemplate.made_at, ContentTemplate.id)
        .execution_options(populate_existing=True)
    )
    return {row.name: str(row.sid) for row in rows if wordings.get(row.name) == row.wording}


def forget_other_accounts(db: Session, account: str) -> int:
    """Drop what another account had: its ids mean nothing to this one."""
    return rows_changed(db, delete(ContentTemplate).where(ContentTemplate.account != account))


def made_sids(db: Session, *, account: str) -> dict[tuple[str, str], str]:
    """(name, wording) -> id of those that were made."""
    return {(view.name, view.wording): view.sid for view in contents_of(db, account) if view.sid}


def _is(*, account: str, name: str, wording: str) -> tuple[ColumnElement[bool], ...]:
    return (
        ContentTemplate.account == account,
        ContentTemplate.name == name,
        ContentTemplate.wording == wording,
    )


def _view(row: ContentTemplate) -> ContentView:
    return ContentView(row.name, row.wording, row.sid, row.approval, row.reason, row.checked_at)
