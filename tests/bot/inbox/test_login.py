"""Coming into the inbox, staying there and being put out."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.audit import AuditEntry
from clinic.staff import StaffMember
from tests.pages_world import PASSWORD, USERNAME, World, build_world, send, token_in

LOGIN = "/inbox/login"
WRONG = "salah"


def try_password(world: World, *, username: str, password: str):  # type: ignore[no-untyped-def]  # werkzeug names its class
    return send(world.visitor(), LOGIN, page=LOGIN, username=username, password=password)


def audit(world: World) -> list[tuple[str, str, str]]:
    with world.services.database.reading() as db:
        return [(row.actor, row.action, row.subject) for row in db.query(AuditEntry).order_by(AuditEntry.id)]


def test_the_right_password_opens_the_inbox(world: World) -> None:
    response = try_password(world, username=USERNAME, password=PASSWORD)
    assert (response.status_code, response.location) == (302, "/inbox")


def test_a_stranger_is_led_back_to_the_page_after_the_login(world: World) -> None:
    client = world.visitor()
    asked = client.get("/inbox?state=taken")
    assert asked.location == "/inbox/login?next=/inbox?state%3Dtaken"
    response = send(client, LOGIN, page=LOGIN, username=USERNAME, password=PASSWORD, next="/inbox?state=taken")
    assert response.location == "/inbox?state=taken"


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("https://jahat.example/inbox", id="another site"),
        pytest.param("//jahat.example/inbox", id="another site without scheme"),
        pytest.param("/inbox\\@jahat.example", id="backslash"),
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("/simulator", id="outside the inbox"),
    ],
)
def test_the_login_leads_nowhere_but_into_the_inbox(world: World, target: str) -> None:
    response = send(world.visitor(), LOGIN, page=LOGIN, username=USERNAME, password=PASSWORD, next=target)
    assert response.location == "/inbox"


def test_a_wrong_password_and_an_unknown_name_read_the_same(world: World) -> None:
    pages = []
    for username in ("sari", "tuti"):
        client = world.visitor()
        token = token_in(client.get(LOGIN).get_data(as_text=True))
        form = {"csrf_token": token, "username": username, "password": "salah-sekali"}  # pragma: allowlist secret
        response = client.post(LOGIN, data=form)
        page = response.get_data(as_text=True)
        pages.append((response.status_code, page.replace(token_in(page), "").replace(username, "")))
    assert pages[0] == pages[1]
    assert pages[0][0] == 401
    assert "Nama atau kata sandi tidak cocok." in pages[0][1]


def test_a_form_without_its_token_is_refused_in_indonesian(world: World) -> None:
    response = world.visitor().post(LOGIN, data={"username": USERNAME, "password": PASSWORD})
    assert response.status_code == 400
    assert "Halaman ini sudah lama terbuka" in response.get_data(as_text=True)


def test_after_eight_wrong_passwords_a_name_has_to_wait(world: World) -> None:
    answers = [try_password(world, username=USERNAME, password=WRONG).status_code for _ in range(8)]
    blocked = try_password(world, username=" SARI ", password=PASSWORD)
    assert answers == [401] * 8
    assert blocked.status_code == 429
    assert "Terlalu banyak percobaan" in blocked.get_data(as_text=True)
    assert try_password(world, username="budi", password=PASSWORD).status_code == 302


def test_after_twenty_wrong_passwords_an_address_has_to_wait(world: World) -> None:
    for number in range(20):
        try_password(world, username=f"orang{number}", password=WRONG)
    assert try_password(world, username="budi", password=PASSWORD).status_code == 429


def test_right_passwords_do_not_count_against_the_limit(world: World) -> None:
    answers = {try_password(world, username=USERNAME, password=PASSWORD).status_code for _ in range(10)}
    assert {302} == answers


def test_what_the_browser_brought_along_does_not_survive_the_login(world: World) -> None:
    client = world.visitor()
    old_token = token_in(client.get(LOGIN).get_data(as_text=True))
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    client.post(LOGIN, data={"csrf_token": old_token, "username": USERNAME, "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.post("/inbox/logout", data={"csrf_token": old_token}).status_code == 400


def test_half_an_hour_of_silence_ends_a_session(world: World) -> None:
    client = world.logged_in()
    world.clock.forward(minutes=29)
    assert client.get("/inbox").status_code == 200
    world.clock.forward(minutes=31)
    response = client.get("/inbox")
    assert response.status_code == 302
    assert "Sesi Anda berakhir" in client.get(response.location).get_data(as_text=True)


def test_a_page_that_refreshes_itself_keeps_nobody_logged_in(world: World) -> None:
    client = world.logged_in()
    for _ in range(4):
        world.clock.forward(minutes=8)
        response = client.get("/inbox/live/cases", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith(LOGIN)


def test_a_session_ends_after_twelve_hours_however_busy(world: World) -> None:
    client = world.logged_in()
    for _ in range(36):
        world.clock.forward(minutes=20)
        assert client.get("/inbox").status_code == 200
    world.clock.forward(minutes=20)
    assert client.get("/inbox").status_code == 302


def test_logging_out_ends_this_session_only(world: World) -> None:
    here, there = world.logged_in(), world.logged_in()
    send(here, "/inbox/logout", page="/inbox/account")
    assert (here.get("/inbox").status_code, there.get("/inbox").status_code) == (302, 200)


def test_logging_out_everywhere_ends_every_session(world: World) -> None:
    here, there, colleague = world.logged_in(), world.logged_in(), world.logged_in("budi")
    send(here, "/inbox/logout", page="/inbox/account", everywhere="1")
    answers = [client.get("/inbox").status_code for client in (here, there, colleague)]
    assert answers == [302, 302, 200]


def test_a_cookie_from_before_the_log_out_everywhere_is_worth_nothing(world: World) -> None:
    client = world.logged_in()
    cookie = client.get_cookie("sapa")
    assert cookie is not None
    send(client, "/inbox/logout", page="/inbox/account", everywhere="1")
    thief = world.visitor()
    thief.set_cookie("sapa", cookie.value)
    assert thief.get("/inbox").status_code == 302


def test_somebody_who_left_the_centre_is_put_out_at_once(world: World) -> None:
    client = world.logged_in()
    with world.services.database.transaction() as db:
        db.query(StaffMember).filter_by(username=USERNAME).one().is_active = False
    assert client.get("/inbox").status_code == 302


def test_a_new_password_ends_the_sessions_on_other_devices(world: World) -> None:
    here, there = world.logged_in(), world.logged_in()
    new = "sepeda-biru-hujan"
    send(here, "/inbox/account/password", page="/inbox/account", old=PASSWORD, new=new, again=new)
    assert (here.get("/inbox").status_code, there.get("/inbox").status_code) == (200, 302)
    assert try_password(world, username=USERNAME, password=PASSWORD).status_code == 401
    assert try_password(world, username=USERNAME, password=new).status_code == 302


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        pytest.param(
            {"old": "salah", "new": "sepeda-biru", "again": "sepeda-biru"}, 401, "lama tidak cocok", id="wrong old one"
        ),
        pytest.param({"old": PASSWORD, "new": "pendek", "again": "pendek"}, 400, "terlalu pendek", id="too short"),
        pytest.param(
            {"old": PASSWORD, "new": "sepeda-biru", "again": "sepeda-merah"}, 400, "tidak sama", id="not the same twice"
        ),
        pytest.param({"old": PASSWORD, "new": "a" * 201, "again": "a" * 201}, 400, "terlalu panjang", id="too long"),
    ],
)
def test_a_password_is_not_changed_when(world: World, fields: dict[str, str], status: int, words: str) -> None:
    response = send(world.logged_in(), "/inbox/account/password", page="/inbox/account", **fields)
    assert (status, True) == (response.status_code, words in response.get_data(as_text=True))
    assert try_password(world, username=USERNAME, password=PASSWORD).status_code == 302


def test_who_came_and_went_is_kept_by_id_and_never_by_what_was_typed(world: World) -> None:
    try_password(world, username="sari-salah-ketik", password="rahasia")  # pragma: allowlist secret
    client = world.logged_in()
    send(client, "/inbox/logout", page="/inbox/account")
    expected = [
        ("unknown", "login_failed", "unknown"),
        ("staff:1", "login", "staff:1"),
        ("staff:1", "logout", "staff:1"),
    ]
    assert expected == audit(world)


def test_over_https_the_cookie_is_for_this_host_and_https_only(tmp_path: Path) -> None:
    world = build_world(tmp_path, SAPA_PUBLIC_URL="https://sapa.example")
    response = world.visitor().get(LOGIN, base_url="https://sapa.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sapa=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert response.headers["Strict-Transport-Security"]
    world.services.database.close()


def test_every_answer_forbids_inline_scripts_frames_and_keeping(world: World) -> None:
    client = world.logged_in()
    for page in ("/", "/inbox", "/inbox/account", "/inbox/queue", "/board", "/simulator", "/nowhere"):
        headers = client.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, page
        assert "unsafe" not in policy, page
        assert (
            headers["X-Content-Type-Options"],
            headers["X-Frame-Options"],
            headers["Cache-Control"],
        ) == ("nosniff", "DENY", "no-store"), page
