"""Two records become one when staff say so: nothing is lost, nothing is doubled, and what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from clinic.audit import AuditEntry
from clinic.contacts import Address, Contact, PersonLink, link_person, people_of
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.membership import MembershipFacts, membership_of, save_membership
from clinic.merging import MergeRefused, MergeResult, columns_of_people, merge_people
from clinic.outbox import OutboxMessage
from clinic.people import Person, add_person, find_by_card, find_by_nik, person_by_id, standing_id
from clinic.people_search import search_people
from clinic.programmes import Dose, Enrolment, Reminder, end_enrolment, enrol, record_dose
from clinic.queue import QueueEntry, cancel_number, restore_number, take_number, tickets_of
from clinic.tables import METADATA
from clinic.told_apart import tell_apart, told_apart

NIK, OTHER_NIK = "6472015705900001", "6472015705900002"
CARD, OTHER_CARD = "0001111111111", "0002222222222"
BORN = date(1990, 5, 17)


class Register:
    """People and what belongs to them, written as the product does."""

    def __init__(self, database: Database, keeper: IdentityKeeper, facility: Facility, now: datetime) -> None:
        self.database, self.keeper, self.facility, self.now = database, keeper, facility, now
        self.addresses = count(1)

    def person(self, name: str = "Siti Aminah", **known: object) -> int:
        with self.database.transaction() as db:
            view = add_person(db, name=name, keeper=self.keeper, now=self.now, **known)  # type: ignore[arg-type]
            return view.id

    def phone(self, *people: int, proof: str = "claimed", role: str = "other") -> int:
        with self.database.transaction() as db:
            contact = Contact(created_at=self.now)
            db.add(contact)
            db.flush()
            for person in people:
                link_person(db, contact_id=contact.id, person_id=person, role=role, proof=proof, now=self.now)
            return contact.id

    def number(self, person: int, *, poli: str = "umum", days: int = 0) -> int:
        with self.database.transaction() as db:
            ticket = take_number(
                db,
                facility=self.facility,
                poli=poli,
                day=self.facility.today(self.now) + timedelta(days=days),
                session="pagi",
                person_id=person,
                contact_id=None,
                via="counter",
                now=self.now,
            )
            return ticket.id

    def merge(self, keep: int, gone: int, **choices: str) -> MergeResult:
        with self.database.transaction() as db:
            return merge_people(db, keep=keep, gone=gone, actor="staff:1", now=self.now, choices=choices)  # type: ignore[arg-type]

    def refusal(self, keep: int, gone: int, **choices: str) -> MergeRefused:
        before = self.snapshot()
        with pytest.raises(MergeRefused) as refused:
            self.merge(keep, gone, **choices)
        assert before == self.snapshot(), "a refusal changes nothing"
        return refused.value

    def snapshot(self) -> dict[str, list[tuple[object, ...]]]:
        with self.database.reading() as db:
            return {name: sorted(map(tuple, db.execute(select(t))), key=repr) for name, t in METADATA.tables.items()}

    def row(self, person: int) -> Person:
        with self.database.reading() as db:
            return db.get_one(Person, person)

    def points_to(self, person: int) -> dict[str, int]:
        """How many rows of each table are this person's."""
        with self.database.reading() as db:
            counts = {
                column.table.name: db.scalar(select(func.count()).select_from(column.table).where(column == person))
                for column in columns_of_people()
            }
        return {table: number for table, number in counts.items() if number}


@pytest.fixture
def register(database: Database, keeper: IdentityKeeper, facility: Facility, now: datetime) -> Register:
    return Register(database, keeper, facility, now)


FACTS = MembershipFacts(True, "AKTIF", None, None, None, date(2026, 11, 1))


