"""One turn on a real database: who is answered, who is not, and what strange messages do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import inspect

from clinic.contacts import Contact
from clinic.conversations import hand_to_staff
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.outbox import PRIORITIES
from clinic.people import Person
from nlu.understand import Understander
from nlu.understanding import Understanding
from tests.bot.talk_world import StandInUnderstander, TalkWorld
from tests.transcripts.runner import read_time

DANGER = "tolong ibu saya pingsan tidak sadar"
DANGER_REPLY = "Ini bisa gawat."
HINT = "Ibu/Bapak sudah berhenti dari pesan kami. Mau lagi? Balas MULAI."
FLOOD = "Pesannya banyak, kami baca satu per satu. Tunggu sebentar. Butuh orang? Balas 9."
WHO_WE_ARE = "Ini Sapa, bot Puskesmas Wonorejo."


@pytest.fixture
def world(database: Database, facility: Facility, keeper: IdentityKeeper) -> TalkWorld:
    """A Monday morning at eight, with one patient who was greeted before."""
    world = TalkWorld(database, facility, keeper, read_time("2026-11-23T08:00+08:00"))
    world.says("halo")
    return world


@pytest.fixture
def new(database: Database, facility: Facility, keeper: IdentityKeeper) -> TalkWorld:
    """The same morning; nobody has written yet."""
    return TalkWorld(database, facility, keeper, read_time("2026-11-23T08:00+08:00"))


# --- who said stop -----------------------------------------------------------------------------------------------


def test_who_said_stop_is_told_how_to_start_again_and_nothing_else(world: TalkWorld) -> None:
    world.says("stop")

    assert [HINT, HINT] == [world.says("daftar gigi"), world.says("halo")]
    assert {} == world.state()


def test_who_said_stop_can_start_again(world: TalkWorld) -> None:
    world.says("stop")
    world.says("mulai")

    assert (world.says("daftar gigi") or "").startswith("Poli Gigi: mau hari apa?")


def test_who_said_stop_still_gets_a_person(world: TalkWorld) -> None:
    world.says("stop")
    world.says("9")

    assert ["handover"] == [case.kind for case in world.cases()]


# --- who is with staff -------------------------------------------------------------------------------------------


def test_the_bot_is_silent_while_a_person_answers(world: TalkWorld) -> None:
    world.says("9")

    assert [None, None] == [world.says("obat ibu saya habis"), world.says("daftar gigi")]
    assert ["silent", "silent"] == [message.state for message in world.inbound()[-2:]]


def test_nought_calls_the_bot_back_and_it_stays(world: TalkWorld) -> None:
    world.says("9")

    assert (world.says("0") or "").startswith("Mau apa?")
    assert (world.says("1") or "").startswith("Mau ke poli mana?")


def test_the_bot_comes_back_by_itself_after_the_agreed_hours(world: TalkWorld) -> None:
    world.says("9")
    world.clock.forward(hours=world.talk.facility.limits.silent_hours)

    assert world.says("halo") is not None


# --- who writes too much -----------------------------------------------------------------------------------------


def test_a_flood_is_answered_once_and_shown_to_staff_then_silence(world: TalkWorld) -> None:
    world.with_facility(flood_messages=4)
    said = [world.says("halo") for _ in range(7)]

    assert [FLOOD, None, None, None] == said[3:]
    assert None not in said[:3]
    assert [("handover", "flood")] == [(case.kind, case.topic) for case in world.cases()]


def test_after_a_flood_the_bot_answers_again(world: TalkWorld) -> None:
    world.with_facility(flood_messages=3)
    for _ in range(6):
        world.says("halo")
    world.clock.forward(minutes=world.talk.facility.limits.flood_minutes)

    assert world.says("halo") not in (None, FLOOD)


# --- danger goes through -----------------------------------------------------------------------------------------


def _staff(world: TalkWorld) -> None:
    world.says("9")


def _stop(world: TalkWorld) -> None:
    world.says("stop")


def _flood(world: TalkWorld) -> None:
    world.with_facility(flood_messages=3)
    for _ in range(8):
        world.says("halo")


@pytest.mark.parametrize("silence", [_staff, _stop, _flood], ids=["staff", "stop", "flood"])
def test_danger_is_answered_first_whatever_silences_the_bot(
    world: TalkWorld, silence: Callable[[TalkWorld], None]
) -> None:
    silence(world)

    assert (world.says(DANGER) or "").startswith(DANGER_REPLY)
    assert PRIORITIES["danger"] == world.outbox()[-1].priority
    assert [(True, DANGER)] == [(case.urgent, case.text) for case in world.cases() if case.kind == "emergency"]


def test_danger_at_the_end_of_a_very_long_message_is_found(world: TalkWorld) -> None:
    long = "saya mau cerita dulu ya bu. " * 40 + DANGER

    assert (world.says(long) or "").startswith(DANGER_REPLY)
    assert [long] == [case.text for case in world.cases()]


def test_the_reply_to_danger_stands_alone_and_who_we_are_comes_later(new: TalkWorld) -> None:
    assert WHO_WE_ARE not in (new.says(DANGER) or "")
    assert WHO_WE_ARE in (new.says("halo") or "")


# --- the first contact -------------------------------------------------------------------------------------------


def test_who_we_are_is_said_once(new: TalkWorld) -> None:
    said = [new.says("halo") or "" for _ in range(3)]

    assert [True, False, False] == [WHO_WE_ARE in text for text in said]


def test_each_phone_hears_who_we_are(new: TalkWorld) -> None:
    new.says("halo")

    assert WHO_WE_ARE in (new.says("halo", phone="+6281200000032") or "")


def test_a_question_stays_last_when_we_say_who_we_are(new: TalkWorld) -> None:
    said = new.says("daftar gigi") or ""

    assert said.startswith(WHO_WE_ARE)
    assert said.endswith("Hari lain? Tulis harinya.")


# --- strange messages --------------------------------------------------------------------------------------------


def test_a_photo_alone_gets_a_word_and_leaves_the_open_question_open(world: TalkWorld) -> None:
    world.says("daftar gigi")
    before = world.state()

    said = world.says("", channel="whatsapp", media=[{"url": "https://example.invalid/1", "type": "image/jpeg"}])

    assert (said or "").startswith("Maaf, saya belum bisa baca foto atau suara.")
    assert before == world.state()


def test_a_photo_with_words_is_answered_by_its_words(world: TalkWorld) -> None:
    media = [{"url": "https://example.invalid/1", "type": "image/jpeg"}]

    assert (world.says("daftar gigi", media=media) or "").startswith("Poli Gigi: mau hari apa?")


STRANGE = [
    pytest.param("", id="nothing"),
    pytest.param("   \n ", id="blanks"),
    pytest.param("👍🏽❤️", id="emoji only"),
    pytest.param("...???!!!", id="signs only"),
    pytest.param("/restart", id="a command of Rasa"),
    pytest.param('/affirm{"poli": "x"}', id="an intent of Rasa"),
    pytest.param("5" * 1000, id="a thousand digits"),
    pytest.param("\ud83d halo \udc00", id="half characters"),
    pytest.param("hal\x00o\x00", id="NUL"),
    pytest.param("{pilihan} {0} %s %(x)s ${x}", id="placeholders"),
    pytest.param("<script>alert(1)</script>", id="HTML"),
    pytest.param("'; DROP TABLE person; --", id="SQL"),
    pytest.param("\u202e\u200f\u200b abc", id="direction signs"),
    pytest.param("a" * 20_000, id="one endless word"),
]


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_message_gets_one_answer_and_no_error(world: TalkWorld, text: str) -> None:
    assert world.says(text)
    assert "answered" == world.inbound()[-1].state
    assert [] == [case.kind for case in world.cases()]


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_answer_is_asked_for_again(world: TalkWorld, text: str) -> None:
    world.says("daftar")
    said = world.says(text) or ""

    assert "Mau ke poli mana?" in said
    assert "book_queue" == world.state()["flow"]


@pytest.mark.parametrize("text", ["/restart", "/emergency{}", "  //book_queue{}"])
def test_the_model_never_sees_a_command(world: TalkWorld, text: str) -> None:
    world.says(text)

    assert [] == [read for read in world.parser.texts if read.startswith("/")]


def test_a_typed_intent_is_read_as_words(world: TalkWorld) -> None:
    assert (world.says("/emergency{}") or "").startswith(DANGER_REPLY)
    assert [("plain_call", "/emergency{}")] == [(case.topic, case.text) for case in world.cases()]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Robert'); DROP TABLE person;--", id="SQL"),
        pytest.param("<b>Siti</b>", id="HTML"),
        pytest.param("<img src=x onerror=alert(1)>", id="HTML with a script"),
        pytest.param("{pilihan}", id="a placeholder"),
    ],
)
def test_what_is_no_name_is_refused_as_a_name(world: TalkWorld, name: str) -> None:
    world.says("daftar gigi")
    world.says("besok")
    said = world.says(name) or ""

    assert "nama" in said
    with world.database.reading() as db:
        assert [] == list(db.query(Person))
        assert inspect(db.connection()).has_table("person")


def test_an_apostrophe_in_a_name_is_kept(world: TalkWorld) -> None:
    world.says("daftar gigi")
    world.says("besok")

    assert "Antrian Gigi: B1. Nur'aini." in (world.says("Nur'aini Hasan") or "")


def test_a_profile_name_of_markup_is_kept_as_it_came(new: TalkWorld) -> None:
    name = "<b>Siti</b>'; DROP TABLE contact;--\x00" + "x" * 500
    new.says("halo", channel="whatsapp", profile_name=name)

    with new.database.reading() as db:
        assert [name.replace("\x00", "")[:200]] == [contact.profile_name for contact in db.query(Contact)]


def test_a_very_long_text_is_kept_whole_and_read_from_its_beginning(world: TalkWorld) -> None:
    long = "xyz " * 3000
    world.says(long)

    assert long == world.inbound()[-1].text
    assert max(len(read) for read in world.parser.texts) <= world.talk.facility.limits.max_text


@pytest.mark.parametrize("asked", [False, True], ids=["told at once", "asked for"])
def test_staff_read_a_long_complaint_whole(world: TalkWorld, asked: bool) -> None:
    story = "saya antri dari pagi dan tidak dipanggil " + "lama sekali bu " * 60 + "sampai pulang"
    said = [world.says("mau keluhan")] if asked else []
    said += [world.says(story if asked else "keluhan: " + story), world.says("1"), world.says("1")]

    assert [True] == [case.text.endswith("sampai pulang") for case in world.cases()], said


def test_what_was_read_is_noted_without_the_words(world: TalkWorld) -> None:
    world.says("9")

    assert {"intent", "confidence", "by", "danger"} == set(world.inbound()[-1].reading)


def test_an_answer_is_useless_a_day_later(world: TalkWorld) -> None:
    message = world.outbox()[-1]

    assert message.useless_after is not None
    assert 24 == (message.useless_after - message.created_at).total_seconds() / 3600


def test_a_person_who_takes_the_conversation_while_the_parser_reads_has_it_for_themselves(world: TalkWorld) -> None:
    world.says("halo")
    contact_id = world.inbound()[-1].contact_id

    class TakenMeanwhile(StandInUnderstander):
        def understand(self, text: str, *, today: date) -> Understanding:
            with world.database.transaction() as db:
                hand_to_staff(db, contact_id, until=world.clock() + timedelta(hours=1))
            return Understander().understand(text, today=today)

    world.understands_with(TakenMeanwhile())
    assert world.says("puskesmas buka jam berapa ya bu hari senin") is None
    assert "silent" == world.inbound()[-1].state
