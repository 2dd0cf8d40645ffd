"""Programme files: what they hold is what the schedule says, and a mistake is told with its line."""

from __future__ import annotations

from datetime import date
from os.path import commonprefix
from pathlib import Path

import pytest

from scheduler.durations import Duration, read_duration
from scheduler.programme_file import ProgrammeFileError, known_programmes, load_programme, load_programmes
from tests.scheduler.wonorejo import INFANTS, PRESSURE, PROGRAMMES

GOOD = (PROGRAMMES / "imunisasi_bayi" / "programme.yml").read_text(encoding="utf-8")


def _load(folder: Path, text: str, name: str = "imunisasi_bayi") -> None:
    path = folder / name / "programme.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    load_programme(path)


def _changed_line(text: str) -> int:
    """The line on which the text begins to differ from the good file."""
    return commonprefix([GOOD, text]).count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("anchor: birth", "anchor: moon", "anchor: Input should be 'birth' or 'last_event'", id="anchor"),
        pytest.param("catch_up_days: 2", "catch_up: 2", "catch_up: unknown field; allowed: anchor,", id="unknown key"),
        pytest.param('code: BCG, name: "BCG"', "code: BCG", "rules[1].name: is missing", id="missing"),
        pytest.param("max_age: P5M", "max_age: 5 months", "rules[6].max_age: '5 months' is not a dur", id="duration"),
        pytest.param("prev: PCV2", "prev: PCV9", "rules[18].prev: PCV9 is not a dose of this programme", id="prev"),
        pytest.param(
            "prev: MR1, min_interval: P6M", "prev: MR1, min_interval: P1Y", "rules[20].min_interval:", id="interval"
        ),
        pytest.param("ideal_until: P5M, max_age: P7M", "ideal_until: P5M, max_age: P4M", "rules[14].due", id="ages"),
        pytest.param("items: [PCV3]", "items: [PCV8]", "visits[5].items: PCV8 is not a dose that any", id="visit"),
        pytest.param("[-3, -1, 0, 7, 30]", "[0, -3]", "offsets_days: days must rise", id="offsets"),
        pytest.param("polis: [imunisasi, kia]", "title: x", "title: stands twice", id="twice"),
        pytest.param("named: ", "  named: ", "not readable as YAML", id="indented wrongly"),
        pytest.param("name: imunisasi_bayi", "name: bayi", "name: must be its folder's", id="another name"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    broken = GOOD.replace(old, new, 1)
    with pytest.raises(ProgrammeFileError) as caught:
        _load(tmp_path, broken)
    assert told in str(caught.value)
    assert caught.value.line == _changed_line(broken)


def test_a_dose_left_out_of_all_visits_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeFileError, match="visits: PCV3 stands in no visit"):
        _load(tmp_path, GOOD.replace("  - {code: P12M, age: P12M, items: [PCV3]}\n", ""))


def test_an_unknown_programme_names_the_known_ones() -> None:
    with pytest.raises(ProgrammeFileError, match="'imunisasi'; known: hipertensi, imunisasi_bayi"):
        load_programmes(["imunisasi"])
    assert known_programmes() == ("hipertensi", "imunisasi_bayi")


def test_an_unsigned_programme_warns_and_a_signed_one_does_not() -> None:
    assert "no clinician has signed" in str(INFANTS.warning())
    signed = INFANTS.model_copy(update={"signed_by": "dr. Contoh", "signed_on": date(2026, 12, 1)})
    assert signed.warning() is None


def test_every_rule_says_where_it_comes_from_and_how_sure_it_is() -> None:
    rules = (*INFANTS.rules, *PRESSURE.repeats)
    assert all(rule.source and rule.confidence for rule in rules)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        pytest.param("P9M", Duration(months=9), id="months"),
        pytest.param("P28D", Duration(days=28), id="days"),
        pytest.param("P1Y2M", Duration(months=14), id="years and months"),
        pytest.param("P2W", Duration(days=14), id="weeks"),
        pytest.param("P0D", Duration(), id="none"),
    ],
)
def test_durations_are_read(text: str, duration: Duration) -> None:
    assert read_duration(text) == duration


@pytest.mark.parametrize("text", ["P", "9M", "P-1M", "PT6H", "", None, 9])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        read_duration(text)


@pytest.mark.parametrize(
    ("start", "length", "passed_on", "limit_on"),
    [
        pytest.param("2026-01-31", "P1M", "2026-03-01", "2026-02-28", id="no 31 February"),
        pytest.param("2024-01-31", "P1M", "2024-03-01", "2024-02-29", id="leap year"),
        pytest.param("2024-02-29", "P1Y", "2025-03-01", "2025-02-28", id="leap day"),
        pytest.param("2026-11-30", "P3M", "2027-03-01", "2027-02-28", id="over the year's end"),
        pytest.param("2026-12-15", "P1M", "2027-01-15", "2027-01-15", id="December to January"),
        pytest.param("2026-02-24", "P28D", "2026-03-24", "2026-03-24", id="days"),
    ],
)
def test_a_duration_never_ends_too_early_and_a_limit_never_too_late(
    start: str, length: str, passed_on: str, limit_on: str
) -> None:
    duration, day = read_duration(length), date.fromisoformat(start)
    assert (duration.passed_on(day).isoformat(), duration.limit_on(day).isoformat()) == (passed_on, limit_on)
