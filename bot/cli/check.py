"""`sapa check`: what is configured, reachable and trained, in words."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bot.channels.routing import open_channels
from bot.cli.android import android_findings
from bot.cli.board import look_at_voice
from bot.cli.check_bpjs import look_at_bpjs, look_at_bpjs_outside
from bot.cli.check_deep import local_looks
from bot.cli.check_modem import look_at_modem
from bot.cli.check_outside import Outside
from bot.cli.check_texts import look_at_templates, look_at_texts
from bot.cli.findings import MARKS, Finding, Look
from bot.cli.opening import json_option, open_services, print_json
from bot.health import examine, parser_answers
from bot.model_state import model_state
from bot.prices import HUNDREDTHS, rupiah, unpriced_routes
from bot.reminders import load_active_programmes
from bot.services import Services
from clinic.staff import staff_count
from nlu.environment import rasa_python


@click.command()
@json_option
@click.option("--deep", "is_deep", is_flag=True, help="Really ask: Twilio, our public address, the disk, the parser.")
def check(as_json: bool, is_deep: bool) -> None:
    """Look at everything this installation needs; exit code 1 when something does not work."""
    services = open_services()
    findings: list[Finding] = []
    for each in look(services, is_deep=is_deep):
        findings.append(each)
        if not as_json:
            click.echo(f"{MARKS[each.level]}  {each.what}: {each.detail}")
    if as_json:
        print_json([{"what": each.what, "level": each.level, "detail": each.detail} for each in findings])
    raise SystemExit(1 if any(each.level == "fault" for each in findings) else 0)


def look(services: Services, *, is_deep: bool = False) -> Iterator[Finding]:
    """Every finding as it is made, in the order in which one would repair them."""
    for one in LOOKS:
        yield from one(services)
    if is_deep:
        for one in local_looks():
            yield from one(services)
        yield from Outside(services).look()
        yield from look_at_bpjs_outside(services)


def _facility(services: Services) -> Iterator[Finding]:
    facility = services.facility
    yield Finding("puskesmas.yml", "ok", f"{facility.name}, {len(facility.polis)} polis, {facility.timezone}")


def _parts(services: Services) -> Iterator[Finding]:
    for name, part in examine(services, parser_answers=parser_answers(services.settings)).items():
        if part.is_ok:
            yield Finding(name, "ok", "answers" if part.age_seconds is None else f"{part.age_seconds} s ago")
        elif name == "parser":
            where = services.settings.nlu_url
            yield Finding(name, "warning", f"nothing answers at {where}: Sapa reads by keywords only")
        elif name == "worker":
            yield Finding(name, "warning", "does not run: nothing is answered or delivered (sapa run)")
        elif name == "outbox":
            yield Finding(name, "fault", f"messages wait for {part.age_seconds} s on {part.why}: which route is down?")
        elif name.startswith("route "):
            yield Finding(name, "fault", f"{part.why}: see docs/watching.md; what can goes another way meanwhile")
        else:
            yield Finding(name, "fault", "does not work")


def _model(services: Services) -> Iterator[Finding]:
    if not rasa_python().exists():
        yield Finding("model", "warning", "Rasa's environment is missing (make setup)")
        return
    state = model_state(services.settings)
    yield Finding("model", "ok" if state.is_as_expected else "warning", state.in_words)


def _twilio(services: Services) -> Iterator[Finding]:
    settings = services.settings
    if not settings.has_twilio:
        yield Finding("twilio", "warning", "no account: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    elif not (settings.whatsapp_from or settings.sms_from):
        yield Finding("twilio", "fault", "no sender: set SAPA_TWILIO_WHATSAPP_FROM or SAPA_TWILIO_SMS_FROM")
    else:
        where = settings.twilio_api_url or "Twilio"
        yield Finding("twilio", "ok", f"account {settings.twilio_account_sid[:6]}..., {where}")


def _android(services: Services) -> Iterator[Finding]:
    yield from (Finding("android", *found) for found in android_findings(services))


def _money(services: Services) -> Iterator[Finding]:
    """A budget counts what is priced: what has no price is sent without end."""
    budget = services.facility.budget
    if budget.monthly is None:
        yield Finding("budget", "ok", "none: messages are sent whatever they cost")
        return
    missing = unpriced_routes(services.facility.prices, open_channels(services.settings))
    if missing:
        what = f"prices in puskesmas.yml lack {', '.join(missing)}: such messages count as nothing"
        yield Finding("budget", "warning", what)
    else:
        yield Finding("budget", "ok", f"{rupiah(budget.monthly * HUNDREDTHS)} a month")


def _programmes(services: Services) -> Iterator[Finding]:
    for programme in load_active_programmes(services.facility):
        warning = programme.warning()
        yield Finding(f"programme {programme.name}", "warning" if warning else "ok", warning or "signed")


def _staff(services: Services) -> Iterator[Finding]:
    with services.database.reading() as db:
        staff = staff_count(db)
    yield Finding("staff", "ok" if staff else "warning", f"{staff} may log in" if staff else "nobody: sapa staff add")


def _mode(services: Services) -> Iterator[Finding]:
    if services.settings.is_demo:
        yield Finding("mode", "warning", "demo: invented data, keys that everybody knows")


LOOKS: tuple[Look, ...] = (
    _facility,
    look_at_texts,
    _parts,
    _model,
    _twilio,
    look_at_templates,
    look_at_modem,
    _android,
    look_at_bpjs,
    look_at_voice,
    _money,
    _programmes,
    _staff,
    _mode,
)
"""In the order in which one would repair them; whoever adds something to look at adds a function here."""
