"""What goes out in a transcript without being asked for: pushes about a number, and news of a session staff changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from bot.queue_notices import change_session, undo_session_change
from bot.queue_pushes import queue_pushes
from bot.services import Services
from bot.settings import Settings
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.outbox import OutboxMessage
from clinic.queue_table import SessionChange

DEMO = {
    "SAPA_DEMO": "1",
    "SAPA_SECRET_KEY": "only for the tests of talk",  # pragma: allowlist secret
    "SAPA_DATABASE_URL": "sqlite://",
}


def services_on(database: Database, facility: Facility, keeper: IdentityKeeper, now: datetime) -> Services:
    """The services of a demo, whose routes are all there, on this database."""
    return Services(Settings.from_environment(DEMO), facility, database, keeper, lambda: now)


def say_unasked(
    database: Database, facility: Facility, keeper: IdentityKeeper, what: Mapping[str, Any], *, now: datetime
) -> str | None:
    """Let it happen, and what the phone reads then; None when nothing goes out."""
    services = services_on(database, facility, keeper, now)
    before = _last_id(database)
    if "pushes" in what:
        queue_pushes(database, facility, now=now)
    elif "undoes" in what:
        with database.reading() as db:
            change_id = db.scalar(select(func.max(SessionChange.id)))
        assert change_id is not None
        assert undo_session_change(services, change_id, staff_id=None, now=now)
    else:
        _change(services, facility, what, now=now)
    with database.reading() as db:
        texts = list(db.scalars(select(OutboxMessage.text).where(OutboxMessage.id > before).order_by(OutboxMessage.id)))
    assert len(texts) <= 1, "one phone reads one message"
    return texts[0] if texts else None


def _change(services: Services, facility: Facility, what: Mapping[str, Any], *, now: datetime) -> None:
    kind = "closed" if "closes" in what else "late"
    change_session(
        services,
        poli=what.get("closes") or what["late"],
        day=facility.today(now) + timedelta(days=what.get("ahead", 0)),
        session=what.get("session"),
        kind=kind,
        late_minutes=what.get("minutes"),
        reason="rapat",
        staff_id=None,
        now=now,
    )


def _last_id(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.max(OutboxMessage.id))) or 0
