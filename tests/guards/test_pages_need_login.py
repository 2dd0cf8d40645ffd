"""Every page of the inbox needs a login, the ones that will be written next year included."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.pages_world import World

OPEN = {"inbox.login"}
MAY_BE_OPEN = (
    "home.",
    "health.",
    "metrics.",
    "board.",
    "media.",
    "simulator.",
    "carrier.",
    "twilio_webhooks.",
    "android_webhooks.",
    "jkn.",
    "static",
    "inbox.login",
)
"""What anybody may open; whoever adds a page to this list says so in its review."""


def inbox_rules(world: World) -> list[Rule]:
    return [rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/inbox")]


def ask(client: FlaskClient, rule: Rule, method: str):  # type: ignore[no-untyped-def]  # werkzeug names its class
    address = re.sub(r"<int:[^>]+>", "1", rule.rule)
    address = re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", address)
    address = re.sub(r"<[^>]+>", "K1", address)
    return client.open(address, method=method)


def test_every_inbox_page_sends_a_stranger_to_the_login(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = False
    rules = [rule for rule in inbox_rules(world) if rule.endpoint not in OPEN]
    assert len(rules) > 10
    for rule in rules:
        for method in (rule.methods or set()) & {"GET", "POST"}:
            response = ask(world.visitor(), rule, method)
            assert response.status_code == 302, f"{method} {rule.rule} answers a stranger"
            assert response.location.startswith("/inbox/login"), rule.rule


def test_every_inbox_form_needs_its_csrf_token(world: World) -> None:
    client = world.logged_in()
    rules = [rule for rule in inbox_rules(world) if "POST" in (rule.methods or set())]
    assert len(rules) > 8
    for rule in rules:
        assert ask(client, rule, "POST").status_code == 400, f"POST {rule.rule} works without a CSRF token"


def test_a_page_outside_the_inbox_is_open_only_when_listed_here(world: World) -> None:
    others = [rule.endpoint for rule in world.app.url_map.iter_rules() if not rule.rule.startswith("/inbox")]
    assert [endpoint for endpoint in others if not endpoint.startswith(MAY_BE_OPEN)] == []


TEMPLATES = sorted((Path(__file__).parents[2] / "bot" / "templates").rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_script_style_or_address_of_its_own(template: Path) -> None:
    html = template.read_text(encoding="utf-8")
    inline = r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\shx-on|javascript:|\|\s*safe\b|https?://"
    assert re.findall(inline, html) == [], "the content policy forbids it, and |safe would let patients' HTML in"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_posting_form_carries_a_csrf_token(template: Path) -> None:
    html = template.read_text(encoding="utf-8")
    forms = re.findall(r'<form method="post".*?</form>', html, flags=re.DOTALL)
    with_token = [form for form in forms if "csrf_token()" in form or "simulator/_hidden.html" in form]
    assert forms == with_token
