"""Who is there, who came late and who has priority: whom the next call means."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.queue import (
    Ticket,
    call_next,
    call_number,
    cancel_number,
    check_in,
    day_list,
    finish,
    line_order,
    now_serving,
    set_priority,
    skip,
)
from clinic.queue_events import jumps_on
from clinic.queue_table import QueueEvent
from tests.clinic.counter import TUESDAY, Counter

STAFF = "staff:1"


class Desk:
    """Somebody at the dentist's counter, in one transaction."""

    def __init__(self, db: Session, facility: Facility, now: datetime) -> None:
        self.db, self.facility, self.now = db, facility, now
        self.staff: dict[str, Any] = {"facility": facility, "now": now, "actor": STAFF}

    def give(self, count: int, **fields: Any) -> list[Ticket]:
        return [Counter(self.db, self.facility, self.now).take_new(**fields) for _ in range(count)]

    def arrive(self, *tickets: Ticket) -> list[bool]:
        """Whether each of them is late."""
        arrived = [check_in(self.db, ticket.id, **self.staff) for ticket in tickets]
        return [each.is_late for each in arrived if each is not None]

    def serve(self, *, at: datetime | None = None) -> str | None:
        """The next one, served at once."""
        staff = self.staff | ({"now": at} if at is not None else {})
        called = call_next(self.db, "gigi", TUESDAY, **staff)
        return called.code if called is not None and finish(self.db, called.id, **staff) else None

    def line(self) -> list[str]:
        codes = {row.id: row.code for row in day_list(self.db, TUESDAY, facility=self.facility)}
        return [codes[each] for each in line_order(self.db, self.facility, "gigi", TUESDAY)]


def test_who_is_not_there_yet_is_not_called_while_somebody_is(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        tickets = desk.give(4)
        desk.arrive(tickets[2], tickets[1])
        assert ["B2", "B3", "B1", "B4"] == [desk.serve() for _ in range(4)]


def test_who_comes_as_told_is_not_late_because_somebody_sat_there_early(
    database: Database, facility: Facility, now: datetime
) -> None:
    """B6 was there at opening and nobody else; B4 comes when three are still expected before them."""
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        tickets = desk.give(6)
        desk.arrive(tickets[5])
        assert ("B6", [False]) == (desk.serve(), desk.arrive(tickets[3]))
        assert ["B1", "B2", "B3", "B4", "B5"] == desk.line()


def test_whose_turn_has_passed_stands_behind_the_next_three_who_are_there(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        tickets = desk.give(8)
        desk.arrive(*tickets[1:])
        assert ("B2", [True]) == (desk.serve(), desk.arrive(tickets[0]))
        assert ["B3", "B4", "B5", "B1", "B6", "B7", "B8"] == desk.line()


@pytest.mark.parametrize("by_hand", [pytest.param(True, id="by hand"), pytest.param(False, id="with priority")])
def test_who_was_called_before_others_makes_nobody_late(
    database: Database, facility: Facility, now: datetime, by_hand: bool
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        tickets = desk.give(4)
        desk.arrive(*tickets[1:])
        if by_hand:
            assert call_number(db, tickets[3].id, "gigi", reason="dokter", **desk.staff) is not None
        else:
            assert set_priority(db, tickets[3].id, "gawat", **desk.staff)
            assert call_next(db, "gigi", TUESDAY, **desk.staff) is not None
        assert [False] == desk.arrive(tickets[0])


def test_who_comes_a_second_time_to_say_so_changes_nothing(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        (ticket,) = desk.give(1)
        assert [False, False] == desk.arrive(ticket, ticket)
        assert ["taken", "arrived"] == list(db.scalars(select(QueueEvent.kind).order_by(QueueEvent.id)))


def test_who_was_skipped_and_took_another_number_is_not_let_in_twice(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        (first,) = desk.give(1)
        assert call_next(db, "gigi", TUESDAY, **desk.staff) is not None and skip(db, first.id, **desk.staff)
        second = Counter(db, facility, now).take(first.person_id)
        assert (True, None) == (second.is_new, check_in(db, first.id, **desk.staff))
        assert ["skipped", "waiting"] == [row.state for row in day_list(db, TUESDAY, facility=facility)]


def test_a_number_that_was_given_back_cannot_arrive(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        (ticket,) = desk.give(1)
        cancel_number(db, ticket.id, facility=facility, now=now)
        assert [] == desk.arrive(ticket)


def test_the_rule_of_turns_goes_by_the_order_of_calls_although_the_clock_was_set_back(
    database: Database, facility: Facility, now: datetime
) -> None:
    """Two regular ones are called an hour "before" one with priority: the count goes on from there all the same."""
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        tickets = desk.give(7)
        assert set_priority(db, tickets[0].id, "lansia", **desk.staff)
        assert set_priority(db, tickets[6].id, "lansia", **desk.staff)
        earlier = now - timedelta(hours=1)
        called = [desk.serve(), desk.serve(at=earlier), desk.serve(at=earlier), desk.serve(at=earlier)]
        assert ["B1", "B2", "B3", "B7"] == called


def test_the_board_shows_the_number_called_last_although_the_clock_was_set_back(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        desk.give(2)
        desk.serve()
        earlier = now - timedelta(hours=1)
        call_next(db, "gigi", TUESDAY, facility=facility, now=earlier, actor=STAFF)
        row = next(row for row in now_serving(db, facility, TUESDAY) if row.poli == "gigi")
        assert "B2" == row.serving_code


def test_every_jump_is_kept_with_its_reason_and_how_many_were_passed(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        tickets = desk.give(4)
        desk.arrive(*tickets[:3])
        assert set_priority(db, tickets[2].id, "gawat", **desk.staff)
        desk.serve()
        call_number(db, tickets[3].id, "gigi", reason="dokter" * 20, **desk.staff)
        jumps = [(jump.number, jump.reason, jump.passed) for jump in jumps_on(db, TUESDAY)]
        assert [(4, ("dokter" * 20)[:40], 2), (3, "gawat", 2)] == jumps


def test_a_priority_that_nobody_knows_is_refused(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db, pytest.raises(ValueError, match="vip"):
        Counter(db, facility, now).take_new(priority="vip")


def test_an_emergency_between_two_regular_ones_does_not_make_priority_wait_longer(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = Desk(db, facility, now)
        tickets = desk.give(6)
        assert set_priority(db, tickets[5].id, "lansia", **desk.staff)
        first = desk.serve()
        assert set_priority(db, tickets[4].id, "gawat", **desk.staff)
        assert ["B1", "B5", "B2", "B6", "B3"] == [first, *(desk.serve() for _ in range(4))]
