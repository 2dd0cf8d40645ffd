"""What a month cost, added up from what was sent, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from clinic.content_templates import note_made
from clinic.costs import Ledger, costs_on, dropped_for_budget, last_of_month
from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_delivery import Budget
from clinic.month_costs import MonthCosts, read_month
from tests.clinic.sent_messages import a_dropped_message, a_reminder, a_sent_message, a_served_number

SID = "HX" + "1" * 32
MONTH = date(2026, 11, 1)


def month(database: Database, facility: Facility, now: datetime, first: date = MONTH) -> MonthCosts:
    with database.reading() as db:
        return read_month(db, facility, first, now=now)


def at(text: str) -> datetime:
    """A time at the health centre."""
    return datetime.fromisoformat(f"{text}+08:00")


def test_a_month_is_added_up_by_route_kind_and_template(database: Database, facility: Facility, now: datetime) -> None:
    centre = facility.model_copy(update={"whatsapp_templates": {"reminder_today": SID}})
    with database.transaction() as db:
        a_sent_message(db, now, kind="reply")
        a_sent_message(db, now, kind="danger", route="gammu", cost=20_000, segments=2)
        a_sent_message(db, now - timedelta(days=3), kind="reminder", sid=SID, cost=41_250)
        a_sent_message(db, now - timedelta(days=4), kind="reminder", sid=SID, cost=41_250)
    seen = month(database, centre, now)
    assert (4, 110_500, 2) == (seen.amount.messages, seen.amount.cost, seen.amount.segments)
    assert [("whatsapp", 90_500), ("gammu", 20_000)] == [(name, amount.cost) for name, amount in seen.by_route]
    assert ["reminder", "danger", "reply"] == [name for name, _ in seen.by_kind]
    assert [("reminder_today", 2, 82_500)] == [
        (name, amount.messages, amount.cost) for name, amount in seen.by_template
    ]


def test_a_template_has_the_name_it_was_made_under_or_its_id(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        note_made(db, account="AC" + "0" * 32, name="queue_soon", wording="abc", sid=SID, now=now)
        a_sent_message(db, now, sid=SID, cost=2)
        a_sent_message(db, now, sid="HX" + "9" * 32, cost=1)
    names = [name for name, _ in month(database, facility, now).by_template]
    assert ["queue_soon", "HX" + "9" * 32] == names


@pytest.mark.parametrize(
    ("sent_at", "counts"),
    [
        pytest.param("2026-10-31T23:59:59", False, id="the last second of October"),
        pytest.param("2026-11-01T00:00", True, id="the first of November"),
        pytest.param("2026-11-30T23:59:59", True, id="the last second of November"),
        pytest.param("2026-12-01T00:00", False, id="December"),
    ],
)
def test_a_month_begins_and_ends_at_the_centres_midnight(
    database: Database, facility: Facility, sent_at: str, counts: bool
) -> None:
    with database.transaction() as db:
        a_sent_message(db, at(sent_at))
    assert counts == bool(month(database, facility, at("2026-12-15T08:00")).amount.messages)


def test_the_day_is_the_centres_own(database: Database, facility: Facility) -> None:
    with database.transaction() as db:
        a_sent_message(db, at("2026-11-10T07:30"))
    days = month(database, facility, at("2026-11-12T08:00")).days
    assert [10] == [each.day.day for each in days if each.lines]
    assert list(range(1, 13)) == [each.day.day for each in days]


def test_what_was_not_sent_costs_nothing(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        a_dropped_message(db, now)
        a_sent_message(db, now, state="queued", sent_at=None)
    assert 0 == month(database, facility, now).amount.messages


def test_what_was_taken_and_did_not_arrive_costs_its_price(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        a_sent_message(db, now, state="undelivered")
    assert 8_000 == month(database, facility, now).amount.cost


def test_messages_without_a_known_price_are_counted_by_route(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        a_sent_message(db, now)
        a_sent_message(db, now, route="twilio_sms", cost=None)
        a_sent_message(db, now, route=None, cost=None)
        a_sent_message(db, now, route="gammu", cost=0)
    seen = month(database, facility, now)
    assert (2, 8_000) == (seen.amount.unpriced, seen.amount.cost)
    assert {("twilio_sms", 1), ("", 1)} == {(name, amount.unpriced) for name, amount in seen.unpriced}


def test_only_what_the_budget_stopped_counts_as_given_up(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        for _ in range(3):
            a_dropped_message(db, now)
        a_dropped_message(db, now, kind="notice")
        a_dropped_message(db, now, why="useless")
        a_dropped_message(db, now - timedelta(days=40))
    with database.reading() as db:
        assert {"reminder": 3, "notice": 1} == dropped_for_budget(db, facility, MONTH, last_of_month(MONTH))


def test_a_running_month_has_a_forecast_and_another_has_none(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        for back in range(60):
            a_sent_message(db, now - timedelta(days=back), cost=10_000)
    running = month(database, facility, now)
    assert running.rest is not None
    # Seven days from the 24th to the 30th, and what today has cost already.
    assert (70_000, 28, False) == (running.rest.expected, running.rest.days, running.rest.is_uncertain)
    assert month(database, facility, now, date(2026, 10, 1)).rest is None
    assert month(database, facility, now, date(2026, 12, 1)).rest is None


def test_a_forecast_rests_on_the_days_since_the_first_message(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        a_sent_message(db, now - timedelta(days=4), cost=10_000)
    rest = month(database, facility, now).rest
    assert rest is not None
    assert (4, True) == (rest.days, rest.is_uncertain)


def test_the_budget_says_what_is_left_and_what_is_given_up(
    database: Database, facility: Facility, now: datetime
) -> None:
    centre = facility.model_copy(update={"budget": Budget(monthly=1000)})
    with database.transaction() as db:
        a_sent_message(db, now, kind="notice", cost=100_100)
    seen = month(database, centre, now)
    assert (100_000, 0, 100, ("reminder", "notice")) == (seen.monthly, seen.left, seen.percent, seen.given_up)


def test_without_a_budget_nothing_is_left_nor_given_up(database: Database, facility: Facility, now: datetime) -> None:
    seen = month(database, facility, now)
    assert (None, None, None, ()) == (seen.monthly, seen.left, seen.percent, seen.given_up)


def test_a_kept_visit_costs_its_share_of_all_that_was_spent(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        person = a_served_number(db, date(2026, 11, 20), now)
        a_served_number(db, date(2026, 11, 21), now)
        a_reminder(db, now - timedelta(days=5), person_id=person)  # a message of 8,000
        a_sent_message(db, now, cost=2_001)
    assert round(10_001 / 2) == month(database, facility, now).per_visit


def test_a_month_without_visits_has_no_price_per_visit(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        a_sent_message(db, now)
    assert month(database, facility, now).per_visit is None


def test_a_day_that_is_over_is_read_once_and_today_again(database: Database, facility: Facility, now: datetime) -> None:
    ledger = Ledger()
    yesterday, today = date(2026, 11, 22), date(2026, 11, 23)

    def messages() -> list[int]:
        with database.reading() as db:
            days = ledger.days(db, facility, first=yesterday, last=today, now=now)
        return [each.amount.messages for each in days]

    assert [0, 0] == messages()
    with database.transaction() as db:
        a_sent_message(db, now - timedelta(days=1))
        a_sent_message(db, now)
    assert [0, 1] == messages()
    ledger.forget_before(today)
    assert [1, 1] == messages()


def test_shortly_after_midnight_yesterday_may_still_grow(database: Database, facility: Facility) -> None:
    ledger, now = Ledger(), at("2026-11-24T00:20")
    for expected in (0, 1):
        with database.reading() as db:
            (day,) = ledger.days(db, facility, first=date(2026, 11, 23), last=date(2026, 11, 23), now=now)
        assert expected == day.amount.messages
        with database.transaction() as db:
            a_sent_message(db, at("2026-11-23T23:59:59"))


def test_equal_messages_are_one_line(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        for _ in range(5):
            a_sent_message(db, now, sid=SID)
    with database.reading() as db:
        (line,) = costs_on(db, facility, facility.today(now)).lines
    assert ("reply", "whatsapp", SID, 5) == (line.kind, line.route, line.template, line.amount.messages)
