"""Unclear messages: what the bot did not surely understand, and what staff say that it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into
from clinic.inbound_table import InboundMessage
from clinic.staff import StaffMember

STATES = ("open", "labelled", "dismissed")


class UnclearMessage(Base):
    """One message that was not surely understood. Its words stay in inbound_message alone and go when they go there."""

    __tablename__ = "unclear_message"
    __table_args__ = (Index("ix_unclear_message_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_message.id", ondelete="CASCADE"), unique=True)
    band: Mapped[str] = mapped_column(String(8))
    """middle (an act was confirmed first) or low (the likely meanings were offered, or nothing was understood)."""
    intent: Mapped[str] = mapped_column(String(40))
    """What the bot took it for."""
    confidence: Mapped[float] = mapped_column(Float)
    others: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The intents that were next likely, best first."""
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    """open, labelled or dismissed (nothing to learn from)."""
    label: Mapped[str | None] = mapped_column(String(40))
    labelled_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    """Who decided last, on the label or to dismiss."""
    labelled_at: Mapped[datetime | None]
    exported_at: Mapped[datetime | None]
    """When this label left as a candidate sentence; a new label may leave again."""

    @property
    def standing(self) -> str:
        """The label, or the state of a message without one: what a page showed when somebody pressed its button."""
        return self.label or self.state


@dataclass(frozen=True)
class UnclearView:
    """One unclear message with its words, as the staff page shows it."""

    id: int
    text: str
    """Empty when the words were deleted."""
    channel: str
    received_at: datetime
    band: str
    intent: str
    others: tuple[str, ...]
    state: str
    label: str | None
    labelled_by_name: str | None
    labelled_at: datetime | None
    standing: str


def note_unclear(
    db: Session,
    inbound_id: int,
    *,
    band: str,
    intent: str,
    confidence: float,
    others: Iterable[str],
    now: datetime,
) -> int | None:
    """Keep that this message was not surely understood; None, with nothing changed, for a message that is kept."""
    values = {
        "inbound_id": inbound_id,
        "band": band,
        "intent": intent,
        "confidence": confidence,
        "others": list(others),
        "created_at": now,
        "state": "open",
    }
    insert = insert_into(db, UnclearMessage).values(values).on_conflict_do_nothing()
    return db.scalar(insert.returning(UnclearMessage.id))


def unclear_views(db: Session, *, state: str, limit: int, offset: int) -> tuple[UnclearView, ...]:
    """Messages in a state, the newest first."""
    query = _query().where(UnclearMessage.state == state).order_by(UnclearMessage.id.desc())
    return tuple(_view(*row) for row in db.execute(query.limit(limit).offset(offset)))


def unclear_view(db: Session, message_id: int) -> UnclearView | None:
    """One message by its id."""
    row = db.execute(_query().where(UnclearMessage.id == message_id)).first()
    return None if row is None else _view(*row)


def count_open_unclear(db: Session) -> int:
    """How many messages still wait for their meaning."""
    query = select(func.count()).select_from(UnclearMessage).where(UnclearMessage.state == "open")
    return db.scalar(query) or 0


def label_message(db: Session, message_id: int, *, label: str, staff_id: int, seen: str, now: datetime) -> bool:
    """Say what a message means; another label replaces the first.

    `seen` is the standing that the page showed. False, with nothing changed, when a colleague decided otherwise
    meanwhile; the same label twice is no conflict.
    """
    return _decide(db, message_id, {"state": "labelled", "label": label}, staff_id=staff_id, seen=seen, now=now)


def dismiss_message(db: Session, message_id: int, *, staff_id: int, seen: str, now: datetime) -> bool:
    """Say that there is nothing to learn from a message; `seen` and the answer as for label_message."""
    return _decide(db, message_id, {"state": "dismissed", "label": None}, staff_id=staff_id, seen=seen, now=now)


def reopen_unclear(db: Session, message_id: int, *, seen: str) -> bool:
    """Take back what was said about a message; `seen` and the answer as for label_message."""
    return _decide(db, message_id, {"state": "open", "label": None}, staff_id=None, seen=seen, now=None)


def _decide(
    db: Session, message_id: int, change: Mapping[str, Any], *, staff_id: int | None, seen: str, now: datetime | None
) -> bool:
    row = db.get(UnclearMessage, message_id, with_for_update=True, populate_existing=True)
    if row is None:
        return False
    if row.standing == (change["label"] or change["state"]):
        return True
    if row.standing != seen:
        return False
    row.state, row.label = change["state"], change["label"]
    row.labelled_by, row.labelled_at, row.exported_at = staff_id, now, None
    db.flush()
    return True


def _query() -> Select[UnclearMessage, InboundMessage, Any]:
    return (
        select(UnclearMessage, InboundMessage, StaffMember.name)
        .join(InboundMessage, InboundMessage.id == UnclearMessage.inbound_id)
        .outerjoin(StaffMember, StaffMember.id == UnclearMessage.labelled_by)
    )


def _view(row: UnclearMessage, message: InboundMessage, staff_name: str | None) -> UnclearView:
    return UnclearView(
        id=row.id,
        text=message.text,
        channel=message.channel,
        received_at=message.received_at,
        band=row.band,
        intent=row.intent,
        others=tuple(row.others),
        state=row.state,
        label=row.label,
        labelled_by_name=staff_name,
        labelled_at=row.labelled_at,
        standing=row.standing,
    )
