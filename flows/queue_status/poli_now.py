"""The number now of a poli, for somebody who holds none there."""

from __future__ import annotations

from flows.dialog import Ask, Turn
from flows.readers import read_yes_no


def poli_now(turn: Turn, poli: str) -> Ask:
    """Which number is called and how many wait, and the offer of a number; or that it is closed today."""
    row = turn.desk.board_row(poli)
    found = turn.facility.poli(poli)
    values = {"poli": found.name if found is not None else poli}
    clock = turn.now.astimezone(turn.facility.zone).time()
    today = turn.desk.open_sessions(poli, turn.today)
    is_held = any(session.closes > clock for session in today)
    if row is None or not (is_held or row.waiting or row.serving_code):
        return _offer("queue_status.poli_over" if today else "queue_status.poli_closed", values)
    values |= {"sisa": str(row.waiting)}
    if row.serving_code is None:
        return _offer("queue_status.poli_not_begun", values)
    return _offer("queue_status.poli_now", values | {"sekarang": row.serving_code})


def _offer(reply: str, values: dict[str, str]) -> Ask:
    return Ask(reply, parse=read_yes_no, slot="book", then="offered", values=values)
