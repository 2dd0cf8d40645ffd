"""What the board's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.board.waiting_room import TWO_ROOMS, WaitingRoom, waiting_room


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[WaitingRoom]:
    """A Monday morning, 09.41, with two rooms at poli umum."""
    hall = waiting_room(tmp_path, rooms=TWO_ROOMS)
    yield hall
    hall.services.database.close()
