"""The modem: its signs of life, and what staff hear when it is silent or the SIM lets nothing out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.channels.refusals import rule_for
from clinic import route_trouble, routes
from clinic.database import Database
from clinic.facility import Facility
from clinic.gammu_modem import fits, look_at_modem
from clinic.gammu_tables import GammuStore, GammuUnreachable

log = logging.getLogger(__name__)

ROUTE = "gammu"
TROUBLES = ("gammu_database", "modem_dead", "sim_empty")
WELL = "modem_well"


@dataclass(frozen=True)
class Sign:
    """What one look came to."""

    seen_at: datetime | None
    trouble: str | None


def look(database: Database, facility: Facility, store: GammuStore, *, now: datetime) -> str | None:
    """Look at the modem and write down how it is; the trouble, a code of refusals.yml, or None.

    Staff get one case per trouble; it is closed when that trouble is over. Several workers that look at once open one.
    """
    sign = read_sign(store, now=now)
    with database.transaction() as db:
        before = routes.route_states(db, (ROUTE,))[ROUTE]
        is_news = routes.note_look(db, ROUTE, seen_at=sign.seen_at or before.seen_at, trouble=sign.trouble)
        over = [trouble for trouble in TROUBLES if trouble != sign.trouble]
        if is_news:
            log.warning("modem trouble=%s", sign.trouble)
            route_trouble.take_back(db, topics=over, outcome=rule_for(WELL).reason, now=now)
        if sign.trouble is not None and is_news:
            hours = facility.limits.due_hours.of("delivery")
            reason = rule_for(sign.trouble).reason
            route_trouble.tell_once(db, topic=sign.trouble, text=reason, now=now, due_hours=hours)
    return sign.trouble


def read_sign(store: GammuStore, *, now: datetime) -> Sign:
    """When the modem last gave a sign of life, and what is wrong with it."""
    try:
        seen = look_at_modem(store)
    except GammuUnreachable:
        return Sign(None, "gammu_database")
    if not fits(seen):
        return Sign(None, "gammu_database")
    return Sign(None if seen.silent_for is None else now - seen.silent_for, seen.trouble)
