"""Watch: what waits, what is stuck and which part lives, as one look at the database that stays cheap for years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic.cases import Case
from clinic.conversations import Conversation
from clinic.database import Database
from clinic.heartbeats import Beat, beat, last_beats
from clinic.migrate import FOLDER, current_revision
from clinic.outbox import KINDS, PRIORITIES, UNASKED, OutboxMessage
from clinic.routes import RouteView, route_states

CHANNEL_OF = {
    "whatsapp": "whatsapp",
    "gammu": "sms",
    "android": "sms",
    "twilio_sms": "sms",
    "console": "console",
}
"""Route -> the channel that it leads to."""
CHANNELS = tuple(dict.fromkeys(CHANNEL_OF.values()))
PROBE = "probe"
"""The heartbeat that is written to see whether anything can be written; no part of the service."""
NOT_WITH_THE_PROVIDER = ("queued", "sending", "unknown")
LONGEST_PAUSE = timedelta(minutes=30)
"""No try comes later than this after the one before: what is due later still was put off on purpose."""


@dataclass(frozen=True)
class Unsent:
    """Messages of one channel and kind that could have gone out and did not yet."""

    channel: str
    kind: str
    count: int
    since: datetime
    """Since when the oldest of them may go out."""


@dataclass(frozen=True)
class Waiting:
    """How many messages of a channel are in this state, those for later included."""

    channel: str
    state: str
    count: int


@dataclass(frozen=True)
class OpenCases:
    """How many cases of a kind staff have not closed."""

    kind: str
    urgent: bool
    count: int


@dataclass(frozen=True)
class Picture:
    """How the service is, as far as the database knows."""

    at: datetime
    beats: Mapping[str, Beat]
    unsent: tuple[Unsent, ...]
    waiting: tuple[Waiting, ...]
    unanswered: int
    """Contacts who wait for an answer of the bot."""
    unanswered_since: datetime | None
    cases: tuple[OpenCases, ...]
    routes: Mapping[str, RouteView]
    """Those that were used or looked at."""

    def oldest_unsent(self, channel: str) -> datetime | None:
        """Since when the oldest message of this channel could have gone out."""
        return min((each.since for each in self.unsent if each.channel == channel), default=None)

    def stuck_since(self, *, longer_than: timedelta) -> Mapping[str, datetime]:
        """Channel -> since when something of it has been waiting too long; empty when all goes well.

        A long row of reminders is not stuck while its channel goes on taking messages: it is sent at its own pace.
        """
        found: dict[str, datetime] = {}
        for each in self.unsent:
            may_queue = PRIORITIES[each.kind] in UNASKED and self._moves(each.channel, longer_than)
            if self.at - each.since > longer_than and not may_queue:
                found[each.channel] = min(each.since, found.get(each.channel, each.since))
        return found

    def _moves(self, channel: str, span: timedelta) -> bool:
        oks = (view.last_ok_at for route, view in self.routes.items() if CHANNEL_OF.get(route) == channel)
        return any(ok is not None and self.at - ok <= span for ok in oks)


def take_picture(database: Database, *, now: datetime) -> Picture | None:
    """One look; None when the database does not answer."""
    try:
        with database.reading() as db:
            return picture_of(db, now=now)
    except SQLAlchemyError:
        return None


def picture_of(db: Session, *, now: datetime) -> Picture:
    """The same inside a session of the caller. Reads only what is not settled, however much was sent before."""
    unanswered, since = db.execute(
        select(func.count(), func.min(Conversation.unanswered_since)).where(Conversation.has_unanswered.is_(True))
    ).one()
    return Picture(
        at=now,
        beats={part: sign for part, sign in last_beats(db).items() if part != PROBE},
        unsent=tuple(_unsent(db, now)),
        waiting=tuple(_waiting(db)),
        unanswered=unanswered,
        unanswered_since=since,
        cases=tuple(_open_cases(db)),
        routes={route: view for route, view in route_states(db, CHANNEL_OF).items() if _was_used(view)},
    )


def can_keep(database: Database, *, now: datetime) -> bool:
    """Whether what comes in now would be kept: the tables are this version's and a write goes through."""
    try:
        if current_revision(database) != _newest_revision(FOLDER):
            return False
        with database.transaction() as db:
            beat(db, part=PROBE, now=now)
    except SQLAlchemyError:
        return False
    return True


@cache
def _newest_revision(folder: Path) -> str | None:
    return ScriptDirectory(str(folder)).get_current_head()


def _unsent(db: Session, now: datetime) -> Iterable[Unsent]:
    """Alarms are left out: one that cannot leave must not be what the next alarm is about."""
    rows = db.execute(
        select(OutboxMessage.channel, OutboxMessage.priority, func.count(), func.min(OutboxMessage.not_before))
        .where(
            OutboxMessage.state.in_(NOT_WITH_THE_PROVIDER),
            OutboxMessage.channel.in_(CHANNELS),
            OutboxMessage.next_try_at <= now + LONGEST_PAUSE,
            OutboxMessage.not_before <= now,
            OutboxMessage.useless_after > now,
            OutboxMessage.priority != PRIORITIES["alarm"],
        )
        .group_by(OutboxMessage.channel, OutboxMessage.priority)
    )
    return (Unsent(channel, KINDS[priority], count, since) for channel, priority, count, since in rows)


def _waiting(db: Session) -> Iterable[Waiting]:
    rows = db.execute(
        select(OutboxMessage.channel, OutboxMessage.state, func.count())
        .where(OutboxMessage.state.in_(NOT_WITH_THE_PROVIDER))
        .group_by(OutboxMessage.channel, OutboxMessage.state)
    )
    return (Waiting(channel, state, count) for channel, state, count in rows)


def _open_cases(db: Session) -> Iterable[OpenCases]:
    rows = db.execute(
        select(Case.kind, Case.urgent, func.count())
        .where(Case.state.in_(("open", "taken")))
        .group_by(Case.kind, Case.urgent)
    )
    return (OpenCases(kind, urgent, count) for kind, urgent, count in rows)


def _was_used(view: RouteView) -> bool:
    return any((view.last_ok_at, view.last_failure_at, view.seen_at, view.trouble, view.free_from))
