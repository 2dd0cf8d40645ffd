"""Conversations: where each contact stands in the dialog, and who may answer next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed
from clinic.inbound_table import InboundMessage


@dataclass(frozen=True)
class Pause:
    """How long a message may wait for more of the same thought, and how long since the first of them at most."""

    seconds: float
    longest_seconds: float


class ClaimLost(Exception):
    """Our claim ran out and somebody else may be answering: write nothing, roll back."""


class Conversation(Base):
    """One per contact. `state` is the dialog engine's own value (flows.engine), kept as JSON."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_pending", "has_unanswered", "unanswered_since"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    handled_by: Mapped[str] = mapped_column(String(8), default="bot")
    """bot or staff: while staff hold the conversation the bot stays silent (danger excepted)."""
    handled_until: Mapped[datetime | None]
    """When a silent bot comes back by itself, whether the case was closed or not."""
    has_unanswered: Mapped[bool] = mapped_column(default=False)
    unanswered_since: Mapped[datetime | None]
    """When the oldest unanswered message came: who waits longest is answered first."""
    answer_from: Mapped[datetime | None]
    """Not answered before: more of the same thought may follow. None: at once."""
    claimed_until: Mapped[datetime | None]
    """One turn at a time per contact: whoever sets this may answer until then."""
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    last_turn_at: Mapped[datetime | None]


@dataclass(frozen=True)
class ClaimedTurn:
    """A conversation that is ours to answer until the lease ends."""

    contact_id: int
    inbound_ids: tuple[int, ...]
    """What waits for an answer, in order of arrival."""
    tries: int
    """How often the first of them was taken up, this time included: above 1 something went wrong before."""


@dataclass(frozen=True)
class ConversationView:
    """Where a contact stands."""

    contact_id: int
    state: Mapping[str, Any]
    handled_by: str
    handled_until: datetime | None
    has_unanswered: bool
    last_turn_at: datetime | None

    def is_with_staff(self, now: datetime) -> bool:
        """A person holds it, and not for longer than was agreed."""
        return self.handled_by == "staff" and (self.handled_until is None or self.handled_until > now)


def has_unanswered(db: Session, *, now: datetime) -> bool:
    """Whether claim_next has anything to give: a cheap look, good inside database.reading()."""
    return db.scalar(_waiting(now).limit(1)) is not None


def claim_next(db: Session, *, worker: str, now: datetime, lease_seconds: float) -> ClaimedTurn | None:
    """Take the conversation that waits longest; nobody else gets it until it is released or the lease ends."""
    longest = _waiting(now).limit(1).with_for_update(skip_locked=True)
    contact_id = db.scalar(
        update(Conversation)
        .where(Conversation.contact_id == longest.scalar_subquery())
        .values(claimed_by=worker, claimed_until=now + timedelta(seconds=lease_seconds))
        .returning(Conversation.contact_id),
        execution_options={"synchronize_session": False},
    )
    if contact_id is None:
        return None
    waiting = db.execute(
        select(InboundMessage.id, InboundMessage.tries)
        .where(InboundMessage.contact_id == contact_id, InboundMessage.state == "received")
        .order_by(InboundMessage.id)
    ).all()
    if not waiting:
        _forget_unanswered(db, contact_id)
        return None
    first = waiting[0]
    rows_changed(db, update(InboundMessage).where(InboundMessage.id == first.id).values(tries=first.tries + 1))
    return ClaimedTurn(contact_id, tuple(row.id for row in waiting), tries=first.tries + 1)


def release(db: Session, contact_id: int, *, worker: str) -> None:
    """Give the conversation back; nothing happens when the claim is no longer ours."""
    rows_changed(
        db,
        update(Conversation)
        .where(Conversation.contact_id == contact_id, Conversation.claimed_by == worker)
        .values(claimed_by=None, claimed_until=None),
    )


def postpone(db: Session, contact_id: int, *, worker: str, until: datetime) -> None:
    """Keep the claim until then and do nothing: after a failure the next try comes later."""
    rows_changed(
        db,
        update(Conversation)
        .where(Conversation.contact_id == contact_id, Conversation.claimed_by == worker)
        .values(claimed_until=until),
    )


def conversation_of(db: Session, contact_id: int) -> ConversationView:
    """Where the contact stands; somebody new stands at the beginning, with the bot."""
    row = db.get(Conversation, contact_id, populate_existing=True)
    if row is None:
        return ConversationView(contact_id, {}, "bot", None, has_unanswered=False, last_turn_at=None)
    return ConversationView(
        contact_id, row.state, row.handled_by, row.handled_until, row.has_unanswered, row.last_turn_at
    )


