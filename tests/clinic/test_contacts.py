"""Contacts: one phone is one contact, a phone is not a person, and stop means stop."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.contacts import (
    Address,
    Contact,
    best_address,
    block_address,
    contact_of,
    contacts_of,
    find_or_create_contact,
    has_opted_out,
    link_person,
    mark_greeted,
    opt_in,
    opt_out,
    people_of,
    unlink_person,
)
from clinic.database import Database
from tests.clinic.hands import PHONE, a_contact, a_person, at_once


def test_first_messages_at_once_make_one_contact(database: Database, now: datetime) -> None:
    def write(db: Session, _turn: int) -> int:
        return a_contact(db, now)[0]

    ids = at_once(database, write, range(24))
    with database.reading() as db:
        assert (1, 1, 1) == (len(set(ids)), db.scalar(select(func.count(Contact.id))), _addresses(db))


def _addresses(db: Session) -> int:
    return db.scalar(select(func.count(Address.id))) or 0


def test_one_number_on_two_channels_is_one_contact_with_two_addresses(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        whatsapp = a_contact(db, now, channel="whatsapp")
        sms = a_contact(db, now, channel="sms")
        assert (True, False) == (whatsapp[0] == sms[0], whatsapp[1] == sms[1])


def test_a_user_id_without_a_number_is_a_contact_of_its_own(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        assert a_contact(db, now, address="ID.1001")[0] != a_contact(db, now, address="ID.1001", channel="sms")[0]


def test_a_profile_name_that_changes_is_kept(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        find_or_create_contact(db, channel="sms", address=PHONE, profile_name="Siti", now=now)
        contact, _ = find_or_create_contact(db, channel="sms", address=PHONE, profile_name="Ibu Siti\x00" * 40, now=now)
        assert "Ibu Siti" * 25 == (contact.profile_name or "")[:200].replace("\x00", "")[:200]


def test_the_address_last_written_from_is_the_best(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact, sms = find_or_create_contact(db, channel="sms", address=PHONE, profile_name=None, now=now)
        _, whatsapp = find_or_create_contact(db, channel="whatsapp", address=PHONE, profile_name=None, now=now)
        never_written = best_address(db, contact.id)
        sms.last_inbound_at, whatsapp.last_inbound_at = now, now - timedelta(days=1)
        db.flush()
        last = best_address(db, contact.id)
        block_address(db, sms.id, now=now)
        fallback = best_address(db, contact.id)
        block_address(db, whatsapp.id, now=now)
        nowhere = best_address(db, contact.id)
    assert (sms, sms, whatsapp, None) == (never_written, last, fallback, nowhere)


def test_stop_counts_from_the_first_time_and_start_ends_it(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        opt_out(db, contact_id, now=now)
        opt_out(db, contact_id, now=now + timedelta(days=1))
        stopped = contact_of(db, contact_id)
        is_out = has_opted_out(db, contact_id)
        opt_in(db, contact_id, now=now + timedelta(days=2))
        assert stopped is not None
        assert (now, True, False) == (stopped.opted_out_at, is_out, has_opted_out(db, contact_id))


def test_greeting_is_noted_once(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        before = contact_of(db, contact_id)
        mark_greeted(db, contact_id, now=now)
        mark_greeted(db, contact_id, now=now + timedelta(days=1))
        after = contact_of(db, contact_id)
    assert before is not None
    assert after is not None
    assert (None, now) == (before.greeted_at, after.greeted_at)


def test_one_phone_speaks_for_a_family_its_owner_first(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        child, owner = a_person(db, now, name="Budi Contoh", birth_date=date(2026, 1, 5)), a_person(db, now)
        link_person(db, contact_id=contact_id, person_id=child, role="child", proof="claimed", now=now)
        link_person(db, contact_id=contact_id, person_id=owner, role="self", proof="claimed", now=now)
        linked = people_of(db, contact_id)
    assert [("Siti Contoh", None), ("Budi Contoh", date(2026, 1, 5))] == [(p.name, p.birth_date) for p in linked]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        pytest.param("claimed", "matched", "matched", id="claimed then matched"),
        pytest.param("staff", "claimed", "staff", id="staff then claimed"),
        pytest.param("matched", "staff", "staff", id="matched then staff"),
        pytest.param("matched", "matched", "matched", id="matched twice"),
    ],
)
def test_a_proof_only_grows(database: Database, now: datetime, first: str, second: str, kept: str) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        person_id = a_person(db, now)
        for proof in (first, second):
            link_person(db, contact_id=contact_id, person_id=person_id, role="self", proof=proof, now=now)
        assert [kept] == [link.proof for link in people_of(db, contact_id)]


def test_a_role_is_not_lost_when_the_register_knows_only_that_the_two_belong_together(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        person_id = a_person(db, now)
        link_person(db, contact_id=contact_id, person_id=person_id, role="self", proof="claimed", now=now)
        link_person(db, contact_id=contact_id, person_id=person_id, role="other", proof="staff", now=now)
        assert [("self", "staff")] == [(link.role, link.proof) for link in people_of(db, contact_id)]


def test_links_made_at_once_are_one(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        person_id = a_person(db, now)

    def link(db: Session, proof: str) -> None:
        link_person(db, contact_id=contact_id, person_id=person_id, role="self", proof=proof, now=now)

    at_once(database, link, ["claimed", "matched"] * 8)
    with database.reading() as db:
        assert ["matched"] == [link.proof for link in people_of(db, contact_id)]


def test_an_unlinked_person_is_gone_and_may_come_back(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        person_id = a_person(db, now)
        tie = {"contact_id": contact_id, "person_id": person_id}
        link_person(db, **tie, role="self", proof="staff", now=now)
        first, second = unlink_person(db, **tie, now=now), unlink_person(db, **tie, now=now)
        gone = people_of(db, contact_id)
        link_person(db, **tie, role="self", proof="claimed", now=now)
        back = people_of(db, contact_id)
    assert (True, False, (), ["claimed"]) == (first, second, gone, [link.proof for link in back])


def test_who_is_written_to_about_a_person_has_the_best_proof_and_did_not_say_stop(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        person_id = a_person(db, now)
        contacts = [a_contact(db, now, address=f"+628120000000{number}")[0] for number in range(3)]
        for contact_id, proof in zip(contacts, ("claimed", "staff", "matched"), strict=True):
            link_person(db, contact_id=contact_id, person_id=person_id, role="child", proof=proof, now=now)
        opt_out(db, contacts[1], now=now)
        assert (contacts[2], contacts[0]) == contacts_of(db, person_id)
