"""The desk: everything the dialog may ask of the clinic, for one contact, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from clinic import cases, contacts, conversations, membership, people, programmes, queue
from clinic.cases import CaseView
from clinic.contacts import LinkedPerson
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.membership import MembershipView
from clinic.programmes import ReminderView
from clinic.queue import Position, SessionRoom, Ticket


@dataclass(frozen=True)
class Desk:
    """What a step of a flow asks and does. Nothing is committed here: the turn does that, with the reply."""

    db: Session
    facility: Facility
    keeper: IdentityKeeper
    contact_id: int
    channel: str
    now: datetime

    def people(self) -> tuple[LinkedPerson, ...]:
        """Whom this contact speaks for, the owner of the phone first."""
        return contacts.people_of(self.db, self.contact_id)

    def add_person(self, *, name: str, role: str, birth_date: date | None = None) -> LinkedPerson:
        """A person this contact says they speak for; nobody is merged with anybody."""
        person = people.add_person(self.db, name=name, birth_date=birth_date, keeper=self.keeper, now=self.now)
        contacts.link_person(
            self.db, contact_id=self.contact_id, person_id=person.id, role=role, proof="claimed", now=self.now
        )
        return LinkedPerson(person.id, person.name, role, "claimed", birth_date)

    def confirm_birth_date(self, person_id: int, birth_date: date) -> bool:
        """Whether the record has this birth date; if so the contact has proved to know the person."""
        link = next((each for each in self.people() if each.person_id == person_id), None)
        if link is None or link.birth_date is None or link.birth_date != birth_date:
            return False
        contacts.link_person(
            self.db, contact_id=self.contact_id, person_id=person_id, role=link.role, proof="matched", now=self.now
        )
        return True

    def number_key(self, number: str) -> str:
        """What to keep of a NIK or card number: a keyed hash, from which nobody gets the number back."""
        return self.keeper.hash(number)

    def find_member(self, number_key: str, birth_date: date, *, role: str | None = None) -> LinkedPerson | None:
        """Who has this number and this birth date, linked from now on; None when either does not fit.

        `role` is what they are said to be; where nothing was said the first one is the owner of the phone.
        """
        found = people.find_by_number_key(self.db, number_key, keeper=self.keeper)
        if found is None or found.birth_date is None or found.birth_date != birth_date:
            return None
        others = [each for each in self.people() if each.person_id != found.id]
        role = role or ("other" if others else "self")
        if role == "self" and any(each.role == "self" for each in others):
            role = "other"
        contacts.link_person(
            self.db, contact_id=self.contact_id, person_id=found.id, role=role, proof="matched", now=self.now
        )
        return next(each for each in self.people() if each.person_id == found.id)

    def membership(self, person_id: int) -> MembershipView | None:
        """What the register says of a person this contact speaks for; of anybody else nothing."""
        if all(each.person_id != person_id for each in self.people()):
            return None
        return membership.membership_of(self.db, person_id)

    def rooms_with_space(self, poli: str, *, from_day: date, limit: int = 6) -> tuple[SessionRoom, ...]:
        """The next sessions with places."""
        return queue.rooms_with_space(self.db, self.facility, poli, from_day=from_day, limit=limit, now=self.now)

    def take_number(self, *, poli: str, day: date, session: str, person_id: int) -> Ticket:
        """The next number, or the one the person holds; raises QueueRefused."""
        return queue.take_number(
            self.db,
            facility=self.facility,
            poli=poli,
            day=day,
            session=session,
            person_id=person_id,
            contact_id=self.contact_id,
            via=self.channel,
            now=self.now,
        )

    def tickets(self) -> tuple[Ticket, ...]:
        """Live numbers of everybody this contact speaks for, from today on."""
        today = self.facility.today(self.now)
        return queue.tickets_of(self.db, self.contact_id, facility=self.facility, from_day=today)

    def position(self, ticket: Ticket) -> Position:
        """Who is served now and how many wait before this number."""
        return queue.position(self.db, ticket, facility=self.facility)

    def cancel(self, ticket_id: int) -> Ticket | None:
        """Give a number back; None when it was called, gone, or is not this contact's."""
        if all(ticket.id != ticket_id for ticket in self.tickets()):
            return None
        return queue.cancel_number(self.db, ticket_id, facility=self.facility, now=self.now)

    def restore(self, ticket_id: int) -> Ticket | None:
        """Take a cancel back; None when the place is taken meanwhile, or it is nobody's of this contact."""
        if queue.holder_of(self.db, ticket_id) not in {each.person_id for each in self.people()}:
            return None
        return queue.restore_number(self.db, ticket_id, facility=self.facility, now=self.now)

    def open_case(self, *, kind: str, topic: str | None, text: str, urgent: bool = False) -> CaseView:
        """Something for staff to look at."""
        return cases.open_case(
            self.db,
            kind=kind,
            topic=topic,
            text=text,
            contact_id=self.contact_id,
            urgent=urgent,
            now=self.now,
            due_hours=self.facility.limits.due_hours.of(kind),
        )

    def cases(self) -> tuple[CaseView, ...]:
        """This contact's cases, the newest first."""
        return cases.cases_of(self.db, self.contact_id)

    def hand_to_staff(self) -> None:
        """The bot is silent until staff close the case, or for as long as the facility's file says."""
        until = self.now + timedelta(hours=self.facility.limits.silent_hours)
        conversations.hand_to_staff(self.db, self.contact_id, until=until)

    def stop_messages(self) -> None:
        """No more messages that were not asked for."""
        contacts.opt_out(self.db, self.contact_id, now=self.now)

    def start_messages(self) -> None:
        """Messages may come again."""
        contacts.opt_in(self.db, self.contact_id, now=self.now)

    def unlink(self, person_id: int) -> None:
        """This phone does not speak for that person: a name that was given by mistake."""
        contacts.unlink_person(self.db, contact_id=self.contact_id, person_id=person_id, now=self.now)

    def unlink_all(self) -> None:
        """BUKAN SAYA: this phone speaks for nobody any more."""
        for person in self.people():
            contacts.unlink_person(self.db, contact_id=self.contact_id, person_id=person.person_id, now=self.now)

    def last_reminder(self) -> ReminderView | None:
        """The newest reminder that waits for this contact's answer."""
        return programmes.last_open_reminder(self.db, self.contact_id, now=self.now)

    def answer_reminder(self, reminder_id: int, answer: str) -> None:
        """Keep the answer: coming, other_day, done or stop."""
        programmes.answer_reminder(self.db, reminder_id, answer, now=self.now)
