"""Contents upkeep: makes at Twilio what messages need, and asks what WhatsApp says of our templates."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.channels.choice_messages import Content, all_shapes, usual_shapes
from bot.channels.contents import ContentApi, ContentError, ReadyContents, make_missing, open_content_api
from bot.channels.template_contents import content_of, template_wordings
from bot.services import Services
from clinic.content_templates import (
    ContentView,
    contents_of,
    forget_other_accounts,
    forget_other_wordings,
    made_sids,
    note_approval,
)
from clinic.database import Database
from flows.whatsapp_templates import TEMPLATES

log = logging.getLogger(__name__)

UNDECIDED = (None, "unsubmitted", "received", "pending")
NOT_ASKED = (None, "unsubmitted")


@dataclass(frozen=True)
class TemplateState:
    """One template of ours and what has become of it; `content` is None while it was never made in this wording."""

    name: str
    content: ContentView | None

    @property
    def in_words(self) -> str:
        """missing, made, or WhatsApp's own word."""
        if self.content is None or self.content.sid is None:
            return "missing"
        return self.content.approval or "made"


def ready_contents(services: Services) -> ReadyContents:
    """What the WhatsApp channel takes its buttons from."""
    return ReadyContents(services.database, services.settings.twilio_account_sid, services.clock)


def template_states(database: Database, account: str) -> tuple[TemplateState, ...]:
    """Every template that this version needs, in the order of the file."""
    with database.reading() as db:
        known = {(view.name, view.wording): view for view in contents_of(db, account)}
    return tuple(TemplateState(name, known.get((name, wording))) for name, wording in template_wordings().items())


def push(services: Services, api: ContentApi) -> tuple[int, int]:
    """Make what is missing and submit what WhatsApp was not asked for; how many of each. Raises ContentError.

    A second time it finds everything there and does nothing. What an older version or another account had is dropped
    from our table, not at Twilio.
    """
    database, account, now = services.database, services.settings.twilio_account_sid, services.clock()
    ours = [content_of(template) for template in TEMPLATES.values()]
    shapes = [shape.content for shape in usual_shapes()]
    with database.transaction() as db:
        forget_other_accounts(db, account)
        forget_other_wordings(db, account=account, kept={each.name: each.wording for each in (*ours, *shapes)})
    made = make_missing(database, api, [*ours, *shapes], account=account, now=now)
    check_approvals(database, api, account=account, now=now)
    return made, _submit_new(database, api, account=account, now=now)


def check_approvals(database: Database, api: ContentApi, *, account: str, now: datetime) -> int:
    """Ask what WhatsApp says of every template that was made; how many were asked about. Raises ContentError."""
    made = [state.content for state in template_states(database, account) if state.content and state.content.sid]
    for content in made:
        approval = api.approval(str(content.sid))
        with database.transaction() as db:
            sid = str(content.sid)
            note_approval(db, account=account, sid=sid, approval=approval.status, reason=approval.reason, now=now)
    return len(made)


def keep_contents(services: Services) -> None:
    """What the worker does again and again: make what messages wanted; in the demo make everything beforehand."""
    if services.settings.is_demo and _is_something_missing(services):
        api = open_content_api(services.settings)
        try:
            made = push(services, api)[0] if api else 0
            log.info("contents of the demo made=%s", made)
        except ContentError as error:
            log.warning("contents of the demo not made: %s", error)
        return
    make_wanted(services)


def make_wanted(services: Services) -> int:
    """Make what messages wanted and did not find; how many. Nothing is asked of Twilio while nothing is wanted."""
    account = services.settings.twilio_account_sid
    with services.database.reading() as db:
        wanted = {(view.name, view.wording) for view in contents_of(db, account) if view.sid is None}
    contents = [content for content in _all_contents() if (content.name, content.wording) in wanted]
    api = open_content_api(services.settings) if contents else None
    if api is None:
        return 0
    try:
        made = make_missing(services.database, api, contents, account=account, now=services.clock())
    except ContentError as error:
        log.warning("contents not made: %s", error)
        return 0
    log.info("contents made=%s", made)
    return made


def follow_approvals(services: Services) -> None:
    """Ask about our templates, so that one that was approved is used and one that was paused is not."""
    account = services.settings.twilio_account_sid
    is_any = any(state.content and state.content.sid for state in template_states(services.database, account))
    api = open_content_api(services.settings) if is_any else None
    if api is None:
        return
    try:
        check_approvals(services.database, api, account=account, now=services.clock())
    except ContentError as error:
        log.warning("approvals not asked: %s", error)


def _submit_new(database: Database, api: ContentApi, *, account: str, now: datetime) -> int:
    submitted = 0
    for state in template_states(database, account):
        content = state.content
        if content is None or content.sid is None or content.approval not in NOT_ASKED:
            continue
        template = TEMPLATES[state.name]
        name = content_of(template).friendly_name
        approval = api.submit(content.sid, name=name, category=template.category)
        with database.transaction() as db:
            note_approval(
                db, account=account, sid=content.sid, approval=approval.status, reason=approval.reason, now=now
            )
        submitted += 1
    return submitted


def _is_something_missing(services: Services) -> bool:
    with services.database.reading() as db:
        made = made_sids(db, account=services.settings.twilio_account_sid)
    wanted = (*(shape.content for shape in usual_shapes()), *map(content_of, TEMPLATES.values()))
    return not all((content.name, content.wording) in made for content in wanted)


def _all_contents() -> Iterable[Content]:
    yield from (shape.content for shape in all_shapes())
    yield from (content_of(template) for template in TEMPLATES.values())
