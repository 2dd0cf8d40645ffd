"""docs/watching.md: its examples are valid, and every metric that it or its rules name exists."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from bot import metrics
from clinic import routes
from clinic.heartbeats import beat
from tests.pages_world import World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "watching.md"
NAME = re.compile(r"sapa_[a-z_]+")
LABELLED = re.compile(r"(sapa_[a-z_]+)\{([a-z, ]+)\}")


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def shown(world: World) -> str:
    """/metrics of a centre where everything was counted once."""
    metrics.keep_in_memory()
    metrics.inbound(channel="sms")
    metrics.outbound(route="gammu", kind="reply", outcome="sent")
    metrics.webhook("twilio", "refused")
    metrics.breaker_opened("gammu")
    metrics.provider_call("gammu", 0.1)
    metrics.parse(0.1, is_read=True)
    world.add_case(None, "K90", "x", kind="emergency", urgent=True)
    with world.services.database.transaction() as db:
        beat(db, part="worker", now=world.clock())
        routes.note_ok(db, "gammu", now=world.clock())
        routes.note_look(db, "gammu", seen_at=None, trouble="modem_dead")
    text: str = world.visitor().get("/metrics").get_data(as_text=True)
    return text


def test_every_metric_that_is_named_exists(world: World) -> None:
    existing = set(NAME.findall(shown(world)))

    assert set() == set(NAME.findall(PAGE.read_text(encoding="utf-8"))) - existing


def test_every_metric_that_exists_is_named(world: World) -> None:
    existing = set(re.findall(r"# TYPE (sapa_[a-z_]+)", shown(world)))

    assert set() == existing - set(NAME.findall(PAGE.read_text(encoding="utf-8")))


def test_labels_are_those_of_the_page(world: World) -> None:
    text = shown(world)
    for name, labels in LABELLED.findall(PAGE.read_text(encoding="utf-8")):
        sample = next(line for line in text.splitlines() if re.match(rf"{name}(_bucket)?\{{", line))
        assert {label.strip() for label in labels.split(",")} == set(re.findall(r"([a-z]+)=", sample)) - {"le"}, name


def test_the_examples_are_what_prometheus_reads() -> None:
    scrape, rules = (yaml.safe_load(block) for block in blocks())

    assert scrape["scrape_configs"][0]["static_configs"][0]["targets"]
    for rule in rules["groups"][0]["rules"]:
        assert {"alert", "expr", "annotations"} <= set(rule)
        assert rule["expr"].count("(") == rule["expr"].count(")")
