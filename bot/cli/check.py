"""`sapa check`: what is configured, reachable and trained, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from bot.cli.opening import json_option, open_services, print_json
from bot.health import examine
from bot.model_state import model_state
from bot.reminders import load_active_programmes
from bot.services import Services
from clinic.staff import staff_count
from flows.catalogue import REPLIES
from flows.replies import with_own_texts
from flows.text_gate import reply_faults
from nlu.environment import rasa_python

MARKS = {"ok": "ok  ", "warning": "look", "fault": "BAD "}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: ok, warning (works, but look) or fault (does not work)."""

    what: str
    level: str
    detail: str


@click.command()
@json_option
def check(as_json: bool) -> None:
    """Look at everything this installation needs; exit code 1 when something does not work."""
    services = open_services()
    findings = list(look(services))
    if as_json:
        print_json([{"what": each.what, "level": each.level, "detail": each.detail} for each in findings])
    else:
        for each in findings:
            click.echo(f"{MARKS[each.level]}  {each.what}: {each.detail}")
    raise SystemExit(1 if any(each.level == "fault" for each in findings) else 0)


def look(services: Services) -> Iterator[Finding]:
    """Every finding, in the order in which one would repair them."""
    settings, facility = services.settings, services.facility
    yield Finding("puskesmas.yml", "ok", f"{facility.name}, {len(facility.polis)} polis, {facility.timezone}")
    yield from _texts(services)
    yield from _parts(services)
    yield _model(services)
    yield _twilio(services)
    yield from _programmes(services)
    with services.database.reading() as db:
        staff = staff_count(db)
    yield Finding("staff", "ok" if staff else "warning", f"{staff} may log in" if staff else "nobody: sapa staff add")
    if settings.is_demo:
        yield Finding("mode", "warning", "demo: invented data, keys that everybody knows")


def _texts(services: Services) -> Iterator[Finding]:
    own = with_own_texts(REPLIES, services.facility.texts)
    faults = [f"{key}: {fault.said}" for key in services.facility.texts for fault in reply_faults(own[key])]
    yield from (Finding("texts", "warning", fault) for fault in faults)
    if not faults:
        yield Finding("texts", "ok", f"{len(own)} replies, {len(services.facility.texts)} of them your own")


def _parts(services: Services) -> Iterator[Finding]:
    for name, part in examine(services).items():
        if part.is_ok:
            yield Finding(name, "ok", "answers" if part.age_seconds is None else f"{part.age_seconds} s ago")
        elif name == "parser":
            where = services.settings.nlu_url
            yield Finding(name, "warning", f"nothing answers at {where}: Sapa reads by keywords only")
        elif name == "worker":
            yield Finding(name, "warning", "does not run: nothing is answered or delivered (sapa run)")
        else:
            yield Finding(name, "fault", "does not work")


def _model(services: Services) -> Finding:
    if not rasa_python().exists():
        return Finding("model", "warning", "Rasa's environment is missing (make setup)")
    state = model_state(services.settings)
    return Finding("model", "ok" if state.is_as_expected else "warning", state.in_words)


def _twilio(services: Services) -> Finding:
    settings = services.settings
    if not settings.has_twilio:
        return Finding("twilio", "warning", "no account: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    if not (settings.whatsapp_from or settings.sms_from):
        return Finding("twilio", "fault", "no sender: set SAPA_TWILIO_WHATSAPP_FROM or SAPA_TWILIO_SMS_FROM")
    return Finding(
        "twilio", "ok", f"account {settings.twilio_account_sid[:6]}..., {settings.twilio_api_url or 'Twilio'}"
    )


def _programmes(services: Services) -> Iterator[Finding]:
    for programme in load_active_programmes(services.facility):
        warning = programme.warning()
        yield Finding(f"programme {programme.name}", "warning" if warning else "ok", warning or "signed")
