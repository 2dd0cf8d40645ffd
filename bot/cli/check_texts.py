"""Check of texts: the centre's own words and names, as patients read them at worst, and the WhatsApp templates."""

from __future__ import annotations

from collections.abc import Iterator

from bot.channels.choice_messages import ROW_LETTERS
from bot.channels.segments import count_segments
from bot.cli.findings import Finding
from bot.contents_upkeep import template_states
from bot.services import Services
from bot.template_ids import template_ids
from clinic.facility import Facility
from flows.catalogue import REPLIES
from flows.longest_values import day_labels, longest_values, poli_labels
from flows.replies import ReplyText, with_own_texts
from flows.text_gate import filled, label_faults, reply_faults, worst_faults
from scheduler.texts import REPLIES as REMINDERS

MOST_SEGMENTS = 2
"""With the longest names of the centre a text may take one SMS more, and never three."""


def look_at_texts(services: Services) -> Iterator[Finding]:
    """The centre's own texts, every text with its longest names, and the labels of its buttons."""
    facility = services.facility
    replies = with_own_texts({**REPLIES, **REMINDERS}, facility.texts)
    faults = [f"{key}: {said}" for key, said in text_faults(replies, facility)]
    yield from (Finding("texts", "warning", fault) for fault in faults)
    if not faults:
        yield Finding("texts", "ok", f"{len(replies)} replies, {len(facility.texts)} of them your own")


def text_faults(replies: dict[str, ReplyText], facility: Facility) -> Iterator[tuple[str, str]]:
    """Where a fault is, and what it is, in the order of the replies."""
    for key, reply in replies.items():
        if key in facility.texts:
            yield from ((key, fault.said) for fault in reply_faults(reply))
        longest = longest_values(facility, key)
        yield from ((key, fault.said) for fault in worst_faults(reply, longest))
        cost = count_segments(filled(reply.text, {**reply.example, **_known(reply, longest)}))
        if cost.segments > max(MOST_SEGMENTS, reply.segments):
            yield key, f"costs {cost.segments} SMS ({cost.characters} letters) with your longest names"
    for name, labels in (("polis", poli_labels(facility)), ("sessions", day_labels(facility))):
        yield from ((name, fault.said) for fault in label_faults(labels, limit=ROW_LETTERS, may_be_cut=True))


def look_at_templates(services: Services) -> Iterator[Finding]:
    """Which WhatsApp templates may be used; without any, WhatsApp is silent a day after the last message."""
    settings = services.settings
    if not (settings.has_twilio and settings.whatsapp_from):
        return
    with services.database.reading() as db:
        usable = template_ids(db, services.facility)
    missing = [
        f"{state.name} ({state.in_words})"
        for state in template_states(services.database, settings.twilio_account_sid)
        if state.name not in usable
    ]
    if missing:
        yield Finding("templates", "warning", f"not usable: {', '.join(missing)} (sapa templates push)")
    else:
        yield Finding("templates", "ok", f"{len(usable)} may be used")


def _known(reply: ReplyText, longest: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in longest.items() if name in reply.example}
