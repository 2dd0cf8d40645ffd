"""Contacts: the phones that write to us, their addresses, what they agreed to, and the people they speak for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, bindparam, case, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed
from clinic.joining import join_contacts
from clinic.people import Person, standing_id

PROOFS = ("claimed", "matched", "staff")
"""From the weakest to the strongest; a link's proof only ever grows."""

ROLES = ("self", "child", "parent", "spouse", "other")


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
    travel_minutes: Mapped[int | None]
    """How far they live, in minutes; None until they said so."""
    travel_asked_at: Mapped[datetime | None]
    """They are asked once."""


class Address(Base):
    """One way to reach a contact: E.164 without "whatsapp:", or a WhatsApp user id when the number is hidden."""

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    """whatsapp, sms or console: what the patient sees."""
    address: Mapped[str] = mapped_column(String(80))
    last_inbound_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    """The provider said that nothing can be sent here (bad number, landline, blocked)."""
    route: Mapped[str | None] = mapped_column(String(16))
    """By which route something last came from here or surely arrived here."""
    last_delivered_at: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]


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


@dataclass(frozen=True)
class ContactView:
    """Somebody who writes to us."""

    id: int
    profile_name: str | None
    language: str
    greeted_at: datetime | None
    opted_out_at: datetime | None


@dataclass(frozen=True)
class LinkedPerson:
    """A person the contact may speak for; `birth_date` is None where only an age was said."""

    person_id: int
    name: str
    role: str
    proof: str
    birth_date: date | None


def find_or_create_contact(
    db: Session, *, channel: str, address: str, profile_name: str | None, now: datetime, same_as: str | None = None
) -> tuple[Contact, Address]:
    """The contact behind an address, made at the first message; two at once end in one.

    A phone number that already writes on another channel is the same contact; so is `same_as`, the other address that
    the provider names for the same person (a WhatsApp user's number and id).
    """
    found = _at_address(db, channel=channel, address=address)
    if found is None:
        try:
            with db.begin_nested():
                found = _new_address(db, channel=channel, address=address, now=now, same_as=same_as)
        except IntegrityError:
            found = _at_address(db, channel=channel, address=address)
            if found is None:
                raise
    contact, known = found
    if same_as and same_as != address:
        contact = _with_other_address(db, contact, channel=channel, other=same_as)
    if profile_name and contact.profile_name != profile_name[:200]:
        contact.profile_name = profile_name.replace("\x00", "")[:200]
        db.flush()
    return contact, known


def contact_of(db: Session, contact_id: int) -> ContactView | None:
    row = db.get(Contact, contact_id, populate_existing=True)
    if row is None:
        return None
    return ContactView(row.id, row.profile_name, row.language, row.greeted_at, row.opted_out_at)


def mark_greeted(db: Session, contact_id: int, *, now: datetime) -> None:
    """The contact was told who we are; the first time counts."""
    _set_contact(db, contact_id, Contact.greeted_at.is_(None), greeted_at=now)


def opt_out(db: Session, contact_id: int, *, now: datetime) -> None:
    """No more messages that the contact did not ask for; the first time counts."""
    _set_contact(db, contact_id, Contact.opted_out_at.is_(None), opted_out_at=now)


def opt_in(db: Session, contact_id: int, *, now: datetime) -> None:
    """Messages may come again."""
    _set_contact(db, contact_id, Contact.opted_out_at <= now, opted_out_at=None)


def has_opted_out(db: Session, contact_id: int) -> bool:
    return db.scalar(select(Contact.opted_out_at).where(Contact.id == contact_id)) is not None


def best_address(db: Session, contact_id: int) -> Address | None:
    """Where the contact wrote from last; None when nothing can be sent anywhere."""
    return db.scalar(
        select(Address)
        .where(Address.contact_id == contact_id, Address.blocked_at.is_(None))
        .order_by(Address.last_inbound_at.is_(None), Address.last_inbound_at.desc(), Address.id)
        .limit(1)
    )


def addresses_of(db: Session, contact_id: int) -> tuple[Address, ...]:
    """All ways to reach the contact, the blocked ones too."""
    return tuple(db.scalars(select(Address).where(Address.contact_id == contact_id).order_by(Address.id)))


def block_address(db: Session, address_id: int, *, now: datetime, tried_at: datetime | None = None) -> None:
    """The provider says that nothing arrives there; not if something came from there after that try."""
    silent = Address.last_inbound_at.is_(None) | (Address.last_inbound_at <= (tried_at or now))
    rows_changed(db, update(Address).where(Address.id == address_id, silent).values(blocked_at=now))


