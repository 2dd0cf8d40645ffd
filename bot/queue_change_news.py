"""Queue, what is said of a session that changed: its words, and the question for another day that stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.queue_news import News
from bot.services import Services
from bot.undelivered import NOTICE_TEMPLATE
from bot.ways import Way
from clinic.conversations import hold_if_quiet, load_state, save_state
from clinic.database import Session
from clinic.desk import Desk
from clinic.facility import Facility
from clinic.queue_estimate import estimates_on
from clinic.queue_sessions import CLOSED, LATE, ChangeView
from clinic.queue_told import Holder
from flows.called_off.flow import flow as called_off
from flows.catalogue import FLOWS
from flows.dialog import Heard, Turn
from flows.render import Prompt
from flows.running import run
from flows.state import DialogState, state_from_json, state_to_json
from flows.words import first_name, say_date, say_time
from nlu.understanding import Understanding
from scheduler.quiet import sending_hours

MOST_NAMED = 3
AT_ONCE_FROM = time(5, 30)
"""On the day itself, from then on: better to be woken than to come for nothing."""
STEP = 5


def change_news(db: Session, facility: Facility, change: ChangeView, mine: Sequence[Holder], *, now: datetime) -> News:
    """What holders of these numbers of one phone are told when staff close a session or let it begin late."""
    if change.kind == LATE:
        return _news(db, facility, change, mine, "queue_pushes.late", "queue_late", now=now)
    return _news(db, facility, change, mine, "called_off.closed", "queue_closed", now=now)


def undo_news(db: Session, facility: Facility, change: ChangeView, mine: Sequence[Holder], *, now: datetime) -> News:
    """What they are told when the change is taken back."""
    reply = "queue_pushes.reopened" if change.kind == CLOSED else "queue_pushes.on_time"
    return _news(db, facility, change, mine, reply, NOTICE_TEMPLATE, now=now)


def with_offer(services: Services, db: Session, news: News, way: Way, mine: Sequence[Holder], *, now: datetime) -> News:
    """The same with the question for another day, which then is open; not in the middle of something else."""
    facility = services.facility
    if not hold_if_quiet(db, way.contact_id):
        return news
    state = state_from_json(load_state(db, way.contact_id))
    if _is_in_the_middle(state, facility, now=now):
        return news
    turn = _turn(services, db, way, now=now)
    tickets = {"tickets": ",".join(str(each.entry_id) for each in mine)}
    outcome = run(FLOWS, turn, called_off, state.closed(), slots=tickets)
    if outcome.state.question is None:
        return news
    # Open for as long as the message is of use, not only for the usual hour.
    asked_at = news.useless_after - timedelta(minutes=facility.limits.resume_after_minutes)
    asked = replace(outcome.state, asked_at=max(now, asked_at))
    save_state(db, way.contact_id, state_to_json(asked), now=now)
    return replace(news, prompts=outcome.prompts)


def close_offer(db: Session, contact_id: int, *, now: datetime) -> None:
    """The poli is open after all: "1" moves nothing any more."""
    state = state_from_json(load_state(db, contact_id))
    if state.flow == called_off.name and hold_if_quiet(db, contact_id):
        save_state(db, contact_id, state_to_json(state.closed()), now=now)


def _news(
    db: Session,
    facility: Facility,
    change: ChangeView,
    mine: Sequence[Holder],
    reply: str,
    template: str,
    *,
    now: datetime,
) -> News:
    poli = facility.poli(change.poli)
    values = {"poli": poli.name if poli is not None else change.poli, "hari": say_date(change.day)}
    values["antrian"] = ", ".join(f"{each.code} {first_name(each.person_name)}" for each in mine[:MOST_NAMED])
    if reply != "called_off.closed":
        values["jam"] = say_time(_come_at(db, facility, change, mine, now=now))
    if change.kind == LATE:
        values["menit"] = str(change.late_minutes)
    begins, ends = _hours(facility, change, mine)
    # On the day itself until the session is over; before it until it begins.
    useless_after = ends if facility.today(now) == change.day else begins
    return News((Prompt(reply, values),), template, values, _not_before(facility, change, now), useless_after)


def _come_at(db: Session, facility: Facility, change: ChangeView, mine: Sequence[Holder], *, now: datetime) -> time:
    """When the first of them may be called: the beginning of its range, else when the session begins."""
    known = estimates_on(db, facility, poli=change.poli, day=change.day, now=now)
    ranges = [known[each.entry_id].earliest for each in mine if each.entry_id in known]
    begins, _ = _hours(facility, change, mine)
    at = min(ranges, default=begins).astimezone(facility.zone)
    return (at - timedelta(minutes=at.minute % STEP)).time().replace(second=0, microsecond=0, tzinfo=None)


def _hours(facility: Facility, change: ChangeView, mine: Sequence[Holder]) -> tuple[datetime, datetime]:
    """From when until when the numbers' sessions last that day."""
    names = {each.session for each in mine}
    sessions = [each for each in facility.sessions_on(change.poli, change.day) if each.name in names]
    opens = min((each.opens for each in sessions), default=time(8))
    closes = max((each.closes for each in sessions), default=time(15))
    begins, ends = (datetime.combine(change.day, clock, facility.zone) for clock in (opens, closes))
    return begins, ends + timedelta(minutes=change.late_minutes)


def _not_before(facility: Facility, change: ChangeView, now: datetime) -> datetime:
    """At once on the day itself, as somebody may be on the way; else within the hours for sending."""
    if facility.today(now) == change.day:
        return max(now, datetime.combine(change.day, AT_ONCE_FROM, facility.zone))
    return sending_hours(facility).next_allowed(now)


def _is_in_the_middle(state: DialogState, facility: Facility, *, now: datetime) -> bool:
    """Whether a question of something else is open and fresh."""
    if state.question is None or state.flow == called_off.name:
        return False
    fresh = timedelta(minutes=facility.limits.resume_after_minutes)
    return state.asked_at is None or now - state.asked_at <= fresh


def _turn(services: Services, db: Session, way: Way, *, now: datetime) -> Turn:
    """A turn that no message began."""
    facility = services.facility
    nothing = Understanding(text="", intent="out_of_scope", confidence=0.0, by="none")
    heard = Heard(understanding=nothing, today=facility.today(now))
    desk = Desk(
        db=db, facility=facility, keeper=services.keeper, contact_id=way.contact_id, channel=way.channel, now=now
    )
    return Turn(heard, slots={}, desk=desk, facility=facility, now=now.astimezone(facility.zone), channel=way.channel)
