"""Contacts: the phones that write to us, their addresses, what they agreed to, and the people they speak for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base


class Contact(Base):
    """Somebody who writes to us. A phone is not a person: a contact may speak for several people."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    profile_name: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8), default="id")
    created_at: Mapped[datetime]
    greeted_at: Mapped[datetime | None]
    """When the contact was told who we are and how to stop; None until the first reply."""
    opted_out_at: Mapped[datetime | None]


class Address(Base):
    """One way to reach a contact: E.164 without "whatsapp:", or a WhatsApp user id when the number is hidden."""

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    """whatsapp, sms or console."""
    address: Mapped[str] = mapped_column(String(80))
    last_inbound_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    """The provider said that nothing can be sent here (bad number, landline, blocked)."""


class PersonLink(Base):
    """This contact may speak for this person."""

    __tablename__ = "person_link"
    __table_args__ = (
        Index(
            "uq_person_link_active",
            "contact_id",
            "person_id",
            unique=True,
            sqlite_where=text("unlinked_at IS NULL"),
            postgresql_where=text("unlinked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    """self, child, parent, spouse or other: what the person is to the owner of the phone."""
    proof: Mapped[str] = mapped_column(String(16))
    """claimed (said so in chat), matched (gave the birth date on record) or staff (seen at the counter)."""
    linked_at: Mapped[datetime]
    unlinked_at: Mapped[datetime | None]
