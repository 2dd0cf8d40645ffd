"""The script and the kills: the seed alone decides them, and they are as many as was asked for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic.facility_file import load_facility
from scheduler.programme_file import load_programmes
from tests.chaos.centre import PROGRAMME, anchors_due, write_centre, zone_for
from tests.chaos.killing import lives_for
from tests.chaos.script import DANGER, references, write_script


@pytest.mark.parametrize("messages", [60, 150, 2000])
def test_a_script_has_as_many_messages_as_were_asked_for(messages: int) -> None:
    script = write_script(7, messages=messages, reminders=50, seconds=100)
    assert (script.messages, len(script.reminded)) == (messages, 50)
    numbers = [patient.number for patient in script.patients] + [number for _, number in script.reminded]
    assert len(numbers) == len(set(numbers)), "nobody writes under two scripts"


def test_the_same_seed_writes_the_same_script_and_another_one_does_not() -> None:
    first, again, other = (write_script(seed, messages=300, reminders=9, seconds=60) for seed in (7, 7, 8))
    assert first == again != other


def test_every_way_of_writing_has_somebody_who_tries_it_first() -> None:
    tried = {(patient.channel, patient.texts) for patient in references()}
    script = write_script(3, messages=2000, reminders=0, seconds=100)
    assert {(one.channel, one.texts) for one in script.patients if not one.is_burst} <= tried
    assert any(patient.texts == (DANGER,) for patient in script.patients)


def test_nobody_writes_so_much_that_it_counts_as_a_flood() -> None:
    script = write_script(3, messages=2000, reminders=0, seconds=100)
    assert max(len(patient.texts) for patient in script.patients) < 10


@pytest.mark.parametrize(("workers", "kills"), [(1, 8), (2, 100), (2, 7)])
def test_kills_are_as_many_as_were_asked_for_and_all_are_hit(workers: int, kills: int) -> None:
    lives = lives_for(7, workers=workers, kills=kills, seconds=kills * 4)
    assert sum(len(each) for each in lives.values()) == kills
    assert len(lives) == workers + 1 and all(lives.values())
    assert lives == lives_for(7, workers=workers, kills=kills, seconds=kills * 4)


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("day", [22, 24, 27, 30], ids=["Sunday", "Tuesday", "Friday", "Monday"])
def test_at_any_hour_somebody_is_due_for_a_reminder(tmp_path: Path, day: int, hour: int) -> None:
    now = datetime(2026, 11, day, hour, 30, tzinfo=UTC)
    facility = load_facility(write_centre(tmp_path, now=now))
    (programme,) = load_programmes([PROGRAMME])
    assert anchors_due(facility, programme, now=now)


def test_the_zone_keeps_away_from_midnight_and_from_fridays_prayer() -> None:
    begin = datetime(2026, 11, 22, tzinfo=UTC)
    zones = Counter(zone_for(begin + timedelta(hours=hour)) for hour in range(168))
    assert set(zones) == {"Asia/Makassar", "Asia/Jakarta", "Asia/Jayapura"}
