"""Texts of reminders: which reply a reminder uses, filled in so that an SMS stays one SMS."""

from __future__ import annotations

from clinic.facility import Facility
from flows.render import Prompt, render
from flows.replies import load_replies
from flows.words import say_coming, say_date
from scheduler.planning import PlannedReminder
from scheduler.programme import Programme
from scheduler.programme_file import FOLDER
from scheduler.wording import first_name, list_in_words

REPLIES = load_replies([FOLDER])
ONE_SMS = 160
LONGEST_NAME = 12


def reply_name(reminder: PlannedReminder) -> str:
    """Which of its programme's texts a reminder uses: before, today or missed."""
    if reminder.offset == 0:
        return "today"
    return "before" if reminder.offset < 0 else "missed"


def reminder_text(
    reminder: PlannedReminder, programme: Programme, *, name: str, facility: Facility, channel: str
) -> str:
    """The message as it goes out on this channel; `name` is the person's, of which the first word is used."""
    full = list_in_words(reminder.lay_names)
    for service in (full, programme.lay_many):
        values = reminder_values(reminder, programme, name=name, facility=facility, service=service)
        text = render(REPLIES, [Prompt(f"{programme.name}.{reply_name(reminder)}", values)], channel=channel)
        if channel == "whatsapp" or len(text) <= ONE_SMS:
            break
    return text


def reminder_values(
    reminder: PlannedReminder, programme: Programme, *, name: str, facility: Facility, service: str
) -> dict[str, str]:
    """What the placeholders stand for."""
    visit = reminder.visit
    coming = say_coming(visit.day, opens=visit.opens, closes=visit.closes, now=reminder.send_at)
    called = first_name(name, longest=LONGEST_NAME)
    return {
        "puskesmas": facility.short_name,
        "nama": programme.named.format(nama=called) if called else programme.unnamed,
        "layanan": service,
        "hari": say_date(visit.day),
        "jam": coming,
    }


def template_variables(
    reminder: PlannedReminder, programme: Programme, *, name: str, facility: Facility
) -> dict[str, str]:
    """The same values by number, as WhatsApp's approved templates name them: 1 puskesmas ... 5 jam."""
    service = list_in_words(reminder.lay_names)
    values = reminder_values(reminder, programme, name=name, facility=facility, service=service)
    return {str(number): value for number, value in enumerate(values.values(), 1)}
