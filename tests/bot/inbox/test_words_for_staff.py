"""Everything that a case can be about has words that staff understand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from flows.file_complaint.flow import TOPICS
from nlu.understanding import INTENTS
from tests.pages_world import World

LEXICON = Path(__file__).parents[3] / "nlu" / "lexicon"
DANGERS = sorted(yaml.safe_load((LEXICON / "danger.yml").read_text(encoding="utf-8"))["kinds"])
COMPLAINTS = sorted(yaml.safe_load((LEXICON / "poli.yml").read_text(encoding="utf-8"))["complaint_topics"])


def words(world: World, macro: str, *values: object) -> str:
    with world.app.test_request_context("/"):
        module = world.app.jinja_env.get_template("inbox/_words.html").make_module()
        return str(getattr(module, macro)(*values)).strip()


@pytest.mark.parametrize("topic", [*DANGERS, *COMPLAINTS, *(choice.value for choice in TOPICS)])
def test_every_topic_has_words_for_staff(world: World, topic: str) -> None:
    assert words(world, "topic", {"topic": topic}), f"inbox/_words.html has no words for {topic}"


@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_has_words_for_staff(world: World, intent: str) -> None:
    assert words(world, "intent", intent) not in ("", intent)


def test_no_two_intents_have_the_same_words(world: World) -> None:
    assert len(INTENTS) == len({words(world, "intent", intent) for intent in INTENTS})


def test_a_topic_without_words_shows_nothing_instead_of_a_code(world: World) -> None:
    assert "" == words(world, "topic", {"topic": "person:12 IPV1"})
