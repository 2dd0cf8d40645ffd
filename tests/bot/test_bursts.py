"""Several short messages in a row are answered as one; danger, digits and keywords at once; nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering import LEASE_SECONDS, Answering
from bot.bursts import Burst, is_complete, next_burst, pause_after
from clinic.contacts import people_of
from clinic.conversations import Pause
from clinic.database import Database
from clinic.facility import Facility, Limits
from clinic.identity import IdentityKeeper
from clinic.inbound import InboundView
from clinic.outbox import PRIORITIES
from tests.bot.talk_world import BrokenUnderstander, TalkWorld
from tests.transcripts.runner import read_time

DANGER = "tolong ibu saya pingsan"
DANGER_REPLY = "Ini bisa gawat."
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def world(database: Database, facility: Facility, keeper: IdentityKeeper) -> TalkWorld:
    world = TalkWorld(database, facility, keeper, read_time("2026-11-23T08:00+08:00"))
    world.says("halo")
    return world


def answer(world: TalkWorld) -> int:
    return Answering(world.talk, worker="w").answer_all("w")


def hear(world: TalkWorld, *texts: str, seconds: float = 0.5, **message: Any) -> list[int]:
    """These messages, one after the other, as they come in earnest."""
    ids = []
    for text in texts:
        ids.append(world.hears(text, pauses=True, **message))
        world.clock.forward(seconds=seconds)
    return ids


def after(world: TalkWorld, seconds: float = 4) -> int:
    world.clock.forward(seconds=seconds)
    return answer(world)


# --- what waits, and what does not -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["halo", "terima kasih", "mau daftar", "yg siang aja bu", "Siti Aminah", "", "👍", "besok", "jadwal gigi?"],
)
def test_words_wait_for_more(text: str) -> None:
    assert Pause(4, 20) == pause_after(text, channel="sms", extra={}, limits=Limits())


@pytest.mark.parametrize(
    "text",
    "0|9|2|2.| 3 |STOP|mulai|batal|salah|iya bu|gak|menu|petugas|lanjut|bukan saya|12-05-1990|6472015205900001"
    "|tolong ibu saya pingsan|anak saya kejang|jangan kirim lagi".split("|"),
)
def test_danger_digits_and_keywords_are_answered_at_once(text: str) -> None:
    assert pause_after(text, channel="whatsapp", extra={}, limits=Limits()) is None


@pytest.mark.parametrize(
    ("channel", "extra", "limits"),
    [
        pytest.param("console", {}, Limits(), id="at the console"),
        pytest.param("whatsapp", {"tapped": "2"}, Limits(), id="a tap"),
        pytest.param("sms", {}, Limits(burst_seconds=0), id="switched off"),
    ],
)
def test_some_words_wait_for_nothing(channel: str, extra: dict[str, Any], limits: Limits) -> None:
    assert pause_after("mau daftar", channel=channel, extra=extra, limits=limits) is None


def test_a_long_story_is_whole() -> None:
    assert pause_after("saya mau cerita " * 20, channel="sms", extra={}, limits=Limits()) is None


@given(st.text(max_size=300))
def test_any_text_is_decided(text: str) -> None:
    pause = pause_after(text, channel="sms", extra={}, limits=Limits())

    assert pause is None or not is_complete(text, {})


# --- what is taken together --------------------------------------------------------------------------------------


def _message(number: int, text: str, **values: Any) -> InboundView:
    return InboundView(
        id=number, provider_id=f"SM{number}", contact_id=1, address_id=1, channel="sms", text=text,
        media=values.get("media", ()), extra=values.get("extra", {}), received_at=NOW, state="received", tries=0,
    )  # fmt: skip


def _burst(*texts: str) -> Burst:
    return next_burst([_message(number, text) for number, text in enumerate(texts, 1)])


@pytest.mark.parametrize(
    ("texts", "taken", "read", "alone"),
    [
        pytest.param(["halo", "mau daftar", "gigi"], 3, "halo\nmau daftar\ngigi", None, id="words"),
        pytest.param(["halo", "Halo ", "gigi"], 3, "Halo \ngigi", None, id="the same twice"),
        pytest.param(["yg siang", "2", "eh"], 2, "yg siang\n2", "2", id="up to a digit"),
        pytest.param(["2", "yg siang"], 1, "2", None, id="a digit first"),
        pytest.param(["1", "1", "gigi"], 2, "1", None, id="a digit pressed twice"),
        pytest.param(["1", "2"], 1, "1", None, id="two digits"),
        pytest.param(["daftar gigi", "batal"], 1, "daftar gigi", None, id="what takes back is heard by itself"),
        pytest.param(["batal", "halo"], 1, "batal", None, id="and first where it came first"),
        pytest.param(["obat ibu habis", "9"], 2, "obat ibu habis\n9", "9", id="a person is called"),
        pytest.param(["halo", DANGER, "cepat"], 3, f"halo\n{DANGER}\ncepat", None, id="danger takes all words"),
        pytest.param(["1", DANGER], 1, DANGER, None, id="and leaves digits for later"),
        pytest.param(["", "halo"], 2, "halo", None, id="an empty one"),
    ],
)
def test_words_are_read_together_up_to_a_digit(texts: list[str], taken: int, read: str, alone: str | None) -> None:
    burst = _burst(*texts)

    assert (taken, read, alone) == (len(burst.messages), burst.whole.text, burst.answer)


def test_media_of_a_burst_come_together() -> None:
    photo, voice = {"url": "https://example.invalid/1"}, {"url": "https://example.invalid/2"}
    burst = next_burst([_message(1, "", media=(photo,)), _message(2, "resep", media=(voice,)), _message(3, "ibu")])

    assert ((photo, voice), "resep\nibu", 3, (1, 2)) == (
        burst.whole.media, burst.whole.text, burst.whole.id, burst.earlier_ids,
    )  # fmt: skip


def test_a_lost_part_of_a_long_sms_is_known_wherever_it_stands() -> None:
    burst = next_burst([_message(1, "awal", extra={"fragment": [1, 3]}), _message(2, "lalu")])

    assert "fragment" in burst.whole.extra


def test_a_phones_automatic_reply_is_not_read_with_what_its_owner_writes() -> None:
    burst = _burst("Terima kasih telah menghubungi Toko Berkah. Pesan Anda akan segera kami balas.", "mau daftar gigi")

    assert (2, "mau daftar gigi") == (len(burst.messages), burst.whole.text)


@given(st.lists(st.sampled_from(["halo", "mau daftar", "1", "2", "0", "iya", "batal", DANGER, "", "gigi"]), max_size=9))
def test_whatever_waits_is_taken_up_exactly_once(texts: list[str]) -> None:
    waiting: Sequence[InboundView] = [_message(number, text) for number, text in enumerate(texts, 1)]
    taken: list[int] = []
    while waiting:
        burst = next_burst(waiting)
        assert burst.messages
        taken += [message.id for message in burst.messages]
        waiting = [message for message in waiting if message.id not in taken]

    assert list(range(1, len(texts) + 1)) == sorted(taken)
    if DANGER not in texts:
        assert sorted(taken) == taken


# --- one answer --------------------------------------------------------------------------------------------------


def test_a_burst_gets_one_answer_after_the_last_message(world: TalkWorld) -> None:
    ids = hear(world, "halo bu", "mau daftar", "gigi", "besok")
    assert 0 == after(world, 3)

    assert 4 == after(world, 1)
    assert [ids[-1]] == [inbound_id for inbound_id in ids if inbound_id in world.answers()]
    assert world.answers()[ids[-1]].startswith("Siapa nama")
    assert [{"joined_to": ids[-1]}] * 3 == [message.reading for message in world.inbound()[-4:-1]]
    assert {"answered"} == {message.state for message in world.inbound()}


def test_somebody_who_never_stops_typing_is_answered(world: TalkWorld) -> None:
    before = len(world.outbox())
    for number in range(12):
        hear(world, f"lalu yang ke {number}", seconds=3)
        answer(world)

    assert len(world.outbox()) - before == 1


def test_words_may_answer_the_open_question_together(world: TalkWorld) -> None:
    world.says("daftar gigi")
    hear(world, "besok", "pagi aja bu")
    after(world)

    assert "book_queue" == world.state()["flow"]
    assert world.outbox()[-1].text.startswith("Siapa nama")


def test_a_digit_answers_what_is_open_and_the_words_before_it_do_not_count(world: TalkWorld) -> None:
    world.says("daftar")
    first, digit = hear(world, "yg siang aja bu", "2")
    answer(world)

    assert first not in world.answers()
    assert world.answers()[digit].startswith("Poli Gigi: mau hari apa?")


def test_the_words_before_a_digit_count_where_it_fits_nothing(world: TalkWorld) -> None:
    world.says("batal")
    _, digit = hear(world, "mau daftar poli gigi", "1")
    answer(world)

    assert world.answers()[digit].startswith("Poli Gigi: mau hari apa?")


def test_a_digit_does_not_swallow_a_complaint(world: TalkWorld) -> None:
    world.says("mau keluhan")
    hear(world, "antri lama sekali", "dari pagi tidak dipanggil", "1")
    answer(world)
    while world.state().get("flow"):
        world.says("1")

    assert ["antri lama sekali\ndari pagi tidak dipanggil\n1"] == [case.text for case in world.cases()]


def test_staff_read_the_words_that_came_before_the_nine(world: TalkWorld) -> None:
    hear(world, "obat ibu saya habis", "9")
    answer(world)

    assert [("handover", "halo\nobat ibu saya habis\n9")] == [(case.kind, case.text) for case in world.cases()]


def test_a_name_in_two_messages_is_one_name(world: TalkWorld) -> None:
    world.says("daftar gigi")
    world.says("besok")
    hear(world, "Siti", "Aminah")
    after(world)

    with world.database.reading() as db:
        assert ["Siti Aminah"] == [person.name for person in people_of(db, 1)]


def test_what_comes_during_a_turn_waits_for_its_own(world: TalkWorld) -> None:
    (first,) = hear(world, "daftar gigi")
    world.clock.forward(seconds=4)
    late: list[int] = []

    class WritesMeanwhile:
        def parse(self, text: str) -> None:
            if not late:
                late.extend(hear(world, "besok"))

    understander = replace(world.talk.understander, parser=WritesMeanwhile())
    world.talk = replace(world.talk, understander=understander)
    assert 1 == answer(world)
    assert (True, False) == (first in world.answers(), late[0] in world.answers())
    assert 1 == after(world)
    assert world.answers()[late[0]].startswith("Siapa nama")


# --- danger ------------------------------------------------------------------------------------------------------


def test_danger_in_a_burst_is_answered_at_once_and_the_whole_burst_is_read(world: TalkWorld) -> None:
    _, danger = hear(world, "halo bu mau daftar", DANGER, seconds=0)

    assert 2 == answer(world)
    assert world.answers()[danger].startswith(DANGER_REPLY)
    assert PRIORITIES["danger"] == world.outbox()[-1].priority
    assert [("emergency", f"halo bu mau daftar\n{DANGER}")] == [(case.kind, case.text) for case in world.cases()]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["ibu saya", "pingsan"], id="said in two messages"),
        pytest.param(["anak saya", "sesak", "napas"], id="said in three"),
        pytest.param([DANGER, "kemarin"], id="taken back by nothing that stands beside it"),
        pytest.param(["apa itu stroke", "ibu saya pingsan sekarang"], id="behind a question"),
    ],
)
def test_danger_wins_over_what_stands_around_it(world: TalkWorld, texts: list[str]) -> None:
    hear(world, *texts)
    after(world)

    assert any(message.text.startswith(DANGER_REPLY) for message in world.outbox())


def test_danger_is_answered_before_a_digit_and_the_digit_is_answered_too(world: TalkWorld) -> None:
    world.says("daftar")
    digit, danger = hear(world, "2", DANGER)
    answer(world)

    assert world.answers()[danger].startswith(DANGER_REPLY)
    assert world.answers()[digit].startswith("Poli Gigi: mau hari apa?")
    assert [danger, digit] == [int(message.key.split(":")[1]) for message in world.outbox()[-2:]]


# --- silence and failure -----------------------------------------------------------------------------------------


def test_a_burst_is_silent_while_a_person_answers(world: TalkWorld) -> None:
    world.says("9")
    before = len(world.outbox())
    hear(world, "bu", "obat saya habis")
    after(world)

    assert (before, ["silent", "silent"]) == (
        len(world.outbox()), [message.state for message in world.inbound()[-2:]],
    )  # fmt: skip


def test_a_burst_that_cannot_be_answered_is_apologised_for_once(world: TalkWorld) -> None:
    world.understands_with(BrokenUnderstander(99))
    ids = hear(world, "jadwal dokter", "gigi hari senin")
    for _ in range(3):
        after(world, 10)

    assert ["failed", "failed"] == [message.state for message in world.inbound()[-2:]]
    assert [ids[-1]] == [inbound_id for inbound_id in ids if inbound_id in world.answers()]
    assert [("error", "jadwal dokter\ngigi hari senin")] == [(case.kind, case.text) for case in world.cases()]


def test_a_further_message_joins_a_burst_that_failed_once(world: TalkWorld) -> None:
    world.understands_with(BrokenUnderstander(1))
    hear(world, "daftar gigi")
    after(world)
    (last,) = hear(world, "besok")
    after(world, 10)

    assert world.answers()[last].startswith("Siapa nama")
    assert {"answered"} == {message.state for message in world.inbound()}


def test_a_flood_of_short_messages_is_still_a_flood_and_told_once(world: TalkWorld) -> None:
    world.with_facility(flood_messages=6)
    for _ in range(4):
        hear(world, "halo", "bu", "mau tanya")
        after(world)

    assert ["flood"] == [case.topic for case in world.cases()]
    assert 1 == sum(message.text.startswith("Pesannya banyak") for message in world.outbox())


def test_what_several_messages_mean_is_not_put_to_staff_as_the_meaning_of_one(world: TalkWorld) -> None:
    hear(world, "bu", "itu lho yang kemarin anu")
    after(world)
    with world.database.engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM unclear_message").scalar()

    assert 0 == count


# --- nothing lost, nothing doubled -------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here: nobody gets to tidy up."""


