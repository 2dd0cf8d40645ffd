"""`sapa templates`: push makes and submits once, status asks, and what is approved is used."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.channels.choice_messages import all_shapes
from bot.cli import main
from bot.contents_upkeep import keep_contents, make_wanted
from bot.template_ids import template_ids
from clinic.content_templates import made_sids, note_wanted
from flows.whatsapp_templates import TEMPLATES
from tests.pages_world import ROOT, World, build_world


@pytest.fixture
def centre(tmp_path: Path, migrated_file: Path, live_carrier: Any) -> World:
    shutil.copy(migrated_file, tmp_path / "migrated.db")
    url = f"sqlite:///{tmp_path}/migrated.db"
    return build_world(tmp_path, SAPA_TWILIO_API_URL=live_carrier.url, SAPA_DATABASE_URL=url)


def sapa(centre: World, live_carrier: Any, *words: str) -> str:
    env = {
        "SAPA_DEMO": "1",
        "SAPA_SECRET_KEY": "only for the tests of pages",  # pragma: allowlist secret
        "SAPA_DATABASE_URL": centre.services.settings.database_url,
        "SAPA_CONFIG": str(ROOT / "puskesmas.yml"),
        "SAPA_TWILIO_API_URL": live_carrier.url,
    }
    done = CliRunner().invoke(main, ["templates", *words], env=env)
    assert done.exit_code == 0, done.output
    return done.output


def test_everything_is_made_and_submitted_once(centre: World, live_carrier: Any) -> None:
    first, second = (sapa(centre, live_carrier, "push") for _ in range(2))
    contents = live_carrier.carrier.store.contents()

    assert f"submitted {len(TEMPLATES)} for approval" in first
    assert "made 0, submitted 0 for approval" in second
    assert len(contents) == len({content.friendly_name for content in contents})
    assert len(TEMPLATES) == sum(content.approval is not None for content in contents)


def test_what_whatsapp_approved_may_be_used_without_touching_the_settings(centre: World, live_carrier: Any) -> None:
    sapa(centre, live_carrier, "push")
    with centre.services.database.reading() as db:
        before = template_ids(db, centre.services.facility)
    said = sapa(centre, live_carrier, "status")
    with centre.services.database.reading() as db:
        after = template_ids(db, centre.services.facility)

    assert ({}, set(TEMPLATES)) == (before, set(after))
    assert f"  reminder_before: {after['reminder_before']}" in said


def test_the_list_says_what_is_missing_and_what_whatsapp_is_asked(centre: World, live_carrier: Any) -> None:
    shown = sapa(centre, live_carrier, "list", "--json", "--text")

    assert shown.count('"state": "missing"') == len(TEMPLATES)
    assert "{{1}}" in shown


def test_the_worker_makes_what_a_message_wanted_and_nothing_else(centre: World, live_carrier: Any) -> None:
    services = centre.services
    from_settings = services.settings.twilio_account_sid
    assert 0 == make_wanted(services)
    with services.database.transaction() as db:
        for name, wording in (("buttons_2_8", _wording("buttons_2_8")), ("of_an_older_version", "00000000")):
            note_wanted(db, account=from_settings, name=name, wording=wording, now=centre.clock())

    assert (1, 0) == (make_wanted(services), make_wanted(services))
    assert ["buttons_2_8"] == [kept.friendly_name[5:16] for kept in live_carrier.carrier.store.contents()]


def test_the_demo_has_its_buttons_from_the_start(centre: World, live_carrier: Any) -> None:
    keep_contents(centre.services)
    with centre.services.database.reading() as db:
        made = made_sids(db, account=centre.services.settings.twilio_account_sid)

    assert {"buttons_2_1", "list_5_2", "notice"} <= {name for name, _ in made}


def _wording(name: str) -> str:
    return next(shape.content.wording for shape in all_shapes() if shape.content.name == name)
