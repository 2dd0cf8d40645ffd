"""Two asks in one message: found where both are sure, in their order, each with its own values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlu.understand import Understander
from nlu.understanding import Entity, Understanding
from tests.nlu.conftest import RealParser

MONDAY = date(2026, 11, 23)
FOLDER = Path(__file__).parent / "asks"


@dataclass(frozen=True)
class Said:
    intent: str
    confidence: float
    entities: tuple[Entity, ...] = ()
    danger: float | None = None

    @property
    def ranking(self) -> tuple[tuple[str, float], ...]:
        return ((self.intent, self.confidence),)


@dataclass
class ByText:
    """A parser that knows these texts, and counts."""

    known: Mapping[str, tuple[str, float]]
    asked: list[str] = field(default_factory=list)

    def parse(self, text: str) -> Said:
        self.asked.append(text)
        return Said(*self.known.get(text, ("out_of_scope", 0.3)))


WHOLE = "mau daftar gigi besok, sama tanya jam buka"
BOOK, HOURS = "mau daftar gigi besok", "sama tanya jam buka"


def understand(text: str, known: Mapping[str, tuple[str, float]]) -> Understanding:
    return Understander(parser=ByText(known)).understand(text, today=MONDAY)


def read(whole: tuple[str, float], first: tuple[str, float], second: tuple[str, float]) -> Understanding:
    return understand(WHOLE, {WHOLE: whole, BOOK: first, HOURS: second})


def test_two_sure_asks_are_both_told_in_their_order() -> None:
    found = read(("book_queue", 0.8), ("book_queue", 0.9), ("facility_info", 0.9))
    assert ["book_queue", "facility_info"] == [ask.intent for ask in found.asks]
    assert [BOOK, HOURS] == [ask.text for ask in found.asks]


def test_the_reading_of_the_whole_stays_the_main_one() -> None:
    found = read(("facility_info", 0.8), ("book_queue", 0.9), ("facility_info", 0.9))
    assert ("facility_info", 0.8, "book_queue") == (found.intent, found.confidence, found.also)
    assert ["book_queue", "facility_info"] == [ask.intent for ask in found.asks]


def test_an_ask_that_is_less_sure_does_not_go_before_the_main_one() -> None:
    found = read(("facility_info", 0.9), ("book_queue", 0.75), ("facility_info", 0.9))
    assert ["facility_info", "book_queue"] == [ask.intent for ask in found.asks]


def test_an_unsure_whole_is_read_as_its_first_sure_clause() -> None:
    found = read(("visit_history", 0.4), ("book_queue", 0.9), ("facility_info", 0.8))
    assert ("book_queue", 0.9) == (found.intent, found.confidence)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("book_queue", 0.9), ("facility_info", 0.6), id="the second is unsure"),
        pytest.param(("book_queue", 0.9), ("book_queue", 0.9), id="both are the same"),
        pytest.param(("book_queue", 0.9), ("reschedule_queue", 0.9), id="two words for one thing"),
        pytest.param(("book_queue", 0.9), ("greet", 0.9), id="the second is a greeting"),
        pytest.param(("book_queue", 0.9), ("file_complaint", 0.9), id="the second is only the tone"),
        pytest.param(("book_queue", 0.9), ("emergency", 0.9), id="the model's alarm for a part"),
    ],
)
def test_no_second_ask_is_made_up(first: tuple[str, float], second: tuple[str, float]) -> None:
    found = read(("book_queue", 0.8), first, second)
    assert ((), None, "book_queue") == (found.asks, found.also, found.intent)


def test_a_complaint_is_an_ask_where_it_asks_to_report() -> None:
    text = "mau daftar gigi besok, sama mau lapor petugas loket"
    known = {
        text: ("book_queue", 0.7),
        BOOK: ("book_queue", 0.9),
        "sama mau lapor petugas loket": ("file_complaint", 0.9),
    }
    assert ["book_queue", "file_complaint"] == [ask.intent for ask in understand(text, known).asks]


def test_a_greeting_before_an_ask_is_the_ask() -> None:
    text = "halo ini puskesmas ya? mau daftar gigi besok"
    found = understand(text, {text: ("greet", 0.9), "mau daftar gigi besok": ("book_queue", 0.9)})
    assert ("book_queue", ()) == (found.intent, found.asks)


def test_each_ask_has_its_own_values_and_the_second_takes_over_what_it_does_not_name() -> None:
    text = "mau daftar gigi besok, sama tanya dokternya siapa"
    known = {
        text: ("book_queue", 0.9),
        BOOK: ("book_queue", 0.9),
        "sama tanya dokternya siapa": ("doctor_schedule", 0.9),
    }
    first, second = understand(text, known).asks
    assert ("gigi", "2026-11-24") == (first.value("poli"), first.value("date"))
    assert ("gigi", "2026-11-24") == (second.value("poli"), second.value("date"))


def test_danger_wins_the_whole_message() -> None:
    text = "anak saya kejang. mau daftar gigi besok, jam buka berapa?"
    found = understand(text, {text: ("emergency", 0.9)})
    assert ("emergency", ()) == (found.intent, found.asks)


@pytest.mark.parametrize("text", ["mau daftar gigi besok pagi ya bu", "jadwal dokter kia hari rabu"])
def test_a_usual_message_is_read_once(text: str) -> None:
    parser = ByText({text: ("book_queue", 0.9)})
    Understander(parser=parser).understand(text, today=MONDAY)
    assert [text] == parser.asked


def test_a_list_of_thirty_questions_costs_a_few_readings_only() -> None:
    text = "\n".join(f"mau tanya yang ke {number} apa?" for number in range(30))
    parser = ByText({text: ("book_queue", 0.9)})
    Understander(parser=parser).understand(text, today=MONDAY)
    assert len(parser.asked) <= 5


def test_a_parser_that_is_down_is_not_asked_for_clauses() -> None:
    @dataclass
    class Down:
        asked: int = 0

        def parse(self, text: str) -> None:
            self.asked += 1

    parser = Down()
    assert () == Understander(parser=parser).understand(WHOLE, today=MONDAY).asks
    assert 1 == parser.asked


def test_what_is_asked_behind_an_answer_is_told() -> None:
    text = "besok pagi aja, bawa apa saja ya"
    known = {text: ("reschedule_queue", 0.9), "bawa apa saja ya": ("registration_requirements", 0.9)}
    found = understand(text, known)
    assert found.behind is not None
    assert ("bawa apa saja ya", "registration_requirements") == (found.behind.text, found.behind.intent)
    assert () == found.asks


@pytest.mark.parametrize(
    ("people", "text"),
    [
        (["saya", "anak"], "daftarkan saya dan anak saya ke poli umum besok"),
        (["ibu", "bapak"], "mau daftar buat ibu sama bapak saya"),
        (["saya", "suami"], "daftar gigi utk saya & suami"),
        (None, "daftar poli kesehatan ibu dan anak"),
        (None, "mau daftar sama suami saya"),
        (None, "mau daftar untuk anak saya"),
    ],
)
def test_a_booking_for_two_people_is_two_asks(people: list[str] | None, text: str) -> None:
    found = understand(text, {text: ("book_queue", 0.9)})
    assert (people or []) == [ask.value("person") for ask in found.asks]


# --- with the real model -----------------------------------------------------------------------------------------


def _rows(name: str) -> list[Any]:
    return list(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))


def _pairs(name: str) -> list[tuple[str, list[str]]]:
    return [(text, row["asks"]) for row in _rows(name) for text in row["texts"]]


@pytest.mark.rasa
@pytest.mark.parametrize(
    ("name", "share"), [pytest.param("two.yml", 0.9, id="known"), pytest.param("two_unseen.yml", 0.65, id="unseen")]
)
def test_two_asks_are_found_in_messages(parser: RealParser, name: str, share: float) -> None:
    understander, pairs = Understander(parser=parser.client), _pairs(name)
    asked = [(text, understander.understand(text, today=MONDAY).asks, asks) for text, asks in pairs]
    missed = [text for text, found, asks in asked if sorted(ask.intent for ask in found) != sorted(asks)]
    assert len(missed) <= (1 - share) * len(pairs), missed


@pytest.mark.rasa
def test_one_ask_is_not_taken_for_two(parser: RealParser) -> None:
    understander, texts = Understander(parser=parser.client), _rows("one.yml")
    wrong = [text for text in texts if understander.understand(text, today=MONDAY).asks]
    assert len(wrong) <= 0.04 * len(texts), wrong
