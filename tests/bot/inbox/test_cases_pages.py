"""The list of cases and the page of one case, as staff read and use them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from clinic.audit import AuditEntry
from tests.pages_world import World, send

HOSTILE = [
    pytest.param("<script>document.title='x'</script>", id="script"),
    pytest.param("<img src=x onerror=alert(1)>", id="image with a script"),
    pytest.param("'); DROP TABLE contact;--", id="SQL"),
    pytest.param("{{ config }}{% for x in y %}", id="template language"),
    pytest.param("\u202eabc مرحبا", id="right to left"),
    pytest.param("👩‍👩‍👧‍👦🏽" * 50, id="compound emoji"),
    pytest.param("x" * 10_000, id="ten thousand letters without a space"),
    pytest.param("\n" * 500, id="empty lines"),
]


def codes(html: str) -> list[str]:
    """The codes of the list, as they stand on the page."""
    return re.findall(r'<strong class="code">([^<]+)</strong>', html)


def read(client: FlaskClient, address: str) -> str:
    response = client.get(address)
    assert 200 == response.status_code, address
    return response.get_data(as_text=True)


def reply(client: FlaskClient, code: str, text: str, *, key: str | None = None):  # type: ignore[no-untyped-def]  # werkzeug names its class
    page = f"/inbox/cases/{code}"
    return send(client, f"{page}/reply", page="/inbox/account", text=text, key=key or str(uuid4()))


def test_urgent_cases_stand_first_and_then_the_one_that_is_due_first(world: World) -> None:
    now = world.clock()
    world.add_case(None, "K1", "lama", due_at=now + timedelta(hours=9))
    world.add_case(None, "K2", "segera", due_at=now + timedelta(hours=1))
    world.add_case(None, "K3", "darurat", urgent=True, due_at=now + timedelta(hours=20))
    assert ["K3", "K2", "K1"] == codes(read(world.logged_in(), "/inbox"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("/inbox", ["K1"], id="waiting"),
        pytest.param("/inbox?state=taken", ["K2"], id="taken"),
        pytest.param("/inbox?state=closed", ["K3"], id="closed"),
        pytest.param("/inbox?state=all", ["K1", "K2", "K3"], id="all"),
        pytest.param("/inbox?state=nonsense", ["K1"], id="a filter that does not exist"),
        pytest.param("/inbox?q=k3", ["K3"], id="a code in small letters, whatever its state"),
        pytest.param("/inbox?q=%25", [], id="a percent sign is no wildcard"),
        pytest.param("/inbox?page=99999999999", [], id="a page far beyond"),
        pytest.param("/inbox?page=-3", ["K1"], id="a page before the first"),
    ],
)
def test_the_list_shows_what_its_filter_says(world: World, address: str, expected: list[str]) -> None:
    now = world.clock()
    world.add_case(None, "K1", "satu")
    world.add_case(None, "K2", "dua", state="taken", taken_by=1, taken_at=now, due_at=now + timedelta(days=1))
    world.add_case(None, "K3", "tiga", state="closed", closed_at=now)
    assert expected == codes(read(world.logged_in(), address))


def test_the_fifty_first_case_stands_on_the_second_page(world: World) -> None:
    for number in range(51):
        world.add_case(None, f"K{number}", "x", due_at=world.clock() + timedelta(minutes=number))
    client = world.logged_in()
    first, second = read(client, "/inbox"), read(client, "/inbox?page=2")
    assert (50, ["K50"]) == (len(codes(first)), codes(second))
    assert ("Berikutnya" in first, "Berikutnya" in second) == (True, False)


def test_an_empty_inbox_says_so(world: World) -> None:
    assert "Tidak ada kasus yang menunggu." in read(world.logged_in(), "/inbox")


def test_the_part_that_refreshes_itself_is_the_list_alone(world: World) -> None:
    world.add_case(None, "K1", "satu")
    part = read(world.logged_in(), "/inbox/live/cases")
    assert (["K1"], False) == (codes(part), "<html" in part)


def test_a_taken_case_is_marked_when_the_patient_wrote_after_staff(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    taken_at = world.clock() - timedelta(minutes=30)
    world.add_case(contact, "K1", "satu", state="taken", taken_by=1, taken_at=taken_at)
    world.hears(contact, "halo", minutes_ago=20)
    client = world.logged_in()
    assert "Pesan baru" in read(client, "/inbox?state=taken")
    world.said(contact, "Ya Bu?", minutes_ago=10, staff_id=1)
    assert "Pesan baru" not in read(client, "/inbox?state=taken")


def test_a_number_is_masked_until_somebody_asks_for_it_and_that_is_kept(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281234500101")
    world.add_case(contact, "K1", "satu")
    client = world.logged_in()
    for address in ("/inbox", "/inbox/cases/K1"):
        html = read(client, address)
        assert ("+628******0101" in html, "+6281234500101" in html) == (True, False), address
    shown = send(client, "/inbox/cases/K1/number", page="/inbox/account").get_data(as_text=True)
    assert 'href="tel:+6281234500101"' in shown
    with world.services.database.reading() as db:
        looks = [(row.actor, row.subject) for row in db.query(AuditEntry).filter_by(action="show_number")]
    assert [("staff:1", f"contact:{contact}")] == looks


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_patient_writes_is_shown_as_text(world: World, text: str) -> None:
    contact = world.add_contact(text[:200], "+6281200000001")
    world.add_person(contact, text[:200])
    world.add_case(contact, "K1", text)
    world.hears(contact, text, extra={"location": {"latitude": 1.5, "longitude": 2, "label": text[:400]}})
    client = world.logged_in()
    for address in ("/inbox", "/inbox/cases/K1"):
        html = read(client, address)
        assert "<script>" not in html
        assert "<img src=x" not in html
    if text.strip():
        assert text in unescape(read(client, "/inbox/cases/K1"))


def test_an_attachment_is_shown_from_our_own_address_and_never_from_the_one_it_came_with(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.add_case(contact, "K1", "foto")
    media = [
        {"url": "https://media.example.org/1", "type": "image/jpeg"},
        {"url": "javascript:alert(1)", "type": "audio/ogg"},
        {"url": "https://media.example.org/3", "type": "text/vcard"},
    ]
    message = world.hears(contact, "", media=media)
    html = read(world.logged_in(), "/inbox/cases/K1")
    assert [True] * 3 == [f'="/inbox/media/{message}/{number}"' in html for number in range(3)]
    assert ("media.example.org" in html, "javascript:" in html) == (False, False)


def test_both_sides_stand_in_the_order_of_time(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.add_case(contact, "K1", "satu")
    world.said(contact, "kedua", minutes_ago=8)
    world.hears(contact, "ketiga", minutes_ago=7)
    world.hears(contact, "pertama", minutes_ago=9)
    html = read(world.logged_in(), "/inbox/live/cases/K1")
    assert ["pertama", "kedua", "ketiga"] == re.findall(r'<p class="wrap" dir="auto">([^<]+)</p>', html)


def test_older_messages_stand_on_a_page_of_their_own(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.add_case(contact, "K1", "satu")
    for number in range(101):
        world.hears(contact, f"pesan ke-{number}.", minutes_ago=200 - number)
    client = world.logged_in()
    html = read(client, "/inbox/cases/K1")
    assert ("pesan ke-1." in html, "pesan ke-0." in html) == (True, False)
    (earlier,) = re.findall(r'href="([^"]+before=[^"]+)"', html)
    assert "pesan ke-0." in read(client, unescape(earlier))


@pytest.mark.parametrize("before", ["kemarin", "2026-11-23", "%00"])
def test_a_page_before_no_moment_at_all_does_not_exist(world: World, before: str) -> None:
    world.add_case(world.add_contact("Bu Ani", "+6281200000001"), "K1", "satu")
    assert 404 == world.logged_in().get(f"/inbox/cases/K1?before={before}").status_code


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        pytest.param("queued", None, "Antre", id="queued"),
        pytest.param("sending", None, "Sedang dikirim", id="sending"),
        pytest.param("unknown", None, "Belum pasti terkirim", id="unknown"),
        pytest.param("sent", None, "Terkirim", id="sent"),
        pytest.param("delivered", None, "Sampai", id="delivered"),
        pytest.param("read", None, "Dibaca", id="read"),
        pytest.param("failed", "63014", "Gagal: Pasien memblokir nomor WhatsApp", id="failed and why"),
        pytest.param("undelivered", "30003", "Gagal: HP pasien tidak terjangkau.", id="undelivered and why"),
        pytest.param("failed", None, "Gagal: Pesan tidak sampai", id="failed without a reason"),
        pytest.param("dropped", None, "Tidak dikirim", id="dropped"),
    ],
)
def test_each_of_our_messages_says_what_became_of_it(world: World, state: str, code: str | None, words: str) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.add_case(contact, "K1", "satu")
    world.said(contact, "Halo", state=state, error_code=code)
    assert words in unescape(read(world.logged_in(), "/inbox/cases/K1"))


@pytest.mark.parametrize(
    ("channel", "hours_ago", "warned"),
    [
        pytest.param("whatsapp", 23.9, False, id="WhatsApp within 24 hours"),
        pytest.param("whatsapp", 24.1, True, id="WhatsApp after 24 hours"),
        pytest.param("sms", 100.0, False, id="SMS has no such window"),
    ],
)
def test_staff_are_warned_when_whatsapp_takes_no_free_text(
    world: World, channel: str, hours_ago: float, warned: bool
) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001", channel=channel, hours_ago=hours_ago)
    world.add_case(contact, "K1", "satu")
    assert warned == ("lebih dari 24 jam lalu" in read(world.logged_in(), "/inbox/cases/K1"))


def test_taking_closing_and_reopening_move_the_case(world: World) -> None:
    world.add_case(world.add_contact("Bu Ani", "+6281200000001"), "K1", "satu")
    client = world.logged_in()
    states = []
    for act, fields in (("take", {}), ("close", {"outcome": "Sudah dijelaskan"}), ("reopen", {})):
        send(client, f"/inbox/cases/K1/{act}", page="/inbox/account", **fields)
        states.append(world.case("K1").state)
    assert ["taken", "closed", "open"] == states
    with world.services.database.reading() as db:
        acts = [row.action for row in db.query(AuditEntry).filter_by(subject="case:1")]
    assert {"take", "close", "reopen"} <= set(acts)


def test_a_case_is_not_closed_without_an_outcome(world: World) -> None:
    world.add_case(None, "K1", "satu")
    response = send(world.logged_in(), "/inbox/cases/K1/close", page="/inbox/account", outcome="  ")
    assert (400, "open") == (response.status_code, world.case("K1").state)
    assert "Tulis hasilnya dulu" in response.get_data(as_text=True)


def test_a_colleagues_case_is_taken_over_before_it_is_closed(world: World) -> None:
    world.add_case(None, "K1", "satu", state="taken", taken_by=2, taken_at=world.clock())
    client = world.logged_in()
    send(client, "/inbox/cases/K1/close", page="/inbox/account", outcome="selesai")
    assert "taken" == world.case("K1").state
    assert "Ambil alih dari Budi Santoso" in read(client, "/inbox/cases/K1")
    send(client, "/inbox/cases/K1/take", page="/inbox/account")
    assert 1 == world.case("K1").taken_by


def test_a_reply_is_queued_and_takes_the_case_with_it(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.add_case(contact, "K1", "satu")
    key = str(uuid4())
    response = reply(world.logged_in(), "K1", "  Silakan datang besok.\r\nTerima kasih. ", key=key)
    assert (302, "/inbox/cases/K1") == (response.status_code, response.location)
    (message,) = world.outbox()
    assert "Silakan datang besok.\nTerima kasih." == message.text
    assert (f"staff:{key}", contact, "whatsapp", 1, "queued") == (
        message.key,
        message.contact_id,
        message.channel,
        message.staff_id,
        message.state,
    )
    assert ("taken", 1) == (world.case("K1").state, world.case("K1").taken_by)


def test_pressing_the_button_five_times_sends_one_message(world: World) -> None:
    world.add_case(world.add_contact("Bu Ani", "+6281200000001"), "K1", "satu")
    client, key = world.logged_in(), str(uuid4())
    for spelling in (key, key, key.upper(), key.replace("-", ""), key):
        assert 302 == reply(client, "K1", "Silakan datang besok.", key=spelling).status_code
    assert 1 == len(world.outbox())


def test_a_reply_goes_to_the_address_the_contact_last_wrote_from(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001", hours_ago=5)
    world.add_address(contact, "+6281300000002", channel="sms", hours_ago=1)
    world.add_case(contact, "K1", "satu")
    reply(world.logged_in(), "K1", "Halo Bu")
    assert ["sms"] == [message.channel for message in world.outbox()]


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        pytest.param(" \n ", None, "Tulis balasan dulu.", id="nothing but space"),
        pytest.param("\u200b\u202e", None, "Tulis balasan dulu.", id="nothing that can be seen"),
        pytest.param("a" * 1501, None, "terlalu panjang", id="one letter too long"),
        pytest.param("Halo", "not-a-uuid", "Tekan Kirim sekali lagi", id="a key that is none"),
    ],
)
def test_a_reply_is_refused_with_a_reason(world: World, text: str, key: str | None, words: str) -> None:
    world.add_case(world.add_contact("Bu Ani", "+6281200000001"), "K1", "satu")
    response = reply(world.logged_in(), "K1", text, key=key)
    assert (400, True) == (response.status_code, words in response.get_data(as_text=True))
    assert ([], "open") == (world.outbox(), world.case("K1").state)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"state": "taken", "taken_by": 2}, "diambil petugas lain", id="a colleague has it"),
        pytest.param({"state": "closed"}, "sudah ditutup", id="it is closed"),
    ],
)
def test_a_refused_reply_keeps_what_was_typed(world: World, fields: dict[str, object], words: str) -> None:
    now = world.clock()
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.add_case(contact, "K1", "satu", taken_at=now, closed_at=now, **fields)
    response = reply(world.logged_in(), "K1", "Kalimat yang panjang tadi")
    html = response.get_data(as_text=True)
    assert (409, True, True) == (response.status_code, words in html, "Kalimat yang panjang tadi" in html)
    assert [] == world.outbox()


def test_a_case_without_a_contact_offers_no_reply(world: World) -> None:
    world.add_case(None, "K1", "Akun Twilio ditolak", kind="delivery")
    client = world.logged_in()
    assert '<textarea id="text"' not in read(client, "/inbox/cases/K1")
    assert 400 == reply(client, "K1", "Halo").status_code


def test_a_case_that_does_not_exist_is_not_found(world: World) -> None:
    client = world.logged_in()
    assert 404 == client.get("/inbox/cases/Z9").status_code
    assert 404 == reply(client, "Z9", "Halo").status_code


def test_what_is_typed_is_counted_as_sms(world: World) -> None:
    client = world.logged_in()
    plain = send(client, "/inbox/letters", page="/inbox/account", text="a" * 161).get_data(as_text=True)
    emoji = send(client, "/inbox/letters", page="/inbox/account", text="ya 🙏").get_data(as_text=True)
    assert "161 huruf · 2 SMS" == " ".join(plain.split())
    assert "5 huruf · 1 SMS · ada emoji atau huruf khusus" == " ".join(emoji.split())
