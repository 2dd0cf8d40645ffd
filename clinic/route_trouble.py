"""Route trouble: what staff are told about a modem or phone that does not work, once, and taken back when it does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.cases import Case, close_case, open_case
from clinic.sent import has_open_case

KIND = "delivery"


def tell_once(db: Session, *, topic: str, text: str, now: datetime, due_hours: int) -> bool:
    """A case about us, not about a patient; False when staff have this to do already."""
    if has_open_case(db, kind=KIND, topic=topic, contact_id=None, is_urgent=False):
        return False
    open_case(db, kind=KIND, topic=topic, text=text, contact_id=None, now=now, due_hours=due_hours)
    return True


def take_back(db: Session, *, topics: Collection[str], outcome: str, now: datetime) -> int:
    """It is over: the cases about it are closed with what happened; the count of those closed."""
    over = select(Case.id).where(
        Case.kind == KIND, Case.topic.in_(topics), Case.contact_id.is_(None), Case.state.in_(("open", "taken"))
    )
    ids = db.scalars(over).all()
    for case_id in ids:
        close_case(db, case_id, staff_id=None, outcome=outcome, now=now)
    return len(ids)
