"""Queue news: one message about numbers to one contact, by the way that reaches it, written with what it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.routing import EVERY_ROUTE, RouteKind
from bot.template_ids import template_id
from bot.undelivered import NOTICE_TEMPLATE
from bot.ways import Way, Wish, address_for, best_way
from clinic.contacts import has_opted_out
from clinic.database import Session
from clinic.facility import Facility
from clinic.outbox import queue_message
from flows.catalogue import REPLIES
from flows.render import Prompt, offered, render
from flows.replies import with_own_texts
from flows.whatsapp_templates import TEMPLATES

LEAVES_WITHIN = timedelta(hours=1)
"""News go out at once: the window for free text has to be open so long. What is late after all goes as template."""


@dataclass(frozen=True)
class News:
    """What is to be said: a reply with its values, the template that says the same, and how long it is of use."""

    prompts: tuple[Prompt, ...]
    template: str
    template_values: Mapping[str, str]
    not_before: datetime
    useless_after: datetime


def way_for(
    db: Session,
    facility: Facility,
    contact_id: int,
    news: News,
    *,
    routes: Mapping[str, RouteKind] = EVERY_ROUTE,
    now: datetime,
) -> Way | None:
    """How the contact is reached; None when it said stop or nothing reaches it."""
    if has_opted_out(db, contact_id):
        return None
    sid = template_id(db, facility, news.template)
    until = min(news.useless_after, news.not_before + LEAVES_WITHIN)
    wish = Wish(text=text_of(facility, news, channel="sms"), until=until, template_sid=sid)
    return best_way(db, contact_id, wish, facility=facility, routes=routes, now=now)


def can_reach(
    db: Session, facility: Facility, contact_id: int, *, routes: Mapping[str, RouteKind] = EVERY_ROUTE, now: datetime
) -> bool:
    """Whether news reach this phone now: it did not say stop, and there is a way with or without a template."""
    if has_opted_out(db, contact_id):
        return False
    sid = template_id(db, facility, NOTICE_TEMPLATE)
    wish = Wish(text="", until=now, template_sid=sid)
    return best_way(db, contact_id, wish, facility=facility, routes=routes, now=now) is not None


def write_news(db: Session, facility: Facility, way: Way, news: News, *, key: str, now: datetime) -> bool:
    """Put it into the outbox; False when the same thing is there already."""
    queued = queue_message(
        db,
        key=key,
        contact_id=way.contact_id,
        address_id=address_for(db, way, now=now),
        channel=way.channel,
        text=text_of(facility, news, channel=way.channel),
        choices=offered(_replies(facility), news.prompts),
        now=now,
        priority="notice",
        not_before=news.not_before,
        useless_after=news.useless_after,
        template=_template(db, facility, way, news),
    )
    return queued is not None


def text_of(facility: Facility, news: News, *, channel: str) -> str:
    """The message as it goes out on this channel."""
    return render(_replies(facility), news.prompts, channel=channel)


def _template(db: Session, facility: Facility, way: Way, news: News) -> dict[str, Any] | None:
    """The approved template with its values; the general one carries the text itself."""
    sid = template_id(db, facility, news.template)
    if sid is None or not way.needs_template:
        return None
    values = {"puskesmas": facility.short_name, **news.template_values}
    if news.template == NOTICE_TEMPLATE:
        values["kabar"] = text_of(facility, news, channel="sms")
    return {"sid": sid, "variables": TEMPLATES[news.template].variables(values)}


def _replies(facility: Facility) -> Mapping[str, Any]:
    return with_own_texts(REPLIES, facility.texts)
