"""Paper: numbers set aside are nobody else's, what was done on paper is typed back, and no conflict is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.board_news import calls_since
from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_queue import Bpjs
from clinic.paper_blocks import blocks_of, paper_sheets, set_aside
from clinic.paper_lines import PaperLine
from clinic.people import Person
from clinic.queue import QueueEntry, call_next, cancel_number, day_list, finish, line_order, skip
from clinic.queue_closing import close_days
from clinic.queue_paper import LineResult, type_back
from clinic.queue_sessions import add_change
from clinic.queue_table import BpjsEffect, QueueEvent, SessionCounter
from tests.clinic.counter import MONDAY, TUESDAY, Counter
from tests.clinic.hands import KEEPER, a_person, at_once

LATER = timedelta(hours=3)


@dataclass(frozen=True)
class Desk:
    """The counter at poli gigi on this Monday, 08.00; what is typed back is typed at 11.00."""

    database: Database
    facility: Facility
    now: datetime

    def take(self, *names: str) -> list[int]:
        with self.database.transaction() as db:
            counter = Counter(db, self.facility, self.now - timedelta(hours=1))
            return [counter.take(a_person(db, self.now, name=name), day=MONDAY).id for name in names]

    def print(self, *, anew: bool = False) -> range:
        with self.database.transaction() as db:
            block = set_aside(db, self.facility, "gigi", MONDAY, now=self.now, actor="cli", anew=anew)
        assert block is not None
        return block.numbers

    def type(self, *lines: PaperLine, day: date = MONDAY) -> tuple[LineResult, ...]:
        with self.database.transaction() as db:
            return type_back(
                db, self.facility, day, lines, keeper=KEEPER, now=self.now + LATER, actor="staff:3"
            )  # fmt: skip

    def states(self) -> dict[int, str]:
        with self.database.reading() as db:
            return {row.number: row.state for row in day_list(db, MONDAY, facility=self.facility, poli="gigi")}

    def taken(self) -> int:
        with self.database.reading() as db:
            return db.scalar(select(func.sum(SessionCounter.taken))) or 0


@pytest.fixture
def desk(database: Database, facility: Facility, now: datetime) -> Desk:
    rules = facility.queue.model_copy(update={"paper_numbers": 5})
    return Desk(database, facility.model_copy(update={"queue": rules}), now)


def line(number: str, state: str = "done", row: int = 1, **fields: str) -> PaperLine:
    return PaperLine(row=row, number=number, state=state, **fields)


def outcomes(results: Sequence[LineResult]) -> list[str]:
    return [each.reason or each.outcome for each in results]


def test_numbers_set_aside_are_given_to_nobody_else(desk: Desk) -> None:
    desk.take("Siti", "Budi")
    assert range(3, 8) == desk.print()
    desk.take("Yuli")
    assert [1, 2, 8] == list(desk.states())


def test_printing_again_prints_the_same_numbers_until_one_is_used_or_new_ones_are_asked_for(desk: Desk) -> None:
    assert range(1, 6) == desk.print() == desk.print()
    assert range(6, 11) == desk.print(anew=True) == desk.print()
    desk.type(line("B7", name="Siti"))
    assert range(11, 16) == desk.print()


def test_many_who_print_and_take_at_once_never_share_a_number(desk: Desk, now: datetime) -> None:
    with desk.database.transaction() as db:
        people = [a_person(db, now, name=f"Contoh {each}") for each in range(12)]

    def print_or_take(db: Session, turn: int) -> list[int]:
        if turn % 3 == 0:
            block = set_aside(db, desk.facility, "gigi", MONDAY, now=now, actor="cli", anew=True)
            assert block is not None
            return list(block.numbers)
        return [Counter(db, desk.facility, now).take(people[turn], day=MONDAY, beyond_quota=True).number]

    numbers = [number for each in at_once(desk.database, print_or_take, range(12)) for number in each]
    assert sorted(numbers) == list(range(1, 4 * 5 + 8 + 1))


@pytest.mark.parametrize(
    ("poli", "day"),
    [
        pytest.param("imunisasi", MONDAY, id="no session that day"),
        pytest.param("gigi", MONDAY - timedelta(days=1), id="a day gone by"),
        pytest.param("gigi", date(2026, 12, 31), id="a closed day"),
    ],
)
def test_nothing_is_set_aside_where_nobody_is_served(desk: Desk, poli: str, day: date) -> None:
    with desk.database.transaction() as db:
        assert set_aside(db, desk.facility, poli, day, now=desk.now, actor="cli") is None
        assert () == blocks_of(db, day)


def test_nothing_is_set_aside_for_a_poli_that_staff_closed_for_the_day(desk: Desk) -> None:
    with desk.database.transaction() as db:
        add_change(
            db, poli="gigi", day=MONDAY, session=None, kind="closed", reason="rapat", staff_id=None, now=desk.now
        )  # fmt: skip
        assert set_aside(db, desk.facility, "gigi", MONDAY, now=desk.now, actor="cli") is None


def test_the_sheet_has_each_polis_list_its_block_and_its_last_number(desk: Desk) -> None:
    desk.take("Siti", "Budi")
    desk.print()
    desk.type(line("B3", name="Joko"))
    with desk.database.transaction() as db:
        sheets = paper_sheets(db, desk.facility, MONDAY, desk.facility.polis, now=desk.now, actor="cli")
    assert ["umum", "gigi", "kia", "lansia"] == [each.poli.id for each in sheets]
    gigi = sheets[1]
    assert [1, 2, 3] == [row.number for row in gigi.rows]
    assert gigi.block is not None
    assert (2, range(8, 13)) == (gigi.last_given, gigi.block.numbers)


def test_a_whole_morning_on_paper_is_taken_over_with_its_times(desk: Desk) -> None:
    desk.take("Siti", "Budi", "Yuli", "Rohani")
    desk.print()
    results = desk.type(
        line("B1", arrived="8.05", called="08:20", done="08.31"),
        line("B2", "skipped"),
        line("B3", "cancelled"),
        line("B4", "waiting", arrived="9.00"),
        line("b5", name="Joko Susilo", birth_year="1950", priority="lansia", called="0940", done="0950"),
        line("B6", "menunggu", name="Ni Luh"),
    )
    assert ["kept"] * 6 == outcomes(results)
    assert {1: "done", 2: "skipped", 3: "cancelled", 4: "waiting", 5: "done", 6: "waiting"} == desk.states()
    with desk.database.reading() as db:
        rows = {row.number: row for row in day_list(db, MONDAY, facility=desk.facility, poli="gigi")}
        joko = db.get(Person, rows[5].person_id)
    at = desk.now.replace
    assert (at(minute=5), at(minute=20), at(minute=31)) == (rows[1].arrived_at, rows[1].called_at, rows[1].done_at)
    assert at(hour=9) == rows[4].arrived_at
    assert ("paper", "lansia", at(hour=9, minute=50)) == (rows[5].via, rows[5].priority, rows[5].done_at)
    assert joko is not None
    assert (date(1950, 7, 1), False) == (joko.birth_date, joko.is_birth_date_exact)


def test_the_same_sheet_again_changes_nothing(desk: Desk) -> None:
    desk.take("Siti", "Budi", "Yuli")
    desk.print()
    sheet = (
        line("B1", called="08.20", done="08.31"),
        line("B2", "cancelled"),
        line("B3", "waiting", arrived="9.00"),
        line("B4", name="Joko", birth_year="1950"),
        line("B5", "skipped", name="Rohani"),
    )
    desk.type(*sheet)
    before = everything(desk.database)
    assert ["same"] * 5 == outcomes(desk.type(*sheet))
    assert before == everything(desk.database)


def everything(database: Database) -> list[list[tuple[object, ...]]]:
    with database.reading() as db:
        return [
            [tuple(row) for row in db.execute(select(*table.__table__.columns).order_by(*table.__table__.primary_key))]
            for table in (QueueEntry, QueueEvent, SessionCounter, Person)
        ]


def test_good_lines_are_kept_although_others_conflict(desk: Desk) -> None:
    desk.take("Siti", "Budi")
    assert ["kept", "not_in_block", "kept"] == outcomes(desk.type(line("B1"), line("B9", name="Joko"), line("B2")))
    assert {1: "done", 2: "done"} == desk.states()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        pytest.param(line("12", name="Joko"), "bad_number", id="no letter"),
        pytest.param(line("B0", name="Joko"), "bad_number", id="zero"),
        pytest.param(line("Z3", name="Joko"), "unknown_poli", id="a letter without a poli"),
        pytest.param(line("B9", name="Joko"), "not_in_block", id="a number that was not set aside"),
        pytest.param(line("A3", name="Joko"), "not_in_block", id="set aside for another poli"),
        pytest.param(line("B3"), "no_name", id="nobody's name"),
        pytest.param(line("B3", "cancelled", name="Joko"), "nothing_to_cancel", id="given back by nobody"),
        pytest.param(line("B3", "selsai", name="Joko"), "bad_state", id="no such outcome"),
        pytest.param(line("B3", name="Joko", birth_year="50"), "bad_birth_year", id="half a year"),
        pytest.param(line("B3", name="Joko", birth_year="2031"), "bad_birth_year", id="born later"),
        pytest.param(line("B3", name="Joko", priority="vip"), "bad_priority", id="no such priority"),
        pytest.param(line("B1", done="9.65"), "bad_time", id="no such minute"),
        pytest.param(line("B1", done="siang"), "bad_time", id="no time"),
        pytest.param(line("B1", done="2.00"), "outside_day", id="at night"),
        pytest.param(line("B1", done="2026-11-22 09.00"), "outside_day", id="another day"),
        pytest.param(line("B1", done="11.30"), "in_the_future", id="later than now"),
        pytest.param(line("B1", called="9.00", done="8.50"), "times_in_disorder", id="done before called"),
        pytest.param(line("B1", name="Budi"), "other_name", id="another's number"),
        pytest.param(line("B3", name="siti  AMINAH"), "same_person", id="somebody who has a number"),
    ],
)
def test_a_line_that_cannot_be_is_named_and_changes_nothing(desk: Desk, typed: PaperLine, reason: str) -> None:
    desk.take("Siti Aminah", "Budi")
    desk.print()
    before = everything(desk.database)
    assert [reason] == outcomes(desk.type(typed))
    assert before == everything(desk.database)


def test_a_name_that_begins_the_known_one_is_that_one(desk: Desk) -> None:
    desk.take("Siti Aminah")
    assert ["kept"] == outcomes(desk.type(line("B1", name="siti")))


def test_a_number_typed_twice_with_different_words_is_not_taken_over_at_all(desk: Desk) -> None:
    desk.take("Siti", "Budi")
    results = desk.type(line("B1", row=1), line("b1", "skipped", row=2), line("B2", row=3), line("B2", row=4))
    assert ["typed_twice", "typed_twice", "kept", "same"] == outcomes(results)
    assert {1: "waiting", 2: "done"} == desk.states()


def test_a_number_given_back_by_message_but_served_on_paper_is_for_staff_to_decide(desk: Desk) -> None:
    (entry,) = desk.take("Siti")
    with desk.database.transaction() as db:
        cancel_number(db, entry, facility=desk.facility, now=desk.now, keep=False)
    (refused,) = desk.type(line("B1", done="8.30"))
    assert ("cancelled_but_served", "cancelled", "paper") == (refused.reason, refused.about, refused.choice)
    assert ({1: "cancelled"}, 0) == (desk.states(), desk.taken())
    assert ["kept"] == outcomes(desk.type(line("B1", done="8.30", decision="paper")))
    assert ({1: "done"}, 1) == (desk.states(), desk.taken())


def test_a_place_kept_aside_is_used_when_the_sheet_is_right(desk: Desk) -> None:
    (entry,) = desk.take("Siti")
    with desk.database.transaction() as db:
        cancel_number(db, entry, facility=desk.facility, now=desk.now)
    assert 1 == desk.taken()
    desk.type(line("B1", decision="paper"))
    assert ({1: "done"}, 1) == (desk.states(), desk.taken())


@pytest.mark.parametrize(
    ("online", "typed", "reason"),
    [
        ("done", "skipped", "other_outcome"),
        ("done", "waiting", "other_outcome"),
        ("done", "cancelled", "other_outcome"),
        ("skipped", "done", "skipped_but_served"),
        ("skipped", "waiting", "other_outcome"),
        ("called", "waiting", "other_outcome"),
        ("called", "cancelled", "other_outcome"),
    ],
)
def test_what_is_known_here_is_not_overwritten_in_silence(desk: Desk, online: str, typed: str, reason: str) -> None:
    desk.take("Siti")
    call(desk, online)
    assert [reason] == outcomes(desk.type(line("B1", typed)))
    assert {1: online} == desk.states()


def call(desk: Desk, outcome: str) -> None:
    with desk.database.transaction() as db:
        called = call_next(db, "gigi", MONDAY, facility=desk.facility, now=desk.now)
        assert called is not None
        if outcome != "called":
            close = finish if outcome == "done" else skip
            close(db, called.id, facility=desk.facility, now=desk.now)


def test_what_the_night_ended_may_be_told_by_paper_the_next_day(desk: Desk, now: datetime) -> None:
    desk.take("Siti", "Budi", "Yuli", "Joko")
    call(desk, "skipped")
    with desk.database.transaction() as db:
        assert 3 == close_days(db, desk.facility, now=now + timedelta(days=1))
    tomorrow = Desk(desk.database, desk.facility, now + timedelta(days=1))
    results = tomorrow.type(line("B1"), line("B2", called="8.30"), line("B3", "cancelled"), line("B4", "waiting"))
    assert ["skipped_but_served", "kept", "kept", "other_outcome"] == outcomes(results)
    assert {1: "skipped", 2: "done", 3: "cancelled", 4: "skipped"} == desk.states()


def test_staff_may_say_that_the_sheet_is_right_but_not_that_nothing_happened(desk: Desk) -> None:
    desk.take("Siti", "Budi")
    call(desk, "skipped")
    call(desk, "done")
    results = desk.type(line("B1", decision="paper"), line("B2", "waiting", decision="paper"))
    assert ["kept", "other_outcome"] == outcomes(results)
    assert {1: "done", 2: "done"} == desk.states()


def test_two_people_of_one_name_are_told_apart_by_birth_year_or_by_staff(desk: Desk) -> None:
    desk.print()
    desk.type(line("B1", name="Siti Aminah", birth_year="1950"))
    (refused,) = desk.type(line("B2", name="Siti Aminah"))
    assert ("same_person", "B1", "other") == (refused.reason, refused.about, refused.choice)
    results = desk.type(
        line("B2", name="Siti Aminah", birth_year="1990"), line("B3", name="Siti Aminah", decision="other")
    )
    assert ["kept", "kept"] == outcomes(results)


def test_the_same_name_twice_on_one_sheet_is_noticed(desk: Desk) -> None:
    desk.print()
    assert ["kept", "same_person"] == outcomes(desk.type(line("B1", name="Siti"), line("B2", name="Siti")))


def test_a_sheet_of_yesterday_is_typed_today_and_one_of_tomorrow_never(desk: Desk, now: datetime) -> None:
    desk.print()
    tomorrow = Desk(desk.database, desk.facility, now + timedelta(days=1))
    assert ["kept", "kept"] == outcomes(tomorrow.type(line("B1", name="Siti", called="14.00"), line("B2", name="Budi")))
    with desk.database.reading() as db:
        rows = day_list(db, MONDAY, facility=desk.facility)
    assert [("siang", None), ("siang", None)] == [(row.session, row.done_at) for row in rows]
    with pytest.raises(ValueError, match="2026-11-24"):
        desk.type(line("B1"), day=TUESDAY)


def test_numbers_of_paper_count_as_places_and_stand_behind_who_had_a_number_before(desk: Desk) -> None:
    desk.take("Siti")
    desk.print()
    desk.take("Yuli")
    desk.type(line("B2", "waiting", name="Joko"), line("B3", "waiting", name="Rohani", arrived="6.30"))
    with desk.database.reading() as db:
        numbers = {row.id: row.number for row in day_list(db, MONDAY, facility=desk.facility, poli="gigi")}
        order = [numbers[each] for each in line_order(db, desk.facility, "gigi", MONDAY)]
    assert ([1, 3, 7, 2], 4) == (order, desk.taken())


def test_what_was_called_on_paper_is_not_called_out_now(desk: Desk) -> None:
    desk.take("Siti")
    desk.type(line("B1"))
    call_time = desk.now + LATER
    with desk.database.reading() as db:
        assert () == calls_since(db, MONDAY, since=call_time - timedelta(minutes=1))


def test_bpjs_is_told_of_numbers_taken_and_called_on_paper_once(desk: Desk) -> None:
    telling = Desk(desk.database, desk.facility.model_copy(update={"bpjs": Bpjs(tell="ya")}), desk.now)
    telling.take("Siti", "Budi")
    telling.print()
    sheet = (line("B1"), line("B2", "skipped"), line("B3", name="Joko"))
    telling.type(*sheet)
    telling.type(*sheet)
    with telling.database.reading() as db:
        told = db.execute(
            select(QueueEntry.number, BpjsEffect.kind, BpjsEffect.status)
            .join(QueueEntry, QueueEntry.id == BpjsEffect.entry_id)
            .order_by(QueueEntry.number, BpjsEffect.id)
        ).all()
    assert [
        (1, "add", None), (1, "panggil", 1), (2, "add", None), (2, "panggil", 2), (3, "add", None), (3, "panggil", 1),
    ] == [tuple(row) for row in told]  # fmt: skip


def test_two_who_type_the_same_sheet_at_once_give_every_number_once(desk: Desk) -> None:
    desk.print()
    sheet = tuple(line(f"B{number}", name=f"Contoh {number}") for number in range(1, 6))

    def type_it(db: Session, _turn: int) -> tuple[LineResult, ...]:
        return type_back(
            db, desk.facility, MONDAY, sheet, keeper=KEEPER, now=desk.now + LATER, actor="staff:3"
        )  # fmt: skip

    results = at_once(desk.database, type_it, range(4))
    kept = [each for result in results for each in outcomes(result)]
    assert (5, 15) == (kept.count("kept"), kept.count("same"))
    assert 5 == len(desk.states()) == desk.taken()
