"""A health centre that serves Mobile JKN over real HTTP, on a clock of the test's own and on either database."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from bot.app import create_app
from bot.services import Services
from bot.settings import Settings
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.people import add_person
from clinic.queue import Ticket, take_number
from tests.jkn_client import PASSWORD, USERNAME, MobileJkn, card, nik

MONDAY, TUESDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 29)
CODES = {"umum": "001", "gigi": "002", "kia": "003"}
DOCTORS = {"dr. Contoh Melati": 900001, "dr. Contoh Kenanga": 900002, "drg. Contoh Anggrek": 900003}
ROOT = Path(__file__).resolve().parents[1]
SECRET = "only for tests, only here"  # pragma: allowlist secret


class Quiet(WSGIRequestHandler):
    """Answers without a line per request, and keeps connections open."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing is written."""

    def make_environ(self) -> Any:
        """Werkzeug drops names with an underscore; BPJS reads `user_key`."""
        environ = super().make_environ()
        environ["HTTP_USER_KEY"] = self.headers.get("user_key", "")
        return environ


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


def with_codes(facility: Facility, **bpjs: object) -> Facility:
    """The centre with BPJS' codes for its first polis and doctors."""
    polis = tuple(each.model_copy(update={"bpjs_code": CODES.get(each.id)}) for each in facility.polis)
    doctors = tuple(each.model_copy(update={"bpjs_code": DOCTORS.get(each.name)}) for each in facility.doctors)
    settings = facility.bpjs.model_copy(update={"serve": True, **bpjs})
    return facility.model_copy(update={"polis": polis, "doctors": doctors, "bpjs": settings})


def write_centre(folder: Path, **bpjs: str) -> Path:
    """The same centre as a puskesmas.yml of its own, for a process."""
    text = (ROOT / "puskesmas.yml").read_text(encoding="utf-8")
    for poli, code in CODES.items():
        text = text.replace(f"  - id: {poli}\n", f'  - id: {poli}\n    bpjs_code: "{code}"\n', 1)
    for name, number in DOCTORS.items():
        text = text.replace(f"name: {name}, poli", f"name: {name}, bpjs_code: {number}, poli")
    for setting, value in {"serve": "ya", **bpjs}.items():
        text = re.sub(rf"(?m)^  {setting}: \w+ ", f"  {setting}: {value} ", text)
    path = folder / "puskesmas.yml"
    path.write_text(text, encoding="utf-8")
    return path


@dataclass
class JknWorld:
    """The centre, its clock, and the Mobile JKN that calls it."""

    services: Services
    clock: Clock
    jkn: MobileJkn

    @property
    def facility(self) -> Facility:
        return self.services.facility

    def add_patient(
        self, number: int, *, has_card: bool = True, has_nik: bool = True, name: str = "Siti Contoh"
    ) -> int:
        """Somebody of our register with this card and NIK."""
        with self.services.database.transaction() as db:
            return add_person(
                db,
                name=name,
                card=card(number) if has_card else None,
                nik=nik(number) if has_nik else None,
                keeper=self.services.keeper,
                now=self.clock(),
            ).id

    def take(self, person_id: int, *, via: str = "counter", poli: str = "umum", day: date = TUESDAY) -> Ticket:
        with self.services.database.transaction() as db:
            return take_number(
                db,
                facility=self.facility,
                poli=poli,
                day=day,
                session="pagi",
                person_id=person_id,
                contact_id=None,
                via=via,
                now=self.clock(),
                actor="jkn" if via == "jkn" else None,
            )


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address at which this app answers, in threads, until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def services_of(
    database: Database, facility: Facility, clock: Clock, folder: Path, *, environment: Mapping[str, str] | None = None
) -> Services:
    settings = Settings.from_environment(
        {"SAPA_SECRET_KEY": SECRET, "SAPA_JKN_USERNAME": USERNAME, "SAPA_JKN_PASSWORD": PASSWORD}
        | {"SAPA_METRICS_FOLDER": str(folder)}
        | dict(environment or {})
    )
    return Services(settings=settings, facility=facility, database=database, keeper=IdentityKeeper(SECRET), clock=clock)


@contextmanager
def jkn_world(database: Database, facility: Facility, now: datetime, folder: Path) -> Iterator[JknWorld]:
    """Logged in and ready."""
    clock = Clock(now)
    services = services_of(database, facility, clock, folder)
    with served(create_app(services)) as url:
        jkn = MobileJkn(f"{url}/jkn")
        assert jkn.login().code == 200
        yield JknWorld(services, clock, jkn)
        jkn.http.close()


def with_facility(world: JknWorld, facility: Facility) -> Services:
    """The same services over another centre."""
    return replace(world.services, facility=facility)
