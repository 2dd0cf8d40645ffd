"""Two who merge at once, a ring, people who book while they are merged: one record, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select

from clinic.contacts import Contact, PersonLink, link_person
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.merging import MergeRefused, columns_of_people, merge_people
from clinic.people import Person, add_person, standing_id
from clinic.programmes import record_dose
from clinic.queue import HOLDS_A_NUMBER, QueueEntry, cancel_number, take_number

ROUNDS = 12


class Office:
    """Staff and patients at work at the same moment."""

    def __init__(self, database: Database, keeper: IdentityKeeper, facility: Facility, now: datetime) -> None:
        self.database, self.keeper, self.facility, self.now = database, keeper, facility, now

    def person(self, name: str = "Siti Aminah") -> int:
        with self.database.transaction() as db:
            return add_person(db, name=name, keeper=self.keeper, now=self.now).id

    def phone(self) -> int:
        with self.database.transaction() as db:
            contact = Contact(created_at=self.now)
            db.add(contact)
            db.flush()
            return contact.id

    def merge(self, keep: int, gone: int) -> str:
        try:
            with self.database.transaction() as db:
                merge_people(db, keep=keep, gone=gone, actor="staff:1", now=self.now)
        except MergeRefused as refused:
            return refused.reason
        return "merged"

    def merge_until_free(self, keep: int, gone: int) -> str:
        """Staff press again while a patient is in the middle of something."""
        outcome = "busy"
        while outcome in ("busy", "changed"):
            outcome = self.merge(keep, gone)
        return outcome

    def book(self, person: int, contact: int | None = None) -> int:
        """As a turn of a chat does: the link first, then the number, in one transaction."""
        with self.database.transaction() as db:
            if contact is not None:
                link_person(db, contact_id=contact, person_id=person, role="self", proof="claimed", now=self.now)
            ticket = take_number(
                db,
                facility=self.facility,
                poli="umum",
                day=self.facility.today(self.now),
                session="pagi",
                person_id=person,
                contact_id=contact,
                via="sms",
                now=self.now,
            )
            return ticket.id

    def cancel_and_book(self, entry: int, person: int) -> int:
        with self.database.transaction() as db:
            cancel_number(db, entry, facility=self.facility, now=self.now, keep=False)
        return self.book(person)

    def says_done(self, person: int) -> None:
        with self.database.transaction() as db:
            day = self.facility.today(self.now)
            record_dose(db, person_id=person, programme="hipertensi", item="HT_KONTROL", given_on=day, proof="said")

    def left_behind(self) -> int:
        """Rows that belong to somebody who was merged."""
        with self.database.reading() as db:
            merged = select(Person.id).where(Person.merged_into_id.is_not(None))
            return sum(
                db.scalar(select(func.count()).select_from(column.table).where(column.in_(merged))) or 0
                for column in columns_of_people()
            )


@pytest.fixture
def office(database: Database, keeper: IdentityKeeper, facility: Facility, now: datetime) -> Office:
    return Office(database, keeper, facility, now)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each returns, all begun at the same moment."""
    start = Barrier(len(acts))

    def act(do: Callable[[], object]) -> object:
        start.wait(timeout=10)
        return do()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(timeout=60) for done in [pool.submit(act, each) for each in acts]]


def test_two_staff_merge_the_same_pair_and_one_of_them_is_told_so(office: Office) -> None:
    for _ in range(ROUNDS):
        one, other = office.person(), office.person()

        outcomes = at_once(lambda a=one, b=other: office.merge(a, b), lambda a=one, b=other: office.merge(a, b))

        assert ["merged", "merged_already"] == sorted(map(str, outcomes))


def test_a_ring_is_never_made(office: Office) -> None:
    for _ in range(ROUNDS):
        one, other = office.person(), office.person()

        outcomes = at_once(lambda a=one, b=other: office.merge(a, b), lambda a=one, b=other: office.merge(b, a))

        assert ["merged", "merged_already"] == sorted(map(str, outcomes))
        with office.database.transaction() as db:
            assert standing_id(db, one) == standing_id(db, other)


def test_three_in_a_ring_end_as_one_or_two_records_that_lead_somewhere(office: Office) -> None:
    for _ in range(ROUNDS):
        a, b, c = (office.person() for _ in range(3))

        at_once(
            lambda x=a, y=b: office.merge_until_free(x, y),
            lambda x=b, y=c: office.merge_until_free(x, y),
            lambda x=c, y=a: office.merge_until_free(x, y),
        )

        with office.database.transaction() as db:
            ends = {standing_id(db, each) for each in (a, b, c)}
        assert len(ends) <= 2
    assert office.left_behind() == 0


def test_who_books_while_they_are_merged_holds_one_number_under_the_kept_record(office: Office) -> None:
    for _ in range(ROUNDS):
        keep, gone, contact = office.person(), office.person(), office.phone()

        merged, entry = at_once(
            lambda k=keep, g=gone: office.merge_until_free(k, g), lambda g=gone, c=contact: office.book(g, c)
        )

        assert "merged" == merged
        with office.database.reading() as db:
            assert keep == db.get_one(QueueEntry, entry).person_id
            links = db.scalars(select(PersonLink.person_id).where(PersonLink.contact_id == contact))
            assert [keep] == list(links)
    assert office.left_behind() == 0


def test_both_book_while_they_are_merged_and_nobody_holds_two_numbers(office: Office) -> None:
    for _ in range(ROUNDS):
        keep, gone = office.person(), office.person()

        outcomes = at_once(
            lambda k=keep, g=gone: office.merge_until_free(k, g),
            lambda k=keep: office.book(k),
            lambda g=gone: office.book(g),
        )

        assert outcomes[0] in ("merged", "two_numbers")
        with office.database.reading() as db:
            live = select(QueueEntry.person_id).where(QueueEntry.state.in_(HOLDS_A_NUMBER))
            holders = sorted(db.scalars(live.where(QueueEntry.person_id.in_((keep, gone)))))
        assert holders == ([keep] if outcomes[0] == "merged" else sorted((keep, gone)))
    assert office.left_behind() == 0


def test_changing_ones_day_and_saying_done_while_being_merged_blocks_nobody(office: Office) -> None:
    for _ in range(ROUNDS):
        keep, gone = office.person(), office.person()
        entry = office.book(gone)

        outcomes = at_once(
            lambda k=keep, g=gone: office.merge_until_free(k, g),
            lambda e=entry, g=gone: office.cancel_and_book(e, g),
            lambda g=gone: office.says_done(g),
        )

        assert "merged" == outcomes[0]
    assert office.left_behind() == 0
