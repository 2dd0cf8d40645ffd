"""The real gammu-smsd with a dummy phone: started, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from tests.gammu.dummy_phone import DummyPhone, handed_over

SETTINGS = """
[gammu]
model = dummy
connection = none
port = {phone}
[smsd]
service = sql
{database}
PhoneID = puskesmas1
SkipSMSCNumber = 123456
CheckSecurity = 0
CheckBattery = 0
CheckSignal = 0
CheckNetwork = 0
LoopSleep = {loop_sleep}
ReceiveFrequency = 1
CommTimeout = 1
StatusFrequency = 5
MultipartTimeout = {multipart_timeout}
DeliveryReport = sms
logfile = {folder}/smsd.log
debuglevel = 255
{queries}
"""
QUICK_LOCK = """[sql]
refresh_send_status = UPDATE outbox SET "SendingTimeOut" = now() + interval '2 seconds' WHERE "ID" = %1 AND \
("SendingTimeOut" < now() OR "SendingTimeOut" IS NULL)
"""
"""After a crash gammu-smsd leaves what it had in hand alone for a minute; a test does not wait so long."""


def is_there() -> bool:
    return shutil.which("gammu-smsd") is not None


@dataclass
class Daemon:
    """gammu-smsd in a folder of its own, over a database that is there already."""

    folder: Path
    database_url: str
    multipart_timeout: int = 3
    loop_sleep: int = 1
    """0: two hundred SMS in seconds, for a whole core."""
    queries: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None)

    def __post_init__(self) -> None:
        self.phone = DummyPhone(self.folder / "phone")
        self.phone.folder.mkdir(exist_ok=True)
        self.settings = self.folder / "gammu-smsdrc"
        self.settings.write_text(
            SETTINGS.format(
                phone=self.phone.folder,
                folder=self.folder,
                database=database_lines(self.database_url),
                multipart_timeout=self.multipart_timeout,
                loop_sleep=self.loop_sleep,
                queries=self.queries,
            )
        )

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["gammu-smsd", "-c", str(self.settings)],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "smsd.out").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL: it gets to tidy up nothing."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def log(self) -> str:
        path = self.folder / "smsd.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def handed_over(self) -> int:
        """How many SMS, parts counted one by one, went to the phone."""
        return handed_over(self.log())

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "TZ": "UTC"}


def database_lines(url: str) -> str:
    """The lines of the settings file that lead to this database."""
    parsed = make_url(url)
    if parsed.drivername.startswith("sqlite"):
        path = Path(parsed.database or "")
        return f"driver = sqlite3\ndbdir = {path.parent}/\ndatabase = {path.name}"
    return (
        f"driver = native_pgsql\nhost = {parsed.host}:{parsed.port}\n"
        f"user = {parsed.username}\npassword = {parsed.password or 'none'}\ndatabase = {parsed.database}"
    )
