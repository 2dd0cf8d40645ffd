"""Facility, values: how days, times, claims and texts are written in puskesmas.yml."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

WEEKDAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
"""Day names of the file; the place in this row is Python's weekday number."""


class OpenHours(NamedTuple):
    """From when until when."""

    opens: time
    closes: time


def read_weekday(value: Any) -> int:
    """The weekday number of a name ("senin" is 0)."""
    if isinstance(value, int):
        return value
    name = str(value).strip().lower().replace("jum'at", "jumat").replace("ahad", "minggu")
    if name not in WEEKDAYS:
        raise ValueError("a day: " + ", ".join(WEEKDAYS))
    return WEEKDAYS.index(name)


def _read_days(value: Any) -> tuple[int, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    days: list[int] = []
    for part in parts:
        if isinstance(part, str) and "-" in part:
            first, last = (read_weekday(end) for end in part.split("-", 1))
            if last < first:
                raise ValueError("days from the earlier to the later, such as senin-jumat")
            days.extend(range(first, last + 1))
        else:
            days.append(read_weekday(part))
    return tuple(sorted(set(days)))


def _read_time(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    hours, _, minutes = value.strip().replace(".", ":").partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2 and len(hours) <= 2):
        raise ValueError("a time such as 08:00")
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("a time from 00:00 to 23:59")
    return time(int(hours), int(minutes))


def _read_hours(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip().lower() in ("tutup", "libur", ""):
        return None
    opens, dash, closes = value.partition("-")
    if not dash:
        raise ValueError("opening and closing time such as 07:30-14:00, or tutup")
    return OpenHours(_read_time(opens), _read_time(closes))


def _read_claim(value: Any) -> Any:
    return {"ya": True, "tidak": False}.get(str(value).strip().lower(), value)


def blank_is_none(value: Any) -> Any:
    """An empty value of the file is no value."""
    return None if isinstance(value, str) and not value.strip() else value


Weekday = Annotated[int, BeforeValidator(read_weekday)]
Days = Annotated[tuple[int, ...], BeforeValidator(_read_days)]
Clock = Annotated[time, BeforeValidator(_read_time)]
Hours = Annotated[OpenHours | None, BeforeValidator(_read_hours)]
Claim = Annotated[bool, BeforeValidator(_read_claim)]
Text = Annotated[str, Field(min_length=1, max_length=200, description="a text of 1 to 200 characters")]
Id = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,30}$", description="a short id in small letters, digits and _, such as umum"),
]
DAYS = "days such as senin-jumat, or [senin, rabu]"
TIME = "a time such as 08:00"
HOURS = "opening and closing time such as 07:30-14:00, or tutup"
YES = "ya or tidak"


class Frozen(BaseModel):
    """A block of the file: nothing changes it, and a key that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
