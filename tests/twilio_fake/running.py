"""Running: a Sapa that takes the fake for Twilio, as processes that can be killed and started again."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from tests.processes import ROOT, SMS, WHATSAPP, Family, answers, free_port, own_environment, quick_client, wait_until
from tests.twilio_fake.__main__ import ACCOUNT_SID, TOKEN
from tests.twilio_fake.journal import Journal
from tests.twilio_fake.webhooks import inbound_form, signed_headers

MESSAGE_PATH = "/webhooks/twilio/message"
WORKER_STARTED = b"worker started"


@dataclass
class SapaWithFake(Family):
    """The fake, one web and any number of workers ("worker", "worker-2" ...) over one database."""

    database_url: str = ""
    config: Path = ROOT / "puskesmas.yml"
    seed: int = 0
    seconds: float = 0.0
    """How long the fake's trouble lasts, so that it can plan outages."""
    share: float = 1.0
    extra: Mapping[str, str] = field(default_factory=dict)
    """More environment for web and workers."""
    http: httpx.Client = field(default_factory=quick_client)
    said: dict[str, int] = field(default_factory=dict)
    """How long each log was when its process was last started."""

    def __post_init__(self) -> None:
        self.web_port, self.fake_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.web_port}"
        self.fake_url = f"http://127.0.0.1:{self.fake_port}"
        self.journal = Journal(self.folder / "fake.db")
        self.database_url = self.database_url or f"sqlite:///{self.folder}/sapa.db"

    @property
    def environment(self) -> Mapping[str, str]:
        ours = own_environment() | {
            "SAPA_CONFIG": str(self.config),
            "SAPA_DATABASE_URL": self.database_url,
            "SAPA_BACKUP_FOLDER": str(self.folder / "backups"),
            "SAPA_METRICS_FOLDER": str(self.folder / "metrics"),
            "SAPA_SECRET_KEY": "only for tests, only here",  # pragma: allowlist secret
            "SAPA_PORT": str(self.web_port),
            "SAPA_NLU_URL": "http://127.0.0.1:9",
            "SAPA_NLU_TOKEN": "none",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SAPA_TWILIO_API_URL": self.fake_url,
            "SAPA_TWILIO_WHATSAPP_FROM": WHATSAPP,
            "SAPA_TWILIO_SMS_FROM": SMS,
        }
        return {name: value for name, value in {**ours, **self.extra}.items() if value}

    def start(self, *names: str) -> None:
        """Start these and wait until each answers, or says that it works."""
        for name in names:
            self.start_again(name)
        for name in names:
            wait_until(partial(self.is_ready, name), seconds=60, what=f"{name} is ready")

    def command(self, *words: str) -> str:
        """One `sapa` command in the same environment; what it said. Raises AssertionError when it failed."""
        line = [sys.executable, "-m", "bot.cli", *words]
        done = subprocess.run(line, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def push_templates(self) -> None:
        """Templates and buttons are made at the fake and approved, as on the day a centre is set up."""
        self.command("templates", "push")
        time.sleep(1.5)
        self.command("templates", "status")

    def start_again(self, name: str) -> None:
        """Start without waiting, as a supervisor does."""
        path = self.folder / f"{name}.log"
        self.said[name] = path.stat().st_size if path.exists() else 0
        self.spawn(name, self._command(name), self.environment)

    def is_ready(self, name: str) -> bool:
        """Whether the process answers, or has said in this life that it works."""
        if name == "fake":
            return answers(self.fake_port)
        if name == "web":
            return self._web_answers()
        with (self.folder / f"{name}.log").open("rb") as log:
            log.seek(self.said[name])
            return WORKER_STARTED in log.read()

    def tell_fake(self, word: str, *faults: str) -> None:
        """begin, calm, or next with the names of the faults that the next sends meet."""
        self.http.post(f"{self.fake_url}/_fake/{word}", data={"fault": list(faults)}).raise_for_status()

    def callbacks_left(self) -> int:
        """How many statuses the fake still has to tell."""
        return int(self.http.get(f"{self.fake_url}/_fake/left").json()["left"])

    def form(self, text: str, *, sender: str, channel: str = "whatsapp", sid: str | None = None) -> dict[str, str]:
        """A patient's message as Twilio posts it."""
        prefix, ours = ("whatsapp:", WHATSAPP) if channel == "whatsapp" else ("", SMS)
        return inbound_form(
            sid=sid or "SM" + secrets.token_hex(16),
            sender=prefix + sender,
            recipient=prefix + ours,
            text=text,
            account_sid=ACCOUNT_SID,
        )

    def post(self, form: Mapping[str, str], *, path: str = MESSAGE_PATH) -> int | None:
        """Post it once, signed; the HTTP status, or None without an answer."""
        try:
            headers = signed_headers(self.url + path, form, TOKEN)
            return self.http.post(self.url + path, data=dict(form), headers=headers).status_code
        except httpx.HTTPError:
            return None

    def post_until_taken(self, form: Mapping[str, str], *, seconds: float = 60.0) -> float | None:
        """The same again and again until it is confirmed; the seconds that took, None when it never was."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.post(form) == 200:
                return time.monotonic() - began
            time.sleep(0.3)
        return None

    def _web_answers(self) -> bool:
        """gunicorn takes connections long before anybody behind it reads them."""
        try:
            return httpx.get(f"{self.url}/healthz/alive", timeout=2.0, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def _command(self, name: str) -> list[str]:
        if name == "fake":
            words = [sys.executable, "-m", "tests.twilio_fake", "--port", str(self.fake_port)]
            words += ["--journal", str(self.journal.path), "--seed", str(self.seed)]
            return [*words, "--seconds", str(self.seconds), "--share", str(self.share)]
        return [sys.executable, "-m", "bot.cli", name.split("-")[0]]