def _dies_at(world: TalkWorld, place: str) -> Callable[[], None]:
    """Answer and die at this place of the turn."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    class Dying:
        def parse(self, text: str) -> None:
            die()

    def work() -> None:
        talk = world.talk
        if place == "while the parser reads":
            talk = replace(talk, understander=replace(talk.understander, parser=Dying()))
        if place == "while it is written":
            talk = replace(talk, replies=_Exploding())
        with pytest.raises(Killed):
            Answering(talk, worker="dead").answer_all("dead")

    return work


class _Exploding(dict[str, Any]):
    """Replies whose first use is the end."""

    def items(self) -> Any:
        return {}.items()

    def __getitem__(self, key: str) -> Any:
        raise Killed

    def get(self, key: str, default: Any = None) -> Any:
        return default


@pytest.mark.parametrize("place", ["while the parser reads", "while it is written"])
def test_a_worker_that_is_killed_loses_and_doubles_nothing(world: TalkWorld, place: str) -> None:
    ids = hear(world, "daftar gigi", "besok aja bu")
    world.clock.forward(seconds=4)
    _dies_at(world, place)()
    assert ["received", "received"] == [message.state for message in world.inbound()[-2:]]

    more = hear(world, "pagi")
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    assert 3 == answer(world)
    assert [more[0]] == [inbound_id for inbound_id in (*ids, *more) if inbound_id in world.answers()]
    assert 0 == answer(world)


TEXTS = ["halo bu", "mau tanya", "1", "0", "besok", "iya", DANGER, "terima kasih", "jadwal gigi"]
Arrivals = st.lists(
    st.tuples(st.sampled_from(TEXTS), st.floats(min_value=0, max_value=7), st.booleans()), min_size=1, max_size=12
)


@given(arrivals=Arrivals)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_message_is_answered_exactly_once_and_in_order(
    world: TalkWorld, arrivals: list[tuple[str, float, bool]]
) -> None:
    world.count += 1
    phone = f"+6281200{world.count:06d}"
    ids = []
    for text, pause, worker_looks in arrivals:
        ids.append(world.hears(text, phone=phone, pauses=True))
        world.clock.forward(seconds=pause)
        if worker_looks:
            answer(world)
    after(world, 30)
    rows = {message.id: message for message in world.inbound() if message.id in ids}
    answered = [inbound_id for inbound_id in ids if inbound_id in world.answers()]
    joined = {inbound_id: row.reading["joined_to"] for inbound_id, row in rows.items() if "joined_to" in row.reading}

    # The third unclear answer gives the talk to a person, and then the bot is silent.
    silent = [each for each, row in rows.items() if row.state == "silent" and each not in joined]

    assert {row.state for row in rows.values()} <= {"answered", "silent"}
    assert not silent or "handover" in {case.kind for case in world.cases()}
    assert sorted(ids) == sorted([*answered, *silent, *joined])
    assert all(later in (*answered, *silent) and later > earlier for earlier, later in joined.items())
    order = [int(m.key.split(":")[1]) for m in world.outbox() if int(m.key.split(":")[1]) in ids]
    dangers = {inbound_id for inbound_id in answered if world.answers()[inbound_id].startswith(DANGER_REPLY)}
    plain = [inbound_id for inbound_id in order if inbound_id not in dangers]
    assert sorted(plain) == plain
    assert not any(rows[inbound_id].text == DANGER and inbound_id not in dangers for inbound_id in answered)


def test_in_real_time_a_burst_is_answered_once_a_moment_after_its_last_message(world: TalkWorld) -> None:
    world.talk = replace(world.talk, clock=lambda: datetime.now(UTC))
    world.clock = world.talk.clock  # type: ignore[assignment]
    world.with_facility(burst_seconds=1)
    answering = Answering(world.talk, worker="w", threads=3)
    threads = answering.start()
    phones = [f"+62812000009{number:02}" for number in range(4)]

    def write(phone: str) -> None:
        for text in ("halo bu", "mau daftar", "gigi"):
            world.hears(text, phone=phone, pauses=True)
            time.sleep(0.2)

    writers = [threading.Thread(target=write, args=(phone,)) for phone in phones]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    last_written = datetime.now(UTC)
    end = time.monotonic() + 60
    while any(message.state == "received" for message in world.inbound()) and time.monotonic() < end:
        time.sleep(0.05)
    answering.stopping.set()
    for thread in threads:
        thread.join(timeout=30)

    mine = [message for message in world.inbound() if message.contact_id != 1]
    assert {"answered"} == {message.state for message in mine}
    replies = [message for message in world.outbox() if message.contact_id != 1]
    assert 4 == len(replies), [message.text for message in replies]
    assert all(message.created_at >= last_written - timedelta(seconds=1.5) for message in replies)
