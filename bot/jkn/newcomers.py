"""Newcomers: a patient whom Mobile JKN registers because no record of ours has the card or the NIK."""

from __future__ import annotations

from datetime import datetime

from bot.jkn.answers import Refused, words
from bot.jkn.bodies import Newcomer
from bot.jkn.booking import ACTOR
from bot.services import Services
from clinic.audit import record
from clinic.database import Session as Db
from clinic.jkn_people import ask_staff, match_person, register_person


def register(db: Db, services: Services, newcomer: Newcomer, *, now: datetime) -> Refused | None:
    """Keep a new patient; somebody known is left as they are, and numbers that do not fit are told to staff."""
    match = match_person(db, card=newcomer.card, nik=newcomer.nik, keeper=services.keeper)
    if match.mismatched:
        people = ", ".join(str(each) for each in match.mismatched)
        hours = services.facility.limits.due_hours.of("error")
        ask_staff(db, words("mismatch_case", people=people), now=now, due_hours=hours)
        record(db, actor=ACTOR, action="jkn.mismatch", subject=f"person:{people}"[:80], now=now)
    if match.mismatched or match.person_id is not None:
        return Refused("person_known")
    person_id = register_person(
        db,
        card=newcomer.card,
        nik=newcomer.nik,
        name=newcomer.name,
        sex=newcomer.sex,
        birth_date=newcomer.birth_date,
        keeper=services.keeper,
        now=now,
    )
    if person_id is None:
        return Refused("person_known")
    record(db, actor=ACTOR, action="jkn.register", subject=f"person:{person_id}", now=now)
    return None
