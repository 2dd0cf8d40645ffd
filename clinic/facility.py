"""Facility: what differs from one health centre to the next, as frozen values read from puskesmas.yml."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

import holidays
from pydantic import BeforeValidator, Field

from clinic.facility_delivery import Budget, Prices, Routes
from clinic.facility_queue import Bpjs, QueueRules, Room, SpecialHours
from clinic.facility_values import (
    DAYS,
    HOURS,
    TIME,
    WEEKDAYS,
    YES,
    Claim,
    Clock,
    Days,
    Frozen,
    Hours,
    Id,
    OpenHours,
    Text,
    Weekday,
    blank_is_none,
    read_weekday,
)

__all__ = ["WEEKDAYS", "Facility", "OpenHours", "read_weekday"]

FRIDAY = 4

_LONGEST_WAIT = 400
"""How many days we look ahead for an open day before we say that there is none."""


class Session(Frozen):
    """A part of the day for which numbers are given, up to a quota."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,15}$", description="a short name such as pagi or siang")
    days: Days = Field(description=DAYS)
    opens: Clock = Field(description=TIME)
    closes: Clock = Field(description=TIME)
    quota: int = Field(ge=1, le=999, description="a whole number from 1 to 999")
    doctor: Annotated[str | None, BeforeValidator(blank_is_none)] = Field(
        default=None, max_length=200, description="the name of one of the doctors below"
    )
    """Whose session this is, where two doctors have sessions at the same time."""


class Poli(Frozen):
    """A department with its own queue; people see its letter before their number."""

    id: Id
    letter: str = Field(pattern=r"^[A-Z]$", description="one capital letter A-Z")
    name: Text
    sessions: tuple[Session, ...] = Field(min_length=1, description="at least one session")
    is_open_to_booking: Claim = Field(default=True, description=YES)
    bpjs_code: Annotated[str | None, BeforeValidator(blank_is_none)] = Field(
        default=None, pattern=r"^[0-9A-Z]{1,10}$", description="BPJS' code of the poli such as 001"
    )


class Doctor(Frozen):
    """Who is in which poli on which days, from when until when."""

    name: Text
    poli: Id
    days: Days = Field(description=DAYS)
    opens: Clock = Field(description=TIME)
    closes: Clock = Field(description=TIME)
    bpjs_code: int | None = Field(default=None, ge=1, description="BPJS' number of the doctor such as 900001")


class Closure(Frozen):
    """A day, or several days on end, on which the centre or one poli stays closed."""

    day: date = Field(description="a date such as 2026-12-24")
    until: date | None = Field(default=None, description="a date such as 2026-12-26")
    reason: Text
    poli: Annotated[Id | None, BeforeValidator(blank_is_none)] = Field(default=None, description="the id of a poli")
    """Only this poli is closed."""


class DueHours(Frozen):
    """Within how many hours staff should have looked at a case, by its kind."""

    emergency: int = Field(default=1, ge=1, le=720, description="hours from 1 to 720")
    handover: int = Field(default=4, ge=1, le=720, description="hours from 1 to 720")
    complaint: int = Field(default=72, ge=1, le=720, description="hours from 1 to 720")
    delivery: int = Field(default=24, ge=1, le=720, description="hours from 1 to 720")
    error: int = Field(default=24, ge=1, le=720, description="hours from 1 to 720")

    def of(self, kind: str) -> int:
        return int(self.model_dump().get(kind, self.handover))


