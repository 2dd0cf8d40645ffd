"""When a reminder goes out and until when it is of use: open days, quiet hours, outages, time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from clinic.facility import Facility
from scheduler.planning import Enrolled, PlannedReminder, due
from scheduler.quiet import sending_hours
from tests.scheduler.wonorejo import (
    INFANTS,
    LONG_AGO,
    PRESSURE,
    UP_TO_4_MONTHS,
    at,
    child,
    got,
    make_facility,
    plan,
    with_immunisation_on,
)

BORN = child("2026-02-24")
ON_TIME = got(UP_TO_4_MONTHS)
VISIT = (1, "imunisasi_bayi", "P9M", "2026-11-24")


def _one(now: str, facility: Facility | None = None, days: int = 1) -> PlannedReminder:
    (reminder,) = plan(BORN, now, doses=ON_TIME, facility=facility or make_facility(), days=days)
    return reminder


@pytest.mark.parametrize(
    ("now", "occurrence"),
    [
        pytest.param("2026-11-20 12:00", None, id="four days before: nothing"),
        pytest.param("2026-11-21 07:00", "2026-11-24/-3", id="three days before"),
        pytest.param("2026-11-22 12:00", "2026-11-24/-3", id="a day's outage: still useful"),
        pytest.param("2026-11-23 07:00", "2026-11-24/-1", id="the day before, instead of the first"),
        pytest.param("2026-11-24 07:00", "2026-11-24/0", id="on the day"),
        pytest.param("2026-11-24 11:00", None, id="the session is over"),
        pytest.param("2026-11-25 08:00", None, id="too late to say so"),
        pytest.param("2026-12-01 08:00", "2026-11-24/7", id="a week later"),
        pytest.param("2026-12-03 18:59", "2026-11-24/7", id="the last minute of the catch-up"),
        pytest.param("2026-12-03 19:00", None, id="catch-up over"),
        pytest.param("2026-12-24 08:00", "2026-11-24/30", id="thirty days later"),
        pytest.param("2027-01-20 08:00", None, id="then silence"),
    ],
)
def test_messages_go_out_around_the_visit_and_not_after_their_use(now: str, occurrence: str | None) -> None:
    planned = plan(BORN, now, doses=ON_TIME)
    assert [reminder.occurrence for reminder in planned] == ([occurrence] if occurrence else [])


def test_yesterdays_message_is_not_sent_on_the_day_of_the_visit() -> None:
    early_riser = make_facility(limits={"quiet_from": "06:00"})
    reminder = _one("2026-11-24 06:30", early_riser)
    assert (reminder.occurrence, reminder.send_at) == ("2026-11-24/0", at("2026-11-24 08:00"))


@pytest.mark.parametrize(
    ("facility", "visit_on"),
    [
        pytest.param(make_facility(), "2026-11-24", id="an open Tuesday"),
        pytest.param(with_immunisation_on("rabu"), "2026-11-25", id="the immunisation clinic is on Wednesdays"),
        pytest.param(with_immunisation_on("senin"), "2026-11-30", id="on Mondays: never before the age"),
        pytest.param(
            make_facility(closures=[{"day": "2026-11-24", "until": "2026-11-25", "reason": "Pilkada"}]),
            "2026-11-26",
            id="closed for two days",
        ),
    ],
)
def test_a_visit_is_on_a_day_that_is_held(facility: Facility, visit_on: str) -> None:
    planned = plan(BORN, "2026-11-21 07:00", doses=ON_TIME, facility=facility, days=10)
    assert {reminder.visit_on.isoformat() for reminder in planned if reminder.offset <= 0} == {visit_on}


def test_a_national_holiday_moves_the_visit() -> None:
    born = child("2026-03-25")
    planned = plan(born, "2026-12-25 07:00", doses=got({**UP_TO_4_MONTHS}), days=2)
    assert {reminder.visit_on for reminder in planned} == {date(2026, 12, 26)}


def test_after_a_missed_visit_the_next_open_day_is_offered() -> None:
    reminder = _one("2026-12-01 07:00", with_immunisation_on("selasa,kamis"))
    assert (reminder.visit_on, reminder.reason) == (date(2026, 12, 3), "7 days late: MR1, IPV2 at 9 months")


def test_a_centre_closed_for_months_invites_nobody() -> None:
    closed = make_facility(closures=[{"day": "2026-11-01", "until": "2027-04-30", "reason": "Renovasi"}])
    assert plan(BORN, "2026-11-24 07:00", doses=ON_TIME, facility=closed) == ()


@pytest.mark.parametrize(
    ("now", "send_at"),
    [
        pytest.param("2026-11-24 00:01", "2026-11-24 08:00", id="just after midnight"),
        pytest.param("2026-11-24 07:59", "2026-11-24 08:00", id="a minute early"),
        pytest.param("2026-11-24 08:00", "2026-11-24 08:00", id="on time"),
        pytest.param("2026-11-24 10:59", "2026-11-24 10:59", id="late, and still before the session ends"),
    ],
)
def test_it_is_sent_at_its_time_or_as_soon_as_we_can(now: str, send_at: str) -> None:
    assert _one(now).send_at == at(send_at)


@pytest.mark.parametrize(
    ("now", "next_allowed"),
    [
        pytest.param("2026-11-24 07:59", "2026-11-24 08:00", id="before eight"),
        pytest.param("2026-11-24 18:59", "2026-11-24 18:59", id="before seven in the evening"),
        pytest.param("2026-11-24 19:00", "2026-11-25 08:00", id="evening"),
        pytest.param("2026-11-27 11:29", "2026-11-27 11:29", id="Friday before prayer"),
        pytest.param("2026-11-27 11:30", "2026-11-27 13:00", id="Friday prayer begins"),
        pytest.param("2026-11-27 12:59", "2026-11-27 13:00", id="Friday prayer lasts"),
        pytest.param("2026-11-27 13:00", "2026-11-27 13:00", id="after prayer"),
        pytest.param("2026-11-26 12:00", "2026-11-26 12:00", id="Thursday noon"),
        pytest.param("2026-12-31 23:30", "2027-01-01 08:00", id="over the year's end, to a Friday"),
    ],
)
def test_quiet_hours_are_kept(now: str, next_allowed: str) -> None:
    assert sending_hours(make_facility()).next_allowed(at(now)) == at(next_allowed)


def test_quiet_hours_that_end_in_friday_prayer_wait_for_its_end() -> None:
    late_riser = make_facility(limits={"quiet_from": "12:00"})
    assert sending_hours(late_riser).next_allowed(at("2026-11-27 09:00")) == at("2026-11-27 13:00")


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        pytest.param(datetime(2026, 11, 23, 15, 59, tzinfo=UTC), "2026-11-24/-1", id="23:59 in Samarinda"),
        pytest.param(datetime(2026, 11, 23, 16, 1, tzinfo=UTC), "2026-11-24/0", id="00:01 in Samarinda"),
        pytest.param(datetime(2026, 11, 23, 23, 0, tzinfo=UTC), "2026-11-24/0", id="7 in the morning there"),
    ],
)
def test_the_day_is_the_health_centres_day(now: datetime, sent: str) -> None:
    planned = due([BORN], INFANTS, doses=ON_TIME, now=now, facility=make_facility(), days=1)
    assert [reminder.occurrence for reminder in planned] == ([] if sent.endswith("-1") else [sent])


@pytest.mark.parametrize(
    ("answer", "offsets"),
    [
        pytest.param(None, [-3, -1, 0, 7], id="no answer"),
        pytest.param("coming", [0, 7], id="coming: reminded on the day"),
        pytest.param("other_day", [7], id="another day: not of this one"),
        pytest.param("done", [], id="done: silence"),
        pytest.param("stop", [], id="stop: silence"),
    ],
)
def test_an_answer_changes_what_follows(answer: str | None, offsets: list[int]) -> None:
    answers = {VISIT: answer} if answer else {}
    planned = [
        reminder
        for day in ("2026-11-21", "2026-11-23", "2026-11-24", "2026-12-01")
        for reminder in plan(BORN, f"{day} 08:00", doses=ON_TIME, answers=answers)
    ]
    assert [reminder.offset for reminder in planned] == offsets


def _control(last: str, enrolled_on: date = LONG_AGO) -> Enrolled:
    return Enrolled(7, "hipertensi", date.fromisoformat(last), enrolled_on)


@pytest.mark.parametrize(
    ("last", "now", "visit_on"),
    [
        pytest.param("2026-10-24", "2026-11-23 07:00", "2026-11-24", id="a month after the last visit"),
        pytest.param("2026-01-31", "2026-02-27 07:00", "2026-02-28", id="the last of February"),
        pytest.param("2026-09-24", "2026-11-23 07:00", "2026-11-24", id="again a month later"),
        pytest.param("2026-10-22", "2026-11-22 07:00", "2026-11-23", id="a Sunday moves to Monday"),
    ],
)
def test_control_visits_come_every_month(last: str, now: str, visit_on: str) -> None:
    (reminder,) = plan(_control(last), now, programme=PRESSURE)
    assert (reminder.visit_on.isoformat(), reminder.poli) == (visit_on, "umum")


def test_a_kept_control_visit_counts_from_its_day() -> None:
    kept = got({"HT_KONTROL": "2026-11-20"}, person=7, programme="hipertensi")
    assert plan(_control("2026-10-24"), "2026-11-24 07:00", doses=kept, programme=PRESSURE) == ()
    (reminder,) = plan(_control("2026-10-24"), "2026-12-20 07:00", doses=kept, programme=PRESSURE)
    assert reminder.occurrence == "2026-12-20/-1"


def test_after_three_invitations_in_vain_no_more_are_sent() -> None:
    planned = [
        reminder.occurrence
        for month in range(2, 9)
        for reminder in plan(_control("2026-01-10"), f"2026-{month:02}-01 07:00", programme=PRESSURE, days=28)
        if reminder.offset == -1
    ]
    assert planned == ["2026-02-10/-1", "2026-03-10/-1", "2026-04-10/-1"]


def test_a_control_visit_overdue_on_enrolment_is_due_then() -> None:
    (reminder,) = plan(_control("2026-07-01", date(2026, 11, 24)), "2026-11-24 07:00", programme=PRESSURE)
    assert reminder.visit_on == date(2026, 11, 24)
