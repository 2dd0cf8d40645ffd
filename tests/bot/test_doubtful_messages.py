"""No message is acted on that was not surely understood: not in any flow, not on any reading below the threshold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from clinic.cases import Case
from clinic.contacts import link_person
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.people import add_person
from clinic.queue import take_number
from clinic.queue_table import QueueEntry
from clinic.standing import standing_of
from flows.catalogue import FLOWS
from flows.doubt import ACT_FROM, ACTS, SURE_GUESS
from nlu.client import ModelReading
from nlu.guess import guess_intent
from nlu.keywords import read_keyword
from nlu.understand import Understander
from nlu.understanding import INTENTS
from tests.bot.talk_world import TalkWorld
from tests.transcripts.runner import read_time

TEXTS = (
    "daftar gigi besok jam 8 buat budi",
    "antri umum hari ini utk saya",
    "ganti ke kamis pagi ya bu",
    "pindah ke poli gigi hari rabu jam 8",
    "batalkan antrian gigi saya yang besok",
    "tidak jadi berobat besok, hapus nomor saya",
    "petugas loket galak sekali dan obatnya tidak ada sejak kemarin",
    "tolong jangan kirim pesan ke sini lagi ya bu",
    "ini bukan nomor ibu siti, saya tidak kenal",
    "mau ngomong sama orang, bukan mesin",
    "pindah faskes anak saya ke sini bisa kah",
    "mau daftar gigi besok buat budi. sekalian batalkan yang umum",
    "daftarkan saya dan anak saya ke gigi besok",
    "kalau kamis?",
    "datang lagi besok kayaknya",
    "gak tau deh bu gimana",
)
OPENINGS = (
    (),
    ("daftar gigi",),
    ("batalkan antrian saya",),
    ("ganti hari antrian",),
    ("keluhan", "petugas loket galak sekali sama ibu saya yang tua", "salah"),
    ("jangan kirim pesan ke sini lagi ya",),
    ("bukan saya",),
    ("0",),
    ("0", "4"),
    ("nomor antrian saya berapa",),
)


@dataclass
class Doubtful:
    """Says this intent, this surely, and holds everything else for possible, as the real one does."""

    intent: str = "out_of_scope"
    confidence: float = 0.0
    is_down: bool = False

    def parse(self, text: str) -> ModelReading | None:
        if self.is_down:
            return None
        rest = (1 - self.confidence) / len(INTENTS)
        ranking = ((self.intent, self.confidence), *((other, rest) for other in INTENTS if other != self.intent))
        # No danger: an alarm is raised on less, and is no act of the dialog.
        return ModelReading(self.intent, self.confidence, ranking, entities=(), danger=0.0)


@dataclass
class Centre:
    """A running centre to which every example writes from a phone of its own."""

    talk: TalkWorld
    parser: Doubtful = field(default_factory=Doubtful)
    phones: int = 0

    def new_phone(self) -> str:
        """The phone of a family of two, one of whom has a number for tomorrow."""
        self.phones += 1
        self.talk.clock.forward(minutes=1)
        phone = f"+62812{self.phones:08d}"
        self.parser.is_down = True
        self.talk.says("halo", phone=phone)
        self.talk.says("batal", phone=phone)
        now, talk = self.talk.clock(), self.talk.talk
        with self.talk.database.transaction() as db:
            people = [
                add_person(db, name=name, birth_date=born, keeper=talk.keeper, now=now)
                for name, born in (("Siti Aminah", date(1990, 5, 12)), ("Budi", date(2024, 2, 10)))
            ]
            for person, role in zip(people, ("self", "child"), strict=True):
                link_person(db, contact_id=self.phones, person_id=person.id, role=role, proof="claimed", now=now)
            take_number(
                db,
                facility=talk.facility,
                poli="umum",
                day=talk.facility.today(now) + timedelta(days=1),
                session="pagi",
                person_id=people[0].id,
                contact_id=self.phones,
                via="sms",
                now=now,
            )
        return phone

    def done(self) -> tuple[Any, ...]:
        """Everything that an act of the dialog changes: numbers, cases, consent."""
        with self.talk.database.reading() as db:
            numbers = db.execute(select(QueueEntry.id, QueueEntry.state).order_by(QueueEntry.id)).all()
            cases = db.execute(select(Case.id, Case.kind, Case.topic).order_by(Case.id)).all()
            standing = standing_of(db, self.phones, now=self.talk.clock(), limits=self.talk.talk.facility.limits)
        return ([tuple(row) for row in numbers], [tuple(row) for row in cases], standing.has_opted_out)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, facility: Facility) -> Iterator[Centre]:
    path = tmp_path_factory.mktemp("doubtful") / "sapa.db"
    shutil.copy(migrated_file, path)
    database: Database = open_database(f"sqlite:///{path}")
    talk = TalkWorld(database, _roomy(facility), IdentityKeeper("doubt"), read_time("2026-11-23T07:31+08:00"))
    centre = Centre(talk)
    talk.understands_with(Understander(parser=centre.parser))
    yield centre
    database.close()


def _roomy(facility: Facility) -> Facility:
    """The same centre with room for a number in every example, and no flood."""
    polis = tuple(
        poli.model_copy(
            update={"sessions": tuple(session.model_copy(update={"quota": 999}) for session in poli.sessions)}
        )
        for poli in facility.polis
    )
    limits = facility.limits.model_copy(update={"flood_messages": 100})
    return facility.model_copy(update={"polis": polis, "limits": limits})


MANY = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(
    text=st.sampled_from(TEXTS),
    intent=st.sampled_from(INTENTS),
    confidence=st.floats(0, ACT_FROM, exclude_max=True),
)
@example(text="ganti ke kamis pagi ya bu", intent="reschedule_queue", confidence=0.59)
@example(text="daftar gigi besok jam 8 buat budi", intent="book_queue", confidence=0.59)
@example(text="daftar gigi besok jam 8 buat budi", intent="goodbye", confidence=0.1)
@example(text="mau ngomong sama orang, bukan mesin", intent="talk_to_staff", confidence=0.59)
def test_nothing_is_done_on_a_message_read_below_the_threshold(
    centre: Centre, text: str, intent: str, confidence: float
) -> None:
    assume(read_keyword(text) is None)
    phone = centre.new_phone()
    before = centre.done()
    centre.parser.is_down, centre.parser.intent, centre.parser.confidence = False, intent, confidence

    assert centre.talk.says(text, phone=phone)
    assert before == centre.done()


@MANY
@given(
    opening=st.sampled_from(OPENINGS),
    text=st.sampled_from(
        [
            "kayaknya sih begitu kali ya bu besok dilihat",
            "boleh jadi sih tapi saya tidak tahu ya bu",
            "obatnya juga tidak ada waktu itu kata tetangga",
            "mungkin besok saja saya pikir dulu di rumah",
            "ya ampun lama sekali ya menunggu di sana",
        ]
    ),
    intent=st.sampled_from(
        ["affirm", "book_queue", "reschedule_queue", "cancel_queue", "talk_to_staff", "stop_messages"]
    ),
    confidence=st.floats(0.2, ACT_FROM, exclude_max=True),
)
def test_nothing_is_done_in_the_middle_of_anything_on_a_doubtful_message(
    centre: Centre, opening: tuple[str, ...], text: str, intent: str, confidence: float
) -> None:
    phone = centre.new_phone()
    for line in opening:
        centre.talk.says(line, phone=phone)
    before = centre.done()
    centre.parser.is_down, centre.parser.intent, centre.parser.confidence = False, intent, confidence

    assert centre.talk.says(text, phone=phone)
    assert before == centre.done()


@pytest.mark.parametrize("text", TEXTS)
def test_a_guess_by_words_acts_only_where_it_is_a_good_one(centre: Centre, text: str) -> None:
    guess = guess_intent(text)
    phone = centre.new_phone()
    before = centre.done()
    centre.parser.is_down = True

    assert centre.talk.says(text, phone=phone)
    if guess is None or guess[1] < SURE_GUESS:
        assert before == centre.done()


def test_every_flow_that_acts_at_once_is_known_to_do_so(centre: Centre) -> None:
    """Surely understood, these and no others act on the first message: what acts later has asked before."""
    acting = set()
    for flow in FLOWS.by_name.values():
        for text in (TEXTS[0], TEXTS[2], TEXTS[6]):
            for intent in flow.intents:
                phone = centre.new_phone()
                before = centre.done()
                centre.parser.is_down, centre.parser.intent, centre.parser.confidence = False, intent, 0.99
                centre.talk.says(text, phone=phone)
                if before != centre.done():
                    acting.add(flow.name)
    assert ACTS | {"emergency"} >= acting >= ACTS
