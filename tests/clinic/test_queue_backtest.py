"""Back-test: replayed days, and over many made-up ones how often the range held what came true."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.facility_file import load_facility
from clinic.queue_estimate import Estimate
from clinic.queue_habits import habits_of, served_of
from clinic.queue_replay import Guess, RecordedDay, Story, guesses_on, recorded_days
from clinic.queue_scores import score_of, scores_of
from tests.clinic.queue_days_written import write_days
from tests.clinic.simulated_days import Customs, centre_of, simulated_days, simulated_stories
from tests.guards.source_tree import ROOT

UNTIL = date(2026, 11, 21)
SEEDS = range(4)
DAYS = 4
LEAST, MOST = 0.75, 0.92

TWO_ROOMS = ("umum1", "umum2")
PLACES = {
    "a usual poli": Customs(),
    "two rooms": Customs(rooms=TWO_ROOMS, booked=30, walk_ins=25),
    "people are called whether they are there or not": Customs(has_check_in=False),
    "every third stays away": Customs(stay_away=0.3),
    "the doctor comes late": Customs(late_begin=20, late_begin_spread=15),
    "many have priority": Customs(priority=0.25),
    "services and days differ widely": Customs(spread=1.0, days_differ=0.35),
}


@cache
def guesses(customs: Customs, *, history: int = 28) -> tuple[Guess, ...]:
    """Every estimate of the made-up days of such a poli; each poli is played once."""
    centre = centre_of(load_facility(ROOT / "puskesmas.yml"), customs)
    return tuple(
        guess
        for seed in SEEDS
        for recorded in simulated_days(
            centre, poli="umum", until=UNTIL, days=DAYS, customs=customs, seed=seed, history=history
        )
        for guess in guesses_on(recorded, centre)
    )


@pytest.mark.parametrize("place", PLACES)
def test_eight_of_ten_are_called_within_the_range(place: str) -> None:
    score = score_of("umum", "all", list(guesses(PLACES[place])))
    assert score.count > 400
    assert LEAST < score.inside < MOST, score


def test_without_any_history_the_range_is_honest_too() -> None:
    score = score_of("umum", "all", list(guesses(Customs(), history=0)))
    assert LEAST - 0.03 < score.inside < MOST, score


def test_the_nearer_the_turn_the_narrower_the_range() -> None:
    scores = {score.moment: score for score in scores_of(guesses(Customs()))}
    widths = [scores[moment].width for moment in ("two_before", "five_before", "ten_before")]
    assert widths == sorted(widths)
    assert scores["two_before"].width <= 30
    errors = [scores[moment].error for moment in ("two_before", "five_before", "ten_before")]
    assert errors == sorted(errors)


def wrongly(guess: Guess, change: Any) -> Guess:
    """What an estimator with this fault would have said then."""
    return replace(guess, estimate=change(guess.estimate, guess.at))


def half_the_wait(estimate: Estimate, at: datetime) -> Estimate:
    return replace(estimate, earliest=at + (estimate.earliest - at) / 2, latest=at + (estimate.latest - at) / 2)


def far_too_sure(estimate: Estimate, at: datetime) -> Estimate:
    middle = estimate.earliest + (estimate.latest - estimate.earliest) / 2
    return replace(estimate, earliest=middle - timedelta(minutes=4), latest=middle + timedelta(minutes=4))


def any_time(estimate: Estimate, at: datetime) -> Estimate:
    return replace(estimate, earliest=at, latest=at + timedelta(days=2))


@pytest.mark.parametrize("fault", [half_the_wait, far_too_sure, any_time])
def test_an_estimator_that_is_wrong_would_be_found_out(fault: Any) -> None:
    found = [wrongly(guess, fault) for guess in guesses(Customs())]
    assert not LEAST < score_of("umum", "all", found).inside < MOST


# --- what was known then ------------------------------------------------------------------------------------------


def one_day(facility: Facility) -> tuple[RecordedDay, Facility]:
    centre = centre_of(facility, Customs())
    return next(iter(simulated_days(centre, poli="umum", until=UNTIL, days=1, customs=Customs(), seed=1))), centre


def test_at_every_moment_the_rows_are_those_of_then(facility: Facility) -> None:
    recorded, _ = one_day(facility)
    moments = sorted(each.at for story in recorded.stories for each in story.happened)
    for at in (moments[0], moments[len(moments) // 2], moments[-1]):
        for row in recorded.picture_at(at).today:
            times = (row.taken_at, row.arrived_at, row.called_at, row.served_at, row.done_at)
            assert all(each is None or each <= at for each in times)
            assert ("waiting" == row.state) == (row.called_at is None)


def test_what_happens_later_changes_nothing_that_was_said_before(facility: Facility) -> None:
    recorded, centre = one_day(facility)
    noon = datetime(2026, 11, 20, 9, 30, tzinfo=centre.zone)
    cut = replace(recorded, stories=[known for each in recorded.stories if (known := until(each, noon)) is not None])
    whole, part = (
        {
            (guess.at, guess.moment, guess.estimate.earliest, guess.estimate.latest)
            for guess in guesses_on(day, centre)
            if guess.at <= noon and guess.called_at <= noon
        }
        for day in (recorded, cut)
    )
    assert part
    assert part <= whole


def until(story: Story, at: datetime) -> Story | None:
    """The story as far as it had gone."""
    happened = tuple(each for each in story.happened if each.at <= at)
    arrived = story.arrived_at if story.arrived_at is not None and story.arrived_at <= at else None
    return replace(story, happened=happened, arrived_at=arrived) if happened else None


def test_days_written_into_the_database_are_replayed_from_there(database: Database, facility: Facility) -> None:
    customs = Customs()
    centre = centre_of(facility, customs)
    days = [UNTIL - timedelta(days=back) for back in range(12, 0, -1)]
    made = dict(simulated_stories(centre, days, poli="umum", customs=customs, seed=5))
    with database.transaction() as db:
        write_days(db, "umum", made.items())
    with database.reading() as db:
        found = list(recorded_days(db, centre, until=UNTIL, days=3))
    wanted = [day for day in made if day >= UNTIL - timedelta(days=3)]
    assert wanted == [each.day for each in found]
    last = found[-1]
    before = [story for day in made if day < last.day for story in made[day]]
    rows = [row for story in before if (row := story.known_at(story.happened[-1].at)) is not None]
    in_memory = RecordedDay(
        "umum", last.day, made[last.day], habits_of([served_of(row) for row in rows], centre, poli="umum"), []
    )

    def said(day: RecordedDay) -> set[tuple[str, datetime, datetime, datetime]]:
        return {(guess.moment, guess.at, guess.estimate.earliest, guess.called_at) for guess in guesses_on(day, centre)}

    assert said(in_memory) == said(last)
    assert len(said(last)) > 20


def backtest(folder: Path, *words: str) -> str:
    """`sapa queue backtest` on a database in this folder."""
    environment = {
        "SAPA_DEMO": "1",
        "SAPA_SECRET_KEY": "only for the tests of the back-test",  # pragma: allowlist secret
        "SAPA_DATABASE_URL": f"sqlite:///{folder}/sapa.db",
        "SAPA_CONFIG": str(ROOT / "puskesmas.yml"),
        "SAPA_NLU_URL": "http://127.0.0.1:9",
    }
    words = ("queue", "backtest", "--now", "2026-11-21T08:00+08:00", *words)
    done = CliRunner().invoke(main, words, env=environment, catch_exceptions=False)
    assert 0 == done.exit_code, done.output
    return done.output


def test_the_command_prints_how_good_the_estimates_were(
    tmp_path: Path, migrated_file: Path, facility: Facility
) -> None:
    shutil.copy(migrated_file, tmp_path / "sapa.db")
    assert "No recorded day" in backtest(tmp_path)
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    days = [UNTIL - timedelta(days=back) for back in range(12, 0, -1)]
    with database.transaction() as db:
        write_days(db, "umum", simulated_stories(facility, days, poli="umum", customs=Customs(), seed=5))
    database.close()
    rows = json.loads(backtest(tmp_path, "--days", "3", "--json"))
    every = next(row for row in rows if row["moment"] == "all")
    assert "umum" == every["poli"]
    assert every["count"] > 30
    assert 0.5 < every["inside"] < 1
    table = backtest(tmp_path, "--days", "3")
    assert "five_before" in table and " %" in table
