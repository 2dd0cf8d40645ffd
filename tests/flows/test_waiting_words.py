"""An estimate in words: rounded outwards to five minutes, never narrow, never past the end of the day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinic.facility import Facility
from clinic.queue_estimate import Estimate
from flows.waiting_words import say_estimate

DAY = datetime.fromisoformat("2026-11-23T00:00+08:00")


def at(clock: str) -> datetime:
    hours, minutes = (int(part) for part in clock.split(":"))
    return DAY + timedelta(hours=hours, minutes=minutes)


@pytest.mark.parametrize(
    ("now", "earliest", "latest", "said"),
    [
        pytest.param("08:00", "09:41", "10:08", "kira-kira jam 9.40-10.10", id="rounded outwards"),
        pytest.param("08:00", "09:40", "10:10", "kira-kira jam 9.40-10.10", id="round already"),
        pytest.param("08:00", "09:40", "09:40", "kira-kira jam 9.40-9.50", id="never narrower than ten minutes"),
        pytest.param("08:00", "09:44", "09:46", "kira-kira jam 9.40-9.50", id="narrow and askew"),
        pytest.param("09:43", "09:41", "09:52", "kira-kira sebelum jam 9.55 pagi", id="it may be now"),
        pytest.param("09:43", "09:30", "09:35", "kira-kira sebelum jam 9.55 pagi", id="it should have been"),
        pytest.param("09:00", "10:50", "11:20", "kira-kira jam 10.50-11.20", id="late morning"),
        pytest.param("09:00", "12:40", "13:10", "kira-kira jam 12.40-1.10 siang", id="afternoon"),
        pytest.param("09:00", "10:40", "13:10", "kira-kira jam 10.40 pagi-1.10 siang", id="over noon"),
        pytest.param("13:00", "14:40", "15:20", "kira-kira jam 2.40 siang sampai tutup", id="past closing time"),
        pytest.param("13:00", "14:40", "15:00", "kira-kira jam 2.40 siang-3 sore", id="up to closing time"),
        pytest.param("13:00", "15:10", "16:00", "mungkin sampai tutup", id="after closing time"),
        pytest.param("14:50", "14:45", "15:30", "mungkin sampai tutup", id="from now until closing time"),
        pytest.param("13:00", "14:40", "25:10", "kira-kira jam 2.40 siang sampai tutup", id="past midnight"),
        pytest.param("13:00", "24:10", "25:10", "mungkin sampai tutup", id="tomorrow"),
    ],
)
def test_an_estimate_is_said_as_an_honest_range(
    facility: Facility, now: str, earliest: str, latest: str, said: str
) -> None:
    estimate = Estimate(before=4, earliest=at(earliest), latest=at(latest), minutes_per_patient=8, measured=10)

    assert said == say_estimate(estimate, facility=facility, now=at(now))


def test_a_day_without_hours_gives_no_time(facility: Facility) -> None:
    sunday = DAY - timedelta(days=1) + timedelta(hours=9)
    estimate = Estimate(before=0, earliest=sunday, latest=sunday, minutes_per_patient=8, measured=0)

    assert "mungkin sampai tutup" == say_estimate(estimate, facility=facility, now=sunday)
