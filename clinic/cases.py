"""Cases: everything a person has to look at, from a complaint to a message that could not be delivered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.contacts import Contact
from clinic.conversations import hand_to_bot, hand_to_staff
from clinic.database import Base

ONE_AT_A_TIME = ("handover", "emergency")
DUE_HOURS = {"emergency": 1, "handover": 4, "complaint": 72, "delivery": 24, "error": 24}
BOT_COMES_BACK_AFTER = timedelta(hours=12)
LETTERS = "KLMNPQRSTUVWXYZ"
CODES_A_LETTER = 999


class Case(Base):
    """One thing for staff to do, about one contact."""

    __tablename__ = "staff_case"
    __table_args__ = (
        Index("ix_staff_case_state_urgent", "state", "urgent", "due_at"),
        Index("ix_staff_case_state_closed", "state", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    """What the patient is told, short and unlike an OTP: "K27" (letter and running number, at most 3 digits shown)."""
    kind: Mapped[str] = mapped_column(String(16))
    """emergency, complaint, handover, delivery or error."""
    topic: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    """open, taken or closed."""
    urgent: Mapped[bool]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    """What the patient wrote, or why the case was opened, for staff."""
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    outcome: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class CaseView:
    """One thing for staff to do."""

    id: int
    code: str
    kind: str
    topic: str | None
    state: str
    urgent: bool
    contact_id: int | None
    text: str
    opened_at: datetime
    due_at: datetime
    taken_by: int | None
    closed_at: datetime | None
    outcome: str | None


def open_case(
    db: Session,
    *,
    kind: str,
    topic: str | None,
    text: str,
    contact_id: int | None,
    urgent: bool = False,
    now: datetime,
    due_hours: int | None = None,
) -> CaseView:
    """Open a case; a contact has one live handover and one live emergency, to which new words are added."""
    live = _live(db, kind=kind, contact_id=contact_id) if kind in ONE_AT_A_TIME else None
    if live is not None:
        live.text = f"{live.text}\n{text}".strip()
        live.urgent = live.urgent or urgent
        db.flush()
        return _view(live)
    hours = due_hours if due_hours is not None else DUE_HOURS.get(kind, 24)
    case = Case(
        code=f"?{secrets.token_hex(3)}",  # until the row has its running number
        kind=kind,
        topic=topic,
        state="open",
        urgent=urgent,
        contact_id=contact_id,
        text=text,
        opened_at=now,
        due_at=now + timedelta(hours=hours),
    )
    db.add(case)
    db.flush()
    case.code = code_of(case.id)
    db.flush()
    return _view(case)


def code_of(number: int) -> str:
    """K1 ... K999, L1 ...: never more than three digits, which operators would take for an OTP."""
    turn, rest = divmod(number - 1, CODES_A_LETTER)
    rounds, letter = divmod(turn, len(LETTERS))
    return LETTERS[letter] * (rounds + 1) + str(rest + 1)


def take_case(
    db: Session, case_id: int, *, staff_id: int | None, now: datetime, silent_for: timedelta = BOT_COMES_BACK_AFTER
) -> CaseView:
    """A person answers from now on: the bot is silent for this contact until the case is closed, or for so long."""
    case = db.get_one(Case, case_id, with_for_update=True)
    if case.state != "closed":
        case.state, case.taken_by, case.taken_at = "taken", staff_id, now
        if case.contact_id is not None:
            hand_to_staff(db, case.contact_id, until=now + silent_for)
    db.flush()
    return _view(case)


def close_case(db: Session, case_id: int, *, staff_id: int | None, outcome: str, now: datetime) -> CaseView:
    """Done; the bot answers this contact again unless another case of theirs is held or waits for a person."""
    case = db.get_one(Case, case_id, with_for_update=True)
    if case.state != "closed":
        case.state, case.closed_by, case.closed_at, case.outcome = "closed", staff_id, now, outcome or None
        db.flush()
        if case.contact_id is not None and not _is_held(db, case.contact_id):
            hand_to_bot(db, case.contact_id)
    return _view(case)


def reopen_case(db: Session, case_id: int, *, now: datetime) -> CaseView:
    """Not done after all: open again, in nobody's hands."""
    case = db.get_one(Case, case_id, with_for_update=True)
    if case.state == "closed":
        case.state, case.closed_at, case.closed_by, case.taken_by, case.taken_at = "open", None, None, None, None
        case.due_at = max(case.due_at, now + timedelta(hours=DUE_HOURS.get(case.kind, 24)))
    db.flush()
    return _view(case)


def case_by_code(db: Session, code: str) -> CaseView | None:
    """The case of this code, however it is written: K27, k 27."""
    case = db.scalar(select(Case).where(Case.code == code.replace(" ", "").upper()))
    return None if case is None else _view(case)


def cases_of(db: Session, contact_id: int) -> tuple[CaseView, ...]:
    """All cases of a contact, the newest first."""
    rows = db.scalars(select(Case).where(Case.contact_id == contact_id).order_by(Case.id.desc()))
    return tuple(_view(row) for row in rows)


def list_cases(db: Session, *, state: str | None, limit: int, offset: int) -> tuple[CaseView, ...]:
    """Cases in a state or in any: not closed before closed, urgent first, then what is due first."""
    statement = select(Case).order_by(Case.state == "closed", Case.urgent.desc(), Case.due_at, Case.id)
    if state is not None:
        statement = statement.where(Case.state == state)
    return tuple(_view(row) for row in db.scalars(statement.limit(limit).offset(offset)))


def _live(db: Session, *, kind: str, contact_id: int | None) -> Case | None:
    # Two messages of one contact may open a case at once: the second waits here and finds the first one's.
    db.execute(select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True))
    statement = select(Case).where(Case.kind == kind, Case.contact_id == contact_id, Case.state != "closed")
    return db.scalar(statement.order_by(Case.id.desc()).limit(1))


def _is_held(db: Session, contact_id: int) -> bool:
    waits_for_a_person = (Case.kind == "handover") & (Case.state != "closed")
    held = select(Case.id).where(Case.contact_id == contact_id, or_(Case.state == "taken", waits_for_a_person))
    return db.scalar(held.limit(1)) is not None


def _view(case: Case) -> CaseView:
    return CaseView(
        id=case.id,
        code=case.code,
        kind=case.kind,
        topic=case.topic,
        state=case.state,
        urgent=case.urgent,
        contact_id=case.contact_id,
        text=case.text,
        opened_at=case.opened_at,
        due_at=case.due_at,
        taken_by=case.taken_by,
        closed_at=case.closed_at,
        outcome=case.outcome,
    )