def test_everything_of_the_double_is_the_kept_ones_afterwards(register: Register, now: datetime) -> None:
    keep, gone = register.person(), register.person("St. Aminah")
    contact, entry = register.phone(gone), register.number(gone)
    with register.database.transaction() as db:
        enrol(db, person_id=gone, programme="hipertensi", anchor=BORN, now=now)
        record_dose(db, person_id=gone, programme="hipertensi", item="HT_KONTROL", given_on=BORN, proof="record")
        save_membership(db, gone, FACTS, now=now)

    result = register.merge(keep, gone)

    assert {} == register.points_to(gone)
    expected = {"person_link": 1, "queue_entry": 1, "enrolment": 1, "dose": 1, "membership": 1}
    assert expected == result.moved
    assert expected | {"person": 1} == register.points_to(keep)
    with register.database.reading() as db:
        assert [keep] == [each.person_id for each in people_of(db, contact)]
        assert [entry] == [
            ticket.id
            for ticket in tickets_of(db, contact, facility=register.facility, from_day=register.facility.today(now))
        ]
        assert membership_of(db, keep) is not None


def test_every_table_that_knows_people_is_moved() -> None:
    """A later table is moved without a word; where one person has one row of it, somebody has to decide which."""
    known = {"person", "person_link", "queue_entry", "enrolment", "dose", "reminder", "membership"}

    assert known == {column.table.name for column in columns_of_people()}


def test_who_was_merged_is_found_as_the_kept_one(register: Register) -> None:
    keep, gone = register.person(), register.person("Aminah", nik=NIK, card=CARD)
    register.merge(keep, gone)

    with register.database.reading() as db:
        found = [
            person_by_id(db, gone, keeper=register.keeper),
            find_by_nik(db, NIK, keeper=register.keeper),
            find_by_card(db, CARD, keeper=register.keeper),
        ]
        assert [keep] * 3 == [each.id if each else None for each in found]
        assert [keep] == [each.id for each in search_people(db, "aminah", keeper=register.keeper, limit=9)]
        assert keep == standing_id(db, gone)
    assert (keep, "Aminah") == (register.row(gone).merged_into_id, register.row(gone).name)


def test_the_kept_one_takes_over_what_it_does_not_know(register: Register) -> None:
    keep = register.person()
    gone = register.person(nik=NIK, card=CARD, birth_date=BORN, sex="P")

    result = register.merge(keep, gone)

    kept = register.row(keep)
    assert (BORN, True, "P") == (kept.birth_date, kept.is_birth_date_exact, kept.sex)
    assert (register.keeper.hash(NIK), register.keeper.hash(CARD)) == (kept.nik_hash, kept.card_hash)
    assert {"nik", "card", "birth_date", "sex"} == set(result.taken_over)
    assert register.row(gone).nik_hash is None


@pytest.mark.parametrize("is_kept_exact", [True, False])
def test_an_exact_birth_date_beats_an_age_on_either_side(register: Register, is_kept_exact: bool) -> None:
    age = {"birth_date": date(1990, 7, 1), "is_birth_date_exact": False}
    exact = {"birth_date": BORN, "is_birth_date_exact": True}
    keep = register.person(**(exact if is_kept_exact else age))
    gone = register.person(**(age if is_kept_exact else exact))

    register.merge(keep, gone)

    assert (BORN, True) == (register.row(keep).birth_date, register.row(keep).is_birth_date_exact)


def test_two_nik_are_two_people(register: Register) -> None:
    keep, gone = register.person(nik=NIK), register.person(nik=OTHER_NIK)

    assert "other_nik" == register.refusal(keep, gone, name="keep").reason


def test_what_both_know_differently_is_chosen_by_staff(register: Register) -> None:
    keep = register.person(birth_date=BORN, sex="P", card=CARD)
    gone = register.person(birth_date=date(1990, 5, 7), sex="L", card=OTHER_CARD)

    refused = register.refusal(keep, gone, sex="keep")
    assert ("choose", ("birth_date", "card")) == (refused.reason, refused.fields)

    register.merge(keep, gone, birth_date="gone", sex="keep", card="gone")
    kept = register.row(keep)
    assert (date(1990, 5, 7), "P") == (kept.birth_date, kept.sex)
    with register.database.reading() as db:
        both = [find_by_card(db, card, keeper=register.keeper) for card in (CARD, OTHER_CARD)]
    assert [keep, keep] == [each.id if each else None for each in both], "the old card is still theirs"


