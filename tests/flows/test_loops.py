"""A machine that answers us without end is told from a person who writes much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic.facility import Limits
from clinic.standing import Standing, Written
from flows.dialog import Heard
from flows.gates import Gate, Verdict
from flows.loops import answers_at_once, is_machine, repeats_itself, shape_of
from nlu.keywords import read_keyword
from nlu.understanding import Understanding

LIMITS = Limits(same_text_messages=3, ping_pong_messages=3, flood_messages=100)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LONG = "silakan kakak isi dulu formulir di halaman {}"


def _written(text: str, *, second: float = 0, follows: float | None = None, silence: str = "") -> Written:
    return Written(text, NOW + timedelta(seconds=second), silence, follows)


def _standing(*before: Written, now: str | Written = "", **values: bool) -> Standing:
    taken_up = now if isinstance(now, Written) else _written(now, second=100)
    return Standing(
        contact_id=1, is_first_contact=False, has_opted_out=values.get("has_opted_out", False),
        is_with_staff=values.get("is_with_staff", False), recent_messages=len(before) + 1,
        stopped_lately=values.get("stopped_lately", False), now_written=(taken_up,), written_before=before,
    )  # fmt: skip


def _verdict(standing: Standing, *, intent: str = "greet") -> Verdict:
    text = standing.now_written[0].text
    keyword = read_keyword(text)
    understanding = Understanding(text, intent.split(":")[0], 1.0, danger=intent.partition(":")[2] or None)
    heard = Heard(understanding, NOW.date(), keyword.name if keyword else None)
    return Gate(LIMITS).judge(standing, heard)


# --- the same text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Pesan Anda no. 123 telah kami terima", "pesan anda no 124 telah kami terima!", id="figures"),
        pytest.param("HALO   Bu", "halo, bu 🙏", id="case, marks and emoji"),
        pytest.param("Saldo Rp1.250.000 per 12-05-2026", "saldo rp 900 per 13/05/2026", id="amounts and dates"),
    ],
)
def test_texts_that_differ_in_figures_only_are_the_same(one: str, other: str) -> None:
    assert shape_of(one) == shape_of(other)


@pytest.mark.parametrize(("one", "other"), [("1", "2"), ("halo", "halo bu"), ("", "a"), ("👍", "🙏")])
def test_texts_that_differ_otherwise_are_not(one: str, other: str) -> None:
    assert shape_of(one) != shape_of(other)


def test_the_same_text_is_answered_so_often_and_not_more() -> None:
    said = [_written(f"Tiket {number} diterima sistem") for number in range(3)]

    assert [False, True] == [
        repeats_itself(_standing(*said[:2], now="Tiket 8 diterima sistem"), LIMITS),
        repeats_itself(_standing(*said, now="Tiket 9 diterima sistem"), LIMITS),
    ]


def test_another_text_in_between_is_answered() -> None:
    assert not repeats_itself(_standing(*[_written("halo")] * 9, now="mau daftar"), LIMITS)


@pytest.mark.parametrize("text", ["1", "2", "iya", "ya bu", "tidak", "lanjut", ""])
def test_answers_to_our_questions_may_come_again_and_again(text: str) -> None:
    assert not repeats_itself(_standing(*[_written(text)] * 20, now=text), LIMITS)


# --- ping-pong ---------------------------------------------------------------------------------------------------


def _fast(count: int, *, follows: float = 1.5, text: str = LONG) -> list[Written]:
    return [_written(text.format(number), second=number * 7, follows=follows) for number in range(count)]


def test_long_messages_that_follow_ours_at_once_are_a_machines() -> None:
    four = _fast(4)

    assert [False, True] == [
        answers_at_once(_standing(*four[:2], now=four[2]), LIMITS),
        answers_at_once(_standing(*four[:3], now=four[3]), LIMITS),
    ]


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(_fast(8, follows=5), id="slower than a machine"),
        pytest.param(_fast(8, text="iya bu {}"), id="short"),
        pytest.param([*_fast(3), _written("halo bu mau tanya dulu", second=40)], id="one unhurried in between"),
    ],
)
def test_a_person_is_no_machine(before: list[Written]) -> None:
    assert not answers_at_once(_standing(*before, now=_written(LONG, second=100, follows=1)), LIMITS)


def test_a_machine_that_says_two_messages_at_a_time_is_known() -> None:
    pairs = [each for number in range(2) for each in (
        _written(LONG, second=number * 10, follows=2), _written(LONG + " lagi", second=number * 10 + 2, follows=4)
    )]  # fmt: skip

    assert answers_at_once(_standing(*pairs[:3], now=pairs[3]), LIMITS)


def test_silence_lasts_while_the_machine_goes_on_and_a_short_word_ends_it() -> None:
    silenced = [_written(LONG, second=number, silence="ping_pong") for number in range(2)]

    assert [Verdict.PING_PONG, Verdict.GO_ON, Verdict.GO_ON] == [
        _verdict(_standing(*silenced, now=_written(LONG, second=60, follows=30))),
        _verdict(_standing(*silenced, now="halo bu")),
        _verdict(_standing(*silenced, now="1")),
    ]


# --- the gates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "intent", "expected"),
    [
        pytest.param(_standing(now="halo"), "greet", Verdict.GO_ON, id="a person"),
        pytest.param(_standing(now="Ini adalah pesan otomatis."), "out_of_scope", Verdict.AUTO_REPLY, id="a machine"),
        pytest.param(
            _standing(now="Ini adalah pesan otomatis."),
            "emergency:stroke",
            Verdict.GO_ON,
            id="a machine whose words are on the list of dangers",
        ),
        pytest.param(
            _standing(now="Ini adalah pesan otomatis."),
            "emergency",
            Verdict.AUTO_REPLY,
            id="a machine that only sounds like danger",
        ),
        pytest.param(
            _standing(*[_written("tolong pingsan")] * 2, now="tolong pingsan"), "emergency", Verdict.GO_ON, id="danger"
        ),
        pytest.param(
            _standing(*[_written("tolong pingsan")] * 3, now="tolong pingsan"),
            "emergency",
            Verdict.LOOP,
            id="the same danger again and again",
        ),
        pytest.param(
            _standing(*_fast(9), now=_written("tolong ibu saya pingsan", second=64, follows=1)),
            "emergency",
            Verdict.GO_ON,
            id="danger is never too fast",
        ),
        pytest.param(_standing(now="halo", is_with_staff=True), "emergency", Verdict.GO_ON, id="danger with staff"),
        pytest.param(_standing(now="stop", has_opted_out=True), "stop_messages", Verdict.GO_ON, id="an old stop"),
        pytest.param(
            _standing(now="stop", has_opted_out=True, stopped_lately=True),
            "stop_messages",
            Verdict.SILENT,
            id="stop twice",
        ),
        pytest.param(_standing(now="halo", has_opted_out=True), "greet", Verdict.HINT, id="after a stop"),
    ],
)
def test_each_gate_in_its_turn(standing: Standing, intent: str, expected: Verdict) -> None:
    assert expected is _verdict(standing, intent=intent)


def test_only_messages_that_are_all_automatic_are_a_machines() -> None:
    person, machine = _written("mau daftar"), _written("Ini adalah pesan otomatis.")
    both = Standing(1, False, False, False, 2, now_written=(machine, person))

    assert [True, False, False] == [
        is_machine(Standing(1, False, False, False, 1, now_written=(machine,))),
        is_machine(both),
        is_machine(Standing(1, False, False, False, 0)),
    ]
