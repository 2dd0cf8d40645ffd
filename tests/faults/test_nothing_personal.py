"""Logs and metrics of real processes: whatever goes well or wrong, no patient is named, numbered or quoted in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot.settings import DEMO_TOKEN
from bot.simulator.patient import post_signed_message, sms_form, whatsapp_form
from clinic.database import open_database
from tests.processes import SMS, WHATSAPP, Running, wait_until

pytestmark = pytest.mark.slow

NAME, PROFILE, NIK, BIRTH = "Sukarmini Hadiwijaya", "Bu Sukarmini", "6472015505900001", "15 Mei 1990"
PHONES = ("+6281200007701", "+6281200007702")
STORY = (
    "anak saya demam tinggi dan kejang",
    "mau daftar poli gigi besok",
    NAME,
    f"nik saya {NIK}",
    BIRTH,
    "keluhan: antri di loket terlalu panjang sekali",
    "9",
)
SECRETS = (
    *(phone.removeprefix("+62") for phone in PHONES),
    "Sukarmini",
    "Hadiwijaya",
    NIK,
    "Mei 1990",
    "kejang",
    "terlalu panjang",
)


@dataclass
class Logged(Running):
    """A Sapa whose log has this format."""

    log_format: str = "text"

    @property
    def environment(self) -> Mapping[str, str]:
        return {**super().environment, "SAPA_LOG": self.log_format}

    def hear(self, words: str, *, sender: str, channel: str = "whatsapp") -> None:
        if channel == "sms":
            form = sms_form(sender=sender, recipient=SMS, text=words)
        else:
            form = whatsapp_form(sender=sender, recipient=WHATSAPP, text=words, profile_name=PROFILE)
        assert 200 == post_signed_message(self.url, DEMO_TOKEN, form, http=self.http)

    def count(self, query: str) -> int:
        database = open_database(self.database_url)
        try:
            with database.reading() as db:
                return int(db.scalar(text(query)) or 0)
        finally:
            database.close()

    def spoil_the_dialogs(self) -> None:
        """A state that no version wrote: every turn of these contacts raises."""
        database = open_database(self.database_url)
        with database.transaction() as db:
            db.execute(text("""UPDATE conversation SET state = '{"flow": 7, "slots": "Sukarmini", "question": [1]}'"""))
        database.close()


@pytest.fixture(params=["text", "json"])
def logged(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Logged]:
    running = Logged(tmp_path, log_format=request.param)
    yield running
    running.stop()


def live_through_everything(running: Logged) -> str:
    """A whole story, then a forged webhook, a dialog that breaks and a carrier that is gone; /metrics at the end."""
    running.start("carrier", "web", "worker")
    for words in STORY:
        for sender, channel in zip(PHONES, ("whatsapp", "sms"), strict=True):
            running.hear(words, sender=sender, channel=channel)
    unanswered = "SELECT count(*) FROM inbound_message WHERE state = 'received'"
    wait_until(lambda: running.count(unanswered) == 0, seconds=90, what="everything is answered")
    wait_until(lambda: len(running.taken()) >= 4, seconds=60, what="answers have left")
    forged = whatsapp_form(sender=PHONES[0], recipient=WHATSAPP, text=NAME, profile_name=PROFILE)
    assert 403 == post_signed_message(running.url, "another token", forged, http=running.http)
    running.http.get(f"{running.url}/inbox/cases?q={NAME}&telepon={PHONES[0]}")

    running.spoil_the_dialogs()
    running.hear(f"nama saya {NAME}", sender=PHONES[0])
    failed = "SELECT count(*) FROM inbound_message WHERE state = 'failed'"
    wait_until(lambda: running.count(failed) == 1, seconds=60, what="the broken turn was given to a person")

    running.kill("carrier")
    running.hear("menu", sender=PHONES[1], channel="sms")
    retried = "SELECT count(*) FROM route_state WHERE failures > 0"
    wait_until(lambda: running.count(retried) > 0, seconds=60, what="a call to the carrier failed")
    return httpx.get(f"{running.url}/metrics", trust_env=False).text


def test_a_whole_story_leaves_nobodys_trace(logged: Logged) -> None:
    shown = live_through_everything(logged)
    logs = {name: logged.log_of(name) for name in ("web", "worker")}

    assert "turn failed" in logs["worker"] and "received" in logs["web"], "the test is worth something"
    for name, said in {**logs, "metrics": shown}.items():
        for secret in SECRETS:
            assert secret.lower() not in said.lower(), f"{name} says {secret!r}"

    families = {family.name: family for family in text_string_to_metric_families(shown)}
    assert sum(sample.value for sample in families["sapa_inbound_messages"].samples) == 2 * len(STORY) + 2
    assert any(
        sample.value for sample in families["sapa_outbound_messages"].samples if sample.labels["outcome"] == "sent"
    )
    if logged.log_format == "json":
        events = [json.loads(line) for said in logs.values() for line in said.splitlines()]
        assert {"time", "level", "logger", "event"} <= set.intersection(*(set(event) for event in events))
        assert any(event["event"] == "sent" and isinstance(event["outbox"], int) for event in events)
