"""Watch: what one look at the database shows of messages that wait, parts that live and routes that work."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from clinic import routes
from clinic.cases import close_case, open_case
from clinic.database import Database, open_database
from clinic.heartbeats import Beat, beat
from clinic.outbox import OutboxMessage, queue_message
from clinic.watch import OpenCases, Picture, Waiting, can_keep, take_picture
from tests.clinic.hands import a_contact, a_message

MINUTE = timedelta(minutes=1)
LIMIT = 5 * MINUTE


def look(database: Database, now: datetime) -> Picture:
    picture = take_picture(database, now=now)
    assert picture is not None
    return picture


def queue(database: Database, now: datetime, *, since: datetime, **fields: object) -> int:
    values = {"channel": "sms", "priority": "reply", "state": "queued"} | fields
    with database.transaction() as db:
        contact_id, address_id = a_contact(db, now, channel=str(values["channel"]))
        made = queue_message(
            db,
            key=f"{since} {fields}",
            contact_id=contact_id,
            address_id=address_id,
            channel=str(values["channel"]),
            text="ya",
            now=since,
            priority=str(values["priority"]),
            useless_after=values.get("useless_after"),  # type: ignore[arg-type]  # a time or nothing
        )
        assert made is not None
        changed = {name: values[name] for name in ("state", "next_try_at") if name in values}
        db.execute(update(OutboxMessage).where(OutboxMessage.id == made).values(**changed))
    return made


def test_the_last_sign_of_life_counts(database: Database, now: datetime) -> None:
    for minutes in range(2):
        with database.transaction() as db:
            beat(db, part="worker", now=now + minutes * MINUTE, detail=f"turns={minutes}")

    assert {"worker": Beat(at=now + MINUTE, detail="turns=1")} == look(database, now).beats


def test_it_tells_since_when_the_oldest_message_waits(database: Database, now: datetime) -> None:
    for minutes in (-1, 1, 5):
        queue(database, now, since=now - minutes * MINUTE)
    picture = look(database, now)

    assert now - LIMIT == picture.oldest_unsent("sms")
    assert picture.oldest_unsent("whatsapp") is None
    assert (Waiting("sms", "queued", 3),) == picture.waiting


@pytest.mark.parametrize("state", ["queued", "sending", "unknown"])
def test_what_the_provider_does_not_surely_have_is_stuck_after_a_while(
    database: Database, now: datetime, state: str
) -> None:
    queue(database, now, since=now - LIMIT, state=state)

    assert {} == look(database, now).stuck_since(longer_than=LIMIT)
    assert {"sms": now - LIMIT} == look(database, now + MINUTE).stuck_since(longer_than=LIMIT)


def test_a_message_that_is_tried_again_and_again_goes_on_ageing(database: Database, now: datetime) -> None:
    queue(database, now, since=now - 20 * MINUTE, next_try_at=now + 10 * MINUTE)

    assert {"sms": now - 20 * MINUTE} == look(database, now).stuck_since(longer_than=LIMIT)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"state": "sent"}, id="sent"),
        pytest.param({"state": "dropped"}, id="dropped"),
        pytest.param({"next_try_at": datetime.fromisoformat("2026-11-24T08:00+08:00")}, id="put off to tomorrow"),
        pytest.param({"useless_after": datetime.fromisoformat("2026-11-23T07:50+08:00")}, id="useless"),
        pytest.param({"priority": "alarm"}, id="the alarm itself"),
    ],
)
def test_what_nobody_waits_for_is_not_stuck(database: Database, now: datetime, fields: dict[str, object]) -> None:
    queue(database, now, since=now - 20 * MINUTE, **fields)

    assert {} == look(database, now).stuck_since(longer_than=LIMIT)


def test_a_long_row_of_reminders_is_not_stuck_while_its_channel_moves(database: Database, now: datetime) -> None:
    queue(database, now, since=now - 20 * MINUTE, priority="reminder")
    with database.transaction() as db:
        routes.note_ok(db, "gammu", now=now)

    assert {} == look(database, now + 4 * MINUTE).stuck_since(longer_than=LIMIT)
    assert {"sms": now - 20 * MINUTE} == look(database, now + 6 * MINUTE).stuck_since(longer_than=LIMIT)


def test_a_reply_is_stuck_although_its_channel_moves(database: Database, now: datetime) -> None:
    queue(database, now, since=now - 20 * MINUTE)
    with database.transaction() as db:
        routes.note_ok(db, "gammu", now=now)

    assert {"sms": now - 20 * MINUTE} == look(database, now).stuck_since(longer_than=LIMIT)


def test_whatsapp_that_moves_says_nothing_of_sms(database: Database, now: datetime) -> None:
    queue(database, now, since=now - 20 * MINUTE, priority="reminder")
    with database.transaction() as db:
        routes.note_ok(db, "whatsapp", now=now)

    assert {"sms"} == set(look(database, now).stuck_since(longer_than=LIMIT))


def test_open_cases_and_unanswered_contacts_are_counted(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_message(db, now - MINUTE, provider_id="SM1")
        a_message(db, now, provider_id="SM2")
        for urgent in (True, False, False):
            case = open_case(db, kind="complaint", topic=None, text="x", contact_id=None, urgent=urgent, now=now)
        close_case(db, case.id, staff_id=None, outcome="", now=now)
    picture = look(database, now)

    assert (1, now - MINUTE) == (picture.unanswered, picture.unanswered_since)
    assert {OpenCases("complaint", True, 1), OpenCases("complaint", False, 1)} == set(picture.cases)


def test_a_database_that_does_not_answer_has_no_picture(tmp_path: Path, now: datetime) -> None:
    database = open_database(f"sqlite:///{tmp_path}/none/sapa.db")

    assert take_picture(database, now=now) is None
    database.close()


def test_a_migrated_database_keeps_what_comes(database: Database, now: datetime) -> None:
    assert can_keep(database, now=now)
    assert {} == look(database, now).beats, "the try is no part of the service"


def test_an_older_or_newer_database_keeps_nothing(tmp_path: Path, migrated_file: Path, now: datetime) -> None:
    (tmp_path / "sapa.db").write_bytes(migrated_file.read_bytes())
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    with database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert not can_keep(database, now=now)
    database.close()


def test_a_database_that_takes_no_writes_keeps_nothing(tmp_path: Path, migrated_file: Path, now: datetime) -> None:
    (tmp_path / "sapa.db").write_bytes(migrated_file.read_bytes())
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    with database.reading() as db:
        db.execute(text("PRAGMA query_only=ON"))

    assert not can_keep(database, now=now)
    database.close()