class Limits(Frozen):
    """Bounds that protect patients from too many messages and staff from too many cases."""

    quiet_from: Clock = Field(default=time(8, 0), description=TIME)
    """Messages nobody asked for go out from this time on ..."""
    quiet_until: Clock = Field(default=time(19, 0), description=TIME)
    """... and no later than this."""
    messages_per_day: int = Field(default=60, ge=1, le=200, description="a whole number from 1 to 200")
    silent_hours: int = Field(default=12, ge=1, le=168, description="hours from 1 to 168")
    """After so long the bot speaks again although a person took the conversation."""
    resume_after_minutes: int = Field(default=60, ge=5, le=1440, description="minutes from 5 to 1440")
    flood_messages: int = Field(default=30, ge=3, le=100, description="a whole number from 3 to 100")
    flood_minutes: int = Field(default=5, ge=1, le=60, description="minutes from 1 to 60")
    burst_seconds: float = Field(default=4, ge=0, le=30, description="seconds from 0 to 30")
    """How long a message of free words waits for the rest of the thought; 0: not at all."""
    burst_longest_seconds: float = Field(default=20, ge=1, le=120, description="seconds from 1 to 120")
    """And no longer than this, although more keeps coming."""
    same_text_messages: int = Field(default=10, ge=3, le=100, description="a whole number from 3 to 100")
    """The same text is answered so often ..."""
    same_text_minutes: int = Field(default=5, ge=1, le=60, description="minutes from 1 to 60")
    """... within this time; who goes on is a machine."""
    ping_pong_messages: int = Field(default=8, ge=3, le=100, description="a whole number from 3 to 100")
    """So many long messages in a row are answered that each came ..."""
    ping_pong_seconds: float = Field(default=3, ge=0.5, le=30, description="seconds from 0.5 to 30")
    """... so soon after our own; nobody reads and types so fast."""
    alarm_minutes: int = Field(default=5, ge=1, le=120, description="minutes from 1 to 120")
    """A message that could not leave for so long is told to the duty phone."""
    max_text: int = Field(default=400, ge=100, le=2000, description="characters from 100 to 2000")
    due_hours: DueHours = DueHours()


