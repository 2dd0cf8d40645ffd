"""An invented health centre in Samarinda and short ways to say who was born when and got what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic.facility import Facility
from clinic.reminding import Done
from scheduler.planning import Enrolled, PlannedReminder, due
from scheduler.programme import Programme
from scheduler.programme_file import load_programme

PROGRAMMES = Path(__file__).parents[2] / "scheduler" / "programmes"
WITA = ZoneInfo("Asia/Makassar")
LONG_AGO = date(2000, 1, 1)
"""An enrolment day that leaves every due date as it is."""
INFANTS = load_programme(PROGRAMMES / "imunisasi_bayi" / "programme.yml")
PRESSURE = load_programme(PROGRAMMES / "hipertensi" / "programme.yml")


def make_facility(**changes: object) -> Facility:
    """Open Monday to Saturday from 8 to 11; no immunisation clinic of its own unless the test adds one."""
    hours = dict.fromkeys(("senin", "selasa", "rabu", "kamis", "sabtu"), "08:00-14:00")
    values: dict[str, object] = {
        "name": "Puskesmas Wonorejo",
        "short_name": "Puskesmas Wonorejo",
        "address": "Jalan Contoh 1",
        "timezone": "Asia/Makassar",
        "phone": "0541 000",
        "hours": {**hours, "jumat": "08:00-11:00"},
        "polis": [
            {"id": "umum", "letter": "A", "name": "Umum", "sessions": [_morning("senin-sabtu")]},
            {"id": "kia", "letter": "C", "name": "KIA", "sessions": [_morning("senin-sabtu")]},
        ],
        "programmes": ["imunisasi_bayi", "hipertensi"],
    }
    return Facility.model_validate({**values, **changes})


def with_immunisation_on(days: str) -> Facility:
    """The centre with an immunisation clinic that is held on these days only."""
    poli = {"id": "imunisasi", "letter": "I", "name": "Imunisasi", "sessions": [_morning(days)]}
    return make_facility(polis=[poli])


def _morning(days: str) -> dict[str, object]:
    return {"name": "pagi", "days": days, "opens": "08:00", "closes": "11:00", "quota": 40}


WONOREJO = make_facility()


def at(text: str) -> datetime:
    """A time in Samarinda: "2026-11-24 07:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=WITA)


def child(birth: str, *, person: int = 1, enrolled_on: date = LONG_AGO) -> Enrolled:
    return Enrolled(person, "imunisasi_bayi", date.fromisoformat(birth), enrolled_on)


def got(given: Mapping[str, str], *, person: int = 1, programme: str = "imunisasi_bayi") -> tuple[Done, ...]:
    """The doses a person has had: "DPT1 OPV2" -> "2026-04-24"."""
    return tuple(
        Done(person, programme, item, date.fromisoformat(day)) for items, day in given.items() for item in items.split()
    )


def plan(
    enrolled: Enrolled,
    now: str,
    *,
    doses: tuple[Done, ...] = (),
    programme: Programme = INFANTS,
    facility: Facility = WONOREJO,
    days: int = 1,
    answers: Mapping[tuple[int, str, str, str], str] | None = None,
) -> tuple[PlannedReminder, ...]:
    """What is due at that time of Samarinda."""
    return due([enrolled], programme, doses=doses, now=at(now), facility=facility, days=days, answers=answers)


UP_TO_4_MONTHS = {
    "BCG OPV1": "2026-03-24",
    "DPT1 OPV2 PCV1 RV1": "2026-04-24",
    "DPT2 OPV3 PCV2 RV2": "2026-05-25",
    "DPT3 OPV4 IPV1 RV3": "2026-06-24",
}
"""What a child born on 24 February 2026 has had when it comes on time."""
