"""Says what became of the complaints of this phone."""

from __future__ import annotations

from clinic.cases import CaseView
from flows.dialog import Flow, Say, Turn, Unclear
from flows.opening import open_day_from
from flows.readers import read_case_code
from flows.words import say_day

MOST_CODES = 3

flow = Flow("complaint_status", intents=("complaint_status",), is_answer=True)


@flow.step
def status(turn: Turn) -> Say:
    """The complaint that was named, else the newest one that is not settled, else the newest."""
    complaints = [case for case in turn.desk.cases() if case.kind == "complaint"]
    if not complaints:
        return Say("complaint_status.none")
    named = [case for case in complaints if case.code == _code_in(turn)]
    unsettled = [case for case in complaints if case.state != "closed"]
    if not named and len(unsettled) > 1:
        codes = ", ".join(case.code for case in unsettled[:MOST_CODES])
        return Say("complaint_status.several", {"keluhan": codes, "satu": unsettled[0].code})
    case = (named or unsettled or complaints)[0]
    return _say_one(turn, case)


def _say_one(turn: Turn, case: CaseView) -> Say:
    if case.state == "closed":
        return Say("complaint_status.closed", {"keluhan": case.code})
    due = open_day_from(turn.facility, turn.facility.today(case.due_at))
    if due < turn.today:
        return Say("complaint_status.late", {"keluhan": case.code})
    values = {"keluhan": case.code, "hari": say_day(due, today=turn.today)}
    return Say("complaint_status.taken" if case.state == "taken" else "complaint_status.open", values)


def _code_in(turn: Turn) -> str | None:
    try:
        return read_case_code(turn.heard)
    except Unclear:
        return None