def test_two_live_numbers_of_one_day_are_refused_with_both_named(register: Register) -> None:
    keep, gone = register.person(), register.person()
    register.number(keep)
    theirs = register.number(gone)

    refused = register.refusal(keep, gone)
    assert "two_numbers" == refused.reason
    assert [("umum", 1, 2)] == [(each.poli, each.keep_number, each.gone_number) for each in refused.numbers]

    with register.database.transaction() as db:
        cancel_number(db, theirs, facility=register.facility, now=register.now)
    register.merge(keep, gone)
    with register.database.transaction() as db:
        assert restore_number(db, theirs, facility=register.facility, now=register.now) is None, "one number a day"


def test_numbers_of_two_polis_or_days_are_both_kept(register: Register) -> None:
    keep, gone = register.person(), register.person()
    entries = [register.number(keep), register.number(gone, poli="gigi"), register.number(gone, days=1)]

    register.merge(keep, gone)

    with register.database.reading() as db:
        owners = set(db.scalars(select(QueueEntry.person_id).where(QueueEntry.id.in_(entries))))
    assert {keep} == owners


def test_a_phone_that_spoke_for_both_is_linked_once_with_the_stronger_proof(register: Register, now: datetime) -> None:
    keep, gone = register.person(), register.person()
    contact = register.phone(keep, role="child")
    with register.database.transaction() as db:
        link_person(db, contact_id=contact, person_id=gone, role="self", proof="staff", now=now)

    register.merge(keep, gone)

    with register.database.reading() as db:
        links = list(db.scalars(select(PersonLink).where(PersonLink.contact_id == contact)))
    assert [(keep, "self", "staff")] == [(each.person_id, each.role, each.proof) for each in links]


@pytest.mark.parametrize(
    ("kept", "other", "expected"),
    [
        pytest.param(("IPV1", 1, "said"), ("IPV1", 1, "record"), [("IPV1", 1, "record")], id="the books win"),
        pytest.param(("IPV1", 1, "record"), ("IPV1", 4, "said"), [("IPV1", 1, "record")], id="said some days later"),
        pytest.param(("HT", 1, "record"), ("HT", 4, "record"), [("HT", 1, "record"), ("HT", 4, "record")], id="twice"),
        pytest.param(("A", 1, "record"), ("B", 1, "said"), [("A", 1, "record"), ("B", 1, "said")], id="two doses"),
    ],
)
def test_a_dose_is_given_once(
    register: Register, kept: tuple[str, int, str], other: tuple[str, int, str], expected: list[tuple[str, int, str]]
) -> None:
    keep, gone = register.person(), register.person()
    with register.database.transaction() as db:
        for person, (item, day, proof) in ((keep, kept), (gone, other)):
            given = date(2026, 3, day)
            record_dose(db, person_id=person, programme="imunisasi_bayi", item=item, given_on=given, proof=proof)

    register.merge(keep, gone)

    with register.database.reading() as db:
        doses = list(db.scalars(select(Dose).where(Dose.person_id == keep).order_by(Dose.item, Dose.given_on)))
    assert expected == [(each.item, each.given_on.day, each.proof) for each in doses]


def test_of_two_enrolments_the_running_one_stays(register: Register, now: datetime) -> None:
    keep, gone = register.person(), register.person()
    with register.database.transaction() as db:
        enrol(db, person_id=keep, programme="hipertensi", anchor=date(2026, 1, 1), now=now)
        end_enrolment(db, person_id=keep, programme="hipertensi", reason="stop", now=now)
        enrol(db, person_id=gone, programme="hipertensi", anchor=date(2026, 9, 1), now=now)

    register.merge(keep, gone)

    with register.database.reading() as db:
        rows = [(each.person_id, each.anchor, each.ended_at) for each in db.scalars(select(Enrolment))]
    assert [(keep, date(2026, 9, 1), None)] == rows


def test_of_two_reminders_of_the_same_visit_one_stays_and_the_unsent_message_is_dropped(
    register: Register, now: datetime
) -> None:
    keep, gone = register.person(), register.person()
    contact = register.phone(keep, gone)
    with register.database.transaction() as db:
        address = Address(contact_id=contact, channel="sms", address="+628120000001")
        db.add(address)
        db.flush()
        for person in (keep, gone):
            message = _queued(f"reminder:{person}", address, now)
            db.add(message)
            db.flush()
            db.add(_reminder(person, contact, message.id, now))

    register.merge(keep, gone)

    with register.database.reading() as db:
        assert [keep] == list(db.scalars(select(Reminder.person_id)))
        assert ["dropped", "queued"] == sorted(db.scalars(select(OutboxMessage.state)))


