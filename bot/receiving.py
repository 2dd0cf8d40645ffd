"""Receiving: the one way in: a message is kept, and how long it waits for the rest of the thought is decided."""

from __future__ import annotations

from datetime import datetime

from bot.bursts import pause_after
from bot.channels import Inbound
from clinic import inbound
from clinic.database import Session
from clinic.facility import Limits
from clinic.inbound import Received


def keep(db: Session, said: Inbound, *, limits: Limits, now: datetime) -> Received:
    """Keep a message in the caller's transaction; the same one again changes nothing."""
    return inbound.receive(
        db,
        provider_id=said.provider_id,
        channel=said.channel,
        address=said.address,
        text=said.text,
        media=said.media,
        extra=said.extra,
        profile_name=said.profile_name,
        route=said.route,
        pause=pause_after(said.text, channel=said.channel, extra=said.extra, limits=limits),
        now=now,
    )
