"""Two machines that talk to each other come to rest: silence, one case, and an end of the silence by itself."""

from __future__ import annotations

import pytest

from bot.answering import Answering
from clinic.cases import close_case
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.outbox import mark_sent
from flows.catalogue import REPLIES
from tests.bot.talk_world import TalkWorld
from tests.transcripts.runner import read_time

AUTO = "Terima kasih telah menghubungi Toko Berkah. Pesan Anda akan segera kami balas."
DANGER = "tolong ibu saya pingsan"
NOTE = "HP ini membalas terus seperti mesin. Bot diam dulu. Periksa: orang atau mesin?"


@pytest.fixture
def world(database: Database, facility: Facility, keeper: IdentityKeeper) -> TalkWorld:
    world = TalkWorld(database, facility, keeper, read_time("2026-11-23T08:00+08:00"))
    world.says("halo")
    return world


def deliver(world: TalkWorld) -> None:
    """What waits goes out now."""
    with world.database.transaction() as db:
        for message in world.outbox():
            if message.sent_at is None:
                mark_sent(db, message.id, provider_id=f"OUT{message.id}", now=world.clock())


def replies_after(world: TalkWorld, texts: list[str], *, seconds: float) -> list[bool]:
    """Whether each of these got a reply, a machine writing so long after each of our messages."""
    got = []
    for text in texts:
        before = len(world.outbox())
        deliver(world)
        world.clock.forward(seconds=seconds)
        world.hears(text)
        world.clock.forward(seconds=4)
        Answering(world.talk, worker="w").answer_all("w")
        got.append(len(world.outbox()) > before)
    return got


# --- the same text -----------------------------------------------------------------------------------------------


def test_the_same_text_is_answered_ten_times_then_silence_and_one_case(world: TalkWorld) -> None:
    got = replies_after(world, [f"alamat puskesmas dimana ref {number}" for number in range(16)], seconds=10)

    assert [True] * 10 + [False] * 6 == got
    assert [("handover", "loop", f"{NOTE}\nalamat puskesmas dimana ref 10")] == [
        (case.kind, case.topic, case.text) for case in world.cases()
    ]
    assert {"silent"} == {message.state for message in world.inbound()[-6:]}
    assert {"loop"} == {message.reading["silent"] for message in world.inbound()[-6:]}


def test_something_else_is_answered_during_the_silence(world: TalkWorld) -> None:
    replies_after(world, ["alamat puskesmas dimana"] * 13, seconds=10)

    assert world.says("jadwal dokter gigi hari senin")


def test_the_silence_ends_when_the_quiet_returns_and_a_new_loop_is_a_new_case(world: TalkWorld) -> None:
    said = [f"alamat puskesmas dimana ref {number}" for number in range(12)]
    assert replies_after(world, said, seconds=10)[-1] is False
    first = next(case for case in world.cases() if NOTE in case.text)
    with world.database.transaction() as db:
        close_case(db, first.id, staff_id=None, outcome="mesin", now=world.clock())
    world.clock.forward(minutes=world.talk.facility.limits.same_text_minutes)
    again = replies_after(world, said, seconds=10)

    assert [True] * 10 + [False] * 2 == again
    assert 2 == sum(NOTE in case.text for case in world.cases())


def test_a_person_who_books_for_many_is_never_taken_for_a_machine(world: TalkWorld) -> None:
    replies_after(world, ["1"] * 20, seconds=10)

    assert not any("silent" in message.reading for message in world.inbound())


# --- ping-pong ---------------------------------------------------------------------------------------------------

CHATTER = [
    f"{wish} {word} kak"
    for wish in ("alamat puskesmas dimana", "jadwal dokter gigi hari senin", "syarat daftar pasien baru")
    for word in ("wah", "oh", "hm", "nah")
]


def test_a_bot_that_chats_with_us_is_left_alone_after_some_rounds(world: TalkWorld) -> None:
    world.with_facility(ping_pong_messages=5)
    got = replies_after(world, CHATTER, seconds=1.5)

    assert [True] * 5 + [False] * 7 == got
    assert [NOTE] == [case.text.splitlines()[0] for case in world.cases()]
    world.clock.forward(minutes=5)
    assert [True] == replies_after(world, CHATTER[:1], seconds=1.5)


