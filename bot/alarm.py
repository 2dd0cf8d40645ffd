"""Alarm: tells the duty phone, by a way that works, when messages do not go out, and when they do again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.template_ids import template_id
from bot.undelivered import NOTICE_TEMPLATE
from clinic.alarms import (
    WELL,
    AlarmView,
    drop_unsent,
    hold_alarms,
    last_inbound_from,
    open_incident,
    queue_alarm,
)
from clinic.cases import open_case
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.reach import is_window_open
from clinic.sent import has_open_case
from clinic.watch import CHANNEL_OF, Picture, picture_of
from flows.replies import ReplyText, read_replies_file

log = logging.getLogger(__name__)

MOST_SAID = 999
AGAIN_AFTER = timedelta(hours=1)
CASE_KIND, CASE_TOPIC = "delivery", "alarm"
TEXTS_FILE = Path(__file__).with_name("alarm.id.yml")
TEXTS: dict[str, ReplyText] = {reply.key: reply for reply in read_replies_file(TEXTS_FILE)}


@dataclass
class Alarm:
    """One per worker; several workers tell the same thing once."""

    database: Database
    facility: Facility
    routes: Sequence[str]
    """Those that are set up here."""
    clock: Callable[[], datetime]
    last_cry: datetime | None = field(default=None)

    def look(self) -> str | None:
        """One look at what waits; the key word of what was done: told, well, nobody, or None for nothing."""
        now, phone = self.clock(), self.facility.duty_phone
        with self.database.reading() as db:
            picture = picture_of(db, now=now)
            open_alarms = open_incident(db, phone, now=now) if phone else ()
        is_stuck = bool(picture.stuck_since(longer_than=self._limit()))
        if not is_stuck and not open_alarms:
            self.last_cry = None
            return None
        with self.database.transaction() as db:
            hold_alarms(db)
            alarms = open_incident(db, phone, now=now) if phone else ()
            if is_stuck:
                return self._raise(db, alarms, picture)
            return self._end(db, alarms, now=now)

    def _raise(self, db: Session, alarms: tuple[AlarmView, ...], picture: Picture) -> str | None:
        """Once, and again every hour; sooner by another way when the last one did not get out."""
        now, phone = picture.at, self.facility.duty_phone
        recent = [alarm for alarm in alarms if now - alarm.created_at < AGAIN_AFTER]
        if recent and not self._is_lost(recent[0], now=now):
            return None
        used = {alarm.channel for alarm in recent}
        channel = next((each for each in self._channels(db, picture) if each not in used), None)
        if phone is None or channel is None:
            return self._cry(db, picture)
        incident = alarms[0].incident if alarms else f"{now:%Y%m%dT%H%M%S}"
        number, text = len(alarms) + 1, self._say("still" if alarms else "stuck", picture)
        self._queue(db, phone, channel, incident=incident, name=f"{number:03}", text=text, now=now)
        log.error("messages are stuck incident=%s alarm=%s channel=%s", incident, number, channel)
        return "told"

    def _end(self, db: Session, alarms: tuple[AlarmView, ...], *, now: datetime) -> str | None:
        """Everything goes out again: who was told of the trouble is told of its end."""
        drop_unsent(db, alarms, now=now)
        told = next((alarm for alarm in alarms if alarm.has_left), None)
        phone = self.facility.duty_phone
        if told is None or phone is None:
            return None
        text = self._text("well", puskesmas=self.facility.short_name)
        self._queue(db, phone, told.channel, incident=told.incident, name=WELL, text=text, now=now)
        log.info("messages go out again incident=%s", told.incident)
        return "well"

    def _cry(self, db: Session, picture: Picture) -> str | None:
        """Nobody can be told by phone: an urgent case, and the loudest line that the log has, once an hour."""
        now = picture.at
        if not has_open_case(db, kind=CASE_KIND, topic=CASE_TOPIC, contact_id=None, is_urgent=True):
            open_case(
                db,
                kind=CASE_KIND,
                topic=CASE_TOPIC,
                text=self._say("no_way", picture),
                contact_id=None,
                urgent=True,
                now=now,
                due_hours=1,
            )
        if self.last_cry is None or now - self.last_cry >= AGAIN_AFTER:
            self.last_cry = now
            has_phone = self.facility.duty_phone is not None
            log.critical("messages are stuck and nobody can be told by phone has_duty_phone=%s", has_phone)
        return "nobody"

    def _channels(self, db: Session, picture: Picture) -> list[str]:
        """Channels that reach the duty phone now, in the centre's order; those that are stuck themselves last."""
        stuck = picture.stuck_since(longer_than=self._limit())
        here = [route for route in self.routes if route != "console"]
        order = [route for route in dict.fromkeys([*self.facility.routes.order, *here]) if route in here]
        well = [route for route in order if route not in picture.routes or picture.routes[route].is_well(picture.at)]
        channels = dict.fromkeys(CHANNEL_OF[route] for route in well)
        usable = [channel for channel in channels if channel != "whatsapp" or self._whatsapp_is_open(db, picture.at)]
        return sorted(usable, key=lambda channel: channel in stuck)

    def _whatsapp_is_open(self, db: Session, now: datetime) -> bool:
        """WhatsApp carries free text within a day after the phone wrote to us, and a template at any time."""
        if template_id(db, self.facility, NOTICE_TEMPLATE) is not None:
            return True
        wrote = last_inbound_from(db, self.facility.duty_phone or "", channel="whatsapp")
        return is_window_open(wrote, at=now)

    def _is_lost(self, alarm: AlarmView, *, now: datetime) -> bool:
        return alarm.has_failed or (not alarm.has_left and now - alarm.created_at > self._limit())

    def _queue(
        self, db: Session, phone: str, channel: str, *, incident: str, name: str, text: str, now: datetime
    ) -> None:
        sid = template_id(db, self.facility, NOTICE_TEMPLATE)
        template: dict[str, Any] | None = {"sid": sid, "variables": {"1": text}} if sid else None
        queue_alarm(
            db,
            phone=phone,
            channel=channel,
            incident=incident,
            name=name,
            text=text,
            template=template,
            useful_for=AGAIN_AFTER,
            now=now,
        )

    def _say(self, key: str, picture: Picture) -> str:
        stuck = picture.stuck_since(longer_than=self._limit())
        since = min(stuck.values()).astimezone(self.facility.zone)
        count = sum(each.count for each in picture.unsent if each.channel in stuck)
        return self._text(key, puskesmas=self.facility.short_name, jumlah=self._count(count), jam=f"{since:%H.%M}")

    def _count(self, count: int) -> str:
        """Operators drop an SMS with a longer number."""
        return str(count) if count <= MOST_SAID else self._text("many")

    def _text(self, key: str, **values: str) -> str:
        return TEXTS[f"bot.{key}"].text.format(**values)

    def _limit(self) -> timedelta:
        return timedelta(minutes=self.facility.limits.alarm_minutes)
