"""Every day, every hour and every number comes back exactly, however it is written; no text is too much."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.calendar_words import FULL_MONTHS, PARTS, PRAYERS, WEEKDAYS
from nlu.dates import read_day
from nlu.extract import extract
from nlu.times import read_time
from nlu.understanding import ENTITIES

FIRST, LAST = date(2024, 1, 1), date(2031, 12, 31)
DAYS_AHEAD = 365
SHORT_MONTHS = ("jan", "feb", "mar", "apr", "mei", "jun", "jul", "agt", "sept", "okt", "nov", "des")
TELLING_DAYS = (date(2026, 11, 23), date(2027, 12, 31), date(2028, 2, 29), date(2027, 1, 30))
ONES = "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas".split()
FRAMES = (
    "{}",
    "mau daftar poli gigi {} ya bu",
    "{} bisa kah?",
    "sy mo ke umum {} jm 8",
    "min, {} pagi msh ksong?",
    "tlg dftrkn ibu sy utk {}.",
    "Apakah dokter ada {}?",
    "anak saya lahir 5 maret 2019, mau imunisasi {}",
    "kemarin penuh, jadi {} saja",
)
TIME_FRAMES = ("{}", "besok {}", "daftar poli umum {} ya", "sy dtg hr kamis {}.", "pagi bu, {} bisa?", "tgl 5 {}")
NUMBER_FRAMES = (
    "{}",
    "nik sy {} ya",
    "ini nomornya: {}, tolong dicek",
    "no {} an budi",
    "{} mau ke poli gigi besok jam 8",
)
GROUPINGS = {
    16: ((16,), (4, 4, 4, 4), (6, 6, 4), (2, 2, 2, 6, 4), (8, 8), (1,) * 16),
    13: ((13,), (4, 4, 5), (3, 10), (3, 3, 3, 4), (7, 6), (1,) * 13),
}
SOUP = (
    *"jam tgl tanggal hari minggu bulan depan lagi lalu besok lusa sekarang nanti dari sampai ke pindah".split(),
    *"ganti jadi bukan setengah lewat kurang seperempat dua puluh belas satu rb sen isuk enjing kk dr".split(),
    *"drg an. untuk ibu saya anakku poli umum dokter nik".split(),
    *WEEKDAYS,
    *PARTS,
    *PRAYERS,
    *SHORT_MONTHS,
    *"5 12 26 2026 5/12 5-12 08.30 8:30 1/2 31/2 29 99 6472 0000 , . - ? / \n".split(" "),
)


def in_words(number: int) -> str:
    if number < len(ONES):
        return ONES[number]
    if number < 20:
        return f"{ONES[number - 10]} belas"
    return f"{ONES[number // 10]} puluh" + (f" {ONES[number % 10]}" if number % 10 else "")


def phrasings(day: date, today: date) -> Iterator[str]:
    """Ways to say the day that hold for every day of the year ahead."""
    month, short, weekday = FULL_MONTHS[day.month - 1], SHORT_MONTHS[day.month - 1], WEEKDAYS[day.weekday()]
    number, year = day.day, day.year
    yield from (f"{number} {month} {year}", f"tgl {number} {short} {year}", f"{number} {short} {year % 100}")
    yield from (f"{day:%d/%m/%Y}", f"{number}-{day.month}-{year}", f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}")
    yield from (f"{day:%d/%m/%y}", f"{number} {day.month} {year}", f"{weekday}, {number} {month.title()} {year}")
    yield from (f"{number} {month}", f"tanggal {number} {month}", f"tgl{number} {short}", f"tgl {number}/{day.month}")
    yield from (f"tanggal {in_words(number)} {month}", f"tgl {number} bulan {day.month}", f"{month} tanggal {number}")
    yield from (f"hr {weekday} tgl {number} {short}", f"{number}{short}{year}")
    yield from _nearer_phrasings(day, today)


def _nearer_phrasings(day: date, today: date) -> Iterator[str]:
    """Ways that only hold for a day that is near enough."""
    ahead = (day - today).days
    weekday = WEEKDAYS[day.weekday()]
    next_monday = today + timedelta(days=7 - today.weekday())
    if 1 <= ahead <= 99:
        yield from (f"{ahead} hari lagi", f"{ahead}hr lg", f"{in_words(ahead)} hari lagi")
    if ahead % 7 == 0 and 7 <= ahead <= 70:
        yield from (f"{ahead // 7} minggu lagi", f"{ahead // 7}mgg lg", f"{in_words(ahead // 7)} minggu ke depan")
    if ahead < 7:
        yield from (f"hari {weekday}", f"hr {weekday}")
    if 1 <= ahead <= 7:
        yield f"hari {weekday} depan"
    if next_monday <= day < next_monday + timedelta(days=6):
        yield from (f"{weekday} minggu depan", f"minggu depan hari {weekday}", f"mgg dpn hr {weekday}")
    if day == _next_with_number(day.day, today):
        yield from (f"tgl {day.day}", f"tanggal {in_words(day.day)}")
    if day.month == today.month % 12 + 1 and ahead < 62:
        yield from (f"tgl {day.day} bulan depan", f"bln dpn tgl {day.day}")
    yield from {0: ("hari ini", "hr ini"), 1: ("besok", "bsk", "sesuk"), 2: ("lusa", "besok lusa")}.get(ahead, ())


def _next_with_number(number: int, today: date) -> date:
    day = today
    while day.day != number:
        day += timedelta(days=1)
    return day


def hours(clock: time) -> Iterator[str]:
    """Ways to say a time of day."""
    hour, minute, on_the_dial = clock.hour, clock.minute, (clock.hour - 1) % 12 + 1
    part = _part(hour)
    if not 1 <= hour <= 5:
        yield from (f"jam {hour}.{minute:02d}", f"pukul {hour:02d}.{minute:02d}", f"pkl {hour:02d}:{minute:02d}")
        yield from (f"jm {hour}:{minute:02d} wita", f"{hour:02d}:{minute:02d}", f"jam {hour:02d}{minute:02d}")
    yield from (f"jam {on_the_dial}.{minute:02d} {part}", f"{on_the_dial}:{minute:02d} {part}")
    yield from (
        f"jam {on_the_dial} lewat {minute} {part}",
        f"jam {in_words(on_the_dial)} lewat {in_words(minute)} {part}",
    )
    yield from (f"{part} jam {on_the_dial}.{minute:02d}", f"jam {on_the_dial} lebih {minute} menit {part}")
    yield f"jm{on_the_dial}.{minute:02d} {part}"
    yield from _round_hours(clock)


def _round_hours(clock: time) -> Iterator[str]:
    """Ways to say an hour, its half and its quarters."""
    hour, minute = clock.hour, clock.minute
    if minute == 0:
        dial = (hour - 1) % 12 + 1
        yield from (f"jam {dial} {_part(hour)}", f"jam {dial}an {_part(hour)}", f"jam {in_words(dial)} {_part(hour)}")
        yield from (f"jam {dial} tepat {_part(hour)}", f"jam {dial} di {_part(hour)} hari", f"{_part(hour)} jam {dial}")
    following = (hour + 1) % 24
    dial = (following - 1) % 12 + 1
    if minute == 30:
        yield from (f"jam setengah {dial} {_part(following)}", f"stgh {in_words(dial)} {_part(following)}")
    if minute == 45:
        yield from (f"jam {dial} kurang seperempat {_part(following)}", f"jam {dial} krg 15 {_part(following)}")
    if minute == 15:
        yield f"jam {(hour - 1) % 12 + 1} lewat seperempat {_part(hour)}"


def _part(hour: int) -> str:
    if hour == 0 or hour >= 19:
        return "malam"
    return "pagi" if hour <= 10 else "siang" if hour <= 14 else "sore"


def value(text: str, entity: str) -> str | None:
    found = [each.value for each in extract(text, today=TELLING_DAYS[0]) if each.entity == entity]
    return found[0] if found else None


@st.composite
def numbers(draw: st.DrawFn, *, length: int, beginning: str = "") -> tuple[str, str]:
    """Digits and a way to write them: in groups, with O for 0 and l or I for 1."""
    digits = beginning + "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=length, max_size=length)))
    digits = digits[:length]
    between = draw(st.sampled_from([" ", ".", "-", " - "]))
    groups, start = [], 0
    for size in draw(st.sampled_from(GROUPINGS[length])):
        groups.append(digits[start : start + size])
        start += size
    return digits, between.join(_with_letters(group, draw) for group in groups)


def _with_letters(group: str, draw: st.DrawFn) -> str:
    """The group with some figures as letters, one of them at least a figure still."""
    kept = draw(st.integers(0, len(group) - 1))
    signs = {"0": draw(st.sampled_from("0Oo")), "1": draw(st.sampled_from("1lI"))}
    return "".join(sign if at == kept else signs.get(sign, sign) for at, sign in enumerate(group))


@pytest.mark.parametrize("today", TELLING_DAYS, ids=str)
def test_every_day_of_the_year_ahead_comes_back_exactly(today: date) -> None:
    for ahead in range(DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        said = list(phrasings(day, today))
        assert len(said) >= 14
        wrong = {phrase: found for phrase in said if (found := read_day(phrase, today=today)) != day}
        assert not wrong, f"{day} on {today}"


@given(st.dates(FIRST, LAST), st.integers(0, DAYS_AHEAD - 1), st.sampled_from(FRAMES))
def test_a_day_in_a_message_comes_back_exactly(today: date, ahead: int, frame: str) -> None:
    day = today + timedelta(days=ahead)
    wrong = {
        text: found
        for phrase in phrasings(day, today)
        if (found := read_day(text := frame.format(phrase), today=today)) != day
    }
    assert not wrong, f"{day} on {today}"


@pytest.mark.parametrize("hour", range(24))
def test_every_time_of_day_comes_back_exactly(hour: int) -> None:
    for minute in range(0, 60, 5):
        clock = time(hour, minute)
        said = list(hours(clock))
        assert len(said) >= (7 if 1 <= hour <= 5 else 10)
        wrong = {phrase: found for phrase in said if (found := read_time(phrase)) != f"{clock:%H:%M}"}
        assert not wrong, str(clock)


@given(st.integers(6, 21), st.sampled_from((0, 15, 30, 45)), st.sampled_from(TIME_FRAMES))
def test_a_time_in_a_message_comes_back_exactly(hour: int, minute: int, frame: str) -> None:
    clock = time(hour, minute)
    wrong = {
        text: found for phrase in hours(clock) if (found := read_time(text := frame.format(phrase))) != f"{clock:%H:%M}"
    }
    assert not wrong


@given(numbers(length=16), st.sampled_from(NUMBER_FRAMES))
def test_a_nik_comes_back_exactly(number: tuple[str, str], frame: str) -> None:
    digits, written = number
    assert value(frame.format(written), "nik") == digits


@given(numbers(length=13, beginning="000"), st.sampled_from(NUMBER_FRAMES))
def test_a_card_number_comes_back_exactly(number: tuple[str, str], frame: str) -> None:
    digits, written = number
    assert value(frame.format(written), "card_number") == digits


@given(
    st.from_regex(r"8[1-9][0-9]{7,10}", fullmatch=True),
    st.sampled_from(("0", "62", "+62", "+62 ", "o")),
    st.sampled_from((3, 4, 12)),
    st.sampled_from(NUMBER_FRAMES),
)
def test_a_phone_number_is_no_identity_number(digits: str, beginning: str, group: int, frame: str) -> None:
    written = beginning + "-".join(re.findall(f".{{1,{group}}}", digits))
    found = {each.entity: each.value for each in extract(frame.format(written), today=TELLING_DAYS[0])}
    assert found.get("phone") == f"+62{digits}"
    assert not {"nik", "card_number"} & set(found)


@given(st.lists(st.sampled_from(SOUP), max_size=40), st.dates(FIRST, LAST), st.sampled_from((" ", "", "  ")))
def test_any_soup_of_words_is_read_without_error(words: list[str], today: date, between: str) -> None:
    for found in extract(between.join(words), today=today):
        assert found.entity in ENTITIES
        assert found.value
        assert found.entity != "date" or date.fromisoformat(found.value)


@pytest.mark.parametrize(
    "pattern",
    [
        *SOUP,
        *("1", "1 ", "1.-", "o ", "O0", "lI", "0-", "+62", "6472 ", "a", "aA1", "'", "a'", "x2", "é", "½", "🙏"),
        *("jam 8 ", "jam 8.", "jam setengah ", "tgl 5 ", "5/5/", "5 des ", "lahir ", "bayar iuran ", "tiap hari "),
        *("hari senin ", "senin sampai ", "pindah ke ", "dari ke ", "minum obat ", "selamat pagi ", "pagi, "),
        *(
            "dua puluh ",
            "setengah setengah ",
            "untuk anak ",
            "ibu saya ",
            "poli umum ",
            "an. ",
            "s/d ",
            "besok2 ",
            "bsk-bsk",
        ),
    ],
)
def test_four_thousand_letters_are_read_in_one_go(pattern: str) -> None:
    """A pattern that tries every split of such a text would not come back."""
    text = (pattern * 4000)[:4000]
    extract(text, today=TELLING_DAYS[0])
    extract(f"{text[:3990]} !x", today=TELLING_DAYS[0])


def test_a_year_has_every_day() -> None:
    assert sum(calendar.monthrange(2027, month)[1] for month in range(1, 13)) == DAYS_AHEAD
