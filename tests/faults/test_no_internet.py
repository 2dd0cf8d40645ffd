"""No internet: patients with an SMS phone notice nothing, WhatsApp waits, and what is of no use by then is dropped."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text

from clinic.contacts import Address, find_or_create_contact
from clinic.database import Database, open_database
from clinic.gammu_tables import GammuStore, open_gammu_store
from clinic.outbox import OutboxMessage, queue_message
from tests.chaos.centre import write_centre
from tests.gammu.conftest import StartDaemon, daemon_on
from tests.gammu.daemon import Daemon
from tests.processes import own_environment, wait_until
from tests.twilio_fake.running import SapaWithFake

__all__ = ["daemon_on"]

ON_SMS, ON_WHATSAPP, FORGETFUL = "+6281200000071", "+6281200000072", "+6281200000073"
TWILIO = "api.twilio.com"
# Python reads this file by itself at every start. What it refuses it also writes down.
HOOK = """
import errno, os, socket, sys

HERE = ("127.", "::1", "localhost")

def _is_here(host):
    return host in (None, "", b"") or str(host).startswith(HERE)

def _note(host):
    with open(os.environ["REFUSED"], "a") as file:
        file.write(f"{host}\\n")

def _refuse(event, given):
    if event in ("socket.getaddrinfo", "socket.gethostbyname") and not _is_here(given[0]):
        _note(given[0])
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    if event in ("socket.connect", "socket.sendto") and isinstance(given[1], tuple) and not _is_here(given[1][0]):
        _note(given[1][0])
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

sys.addaudithook(_refuse)
"""
TALK = {
    "daftar poli umum besok utk sy": "Siapa nama",
    "Siti": "A1. Siti.",
    "antrian saya berapa": "Antrian Siti di poli Umum: A1",
    "batalkan antrian": "Batal?",
    "ya": "A1 untuk Siti sudah batal",
}


@dataclass
class Offline:
    """A Sapa without a way out but its modem."""

    sapa: SapaWithFake
    modem: Daemon
    database: Database
    store: GammuStore
    refused: Path

    def sent_by_modem(self) -> list[tuple[str, str]]:
        """(number, text) of each SMS that the phone has sent."""
        by_part = 'SELECT "ID", "DestinationNumber", "TextDecoded" FROM sentitems ORDER BY "ID", "SequencePosition"'
        found: dict[int, tuple[str, str]] = {}
        with self.store.reading() as db:
            for row_id, number, words in db.execute(text(by_part)):
                found[row_id] = (number, found.get(row_id, ("", ""))[1] + words)
        return list(found.values())

    def has_sent(self, count: int) -> bool:
        return len(self.sent_by_modem()) >= count

    def states(self, number: str) -> list[tuple[str, str | None]]:
        """(state, error) of our messages to this phone."""
        mine = select(OutboxMessage.state, OutboxMessage.error_code).join(
            Address, Address.id == OutboxMessage.address_id
        )
        with self.database.reading() as db:
            rows = db.execute(mine.where(Address.address == number).order_by(OutboxMessage.id))
            return [(state, error) for state, error in rows]

    def queue_for_a_moment(self, number: str) -> None:
        """A message that is of use for some seconds only."""
        now = datetime.now(UTC)
        with self.database.transaction() as db:
            contact, address = find_or_create_contact(
                db, channel="whatsapp", address=number, profile_name=None, now=now
            )
            address.last_inbound_at = now
            queue_message(
                db,
                key="notice:short",
                contact_id=contact.id,
                address_id=address.id,
                channel="whatsapp",
                text="Poli tutup sebentar lagi.",
                priority="notice",
                now=now,
                useless_after=now + timedelta(seconds=10),
            )

    def internet_returns(self) -> None:
        """The worker is started again where it may go anywhere, and finds a Twilio."""
        self.sapa.kill("worker")
        self.sapa.extra = {"SAPA_GAMMU_DATABASE_URL": self.modem.database_url}
        self.sapa.start("fake", "worker")


def without_internet(folder: Path) -> dict[str, str]:
    """Environment of a process that reaches nothing but this machine."""
    (folder / "hook").mkdir(exist_ok=True)
    (folder / "hook" / "sitecustomize.py").write_text(HOOK)
    return {"PYTHONPATH": str(folder / "hook"), "REFUSED": str(folder / "refused")}


@pytest.fixture
def offline(daemon_on: StartDaemon, tmp_path: Path) -> Iterator[Offline]:
    modem = daemon_on("sqlite")
    cut_off = without_internet(tmp_path)
    sapa = SapaWithFake(tmp_path, config=write_centre(tmp_path, now=datetime.now(UTC)))
    sapa.extra = {"SAPA_TWILIO_API_URL": "", "SAPA_GAMMU_DATABASE_URL": modem.database_url, **cut_off}
    modem.start()
    sapa.start("web", "worker")
    database, store = open_database(sapa.database_url), open_gammu_store(modem.database_url)
    try:
        yield Offline(sapa, modem, database, store, tmp_path / "refused")
    finally:
        sapa.stop()
        database.close()
        store.close()


@pytest.mark.parametrize(
    ("code", "is_refused"),
    [
        pytest.param("socket.create_connection(('192.0.2.1', 80), 1)", True, id="an address"),
        pytest.param("socket.create_connection(('api.twilio.com', 443), 1)", True, id="a name"),
        pytest.param("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", True, id="a datagram"),
        pytest.param(
            "s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname(), 1)", False, id="us"
        ),
    ],
)
def test_the_hook_bites(tmp_path: Path, code: str, is_refused: bool) -> None:
    environment = own_environment() | without_internet(tmp_path)
    done = subprocess.run([sys.executable, "-c", f"import socket; {code}"], env=environment, capture_output=True)
    assert (done.returncode != 0) == is_refused, done.stderr.decode()
    assert (tmp_path / "refused").exists() == is_refused
    assert not is_refused or b"unreachable" in done.stderr or b"name resolution" in done.stderr


@pytest.mark.gammu
@pytest.mark.slow
def test_sms_goes_on_without_internet_and_whatsapp_catches_up(offline: Offline) -> None:
    assert "SAPA_TWILIO_API_URL" not in offline.sapa.environment, "Twilio itself is meant, and refused"
    assert offline.sapa.post(offline.sapa.form("0", sender=ON_WHATSAPP)) == 200
    offline.queue_for_a_moment(FORGETFUL)
    wait_until(lambda: offline.states(ON_WHATSAPP) == [("queued", "unreachable")], seconds=60, what="WhatsApp waits")
    assert TWILIO in offline.refused.read_text().split(), "the worker did try, and was refused"

    for count, (said, answer) in enumerate(TALK.items(), 1):
        offline.modem.phone.receives(ON_SMS, said)
        wait_until(partial(offline.has_sent, count), seconds=60, what=f"the answer to {said!r}")
        number, words = offline.sent_by_modem()[-1]
        assert (number, answer in words) == (ON_SMS, True), words
    assert len(offline.sent_by_modem()) == offline.modem.handed_over() == len(TALK)
    assert offline.states(ON_WHATSAPP)[0][0] == "queued", "still waiting"

    offline.internet_returns()
    fake = offline.sapa.journal
    wait_until(lambda: len(fake.messages()) == 1, seconds=400, what="the reply on WhatsApp goes out")
    wait_until(lambda: offline.states(ON_WHATSAPP)[0][0] in ("delivered", "read"), seconds=60, what="it arrives")
    assert fake.messages()[0].number == ON_WHATSAPP
    assert offline.states(FORGETFUL) == [("dropped", "useless")]
    assert os.path.getsize(offline.refused) > 0
