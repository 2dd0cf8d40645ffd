"""Statuses: a provider's word about a message of ours moves it forward, also where it overtakes our own commit."""

from __future__ import annotations

import time

from bot.channels import StatusUpdate
from bot.channels.routing import has_sms
from bot.services import Services
from bot.undelivered import FollowUp
from clinic import sent

LOOKS_FOR_OVERTAKEN = 4
PAUSE_SECONDS = 0.25


def take_status(services: Services, update: StatusUpdate) -> bool:
    """Look a few times: a status may overtake our own commit of the id that it speaks of. False: none of ours."""
    for _ in range(LOOKS_FOR_OVERTAKEN):
        if _take_once(services, update):
            return True
        with services.database.reading() as db:
            if not sent.is_any_on_its_way(db):
                break
        time.sleep(PAUSE_SECONDS)
    return _take_once(services, update)


def _take_once(services: Services, update: StatusUpdate) -> bool:
    follow_up = FollowUp(services.facility, has_sms=has_sms(services.settings))
    with services.database.transaction() as db:
        return follow_up.take_status(db, update, now=services.clock())
