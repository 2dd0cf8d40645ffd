"""Media: the files that staff send along with a reply, kept for a few days so that the provider can fetch them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed
from clinic.inbound_table import InboundMessage

LARGEST = 5 * 1024 * 1024
"""WhatsApp takes images up to 5 MB."""
KEPT_FOR = timedelta(days=30)
KINDS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
"""What may be sent, and how such a file's name ends."""
BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
)


class MediaFile(Base):
    """One file of ours. `name` is drawn at random: nobody finds it by counting."""

    __tablename__ = "media_file"
    __table_args__ = (Index("ix_media_file_created", "created_at"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    """Its content type, as its first bytes say."""
    data: Mapped[bytes] = mapped_column(LargeBinary)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class FileView:
    """A file and what it is."""

    kind: str
    data: bytes

    @property
    def ending(self) -> str:
        return KINDS.get(self.kind, "bin")


@dataclass(frozen=True)
class Attachment:
    """One picture or sound that came with a message: where the provider keeps it, and what it says it is."""

    url: str
    kind: str


def kind_of(data: bytes) -> str | None:
    """The content type that the first bytes of a file speak of; None for what we do not know."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return "audio/mp4" if data[8:11] == b"M4A" else "video/mp4"
    return next((kind for beginning, kind in BEGINNINGS if data.startswith(beginning)), None)


def keep_file(db: Session, *, name: str, data: bytes, staff_id: int | None, now: datetime) -> None:
    """Keep a file under a name that was drawn at random; the same name a second time changes nothing.

    Raises ValueError for what is too large or is none of KINDS.
    """
    kind = kind_of(data)
    if kind not in KINDS or len(data) > LARGEST:
        raise ValueError("not a photo or PDF of at most 5 MB")
    row = {"name": name, "kind": kind, "data": data, "staff_id": staff_id, "created_at": now}
    db.execute(insert_into(db, MediaFile).values(**row).on_conflict_do_nothing(index_elements=["name"]))


def file_of(db: Session, name: str) -> FileView | None:
    row = db.get(MediaFile, name)
    return None if row is None else FileView(row.kind, row.data)


def delete_old_files(db: Session, *, now: datetime, kept_for: timedelta = KEPT_FOR) -> int:
    """Delete what nobody fetches any more; the count of files."""
    return rows_changed(db, delete(MediaFile).where(MediaFile.created_at < now - kept_for))


def attachment_of(db: Session, inbound_id: int, number: int) -> Attachment | None:
    """The picture or sound of a patient's message with this number, counted from 0."""
    media = db.scalar(select(InboundMessage.media).where(InboundMessage.id == inbound_id)) or []
    if not 0 <= number < len(media):
        return None
    item = media[number]
    return Attachment(url=str(item.get("url", "")), kind=str(item.get("type", "")))
