"""Budget cases: staff are told once a month that money for messages runs low, and once that some are given up."""

from __future__ import annotations

import logging
from datetime import date, datetime

from bot.channels.refusals import rule_for
from clinic.budget import CASE_KIND, is_time_to_warn, read_spending, stopped, was_told
from clinic.cases import open_case
from clinic.costs import Ledger, midnight
from clinic.database import Database, Session
from clinic.facility import Facility

log = logging.getLogger(__name__)

WARNING = "budget_warning"
SPENT = "budget_spent"


def tell_of_budget(database: Database, facility: Facility, *, now: datetime, ledger: Ledger | None = None) -> int:
    """Open the cases that are due; how many. Each is opened once a month, by however many processes.

    Without a monthly budget nothing is read. `ledger` remembers days that are over from one call to the next.
    """
    if facility.budget.monthly is None:
        return 0
    with database.reading() as db:
        seen = read_spending(db, facility, now=now, ledger=ledger)
    topics = []
    if is_time_to_warn(facility.budget, spent=seen.spent):
        topics.append(WARNING)
    if stopped(facility.budget, spent=seen.spent, rest_by_kind=seen.rest_by_kind):
        topics.append(SPENT)
    if not topics:
        return 0
    with database.transaction() as db:
        return sum(_tell_once(db, facility, topic, month=seen.first, now=now) for topic in topics)


def _tell_once(db: Session, facility: Facility, topic: str, *, month: date, now: datetime) -> bool:
    if was_told(db, topic, since=midnight(facility, month)):
        return False
    open_case(
        db,
        kind=CASE_KIND,
        topic=topic,
        text=rule_for(topic).reason,
        contact_id=None,
        now=now,
        due_hours=facility.limits.due_hours.of(CASE_KIND),
    )
    log.info("told staff topic=%s", topic)
    return True
