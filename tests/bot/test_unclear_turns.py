"""Which messages a turn leaves for staff to explain: those that were not surely understood, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from bot.unclear import band_of
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.unclear_messages import UnclearMessage
from nlu.client import ModelReading
from nlu.understand import Understander
from nlu.understanding import Understanding
from tests.bot.talk_world import TalkWorld
from tests.transcripts.runner import read_time

LONG_ANSWER = "kalau bisa ya hari selasa saja bu soalnya saya kerja"
DANGER = "tolong ibu saya pingsan tidak sadar"


@dataclass
class Model:
    """Reads each text as it was told; texts nobody told it about it cannot place."""

    rankings: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)

    def parse(self, text: str) -> ModelReading:
        ranking = self.rankings.get(text, (("out_of_scope", 0.1), ("greet", 0.09), ("dues_info", 0.08)))
        return ModelReading(ranking[0][0], ranking[0][1], ranking, ())


MODEL = Model(
    {
        "bpjsku piye": (("membership_status", 0.31), ("dues_info", 0.25), ("greet", 0.1)),
        "tulis aku sesuk": (("book_queue", 0.55), ("greet", 0.2)),
        "sip wes ngunu wae": (("thanks", 0.45), ("goodbye", 0.4)),
        "daftar gigi besok ya bu tolong": (("book_queue", 0.95), ("greet", 0.01)),
        "mboh opo kuwi": (("dues_info", 0.15), ("greet", 0.1), ("deny", 0.09), ("affirm", 0.05)),
        "mau daftar apa gitu": (("greet", 0.12), ("dues_info", 0.1), ("deny", 0.09)),
        "mau daftar antrian": (("book_queue", 0.95), ("greet", 0.01)),
        LONG_ANSWER: (("deny", 0.3), ("book_queue", 0.25)),
        DANGER: (("emergency", 0.95), ("health_question", 0.01)),
        "cuaca balikpapan besok gimana": (("out_of_scope", 0.97), ("greet", 0.01)),
    }
)


@pytest.fixture
def world(database: Database, facility: Facility, keeper: IdentityKeeper) -> TalkWorld:
    """A Monday morning at eight, with one patient who was greeted before, no open question, and a model."""
    world = TalkWorld(database, facility, keeper, read_time("2026-11-23T08:00+08:00"))
    world.understands_with(Understander(parser=MODEL))
    world.says("halo")
    world.says("batal")
    return world


def kept(world: TalkWorld) -> list[UnclearMessage]:
    with world.database.reading() as db:
        return list(db.scalars(select(UnclearMessage).order_by(UnclearMessage.id)))


@pytest.mark.parametrize(
    ("text", "band", "intent", "others"),
    [
        pytest.param("tulis aku sesuk", "middle", "book_queue", ["greet"], id="an act that is confirmed first"),
        pytest.param("sip wes ngunu wae", "middle", "thanks", ["goodbye"], id="an answer that is given all the same"),
        pytest.param("bpjsku piye", "low", "membership_status", ["dues_info", "greet"], id="the likely are offered"),
        pytest.param("mboh opo kuwi", "low", "out_of_scope", ["dues_info", "greet", "deny"], id="below the threshold"),
        pytest.param(
            "mau daftar apa gitu", "low", "book_queue", ["greet", "dues_info", "deny"], id="guessed by its words"
        ),
    ],
)
def test_an_unsure_message_is_kept_with_its_band_and_what_was_likely(
    world: TalkWorld, text: str, band: str, intent: str, others: list[str]
) -> None:
    world.says(text)

    (row,) = kept(world)
    assert (band, intent, others) == (row.band, row.intent, row.others)
    assert ("open", world.inbound()[-1].id) == (row.state, row.inbound_id)
    assert world.clock.now == row.created_at


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("daftar gigi besok ya bu tolong", id="surely read"),
        pytest.param("cuaca balikpapan besok gimana", id="surely not ours"),
        pytest.param("terima kasih", id="a keyword"),
        pytest.param("0", id="the menu"),
        pytest.param(DANGER, id="danger"),
        pytest.param("", id="nothing"),
        pytest.param("👍🏽", id="emoji alone"),
        pytest.param("5 5 5 ???", id="figures alone"),
    ],
)
def test_a_message_that_is_sure_or_teaches_nothing_is_not_kept(world: TalkWorld, text: str) -> None:
    world.says(text)

    assert [] == kept(world)


def test_what_nobody_understands_while_the_model_is_down_is_kept(world: TalkWorld) -> None:
    world.understands_with(Understander(parser=None))
    world.says("mboh opo kuwi")

    assert [("low", "out_of_scope", [])] == [(row.band, row.intent, row.others) for row in kept(world)]


def test_a_clear_guess_while_the_model_is_down_is_followed_and_not_kept(world: TalkWorld) -> None:
    world.understands_with(Understander(parser=None))
    world.says("mau daftar poli gigi")

    assert [] == kept(world)


def test_an_answer_that_the_open_step_takes_is_not_kept(world: TalkWorld) -> None:
    world.says("mau daftar antrian")
    world.says("gigi")
    said = world.says(LONG_ANSWER)

    assert ("model", 0.3) == (world.inbound()[-1].reading["by"], world.inbound()[-1].reading["confidence"])
    assert (said, []) == ("Siapa nama yang mau periksa?", kept(world))


def test_an_answer_that_the_open_step_does_not_take_is_kept(world: TalkWorld) -> None:
    world.says("mau daftar antrian")
    world.says("mboh opo kuwi")

    assert [world.inbound()[-1].id] == [row.inbound_id for row in kept(world)]


def test_what_a_person_answers_is_not_kept(world: TalkWorld) -> None:
    world.says("9")
    world.says("bpjsku piye")

    assert [] == kept(world)


def test_who_said_stop_and_who_writes_too_much_teach_nothing(world: TalkWorld) -> None:
    world.says("stop")
    world.says("bpjsku piye")
    world.says("mulai")
    world.with_facility(flood_messages=3)
    world.says("bpjsku piye")

    assert [] == kept(world)


def test_nothing_is_kept_before_the_turn_and_of_two_texts_read_as_one_neither(world: TalkWorld) -> None:
    world.hears("bpjsku piye")
    assert [] == kept(world)
    world.says("bpjsku piye kabare")

    assert [] == kept(world)


def test_of_the_same_text_twice_the_last_is_kept(world: TalkWorld) -> None:
    world.hears("bpjsku piye")
    world.says("bpjsku piye")

    assert [world.inbound()[-1].id] == [row.inbound_id for row in kept(world)]


@pytest.mark.parametrize(
    ("confidence", "band"),
    [(0.0, "low"), (0.39, "low"), (0.4, "middle"), (0.59, "middle"), (0.6, None), (1.0, None)],
)
def test_the_bands_are_those_of_the_dialog(confidence: float, band: str | None) -> None:
    assert band == band_of(Understanding("bpjs", "dues_info", confidence))


@pytest.mark.parametrize(
    "understanding",
    [
        pytest.param(Understanding("darah", "emergency", 1.0, danger="bleeding", by="danger"), id="danger"),
        pytest.param(Understanding("gawat", "emergency", 0.1), id="an alarm of the model"),
        pytest.param(Understanding("besok", "out_of_scope", 0.0, by="step"), id="taken by a step"),
    ],
)
def test_danger_and_taken_answers_have_no_band(understanding: Understanding) -> None:
    assert band_of(understanding) is None
