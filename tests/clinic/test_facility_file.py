"""The settings file: what is right is read, and every mistake is named with its line and what is allowed."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from clinic.facility import Facility
from clinic.facility_file import FacilityFileError, load_facility

ROOT = Path(__file__).resolve().parents[2]
GOOD = (ROOT / "puskesmas.yml").read_text(encoding="utf-8")


def error_of(tmp_path: Path, text: str | bytes) -> FacilityFileError:
    path = tmp_path / "puskesmas.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FacilityFileError) as caught:
        load_facility(path)
    return caught.value


def with_change(old: str, new: str) -> tuple[str, int]:
    """The demo's file with its first `old` replaced, and the line where that stands."""
    assert old in GOOD
    return GOOD.replace(old, new, 1), GOOD[: GOOD.index(old)].count("\n") + 1


MISTAKES = [
    pytest.param("letter: B\n", "letter: BB\n", "one capital letter", id="two letters"),
    pytest.param("letter: B\n", "letter: A\n", "a letter that is free", id="a letter used twice"),
    pytest.param("letter: B\n", "leter: B\n", "keys allowed here: id, letter", id="an unknown key"),
    pytest.param("id: gigi", "id: umum", "an id that no other poli has", id="a poli used twice"),
    pytest.param("senin: 07:30-15:00", "senin: 15:00-07:30", "closing comes after opening", id="backwards hours"),
    pytest.param("senin: 07:30", "snin: 07:30", "senin, selasa, rabu", id="an unknown weekday"),
    pytest.param("days: senin-sabtu", "days: senen-sabtu", "senin, selasa, rabu", id="a misspelt range of days"),
    pytest.param("selasa: 07:30-15:00", "selasa: pagi", "such as 07:30-14:00, or tutup", id="hours in words"),
    pytest.param("Asia/Makassar", "Asia/Makasar", "Asia/Jakarta (WIB)", id="a zone that does not exist"),
    pytest.param("Asia/Makassar", "Europe/Paris", "Asia/Jakarta (WIB)", id="a zone abroad"),
    pytest.param("Asia/Makassar", "../../etc/passwd", "Asia/Jakarta (WIB)", id="a path for a zone"),
    pytest.param("poli: gigi", "poli: gigo", "one of umum, gigi", id="a doctor in an unknown poli"),
    pytest.param("quota: 12", "quota: banyak", "a whole number from 1 to 999", id="a quota in words"),
    pytest.param("quota: 12", "quota: 0", "a whole number from 1 to 999", id="a quota of nothing"),
    pytest.param("opens: 08:00", "opens: 06:00", "within 07:30-15:00", id="a session before the doors open"),
    pytest.param("quiet_until: 19:00", "quiet_until: 07:00", "after quiet_from", id="quiet hours turned round"),
    pytest.param("quiet_until: 19:00", "quiet_until: 25:00", "00:00 to 23:59", id="an hour that no clock has"),
    pytest.param("day: 2026-12-31", "day: 31-12-2026", "2026-12-24", id="a date the other way round"),
    pytest.param("until: 2027-03-15", "until: 2027-03-01", "a later date", id="a closure that ends early"),
    pytest.param("national_holidays: ya", "national_holidays: mungkin", "ya or tidak", id="neither yes nor no"),
    pytest.param("  rabu: 07", "  senin: 07", "stands on line", id="a key given twice"),
    pytest.param("emergency: 1", "emergency: 0", "hours from 1 to 720", id="due in no time"),
    pytest.param("  monthly: ", "  monthly: 500.000", "without dots or commas", id="thousands with a dot"),
    pytest.param("  gammu_segment:", "  gammu_segment: 1,250", "without dots or commas", id="thousands with a comma"),
    pytest.param("[reminder, notice]", "[reminder, danger]", "a list of reminder", id="danger given up"),
    pytest.param("[reminder, notice]", "[reminder, reminder]", "every name once", id="given up twice"),
    pytest.param("order: [whatsapp, gammu", "order: [gammu, gammu", "every name once", id="a route twice"),
    pytest.param("texts: {}", 'texts: {help.menu: ""}', "1 to 400 characters", id="an empty text"),
    pytest.param("  senin: 07", "\tsenin: 07", "indented with spaces", id="a tab"),
    pytest.param("name: Puskesmas", "name: : Puskesmas", "in quotes", id="a stray colon"),
    pytest.param("phone: (0541) 000-0001", "phone: tanya loket", "a phone number", id="no phone number"),
]


