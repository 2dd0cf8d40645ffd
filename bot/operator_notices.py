"""Operator notices: SMS from the operator to our own SIM; what is about credit or validity reaches staff."""

from __future__ import annotations

import re
from datetime import datetime

from bot.channels.refusals import rule_for
from clinic import route_trouble
from clinic.database import Session
from clinic.facility import Facility

TOPIC = "operator_notice"
LONGEST = 480
ABOUT_THE_SIM = re.compile(
    r"\b(?:sisa|saldo)\s+(?:pulsa|kuota)\b|\bmasa\s+(?:aktif|tenggang)\b"
    r"|\bpulsa\b.{0,40}\b(?:habis|kurang|tidak\s+cukup|menipis|hampir)\b|\bkartu\b.{0,40}\b(?:hangus|diblokir|nonaktif)\b"
    r"|\b(?:habis|tidak\s+cukup)\b.{0,20}\bpulsa\b",
    re.IGNORECASE | re.DOTALL,
)


def is_about_the_sim(text: str) -> bool:
    """Whether the operator warns of what would silence our SIM: credit that ends, a card that expires."""
    return ABOUT_THE_SIM.search(text) is not None


def tell_of_notice(db: Session, facility: Facility, text: str, *, now: datetime) -> bool:
    """A case with the operator's own words; one at a time, so that daily reminders of an operator do not pile up."""
    words = f"{rule_for(TOPIC).reason}\n{text[:LONGEST]}"
    hours = facility.limits.due_hours.of("delivery")
    return route_trouble.tell_once(db, topic=TOPIC, text=words, now=now, due_hours=hours)
