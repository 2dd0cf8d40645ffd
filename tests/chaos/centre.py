"""Centre: a health centre for one run, open around the clock, and the people of it who are due for a reminder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from clinic.contacts import find_or_create_contact, link_person
from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.people import add_person
from clinic.programmes import enrol
from scheduler.planning import Enrolled, due
from scheduler.programme import Programme
from scheduler.programme_file import load_programmes
from tests.processes import ROOT

PROGRAMME = "hipertensi"
ZONES = ("Asia/Makassar", "Asia/Jakarta", "Asia/Jayapura")
ALL_DAY, EVERY_DAY = "00:00-23:59", "senin-minggu"
PACE = "40"
"""Messages a second on each of Twilio's two routes: one SMS a second would make a run last an hour."""
ENROLLED_FOR = timedelta(days=70)
"""So that at night what could have gone out yesterday is still due."""
NAMES = ("Melati", "Kenanga", "Mawar", "Dahlia", "Anggrek", "Flamboyan", "Cempaka", "Seroja")


def write_centre(folder: Path, *, now: datetime) -> Path:
    """A copy of puskesmas.yml that may send at this hour: only times, zone and pace differ."""
    file = _filled(yaml.load((ROOT / "puskesmas.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader))
    file |= {"timezone": zone_for(now), "national_holidays": "tidak", "closures": [], "programmes": [PROGRAMME]}
    file["hours"] = dict.fromkeys(file["hours"], ALL_DAY)
    session = {"name": "pagi", "days": EVERY_DAY, "opens": "00:00", "closes": "23:59", "quota": "999"}
    file["polis"] = [poli | {"sessions": [session]} for poli in file["polis"]]
    file["routes"]["per_second"] |= {"whatsapp": PACE, "twilio_sms": PACE}
    file["limits"] |= {"quiet_from": "00:00", "quiet_until": "23:59"}
    path = folder / "puskesmas.yml"
    path.write_text(yaml.safe_dump(file, allow_unicode=True, sort_keys=False), encoding="utf-8")
    load_facility(path)
    return path


def _filled(part: Any) -> Any:
    """Without the settings that are left empty."""
    if isinstance(part, dict):
        return {name: _filled(value) for name, value in part.items() if value != ""}
    return [_filled(value) for value in part] if isinstance(part, list) else part


def zone_for(now: datetime) -> str:
    """The Indonesian zone in which it is furthest from midnight and not the hour of Friday's prayer."""

    def badness(name: str) -> float:
        local = now.astimezone(ZoneInfo(name))
        hour = local.hour + local.minute / 60
        return abs(hour - 14) + (24 if local.weekday() == 4 and 11 <= hour < 13 else 0)

    return min(ZONES, key=badness)


def anchors_due(facility: Facility, programme: Programme, *, now: datetime) -> tuple[date, ...]:
    """Last visits from which a reminder is due just now."""
    today = facility.today(now)
    days = [today - timedelta(days=back) for back in range(15, 60)]
    return tuple(day for day in days if _is_due(facility, programme, day, now=now))


def _is_due(facility: Facility, programme: Programme, anchor: date, *, now: datetime) -> bool:
    one = Enrolled(1, programme.name, anchor, facility.today(now - ENROLLED_FOR))
    planned = due([one], programme, doses=(), now=now, facility=facility)
    later = now + timedelta(minutes=30)
    return len(planned) == 1 and planned[0].send_at <= now and planned[0].useless_after > later


def enrol_people(database: Database, facility: Facility, people: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """These (channel, number) follow the programme from a day on which a reminder is due."""
    (programme,) = load_programmes([PROGRAMME])
    anchors = anchors_due(facility, programme, now=now)
    keeper = IdentityKeeper("only for tests, only here")
    with database.transaction() as db:
        for count, (channel, number) in enumerate(people):
            contact, _ = find_or_create_contact(db, channel=channel, address=number, profile_name=None, now=now)
            person = add_person(db, name=f"{NAMES[count % len(NAMES)]} Contoh", keeper=keeper, now=now)
            link_person(db, contact_id=contact.id, person_id=person.id, role="self", proof="staff", now=now)
            anchor = anchors[count % len(anchors)]
            enrol(db, person_id=person.id, programme=PROGRAMME, anchor=anchor, now=now - ENROLLED_FOR)
