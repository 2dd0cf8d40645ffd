"""The desk: everything the dialog may ask of the clinic, for one contact, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from clinic import (
    cases,
    contacts,
    conversations,
    membership,
    people,
    programmes,
    queue,
    queue_estimate,
    queue_moving,
    queue_sessions,
    registering,
)
from clinic.cases import CaseView
from clinic.contacts import LinkedPerson
from clinic.facility import Facility
from clinic.facility import Session as PartOfDay
from clinic.identity import IdentityKeeper
from clinic.membership import MembershipView
from clinic.programmes import ReminderView
from clinic.queue import BoardRow, Position, SessionRoom, Ticket
from clinic.queue_estimate import Estimate
from clinic.queue_sessions import ChangeView
from clinic.registering import Registered


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

    def keep_birth_date(self, person_id: int, birth_date: date | None, *, is_exact: bool = True) -> None:
        """What was said of a newcomer of this phone, or None to take it back; of anybody else nothing is changed."""
        registering.keep_birth_date(
            self.db, contact_id=self.contact_id, person_id=person_id, birth_date=birth_date, is_exact=is_exact
        )

    def keep_number(self, person_id: int, number: str, *, ticket_id: int, typed: date | None) -> Registered:
        """A newcomer's NIK or card number; whoever has it already stays unnamed (see clinic.registering)."""
        return registering.keep_number(
            self.db,
            contact_id=self.contact_id,
            person_id=person_id,
            entry_id=ticket_id,
            number=number,
            typed=typed,
            facility=self.facility,
            keeper=self.keeper,
            now=self.now,
        )

    def forget_number(self, person_id: int) -> None:
        """Take a newcomer's NIK or card number back."""
        registering.forget_number(self.db, contact_id=self.contact_id, person_id=person_id)

    def was_asked_travel(self) -> bool:
        """Whether this phone was asked how far they live."""
        return registering.was_asked_travel(self.db, self.contact_id)

    def note_travel_asked(self) -> None:
        """They are asked with this reply, and never again."""
        registering.note_travel_asked(self.db, self.contact_id, now=self.now)

    def keep_travel(self, minutes: int | None) -> None:
        """How many minutes they are away; None takes it back."""
        registering.keep_travel(self.db, self.contact_id, minutes)

    def seal(self, number: str) -> str:
        """A NIK or card number as it may be kept while a question is open."""
        return self.keeper.encrypt(number)

    def unseal(self, sealed: str) -> str:
        """The number that was sealed; raises CannotDecrypt when the secret key has changed."""
        return self.keeper.decrypt(sealed)

    def number_key(self, number: str) -> str:
        """What to keep of a NIK or card number: a keyed hash, from which nobody gets the number back."""
        return self.keeper.hash(number)

    def find_member(self, number_key: str, birth_date: date, *, role: str | None = None) -> LinkedPerson | None:
        """Who has this number and this birth date, linked from now on; None when either does not fit.

        `role` is what they are said to be; where nothing was said the first one is the owner of the phone.
        """
        found = people.find_by_number_key(self.db, number_key, keeper=self.keeper)
        if found is None or found.known_birth_date is None or found.known_birth_date != birth_date:
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

    def open_sessions(self, poli: str, day: date) -> tuple[PartOfDay, ...]:
        """The poli's sessions of that day, without those that staff closed for once."""
        return queue_sessions.open_sessions(self.db, self.facility, poli, day)

    def change_of(self, poli: str, day: date, session: str) -> ChangeView | None:
        """What staff changed about that session for once; None when it is as ever."""
        changes = queue_sessions.changes_on(self.db, [day], poli=poli)
        return queue_sessions.change_of(changes, poli=poli, day=day, session=session)

    def board_row(self, poli: str) -> BoardRow | None:
        """The poli's number now and how many wait, as the board shows it; None for a poli that is not here."""
        rows = queue.now_serving(self.db, self.facility, self.facility.today(self.now))
        return next((row for row in rows if row.poli == poli), None)

    def take_number(self, *, poli: str, day: date, session: str, person_id: int) -> Ticket:
        """The next number, or the one the person holds or gave back a moment ago; raises QueueRefused."""
        return queue_moving.take_or_take_back(
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

    def skipped(self) -> tuple[Ticket, ...]:
        """Today's numbers that were called while nobody came, of everybody this contact speaks for."""
        today = self.facility.today(self.now)
        return queue.skipped_of(self.db, self.contact_id, facility=self.facility, day=today)

    def position(self, ticket: Ticket) -> Position:
        """Who is served now and how many wait before this number."""
        return queue.position(self.db, ticket, facility=self.facility)

    def estimate(self, ticket: Ticket) -> Estimate | None:
        """When this number will be called; None when no honest range can be said."""
        return queue_estimate.estimate_for(self.db, self.facility, entry_id=ticket.id, now=self.now)

    def cancel(self, ticket_id: int) -> Ticket | None:
        """Give a number back; None when it was called, gone, or is not this contact's."""
        if all(ticket.id != ticket_id for ticket in self.tickets()):
            return None
        actor = f"contact:{self.contact_id}"
        return queue.cancel_number(self.db, ticket_id, facility=self.facility, now=self.now, actor=actor)

    def move(self, ticket_id: int, *, day: date, session: str) -> Ticket | None:
        """The number for another day or session, the old one given back; None when it is not this contact's to move.

        Raises QueueRefused, and then the old number stands as before.
        """
        if all(ticket.id != ticket_id for ticket in self.tickets()):
            return None
        return queue_moving.move_number(
            self.db,
            ticket_id,
            facility=self.facility,
            day=day,
            session=session,
            contact_id=self.contact_id,
            via=self.channel,
            now=self.now,
        )

    def move_back(self, *, old_id: int, new_id: int) -> Ticket | None:
        """Undo a move: the old number again, the new one given up; None when that cannot be, and the new one stays."""
        if all(ticket.id != new_id for ticket in self.tickets()):
            return None
        return queue_moving.move_back(self.db, old_id=old_id, new_id=new_id, facility=self.facility, now=self.now)

    def restore(self, ticket_id: int) -> Ticket | None:
        """Take a cancel back; None when the place is taken meanwhile, or it is nobody's of this contact."""
        if queue.holder_of(self.db, ticket_id) not in {each.person_id for each in self.people()}:
            return None
        actor = f"contact:{self.contact_id}"
        return queue.restore_number(self.db, ticket_id, facility=self.facility, now=self.now, actor=actor)

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
