"""Writes made-up days into a database as the counter would have written them, to replay them from there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from clinic.database import Session
from clinic.queue_replay import Story
from clinic.queue_table import QueueEntry, QueueEvent
from tests.clinic.hands import a_person


def write_days(db: Session, poli: str, days: Iterable[tuple[date, tuple[Story, ...]]]) -> int:
    """Entries and events of these days; how many numbers there were."""
    written = 0
    for day, stories in days:
        for story in stories:
            last = story.happened[-1]
            known = story.known_at(last.at)
            assert known is not None
            entry = QueueEntry(
                poli=poli,
                day=day,
                session=story.session,
                number=story.number,
                person_id=a_person(db, story.happened[0].at, name=f"Orang {story.number}"),
                contact_id=None,
                via="counter",
                state=known.state,
                taken_at=known.taken_at,
                called_at=known.called_at,
                served_at=known.served_at,
                done_at=known.done_at,
                arrived_at=story.arrived_at,
                rank=story.last_rank,
                room=known.room,
                calls=1,
                priority=story.last_priority,
            )
            db.add(entry)
            db.flush()
            for each in story.happened:
                event = QueueEvent(
                    entry_id=entry.id, poli=poli, day=day, kind=each.kind, at=each.at, actor="cli", reason=each.reason
                )
                db.add(event)
            written += 1
        db.flush()
    return written
