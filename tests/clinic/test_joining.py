"""A WhatsApp user who comes by number and by id is one contact, whichever came first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from clinic.cases import Case, open_case
from clinic.contacts import Address, Contact, PersonLink, link_person
from clinic.conversations import save_state
from clinic.database import Database
from clinic.identity import IdentityKeeper
from clinic.inbound import mark_answered, receive
from clinic.people import add_person

NUMBER, USER_ID = "+6281200000041", "ID.1000000000000041"


class Post:
    """Messages that arrive, each answered at once unless told otherwise."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now, self.count = database, now, 0

    def brings(
        self, address: str, same_as: str | None = None, *, channel: str = "whatsapp", answered: bool = True
    ) -> int:
        self.count += 1
        with self.database.transaction() as db:
            received = receive(
                db,
                provider_id=f"SM{self.count}",
                channel=channel,
                address=address,
                text="halo",
                extra={"same_as": same_as} if same_as else {},
                now=self.now + timedelta(minutes=self.count),
            )
            if answered:
                mark_answered(db, received.inbound_id, now=self.now, reading={})
            return received.contact_id

    def addresses(self) -> set[tuple[str, str, int]]:
        with self.database.reading() as db:
            return {(row.channel, row.address, row.contact_id) for row in db.scalars(select(Address))}

    def contacts(self) -> int:
        with self.database.reading() as db:
            return db.scalar(select(func.count(Contact.id))) or 0


def test_first_the_number_then_the_id(database: Database, now: datetime) -> None:
    post = Post(database, now)
    first = post.brings(NUMBER, USER_ID)
    second = post.brings(USER_ID)

    assert first == second
    assert {("whatsapp", NUMBER, first), ("whatsapp", USER_ID, first)} == post.addresses()


def test_first_the_id_then_the_number(database: Database, now: datetime) -> None:
    post = Post(database, now)
    first = post.brings(USER_ID)
    second = post.brings(NUMBER, USER_ID)

    assert (first, 1) == (second, post.contacts())
    assert {("whatsapp", NUMBER, first), ("whatsapp", USER_ID, first)} == post.addresses()


def test_a_number_known_by_sms_and_an_id_are_one_as_soon_as_both_are_named(database: Database, now: datetime) -> None:
    post = Post(database, now)
    by_sms = post.brings(NUMBER, channel="sms")
    by_id = post.brings(USER_ID)
    both = post.brings(NUMBER, USER_ID)

    assert (True, by_sms, 1) == (by_sms != by_id, both, post.contacts())
    expected = {("sms", NUMBER, both), ("whatsapp", NUMBER, both), ("whatsapp", USER_ID, both)}
    assert expected == post.addresses()


def test_what_belonged_to_either_belongs_to_the_one_that_stays(
    database: Database, keeper: IdentityKeeper, now: datetime
) -> None:
    post = Post(database, now)
    older, newer = post.brings(NUMBER, channel="sms"), post.brings(USER_ID)
    with database.transaction() as db:
        open_case(db, kind="handover", topic="asked", text="x", contact_id=newer, urgent=False, now=now)
        shared, own = (add_person(db, name=name, keeper=keeper, now=now) for name in ("Siti", "Budi"))
        for contact, person in ((older, shared), (newer, shared), (newer, own)):
            link_person(db, contact_id=contact, person_id=person.id, role="self", proof="claimed", now=now)
        save_state(db, newer, {"flow": "menu"}, now=now)
    post.brings(NUMBER, USER_ID)

    with database.reading() as db:
        assert {older} == set(db.scalars(select(Case.contact_id)))
        assert [(older, shared.id), (older, own.id)] == [
            (link.contact_id, link.person_id) for link in db.scalars(select(PersonLink).order_by(PersonLink.person_id))
        ]


def test_a_contact_whose_message_waits_is_joined_with_the_next_one(database: Database, now: datetime) -> None:
    post = Post(database, now)
    post.brings(NUMBER, channel="sms")
    post.brings(USER_ID, answered=False)
    post.brings(NUMBER, USER_ID)
    assert 2 == post.contacts()

    with database.transaction() as db:
        mark_answered(db, 2, now=now, reading={})
    post.brings(NUMBER, USER_ID)
    assert 1 == post.contacts()


def test_who_said_stop_at_either_address_has_said_stop(database: Database, now: datetime) -> None:
    post = Post(database, now)
    older, newer = post.brings(NUMBER, channel="sms"), post.brings(USER_ID)
    with database.transaction() as db:
        db.get_one(Contact, newer).opted_out_at = now
    post.brings(NUMBER, USER_ID)

    with database.reading() as db:
        assert db.get_one(Contact, older).opted_out_at == now


def test_who_was_asked_at_either_address_how_far_they_live_is_not_asked_again(
    database: Database, now: datetime
) -> None:
    post = Post(database, now)
    older, newer = post.brings(NUMBER, channel="sms"), post.brings(USER_ID)
    with database.transaction() as db:
        asked = db.get_one(Contact, newer)
        asked.travel_asked_at, asked.travel_minutes = now, 30
    post.brings(NUMBER, USER_ID)

    with database.reading() as db:
        kept = db.get_one(Contact, older)
        assert (now, 30) == (kept.travel_asked_at, kept.travel_minutes)


def test_an_answer_goes_to_the_address_that_was_written_from(database: Database, now: datetime) -> None:
    post = Post(database, now)
    contact = post.brings(NUMBER, USER_ID)
    post.brings(USER_ID)
    with database.reading() as db:
        newest = db.scalars(
            select(Address).where(Address.contact_id == contact).order_by(Address.last_inbound_at.desc()).limit(1)
        ).one()
        assert USER_ID == newest.address
