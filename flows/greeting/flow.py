"""A greeting: greets back and shows the menu in the same message."""

from __future__ import annotations

from flows.dialog import Ask, Flow, Say, Switch, Turn
from flows.menu.flow import MAIN_CHOICES, read_menu_choice, switch_to

flow = Flow("greeting", intents=("greet",), is_answer=True)


@flow.step
def greet(turn: Turn) -> Ask | Say:
    if turn.slot("during"):
        return Say("greeting.again")
    return Ask("greeting.hello", parse=read_menu_choice, slot="wish", then="chosen", choices=MAIN_CHOICES)


@flow.step
def chosen(turn: Turn) -> Switch:
    return switch_to(turn.slot("wish"))
