"""Days as people write them, on days of the calendar where a careless reading goes wrong."""

from __future__ import annotations

from datetime import date

import pytest

from nlu.dates import next_week, read_day, two_days

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)
SATURDAY = date(2026, 11, 28)
SUNDAY = date(2026, 11, 29)
LAST_OF_NOVEMBER = date(2026, 11, 30)
NEW_YEARS_EVE = date(2026, 12, 31)
LAST_OF_JANUARY = date(2027, 1, 31)
BEFORE_A_LEAP_DAY = date(2028, 2, 27)

# today, then per line: what is written -> day.month(.year), or "-" where no day is named and one has to be asked for.
TABLE = {
    MONDAY: """
        besok -> 24.11
        bsk pagi -> 24.11
        bsok -> 24.11
        besok sore jam 4 -> 24.11
        besok selasa -> 24.11
        besok hari selasa -> 24.11
        bsk selasa tgl 24 -> 24.11
        besok hbs dzuhur -> 24.11
        besok atau lusa -> 24.11
        besok pas jam buka -> 24.11
        besok lusa -> 25.11
        lusa -> 25.11
        lusa hari rabu -> 25.11
        rabu lusa -> 25.11
        bukan besok tapi lusa -> 25.11
        besok bu, eh lusa deh -> 25.11
        jangan besok, lusa aja -> 25.11
        tulat -> 26.11
        hari ini -> 23.11
        hr ini siang -> 23.11
        hari ini jam 1 -> 23.11
        nanti sore -> 23.11
        ntar malem -> 23.11
        nanti siang -> 23.11
        sore ini aja -> 23.11
        malam ini -> 23.11
        pagi ini -> 23.11
        skrg bisa? -> 23.11
        senin -> 23.11
        senen -> 23.11
        senin depan -> 30.11
        senin dpn -> 30.11
        senin besok -> 30.11
        senin minggu depan -> 30.11
        minggu depan hari senin -> 30.11
        senin tgl 30 -> 30.11
        minggu depan -> 30.11
        mgg depan -> 30.11
        pekan depan -> 30.11
        minggu depannya -> 30.11
        hari minggu -> 29.11
        minggu -> 29.11
        minggu pagi -> 29.11
        minggu besok -> 29.11
        hari minggu ini -> 29.11
        hari minggu depan -> 29.11
        ahad -> 29.11
        selasa atau rabu -> 24.11
        rebo -> 25.11
        rabu yang akan datang -> 25.11
        kamis ini -> 26.11
        kemis -> 26.11
        kamis nanti -> 26.11
        kamis minggu ini -> 26.11
        minggu ini hari kamis -> 26.11
        kamis minggu depan -> 3.12
        besok ga bisa, kamis gimana -> 26.11
        hari kamis tgl 26 nov 2026 -> 26.11
        hari jum'at -> 27.11
        jmt pagi -> 27.11
        malam jumat -> 26.11
        sabtu depan -> 28.11
        hari sbt -> 28.11
        malem senin -> 29.11
        tgl 5 -> 5.12
        tgl. 5 -> 5.12
        tgl:5 -> 5.12
        tggl 5 -> 5.12
        tgl 05 -> 5.12
        tgl lima -> 5.12
        tgl 5 bln dpn -> 5.12
        tgl 5/12 -> 5.12
        5 des -> 5.12
        5desember -> 5.12
        5 desember 2026 -> 5.12
        5/12/26 -> 5.12
        5.12.2026 -> 5.12
        05-12-2026 -> 5.12
        tgl 23 -> 23.11
        tgl 22 -> 22.12
        tgl 27 bulan ini -> 27.11
        tgl 24 ya bu -> 24.11
        tgl 24 nov jam 9 -> 24.11
        24/11 -> 24.11
        tanggal dua puluh lima -> 25.11
        tgl 31 -> 31.12
        1 jan -> 1.1.2027
        29 feb -> 29.2.2028
        3 hari lagi -> 26.11
        dua hari kedepan -> 25.11
        10 hari lagi -> 3.12
        satu minggu lagi -> 30.11
        seminggu dari sekarang -> 30.11
        selamat siang, mau daftar lusa -> 25.11
        siang bu, besok ada? -> 24.11
        malam bu mau daftar -> -
        nanti habis jumatan -> -
        minggu ini -> -
        dalam minggu ini -> -
        besok2 aja -> -
        akhir bulan -> -
        awal bulan depan -> -
        bulan depan -> -
        tengah bulan -> -
        akhir minggu -> -
        habis lebaran -> -
        setelah natal -> -
        abis tahun baru -> -
        habis libur -> -
        abis gajian -> -
        setelah rabu -> -
        sebelum hari jumat -> -
        sebelum tgl 30 -> -
        kapan aja -> -
        lain hari -> -
        hari kerja -> -
        jangan senin -> -
        selain senin -> -
        senin lalu -> -
        kemarin -> -
        minggu lalu -> -
        tiap senin -> -
        senin sampai kamis -> -
        sampai besok -> -
        tgl 32 -> -
        31 november -> -
        31/11 -> -
        30 feb -> -
        hari ke 3 -> -
    """,
    FRIDAY: """
        besok -> 28.11
        sabtu besok -> 28.11
        jumat -> 27.11
        jumat depan -> 4.12
        senin -> 30.11
        senin minggu depan -> 30.11
        nanti abis jumatan -> 27.11
        hari ini sebelum jumatan -> 27.11
        malam minggu -> 28.11
        minggu -> 29.11
    """,
    SATURDAY: """
        besok -> 29.11
        besok minggu -> 29.11
        minggu -> 29.11
        lusa -> 30.11
        lusa senin -> 30.11
        senin -> 30.11
        senin depan -> 30.11
        senin minggu depan -> 30.11
        rabu minggu depan -> 2.12
        sabtu -> 28.11
        sabtu depan -> 5.12
        sabtu minggu depan -> 5.12
        jumat -> 4.12
        tgl 1 -> 1.12
        tgl 31 -> 31.12
        malam ini -> 28.11
        minggu ini -> -
    """,
    SUNDAY: """
        minggu -> 29.11
        besok -> 30.11
        senin -> 30.11
        besok senin -> 30.11
        senin minggu depan -> 30.11
        minggu depan -> 6.12
    """,
    LAST_OF_NOVEMBER: """
        besok -> 1.12
        besok tgl 1 -> 1.12
        1/12 -> 1.12
        lusa -> 2.12
        rabu -> 2.12
        tgl 30 -> 30.11
        tgl 29 -> 29.12
        tgl 31 -> 31.12
        senin depan -> 7.12
        akhir bulan ini -> -
    """,
    NEW_YEARS_EVE: """
        besok -> 1.1.2027
        tgl 1 -> 1.1.2027
        2/1 -> 2.1.2027
        7/1/27 -> 7.1.2027
        lusa -> 2.1.2027
        sabtu -> 2.1.2027
        minggu -> 3.1.2027
        senin -> 4.1.2027
        bulan depan tgl 4 -> 4.1.2027
        kamis -> 31.12
        kamis depan -> 7.1.2027
        tgl 31 -> 31.12
        31 des -> 31.12
        malam tahun baru -> -
    """,
    LAST_OF_JANUARY: """
        besok -> 1.2.2027
        tgl 5 -> 5.2.2027
        tgl 30 -> 30.3.2027
        28 feb -> 28.2.2027
        29 feb -> 29.2.2028
        tgl 31 bulan depan -> -
    """,
    BEFORE_A_LEAP_DAY: """
        besok -> 28.2.2028
        lusa -> 29.2.2028
        29 feb -> 29.2.2028
        29/2 -> 29.2.2028
        tgl 29 -> 29.2.2028
        tgl 30 -> 30.3.2028
        1 maret -> 1.3.2028
        selasa -> 29.2.2028
    """,
}
CASES = [
    pytest.param(today, *line.strip().split(" -> "), id=f"{today:%d%b}: {line.strip()}")
    for today, lines in TABLE.items()
    for line in lines.strip().splitlines()
]


