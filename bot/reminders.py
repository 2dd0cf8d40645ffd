"""Reminders at the edge: reads who follows what, lets the scheduler plan, writes reminder and message together."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.routing import EVERY_ROUTE, RouteKind
from bot.template_ids import template_id
from bot.ways import Way, Wish, address_for, best_way_to_person
from clinic.contacts import has_opted_out
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.outbox import queue_message
from clinic.programmes import save_reminder
from clinic.reminding import Done, Follower, PastReminder, everything_done, followers, reminders_since
from flows.choice_labels import listed_in
from scheduler.planning import Enrolled, PlannedReminder, due, one_a_day
from scheduler.programme import Programme
from scheduler.programme_file import load_programmes
from scheduler.quiet import sending_hours
from scheduler.texts import reminder_text, reply_name, template_variables

log = logging.getLogger(__name__)

QUEUE_AHEAD = timedelta(hours=2)
"""A reminder enters the outbox so long before it may go out: what is recorded until then still stops it."""
REMEMBERED = timedelta(days=150)
"""So far back we look for reminders that exist: longer than any of them is repeated."""
NO_CONTACT = "no contact"


@dataclass(frozen=True)
class PlanLine:
    """One reminder with the phone it goes to; without recipient it goes to nobody, and `reason` says so."""

    reminder: PlannedReminder
    recipient: Way | None
    reason: str
    text: str | None
    text_without_name: str | None
    template: dict[str, Any] | None

    @property
    def channel(self) -> str | None:
        return self.recipient.channel if self.recipient else None

    @property
    def key(self) -> str:
        """The outbox key: the same reminder is never two messages."""
        return "reminder:" + ":".join(str(part) for part in self.reminder.key)

    def as_row(self, *, show_identity: bool) -> dict[str, Any]:
        """The line as programs and tables read it; without identity it names nobody."""
        planned = self.reminder
        return {
            "person": planned.person_id,
            "programme": planned.programme,
            "item": planned.item,
            "occurrence": planned.occurrence,
            "visit_on": planned.visit_on,
            "poli": planned.poli,
            "send_at": planned.send_at,
            "useless_after": planned.useless_after,
            "channel": self.channel,
            "contact": self.recipient.contact_id if self.recipient else None,
            "reason": self.reason,
            "text": self.text if show_identity else self.text_without_name,
        }


class _AlreadyThere(Exception):
    """The reminder exists although its message does not: take the message back."""


def load_active_programmes(facility: Facility) -> tuple[Programme, ...]:
    """The programmes that puskesmas.yml switches on; raises ProgrammeFileError for what cannot be used."""
    return load_programmes(facility.programmes)


def plan_reminders(
    db: Session,
    facility: Facility,
    programmes: Sequence[Programme],
    *,
    now: datetime,
    days: int = 1,
    routes: Mapping[str, RouteKind] = EVERY_ROUTE,
) -> tuple[PlanLine, ...]:
    """What is still to be sent until the end of today, or of so many days: to whom, how, when and why."""
    by_name = {programme.name: programme for programme in programmes}
    following = followers(db, by_name)
    past = reminders_since(db, now - REMEMBERED)
    planned = _planned(db, facility, programmes, following, past, now=now, days=days)
    names = {follower.person_id: follower.name for follower in following}
    return tuple(
        _line(
            db, facility, by_name[reminder.programme], reminder, name=names[reminder.person_id], routes=routes, now=now
        )
        for reminder in _not_made_yet(planned, past, facility)
    )


def queue_reminders(
    database: Database,
    facility: Facility,
    programmes: Sequence[Programme],
    *,
    now: datetime,
    routes: Mapping[str, RouteKind] = EVERY_ROUTE,
) -> tuple[PlanLine, ...]:
    """Put what is due now into the outbox, each reminder once however many do this at the same time."""
    if sending_hours(facility).next_allowed(now) > now + QUEUE_AHEAD:
        return ()
    with database.reading() as db:
        lines = plan_reminders(db, facility, programmes, now=now, routes=routes)
    ready = [line for line in lines if line.reminder.send_at <= now + QUEUE_AHEAD]
    queued = tuple(line for line in ready if line.recipient and _queue(database, line, line.recipient, now=now))
    if ready:
        unreachable = sum(line.recipient is None for line in ready)
        log.info("reminders due=%s queued=%s unreachable=%s", len(ready), len(queued), unreachable)
    return queued


def read_enrolled(
    db: Session, facility: Facility, programmes: Sequence[Programme], *, now: datetime
) -> tuple[Enrolled, ...]:
    """Who follows these programmes, as planning wants to know it."""
    following = followers(db, [programme.name for programme in programmes])
    return tuple(_enrolled(follower, facility, now=now) for follower in following)


def read_done(db: Session, programmes: Sequence[Programme]) -> tuple[Done, ...]:
    """What was done in these programmes."""
    return everything_done(db, [programme.name for programme in programmes])


def _planned(
    db: Session,
    facility: Facility,
    programmes: Sequence[Programme],
    following: Sequence[Follower],
    past: Sequence[PastReminder],
    *,
    now: datetime,
    days: int,
) -> tuple[PlannedReminder, ...]:
    enrolled = [_enrolled(follower, facility, now=now) for follower in following]
    given = read_done(db, programmes)
    answers = {_appointment(one): one.answer for one in past if one.answer is not None}
    planned = [
        reminder
        for programme in programmes
        for reminder in due(enrolled, programme, doses=given, now=now, facility=facility, days=days, answers=answers)
    ]
    return tuple(sorted(one_a_day(planned), key=lambda reminder: (reminder.send_at, reminder.person_id)))


def _not_made_yet(
    planned: Sequence[PlannedReminder], past: Sequence[PastReminder], facility: Facility
) -> list[PlannedReminder]:
    """Without those that exist, and without a second one on a person's day."""
    made = {(one.person_id, one.programme, one.item, one.occurrence) for one in past}
    reminded_on = {(one.person_id, facility.today(one.created_at)) for one in past}
    return [
        reminder
        for reminder in planned
        if reminder.key not in made and (reminder.person_id, reminder.send_at.date()) not in reminded_on
    ]


