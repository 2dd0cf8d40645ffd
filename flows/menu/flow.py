"""The menu: four things by digit, the rest one digit further."""

from __future__ import annotations

from flows.dialog import Ask, Choice, Flow, Go, Heard, Result, Say, Switch, Turn
from flows.readers import read_choice, reader

MORE = "more"
MAIN_CHOICES = (
    Choice("book_queue", "Ambil antrian"),
    Choice("queue_status", "Cek antrian"),
    Choice("membership_status", "Cek BPJS"),
    Choice(MORE, "Lainnya"),
)
MORE_CHOICES = (
    Choice("file_complaint", "Keluhan"),
    Choice("doctor_schedule", "Jadwal dokter"),
    Choice("vaccination_info", "Imunisasi"),
    Choice("facility_info", "Jam buka"),
)
COURTESIES = {"greet": "greeting", "thanks": "thanks", "goodbye": "goodbye", "help_menu": "menu"}

flow = Flow("menu", intents=("help_menu",), is_answer=True)


@reader
def read_menu_choice(heard: Heard) -> str:
    """The flow of a choice; who greets or thanks instead of choosing gets an answer in kind."""
    understanding = heard.understanding
    if understanding.by == "none" or heard.keyword == "digit" or understanding.intent not in COURTESIES:
        return read_choice(heard)
    return COURTESIES[understanding.intent]


def switch_to(choice: str | None) -> Switch:
    """The flow behind a choice of the menu, its second page included."""
    if choice is None or choice == MORE:
        return Switch("menu", {"page": MORE})
    return Switch(choice)


@flow.step
def main(turn: Turn) -> Result:
    if turn.slot("page") == MORE:
        return Go("more")
    if turn.slot("during"):
        return Say("menu.way_out")
    return Ask("menu.main", parse=read_menu_choice, slot="wish", then="chosen", choices=MAIN_CHOICES)


@flow.step
def more(turn: Turn) -> Ask:
    return Ask("menu.more", parse=read_menu_choice, slot="wish", then="chosen", choices=MORE_CHOICES)


@flow.step
def chosen(turn: Turn) -> Switch:
    return switch_to(turn.slot("wish"))