@pytest.mark.parametrize(("old", "new", "allowed"), MISTAKES)
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(tmp_path: Path, old: str, new: str, allowed: str) -> None:
    text, line = with_change(old, new)
    error = error_of(tmp_path, text)
    assert line == error.line, str(error)
    assert allowed in str(error)
    assert str(error).startswith(f"puskesmas.yml:{line}: ")


def test_a_missing_key_is_named_at_its_block(tmp_path: Path) -> None:
    text, line = with_change("    letter: B\n", "")
    error = error_of(tmp_path, text)
    assert (line - 1, "polis[1]: 'letter' is missing") == (error.line, error.what)


def test_the_first_of_several_mistakes_is_told(tmp_path: Path) -> None:
    text, line = with_change("senin: 07:30-15:00", "senin: 15:00-07:30")
    error = error_of(tmp_path, text.replace("quiet_until: 19:00", "quiet_until: 07:00"))
    assert line == error.line


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(b"", "holds no settings", id="empty"),
        pytest.param(b"- a\n- b\n", "holds no settings", id="a list"),
        pytest.param(b"name: Puskesmas\nshort_name: \xff\xfe\n", "not readable", id="not UTF-8"),
        pytest.param(b"name: a\x00b\n", "not readable as YAML", id="a NUL sign"),
        pytest.param(b"a: &a {b: *a}\n", "nested too deeply", id="a block inside itself"),
    ],
)
def test_a_file_that_is_no_settings_file_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    assert what in str(error_of(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FacilityFileError, match=r"none\.yml:1: the file cannot be read"):
        load_facility(tmp_path / "none.yml")


def test_times_and_phone_numbers_stay_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "puskesmas.yml"
    path.write_text(GOOD.replace("phone: (0541) 000-0001", "phone: 0541000", 1), encoding="utf-8")
    facility = load_facility(path)
    assert ("0541000", time(14, 30)) == (facility.phone, facility.polis[0].sessions[1].closes)


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path, facility: Facility) -> None:
    path = tmp_path / "puskesmas.yml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert facility == load_facility(path)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        pytest.param(date(2026, 11, 23), None, id="a Monday"),
        pytest.param(date(2026, 12, 25), "Hari Raya Natal", id="a holiday"),
        pytest.param(date(2026, 12, 31), "Tutup buku akhir tahun", id="the centre's own closure"),
        pytest.param(date(2027, 3, 13), "Libur Lebaran", id="inside a longer closure"),
        pytest.param(date(2026, 12, 24), None, id="collective leave that the centre does not take"),
    ],
)
def test_a_closed_day_has_a_reason(facility: Facility, day: date, reason: str | None) -> None:
    assert reason == facility.closure_reason(day)


def test_the_weekly_day_off_is_closed(facility: Facility) -> None:
    assert not facility.is_open_on(date(2026, 11, 22))


def test_collective_leave_closes_when_the_file_says_so(facility: Facility) -> None:
    closing = facility.model_copy(update={"collective_leave": True})
    assert "Cuti Bersama Hari Raya Natal" == closing.closure_reason(date(2026, 12, 24))


def test_the_next_open_day_leaves_out_holiday_and_sunday(facility: Facility) -> None:
    saturday_closed = facility.model_copy(update={"hours": {**facility.hours, 5: None}})
    assert date(2026, 12, 28) == saturday_closed.next_open_day(date(2026, 12, 24))


def test_sessions_follow_the_weekday(facility: Facility) -> None:
    monday = [session.name for session in facility.sessions_on("gigi", date(2026, 11, 23))]
    tuesday = [session.name for session in facility.sessions_on("gigi", date(2026, 11, 24))]
    assert (["pagi", "siang"], ["pagi"], ()) == (
        monday,
        tuesday,
        facility.sessions_on("gigi", date(2026, 11, 22)),
    )


def test_the_day_begins_at_midnight_of_the_centre(facility: Facility) -> None:
    late_in_utc = datetime.fromisoformat("2026-11-22T16:30+00:00")
    assert date(2026, 11, 23) == facility.today(late_in_utc)
