"""The Android phone: its signs of life, and what follows when it has been silent for too long."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.channels.android import AndroidChannel, PhoneSign
from bot.channels.refusals import rule_for
from clinic import routes, sent
from clinic.cases import open_case
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.route_silence import waits_for_word
from clinic.routes import RouteView

log = logging.getLogger(__name__)

ROUTE = "android"
OFFLINE = "phone_offline"
LOGIN = "android_login"
SILENT_AFTER = timedelta(minutes=20)
"""An app behind a server reports every 15 minutes when nothing happens; a phone in the LAN is asked every minute."""
NOTED_EVERY = timedelta(seconds=30)
"""A phone that tells of a hundred messages in a row is written down twice a minute."""


def note_phone_speaks(database: Database, *, now: datetime) -> None:
    """The phone has called us: it is there. Whatever else a look found stays until the next look."""
    with database.reading() as db:
        view = _view(db)
    if view.trouble != OFFLINE and view.seen_at is not None and now - view.seen_at < NOTED_EVERY:
        return
    with database.transaction() as db:
        view = _view(db)
        trouble = None if view.trouble == OFFLINE else view.trouble
        if routes.note_look(db, ROUTE, seen_at=_later(view.seen_at, now), trouble=trouble):
            log.info("android phone is back")


def look_at_phone(database: Database, facility: Facility, channel: AndroidChannel, *, now: datetime) -> str | None:
    """Ask the gateway for the phone and write down how it is; the trouble, a code of refusals.yml, or None.

    Staff get one case with the beginning of a trouble. Two workers that look at once open one.
    """
    sign = channel.phone_sign(now=now)
    with database.transaction() as db:
        view = _view(db)
        seen_at = _later(view.seen_at, sign.seen_at)
        trouble = _trouble(db, sign, seen_at=seen_at, now=now)
        if routes.note_look(db, ROUTE, seen_at=seen_at, trouble=trouble):
            log.warning("android phone trouble=%s", trouble)
            _tell_staff(db, facility, trouble, now=now)
    return trouble


def _trouble(db: Session, sign: PhoneSign, *, seen_at: datetime | None, now: datetime) -> str | None:
    if sign.is_login_refused:
        return LOGIN
    if seen_at is not None and now - seen_at <= SILENT_AFTER:
        return None
    if not sign.is_reached or sign.seen_at is not None:
        return OFFLINE
    # The gateway answers and cannot say how its phone is: what it took and heard nothing of is the only sign.
    return OFFLINE if waits_for_word(db, ROUTE, taken_after=seen_at, taken_before=now - SILENT_AFTER) else None


def _tell_staff(db: Session, facility: Facility, trouble: str | None, *, now: datetime) -> None:
    if trouble is None or sent.has_open_case(db, kind="delivery", topic=trouble, contact_id=None, is_urgent=False):
        return
    open_case(
        db,
        kind="delivery",
        topic=trouble,
        text=rule_for(trouble).reason,
        contact_id=None,
        now=now,
        due_hours=facility.limits.due_hours.of("delivery"),
    )


def _view(db: Session) -> RouteView:
    return routes.route_states(db, (ROUTE,))[ROUTE]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((time for time in (one, other) if time is not None), default=None)
