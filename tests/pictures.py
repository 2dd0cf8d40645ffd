"""Takes the pictures of docs/images from a running demo on an invented Monday morning: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from bot.app import create_app
from bot.demo.keys import DemoKeys
from bot.demo.loading import load_demo
from bot.services import Services
from bot.settings import Settings
from bot.worker import Worker
from clinic.database import open_database
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.migrate import migrate
from clinic.people import add_person
from clinic.queue import begin, call_next, day_list, finish, take_number
from clinic.queue_day import BEING_SERVED
from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
MONDAY = datetime(2026, 11, 23, 1, 2, tzinfo=UTC)
KEYS = DemoKeys("sari", "hanya untuk gambar", "only for the pictures")  # pragma: allowlist secret
AT_THE_COUNTER = {"umum": (16, 9), "gigi": (7, 3), "kia": (9, 5), "lansia": (5, 1)}
EACH_TAKES = timedelta(minutes=6)
ANSWER_MS = 10_000
LONG_ENOUGH_MS = 5_000


def main() -> None:
    """Start the demo, act on its pages as people would, and write the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        services = _services(Path(folder))
        load_demo(services, KEYS)
        _fill_the_waiting_room(services)
        server = make_server("127.0.0.1", services.settings.port, create_app(services), threaded=True)
        worker = Worker(services)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        threading.Thread(target=worker.run, daemon=True).start()
        _take_pictures(services.settings.public_url)
        worker.stop()
        server.shutdown()


def _services(folder: Path) -> Services:
    env = {
        "SAPA_DEMO": "1",
        "SAPA_PORT": str(free_port()),
        "SAPA_SECRET_KEY": KEYS.secret_key,
        "SAPA_NLU_URL": "http://127.0.0.1:9",
        "SAPA_CONFIG": str(ROOT / "puskesmas.yml"),
        "SAPA_DATABASE_URL": f"sqlite:///{folder}/sapa.db",
    }
    settings = Settings.from_environment(env)
    database = open_database(settings.database_url)
    migrate(database)
    offset = MONDAY - datetime.now(UTC)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC) + offset  # noqa: E731 - a clock is a value here
    facility, keeper = load_facility(settings.config_path), IdentityKeeper(settings.secret_key)
    return Services(settings, facility, database, keeper, clock, carrier_path=folder / "carrier.db")


def _fill_the_waiting_room(services: Services) -> None:
    now, today = services.clock() - timedelta(hours=1), services.facility.today(services.clock())
    with services.database.transaction() as db:
        for poli, (taken, called) in AT_THE_COUNTER.items():
            for number in range(taken):
                person = add_person(db, name=f"Pasien Contoh {number + 1}", keeper=services.keeper, now=now)
                take_number(
                    db, facility=services.facility, poli=poli, day=today, session="pagi", person_id=person.id,
                    contact_id=None, via="counter", now=now, has_arrived=True,
                )  # fmt: skip
            _call(db, services, poli, called, now=services.clock())


def _call(db: Session, services: Services, poli: str, numbers: int, *, now: datetime) -> None:
    """So many numbers were called one after the other; the last one is being served."""
    today, facility = services.facility.today(now), services.facility
    for row in day_list(db, today, facility=facility, poli=poli):
        if row.state in BEING_SERVED:  # the demo has called somebody
            finish(db, row.id, facility=facility, now=now - numbers * EACH_TAKES, actor="cli")
    for number in range(numbers):
        at = now - (numbers - number) * EACH_TAKES
        called = call_next(db, poli, today, facility=facility, now=at)
        assert called is not None, "as many wait as are called"
        begin(db, called.id, facility=facility, now=at, actor="cli")
        if number < numbers - 1:
            finish(db, called.id, facility=facility, now=at + EACH_TAKES, actor="cli")


def _take_pictures(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="id-ID")
        page.set_default_timeout(ANSWER_MS)
        _picture_phones(page, url)
        _picture_inbox(page, url)
        _picture_queue(page, url)
        page.goto(f"{url}/board")
        page.screenshot(path=IMAGES / "board.png")
        browser.close()


def _picture_phones(page: Page, url: str) -> None:
    page.goto(f"{url}/simulator")
    for channel, text in (
        ("WhatsApp", "sy mo daftar poli gigi bsk pagi utk anak sy"),
        ("WhatsApp", "1"),
        ("SMS", "antri umum besok pagi"),
    ):
        page.get_by_label(f"Tulis pesan {channel}" if channel == "WhatsApp" else "Tulis SMS").fill(text)
        page.get_by_role("button", name=f"Kirim {channel}").click()
        page.wait_for_timeout(LONG_ENOUGH_MS)
    page.screenshot(path=IMAGES / "simulator.png")


def _picture_inbox(page: Page, url: str) -> None:
    page.goto(f"{url}/inbox/login")
    page.get_by_label("Nama pengguna").fill(KEYS.username)
    page.get_by_label("Kata sandi").fill(KEYS.password)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(f"{url}/inbox")
    page.screenshot(path=IMAGES / "cases.png")
    page.goto(f"{url}/inbox/cases/K3")
    page.locator("textarea[name=text]").fill("Baik Bu, kami telepon sekarang.")
    page.get_by_role("button", name="Ambil dan kirim").click()
    page.wait_for_timeout(LONG_ENOUGH_MS)
    page.screenshot(path=IMAGES / "inbox.png")
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{url}/inbox")
    page.screenshot(path=IMAGES / "inbox-phone.png")
    page.set_viewport_size({"width": 1280, "height": 800})


def _picture_queue(page: Page, url: str) -> None:
    """A nurse's page just after somebody came without a number."""
    page.goto(f"{url}/inbox/queue/umum")
    page.keyboard.press("w")
    page.keyboard.type("rahma wati")
    page.keyboard.press("Tab")
    page.keyboard.type("63")
    page.keyboard.press("Enter")
    page.locator(".slip-number").wait_for()
    page.wait_for_timeout(LONG_ENOUGH_MS)
    page.screenshot(path=IMAGES / "queue.png")


if __name__ == "__main__":
    sys.exit(main())
