"""The simulator's phones, without a network: what they show and what they make of what was typed."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.simulator.carrier_store import CarrierMessage, CarrierStore, Shown, ShownButton
from tests.pages_world import World, build_world, send

PAGE = "/simulator"
WHATSAPP = "+6281200000001"
SMS = "+6281300000002"


def deliver(world: World, recipient: str, body: str) -> None:
    store = CarrierStore(world.services.carrier_path)
    store.prepare()
    store.add(
        sid=f"SM{len(store.outbound()):032d}",
        direction="outbound-api",
        sender="+62811000002",
        recipient=recipient,
        body=body,
        status="delivered",
        now=world.clock(),
    )


def test_there_is_no_simulator_outside_the_demo(tmp_path: Path) -> None:
    world = build_world(
        tmp_path,
        SAPA_DEMO="0",
        SAPA_SECRET_KEY="only-for-this-test-1",  # pragma: allowlist secret
        SAPA_PUBLIC_URL="http://127.0.0.1",
    )
    answers = [world.visitor().get(page).status_code for page in (PAGE, f"{PAGE}/sms/screen", "/")]
    assert [404, 404, 200] == answers
    assert "simulator" not in world.visitor().get("/").get_data(as_text=True)
    world.services.database.close()


def test_each_phone_shows_what_was_sent_to_it_alone(world: World) -> None:
    deliver(world, f"whatsapp:{WHATSAPP}", "untuk WhatsApp")
    deliver(world, SMS, "untuk SMS")
    client = world.visitor()
    smart = client.get(f"{PAGE}/whatsapp/screen?whatsapp={quote(WHATSAPP)}").get_data(as_text=True)
    old = client.get(f"{PAGE}/sms/screen?sms={quote(SMS)}").get_data(as_text=True)
    assert ("untuk WhatsApp" in smart, "untuk SMS" in smart) == (True, False)
    assert ("untuk WhatsApp" in old, "untuk SMS" in old) == (False, True)


def test_every_sms_shows_its_letters_and_segments(world: World) -> None:
    deliver(world, SMS, "a" * 161)
    html = world.visitor().get(f"{PAGE}/sms/screen?sms={quote(SMS)}").get_data(as_text=True)
    assert "161 huruf · 2 SMS" in html


def test_stars_are_bold_on_whatsapp_and_html_is_not(world: World) -> None:
    deliver(world, f"whatsapp:{WHATSAPP}", "Antrian *B12* <b>x</b> 2*3*4")
    html = world.visitor().get(f"{PAGE}/whatsapp/screen?whatsapp={quote(WHATSAPP)}").get_data(as_text=True)
    assert "Antrian <strong>B12</strong> &lt;b&gt;x&lt;/b&gt; 2*3*4" in html


def with_buttons(world: World, *titles: str, list_button: str | None = None) -> CarrierMessage:
    store = CarrierStore(world.services.carrier_path)
    store.prepare()
    return store.add(
        sid="SM" + "b" * 32,
        direction="outbound-api",
        sender="whatsapp:+62811000001",
        recipient=f"whatsapp:{WHATSAPP}",
        body="Mau ke poli mana?",
        status="delivered",
        now=world.clock(),
        shown=Shown(tuple(ShownButton(title, str(n)) for n, title in enumerate(titles, 1)), list_button=list_button),
    )


@pytest.mark.parametrize("list_button", [None, "Pilih"], ids=["quick replies", "a list"])
def test_the_buttons_that_were_sent_can_be_tapped(world: World, list_button: str | None) -> None:
    sent = with_buttons(world, "1 Umum", "2 Gigi", list_button=list_button)
    html = world.visitor().get(f"{PAGE}/whatsapp/screen?whatsapp={quote(WHATSAPP)}").get_data(as_text=True)
    found = re.findall(rf'name="tap" value="{sent.sid}:(\d)">([^<]+)<', html)
    assert [("1", "1 Umum"), ("2", "2 Gigi")] == found
    assert ("☰ Pilih" in html) == (list_button is not None)


def test_numbers_in_a_plain_text_are_no_buttons(world: World) -> None:
    deliver(world, f"whatsapp:{WHATSAPP}", "Mau ke poli mana? Balas 1 Umum, 2 Gigi, 3 KIA.")
    html = world.visitor().get(f"{PAGE}/whatsapp/screen?whatsapp={quote(WHATSAPP)}").get_data(as_text=True)
    assert 'name="tap"' not in html


@pytest.mark.parametrize("tap", ["SM0:1", "SM" + "b" * 32 + ":9", "SM" + "b" * 32, ":"])
def test_a_tap_on_nothing_is_refused(world: World, tap: str) -> None:
    with_buttons(world, "1 Umum", "2 Gigi")
    answer = send(world.visitor(), f"{PAGE}/whatsapp/send", page=PAGE, whatsapp=WHATSAPP, tap=tap)
    assert 400 == answer.status_code


def test_a_tap_on_somebody_elses_phone_is_refused(world: World) -> None:
    sent = with_buttons(world, "1 Umum", "2 Gigi")
    fields = {"whatsapp": "+6281200000002", "tap": f"{sent.sid}:1"}
    assert 400 == send(world.visitor(), f"{PAGE}/whatsapp/send", page=PAGE, **fields).status_code


def test_a_key_of_the_keypad_types_and_sends_nothing(world: World) -> None:
    client = world.visitor()
    typed = send(client, f"{PAGE}/sms/send", page=PAGE, sms=SMS, text="1", key="2").get_data(as_text=True)
    erased = send(client, f"{PAGE}/sms/send", page=PAGE, sms=SMS, text="12", key="C").get_data(as_text=True)
    box = r'<textarea id="tulis-sms".*?>([^<]*)</textarea>'
    assert ["12"] == re.findall(box, typed, flags=re.DOTALL)
    assert ["1"] == re.findall(box, erased, flags=re.DOTALL)
    assert () == CarrierStore(world.services.carrier_path).messages_for(SMS)


def test_a_message_that_nobody_takes_is_marked_as_not_arrived(world: World) -> None:
    client = world.visitor()
    response = send(client, f"{PAGE}/sms/send", page=PAGE, sms=SMS, text="antri umum bsk")
    assert 302 == response.status_code
    html = client.get(response.location).get_data(as_text=True)
    assert ("antri umum bsk" in html, "tidak sampai ke puskesmas" in html) == (True, True)


@pytest.mark.parametrize("number", ["", "abc", "+62<script>", "+٦٢٨١٢٣٤٥٦٧", "0812", "+" + "1" * 40])
def test_a_phone_without_a_usable_number_gets_its_first_one(world: World, number: str) -> None:
    html = world.visitor().get(f"{PAGE}?sms={quote(number)}").get_data(as_text=True)
    assert '<option selected value="+628130000101">' in html


def test_known_patients_can_be_chosen_by_name(world: World) -> None:
    world.add_contact("Bu Ani", WHATSAPP)
    html = world.visitor().get(PAGE).get_data(as_text=True)
    assert re.search(rf'<option value="{re.escape(WHATSAPP)}" selected>Bu Ani \+6281200000001</option>', html)
