"""What the tests of every room share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages_world import World, build_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A small health centre with its web app and an empty inbox."""
    world = build_world(tmp_path)
    yield world
    world.services.database.close()