def test_the_newer_word_of_the_register_stays(register: Register, now: datetime) -> None:
    keep, gone = register.person(), register.person()
    newer = replace(FACTS, is_active=False, as_of=date(2026, 11, 20))
    with register.database.transaction() as db:
        save_membership(db, keep, FACTS, now=now)
        save_membership(db, gone, newer, now=now)

    register.merge(keep, gone)

    with register.database.reading() as db:
        seen = membership_of(db, keep)
    assert seen is not None
    assert (newer.as_of, False) == (seen.as_of, seen.is_active)


def test_the_audit_says_what_moved_and_names_nobody(register: Register) -> None:
    keep, gone = register.person(nik=NIK), register.person("Aminah", birth_date=BORN)
    register.number(gone)
    register.merge(keep, gone)

    with register.database.reading() as db:
        act = db.scalars(select(AuditEntry).where(AuditEntry.action == "merge_people")).one()
    assert ("staff:1", f"person:{keep}") == (act.actor, act.subject)
    assert f"gone: {gone}; moved: queue_entry=1; taken: birth_date" == act.detail


def test_a_chain_of_merges_leads_to_the_last_one(register: Register) -> None:
    first, second, third = (register.person() for _ in range(3))
    entry = register.number(first)
    register.merge(second, first)
    register.merge(third, second)

    assert (third, third) == (register.row(first).merged_into_id, register.row(second).merged_into_id)
    with register.database.reading() as db:
        assert third == db.get_one(QueueEntry, entry).person_id


def test_rows_written_for_a_merged_person_go_to_the_kept_one(register: Register, now: datetime) -> None:
    keep, gone = register.person(), register.person()
    register.merge(keep, gone)

    register.phone(gone)
    entry = register.number(gone)
    with register.database.transaction() as db:
        enrol(db, person_id=gone, programme="hipertensi", anchor=BORN, now=now)
        record_dose(db, person_id=gone, programme="hipertensi", item="HT_KONTROL", given_on=BORN, proof="said")
        save_membership(db, gone, FACTS, now=now)

    assert {} == register.points_to(gone)
    assert entry == register.number(keep), "who holds a number is given it again, under either id"


@pytest.mark.parametrize("which", ["itself", "nobody", "already"])
def test_what_cannot_be_merged_is_refused(register: Register, which: str) -> None:
    one, other, third = (register.person() for _ in range(3))
    register.merge(one, other)
    keep, gone, reason = {
        "itself": (one, one, "same_record"),
        "nobody": (one, 999, "unknown"),
        "already": (third, other, "merged_already"),
    }[which]

    assert reason == register.refusal(keep, gone).reason


def test_pairs_told_apart_follow_the_kept_one(register: Register, now: datetime) -> None:
    keep, gone, sister = (register.person() for _ in range(3))
    with register.database.transaction() as db:
        tell_apart(db, keep, gone, actor="staff:1", now=now)
        tell_apart(db, sister, gone, actor="staff:1", now=now)

    register.merge(keep, gone)

    with register.database.reading() as db:
        assert {(keep, sister)} == told_apart(db)


def _queued(key: str, address: Address, now: datetime) -> OutboxMessage:
    return OutboxMessage(
        key=key,
        contact_id=address.contact_id,
        address_id=address.id,
        channel="sms",
        text="x",
        state="queued",
        not_before=now,
        useless_after=now + timedelta(hours=9),
        next_try_at=now,
        created_at=now,
    )


def _reminder(person: int, contact: int, outbox: int, now: datetime) -> Reminder:
    return Reminder(
        person_id=person,
        contact_id=contact,
        programme="imunisasi_bayi",
        item="P9M",
        occurrence="2026-11-24/-1",
        visit_on=date(2026, 11, 24),
        outbox_id=outbox,
        created_at=now,
    )
