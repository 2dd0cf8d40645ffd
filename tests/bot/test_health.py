"""Health: alive, ready and well are three things, none of them slow, and every way out has its own word."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.health import Look
from clinic import routes
from clinic.database import Base
from clinic.heartbeats import beat
from tests.pages_world import World, build_world


@pytest.fixture
def migrated(tmp_path: Path, migrated_file: Path) -> Iterator[World]:
    """A centre whose database was made by the migrations, as in real life."""
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copy(migrated_file, folder / "migrated.db")
    world = build_world(folder, SAPA_DATABASE_URL=f"sqlite:///{folder}/migrated.db")
    yield world
    world.services.database.close()


def ask(world: World, path: str) -> tuple[int, dict[str, Any]]:
    response = world.visitor().get(path)
    return response.status_code, response.get_json()


def forget(world: World) -> None:
    """Let the kept answers be old."""
    looks = world.app.extensions["sapa_looks"]
    looks.parser.asked_at = looks.keeps.asked_at = -1000.0


def test_a_good_database_is_ready_although_parser_and_worker_are_down(migrated: World) -> None:
    assert (200, {"ready": True}) == ask(migrated, "/healthz/ready")

    status, body = ask(migrated, "/healthz")
    assert (503, True, True, ["parser", "worker"]) == (status, body["alive"], body["ready"], body["down"])


def test_a_database_without_tables_is_alive_and_not_ready(world: World) -> None:
    Base.metadata.drop_all(world.services.database.engine)

    assert (200, {"alive": True}) == ask(world, "/healthz/alive")
    assert (503, {"ready": False}) == ask(world, "/healthz/ready")
    assert ask(world, "/healthz")[1]["ready"] is False


def test_a_database_of_another_version_is_not_ready(migrated: World) -> None:
    with migrated.services.database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert 503 == ask(migrated, "/healthz/ready")[0]


def test_a_database_that_takes_no_writes_is_not_ready_and_later_it_is(migrated: World) -> None:
    with migrated.services.database.reading() as db:
        db.execute(text("PRAGMA query_only=ON"))
    assert 503 == ask(migrated, "/healthz/ready")[0]

    with migrated.services.database.reading() as db:
        db.execute(text("PRAGMA query_only=OFF"))
    assert 503 == ask(migrated, "/healthz/ready")[0], "the answer is kept for a moment"
    forget(migrated)
    assert 200 == ask(migrated, "/healthz/ready")[0]


def test_routes_that_rest_or_whose_sender_is_dead_are_named(migrated: World) -> None:
    now = migrated.clock()
    with migrated.services.database.transaction() as db:
        beat(db, part="worker", now=now)
        routes.note_ok(db, "twilio_sms", now=now)
        for _ in range(routes.OPENS_AFTER):
            routes.note_failure(db, "whatsapp", error="20503", now=now)
    body = ask(migrated, "/healthz")[1]

    assert ["parser", "route whatsapp"] == body["down"]
    assert "resting: 20503" == body["parts"]["route whatsapp"]["why"]
    assert body["parts"]["route twilio_sms"]["ok"]


@pytest.mark.parametrize(
    ("variable", "value", "route", "trouble"),
    [
        ("SAPA_GAMMU_DATABASE_URL", "sqlite:////none/smsd.db", "gammu", "modem_dead"),
        ("SAPA_ANDROID_URL", "http://127.0.0.1:9", "android", "phone_offline"),
    ],
)
def test_a_dead_modem_or_phone_is_named_where_it_is_set_up(
    tmp_path: Path, variable: str, value: str, route: str, trouble: str
) -> None:
    parts = []
    for name, environment in (("with", {variable: value}), ("without", {})):
        (tmp_path / name).mkdir()
        world = build_world(tmp_path / name, **environment)
        with world.services.database.transaction() as db:
            routes.note_look(db, route, seen_at=None, trouble=trouble)
        parts.append(ask(world, "/healthz")[1]["parts"])
        world.services.database.close()

    assert trouble == parts[0][f"route {route}"]["why"]
    assert f"route {route}" not in parts[1], "what is not set up any more is no fault"


def test_a_parser_that_hangs_is_waited_for_once_and_not_for_long(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs:  # takes the connection and says nothing
        world = build_world(tmp_path, SAPA_NLU_URL=f"http://127.0.0.1:{hangs.getsockname()[1]}")
        spans = []
        for _ in range(3):
            start = time.perf_counter()
            assert "parser" in ask(world, "/healthz")[1]["down"]
            spans.append(time.perf_counter() - start)
        world.services.database.close()
    assert spans[0] > 0.4 and max(spans[1:]) < 0.2


def test_while_one_asks_anew_the_others_get_the_last_answer() -> None:
    may_answer, answers = threading.Event(), iter([True, False])

    def ask_slowly() -> bool:
        answer = next(answers)
        if not answer:
            may_answer.wait(5)
        return answer

    look = Look(ask_slowly, kept_seconds=0.0)
    assert look()
    asking = threading.Thread(target=look)
    asking.start()
    while not look.lock.locked():
        time.sleep(0.001)
    assert look(), "the old answer, at once"
    may_answer.set()
    asking.join()
    assert look.answer is False
