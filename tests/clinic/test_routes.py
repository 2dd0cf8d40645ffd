"""Routes: each sender keeps its pace, rests when its provider fails, and tries carefully whether it works again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.routes import (
    FIRST_REST,
    LONGEST_REST,
    OPENS_AFTER,
    RouteView,
    lock_routes,
    note_failure,
    note_look,
    note_ok,
    room_at,
    route_states,
    slow_down,
    take_room,
)
from tests.clinic.hands import at_once


def the_route(db: Session, route: str = "gammu") -> RouteView:
    return lock_routes(db, (route,))[route]


def let_through(db: Session, now: datetime, *, per_second: float, most: int = 1000) -> int:
    """As a worker does: look, take what may go."""
    view = the_route(db)
    room = room_at(view, now=now, per_second=per_second, most=most)
    if room:
        take_room(db, view, count=room, now=now, per_second=per_second)
    return room


def fail(db: Session, now: datetime, *, times: int = OPENS_AFTER) -> list[bool]:
    return [note_failure(db, "gammu", error="unreachable", now=now) for _ in range(times)]


def test_a_route_that_was_never_used_is_well_and_has_room(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        view = route_states(db, ("gammu",))["gammu"]
        assert (True, 1) == (view.is_well(now), room_at(view, now=now, per_second=0.5, most=10))


@pytest.mark.parametrize("per_second", [0.3, 1.0, 40.0])
def test_over_a_minute_no_more_leaves_than_the_pace_and_one_burst(
    database: Database, now: datetime, per_second: float
) -> None:
    with database.transaction() as db:
        left = sum(
            let_through(db, now + timedelta(milliseconds=50 * step), per_second=per_second) for step in range(1200)
        )
    assert 60 * per_second - 1 <= left <= 61 * per_second + 1


def test_two_workers_share_one_pace(database: Database, now: datetime) -> None:
    left = at_once(database, lambda db, _: let_through(db, now, per_second=10), range(16))
    assert 11 == sum(left)


def test_a_provider_that_asks_for_patience_gets_it(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        slow_down(db, "gammu", until=now + timedelta(seconds=30))
        before = let_through(db, now + timedelta(seconds=29), per_second=10)
        after = let_through(db, now + timedelta(seconds=31), per_second=10)
    assert (0, True) == (before, after >= 1)


def test_a_route_rests_after_some_failures_in_a_row_and_says_so_once(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        said = fail(db, now, times=OPENS_AFTER + 2)
        view = the_route(db)
    assert [False] * (OPENS_AFTER - 1) + [True, False, False] == said
    assert (True, False, 0) == (
        view.is_resting(now),
        view.is_well(now),
        room_at(view, now=now, per_second=100, most=10),
    )


def test_after_its_rest_one_message_tries_at_a_time(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        fail(db, now)
        later = now + FIRST_REST
        first, second = let_through(db, later, per_second=100), let_through(db, later, per_second=100)
    assert (1, 0) == (first, second)


def test_the_first_message_that_goes_through_opens_the_route_again(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        fail(db, now)
        note_ok(db, "gammu", now=now + FIRST_REST)
        view = the_route(db)
        later = now + 2 * FIRST_REST
        assert (True, 0, 10) == (view.is_well(later), view.failures, room_at(view, now=later, per_second=100, most=10))


def test_what_was_on_its_way_when_the_rest_began_does_not_prolong_it(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        fail(db, now, times=OPENS_AFTER + 30)
        view = the_route(db)
    assert (now + FIRST_REST, OPENS_AFTER) == (view.closed_until, view.failures)


def test_rests_grow_to_a_bound(database: Database, now: datetime) -> None:
    rests, tried_at = [], now
    with database.transaction() as db:
        fail(db, now, times=OPENS_AFTER - 1)
        for _ in range(20):
            note_failure(db, "gammu", error="unreachable", now=tried_at)
            closed_until = the_route(db).closed_until
            assert closed_until is not None
            rests.append(closed_until - tried_at)
            tried_at = closed_until
    assert (FIRST_REST, LONGEST_REST) == (rests[0], rests[-1])
    assert sorted(rests) == rests


def test_trouble_with_the_modem_is_news_once(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        said = [note_look(db, "gammu", seen_at=now, trouble=trouble) for trouble in (None, "x", "x", None)]
        assert [False, True, False, True] == said
        note_look(db, "gammu", seen_at=now, trouble="x")
        assert not the_route(db).is_well(now)
