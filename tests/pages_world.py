"""A small health centre on a Monday morning, with staff, cases and a queue, for the tests of the pages."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from bot.app import create_app
from bot.services import Services
from bot.settings import Settings
from clinic.cases import Case
from clinic.contacts import Address, Contact, PersonLink
from clinic.database import Base, open_database
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.inbound_table import InboundMessage
from clinic.outbox import OutboxMessage
from clinic.people import Person
from clinic.queue import QueueEntry
from clinic.staff import add_staff

ROOT = Path(__file__).resolve().parent.parent
MONDAY = datetime(2026, 11, 23, 1, 41, tzinfo=UTC)
"""09.41 at the health centre."""
PASSWORD = "kucing-oranye-lari"  # pragma: allowlist secret
USERNAME = "sari"


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class World:
    """The centre, its web app, and short ways to put things into its database."""

    services: Services
    app: Flask
    clock: Clock = field(default_factory=Clock)

    def visitor(self) -> FlaskClient:
        return self.app.test_client()

    def logged_in(self, username: str = USERNAME) -> FlaskClient:
        """A browser in which this member of staff has logged in."""
        client = self.visitor()
        send(client, "/inbox/login", page="/inbox/login", username=username, password=PASSWORD)
        return client

    def add_contact(self, name: str | None, address: str, *, channel: str = "whatsapp", hours_ago: float = 0.5) -> int:
        with self.services.database.transaction() as db:
            contact = Contact(profile_name=name, created_at=self.clock())
            db.add(contact)
            db.flush()
            wrote = self.clock() - timedelta(hours=hours_ago)
            db.add(Address(contact_id=contact.id, channel=channel, address=address, last_inbound_at=wrote))
            return contact.id

    def add_address(self, contact_id: int, address: str, *, channel: str, hours_ago: float) -> None:
        wrote = self.clock() - timedelta(hours=hours_ago)
        with self.services.database.transaction() as db:
            db.add(Address(contact_id=contact_id, channel=channel, address=address, last_inbound_at=wrote))

    def add_case(self, contact_id: int | None, code: str, text: str, **fields: object) -> int:
        now = self.clock()
        values: dict[str, object] = {
            "kind": "handover",
            "state": "open",
            "urgent": False,
            "opened_at": now - timedelta(minutes=20),
            "due_at": now + timedelta(hours=3, minutes=40),
        }
        with self.services.database.transaction() as db:
            case = Case(contact_id=contact_id, code=code, text=text, **(values | fields))
            db.add(case)
            db.flush()
            return case.id

    def hears(self, contact_id: int, text: str, *, minutes_ago: float = 10, **fields: object) -> int:
        """A message from this contact."""
        with self.services.database.transaction() as db:
            address = db.query(Address).filter_by(contact_id=contact_id).order_by(Address.id).limit(1).one()
            count = db.query(InboundMessage).count()
            message = InboundMessage(
                provider_id=f"SM{count:032d}",
                contact_id=contact_id,
                address_id=address.id,
                channel=address.channel,
                text=text,
                received_at=self.clock() - timedelta(minutes=minutes_ago),
                **fields,
            )
            db.add(message)
            db.flush()
            return message.id

    def said(
        self, contact_id: int, text: str, *, minutes_ago: float = 9, state: str = "delivered", **fields: object
    ) -> int:
        """A message of ours to this contact."""
        at = self.clock() - timedelta(minutes=minutes_ago)
        with self.services.database.transaction() as db:
            address = db.query(Address).filter_by(contact_id=contact_id).order_by(Address.id).limit(1).one()
            count = db.query(OutboxMessage).count()
            message = OutboxMessage(
                key=f"inbound:{count}:1",
                contact_id=contact_id,
                address_id=address.id,
                channel=address.channel,
                text=text,
                state=state,
                not_before=at,
                useless_after=at + timedelta(hours=12),
                next_try_at=at,
                created_at=at,
                **fields,
            )
            db.add(message)
            db.flush()
            return message.id

    def add_person(self, contact_id: int, name: str, *, role: str = "self", proof: str = "claimed") -> int:
        with self.services.database.transaction() as db:
            person = Person(name=name, birth_date=date(1990, 5, 17), created_at=self.clock())
            db.add(person)
            db.flush()
            db.add(
                PersonLink(contact_id=contact_id, person_id=person.id, role=role, proof=proof, linked_at=self.clock())
            )
            return person.id

    def add_ticket(self, poli: str, number: int, name: str, state: str = "waiting") -> int:
        with self.services.database.transaction() as db:
            person = Person(name=name, created_at=self.clock())
            db.add(person)
            db.flush()
            entry = QueueEntry(
                poli=poli,
                day=date(2026, 11, 23),
                session="pagi",
                number=number,
                person_id=person.id,
                via="sms",
                state=state,
                taken_at=self.clock(),
                called_at=self.clock() if state != "waiting" else None,
            )
            db.add(entry)
            db.flush()
            return entry.id

    def outbox(self) -> list[OutboxMessage]:
        with self.services.database.reading() as db:
            return list(db.query(OutboxMessage).order_by(OutboxMessage.id))

    def case(self, code: str) -> Case:
        with self.services.database.reading() as db:
            return db.query(Case).filter_by(code=code).one()


def build_world(folder: Path, **environment: str) -> World:
    """A fresh centre in this folder, with two people on its staff: sari and, as admin, budi."""
    shutil.copy(_staffed_database(), folder / "sapa.db")
    env = {
        "SAPA_DEMO": "1",
        "SAPA_SECRET_KEY": "only for the tests of pages",  # pragma: allowlist secret
        "SAPA_PORT": "9",  # nobody listens there, so a test never talks to a demo that happens to run
        "SAPA_NLU_URL": "http://127.0.0.1:9",
        "SAPA_DATABASE_URL": f"sqlite:///{folder}/sapa.db",
        "SAPA_CONFIG": str(ROOT / "puskesmas.yml"),
    }
    settings = Settings.from_environment(env | environment)
    database = open_database(settings.database_url)
    clock = Clock()
    services = Services(
        settings=settings,
        facility=load_facility(settings.config_path),
        database=database,
        keeper=IdentityKeeper(settings.secret_key),
        clock=clock,
        carrier_path=folder / "carrier.db",
    )
    return World(services=services, app=create_app(services), clock=clock)


@cache
def _staffed_database() -> Path:
    """Tables and staff, made once per run: hashing a password is slow on purpose."""
    path = Path(tempfile.mkdtemp(prefix="sapa-pages-")) / "sapa.db"
    database = open_database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    with database.transaction() as db:
        add_staff(db, username="sari", name="Sari Wulandari", role="staff", password=PASSWORD, now=MONDAY)
        add_staff(db, username="budi", name="Budi Santoso", role="admin", password=PASSWORD, now=MONDAY)
    database.close()
    return path


def send(client: FlaskClient, address: str, *, page: str, **fields: str):  # type: ignore[no-untyped-def]  # werkzeug names its class
    """Post a form with the CSRF token that `page` shows."""
    html = client.get(page).get_data(as_text=True)
    return client.post(address, data={"csrf_token": token_in(html), **fields})


def token_in(html: str) -> str:
    """The CSRF token in a page's first form."""
    return html.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
