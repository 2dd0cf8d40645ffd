"""Short ways to put a contact, a person and a message into an empty database, and to do things at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from clinic.contacts import find_or_create_contact
from clinic.database import Database
from clinic.identity import IdentityKeeper
from clinic.inbound import receive
from clinic.people import add_person

KEEPER = IdentityKeeper("tests need a key as well")
Given = TypeVar("Given")
Got = TypeVar("Got")
PHONE = "+6281200000001"


def a_contact(db: Session, now: datetime, *, address: str = PHONE, channel: str = "whatsapp") -> tuple[int, int]:
    """The ids of a contact and of its address."""
    contact, known = find_or_create_contact(db, channel=channel, address=address, profile_name=None, now=now)
    return contact.id, known.id


def a_person(db: Session, now: datetime, *, name: str = "Siti Contoh", birth_date: date | None = None) -> int:
    return add_person(db, name=name, birth_date=birth_date, keeper=KEEPER, now=now).id


def a_message(db: Session, now: datetime, *, provider_id: str, address: str = PHONE, text: str = "halo") -> int:
    """The id of a message that came in."""
    return receive(db, provider_id=provider_id, channel="whatsapp", address=address, text=text, now=now).inbound_id


def at_once(
    database: Database, work: Callable[[Session, Given], Got], each: Iterable[Given], *, threads: int = 8
) -> list[Got]:
    """Do the work for each in a transaction of its own, in several threads; what went wrong is raised."""

    def one(given: Given) -> Got:
        with database.transaction() as db:
            return work(db, given)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, each))
