"""What a transcript may take as given beyond people: a reminder that went out and waits for its answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from clinic.database import Session
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.membership import MembershipFacts, save_membership
from clinic.people import add_person
from clinic.programmes import Reminder

STRANGERS = (
    ("Siti Aminah", date(1990, 5, 12), "6472015205900001", "0001000000071", True),
    ("Rohani", date(1955, 3, 1), "6472014103550002", "0001000000072", False),
)
"""Invented people whom the register knows and no phone speaks for: name, birth date, NIK, card number, active."""


def register_strangers(db: Session, facility: Facility, *, keeper: IdentityKeeper, now: datetime) -> None:
    """Put them into the register."""
    for name, born, nik, card, is_active in STRANGERS:
        person = add_person(db, name=name, birth_date=born, nik=nik, card=card, keeper=keeper, now=now)
        status = "AKTIF" if is_active else "TIDAK AKTIF"
        facts = MembershipFacts(
            is_active=is_active,
            status=status,
            segment="PBI",
            care_class="3",
            facility=facility.name,
            as_of=date(2026, 11, 20),
        )
        save_membership(db, person.id, facts, now=now)


def ask_to_come(db: Session, facility: Facility, *, contact_id: int, person_id: int, now: datetime) -> None:
    """A reminder for tomorrow's immunisation, sent this morning."""
    visit = facility.today(now) + timedelta(days=1)
    db.add(
        Reminder(
            person_id=person_id,
            contact_id=contact_id,
            programme="imunisasi_bayi",
            item="P9M",
            occurrence=f"{visit.isoformat()}/-1",
            visit_on=visit,
            poli="imunisasi",
            outbox_id=None,
            answer=None,
            created_at=now - timedelta(hours=1),
            answered_at=None,
        )
    )
    db.flush()
