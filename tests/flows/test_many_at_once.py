"""Two hundred phones that write at the same moment, and fifty places: fifty numbers and a hundred and fifty offers."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from bot.bursts import next_burst
from bot.turn import handle
from clinic.contacts import link_person, mark_greeted
from clinic.conversations import claim_next
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound import mark_answered, receive, unanswered
from clinic.messages import list_messages
from clinic.people import add_person
from clinic.queue import QueueEntry
from tests.clinic.counter import TUESDAY, with_quota
from tests.transcripts.runner import Stage

PHONES, PLACES, WORKERS = 200, 50, 6
WISH = "antri gigi besok buat budi"


def phones(stage: Stage) -> None:
    """Each speaks for one child called Budi, was greeted days ago and writes now."""
    then = stage.now - timedelta(days=3)
    with stage.database.transaction() as db:
        for number in range(PHONES):
            address = f"+62812000{number:05d}"
            given = {"channel": "sms", "address": address}
            first = receive(db, provider_id=f"old-{number}", text="halo", now=then, **given)
            mark_answered(db, first.inbound_id, now=then, reading={})
            mark_greeted(db, first.contact_id, now=then)
            child = add_person(db, name="Budi", keeper=stage.keeper, now=then)
            link_person(db, contact_id=first.contact_id, person_id=child.id, role="child", proof="claimed", now=then)
            receive(db, provider_id=f"new-{number}", text=WISH, now=stage.now, **given)


def work(stage: Stage, worker: str) -> None:
    """Answer until nothing is left, as a worker's thread does."""
    while True:
        with stage.database.transaction() as db:
            claimed = claim_next(db, worker=worker, now=stage.now, lease_seconds=600)
            burst = next_burst(unanswered(db, claimed.contact_id)) if claimed is not None else None
        if burst is None:
            return
        handle(stage.talk, burst, worker=worker)


def test_fifty_get_different_numbers_and_the_others_are_offered_other_days(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    stage = Stage(database, with_quota(facility, PLACES), keeper, {})
    phones(stage)
    stage.now += timedelta(seconds=30)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda worker: work(stage, f"w{worker}"), range(WORKERS)))
    with database.reading() as db:
        numbers = db.scalars(select(QueueEntry.number).where(QueueEntry.day == TUESDAY)).all()
        said = [row.text for row in list_messages(db, limit=1000) if row.direction == "out"]
    kinds = Counter("number" if "B" in text and "penuh" not in text else "offer" for text in said)
    assert list(range(1, PLACES + 1)) == sorted(numbers)
    assert {"number": PLACES, "offer": PHONES - PLACES} == kinds
    assert all("1 " in text and "2 " in text for text in said if "penuh" in text)
