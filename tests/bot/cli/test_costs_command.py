"""`sapa costs`: a month's money from the command line."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from clinic.database import open_database
from clinic.migrate import migrate
from tests.clinic.sent_messages import a_dropped_message, a_sent_message, a_served_number
from tests.guards.source_tree import ROOT

NOW = datetime.fromisoformat("2026-11-23T08:00+08:00")
GOOD = (ROOT / "puskesmas.yml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A centre with a budget of 5,000 rupiah, a month of messages and one visit."""
    text = GOOD.replace("  monthly: ", "  monthly: 5000", 1).replace("  whatsapp_reply: ", "  whatsapp_reply: 80", 1)
    (tmp_path / "puskesmas.yml").write_text(text, encoding="utf-8")
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    migrate(database)
    with database.transaction() as db:
        for back in range(30):
            a_sent_message(db, NOW - timedelta(days=back), cost=10_000)
        a_sent_message(db, NOW, kind="reminder", route="gammu", cost=None, segments=2)
        a_dropped_message(db, NOW)
        a_served_number(db, NOW.date(), NOW)
    database.close()
    return tmp_path


def sapa(folder: Path, *words: str) -> Result:
    env = {
        "SAPA_DEMO": "1",
        "SAPA_SECRET_KEY": "only for the tests of costs",  # pragma: allowlist secret
        "SAPA_DATABASE_URL": f"sqlite:///{folder}/sapa.db",
        "SAPA_CONFIG": f"{folder}/puskesmas.yml",
        "SAPA_NLU_URL": "http://127.0.0.1:9",
    }
    return CliRunner().invoke(main, [*words], env=env)


def test_the_month_is_told_in_words(folder: Path) -> None:
    done = sapa(folder, "costs", "--now", NOW.isoformat())
    said = done.output.replace("\u00a0", " ")
    assert 0 == done.exit_code
    for line in (
        "spent             Rp 2.300 for 24 messages (2 SMS segments)",
        "price not known   1 by gammu: counted as nothing",
        "forecast          Rp 3.000 at the end of the month (Rp 3.000 to Rp 3.000)",
        "budget            Rp 5.000, 46% spent, Rp 2.700 left",
        "given up now      nothing",
        "not sent          1 reminder",
        "kept visits       1: 1 by number, 0 after a reminder",
        "per kept visit    Rp 2.300",
    ):
        assert line in said


def test_programs_read_the_same_as_json(folder: Path) -> None:
    seen = json.loads(sapa(folder, "costs", "--json", "--now", NOW.isoformat()).output)
    assert (2300.0, 24, 1) == (seen["cost"], seen["messages"], seen["price_not_known"])
    assert {"expected": 3000.0, "low": 3000.0, "high": 3000.0, "days": 28, "is_uncertain": False} == seen["forecast"]
    assert (5000.0, 2700.0, 46, []) == (seen["budget"], seen["left"], seen["percent"], seen["given_up"])
    assert (["whatsapp", "gammu"], ["reply", "reminder"]) == (list(seen["by_route"]), list(seen["by_kind"]))
    assert (23, 100.0) == (len(seen["by_day"]), seen["by_day"]["2026-11-09"]["cost"])
    assert {"in_all": 1, "by_queue": 1, "after_reminder": 0} == seen["kept_visits"]


def test_another_month_can_be_asked_for(folder: Path) -> None:
    seen = json.loads(sapa(folder, "costs", "--json", "--month", "2026-10", "--now", NOW.isoformat()).output)
    assert ("2026-10", 700.0, None, None) == (seen["month"], seen["cost"], seen["forecast"], seen["per_kept_visit"])


def test_a_month_that_is_none_is_refused(folder: Path) -> None:
    assert 2 == sapa(folder, "costs", "--month", "November").exit_code


def test_check_says_which_prices_a_budget_lacks(folder: Path) -> None:
    findings = {each["what"]: each for each in json.loads(sapa(folder, "check", "--json").output)}
    assert "warning" == findings["budget"]["level"]
    assert "lack whatsapp, twilio_sms" in findings["budget"]["detail"]


def test_check_is_content_with_a_budget_whose_routes_have_prices(folder: Path) -> None:
    path = folder / "puskesmas.yml"
    text = path.read_text(encoding="utf-8")
    for name in ("whatsapp_template: ", "twilio_sms_segment:"):
        text = text.replace(f"  {name}", f"  {name} 400", 1)
    path.write_text(text, encoding="utf-8")
    findings = {each["what"]: each for each in json.loads(sapa(folder, "check", "--json").output)}
    assert "ok" == findings["budget"]["level"]
