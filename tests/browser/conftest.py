"""A real server and a real Chromium, for the tests that look at pages as people do."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests.pages_world import PASSWORD, World, build_world

CHROMIUM = Path(os.environ.get("SAPA_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Site:
    """A centre whose pages are served on a port of this machine."""

    world: World
    url: str

    def log_in(self, page: Page, username: str = "sari") -> None:
        page.goto(f"{self.url}/inbox/login")
        page.get_by_label("Nama pengguna").fill(username)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url(f"{self.url}/inbox")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of this machine; without it these tests are skipped, on the build machine they fail."""
    if not CHROMIUM.exists():
        reason = f"no Chromium at {CHROMIUM} (set SAPA_CHROMIUM)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A fresh centre on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    world = build_world(tmp_path, SAPA_PORT=str(port))
    server = make_server("127.0.0.1", port, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(world=world, url=f"http://127.0.0.1:{port}")
    server.shutdown()
    thread.join()
    server.server_close()
    world.services.database.close()


def open_page(browser: Browser, size: dict[str, int], *, scripts: bool = True) -> tuple[BrowserContext, Page]:
    context = browser.new_context(viewport=size, locale="id-ID", java_script_enabled=scripts)  # type: ignore[arg-type]  # a typed dict
    context.set_default_timeout(10_000)
    return context, context.new_page()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a desk computer."""
    context, page = open_page(browser, DESK)
    yield page
    context.close()


@pytest.fixture
def small_page(browser: Browser) -> Iterator[Page]:
    """A page on a 5-inch phone."""
    context, page = open_page(browser, PHONE)
    yield page
    context.close()


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A page on a 5-inch phone that runs no scripts."""
    context, page = open_page(browser, PHONE, scripts=False)
    yield page
    context.close()
