"""`sapa check`, BPJS: whether Mobile JKN can come in, whether BPJS is told, and which codes are missing or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from bot.bpjs.antrean import AntreanClient, open_antrean
from bot.bpjs.bodies import REASONS
from bot.bpjs.telling import ROUTE, is_stopped
from bot.cli.findings import Finding
from bot.services import Services
from clinic.bpjs_doctors import practice_hours
from clinic.bpjs_effects import count_effects
from clinic.facility import Facility
from clinic.routes import RouteView, route_states

A_DAY = timedelta(days=1)
MANY_WAIT = 50


def look_at_bpjs(services: Services) -> Iterator[Finding]:
    """Both directions, as far as this machine knows."""
    bpjs, settings = services.facility.bpjs, services.settings
    if not (bpjs.serve or bpjs.tell):
        yield Finding("bpjs", "ok", "not used: serve and tell are tidak in puskesmas.yml")
        return
    yield from _codes(services.facility)
    if bpjs.serve and not settings.has_jkn:
        words = "serve is ya, but nobody can log in: set SAPA_JKN_USERNAME and SAPA_JKN_PASSWORD"
        yield Finding("mobile jkn", "fault", words)
    elif bpjs.serve:
        yield Finding("mobile jkn", "ok", f"served at {settings.public_url}/jkn")
    if bpjs.tell and not settings.has_bpjs:
        words = "tell is ya, but keys are missing: set SAPA_BPJS_ANTREAN_URL, _CONS_ID, _SECRET and _ANTREAN_USER_KEY"
        yield Finding("bpjs told", "fault", words)
    elif bpjs.tell:
        yield from _told(services)


def look_at_bpjs_outside(services: Services) -> Iterator[Finding]:
    """`--deep`: ask BPJS which polis and doctors it has of us on the next open day."""
    facility = services.facility
    client = open_antrean(services.settings, clock=services.clock) if facility.bpjs.tell else None
    if client is None:
        return
    today = facility.today(services.clock())
    day = today if facility.is_open_on(today) else facility.next_open_day(today) or today
    try:
        yield from _asked(client, facility, day)
    finally:
        client.close()


def _codes(facility: Facility) -> Iterator[Finding]:
    """Polis and doctors without a code are not offered, and nothing is told of their numbers."""
    polis = [poli.id for poli in facility.polis if poli.bpjs_code is None and poli.is_open_to_booking]
    coded = {poli.id for poli in facility.polis if poli.bpjs_code is not None}
    doctors = sorted({each.name for each in facility.doctors if each.bpjs_code is None and each.poli in coded})
    if not coded:
        yield Finding("bpjs codes", "fault", "no poli has a bpjs_code: neither direction can work")
    elif polis:
        words = f"no bpjs_code: {', '.join(polis)}; Mobile JKN does not offer them and BPJS is not told of them"
        yield Finding("bpjs codes", "warning", words)
    if doctors:
        yield Finding("bpjs doctors", "warning", f"no bpjs_code: {', '.join(doctors)}; their numbers are not told")
    codes = [poli.bpjs_code for poli in facility.polis if poli.bpjs_code is not None]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        sharing = [poli.id for poli in facility.polis if poli.bpjs_code == code]
        words = f"stands at {', '.join(sharing)}: Mobile JKN takes numbers of {sharing[0]} only"
        yield Finding(f"bpjs code {code}", "warning", words)
    if coded and not polis and not doctors:
        yield Finding("bpjs codes", "ok", "every poli and doctor has one")


def _told(services: Services) -> Iterator[Finding]:
    with services.database.reading() as db:
        counts = count_effects(db, since=services.clock() - A_DAY)
        view = route_states(db, (ROUTE,))[ROUTE]
    if is_stopped(view, services.settings):
        words = "stopped: BPJS refused our keys; check them and the clock of this machine, then sapa bpjs resume"
        yield Finding("bpjs told", "fault", words)
        return
    yield from _waiting(counts, view)
    dropped = {code: count for (state, code), count in counts.items() if state == "dropped" and code in MENDABLE}
    for code, count in sorted(dropped.items()):
        yield Finding("bpjs not told", "warning", f"{count} within a day: {REASONS[code]}")
    refused = sum(count for (state, _), count in counts.items() if state == "refused")
    if refused:
        yield Finding("bpjs refused", "warning", f"{refused} within a day: see the open cases and sapa bpjs status")


MENDABLE = ("no_poli_code", "no_doctor")
"""Reasons that puskesmas.yml can put right; that a patient has no card is nobody's fault."""


def _waiting(counts: Mapping[tuple[str, str], int], view: RouteView) -> Iterator[Finding]:
    waiting = sum(count for (state, _), count in counts.items() if state in ("waiting", "sending", "unknown"))
    done = sum(count for (state, _), count in counts.items() if state == "done")
    said = f"{done} told within a day, {waiting} waiting"
    if waiting >= MANY_WAIT:
        why = f" ({view.last_error})" if view.failures and view.last_error else ""
        yield Finding("bpjs told", "warning", f"{said}: does the worker run, is BPJS reached{why}?")
    else:
        yield Finding("bpjs told", "ok", said)


def _asked(client: AntreanClient, facility: Facility, day: date) -> Iterator[Finding]:
    answer, polis = client.polis(day)
    if answer.meaning == "stop":
        words = f"refuses our keys ({answer.code}): do not try again before they are put right"
        yield Finding("bpjs answers", "fault", words)
        return
    if answer.meaning != "accepted":
        yield Finding("bpjs answers", "warning", f"{answer.code} {answer.message}: try again later")
        return
    yield Finding("bpjs answers", "ok", f"{len(polis)} polis on {day}")
    if not polis:
        return  # closed there on that day: no comparison
    there = {each.code for each in polis}
    for poli in facility.polis:
        if poli.bpjs_code is None or not facility.sessions_on(poli.id, day):
            continue
        if poli.bpjs_code not in there:
            words = f"{poli.bpjs_code} is not among {', '.join(sorted(there))} at BPJS on {day}"
            yield Finding(f"bpjs poli {poli.id}", "fault", words)
        else:
            yield from _doctors(client, facility, poli.id, poli.bpjs_code, day)


def _doctors(client: AntreanClient, facility: Facility, poli: str, code: str, day: date) -> Iterator[Finding]:
    """Numbers and hours must be the same on both sides."""
    answer, doctors = client.doctors(code, day)
    if answer.meaning != "accepted":
        yield Finding(f"bpjs poli {poli}", "warning", f"{answer.code} {answer.message}: its doctors were not asked")
        return
    there = {(each.code, each.hours.replace(" ", "")) for each in doctors}
    for doctor in facility.doctors_on(poli, day):
        if doctor.bpjs_code is None:
            continue
        what = f"bpjs doctor {doctor.bpjs_code}"
        if (doctor.bpjs_code, practice_hours(doctor)) in there:
            yield Finding(what, "ok", f"{poli}, {practice_hours(doctor)}")
        elif doctor.bpjs_code in {number for number, _ in there}:
            hours = ", ".join(sorted(hours for number, hours in there if number == doctor.bpjs_code))
            words = f"{poli}: {practice_hours(doctor)} here, {hours} at BPJS; make them the same"
            yield Finding(what, "warning", words)
        else:
            yield Finding(what, "fault", f"{poli}: BPJS has no such doctor there on {day}")
