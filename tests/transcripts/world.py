"""What a transcript may take as given beyond people: a reminder that went out and waits for its answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinic.database import Session
from clinic.facility import Facility
from clinic.programmes import Reminder


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
