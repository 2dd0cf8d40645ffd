"""Table: what a run came to, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Sequence

from tests.chaos.compare import Count, Happened, Verdict

Row = tuple[object, ...]
SHOWN = 5


def tables(happened: Happened, verdict: Verdict) -> list[tuple[Row, list[Row]]]:
    """(heading, rows): the promises, then the faults."""
    return [(PROMISES, _promises(happened, verdict)), (FAULTS, _faults(verdict))]


PROMISES = ("what", "count", "lost", "doubled", "made double by the provider", "wrong order")
FAULTS = ("what the provider did", "sends that met it", "lost", "doubled")


def _promises(happened: Happened, verdict: Verdict) -> list[Row]:
    met = sum(count for count, _, _ in verdict.faults.values())
    told = sum(callback.answered == 200 for callback in happened.callbacks)
    refused = verdict.refused.values()
    rows: list[Row] = [
        _row("messages written by patients", verdict.inbound),
        _row("replies", verdict.replies),
        _row("reminders", verdict.reminders),
        (
            "messages to phones that take none",
            sum(count.wanted for count in refused),
            sum(len(count.lost) for count in refused),
            sum(len(count.doubled) for count in refused),
            "",
            "",
        ),
    ]
    figures = {
        "SIGKILL to the web": happened.kills.get("web", 0),
        "SIGKILL to workers": sum(count for name, count in happened.kills.items() if name != "web"),
        "sends that met a fault": met,
        "statuses told and confirmed": told,
        "statuses told in vain, the web being dead": len(happened.callbacks) - told,
        "statuses gone backwards": len(verdict.backwards),
        "statuses confirmed and forgotten": len(verdict.forgotten),
        "statuses too early for us, to be asked for": verdict.asked_later,
        "at the provider and unknown to us": len(verdict.unknown_to_us),
        "not settled in the end": len(verdict.unsettled),
        "failures of which we were never told": sum(count.untold for count in refused),
        "messages confirmed after more than 15 s": verdict.late,
        "the slowest confirmation, in s": round(verdict.slowest),
    }
    return [*rows, *((name, figure, "", "", "", "") for name, figure in figures.items())]


def _row(name: str, count: Count) -> Row:
    order = len(count.wrong_order)
    return name, count.wanted, len(count.lost), len(count.doubled), count.by_provider, order


def _faults(verdict: Verdict) -> list[Row]:
    return [(name, *figures) for name, figures in verdict.faults.items()]


def plain(heading: Row, rows: Sequence[Row]) -> str:
    """Columns for a terminal."""
    cells = [[str(cell) for cell in row] for row in (heading, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(heading))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def markdown(heading: Row, rows: Sequence[Row]) -> str:
    """The same for a page."""
    lines = [heading, ("---", *("--:" for _ in heading[1:])), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in lines)


def details(verdict: Verdict) -> str:
    """Which ones, for whoever has to find out why; the numbers are invented."""
    lists: dict[str, Sequence[object]] = {
        "unknown to us": verdict.unknown_to_us,
        "not settled": verdict.unsettled,
        "backwards": verdict.backwards,
        "forgotten": verdict.forgotten,
    }
    named = {"inbound": verdict.inbound, "replies": verdict.replies, "reminders": verdict.reminders}
    named |= {f"code {code}": count for code, count in verdict.refused.items()}
    for name, count in named.items():
        for what in ("lost", "doubled", "other", "wrong_order"):
            lists[f"{name} {what}"] = getattr(count, what)
    return "\n".join(
        f"{name}: {len(found)}, such as {', '.join(str(one) for one in found[:SHOWN])}"
        for name, found in lists.items()
        if found
    )