@pytest.mark.parametrize(("today", "text", "expected"), CASES)
def test_a_day_is_read_as_it_is_meant_on_that_day(today: date, text: str, expected: str) -> None:
    assert read_day(text, today=today) == _day(expected)


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(CASES) >= 120


@pytest.mark.parametrize(
    ("today", "text", "monday"),
    [
        pytest.param(MONDAY, "minggu depan", date(2026, 11, 30), id="minggu depan"),
        pytest.param(MONDAY, "mau daftar gigi minggu dpn", date(2026, 11, 30), id="in a sentence"),
        pytest.param(SUNDAY, "pekan depan aja", date(2026, 11, 30), id="next week begins tomorrow"),
        pytest.param(NEW_YEARS_EVE, "minggu depan", date(2027, 1, 4), id="next week is next year"),
        pytest.param(MONDAY, "minggu depan hari rabu", None, id="a day of it"),
        pytest.param(MONDAY, "hari minggu depan", None, id="a Sunday"),
        pytest.param(MONDAY, "minggu", None, id="Sunday"),
        pytest.param(MONDAY, "senin depan", None, id="a weekday"),
        pytest.param(MONDAY, "", None, id="nothing"),
    ],
)
def test_next_week_is_told_from_a_day(today: date, text: str, monday: date | None) -> None:
    week = next_week(text, today=today)

    assert monday == (week.monday if week is not None else None)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        pytest.param("rabu tgl 26", (date(2026, 11, 25), date(2026, 11, 26)), id="weekday first"),
        pytest.param("tgl 26 hari rabu", (date(2026, 11, 25), date(2026, 11, 26)), id="date first"),
        pytest.param("hari kamis, 27 nov", None, id="a pause between"),
        pytest.param("kamis 27 november", (date(2026, 11, 26), date(2026, 11, 27)), id="with its month"),
        pytest.param("kamis tgl 26", None, id="they agree"),
        pytest.param("rabu depan tgl 2 des", None, id="the next one, and it agrees"),
        pytest.param("malam jumat tgl 26", None, id="an eve"),
        pytest.param("rabu atau tgl 26", None, id="one or the other"),
        pytest.param("besok", None, id="no date"),
    ],
)
def test_a_weekday_that_does_not_fit_its_date_is_noticed(text: str, days: tuple[date, date] | None) -> None:
    assert days == two_days(text, today=MONDAY)


def _day(written: str) -> date | None:
    if written == "-":
        return None
    day, month, *year = (int(part) for part in written.split("."))
    return date(year[0] if year else 2026, month, day)
