"""Planning: enrolments, a programme and the time in; what is due, to be sent when, out. Nothing is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from clinic.facility import Facility
from clinic.reminding import Done
from scheduler.programme import Programme
from scheduler.quiet import SendingHours, sending_hours
from scheduler.series import (
    Appointment,
    OpenItem,
    StaffQuestion,
    appointments,
    control_questions,
    control_visits,
    open_items,
    staff_questions,
)
from scheduler.visits import VisitDay, next_visit_day, programme_poli


@dataclass(frozen=True)
class Enrolled:
    """A person who follows a programme, counted from the anchor; what was overdue on enrolment is due then."""

    person_id: int
    programme: str
    anchor: date
    enrolled_on: date


@dataclass(frozen=True)
class PlannedReminder:
    """A message to send; `key` is the same however often it is planned."""

    person_id: int
    programme: str
    item: str
    occurrence: str
    """Due date and offset, "2026-11-24/-1"."""
    visit_on: date
    poli: str | None
    visit: VisitDay
    offset: int
    codes: tuple[str, ...]
    lay_names: tuple[str, ...]
    send_at: datetime
    useless_after: datetime
    reason: str

    @property
    def key(self) -> tuple[int, str, str, str]:
        return self.person_id, self.programme, self.item, self.occurrence

    @property
    def appointment(self) -> tuple[int, str, str, str]:
        """What the message is about, whichever of its messages it is."""
        return self.person_id, self.programme, self.item, self.occurrence.partition("/")[0]


@dataclass(frozen=True)
class _Desk:
    """What planning one programme at one moment needs to know."""

    programme: Programme
    facility: Facility
    hours: SendingHours
    poli: str | None
    now: datetime
    today: date
    until_day: date
    answers: Mapping[tuple[int, str, str, str], str] = field(default_factory=dict)


def due(
    enrolments: Iterable[Enrolled],
    programme: Programme,
    *,
    doses: Iterable[Done],
    now: datetime,
    facility: Facility,
    days: int = 1,
    answers: Mapping[tuple[int, str, str, str], str] | None = None,
) -> tuple[PlannedReminder, ...]:
    """What is to be sent from now until the end of today (or so many days), one message per person and day.

    What an outage held up is among it while it is of use. `answers` says what a person answered about an
    appointment: who is coming is reminded on the day only, who chose another day is not reminded of this one.
    """
    today = facility.today(now)
    desk = _Desk(
        programme=programme,
        facility=facility,
        hours=sending_hours(facility),
        poli=programme_poli(programme, facility),
        now=now,
        today=today,
        until_day=today + timedelta(days=days - 1),
        answers=answers or {},
    )
    given = _given_by_person(doses, programme.name)
    planned: list[PlannedReminder] = []
    for enrolment in enrolments:
        if enrolment.programme == programme.name:
            planned += _due_for(desk, enrolment, given.get(enrolment.person_id, {}))
    return tuple(sorted(one_a_day(planned), key=lambda reminder: (reminder.send_at, reminder.person_id)))


def questions(
    enrolments: Iterable[Enrolled], programme: Programme, *, doses: Iterable[Done], today: date
) -> tuple[tuple[Enrolled, StaffQuestion], ...]:
    """Whom we do not invite, and why staff should look: too old for a dose, a late start, invited in vain."""
    given = _given_by_person(doses, programme.name)
    found: list[tuple[Enrolled, StaffQuestion]] = []
    for one in enrolments:
        if one.programme != programme.name:
            continue
        done = given.get(one.person_id, {})
        if programme.anchor == "birth":
            asked = staff_questions(programme, birth=one.anchor, given=done, enrolled_on=one.enrolled_on, today=today)
        else:
            asked = control_questions(
                programme, anchor=one.anchor, given=done, enrolled_on=one.enrolled_on, today=today
            )
        found += [(one, question) for question in asked]
    return tuple(found)


def said_done(
    programme: Programme, item: str, *, person_id: int, asked_on: date, doses: Iterable[Done]
) -> StaffQuestion | None:
    """What a patient says was done and nobody has recorded since; None when it is on record."""
    given = _given_by_person(doses, programme.name).get(person_id, {})
    is_series = programme.anchor == "birth"
    codes = tuple(code for code in programme.codes_of(item) if not _is_recorded(given, code, asked_on, is_series))
    why = f"{item}: the patient says it is done, not recorded: {', '.join(codes)}"
    return StaffQuestion(item, "said_done", codes, asked_on, why) if codes else None


def _is_recorded(given: Mapping[str, date], code: str, asked_on: date, is_series: bool) -> bool:
    """A dose is given once; a control visit counts when it is not older than a week before the question."""
    return code in given and (is_series or given[code] >= asked_on - timedelta(days=7))


def one_a_day(planned: Iterable[PlannedReminder]) -> tuple[PlannedReminder, ...]:
    """At most one message per person and local day: the one about the latest visit, which names older doses too."""
    kept: dict[tuple[int, date], PlannedReminder] = {}
    for reminder in planned:
        place = (reminder.person_id, reminder.send_at.date())
        other = kept.get(place)
        if other is None or _weight(reminder) > _weight(other):
            kept[place] = reminder
    return tuple(kept.values())


def _weight(reminder: PlannedReminder) -> tuple[bool, str, str]:
    return reminder.offset <= 0, reminder.occurrence, reminder.programme


def _given_by_person(doses: Iterable[Done], programme: str) -> dict[int, dict[str, date]]:
    """Per person the last day each item was given."""
    found: dict[int, dict[str, date]] = {}
    for dose in doses:
        if dose.programme == programme:
            mine = found.setdefault(dose.person_id, {})
            mine[dose.item] = max(dose.given_on, mine.get(dose.item, dose.given_on))
    return found


def _due_for(desk: _Desk, enrolment: Enrolled, given: Mapping[str, date]) -> Iterator[PlannedReminder]:
    anchor, enrolled_on = enrolment.anchor, enrolment.enrolled_on
    if desk.programme.anchor == "birth":
        items = open_items(desk.programme, birth=anchor, given=given, enrolled_on=enrolled_on)
        expected: Iterable[Appointment] = appointments(desk.programme, items)
    else:
        expected = control_visits(desk.programme, anchor=anchor, given=given, enrolled_on=enrolled_on)
    for appointment in expected:
        first = next_visit_day(desk.facility, desk.poli, earliest=appointment.due)
        if first is None:
            continue
        for offset in desk.programme.offsets_days:
            reminder = _reminder(desk, enrolment, appointment, first=first, offset=offset)
            if reminder is not None:
                yield reminder


def _reminder(
    desk: _Desk, enrolment: Enrolled, appointment: Appointment, *, first: VisitDay, offset: int
) -> PlannedReminder | None:
    """One message about one appointment; None when it is not due yet, no longer of use or not wanted."""
    key = (enrolment.person_id, enrolment.programme, appointment.code, appointment.due.isoformat())
    if _is_unwanted(desk.answers.get(key), offset):
        return None
    window = _window(desk, first=first, offset=offset)
    if window is None or window[0].date() > desk.until_day:
        return None
    send_at, useless_after = window
    visit = _visit_named(desk, first=first, offset=offset, send_on=send_at.date())
    if visit is None:
        return None
    items = tuple(item for item in appointment.items if item.fits(visit.day))
    if not items:
        return None
    return PlannedReminder(
        person_id=enrolment.person_id,
        programme=enrolment.programme,
        item=appointment.code,
        occurrence=f"{appointment.due.isoformat()}/{offset}",
        visit_on=visit.day,
        poli=visit.poli,
        visit=visit,
        offset=offset,
        codes=tuple(item.code for item in items),
        lay_names=tuple(item.lay for item in items),
        send_at=send_at,
        useless_after=useless_after,
        reason=_reason(items, appointment, days=(first.day - send_at.date()).days),
    )


def _is_unwanted(answer: str | None, offset: int) -> bool:
    if answer == "coming":
        return offset < 0
    if answer == "other_day":
        return offset <= 0
    return answer is not None


def _window(desk: _Desk, *, first: VisitDay, offset: int) -> tuple[datetime, datetime] | None:
    """From when until when this message may go out, never in quiet hours; None once it is of no use."""
    day = first.day + timedelta(days=offset)
    if day + timedelta(days=desk.programme.catch_up_days) < desk.today or day > desk.until_day:
        return None
    starts = desk.hours.next_allowed(desk.hours.at(day, desk.programme.send_time))
    ends = min(_ends(desk, first=first, offset=offset))
    send_at = max(starts, desk.hours.next_allowed(desk.now))
    useless_after = min(ends, desk.hours.end_of(send_at.date()))
    return (send_at, useless_after) if send_at < useless_after else None


def _ends(desk: _Desk, *, first: VisitDay, offset: int) -> Iterator[datetime]:
    """Whatever comes first: the catch-up time is over, the next message is due, the visit is over or tomorrow."""
    hours = desk.hours
    yield hours.end_of(first.day + timedelta(days=offset + desk.programme.catch_up_days))
    later = [other for other in desk.programme.offsets_days if other > offset]
    if later:
        yield hours.at(first.day + timedelta(days=later[0]), desk.programme.send_time)
    if offset < 0:
        yield hours.end_of(first.day - timedelta(days=1))
    if offset == 0:
        yield hours.at(first.day, first.closes)


def _visit_named(desk: _Desk, *, first: VisitDay, offset: int, send_on: date) -> VisitDay | None:
    """The visit day itself, or once that is past the next one after the message."""
    if offset <= 0:
        return first
    return next_visit_day(desk.facility, desk.poli, earliest=send_on + timedelta(days=1))


def _reason(items: Iterable[OpenItem], appointment: Appointment, *, days: int) -> str:
    """For staff: "due in 3 days: MR1, IPV2 at 9 months"."""
    when = "due today" if days == 0 else f"due in {days} days" if days > 1 else "due tomorrow"
    if days < 0:
        when = f"{-days} days late"
    return f"{when}: {', '.join(item.code for item in items)} {appointment.words}"
