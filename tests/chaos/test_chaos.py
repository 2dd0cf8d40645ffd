"""A small chaos for every day: the same as `make chaos`, shorter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.compare import judge
from tests.chaos.run import Size, database_url, run
from tests.chaos.table import details
from tests.conftest import missing
from tests.postgres import NoPostgres


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_nothing_is_lost_or_doubled_while_all_is_killed_and_the_provider_fails(tmp_path: Path, kind: str) -> None:
    size = Size(seed=11, messages=150, reminders=100, kills=8, seconds=30)
    try:
        with database_url(kind, tmp_path) as url:
            happened = run(size, folder=tmp_path, url=url, say=print)
    except NoPostgres as error:
        missing(str(error))
        raise
    verdict = judge(happened)
    assert sum(happened.kills.values()) == 8
    assert sum(count for count, _, _ in verdict.faults.values()) > 20, "the provider did fail"
    assert verdict.is_kept, details(verdict)
