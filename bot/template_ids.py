"""Template ids: which approved WhatsApp template a message may use, as puskesmas.yml or WhatsApp's own word says."""

from __future__ import annotations

from bot.channels.template_contents import template_wordings
from clinic.content_templates import approved_sids
from clinic.database import Session
from clinic.facility import Facility


def template_ids(db: Session, facility: Facility) -> dict[str, str]:
    """Name -> ContentSid: those of puskesmas.yml, and beside them those that WhatsApp approved in today's wording."""
    return {**approved_sids(db, template_wordings()), **facility.whatsapp_templates}


def template_id(db: Session, facility: Facility, name: str) -> str | None:
    """The ContentSid under this name; None while there is none."""
    return template_ids(db, facility).get(name)