def _line(
    db: Session,
    facility: Facility,
    programme: Programme,
    reminder: PlannedReminder,
    *,
    name: str,
    routes: Mapping[str, RouteKind],
    now: datetime,
) -> PlanLine:
    def said(called: str, channel: str) -> str:
        return reminder_text(reminder, programme, name=called, facility=facility, channel=channel)

    sid = template_id(db, facility, f"reminder_{reply_name(reminder)}")
    wish = Wish(text=said(name, "sms"), until=reminder.useless_after, template_sid=sid)
    recipient = best_way_to_person(db, reminder.person_id, wish, facility=facility, routes=routes, now=now)
    if recipient is None:
        return PlanLine(reminder, None, f"{NO_CONTACT}: {reminder.reason}", None, None, None)
    text, nameless = said(name, recipient.channel), said("", recipient.channel)
    template = None
    if sid is not None and recipient.needs_template:
        template = {"sid": sid, "variables": template_variables(reminder, programme, name=name, facility=facility)}
    return PlanLine(reminder, recipient, reminder.reason, text, nameless, template)


def _queue(database: Database, line: PlanLine, recipient: Way, *, now: datetime) -> bool:
    """Reminder and message in one transaction; False when somebody else made them or the contact said stop."""
    try:
        with database.transaction() as db:
            return _write(db, line, recipient, now=now)
    except _AlreadyThere:
        return False


def _write(db: Session, line: PlanLine, recipient: Way, *, now: datetime) -> bool:
    if has_opted_out(db, recipient.contact_id):
        return False
    planned = line.reminder
    outbox_id = queue_message(
        db,
        key=line.key,
        contact_id=recipient.contact_id,
        address_id=address_for(db, recipient, now=now),
        channel=recipient.channel,
        text=line.text or "",
        choices=listed_in(line.text or ""),
        now=now,
        priority="reminder",
        not_before=planned.send_at,
        useless_after=planned.useless_after,
        template=line.template,
    )
    if outbox_id is None:
        return False
    if save_reminder(db, planned, outbox_id, now) is None:
        raise _AlreadyThere
    return True


def _enrolled(follower: Follower, facility: Facility, *, now: datetime) -> Enrolled:
    enrolled_on = facility.today(follower.enrolled_at)
    if enrolled_on > facility.today(now):  # a plan for a time before the enrolment: as if enrolled all along
        enrolled_on = follower.anchor
    return Enrolled(follower.person_id, follower.programme, follower.anchor, enrolled_on)


def _appointment(past: PastReminder) -> tuple[int, str, str, str]:
    return past.person_id, past.programme, past.item, past.occurrence.partition("/")[0]
