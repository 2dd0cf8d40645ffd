"""The whole way with real processes: Mobile JKN and a chat come in, BPJS is told, the worker is killed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from clinic.contacts import find_or_create_contact, link_person
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.people import add_person
from clinic.queue import QueueEntry, call_next, cancel_number, take_number
from clinic.queue_table import BpjsEffect
from flows.words import say_day
from tests.bpjs_standin.server import CONS_ID, SECRET, USER_KEY, StandIn
from tests.jkn_client import PASSWORD, USERNAME, MobileJkn, card, newcomer, nik, wish, wish_of_doctor
from tests.jkn_world import served, write_centre
from tests.processes import Running, wait_until

pytestmark = pytest.mark.slow
PHONE = "+6281200000041"


@dataclass
class Exchanging(Running):
    """A Sapa that serves Mobile JKN and tells the stand-in."""

    bpjs_url: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            **super().environment,
            "SAPA_JKN_USERNAME": USERNAME,
            "SAPA_JKN_PASSWORD": PASSWORD,
            "SAPA_BPJS_ANTREAN_URL": self.bpjs_url,
            "SAPA_BPJS_CONS_ID": CONS_ID,
            "SAPA_BPJS_SECRET": SECRET,
            "SAPA_BPJS_ANTREAN_USER_KEY": USER_KEY,
        }


@dataclass
class Whole:
    """The running parts, the day that is booked, and the database beside them."""

    sapa: Exchanging
    standin: StandIn
    jkn: MobileJkn
    database: Database
    facility: Facility
    day: date

    def add_patient(self, number: int, *, phone: str | None = None) -> int:
        keeper, now = IdentityKeeper(self.sapa.environment["SAPA_SECRET_KEY"]), datetime.now(UTC)
        with self.database.transaction() as db:
            person = add_person(db, name="Siti Contoh", card=card(number), nik=nik(number), keeper=keeper, now=now)
            if phone is not None:
                contact, _ = find_or_create_contact(db, channel="whatsapp", address=phone, profile_name=None, now=now)
                link_person(db, contact_id=contact.id, person_id=person.id, role="self", proof="staff", now=now)
            return person.id

    def effects(self) -> list[tuple[str, str]]:
        with self.database.reading() as db:
            return [(row.kind, row.state) for row in db.query(BpjsEffect).order_by(BpjsEffect.id)]

    def entries(self) -> list[QueueEntry]:
        with self.database.reading() as db:
            return db.query(QueueEntry).order_by(QueueEntry.id).all()


@contextmanager
def running(folder: Path) -> Iterator[Whole]:
    config = write_centre(folder, tell="ya", days_ahead="30")
    text = config.read_text(encoding="utf-8").replace("booking_days_ahead: 7 ", "booking_days_ahead: 30 ")
    config.write_text(text, encoding="utf-8")
    facility, standin = load_facility(config), StandIn(slow_seconds=20)
    today = facility.today(datetime.now(UTC))
    days = (today + timedelta(days=ahead) for ahead in range(1, 30))
    day = next(each for each in days if each.weekday() < 3 and facility.sessions_on("umum", each))
    with served(standin.app()) as url:
        sapa = Exchanging(folder, config=config, bpjs_url=f"{url}/antreanfktp")
        try:
            sapa.start("carrier", "web")
            database = open_database(sapa.database_url)
            yield Whole(sapa, standin, MobileJkn(f"{sapa.url}/jkn"), database, facility, day)
            database.close()
        finally:
            sapa.stop()


def test_every_path_of_both_versions_answers_in_a_running_web_process(tmp_path: Path) -> None:
    with running(tmp_path) as whole:
        jkn, day = whole.jkn, whole.day.isoformat()
        whole.add_patient(1)
        whole.add_patient(2)
        assert 200 == jkn.login().code
        assert "0" == jkn.status("001", day).response["totalantrean"]
        assert "A1" == jkn.take(wish(1, day)).response["nomorantrean"]
        assert 2 == jkn.take(wish_of_doctor(2, day), v2=True).response["angkaantrean"]
        assert "1" == jkn.left(card(2), "001", day).response["sisaantrean"]
        assert 202 == jkn.take(wish(3, day)).code
        assert 200 == jkn.register(newcomer(3)).code
        assert "A3" == jkn.take(wish(3, day)).response["nomorantrean"]
        assert 3 == sum(line["sisaantrean"] for line in jkn.status("001", day, v2=True).response)
        for number, v2 in ((1, False), (2, True)):
            body = {"nomorkartu": card(number), "kodepoli": "001", "tanggalperiksa": day, "keterangan": "x"}
            assert 200 == jkn.cancel(body, v2=v2).code
        said = whole.sapa.log_of("web")
        assert [] == [each for each in (card(1), nik(1), card(3), "SITI", jkn.token, PASSWORD) if each in said]


def test_a_number_by_whatsapp_its_call_and_its_cancelling_reach_bpjs(tmp_path: Path) -> None:
    with running(tmp_path) as whole:
        whole.add_patient(1, phone=PHONE)
        whole.add_patient(2)
        whole.jkn.login()
        whole.sapa.start("worker")
        words = ["daftar poli umum", f"{say_day(whole.day, today=whole.day)} pagi", "1", "1", "ya", "ya"]
        for word in words:
            before = len(whole.sapa.taken())
            assert whole.sapa.send(word, sender=PHONE)
            wait_until(lambda before=before: len(whole.sapa.taken()) > before, seconds=30, what=f"an answer to {word}")
            if whole.entries():
                break
        (ticket,) = whole.entries()
        wait_until(lambda: whole.standin.of("add"), seconds=30, what="the number at BPJS")
        told = whole.standin.of("add")[0]
        assert (card(1), "081200000041", ticket.number) == (told["nomorkartu"], told["nohp"], told["angkaantrean"])
        day = ticket.day.isoformat()
        assert "A2" == whole.jkn.take(wish(2, day)).response["nomorantrean"]
        now = datetime.now(UTC)
        with whole.database.transaction() as db:
            called = call_next(db, "umum", ticket.day, facility=whole.facility, now=now, actor="staff:1")
            assert called is not None
            second = whole.entries()[1]
            cancel_number(db, second.id, facility=whole.facility, now=now, actor="staff:1", keep=False)
        wait_until(lambda: len(whole.standin.told) == 3, seconds=30, what="call and cancelling at BPJS")
        assert [("add", card(1)), ("panggil", card(1)), ("batal", card(2))] == [
            (each.kind, each.body["nomorkartu"]) for each in whole.standin.told
        ]


def test_a_worker_killed_in_the_middle_of_a_call_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as whole:
        whole.standin.faults.append("after-timeout")
        person_id = whole.add_patient(1)
        with whole.database.transaction() as db:
            take_number(
                db,
                facility=whole.facility,
                poli="umum",
                day=whole.day,
                session="pagi",
                person_id=person_id,
                contact_id=None,
                via="counter",
                now=datetime.now(UTC),
            )
        whole.sapa.start("worker")
        wait_until(lambda: whole.standin.told, seconds=60, what="the first try at BPJS")
        whole.sapa.kill("worker")
        assert [("add", "sending")] == whole.effects()
        with whole.database.transaction() as db:  # the lease would end by itself, after a minute
            db.execute(update(BpjsEffect).values(claimed_until=datetime.now(UTC)))
        whole.sapa.start("worker")
        wait_until(lambda: whole.effects() == [("add", "done")], seconds=60, what="the effect done")
        assert 1 == len(whole.standin.told)