def test_the_same_chatter_at_the_pace_of_a_person_is_no_loop(world: TalkWorld) -> None:
    world.with_facility(ping_pong_messages=5)

    assert all(replies_after(world, CHATTER, seconds=15))
    assert [] == world.cases()


# --- automatic replies -------------------------------------------------------------------------------------------


def test_an_automatic_reply_is_not_answered_and_needs_nobody(world: TalkWorld) -> None:
    assert [False, False] == replies_after(world, [AUTO, AUTO], seconds=1)
    assert [] == world.cases()
    assert {"auto_reply"} == {message.reading["silent"] for message in world.inbound()[-2:]}


def test_an_automatic_reply_leaves_the_open_question_open(world: TalkWorld) -> None:
    world.says("daftar gigi")
    before = world.state()
    world.says(AUTO)

    assert before == world.state()
    assert (world.says("besok") or "").startswith("Siapa nama")


def test_an_automatic_reply_with_a_danger_word_is_answered_as_a_danger(world: TalkWorld) -> None:
    assert (world.says(f"{AUTO} {DANGER}") or "").startswith("Ini bisa gawat.")


# --- danger, and our own words -----------------------------------------------------------------------------------


def test_the_same_danger_again_and_again_is_silent_after_a_while_and_an_urgent_case_stands(world: TalkWorld) -> None:
    got = replies_after(world, [DANGER] * 14, seconds=2)
    (case,) = [case for case in world.cases() if case.kind == "emergency"]

    assert [True] * 10 + [False] * 4 == got
    assert (True, 1) == (case.urgent, case.text.count(NOTE))


def test_another_danger_is_answered_during_that_silence(world: TalkWorld) -> None:
    replies_after(world, [DANGER] * 12, seconds=2)

    assert (world.says("anak saya kejang") or "").startswith("Ini bisa gawat.")


def test_an_urgent_case_stands_although_staff_closed_the_first_one(world: TalkWorld) -> None:
    replies_after(world, [DANGER] * 10, seconds=2)
    with world.database.transaction() as db:
        close_case(db, world.cases()[-1].id, staff_id=None, outcome="sudah", now=world.clock())
    replies_after(world, [DANGER] * 3, seconds=2)

    assert ["closed", "open"] == [case.state for case in world.cases() if case.kind == "emergency"]
    assert world.cases()[-1].urgent


@pytest.mark.parametrize("key", ["emergency.self_harm", "vaccination_info.ask_nurse", "emergency.danger"])
def test_our_own_warning_that_comes_back_is_no_danger(world: TalkWorld, key: str) -> None:
    said = world.says(REPLIES[key].text, channel="whatsapp") or ""

    assert said
    assert not said.startswith(("Ini bisa gawat", "🚨", "Terima kasih sudah cerita", "💛"))
    assert [] == [case for case in world.cases() if case.kind == "emergency"]


def test_a_machine_that_sends_our_words_back_comes_to_rest(world: TalkWorld) -> None:
    for _ in range(40):
        deliver(world)
        world.clock.forward(seconds=1)
        world.hears(f"Anda menulis: {world.outbox()[-1].text}")
        world.clock.forward(seconds=4)
        Answering(world.talk, worker="w").answer_all("w")

    assert len(world.outbox()) < 20
    assert [] == [case for case in world.cases() if case.kind == "emergency"]
    assert 1 == len([case for case in world.cases() if case.kind == "handover"])


def test_a_machine_that_quotes_our_warning_back_comes_to_rest(world: TalkWorld) -> None:
    world.says("saya mau bunuh diri")
    first = len(world.outbox())
    for _ in range(40):
        deliver(world)
        world.clock.forward(seconds=1)
        world.hears(f"Pesan: {world.outbox()[-1].text}")
        world.clock.forward(seconds=4)
        Answering(world.talk, worker="w").answer_all("w")

    assert len(world.outbox()) - first < 15
    assert 1 == len([case for case in world.cases() if case.kind == "emergency"])
