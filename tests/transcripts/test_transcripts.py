"""Every transcript is played, and the bot must say exactly what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from flows.catalogue import FLOWS
from tests.transcripts.runner import load, play, scripts

NEEDS_NO_TALK = {"resume", "start_messages", "not_me"}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in scripts()])
def test_the_bot_says_what_the_transcript_says(
    path: Path, database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    script = load(path)
    expected = [line["bot"] for line in script["talk"] if "bot" in line]
    said = list(play(script, database, facility, keeper))
    assert expected == said


def test_every_flow_has_a_happy_and_a_stumbling_transcript() -> None:
    names = {path.stem for path in scripts()}
    wanted = {f"{flow}_{kind}" for flow in set(FLOWS.by_name) - NEEDS_NO_TALK for kind in ("happy", "stumbling")}
    assert set() == wanted - names
