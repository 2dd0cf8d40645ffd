"""Queue pushes at the edge: reads who holds a number, lets the scheduler decide, writes push and message together."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from bot.channels.routing import EVERY_ROUTE, RouteKind, route_kinds
from bot.queue_news import News, text_of, way_for, write_news
from bot.queue_notices import finish_changes
from bot.services import Services
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.queue_estimate import Estimate, estimates_on
from clinic.queue_told import EVENING, LEAVE, Holder, Told, holders_on, note_told, told_to
from flows.render import Prompt
from flows.waiting_words import say_estimate
from flows.words import first_name, say_date, say_time, say_waiting
from scheduler.clock import Job
from scheduler.queue_pushes import Push, evening_push, push_of_the_day
from scheduler.quiet import SendingHours, sending_hours

log = logging.getLogger(__name__)

PUSH_SECONDS = 60
ONE_SMS = 160
BABY = timedelta(days=730)
NEW, KNOWN, INFANT = "pasien_baru", "pasien_lama", "bayi"


def push_jobs(services: Services) -> tuple[Job, ...]:
    """What the worker does for holders of numbers: tell them in time, and finish telling of changed sessions."""

    def push() -> None:
        routes = route_kinds(services.settings)
        queue_pushes(services.database, services.facility, now=services.clock(), routes=routes)

    def finish() -> None:
        finish_changes(services, now=services.clock())

    return (
        Job("queue pushes", push, every_seconds=PUSH_SECONDS),
        Job("queue changes", finish, every_seconds=PUSH_SECONDS),
    )


def plan_pushes(db: Session, facility: Facility, *, now: datetime) -> tuple[Push, ...]:
    """What is to be told now: of today's numbers, and in the evening of tomorrow's."""
    hours = sending_hours(facility)
    if not hours.allow(now):
        return ()
    today = facility.today(now)
    days = [today]
    if now >= hours.at(today, facility.queue.push_evening):
        days.append(today + timedelta(days=1))
    return tuple(push for day in days for poli in facility.polis for push in _of_poli(db, facility, poli.id, day, now))


def queue_pushes(
    database: Database, facility: Facility, *, now: datetime, routes: Mapping[str, RouteKind] = EVERY_ROUTE
) -> int:
    """Put what is to be told now into the outbox, each push once however many do this at the same time."""
    with database.reading() as db:
        planned = plan_pushes(db, facility, now=now)
    queued = 0
    for push in planned:
        with database.transaction() as db:
            queued += _write(db, facility, push, routes=routes, now=now)
    if planned:
        log.info("queue pushes due=%s queued=%s", len(planned), queued)
    return queued


def _of_poli(db: Session, facility: Facility, poli: str, day: date, now: datetime) -> Iterator[Push]:
    """Only those with a phone who are not there yet; the estimates are made for all of the line at once."""
    waiting = holders_on(db, facility, poli=poli, day=day, waiting_only=True)
    holders = [each for each in waiting if each.contact_id is not None and each.arrived_at is None]
    told = told_to(db, (each.entry_id for each in holders))
    is_today = day == facility.today(now)
    if not is_today:
        holders = [each for each in holders if not any(one.kind == EVENING for one in told.get(each.entry_id, ()))]
    if not holders:
        return
    known = estimates_on(db, facility, poli=poli, day=day, now=now)
    hours = sending_hours(facility)
    for holder in holders:
        mine = told.get(holder.entry_id, ())
        push = _decide(holder, known.get(holder.entry_id), mine, facility, hours, now, is_today=is_today)
        if push is not None:
            yield push


def _decide(
    holder: Holder,
    estimate: Estimate | None,
    told: tuple[Told, ...],
    facility: Facility,
    hours: SendingHours,
    now: datetime,
    *,
    is_today: bool,
) -> Push | None:
    decide = push_of_the_day if is_today else evening_push
    return decide(holder, estimate, told, now=now, rules=facility.queue, hours=hours)


def _write(db: Session, facility: Facility, push: Push, *, routes: Mapping[str, RouteKind], now: datetime) -> bool:
    """Push and message in one transaction; False when somebody else made them, or nobody is to be told any more."""
    holder = push.holder
    again = holders_on(db, facility, poli=holder.poli, day=holder.day, waiting_only=True)
    current = next((each for each in again if each.entry_id == holder.entry_id), None)
    if current is None or current.arrived_at is not None or current.contact_id is None:
        return False
    news = push_news(facility, push, now=now)
    way = way_for(db, facility, current.contact_id, news, routes=routes, now=now)
    if way is None:
        return False
    told_from, told_until = push.estimate.earliest, push.estimate.latest
    is_new = note_told(
        db,
        holder.entry_id,
        push.kind,
        occurrence=push.occurrence,
        told_from=told_from,
        told_until=told_until,
        now=now,
    )
    return is_new and write_news(db, facility, way, news, key=push.key, now=now)


def push_news(facility: Facility, push: Push, *, now: datetime) -> News:
    """The words of a push, and the template that says the same outside the day after the last message."""
    holder, poli = push.holder, facility.poli(push.holder.poli)
    values = {
        "antrian": holder.code,
        "nama": first_name(holder.person_name),
        "poli": poli.name if poli is not None else holder.poli,
        "kira": say_estimate(push.estimate, facility=facility, now=max(now, _beginning_of(holder.day, facility))),
        "sisa": say_waiting(push.estimate.before),
    }
    if push.kind == EVENING:
        return _evening_news(facility, push, values, now=now)
    if push.kind == LEAVE:
        said = {**values, "sisa": values["sisa"].removesuffix(" lagi")}
        return News((Prompt("queue_pushes.leave", values),), "queue_leave", said, now, push.useless_after)
    prompt = Prompt("queue_pushes.later" if push.is_later else "queue_pushes.earlier", values)
    return News((prompt,), "queue_moved", values, now, push.useless_after)


def _beginning_of(day: date, facility: Facility) -> datetime:
    return datetime.combine(day, time(), facility.zone)


def _evening_news(facility: Facility, push: Push, values: Mapping[str, str], *, now: datetime) -> News:
    """With what to bring, where the centre's own words for it leave one SMS."""
    begins = push.estimate.earliest.astimezone(facility.zone)
    template = {**values, "hari": say_date(push.holder.day), "jam": say_time(begins.time().replace(tzinfo=None))}
    needed = what_to_bring(facility, push.holder)
    prompt = Prompt("queue_pushes.evening_short", values)
    if needed is not None:
        whole = News(
            (Prompt("queue_pushes.evening", {**values, "syarat": needed}),),
            "queue_before",
            template,
            now,
            push.useless_after,
        )
        if len(text_of(facility, whole, channel="sms")) <= ONE_SMS:
            return whole
    return News((prompt,), "queue_before", template, now, push.useless_after)


def what_to_bring(facility: Facility, holder: Holder) -> str | None:
    """As the health centre says it, for a baby, for who was here before, or for who is new."""
    kind = KNOWN if holder.is_known else NEW
    if holder.birth_date is not None and holder.day - holder.birth_date < BABY:
        kind = INFANT
    wanted = facility.requirements
    return wanted.get(kind) or wanted.get(NEW)
