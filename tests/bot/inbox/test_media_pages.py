"""Photos and voice notes in the inbox, and files that go out with a reply."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, redirect, request
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from bot.channels.template_contents import template_wordings
from bot.channels.twilio_media import MediaRefused, TwilioMedia
from bot.media import media_link
from bot.settings import DEMO_ACCOUNT, DEMO_TOKEN
from bot.simulator.samples import sample_photo, sample_voice
from bot.template_ids import template_ids
from clinic.content_templates import note_approval, note_made
from clinic.media import LARGEST
from tests.pages_world import World, build_world, send

BASE = "/2010-04-01/Accounts/AC1/Messages/MM1/Media"
PHONE = "+6281200000001"
KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
LINK_LIFE = timedelta(hours=25)


@pytest.fixture
def store() -> Iterator[str]:
    """Where a provider keeps media: behind the keys of the account."""
    app = Flask("store")
    files = {
        "photo": sample_photo(),
        "voice": sample_voice(),
        "page": b"<html><script>alert(1)</script>",
        "pdf": b"%PDF-1.7 x",
    }
    files["huge"] = sample_photo() + b"\0" * (16 * 1024 * 1024)

    @app.get(f"{BASE}/<name>")
    def give(name: str) -> Any:
        if request.authorization is None or request.authorization.password != DEMO_TOKEN:
            return Response(status=401)
        if name == "moved":
            return redirect(f"{BASE}/photo")
        if name == "away":
            return redirect("http://127.0.0.1:1/secret")
        return Response(files[name], mimetype="image/jpeg") if name in files else Response(status=404)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)


@pytest.fixture
def centre(tmp_path: Path, store: str) -> Iterator[World]:
    world = build_world(tmp_path, SAPA_TWILIO_API_URL=store)
    yield world
    world.services.database.close()


def receive(centre: World, *addresses: str) -> int:
    contact = centre.add_contact("Bu Ani", PHONE)
    centre.add_case(contact, "K1", "foto")
    return centre.hears(contact, "", media=[{"url": address, "type": "image/jpeg"} for address in addresses])


def test_a_photo_is_fetched_with_the_keys_of_the_account_and_shown_as_what_it_is(centre: World, store: str) -> None:
    inbound = receive(centre, f"{store}{BASE}/photo")
    answer = centre.logged_in().get(f"/inbox/media/{inbound}/0")

    assert (200, "image/png", sample_photo()) == (answer.status_code, answer.content_type, answer.data)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]


def test_the_page_shows_photos_small_and_voice_notes_with_a_player(centre: World, store: str) -> None:
    inbound = receive(centre, f"{store}{BASE}/photo")
    centre.hears(1, "", media=[{"url": f"{store}{BASE}/voice", "type": "audio/ogg"}])
    html = centre.logged_in().get("/inbox/cases/K1").get_data(as_text=True)

    assert f'src="/inbox/media/{inbound}/0"' in html
    assert f'<audio controls preload="none" src="/inbox/media/{inbound + 1}/0"' in html
    assert store not in html
    assert "media-src 'self'" in centre.logged_in().get("/inbox").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("voice", 200, id="a voice note"),
        pytest.param("moved", 200, id="a redirect on the same host"),
        pytest.param("page", 415, id="HTML that calls itself a photo"),
        pytest.param("gone", 404, id="deleted at the provider"),
        pytest.param("huge", 413, id="too large"),
        pytest.param("away", 404, id="a redirect to somewhere else"),
    ],
)
def test_only_what_can_be_shown_is_shown(centre: World, store: str, name: str, status: int) -> None:
    inbound = receive(centre, f"{store}{BASE}/{name}")

    assert status == centre.logged_in().get(f"/inbox/media/{inbound}/0").status_code


def test_a_pdf_is_saved_and_not_opened_in_the_page(centre: World, store: str) -> None:
    inbound = receive(centre, f"{store}{BASE}/pdf")
    answer = centre.logged_in().get(f"/inbox/media/{inbound}/0")

    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/2010-04-01/Accounts/x",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://api.twilio.com/2010-04-01/Accounts/x",
        "{store}/inbox",
        "{store}/2010-04-01/../Accounts",
        "",
    ],
)
def test_no_other_address_is_ever_asked(centre: World, store: str, address: str) -> None:
    inbound = receive(centre, address.format(store=store))

    assert 404 == centre.logged_in().get(f"/inbox/media/{inbound}/0").status_code


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", True),
        ("http://api.twilio.com/2010-04-01/Accounts/AC1", False),
        ("https://api.twilio.com.evil.example/2010-04-01/Accounts/AC1", False),
        ("https://user@api.twilio.com/2010-04-01/Accounts/AC1", False),
        ("https://api.twilio.com/other", False),
        ("https://evil.example/2010-04-01/Accounts/AC1", False),
    ],
)
def test_without_a_stand_in_only_twilios_api_is_asked(address: str, may: bool) -> None:
    assert may is TwilioMedia("AC1", "t").may_fetch(address)


def test_what_is_not_there_is_not_found(centre: World, store: str) -> None:
    inbound = receive(centre, f"{store}{BASE}/photo")
    client = centre.logged_in()

    assert [404, 404] == [client.get(f"/inbox/media/{a}/{b}").status_code for a, b in ((inbound, 1), (inbound + 9, 0))]


def test_the_bytes_stop_at_the_limit_whatever_the_header_says(store: str) -> None:
    media = TwilioMedia(DEMO_ACCOUNT, DEMO_TOKEN, store)
    with pytest.raises(MediaRefused, match="too_large"), media.open(f"{store}{BASE}/photo", largest=100) as (_, chunks):
        b"".join(chunks)


def reply(client: FlaskClient, data: bytes | None, *, text: str = "Ini suratnya.", name: str = "x.png") -> Any:
    fields: dict[str, Any] = {"text": text, "key": KEY}
    if data is not None:
        fields["file"] = (io.BytesIO(data), name)
    return send(client, "/inbox/cases/K1/reply", page="/inbox/cases/K1", **fields)


def case_of(world: World, *, channel: str = "whatsapp", hours_ago: float = 0.5) -> FlaskClient:
    contact = world.add_contact("Bu Ani", PHONE, channel=channel, hours_ago=hours_ago)
    world.add_case(contact, "K1", "minta surat")
    return world.logged_in()


def test_a_photo_goes_with_a_reply_and_the_provider_can_fetch_it(world: World) -> None:
    client = case_of(world)
    assert 302 == reply(client, sample_photo()).status_code
    (row,) = world.outbox()
    link = media_link(world.services.settings, (row.media or [""])[0])
    path = link.removeprefix(world.services.settings.public_url)
    head, got = world.visitor().head(path), world.visitor().get(path)

    assert ("Ini suratnya.", 200, 200) == (row.text, head.status_code, got.status_code)
    assert ("image/png", "image/png", sample_photo()) == (head.content_type, got.content_type, got.data)
    assert head.content_length == len(sample_photo())


def test_a_file_alone_is_a_reply(world: World) -> None:
    assert 302 == reply(case_of(world), b"%PDF-1.7 x", text="", name="surat.pdf").status_code
    assert [("", 1)] == [(row.text, len(row.media or [])) for row in world.outbox()]


def test_the_same_form_sent_twice_sends_one_reply_with_one_file(world: World) -> None:
    client = case_of(world)
    for _ in range(2):
        reply(client, sample_photo())

    assert 1 == len(world.outbox())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"<svg onload=alert(1)>", "bukan foto", id="SVG"),
        pytest.param(b"MZ", "bukan foto", id="a program called photo"),
        pytest.param(sample_voice(), "bukan foto", id="a sound"),
        pytest.param(sample_photo() + b"x" * LARGEST, "terlalu besar", id="too large"),
    ],
)
def test_what_cannot_be_sent_is_told_and_the_text_is_kept(world: World, data: bytes, said: str) -> None:
    answer = reply(case_of(world), data)
    html = answer.get_data(as_text=True)

    assert (400, True, True, []) == (answer.status_code, said in html, "Ini suratnya." in html, world.outbox())


def test_a_picture_cannot_go_by_sms_and_the_page_says_so(world: World) -> None:
    client = case_of(world, channel="sms")
    page = client.get("/inbox/cases/K1").get_data(as_text=True)
    assert ('type="file"' in page, "Foto dan PDF hanya lewat WhatsApp" in page) == (False, True)

    answer = reply(client, sample_photo())
    assert (400, True) == (answer.status_code, "hanya tulisan" in answer.get_data(as_text=True))


def test_a_stranger_may_not_send_a_large_form(world: World) -> None:
    answer = world.visitor().post("/inbox/cases/K1/reply", data={"file": (io.BytesIO(b"x" * 2_000_000), "x.png")})

    assert answer.status_code in (302, 400, 413)
    assert [] == world.outbox()


@pytest.mark.parametrize("change", ["x", "", "."], ids=["changed", "cut", "dots"])
def test_a_link_that_was_tampered_with_is_no_link(world: World, change: str) -> None:
    reply(case_of(world), sample_photo())
    path = media_link(world.services.settings, (world.outbox()[0].media or [""])[0]).rpartition("/")
    token = path[2][:-3] + change

    assert 404 == world.visitor().get(f"/media/{token}").status_code


def test_a_link_is_worth_nothing_under_another_secret_or_after_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply(case_of(world), sample_photo())
    name, settings = (world.outbox()[0].media or [""])[0], world.services.settings
    foreign = media_link(replace(settings, secret_key="another secret of sixteen"), name)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: 1_000_000_000)
    old = media_link(settings, name)
    monkeypatch.undo()

    for link in (foreign, old):
        assert 404 == world.visitor().get(link.removeprefix(settings.public_url)).status_code


def test_staff_see_what_they_sent(world: World) -> None:
    client = case_of(world)
    reply(client, sample_photo())
    name = (world.outbox()[0].media or [""])[0]

    assert f"/inbox/files/{name}" in client.get("/inbox/cases/K1").get_data(as_text=True)
    assert sample_photo() == client.get(f"/inbox/files/{name}").data


def approve(world: World, name: str) -> str:
    sid = "HX" + "a" * 32
    with world.services.database.transaction() as db:
        note_made(db, account=DEMO_ACCOUNT, name=name, wording=template_wordings()[name], sid=sid, now=world.clock())
        note_approval(db, account=DEMO_ACCOUNT, sid=sid, approval="approved", now=world.clock())
    return sid


def test_a_reply_after_the_window_waits_and_the_patient_is_asked_to_write(world: World) -> None:
    sid = approve(world, "staff_answer")
    client = case_of(world, hours_ago=30)
    page = client.get("/inbox/cases/K1").get_data(as_text=True)
    reply(client, None)
    held, asked = world.outbox()

    assert "Pasien dikabari" in page
    assert (None, True) == (held.template, held.not_before > world.clock() + timedelta(days=6))
    assert {"sid": sid, "variables": {"1": "Puskesmas Wonorejo"}} == asked.template
    assert asked.not_before <= world.clock()
    assert "Menunggu pasien menulis lagi" in client.get("/inbox/cases/K1").get_data(as_text=True)


def test_without_the_template_the_reply_waits_and_staff_are_told_to_call(world: World) -> None:
    client = case_of(world, hours_ago=30)
    page = client.get("/inbox/cases/K1").get_data(as_text=True)
    reply(client, None)

    assert "Pasien tidak dikabari" in page
    assert 1 == len(world.outbox())


def test_the_templates_of_the_settings_come_before_what_twilio_approved(world: World) -> None:
    approve(world, "staff_answer")
    facility = world.services.facility.model_copy(update={"whatsapp_templates": {"staff_answer": "HX" + "b" * 32}})
    with world.services.database.reading() as db:
        assert {"staff_answer": "HX" + "b" * 32} == template_ids(db, facility)


def test_the_conversation_is_sent_again_only_when_it_changed(world: World) -> None:
    client = case_of(world)
    first = client.get("/inbox/live/cases/K1").get_data(as_text=True)
    seen = first.split('name="seen" value="', 1)[1].split('"', 1)[0]
    unchanged = client.get(f"/inbox/live/cases/K1?seen={seen}")
    world.hears(1, "masih di sana?")
    changed = client.get(f"/inbox/live/cases/K1?seen={seen}")

    assert (204, 200) == (unchanged.status_code, changed.status_code)
    assert "masih di sana?" in changed.get_data(as_text=True)


def test_a_read_message_is_marked_as_read(world: World) -> None:
    contact = world.add_contact("Bu Ani", PHONE)
    world.add_case(contact, "K1", "x")
    world.said(contact, "Baik.", state="read")

    assert "Dibaca" in world.logged_in().get("/inbox/cases/K1").get_data(as_text=True)
