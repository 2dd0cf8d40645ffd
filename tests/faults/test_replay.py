"""Yesterday's webhooks come again, every one of them with its own signature: nothing changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import select, update

from bot.channels.android_forms import TIMESTAMP_HEADER
from clinic.database import Database, UtcTime, open_database
from clinic.tables import METADATA
from tests.android_gateway import KEY, PASSWORD, USER, AndroidGateway, running, signed
from tests.chaos.records import what_moves
from tests.processes import wait_until
from tests.twilio_fake.__main__ import TOKEN
from tests.twilio_fake.plan import telling_number
from tests.twilio_fake.running import MESSAGE_PATH, SapaWithFake
from tests.twilio_fake.webhooks import signed_headers

STATUS_PATH, ANDROID_PATH = "/webhooks/twilio/status", "/webhooks/android/sms"
MOTHER, FATHER, STOPPER, ILL = (f"+62812000500{number:02d}" for number in range(4))
ON_ANDROID = "+6281200050010"
NOT_ON_WHATSAPP, BLOCKED = telling_number(63003, 1), telling_number(63014, 1)
A_DAY = timedelta(days=1)
OWN_LOOKS = {"heartbeat", "route_state", "content_template"}
"""What a worker writes of itself: that it lives, how it found the phone, what WhatsApp said of templates."""
Dump = Mapping[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Posted:
    """One webhook as it went over the wire."""

    path: str
    body: bytes
    headers: Mapping[str, str]

    def a_day_older(self) -> Posted:
        """As if it had been posted yesterday: the phone's signature holds the time, Twilio's does not."""
        if self.path != ANDROID_PATH:
            return self
        at = datetime.fromtimestamp(int(self.headers[TIMESTAMP_HEADER]), UTC) - A_DAY
        return Posted(self.path, *signed(self.body, at=at))


@dataclass
class Day:
    """A day at the centre: what its patients do, with every webhook written down."""

    sapa: SapaWithFake
    gateway: AndroidGateway
    database: Database
    posted: list[Posted] = field(default_factory=list)

    def write(self, text: str, *, sender: str, channel: str = "whatsapp", **more: str) -> None:
        """One message of a patient, and everything that follows from it."""
        form = self.sapa.form(text, sender=sender, channel=channel) | more
        headers = signed_headers(self.sapa.url + MESSAGE_PATH, form, TOKEN)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self._post(Posted(MESSAGE_PATH, urlencode(form).encode(), {**headers, **kind}))
        self.wait_until_quiet()

    def write_by_android(self, text: str) -> None:
        self.gateway.receive(ON_ANDROID, text)
        self._run_phone()
        self.wait_until_quiet()

    def wait_until_quiet(self) -> None:
        """Answered, sent and reported, as far as it goes today."""
        wait_until(self._is_quiet, seconds=90, what="all is answered and reported")

    def statuses(self) -> list[Posted]:
        """What the fake has told of our messages and we have confirmed."""
        url = self.sapa.url + STATUS_PATH
        bodies = [callback.body for callback in self.sapa.journal.callbacks() if callback.answered == 200]
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return [
            Posted(
                STATUS_PATH,
                body.encode(),
                kind | signed_headers(url, dict(parse_qsl(body, keep_blank_values=True)), TOKEN),
            )
            for body in bodies
        ]

    def send_again(self, posted: Iterable[Posted]) -> Counter[tuple[str, int]]:
        """The same bytes with the same headers; how each path answered how often."""
        return Counter((one.path, self._post(one, is_noted=False)) for one in posted)

    def _is_quiet(self) -> bool:
        self._run_phone()
        return not what_moves(self.database) and self.sapa.callbacks_left() == 0 and not self.gateway.waiting()

    def _run_phone(self) -> None:
        self.gateway.run_phone()
        for kept in list(self.gateway.messages.values()):
            if kept.state == "Sent":
                self.gateway.deliver(kept.id)
        for event in self.gateway.fetch_events():
            body, headers = signed(event, at=datetime.now(UTC))
            self._post(Posted(ANDROID_PATH, body, headers))

    def _post(self, one: Posted, *, is_noted: bool = True) -> int:
        answer = self.sapa.http.post(self.sapa.url + one.path, content=one.body, headers=dict(one.headers))
        if is_noted:
            assert answer.status_code == 200, answer.text
            self.posted.append(one)
        return answer.status_code


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    gateway = AndroidGateway(clock=lambda: datetime.now(UTC))
    sapa = SapaWithFake(tmp_path)
    with running(gateway) as address:
        sapa.extra = {
            "SAPA_ANDROID_URL": address,
            "SAPA_ANDROID_USERNAME": USER,
            "SAPA_ANDROID_PASSWORD": PASSWORD,
            "SAPA_ANDROID_WEBHOOK_KEY": KEY,
        }
        sapa.start("fake")
        sapa.push_templates()
        sapa.start("web", "worker")
        database = open_database(sapa.database_url)
        try:
            yield Day(sapa, gateway, database)
        finally:
            sapa.stop()
            database.close()


def live_through(day: Day) -> None:
    """Bookings, a tap, a picture, a place, a danger, a stop, an SMS, phones that take nothing: one of each."""
    for text in ("sy mo daftar poli gigi bsk pagi utk anak sy", "Budi", "antrian saya berapa lagi"):
        day.write(text, sender=MOTHER)
    day.write("batalkan antrian", sender=MOTHER)
    day.write("Ya", sender=MOTHER, ButtonText="1 Ya", ButtonPayload="1", MessageType="interactive")
    day.write("", sender=FATHER, NumMedia="1", MediaUrl0=f"{day.sapa.fake_url}/x", MediaContentType0="image/jpeg")
    day.write("", sender=FATHER, Latitude="-0.49", Longitude="117.15", MessageType="location")
    day.write("0", sender=FATHER, channel="sms")
    day.write("anak saya kejang", sender=ILL)
    day.write("STOP", sender=STOPPER, OptOutType="STOP")
    for number in (NOT_ON_WHATSAPP, BLOCKED):
        day.write("0", sender=number)
    for text in ("mau ambil antrian umum besok untuk saya", "Siti"):
        day.write_by_android(text)


def dump(database: Database, *, without: Iterable[str] = ()) -> Dump:
    """Every row of every table."""
    with database.reading() as db:
        return {
            table.name: sorted((tuple(row) for row in db.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
            if table.name not in without
        }


def let_a_day_pass(database: Database) -> None:
    """Everything that is written down is a day older."""
    for table in METADATA.sorted_tables:
        times = [column for column in table.columns if isinstance(column.type, UtcTime)]
        with database.transaction() as db:
            for row in db.execute(select(table)).all():
                same = [column == row._mapping[column] for column in table.primary_key.columns]
                older = {column.name: row._mapping[column] - A_DAY for column in times if row._mapping[column]}
                if older:
                    db.execute(update(table).where(*same).values(**older))


@pytest.mark.slow
def test_the_webhooks_of_yesterday_change_nothing(day: Day) -> None:
    live_through(day)
    statuses = day.statuses()
    by_path = Counter(one.path for one in day.posted)
    assert by_path[MESSAGE_PATH] == 12 and by_path[ANDROID_PATH] >= 6 and len(statuses) >= 20
    day.sapa.kill("worker")
    let_a_day_pass(day.database)
    before = dump(day.database)
    assert len(before["inbound_message"]) == 14 and len(before["outbox_message"]) >= 14 and before["queue_entry"]

    everything = [one.a_day_older() for one in (*day.posted, *statuses)]
    answers = day.send_again(everything)
    answers += day.send_again(reversed(everything))
    assert dump(day.database) == before
    assert {status for path, status in answers if path != ANDROID_PATH} == {200}
    assert {status for path, status in answers if path == ANDROID_PATH} == {403}, "signed too long ago"

    threads = [threading.Thread(target=day.send_again, args=(everything,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dump(day.database) == before, "four at a time neither"
    _assert_a_worker_finds_nothing_to_do(day)


def _assert_a_worker_finds_nothing_to_do(day: Day) -> None:
    before, taken = dump(day.database, without=OWN_LOOKS), len(day.sapa.journal.messages())
    started = dump(day.database)["heartbeat"]
    day.sapa.start("worker")
    wait_until(lambda: dump(day.database)["heartbeat"] != started, seconds=30, what="the worker works")
    assert dump(day.database, without=OWN_LOOKS) == before
    assert len(day.sapa.journal.messages()) == taken


@pytest.mark.slow
def test_an_sms_that_the_phone_signs_anew_is_still_the_same_sms(day: Day) -> None:
    day.gateway.receive(ON_ANDROID, "0")
    (event,) = day.gateway.fetch_events()
    for at in (datetime.now(UTC), datetime.now(UTC) + timedelta(minutes=1)):
        body, headers = signed(event, at=at)
        assert day.send_again([Posted(ANDROID_PATH, body, headers)]) == {(ANDROID_PATH, 200): 1}
    day.wait_until_quiet()
    assert len(dump(day.database)["inbound_message"]) == 1
    assert len(day.gateway.messages) == 1
