"""What `sapa check` and `sapa bpjs` say about the exchange with BPJS."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli.check import LOOKS
from bot.cli.check_bpjs import look_at_bpjs, look_at_bpjs_outside
from bot.settings import Settings, SettingsError
from clinic.database import open_database
from clinic.facility import Facility
from tests.bot.bpjs.conftest import TellingWorld, telling_world
from tests.bpjs_standin.server import CONS_ID, DOCTOR, SECRET, USER_KEY
from tests.jkn_world import write_centre


@pytest.fixture
def desk(facility: Facility, now: datetime, migrated_file: Path, tmp_path: Path) -> Iterator[TellingWorld]:
    shutil.copy(migrated_file, tmp_path / "one.db")
    database = open_database(f"sqlite:///{tmp_path}/one.db")
    with telling_world(database, facility, now, tmp_path) as world:
        yield world
    database.close()


def said(world: TellingWorld) -> dict[str, tuple[str, str]]:
    return {each.what: (each.level, each.detail) for each in look_at_bpjs(world.services)}


def asked(world: TellingWorld) -> dict[str, tuple[str, str]]:
    return {each.what: (each.level, each.detail) for each in look_at_bpjs_outside(world.services)}


def test_the_look_is_part_of_every_check() -> None:
    assert look_at_bpjs in LOOKS


def test_a_centre_without_bpjs_hears_one_quiet_line(desk: TellingWorld, facility: Facility) -> None:
    desk.services = replace(desk.services, facility=facility)
    assert {"bpjs": ("ok", "not used: serve and tell are tidak in puskesmas.yml")} == said(desk)


def test_missing_codes_are_named(desk: TellingWorld) -> None:
    lines = said(desk)
    assert ("warning", True) == (lines["bpjs codes"][0], "imunisasi, lansia" in lines["bpjs codes"][1])
    assert "Bidan Contoh Dahlia, Bidan Contoh Mawar" in lines["bpjs doctors"][1]


def test_a_code_of_two_polis_is_named(desk: TellingWorld) -> None:
    polis = tuple(each.model_copy(update={"bpjs_code": "001"}) for each in desk.facility.polis[:2])
    desk.services = replace(desk.services, facility=desk.facility.model_copy(update={"polis": polis}))
    expected = ("warning", "stands at umum, gigi: Mobile JKN takes numbers of umum only")
    assert expected == said(desk)["bpjs code 001"]


@pytest.mark.parametrize("value", ["kunci\u200bsalin", "kun\nci"])
def test_a_key_with_a_letter_that_no_header_takes_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(SettingsError, match="SAPA_BPJS_SECRET"):
        Settings.from_environment({"SAPA_SECRET_KEY": "x" * 32, "SAPA_BPJS_SECRET": value})


def test_missing_keys_and_logins_are_faults(desk: TellingWorld) -> None:
    bare = replace(desk.services.settings, jkn_password="", bpjs_secret="")
    desk.services = replace(desk.services, settings=bare)
    lines = said(desk)
    assert ("fault", "fault") == (lines["mobile jkn"][0], lines["bpjs told"][0])
    assert {} == asked(desk)


def test_what_was_told_refused_and_dropped_is_counted(desk: TellingWorld) -> None:
    desk.standin.faults += ["", "Poli Sedang Tutup"]
    desk.take(desk.add_patient(1))
    desk.take(desk.add_patient(2))
    desk.take(desk.add_patient(3), poli="imunisasi")
    desk.tell()
    lines = said(desk)
    assert ("ok", "1 told within a day, 0 waiting") == lines["bpjs told"]
    assert lines["bpjs refused"][1].startswith("1 within a day")
    assert ("warning", "1 within a day: their poli has no bpjs_code in puskesmas.yml") == lines["bpjs not told"]


def test_refused_keys_are_a_fault_until_they_are_tried_again(desk: TellingWorld) -> None:
    desk.standin.faults.append("401")
    desk.take(desk.add_patient(1))
    desk.tell()
    assert "fault" == said(desk)["bpjs told"][0]


def test_bpjs_itself_is_asked_for_polis_doctors_and_their_hours(desk: TellingWorld) -> None:
    afternoon: dict[str, Any] = DOCTOR | {"kodedokter": 900002, "jampraktek": "13:00 - 15:00"}
    desk.standin.doctors = {"001": [DOCTOR, afternoon], "002": []}
    lines = asked(desk)
    assert ("ok", "umum, 08:00-11:00") == lines["bpjs doctor 900001"]
    assert ("warning", "umum: 12:30-14:30 here, 13:00-15:00 at BPJS; make them the same") == lines["bpjs doctor 900002"]
    assert "fault" == lines["bpjs doctor 900003"][0]
    assert ("fault", "003 is not among 001, 002 at BPJS on 2026-11-23") == lines["bpjs poli kia"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"bpjs_secret": "salah"}, "fault"),  # pragma: allowlist secret
    ({}, "ok"),
]


@pytest.mark.parametrize(("fault_keys", "level"), WRONG)
def test_keys_that_are_refused_are_a_fault_and_asked_once(
    desk: TellingWorld, fault_keys: dict[str, Any], level: str
) -> None:
    desk.services = replace(desk.services, settings=replace(desk.services.settings, **fault_keys))
    assert level == asked(desk)["bpjs answers"][0]
    assert level == "ok" or desk.standin.calls == 1


def test_the_commands_show_counts_and_go_on(desk: TellingWorld, tmp_path: Path) -> None:
    settings = desk.services.settings
    environment = {
        "SAPA_CONFIG": str(write_centre(tmp_path, tell="ya")),
        "SAPA_DATABASE_URL": f"sqlite:///{tmp_path}/one.db",
        "SAPA_SECRET_KEY": settings.secret_key,
        "SAPA_BPJS_ANTREAN_URL": settings.bpjs_antrean_url,
        "SAPA_BPJS_CONS_ID": CONS_ID,
        "SAPA_BPJS_SECRET": SECRET,
        "SAPA_BPJS_ANTREAN_USER_KEY": USER_KEY,
    }
    desk.standin.faults.append("401")
    desk.take(desk.add_patient(1))
    desk.tell()
    run = CliRunner(env=environment)
    rows = json.loads(run.invoke(main, ["bpjs", "status", "--json"]).output)
    assert [{"state": "waiting", "why": "401", "count": 1}] == rows
    assert "tries again" in run.invoke(main, ["bpjs", "resume"]).output
    assert "nothing rests" in run.invoke(main, ["bpjs", "resume"]).output
    desk.tell()
    assert [("add", "done")] == desk.effects()
