"""Conversation view: both sides of a talk in the order in which they happened."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from clinic.contacts import block_address, link_person
from clinic.conversation_view import contact_card, conversation, known_numbers
from clinic.conversations import hand_to_staff
from clinic.database import Database
from clinic.messages import list_messages
from clinic.outbox import queue_message
from clinic.staff import add_staff
from tests.clinic.hands import PHONE, a_contact, a_message, a_person

MINUTE = timedelta(minutes=1)


def an_answer(db: Session, at: datetime, text: str, *, staff_id: int | None = None) -> None:
    contact_id, address_id = a_contact(db, at)
    queue_message(
        db,
        key=text,
        contact_id=contact_id,
        address_id=address_id,
        channel="whatsapp",
        text=text,
        now=at,
        staff_id=staff_id,
    )


def a_talk(db: Session, now: datetime, *, turns: int) -> int:
    """Question and answer, turn by turn, a minute between any two; the contact's id."""
    for turn in range(turns):
        a_message(db, now + 2 * turn * MINUTE, provider_id=f"SM{turn}", text=f"tanya{turn}")
        an_answer(db, now + (2 * turn + 1) * MINUTE, f"jawab{turn}")
    return a_contact(db, now)[0]


def test_both_sides_stand_in_the_order_of_the_talk(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id = a_talk(db, now, turns=2)
        lines = conversation(db, contact_id, limit=10)
    assert [("in", "tanya0"), ("out", "jawab0"), ("in", "tanya1"), ("out", "jawab1")] == [
        (line.direction, line.text) for line in lines
    ]


def test_a_long_talk_shows_its_end_and_what_came_before_when_asked(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id = a_talk(db, now, turns=5)
        last = conversation(db, contact_id, limit=3)
        before = conversation(db, contact_id, limit=3, before=last[0].at)
    assert (["jawab3", "tanya4", "jawab4"], ["tanya2", "jawab2", "tanya3"]) == (
        [line.text for line in last],
        [line.text for line in before],
    )


def test_a_talk_does_not_show_other_contacts(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id = a_talk(db, now, turns=1)
        a_message(db, now, provider_id="SMx", address="+6281200000009", text="orang lain")
        assert ["tanya0", "jawab0"] == [line.text for line in conversation(db, contact_id, limit=10)]


def test_what_staff_wrote_carries_their_name(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        sari = add_staff(db, username="sari", name="Sari", role="staff", password="x" * 10, now=now)
        an_answer(db, now, "dari bot")
        an_answer(db, now + MINUTE, "dari Sari", staff_id=sari.id)
        lines = conversation(db, a_contact(db, now)[0], limit=10)
    assert [("dari bot", None), ("dari Sari", "Sari")] == [(line.text, line.staff_name) for line in lines]


def test_a_card_shows_the_last_used_address_first_and_who_holds_the_talk(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now, channel="sms")
        a_message(db, now, provider_id="SM1")
        person_id = a_person(db, now, name="Siti Contoh")
        link_person(db, contact_id=contact_id, person_id=person_id, role="self", proof="staff", now=now)
        hand_to_staff(db, contact_id, until=now + 60 * MINUTE)
    with database.reading() as db:
        card = contact_card(db, contact_id)
    assert card is not None
    assert ("Siti Contoh", ["whatsapp", "sms"], "staff", ["staff"]) == (
        card.name,
        [address.channel for address in card.addresses],
        card.handled_by,
        [tie.proof for tie in card.people],
    )


def test_there_is_no_card_of_nobody(database: Database) -> None:
    with database.reading() as db:
        assert contact_card(db, 1) is None


@pytest.mark.parametrize(
    ("channel", "hours", "takes"),
    [
        pytest.param("whatsapp", 23.9, True, id="within a day"),
        pytest.param("whatsapp", 24, False, id="after a day"),
        pytest.param("sms", 1000, True, id="by SMS at any time"),
    ],
)
def test_whatsapp_takes_free_text_for_a_day(
    database: Database, now: datetime, channel: str, hours: float, takes: bool
) -> None:
    with database.transaction() as db:
        a_message(db, now, provider_id="SM1")
        contact_id, address_id = a_contact(db, now, channel=channel)
        block_address(db, address_id, now=now)
    with database.reading() as db:
        card = contact_card(db, contact_id)
    assert card is not None
    (address,) = (each for each in card.addresses if each.channel == channel)
    assert (True, takes) == (address.is_blocked, address.takes_free_text(now + timedelta(hours=hours)))


def test_the_first_numbers_of_a_channel_are_known(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for number in range(3):
            a_contact(db, now, address=f"+628120000000{number}")
        a_contact(db, now, channel="sms")
        known = known_numbers(db, channel="whatsapp", limit=2)
    assert ["+6281200000000", "+6281200000001"] == [each.address for each in known]


def test_the_list_of_messages_has_the_newest_first(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id = a_talk(db, now, turns=2)
        a_message(db, now + 9 * MINUTE, provider_id="SMx", address="+6281200000009", text="orang lain")
        everybody, one = list_messages(db, limit=2), list_messages(db, limit=3, contact_id=contact_id)
    assert (["orang lain", "jawab1"], ["jawab1", "tanya1", "jawab0"], PHONE) == (
        [row.text for row in everybody],
        [row.text for row in one],
        one[0].address,
    )
