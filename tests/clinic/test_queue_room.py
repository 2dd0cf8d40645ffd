"""What one room's page is made of."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_queue import Room
from clinic.identity import IdentityKeeper
from clinic.people import add_person
from clinic.queue import call_next, cancel_number, skip, take_number
from clinic.queue_room import RoomDay, age_on, given_number, room_day, suggest_priority

DAY = date(2026, 11, 23)
MELATI, KENANGA = "dr. Contoh Melati", "dr. Contoh Kenanga"


@pytest.fixture
def two_doctors(facility: Facility) -> Facility:
    """Poli Umum with a session and a room for each of two doctors."""
    umum = facility.polis[0]
    morning = umum.sessions[0]
    sessions = tuple(
        morning.model_copy(update={"name": name, "doctor": doctor})
        for name, doctor in (("melati", MELATI), ("kenanga", KENANGA))
    )
    polis = (umum.model_copy(update={"sessions": sessions}), *facility.polis[1:])
    rooms = tuple(
        Room(id=f"umum{number}", name=f"Ruang {number}", poli="umum", doctor=doctor)
        for number, doctor in enumerate((MELATI, KENANGA), 1)
    )
    return facility.model_copy(update={"polis": polis, "rooms": rooms})


def take(
    database: Database,
    keeper: IdentityKeeper,
    facility: Facility,
    now: datetime,
    *,
    session: str = "pagi",
    born: date | None = None,
    is_there: bool = True,
) -> int:
    with database.transaction() as db:
        person = add_person(db, name="Siti", birth_date=born, keeper=keeper, now=now)
        return take_number(
            db, facility=facility, poli="umum", day=DAY, session=session, person_id=person.id, contact_id=None,
            via="counter", now=now, has_arrived=is_there,
        ).id  # fmt: skip


def look(database: Database, facility: Facility, room: str = "umum") -> RoomDay:
    found = facility.room(room)
    assert found is not None
    with database.reading() as db:
        return room_day(db, facility, found, DAY)


def codes(rows: tuple[object, ...]) -> list[str]:
    return [row.code for row in rows]  # type: ignore[attr-defined]  # rows of the queue


def test_the_next_one_on_the_page_is_the_next_one_called(
    database: Database, keeper: IdentityKeeper, facility: Facility, now: datetime
) -> None:
    for place in range(5):
        take(database, keeper, facility, now, is_there=place in (2, 4))
    for _ in range(5):
        here = look(database, facility)
        with database.transaction() as db:
            called = call_next(db, "umum", DAY, facility=facility, now=now)
            assert called is not None
            assert here.next_id == called.id
            assert here.next_row is not None
            assert skip(db, called.id, facility=facility, now=now)
    assert look(database, facility).next_row is None


def test_whom_the_other_doctor_waits_for_stands_apart_and_is_not_called_here(
    database: Database, keeper: IdentityKeeper, two_doctors: Facility, now: datetime
) -> None:
    take(database, keeper, two_doctors, now, session="kenanga")
    take(database, keeper, two_doctors, now, session="melati")
    one, two = look(database, two_doctors, "umum1"), look(database, two_doctors, "umum2")
    assert (["A2"], ["A1"]) == (codes(one.present), codes(one.for_others))
    assert (["A1"], ["A2"]) == (codes(two.present), codes(two.for_others))
    with database.transaction() as db:
        call_next(db, "umum1", DAY, facility=two_doctors, now=now)
    one, two = look(database, two_doctors, "umum1"), look(database, two_doctors, "umum2")
    assert (["A2"], ["A2"]) == (codes(one.called), codes(two.elsewhere))


def test_every_number_stands_in_exactly_one_place(
    database: Database, keeper: IdentityKeeper, facility: Facility, now: datetime
) -> None:
    ids = [take(database, keeper, facility, now, is_there=place % 2 == 0) for place in range(6)]
    with database.transaction() as db:
        call_next(db, "umum", DAY, facility=facility, now=now)
        cancel_number(db, ids[5], facility=facility, now=now)
    here = look(database, facility)
    places = (here.called, here.elsewhere, here.present, here.absent, here.for_others, here.skipped, here.done)
    every = [code for rows in (*places, here.cancelled) for code in codes(rows)]
    assert sorted(every) == [f"A{number}" for number in range(1, 7)]


def test_a_number_at_the_counter_counts_only_who_is_there_before_it(
    database: Database, keeper: IdentityKeeper, facility: Facility, now: datetime
) -> None:
    for place in range(4):
        take(database, keeper, facility, now, is_there=place == 2)
    mine = take(database, keeper, facility, now + timedelta(minutes=1))
    with database.reading() as db:
        given = given_number(db, facility, mine)
        assert given is not None
        assert 1 == given.before
        assert given_number(db, facility, mine + 99) is None


@pytest.mark.parametrize(
    ("born", "is_exact", "suggested"),
    [
        pytest.param(date(1966, 11, 23), True, "lansia", id="sixty today"),
        pytest.param(date(1966, 11, 24), True, None, id="sixty tomorrow"),
        pytest.param(date(1966, 12, 31), False, "lansia", id="an age of sixty was said"),
        pytest.param(date(2021, 11, 24), True, "balita", id="five tomorrow"),
        pytest.param(date(2021, 12, 31), False, None, id="an age of five was said"),
        pytest.param(date(2027, 1, 1), True, None, id="not born yet"),
        pytest.param(None, True, None, id="unknown"),
    ],
)
def test_an_age_suggests_a_priority(born: date | None, is_exact: bool, suggested: str | None) -> None:
    assert suggested == suggest_priority(born, day=DAY, is_exact=is_exact)


def test_somebody_born_on_a_leap_day_is_a_year_older_on_the_first_of_march() -> None:
    born = date(2024, 2, 29)
    assert (0, 1) == (age_on(born, date(2025, 2, 28)), age_on(born, date(2025, 3, 1)))
