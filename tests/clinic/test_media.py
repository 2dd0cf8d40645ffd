"""Files of staff, and what a file really is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.simulator.samples import sample_photo, sample_voice
from clinic.database import Database
from clinic.inbound import receive
from clinic.media import LARGEST, attachment_of, delete_old_files, file_of, keep_file, kind_of


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(sample_photo(), "image/png", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0JFIF", "image/jpeg", id="JPEG"),
        pytest.param(b"%PDF-1.7", "application/pdf", id="PDF"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", id="a sticker"),
        pytest.param(sample_voice(), "audio/ogg", id="a voice note"),
        pytest.param(b"\0\0\0\x20ftypM4A ", "audio/mp4", id="an iPhone's sound"),
        pytest.param(b"\0\0\0\x20ftypisom", "video/mp4", id="a film"),
        pytest.param(b"<svg xmlns=", None, id="a picture that holds a script"),
        pytest.param(b"<html>", None, id="a page"),
        pytest.param(b"MZ\x90\0", None, id="a program"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(data: bytes, kind: str | None) -> None:
    assert kind == kind_of(data)


def test_a_file_is_kept_once_and_deleted_after_a_month(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for data in (sample_photo(), b"\xff\xd8\xff other"):
            keep_file(db, name="a" * 32, data=data, staff_id=None, now=now)
        kept = file_of(db, "a" * 32)
        early, late = (delete_old_files(db, now=now + timedelta(days=days)) for days in (29, 31))
        gone = file_of(db, "a" * 32)

    assert kept is not None
    assert ("image/png", sample_photo()) == (kept.kind, kept.data)
    assert (0, 1, None) == (early, late, gone)


@pytest.mark.parametrize(
    "data", [b"<svg", b"\xff\xd8\xff" + b"x" * LARGEST, sample_voice()], ids=["svg", "big", "sound"]
)
def test_what_cannot_be_sent_is_not_kept(database: Database, now: datetime, data: bytes) -> None:
    with database.transaction() as db, pytest.raises(ValueError, match="photo or PDF"):
        keep_file(db, name="x", data=data, staff_id=None, now=now)


def test_an_attachment_is_found_by_its_place(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        media = [{"url": "a", "type": "image/jpeg"}, {"url": "b", "type": "audio/ogg"}]
        got = receive(db, provider_id="SM1", channel="whatsapp", address="+628120", text="", media=media, now=now)
        found = [attachment_of(db, got.inbound_id, number) for number in (0, 1, 2, -1)]

    assert ["a", "b", None, None] == [each and each.url for each in found]