def link_person(db: Session, *, contact_id: int, person_id: int, role: str, proof: str, now: datetime) -> None:
    """The contact may speak for the person; a second time the stronger proof and the more telling role are kept."""
    if role not in ROLES or proof not in PROOFS:
        raise ValueError(f"no such role or proof: {role} {proof}")
    person_id = standing_id(db, person_id)
    active = _active_link(db, contact_id=contact_id, person_id=person_id)
    if active is None:
        try:
            with db.begin_nested():
                db.add(PersonLink(contact_id=contact_id, person_id=person_id, role=role, proof=proof, linked_at=now))
            return
        except IntegrityError:
            active = _active_link(db, contact_id=contact_id, person_id=person_id)
    if active is not None and PROOFS.index(proof) >= PROOFS.index(active.proof):
        active.proof, active.role = proof, active.role if role == "other" else role
        db.flush()


def unlink_person(db: Session, *, contact_id: int, person_id: int, now: datetime) -> bool:
    """The contact no longer speaks for the person; False when it did not."""
    statement = (
        update(PersonLink)
        .where(
            PersonLink.contact_id == contact_id,
            PersonLink.person_id == person_id,
            PersonLink.unlinked_at.is_(None),
        )
        .values(unlinked_at=now)
    )
    db.flush()
    return rows_changed(db, statement) > 0


def people_of(db: Session, contact_id: int) -> tuple[LinkedPerson, ...]:
    """Whom the contact may speak for: the owner of the phone first, then by the order of linking."""
    rows = db.execute(
        select(PersonLink, Person)
        .join(Person, Person.id == PersonLink.person_id)
        .where(PersonLink.contact_id == contact_id, PersonLink.unlinked_at.is_(None))
        .order_by(PersonLink.role != "self", PersonLink.id)
    )
    return tuple(
        LinkedPerson(person.id, person.name, link.role, link.proof, person.known_birth_date) for link, person in rows
    )


def contacts_of(db: Session, person_id: int) -> tuple[int, ...]:
    """Who may be written to about the person: best proof first, nobody who said stop."""
    strength = case({proof: rank for rank, proof in enumerate(PROOFS)}, value=PersonLink.proof)
    rows = db.scalars(
        select(PersonLink.contact_id)
        .join(Contact, Contact.id == PersonLink.contact_id)
        .where(
            PersonLink.person_id == person_id,
            PersonLink.unlinked_at.is_(None),
            Contact.opted_out_at.is_(None),
        )
        .order_by(strength.desc(), PersonLink.linked_at.desc(), PersonLink.id)
    )
    return tuple(rows)


# Built once: a webhook waits for these, and building them anew costs more than running them.
_HERE = Address.address == bindparam("address")
_BOTH = select(Contact, Address).join(Address, Address.contact_id == Contact.id)
_AT_ADDRESS = _BOTH.where(Address.channel == bindparam("channel"), _HERE)
_SAME_PHONE = _BOTH.with_only_columns(Contact).where(Address.channel.in_(("whatsapp", "sms")), _HERE).limit(1)


def _at_address(db: Session, *, channel: str, address: str) -> tuple[Contact, Address] | None:
    row = db.execute(_AT_ADDRESS, {"channel": channel, "address": address}).first()
    return None if row is None else (row[0], row[1])


def _new_address(
    db: Session, *, channel: str, address: str, now: datetime, same_as: str | None
) -> tuple[Contact, Address]:
    other = _at_address(db, channel=channel, address=same_as) if same_as else None
    contact = _same_phone(db, address) or (other[0] if other else _same_phone(db, same_as or ""))
    if contact is None:
        contact = Contact(language="id", created_at=now)
        db.add(contact)
        db.flush()
    known = Address(contact_id=contact.id, channel=channel, address=address)
    db.add(known)
    db.flush()
    return contact, known


def _with_other_address(db: Session, contact: Contact, *, channel: str, other: str) -> Contact:
    """Put the other address behind the same contact; two contacts that turn out to be one become one."""
    row = {"contact_id": contact.id, "channel": channel, "address": other}
    db.execute(insert_into(db, Address).values(**row).on_conflict_do_nothing())
    found = _at_address(db, channel=channel, address=other)
    if found is None or found[0].id == contact.id:
        return contact
    keep, gone = sorted((contact.id, found[0].id))
    kept = db.get(Contact, keep, populate_existing=True) if join_contacts(db, keep=keep, gone=gone) else None
    return kept or contact


def _same_phone(db: Session, address: str) -> Contact | None:
    if not address.startswith("+"):
        return None
    return db.scalar(_SAME_PHONE, {"address": address})


def _active_link(db: Session, *, contact_id: int, person_id: int) -> PersonLink | None:
    return db.scalar(
        select(PersonLink).where(
            PersonLink.contact_id == contact_id,
            PersonLink.person_id == person_id,
            PersonLink.unlinked_at.is_(None),
        )
    )


def _set_contact(db: Session, contact_id: int, condition: ColumnElement[bool], **values: datetime | None) -> None:
    db.flush()
    rows_changed(db, update(Contact).where(Contact.id == contact_id, condition).values(**values))
