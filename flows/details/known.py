"""Details, what is known: of whom they are, and what was said so far, from the slots."""

from __future__ import annotations

from datetime import date

from clinic.contacts import LinkedPerson
from clinic.people import nik_birth_date
from clinic.queue import Ticket
from flows.dialog import Go, Turn
from flows.newcomers import kept_born, say_age, say_born
from flows.words import first_name
from nlu.births import Born, date_in


def person_of(turn: Turn) -> LinkedPerson | None:
    return next((each for each in turn.desk.people() if str(each.person_id) == turn.slot("person")), None)


def ticket_of(turn: Turn) -> Ticket | None:
    return next((each for each in turn.desk.tickets() if str(each.id) == turn.slot("ticket")), None)


def called(turn: Turn) -> dict[str, str]:
    person = person_of(turn)
    return {"nama": first_name(person.name) if person is not None else ""}


def born_of(turn: Turn) -> Born | None:
    """The birth date as it was said, its year asked for or not."""
    said = kept_born(turn.slot("born"))
    if said.day_and_month is None:
        return said.born
    born = born_with_year(turn)
    return born if isinstance(born, Born) else None


def born_with_year(turn: Turn) -> Born | str | None:
    day_and_month, year = kept_born(turn.slot("born")).day_and_month, turn.slot("year") or ""
    if day_and_month is None or not year.isdigit():
        return None
    return date_in(int(year), day_and_month[1], day_and_month[0], today=turn.today)


def keep_birth_date(turn: Turn, born: Born | None) -> None:
    turn.desk.keep_birth_date(
        int(turn.slots["person"]), None if born is None else born.day, is_exact=born is None or born.is_exact
    )


def birth_date_inside(turn: Turn) -> date | None:
    return nik_birth_date(turn.desk.unseal(turn.slots["sealed"]), century_of=turn.today)


def label_of(turn: Turn, born: Born) -> str:
    return f"Lahir {say_born(born.day)}" if born.is_exact else f"Umur {say_age(born.day, today=turn.today)}"


def asked_again(turn: Turn, step: str, slot: str, why: str, **said: str) -> Go:
    """The same question with the reason; a second answer that will not do is let go."""
    if turn.slot("wrong"):
        return Go("let_go")
    return Go(step, {slot: "", "wrong": why, **said})
