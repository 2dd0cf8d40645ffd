"""`sapa nlu data`: the report on the training text that is there."""

from __future__ import annotations

import json

from click.testing import CliRunner

from bot.cli import main
from nlu.understanding import INTENTS


def test_the_report_tells_every_intent_and_shows_so_many_pairs() -> None:
    result = CliRunner().invoke(main, ("nlu", "data", "--json", "--worst", "2"))
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [each["intent"] for each in told["intents"]] == sorted(INTENTS)
    assert (len(told["inside"]), len(told["across"])) == (2, 2)
    assert told["inside_pairs"] > 2
    assert sum(each["sentences"] for each in told["groups"]) == told["sentences"]


def test_gaps_are_no_error_and_groups_are_listed_when_asked_for() -> None:
    result = CliRunner().invoke(main, ("nlu", "data", "--worst", "0", "--groups"))
    assert result.exit_code == 0
    assert "book_queue" in result.stdout
    assert "how to get a number, which is a wish for one" in result.stdout
    assert "gaps: values of the lexicon that never occur" in result.stdout
