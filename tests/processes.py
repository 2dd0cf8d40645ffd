"""Real processes for tests: the carrier, the web and the worker, started, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from bot.settings import DEMO_ACCOUNT, DEMO_TOKEN
from bot.simulator.carrier_store import CarrierMessage, CarrierStore
from bot.simulator.patient import post_signed_message, sms_form, whatsapp_form

ROOT = Path(__file__).resolve().parents[1]
WHATSAPP, SMS = "+62811000001", "+62811000002"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Look again and again; raises AssertionError with `what` when the time is over."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


def answers(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def quick_client() -> httpx.Client:
    """One for all messages; it lets go of idle connections sooner than gunicorn does."""
    limits = httpx.Limits(max_keepalive_connections=20, keepalive_expiry=1.0)
    return httpx.Client(timeout=15.0, trust_env=False, limits=limits)


def own_environment() -> dict[str, str]:
    """Ours without what somebody set for another Sapa."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SAPA_", "TWILIO_"))}


@dataclass
class Family:
    """Processes by name, each with a log of its own in one folder."""

    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def spawn(self, name: str, command: list[str], environment: Mapping[str, str], *, port: int | None = None) -> None:
        """Start it; where it has a port, wait until that answers."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if port is not None:
            wait_until(lambda: answers(port), seconds=60, what=f"{name} answers")

    def log_of(self, name: str) -> str:
        """What it said so far, over all its lives."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def kill(self, name: str) -> None:
        """SIGKILL to the whole family of the process: nothing gets to tidy up."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)


@dataclass
class Running(Family):
    """A Sapa of its own in a folder of its own: a carrier process, and web and worker that can be killed."""

    config: Path = ROOT / "puskesmas.yml"
    nlu_url: str = "http://127.0.0.1:9"
    nlu_token: str = "none"
    delay_seconds: float = 0.0
    last_refusal: str = ""
    http: httpx.Client = field(default_factory=quick_client)

    def __post_init__(self) -> None:
        self.web_port, self.carrier_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.web_port}"
        self.store = CarrierStore(self.folder / "carrier.db")
        self.database_url = f"sqlite:///{self.folder}/sapa.db"

    @property
    def environment(self) -> Mapping[str, str]:
        return own_environment() | {
            "SAPA_CONFIG": str(self.config),
            "SAPA_DATABASE_URL": self.database_url,
            "SAPA_METRICS_FOLDER": str(self.folder / "metrics"),
            "SAPA_DEMO": "1",
            "SAPA_SECRET_KEY": "only for tests, only here",  # pragma: allowlist secret
            "SAPA_PORT": str(self.web_port),
            "SAPA_NLU_URL": self.nlu_url,
            "SAPA_NLU_TOKEN": self.nlu_token,
            "SAPA_TWILIO_API_URL": f"http://127.0.0.1:{self.carrier_port}",
            "SAPA_TWILIO_WHATSAPP_FROM": WHATSAPP,
            "SAPA_TWILIO_SMS_FROM": SMS,
        }

    def start(self, *names: str) -> None:
        """Start these of carrier, web and worker, and wait until those with a port answer."""
        ports = {"web": self.web_port, "carrier": self.carrier_port}
        for name in names:
            self.spawn(name, self._command(name), self.environment)
        for name in names:
            if name in ports:
                wait_until(partial(answers, ports[name]), seconds=60, what=f"{name} answers")

    def send(self, text: str, *, sender: str, channel: str = "whatsapp", tries: int = 1) -> bool:
        """One patient's message; the same one again, as Twilio does, until it is taken or the tries are used up."""
        make, recipient = (whatsapp_form, WHATSAPP) if channel == "whatsapp" else (sms_form, SMS)
        form = make(sender=sender, recipient=recipient, text=text, account_sid=DEMO_ACCOUNT)
        for _ in range(tries):
            try:
                status = post_signed_message(self.url, DEMO_TOKEN, form, http=self.http)
            except httpx.HTTPError as error:
                self.last_refusal = type(error).__name__
            else:
                if status == 200:
                    return True
                self.last_refusal = str(status)
            time.sleep(0.3)
        return False

    def taken(self) -> tuple[CarrierMessage, ...]:
        """What the carrier took from us."""
        return self.store.outbound()

    def _command(self, name: str) -> list[str]:
        if name == "carrier":
            words = [sys.executable, "-m", "bot.simulator.carrier", "--port", str(self.carrier_port)]
            return [*words, "--store", str(self.store.path), "--delay-seconds", str(self.delay_seconds)]
        return [sys.executable, "-m", "bot.cli", name]
