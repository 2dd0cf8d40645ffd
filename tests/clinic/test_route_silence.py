"""Whether a route took messages of which nothing was heard since."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, update

from clinic.contacts import find_or_create_contact
from clinic.database import Database, open_database
from clinic.outbox import OutboxMessage, queue_message
from clinic.route_silence import waits_for_word


def taken(database: Database, now: datetime, *, route: str = "android", state: str = "sent") -> None:
    """A message that the route took at this time."""
    with database.transaction() as db:
        contact, address = find_or_create_contact(
            db, channel="sms", address="+6281200000001", profile_name=None, now=now
        )
        message_id = queue_message(
            db, key="k", contact_id=contact.id, address_id=address.id, channel="sms", text="Baik.", now=now
        )
        mine = update(OutboxMessage).where(OutboxMessage.id == message_id)
        db.execute(mine.values(state=state, route=route, sent_at=now))


@pytest.mark.parametrize(
    ("options", "after", "before", "waits"),
    [
        pytest.param({}, None, 20, True, id="20 minutes ago"),
        pytest.param({}, -1, 20, True, id="after the last sign of life"),
        pytest.param({}, 1, 20, False, id="before the last sign of life"),
        pytest.param({}, None, -1, False, id="just now"),
        pytest.param({"state": "delivered"}, None, 20, False, id="delivered"),
        pytest.param({"state": "failed"}, None, 20, False, id="failed"),
        pytest.param({"route": "gammu"}, None, 20, False, id="another route's"),
        pytest.param({}, None, 24 * 60 + 1, False, id="useless by now"),
    ],
)
def test_what_was_taken_and_is_still_open_waits(
    database: Database, now: datetime, options: dict[str, str], after: int | None, before: int, waits: bool
) -> None:
    taken(database, now, **options)
    with database.reading() as db:
        found = waits_for_word(
            db,
            "android",
            taken_after=None if after is None else now + timedelta(minutes=after),
            taken_before=now + timedelta(minutes=before),
        )
    assert found is waits


def test_years_of_messages_are_not_read(migrated_file: Path, now: datetime) -> None:
    database = open_database(f"sqlite:///{migrated_file}")
    plans: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def look(connection: object, cursor: object, statement: str, given: object, *_rest: object) -> None:
        asked = connection.connection.cursor()  # type: ignore[attr-defined]  # SQLAlchemy's own object
        plans.extend(row[3] for row in asked.execute(f"EXPLAIN QUERY PLAN {statement}", given))

    with database.reading() as db:
        waits_for_word(db, "android", taken_after=None, taken_before=now)
    database.close()
    assert len(plans) == 1
    assert "ix_outbox_message_sent (sent_at>? AND sent_at<?)" in plans[0]
