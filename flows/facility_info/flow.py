"""Opening hours, address, services and telephone, as far as they were asked for."""

from __future__ import annotations

from datetime import date

from flows.asked import subject_of, words_in
from flows.dialog import Flow, Say, Turn
from flows.opening import next_opening
from flows.timetable import say_sessions
from flows.words import say_day, say_span

SUBJECTS = {
    "phone": "telepon telpon telp kontak wa whatsapp hubungi".split(),
    "place": "alamat lokasi arah mana dimana patokan maps jalannya".split(),
    "services": "layanan pelayanan fasilitas".split(),
    "hours": "jam buka tutup libur sampai pukul hari".split(),
}
SHORTEST_NAMING_WORD = 4
SHORTEST_SHORT_FORM = 3

flow = Flow("facility_info", intents=("facility_info",), takes={"date": "day", "poli": "poli"}, is_answer=True)


@flow.step
def answer(turn: Turn) -> Say:
    subject = subject_of(turn.text, SUBJECTS)
    if subject == "phone":
        return Say("facility_info.phone", {"telepon": turn.facility.phone})
    poli = turn.facility.poli(turn.slot("poli") or "")
    if poli is not None:
        return Say("facility_info.poli_hours", {"poli": poli.name, "jadwal": say_sessions(poli)})
    if turn.slot("day"):
        return _say_day_hours(turn, date.fromisoformat(str(turn.slot("day"))))
    service = _service_in(turn)
    if service is not None:
        return Say("facility_info.has_service", {"layanan": service})
    if subject == "services" and turn.facility.services:
        return Say("facility_info.services", {"layanan": ", ".join(turn.facility.services)})
    if subject == "place":
        return _say_place(turn)
    if subject is None and turn.heard.understanding.intent in flow.intents:
        return Say("facility_info.ask_staff")
    return _say_now(turn, with_address=subject is None)


def _say_day_hours(turn: Turn, day: date) -> Say:
    if day == turn.today:
        return _say_now(turn, with_address=False)
    hours = turn.facility.hours_on(day)
    if hours is not None:
        return Say("facility_info.open", {"hari": say_day(day, today=turn.today), "jam": say_span(*hours)})
    return _say_closed(turn, day)


def _say_now(turn: Turn, *, with_address: bool) -> Say:
    """Today's hours; when the doors are already shut, the next ones."""
    local = turn.now.astimezone(turn.facility.zone)
    hours = turn.facility.hours_on(local.date())
    if hours is None and not with_address:
        return _say_closed(turn, local.date())
    if hours is not None and local.time() < hours.closes:
        values = {"hari": say_day(local.date(), today=turn.today), "jam": say_span(*hours)}
        return _with_address(turn, "facility_info.open", "facility_info.open_at", values, with_address=with_address)
    values = _next_hours(turn)
    if not values:
        return _say_place(turn)
    return _with_address(turn, "facility_info.shut", "facility_info.shut_at", values, with_address=with_address)


def _with_address(turn: Turn, short: str, long: str, values: dict[str, str], *, with_address: bool) -> Say:
    return Say(long, {**values, "alamat": turn.facility.address}) if with_address else Say(short, values)


def _say_closed(turn: Turn, day: date) -> Say:
    opens = turn.facility.next_open_day(day)
    values = {"hari": say_day(day, today=turn.today)}
    hours = turn.facility.hours_on(opens) if opens is not None else None
    if opens is None or hours is None:
        return Say("facility_info.closed", values)
    again = {"buka": say_day(opens, today=turn.today), "jam": say_span(*hours)}
    return Say("facility_info.closed_until", {**values, **again})


def _next_hours(turn: Turn) -> dict[str, str]:
    opening = next_opening(turn.facility, turn.now)
    hours = turn.facility.hours_on(opening.date()) if opening is not None else None
    if opening is None or hours is None:
        return {}
    return {"hari": say_day(opening.date(), today=turn.today), "jam": say_span(*hours)}


def _say_place(turn: Turn) -> Say:
    values = {"puskesmas": turn.facility.name, "alamat": turn.facility.address}
    if not turn.facility.landmark:
        return Say("facility_info.place", values)
    return Say("facility_info.place_near", {**values, "patokan": turn.facility.landmark})


def _service_in(turn: Turn) -> str | None:
    """A service of ours all of whose naming words stand in the question, shortened ones included ("lab")."""
    asked = tuple(word for word in words_in(turn.text) if len(word) >= SHORTEST_SHORT_FORM)
    polis = {poli.name for poli in turn.facility.polis}
    for service in (service for service in turn.facility.services if service not in polis):
        naming = {word for word in service.lower().split() if len(word) >= SHORTEST_NAMING_WORD}
        if naming and all(word.startswith(asked) for word in naming):
            return service
    return None
