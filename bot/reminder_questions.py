"""Questions to staff: whom we invite for nothing more, told once each as a case in the inbox."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.reminders import read_done, read_enrolled
from clinic.cases import open_case
from clinic.contacts import contacts_of
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.reminding import Done, reminders_since, tell_staff_once
from scheduler.planning import questions, said_done
from scheduler.programme import Programme
from scheduler.series import StaffQuestion

log = logging.getLogger(__name__)

FRESH = timedelta(days=7)
"""Older questions are shown by `sapa reminders plan --staff` only: a first enrolment must not flood the inbox."""
ANSWERS_LOOKED_AT = timedelta(days=60)
CASE_KIND = "reminder"
CASE_DUE_HOURS = 72


@dataclass(frozen=True)
class StaffLine:
    """Somebody whom we do not invite, and why a person should look."""

    person_id: int
    programme: Programme
    question: StaffQuestion

    @property
    def text(self) -> str:
        """What staff read, from the programme's own words."""
        names = ", ".join(self.programme.name_of(code) for code in self.question.codes)
        words: str = getattr(self.programme.staff_words, self.question.kind)
        return words.format(dosis=names)

    def as_row(self) -> dict[str, Any]:
        """The line as programs and tables read it; it names nobody."""
        question = self.question
        row = {"person": self.person_id, "programme": self.programme.name, "item": question.item}
        return {**row, "since": question.since, "reason": question.why}


def staff_lines(
    db: Session, facility: Facility, programmes: Sequence[Programme], *, now: datetime
) -> tuple[StaffLine, ...]:
    """Whom we invite for nothing more, and why staff should look."""
    enrolled = read_enrolled(db, facility, programmes, now=now)
    given = read_done(db, programmes)
    today = facility.today(now)
    silent = tuple(
        StaffLine(one.person_id, programme, question)
        for programme in programmes
        for one, question in questions(enrolled, programme, doses=given, today=today)
    )
    return (*silent, *_said_done(db, facility, programmes, given, now=now))


def tell_staff(database: Database, facility: Facility, programmes: Sequence[Programme], *, now: datetime) -> int:
    """Open a case for each new question about somebody with a phone; once, however often it is asked."""
    with database.reading() as db:
        lines = staff_lines(db, facility, programmes, now=now)
    fresh = [line for line in lines if line.question.since >= facility.today(now) - FRESH]
    told = sum(_tell(database, line, now=now) for line in fresh)
    if told:
        log.info("reminder questions to staff=%s", told)
    return told


def _said_done(
    db: Session, facility: Facility, programmes: Sequence[Programme], given: Sequence[Done], *, now: datetime
) -> Iterator[StaffLine]:
    """Answers "sudah" that no record bears out yet."""
    by_name = {programme.name: programme for programme in programmes}
    for past in reminders_since(db, now - ANSWERS_LOOKED_AT):
        programme = by_name.get(past.programme)
        if programme is None or past.answer != "done":
            continue
        asked_on = facility.today(past.created_at)
        question = said_done(programme, past.item, person_id=past.person_id, asked_on=asked_on, doses=given)
        if question is not None:
            yield StaffLine(past.person_id, programme, question)


def _tell(database: Database, line: StaffLine, *, now: datetime) -> bool:
    person_id = line.person_id
    with database.transaction() as db:
        contact_id = next(iter(contacts_of(db, person_id)), None)
        if contact_id is None:
            return False
        is_new = tell_staff_once(
            db,
            person_id=person_id,
            contact_id=contact_id,
            programme=line.programme.name,
            item=line.question.item,
            since=line.question.since,
            now=now,
        )
        if is_new:
            topic = f"person:{person_id} {line.question.item}"
            text, due = line.text, CASE_DUE_HOURS
            open_case(db, kind=CASE_KIND, topic=topic, text=text, contact_id=contact_id, now=now, due_hours=due)
        return is_new
