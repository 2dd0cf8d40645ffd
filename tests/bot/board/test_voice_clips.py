"""The clips of the board's voice: rendered once, found again by what they say."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.board.spoken import every_part
from bot.board.voice import ClipShelf, NoVoice, clip_name, render_in_background
from bot.cli.board import look_at_voice, voice
from clinic.facility import Facility
from tests.bot.board.waiting_room import WaitingRoom
from tests.conftest import missing

CALL = ("Nomor antrean B", "dua belas", "ke Poli Gigi")


@pytest.fixture
def shelf(tmp_path: Path) -> ClipShelf:
    shelf = ClipShelf(tmp_path / "voice")
    if not shelf.can_render:
        missing("no espeak-ng on this machine")
    return shelf


def seconds(path: Path) -> float:
    with wave.open(str(path), "rb") as sound:
        assert 1 == sound.getnchannels()
        return sound.getnframes() / sound.getframerate()


def test_a_call_is_rendered_into_clips_that_sound(shelf: ClipShelf) -> None:
    assert () == shelf.clips_of_call("B", 12, "Poli Gigi")
    assert (3, 0) == ((done := shelf.render(CALL)).made, done.kept)
    names = shelf.clips_of_call("B", 12, "Poli Gigi")
    assert [clip_name(part) for part in CALL] == list(names)
    assert all(0.3 < seconds(shelf.path_of(name)) < 4 for name in names)


def test_what_is_there_is_not_rendered_again(shelf: ClipShelf) -> None:
    shelf.render(CALL)
    before = shelf.path_of(clip_name("dua belas")).stat().st_mtime_ns
    done = shelf.render((*CALL, "tiga"))
    assert (1, 3) == (done.made, done.kept)
    assert before == shelf.path_of(clip_name("dua belas")).stat().st_mtime_ns


def test_a_room_with_another_name_is_another_clip_and_the_old_one_is_taken_away(shelf: ClipShelf) -> None:
    shelf.render(CALL)
    done = shelf.render((*CALL[:2], "ke Poli Gigi dan Mulut"), tidy=True)
    assert (1, 2, 1) == (done.made, done.kept, done.removed)
    assert () == shelf.clips_of_call("B", 12, "Poli Gigi")


def test_taking_away_leaves_what_is_no_clip(shelf: ClipShelf) -> None:
    shelf.folder.mkdir()
    (shelf.folder / "catatan.wav").write_bytes(b"x")
    shelf.render(("satu",), tidy=True)
    assert (shelf.folder / "catatan.wav").exists()


def test_half_a_call_is_not_said(shelf: ClipShelf) -> None:
    shelf.render(CALL[:2])
    assert () == shelf.clips_of_call("B", 12, "Poli Gigi")


def test_a_render_that_broke_off_leaves_no_clip(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    shelf = ClipShelf(tmp_path / "voice", program=str(broken))
    with pytest.raises(NoVoice, match="exit code 3"):
        shelf.render(CALL)
    assert [] == list(shelf.folder.iterdir())


def test_a_machine_without_espeak_says_so(tmp_path: Path, facility: Facility) -> None:
    shelf = ClipShelf(tmp_path / "voice", program="espeak-that-is-not-here")
    with pytest.raises(NoVoice, match="espeak-that-is-not-here is not on this machine"):
        shelf.render(CALL)
    assert render_in_background(shelf, facility) is None


def test_what_is_missing_is_rendered_in_the_background_and_only_then(shelf: ClipShelf, facility: Facility) -> None:
    work = render_in_background(shelf, facility)
    assert work is not None
    work.join(timeout=60)
    assert () == shelf.missing(every_part(facility))
    assert render_in_background(shelf, facility) is None


def test_the_command_renders_everything_and_the_check_is_content(
    hall: WaitingRoom, shelf: ClipShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = hall.services
    assert [("warning", True)] == [(each.level, "missing" in each.detail) for each in look_at_voice(services)]
    monkeypatch.setenv("SAPA_VOICE_FOLDER", str(services.settings.voice_folder))
    monkeypatch.setenv("SAPA_CONFIG", str(services.settings.config_path))
    ran = CliRunner().invoke(voice)
    assert 0 == ran.exit_code, ran.output
    assert "clips made" in ran.output
    assert "0 clips made" in CliRunner().invoke(voice).output
    shelf.render(every_part(services.facility))
    assert ["ok"] == [each.level for each in look_at_voice(services)]


def test_a_clip_is_served_for_good_and_asked_for_once(hall: WaitingRoom, shelf: ClipShelf) -> None:
    ClipShelf(hall.services.settings.voice_folder).render(CALL)
    client = hall.app.test_client()
    address = f"/board/voice/{clip_name('dua belas')}.wav"
    answer = client.get(address)
    assert (200, "audio/wav") == (answer.status_code, answer.content_type)
    assert answer.data[:4] == b"RIFF"
    assert answer.cache_control.immutable and answer.cache_control.max_age == 31536000
    assert 304 == client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code


@pytest.mark.parametrize("name", ["0" * 24, "..%2f..%2fsapa", "x", "sapa.db"])
def test_nothing_else_is_served_as_a_clip(hall: WaitingRoom, name: str) -> None:
    assert 404 == hall.app.test_client().get(f"/board/voice/{name}.wav").status_code
