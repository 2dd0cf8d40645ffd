"""Loading the demo: reads wonorejo.yml and goes through the clinic's own rules, so that nothing is faked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.demo.keys import DemoKeys
from bot.services import Services
from clinic.cases import open_case
from clinic.contacts import link_person, mark_greeted
from clinic.database import Session
from clinic.inbound import mark_answered, receive
from clinic.membership import MembershipFacts, save_membership
from clinic.people import add_person
from clinic.programmes import enrol, record_dose
from clinic.queue import QueueRefused, call_next, rooms_with_space, take_number
from clinic.staff import StaffView, add_staff, staff_count
from clinic.unclear_messages import label_message, note_unclear
from scheduler.durations import read_duration

FILE = Path(__file__).parent / "wonorejo.yml"


@dataclass(frozen=True)
class Loaded:
    """A contact of the demo and its people, by id."""

    contact_id: int
    address: str
    channel: str
    person_ids: tuple[int, ...]


def load_demo(services: Services, keys: DemoKeys) -> bool:
    """Fill an empty database with the demo centre; False, with nothing changed, when somebody may log in already."""
    now = services.clock()
    with services.database.transaction() as db:
        if staff_count(db):
            return False
        staff = add_staff(
            db, username=keys.username, name="Petugas Demo", role="admin", password=keys.password, now=now
        )
        _load(db, services, yaml.safe_load(FILE.read_text(encoding="utf-8")), now=now, staff=staff)
    return True


def _load(db: Session, services: Services, content: Mapping[str, Any], *, now: datetime, staff: StaffView) -> None:
    contacts = [_load_contact(db, services, number, entry, now) for number, entry in enumerate(content["contacts"])]
    for entry in content["queue"]:
        _load_number(db, services, contacts[entry["contact"]], entry, now)
    _call_first(db, services, now)
    for entry in content["cases"]:
        _load_case(db, contacts[entry["contact"]], entry, now)
    for number, entry in enumerate(content["unclear"], 1):
        _load_unclear(db, contacts[entry["contact"]], number, entry, now, staff)


def _load_contact(db: Session, services: Services, number: int, entry: Mapping[str, Any], now: datetime) -> Loaded:
    earlier = now - timedelta(days=20)
    first = receive(
        db,
        provider_id=f"demo-{number}",
        channel=entry["channel"],
        address=entry["address"],
        text="halo",
        profile_name=entry["name"],
        now=earlier,
    )
    mark_answered(db, first.inbound_id, now=earlier, reading={})
    mark_greeted(db, first.contact_id, now=earlier)
    people = tuple(_load_person(db, services, first.contact_id, person, now) for person in entry["people"])
    return Loaded(first.contact_id, entry["address"], entry["channel"], people)


def _load_person(db: Session, services: Services, contact_id: int, entry: Mapping[str, Any], now: datetime) -> int:
    today = services.facility.today(now)
    born = entry.get("born") or _born(today + timedelta(days=entry["in_days"]), months=entry["turns_months"])
    person = add_person(
        db,
        name=entry["name"],
        birth_date=born,
        sex=entry["sex"],
        nik=entry.get("nik"),
        card=entry.get("card"),
        keeper=services.keeper,
        now=now,
    )
    link_person(db, contact_id=contact_id, person_id=person.id, role=entry["role"], proof=entry["proof"], now=now)
    _load_membership(db, services, person.id, entry, now)
    _load_programme(db, person.id, entry, born, today, now)
    return person.id


def _load_membership(db: Session, services: Services, person_id: int, entry: Mapping[str, Any], now: datetime) -> None:
    if "active" not in entry:
        return
    facts = MembershipFacts(
        is_active=entry["active"],
        status="AKTIF" if entry["active"] else "TIDAK AKTIF",
        segment=entry["segment"],
        care_class="3",
        facility=services.facility.name,
        as_of=services.facility.today(now),
    )
    save_membership(db, person_id, facts, now=now)


def _load_programme(
    db: Session, person_id: int, entry: Mapping[str, Any], born: date, today: date, now: datetime
) -> None:
    programme = entry.get("programme")
    if programme is None:
        return
    visit = today - timedelta(days=entry.get("last_visit_days_ago", 0))
    anchor = visit if "last_visit_days_ago" in entry else born
    enrol(db, person_id=person_id, programme=programme, anchor=anchor, now=now - timedelta(days=400))
    for age, items in entry.get("given", {}).items():
        given_on = read_duration(age).passed_on(born)
        for item in items:
            record_dose(db, person_id=person_id, programme=programme, item=item, given_on=given_on, proof="record")


def _born(birthday: date, *, months: int) -> date:
    """The last birth date from which so many months have passed on that day: no month after 28 February ends on 30."""
    age = read_duration(f"P{months}M")
    days = (birthday - timedelta(days=back) for back in range(months * 28, months * 31 + 10))
    return next(day for day in days if age.passed_on(day) <= birthday)


def _load_number(db: Session, services: Services, who: Loaded, entry: Mapping[str, Any], now: datetime) -> None:
    today = services.facility.today(now)
    rooms = rooms_with_space(db, services.facility, entry["poli"], from_day=today, limit=1, now=now)
    if not rooms:
        return
    try:
        take_number(
            db,
            facility=services.facility,
            poli=entry["poli"],
            day=rooms[0].day,
            session=rooms[0].session,
            person_id=who.person_ids[entry["person"]],
            contact_id=who.contact_id,
            via=who.channel,
            now=now,
        )
    except QueueRefused:
        return  # a demo loaded at an odd hour has one number less


def _call_first(db: Session, services: Services, now: datetime) -> None:
    today = services.facility.today(now)
    call_next(db, "umum", today, facility=services.facility, now=now)


def _load_case(db: Session, who: Loaded, entry: Mapping[str, Any], now: datetime) -> None:
    at = now - timedelta(hours=entry["hours_ago"])
    message = receive(
        db,
        provider_id=f"demo-case-{who.contact_id}",
        channel=who.channel,
        address=who.address,
        text=entry["text"],
        now=at,
    )
    mark_answered(db, message.inbound_id, now=at, reading={})
    open_case(
        db,
        kind=entry["kind"],
        topic=entry.get("topic"),
        text=entry["text"],
        contact_id=who.contact_id,
        urgent=entry.get("urgent", False),
        now=at,
    )


def _load_unclear(
    db: Session, who: Loaded, number: int, entry: Mapping[str, Any], now: datetime, staff: StaffView
) -> None:
    """A message that was not surely understood; with `label`, what staff said that it means."""
    at = now - timedelta(hours=entry["hours_ago"])
    provider_id = f"demo-unclear-{number}"
    message = receive(db, provider_id=provider_id, channel=who.channel, address=who.address, text=entry["text"], now=at)
    mark_answered(db, message.inbound_id, now=at, reading={})
    reading = {name: entry[name] for name in ("band", "intent", "confidence")}
    kept = note_unclear(db, message.inbound_id, **reading, others=entry.get("others", ()), now=at)
    if kept is not None and "label" in entry:
        label_message(db, kept, label=entry["label"], staff_id=staff.id, seen="open", now=now)