class Facility(Frozen):
    """One health centre: everything in puskesmas.yml."""

    name: Text
    short_name: str = Field(min_length=1, max_length=30, description="a text of 1 to 30 characters")
    address: Text
    landmark: str = Field(default="", max_length=200, description="a text of at most 200 characters")
    timezone: str = Field(description="Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)")
    phone: str = Field(pattern=r"^[0-9+ ()-]{3,30}$", description="a phone number: digits, spaces, + - ( )")
    emergency_phone: Annotated[str | None, BeforeValidator(blank_is_none)] = Field(
        default=None, pattern=r"^[0-9+ ()-]{3,30}$", description="a phone number: digits, spaces, + - ( )"
    )
    """The centre's own emergency room, if it has one."""
    duty_phone: Annotated[str | None, BeforeValidator(blank_is_none)] = Field(
        default=None, pattern=r"^\+62[0-9]{7,13}$", description="a phone number such as +6281200000000"
    )
    """Who is told by SMS or WhatsApp when messages do not go out."""
    hours: dict[Weekday, Hours] = Field(description=HOURS)
    special_hours: tuple[SpecialHours, ...] = ()
    """Other hours for some weeks, such as Ramadan."""
    polis: tuple[Poli, ...] = Field(min_length=1, description="at least one poli")
    rooms: tuple[Room, ...] = ()
    """Where people are called to; a poli without a room of its own is one room."""
    queue: QueueRules = QueueRules()
    bpjs: Bpjs = Bpjs()
    doctors: tuple[Doctor, ...] = ()
    closures: tuple[Closure, ...] = ()
    national_holidays: Claim = Field(default=True, description=YES)
    collective_leave: Claim = Field(default=False, description=YES)
    """Closed on cuti bersama too."""
    booking_days_ahead: int = Field(default=7, ge=0, le=60, description="days from 0 to 60")
    programmes: tuple[Id, ...] = Field(default=(), description="a list of folder names such as imunisasi_bayi")
    services: tuple[Text, ...] = Field(default=(), description="a list of short texts")
    requirements: dict[Id, Text] = Field(
        default_factory=dict, description="lines such as pasien_baru: KTP atau Kartu Keluarga"
    )
    """What to bring, by occasion: pasien_baru, pasien_lama, bayi."""
    whatsapp_templates: dict[Id, Annotated[str, Field(pattern=r"^HX[0-9a-f]{32}$")]] = Field(
        default_factory=dict, description="a ContentSid: HX and 32 digits or letters a-f"
    )
    """Name of a message -> ContentSid of its approved WhatsApp template."""
    texts: dict[str, Annotated[str, Field(min_length=1, max_length=400)]] = Field(
        default_factory=dict, description="a text of 1 to 400 characters"
    )
    """Reply key -> the centre's own words for it."""
    limits: Limits = Limits()
    routes: Routes = Routes()
    prices: Prices = Prices()
    budget: Budget = Budget()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def today(self, now: datetime) -> date:
        """The date at the health centre."""
        return now.astimezone(self.zone).date()

    def poli(self, poli_id: str) -> Poli | None:
        return next((poli for poli in self.polis if poli.id == poli_id), None)

    def rooms_of(self, poli_id: str) -> tuple[Room, ...]:
        """Where people of this poli are called to: at least one room."""
        rooms = tuple(room for room in self.rooms if room.poli == poli_id)
        poli = self.poli(poli_id)
        return rooms or (() if poli is None else (Room(id=poli.id, name=f"Poli {poli.name}", poli=poli.id),))

    def room(self, room_id: str) -> Room | None:
        every = (room for poli in self.polis for room in self.rooms_of(poli.id))
        return next((room for room in every if room.id == room_id), None)

    def hours_on(self, day: date) -> OpenHours | None:
        """Opening hours of that day; None when the centre is closed."""
        if self.closure_reason(day) is not None:
            return None
        for special in self.special_hours:
            if special.day <= day <= special.until and day.weekday() in special.hours:
                return special.hours[day.weekday()]
        return self.hours.get(day.weekday())

    def is_open_on(self, day: date) -> bool:
        return self.hours_on(day) is not None

    def closure_reason(self, day: date, *, poli: str | None = None) -> str | None:
        """Why an otherwise open day is closed: the centre's own closure, this poli's, or a holiday's name."""
        for closure in self.closures:
            if closure.day <= day <= (closure.until or closure.day) and closure.poli in (None, poli):
                return closure.reason
        if self.national_holidays and day in _holidays(day.year, "public"):
            return _holidays(day.year, "public")[day]
        if self.collective_leave and day in _holidays(day.year, "government"):
            return _holidays(day.year, "government")[day]
        return None

    def next_open_day(self, after: date) -> date | None:
        """The first open day later than `after`; None when there is none within a year."""
        days = (after + timedelta(days=ahead) for ahead in range(1, _LONGEST_WAIT))
        return next((day for day in days if self.is_open_on(day)), None)

    def sessions_on(self, poli_id: str, day: date) -> tuple[Session, ...]:
        """The poli's sessions on that day, by time, cut to that day's hours; none when it is closed."""
        poli, hours = self.poli(poli_id), self.hours_on(day)
        if poli is None or hours is None or self.closure_reason(day, poli=poli_id) is not None:
            return ()
        pause = self.queue.friday_break if day.weekday() == FRIDAY else None
        there = (session for session in poli.sessions if day.weekday() in session.days)
        cut = (_within(session, hours, pause) for session in there)
        return tuple(sorted((session for session in cut if session is not None), key=lambda each: each.opens))

    def doctors_on(self, poli_id: str, day: date) -> tuple[Doctor, ...]:
        """Who is in that poli on that day, by time; nobody when the centre is closed."""
        if not self.is_open_on(day):
            return ()
        there = (d for d in self.doctors if d.poli == poli_id and day.weekday() in d.days)
        return tuple(sorted(there, key=lambda doctor: doctor.opens))


def _within(session: Session, hours: OpenHours, pause: OpenHours | None) -> Session | None:
    """What is left of a session inside the day's hours and outside the break; None when nothing is."""
    opens, closes = max(session.opens, hours.opens), min(session.closes, hours.closes)
    if pause is not None and pause.opens <= opens < pause.closes:
        opens = pause.closes
    if pause is not None and pause.opens < closes <= pause.closes:
        closes = pause.opens
    if opens >= closes:
        return None
    return session.model_copy(update={"opens": opens, "closes": closes})


@lru_cache(maxsize=16)
def _holidays(year: int, category: str) -> dict[date, str]:
    found = holidays.country_holidays("ID", years=year, categories=(category,), language="id")
    return {day: name.replace(" (perkiraan)", "") for day, name in found.items()}
