"""Gammu: SMS out and in through a modem with the health centre's own SIM, by the tables of gammu-smsd."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels import (
    Accepted,
    Capabilities,
    Inbound,
    Outgoing,
    SendFailed,
    SendUnknown,
    StatusUpdate,
    Unreadable,
)
from bot.channels.refusals import rule_for
from bot.channels.segments import count_segments
from bot.channels.senders import NotAPatient, patient_address
from bot.channels.sms_parts import GSM_CODING, UNICODE_CODING, cut_text
from bot.settings import Settings
from clinic.gammu import NewSms, SmsState, creator_of, find_sms, put_sms
from clinic.gammu_modem import is_alive
from clinic.gammu_tables import GammuStore, GammuUncertain, GammuUnreachable, open_gammu_store

MOST_SEGMENTS = 10
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SMS = Capabilities(
    max_length=MOST_SEGMENTS * 153,
    has_buttons=False,
    has_media=False,
    window_hours=None,
    is_two_way=True,
    billed_by="segment",
    rank=1,
)
WORDS = {
    "Waiting": "queued",
    "SendingOK": "sent",
    "SendingOKNoReport": "sent",
    "DeliveryPending": "sent",
    "DeliveryUnknown": "sent",
    "DeliveryOK": "delivered",
    "DeliveryFailed": "undelivered",
    "SendingError": "failed",
    "Error": "failed",
}
"""gammu-smsd's word -> ours. Unknown: the network lost track, which is no proof of anything."""
CMS_CODES = {
    **dict.fromkeys((1, 28, 30), "sms_no_number"),
    **dict.fromkeys((17, 22, 38, 41, 42, 47, 331, 332), "sms_network"),
    **dict.fromkeys((310, 311, 312, 313, 314, 315, 316, 317, 318), "sim_locked"),
}
"""What the network or the modem says (3GPP 24.011 annex E-2, 27.005 3.2.5) -> our code; any other is sms_refused."""
REPORT_CODES = {0x46: "sms_expired", 0x41: "sms_no_number", 0x43: "sms_no_number"}
"""TP-Status of a delivery report (3GPP 23.040 9.2.3.15) -> our code; any other is sms_not_delivered."""


@dataclass(frozen=True)
class GammuChannel:
    """One modem behind gammu-smsd. Sending is a row in its outbox; the modem takes it from there."""

    store: GammuStore

    route = "gammu"
    channel = "sms"

    @property
    def capabilities(self) -> Capabilities:
        return SMS

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        """One row of gammu's inbox, by its column names, and "Fragment" where it is a piece of a message.

        The id is made of what came over the air: the same SMS read from the SIM a second time, into a new row or a
        new database, is the same message. Raises NotAPatient for a sender whom no answer reaches, or Unreadable.
        """
        address = patient_address(_field(given, "SenderNumber"))
        if address is None:
            raise NotAPatient("no phone number")
        is_text = given.get("Coding") in (GSM_CODING, UNICODE_CODING)
        fragment = given.get("Fragment")
        return Inbound(
            provider_id=_inbound_id(given),
            channel=self.channel,
            address=address,
            text=str(given.get("TextDecoded") or "") if is_text else "",
            media=() if is_text else ({"content_type": "application/octet-stream"},),
            extra={"fragment": dict(fragment)} if fragment else {},
            route=self.route,
        )

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        """A row of sentitems, by its column names; raises Unreadable."""
        word = _field(given, "Status")
        status = WORDS.get(word, word)
        return StatusUpdate(provider_id_of(_field(given, "CreatorID")), status, _error_code(status, given))

    def send(self, message: Outgoing) -> Accepted:
        """Put the message into gammu's outbox; the same key again puts nothing and is accepted.

        A modem that gives no sign of life gets nothing: what it has not been given can still go another way, and what
        has become useless meanwhile is not sent when it wakes up. Raises SendFailed or SendUnknown.
        """
        sms = _new_sms(message)
        try:
            known = find_sms(self.store, sms.creator, sms.number)
            if known is not None:
                return self._accepted(known)
            if not is_alive(self.store):
                raise _failure("modem_dead")
            put_sms(self.store, sms)
        except GammuUnreachable as error:
            raise _failure("gammu_database") from error
        except GammuUncertain as error:
            raise SendUnknown(f"commit: {error}") from error
        return Accepted(provider_id=provider_id_of(sms.creator), status="queued")

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        """By the message's own key, so the answer is certain; raises SendUnknown when the database is away."""
        try:
            known = find_sms(self.store, creator_of(message.key), message.address)
        except GammuUnreachable as error:
            raise SendUnknown(f"database: {error}") from error
        return None if known is None else self._accepted(known)

    def status_of(self, state: SmsState) -> StatusUpdate:
        """What became of an SMS, all its parts together."""
        return self.status(
            {
                "CreatorID": state.creator,
                "Status": state.status,
                "StatusCode": state.status_code,
                "StatusError": state.status_error,
            }
        )

    def _accepted(self, state: SmsState) -> Accepted:
        update = self.status_of(state)
        return Accepted(update.provider_id, update.status, update.error_code)


def open_gammu(settings: Settings) -> GammuChannel | None:
    """The modem of these settings; None where there is none. Connects with the first message."""
    url = settings.gammu_database_url
    return None if url is None else GammuChannel(open_gammu_store(url))


def provider_id_of(creator: str) -> str:
    """Our name for an SMS, the same while it waits and after it was sent."""
    return f"gammu:{creator}"


def _new_sms(message: Outgoing) -> NewSms:
    if not E164.fullmatch(message.address):
        raise _failure("bad_address")
    text = message.text.replace("\x00", "")
    if not text.strip():
        raise _failure("empty")
    if count_segments(text).segments > MOST_SEGMENTS:
        raise _failure("too_long")
    cut = cut_text(text)
    return NewSms(
        creator=creator_of(message.key),
        number=message.address,
        coding=cut.coding,
        parts=cut.parts,
        reference=message.outbox_id % 256,
        useless_after=message.useless_after,
    )


def _failure(code: str) -> SendFailed:
    rule = rule_for(code)
    return SendFailed(code, action=rule.action, retry_after=rule.wait)


def _error_code(status: str, given: Mapping[str, Any]) -> str | None:
    if status == "failed":
        return CMS_CODES.get(given.get("StatusCode") or 0, "sms_refused")
    if status == "undelivered":
        return REPORT_CODES.get(given.get("StatusError") or 0, "sms_not_delivered")
    return None


def _inbound_id(given: Mapping[str, Any]) -> str:
    """Phone, the centre's time, and a hash of sender, header and text: what the network itself does not send twice."""
    written = given.get("ReceivingDateTime")
    at = written.strftime("%Y%m%dT%H%M%S") if isinstance(written, datetime) else str(written or "")[:20]
    parts = [str(given.get(name) or "") for name in ("SenderNumber", "UDH", "Text", "TextDecoded")]
    digest = hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:24]
    return f"gammu:{str(given.get('RecipientID') or '')[:32]}:{at}:{digest}"


def _field(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not value:
        raise Unreadable(f"{name} is missing")
    return str(value)