def load_state(db: Session, contact_id: int) -> dict[str, Any]:
    """The dialog engine's own value; empty for somebody new."""
    return dict(conversation_of(db, contact_id).state)


def save_state(
    db: Session, contact_id: int, state: Mapping[str, Any], *, now: datetime, worker: str | None = None
) -> None:
    """Keep the engine's value. With `worker` it raises ClaimLost when the claim is no longer that worker's."""
    _ensure(db, contact_id)
    mine = [Conversation.contact_id == contact_id]
    if worker is not None:
        mine.append(Conversation.claimed_by == worker)
    saved = rows_changed(db, update(Conversation).where(*mine).values(state=dict(state), last_turn_at=now))
    if saved == 0:
        raise ClaimLost(f"contact={contact_id}")


def left_open(db: Session, *, since: datetime, until: datetime) -> tuple[int, ...]:
    """Contacts whose last turn lies in that time, with nothing unanswered and nobody of the staff at it."""
    rows = db.scalars(
        select(Conversation.contact_id)
        .where(
            Conversation.last_turn_at > since,
            Conversation.last_turn_at <= until,
            Conversation.has_unanswered.is_(False),
            Conversation.handled_by == "bot",
        )
        .order_by(Conversation.contact_id)
    )
    return tuple(rows)


def hold_if_quiet(db: Session, contact_id: int) -> bool:
    """Lock the conversation for this transaction; False when a message came or a turn runs meanwhile."""
    quiet = select(Conversation.contact_id).where(
        Conversation.contact_id == contact_id,
        Conversation.has_unanswered.is_(False),
        Conversation.claimed_by.is_(None),
        Conversation.handled_by == "bot",
    )
    return db.scalar(quiet.with_for_update()) is not None


def hand_to_staff(db: Session, contact_id: int, *, until: datetime) -> None:
    """The bot stays silent until then, danger excepted."""
    _ensure(db, contact_id)
    _set(db, contact_id, handled_by="staff", handled_until=until)


def hand_to_bot(db: Session, contact_id: int) -> None:
    """The bot answers again."""
    _set(db, contact_id, handled_by="bot", handled_until=None)


# Built once: a webhook waits for these, and building them anew costs more than running them.
_IS_IT = Conversation.contact_id == bindparam("contact")
_WAITS = (
    select(Conversation.unanswered_since, Conversation.answer_from, Conversation.claimed_until)
    .where(_IS_IT)
    .with_for_update()
)
_NOTE = (
    update(Conversation)
    .where(_IS_IT)
    .values(
        has_unanswered=True,
        unanswered_since=bindparam("since", type_=Conversation.unanswered_since.type),
        answer_from=bindparam("from_then", type_=Conversation.answer_from.type),
    )
)


def note_unanswered(db: Session, contact_id: int, *, now: datetime, pause: Pause | None = None) -> None:
    """Something came that nobody answered yet; the oldest time counts. Without `pause` it is answered at once.

    With it the answer waits from now on anew, unless something that is answered at once waits already.
    """
    row = db.execute(_WAITS, {"contact": contact_id}).first()
    if row is None:
        _ensure(db, contact_id)
        row = db.execute(_WAITS, {"contact": contact_id}).one()
    since = row.unanswered_since or now
    is_being_answered = row.claimed_until is not None and row.claimed_until > now
    is_due = row.unanswered_since is not None and row.answer_from is None and not is_being_answered
    answer_from = None
    if pause is not None and not is_due:
        longest = since + timedelta(seconds=pause.longest_seconds)
        answer_from = min(now + timedelta(seconds=pause.seconds), longest)
    rows_changed(db, _NOTE, {"contact": contact_id, "since": since, "from_then": answer_from})


def _waiting(now: datetime) -> Any:
    return (
        select(Conversation.contact_id)
        .where(
            Conversation.has_unanswered.is_(True),
            or_(Conversation.claimed_until.is_(None), Conversation.claimed_until <= now),
            or_(Conversation.answer_from.is_(None), Conversation.answer_from <= now),
        )
        .order_by(Conversation.unanswered_since, Conversation.contact_id)
    )


def _ensure(db: Session, contact_id: int) -> None:
    empty = {"contact_id": contact_id, "state": {}, "handled_by": "bot", "has_unanswered": False}
    rows_changed(db, insert_into(db, Conversation).values(**empty).on_conflict_do_nothing())


def _forget_unanswered(db: Session, contact_id: int) -> None:
    _set(
        db,
        contact_id,
        has_unanswered=False,
        unanswered_since=None,
        answer_from=None,
        claimed_by=None,
        claimed_until=None,
    )


def _set(db: Session, contact_id: int, **values: Any) -> None:
    rows_changed(db, update(Conversation).where(Conversation.contact_id == contact_id).values(**values))
