"""Ways: one contact, several addresses and routes; which is taken for this message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.channels.routing import EVERY_ROUTE
from bot.ways import Way, Wish, address_for, best_way, best_way_to_person
from clinic.contacts import addresses_of, find_or_create_contact, link_person, opt_out
from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_delivery import Prices, Routes
from clinic.people import Person
from clinic.routes import OPENS_AFTER, note_failure, note_look

PHONE = "+6281200000001"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TEMPLATE = "HX" + "0" * 32


@dataclass(frozen=True)
class Contact:
    """One contact in one transaction, and what is asked about it."""

    db: Session
    facility: Facility
    now: datetime
    routes: tuple[str, ...] = tuple(EVERY_ROUTE)

    def with_address(self, channel: str, *, number: str = PHONE, **known: Any) -> Contact:
        _, address = find_or_create_contact(self.db, channel=channel, address=number, profile_name=None, now=self.now)
        for name, value in known.items():
            setattr(address, name, value)
        self.db.flush()
        return self

    def best(
        self, *, template: str | None = None, text: str = "Ingat kontrol.", within: timedelta = HOUR
    ) -> Way | None:
        wish = Wish(text=text, until=self.now + within, template_sid=template)
        routes = {name: kind for name, kind in EVERY_ROUTE.items() if name in self.routes}
        return best_way(self.db, 1, wish, facility=self.facility, routes=routes, now=self.now)

    def route(self, **fields: Any) -> str | None:
        way = self.best(**fields)
        return way and way.route


@pytest.fixture
def contact(database: Database, facility: Facility, now: datetime) -> Any:
    with database.transaction() as db:
        yield Contact(db, facility, now)


def test_who_wrote_on_whatsapp_today_is_answered_there_in_free_text(contact: Contact) -> None:
    way = contact.with_address("whatsapp", last_inbound_at=contact.now - HOUR).best()
    assert way is not None
    assert ("whatsapp", False, False) == (way.route, way.needs_template, way.address_id is None)


def test_the_window_has_to_be_open_until_the_message_may_leave(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - 20 * HOUR)
    assert ("whatsapp", "gammu") == (contact.route(within=3 * HOUR), contact.route(within=5 * HOUR))


def test_after_the_window_a_template_goes_where_there_is_one(contact: Contact) -> None:
    way = contact.with_address("whatsapp", last_inbound_at=contact.now - 3 * DAY).best(template=TEMPLATE)
    assert way is not None
    assert ("whatsapp", True) == (way.route, way.needs_template)


def test_a_number_known_from_whatsapp_gets_an_sms_where_nothing_else_is_left(contact: Contact) -> None:
    way = contact.with_address("whatsapp", last_inbound_at=contact.now - 3 * DAY).best()
    assert way is not None
    assert ("gammu", "sms", None, PHONE) == (way.route, way.channel, way.address_id, way.number)
    made = address_for(contact.db, way, now=contact.now)
    assert [("whatsapp", 1), ("sms", 1)] == [(each.channel, each.contact_id) for each in addresses_of(contact.db, 1)]
    assert made == addresses_of(contact.db, 1)[1].id


def test_a_hidden_number_has_no_other_way(contact: Contact) -> None:
    contact.with_address("whatsapp", number="ID.1000000000000001", last_inbound_at=contact.now - 3 * DAY)
    assert (None, "whatsapp") == (contact.route(), contact.route(template=TEMPLATE))


def test_the_phone_that_wrote_last_is_taken(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - 5 * HOUR)
    contact.with_address("sms", last_inbound_at=contact.now - 2 * HOUR)
    assert "gammu" == contact.route()


def test_where_the_last_message_failed_is_tried_last(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - 5 * HOUR, last_failed_at=contact.now - HOUR)
    contact.with_address("sms", last_inbound_at=contact.now - 40 * DAY)
    assert "gammu" == contact.route()


def test_what_arrived_after_a_failure_heals_it(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - HOUR, last_failed_at=contact.now - 2 * HOUR)
    contact.with_address("sms", last_delivered_at=contact.now - 3 * HOUR)
    assert "whatsapp" == contact.route()


def test_a_blocked_address_is_no_way(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - HOUR, blocked_at=contact.now)
    contact.with_address("sms", blocked_at=contact.now)
    assert contact.route() is None


def test_a_route_that_rests_gives_way(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - HOUR)
    contact.with_address("sms", last_inbound_at=contact.now - 9 * DAY)
    for _ in range(OPENS_AFTER):
        note_failure(contact.db, "whatsapp", error="unreachable", now=contact.now)
    assert "gammu" == contact.route()


def test_a_dead_modem_gives_way_to_the_phone(contact: Contact) -> None:
    contact.with_address("sms", last_inbound_at=contact.now - HOUR)
    note_look(contact.db, "gammu", seen_at=contact.now, trouble="modem_dead")
    assert "android" == contact.route()


def test_a_sender_that_cannot_be_answered_comes_after_one_that_can(contact: Contact) -> None:
    order = Routes(order=("twilio_sms", "android"))
    asked = replace(contact, facility=contact.facility.model_copy(update={"routes": order}))
    asked.with_address("sms", last_inbound_at=asked.now - HOUR)
    only = replace(asked, routes=("twilio_sms", "console"))
    assert ("android", "twilio_sms") == (asked.route(), only.route())


def test_the_cheaper_of_two_ways_that_work_is_taken(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - HOUR)
    contact.with_address("sms", last_inbound_at=contact.now - 9 * DAY)
    prices = Prices(whatsapp_reply=400, gammu_segment=250)
    asked = replace(contact, facility=contact.facility.model_copy(update={"prices": prices}))
    assert ("gammu", "whatsapp") == (asked.route(), asked.route(text="x" * 161))


def test_a_dear_way_that_works_comes_before_a_cheap_one_that_failed(contact: Contact) -> None:
    contact.with_address("whatsapp", last_inbound_at=contact.now - HOUR)
    contact.with_address("sms", last_failed_at=contact.now - HOUR)
    prices = Prices(whatsapp_reply=4000, gammu_segment=1)
    asked = replace(contact, facility=contact.facility.model_copy(update={"prices": prices}))
    assert "whatsapp" == asked.route()


def test_where_nothing_else_differs_the_order_in_puskesmas_yml_decides(contact: Contact) -> None:
    order = Routes(order=("android", "gammu"))
    contact.with_address("sms", last_inbound_at=contact.now - HOUR)
    asked = replace(contact, facility=contact.facility.model_copy(update={"routes": order}))
    assert ("gammu", "android") == (contact.route(), asked.route())


def test_a_person_is_reached_by_the_best_proven_phone_that_can_be(contact: Contact) -> None:
    db, now = contact.db, contact.now
    child = Person(name="Budi", created_at=now)
    db.add(child)
    db.flush()
    phones = []
    for number, proof in ((1, "staff"), (2, "matched"), (3, "claimed")):
        made, address = find_or_create_contact(
            db, channel="sms", address=f"+628120000000{number}", profile_name=None, now=now
        )
        link_person(db, contact_id=made.id, person_id=child.id, role="child", proof=proof, now=now)
        phones.append((made, address))
    opt_out(db, phones[0][0].id, now=now)
    phones[1][1].blocked_at = now
    db.flush()
    wish = Wish(text="Ingat kontrol.", until=now + HOUR)
    way = best_way_to_person(db, child.id, wish, facility=contact.facility, routes=EVERY_ROUTE, now=now)
    assert way is not None
    assert (phones[2][0].id, phones[2][1].id) == (way.contact_id, way.address_id)
