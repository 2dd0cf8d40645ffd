"""Undelivered: what follows when a message does not arrive: another way, another time, or a case for staff."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import metrics
from bot.channels import Action, StatusUpdate
from bot.channels.refusals import Rule, rule_for
from bot.template_ids import template_id
from clinic import sent
from clinic.cases import open_case
from clinic.contacts import block_address, find_or_create_contact, opt_out
from clinic.database import Session
from clinic.facility import Facility
from clinic.outbox import NOT_DELIVERED, PRIORITIES, UNASKED, OutboxView, message_by_provider_id, queue_message
from clinic.outbox_status import apply_status
from clinic.reach import note_missed, note_reached
from flows.whatsapp_templates import TEMPLATES

log = logging.getLogger(__name__)

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
AGAIN = re.compile(r"(?P<key>.+):again(?P<times>\d+)")
BUTTONS_REFUSED = ("63005", "63013", "63021")
"""WhatsApp took the message and not its buttons or list: the same goes once more as plain numbered text."""
NOTICE_TEMPLATE = "notice"
"""The template that carries any sentence of ours as its one variable, where the centre has such a one."""


@dataclass(frozen=True)
class FollowUp:
    """Decides and writes, in the caller's transaction; the same failure twice changes nothing more."""

    facility: Facility
    has_sms: bool

    def after_refusal(self, db: Session, message: OutboxView, *, code: str, action: Action, now: datetime) -> None:
        """The provider said no at once, and trying the same again is no use or was done often enough."""
        self._follow(db, message, rule_for(code), action=action, code=code, now=now)

    def take_status(self, db: Session, status: StatusUpdate, *, now: datetime) -> bool:
        """Move a message forward by the provider's word; False when the id is none of ours."""
        before = message_by_provider_id(db, status.provider_id)
        if before is None:
            return False
        apply_status(db, provider_id=status.provider_id, status=status.status, error_code=status.error_code, now=now)
        after = message_by_provider_id(db, status.provider_id)
        if after is not None and before.state != after.state:
            self._after_move(db, after, code=status.error_code, now=now)
        return True

    def can_go_by_sms(self, message: OutboxView) -> bool:
        """A WhatsApp message to somebody whose number we know, where some route leads to SMS."""
        return self.has_sms and message.channel == "whatsapp" and bool(E164.fullmatch(message.address))

    def after_drop(self, db: Session, message: OutboxView, *, now: datetime) -> None:
        """It could not be sent while it was of use; of what nobody asked for nobody need hear."""
        if message.priority not in UNASKED:
            self._tell_staff(db, message, rule_for("useless"), code="useless", now=now)

    def _after_move(self, db: Session, message: OutboxView, *, code: str | None, now: datetime) -> None:
        metrics.outbound(route=message.route, kind=message.kind, outcome=message.state)
        if message.state in NOT_DELIVERED:
            note_missed(db, message.address_id, now=now)
            self.after_failed_status(db, message, code=code, now=now)
        elif message.state in ("delivered", "read"):
            note_reached(db, message.address_id, route=message.route, now=now)

    def after_failed_status(self, db: Session, message: OutboxView, *, code: str | None, now: datetime) -> None:
        """The provider took it and could not deliver it."""
        rule = rule_for(code)
        if rule.action == "retry" and self._queue_again(db, message, rule, now=now):
            return
        self._follow(db, message, rule, action=rule.action, code=rule.code, now=now)

    def _follow(
        self, db: Session, message: OutboxView, rule: Rule, *, action: Action, code: str, now: datetime
    ) -> None:
        log.info("undelivered outbox=%s code=%s action=%s", message.id, code, action)
        if action == "opted_out":
            opt_out(db, message.contact_id, now=now)
            if message.priority not in (PRIORITIES["danger"], PRIORITIES["staff"]):
                return
        if rule.template and self._queue_as_template(db, message, now=now):
            return
        if code in BUTTONS_REFUSED and message.choices:
            self._queue_copy(db, message, suffix="plain", now=now, with_choices=False)
            return
        if action == "fallback" and self._queue_as_sms(db, message, now=now):
            return
        if action == "stop":
            block_address(db, message.address_id, now=now, tried_at=message.created_at)
        self._tell_staff(db, message, rule, code=code, now=now)

    def _queue_as_sms(self, db: Session, message: OutboxView, *, now: datetime) -> bool:
        if not self.can_go_by_sms(message):
            return False
        contact, address = find_or_create_contact(
            db, channel="sms", address=message.address, profile_name=None, now=now
        )
        self._queue_copy(db, message, suffix="sms", now=now, channel="sms", address_id=address.id)
        return True

    def _queue_as_template(self, db: Session, message: OutboxView, *, now: datetime) -> bool:
        sid = template_id(db, self.facility, NOTICE_TEMPLATE)
        if sid is None or message.template is not None or message.channel != "whatsapp":
            return False
        template = {"sid": sid, "variables": TEMPLATES["notice"].variables({"kabar": " ".join(message.text.split())})}
        self._queue_copy(db, message, suffix="template", now=now, template=template)
        return True

    def _queue_again(self, db: Session, message: OutboxView, rule: Rule, *, now: datetime) -> bool:
        before = AGAIN.fullmatch(message.key)
        times = int(before["times"]) + 1 if before else 1
        at = now + timedelta(seconds=rule.wait or 0)
        if times > rule.again or at > message.useless_after:
            return False
        first_key = before["key"] if before else message.key
        self._queue_copy(db, message, suffix=f"again{times}", now=now, first_key=first_key, not_before=at)
        return True

    def _queue_copy(
        self,
        db: Session,
        message: OutboxView,
        *,
        suffix: str,
        now: datetime,
        first_key: str | None = None,
        channel: str | None = None,
        address_id: int | None = None,
        template: Mapping[str, object] | None = None,
        not_before: datetime | None = None,
        with_choices: bool = True,
    ) -> None:
        queue_message(
            db,
            key=f"{first_key or message.key}:{suffix}",
            contact_id=message.contact_id,
            address_id=address_id or message.address_id,
            channel=channel or message.channel,
            text=message.text,
            now=now,
            priority=sent.priority_name(message.priority),
            not_before=not_before,
            useless_after=message.useless_after,
            template=template or (message.template if channel is None else None),
            choices=message.choices if with_choices else (),
            media=message.media if channel is None else (),
            staff_id=message.staff_id,
        )

    def _tell_staff(self, db: Session, message: OutboxView, rule: Rule, *, code: str, now: datetime) -> None:
        is_danger = message.priority == PRIORITIES["danger"]
        contact_id = message.contact_id if rule.about == "patient" or is_danger else None
        if sent.has_open_case(db, kind="delivery", topic=code, contact_id=contact_id, is_urgent=is_danger):
            return
        open_case(
            db,
            kind="delivery",
            topic=code,
            text=rule.reason,
            contact_id=contact_id,
            urgent=is_danger,
            now=now,
            due_hours=self.facility.limits.due_hours.of("delivery"),
        )
