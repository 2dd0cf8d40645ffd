"""Evaluation page: one HTML page that shows an evaluation's pictures and says the same in tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from nlu.evaluate import Answer
from nlu.evaluation_danger import DangerReading, DangerScore
from nlu.evaluation_figures import Band, Figures, Reader, pictures_of

STYLE = """
:root { color-scheme: light; --ink: #222; --faint: #ddd; --soft: #f5f5f5; --blue: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
p { max-width: 45rem; margin: .5rem 0; } a { color: var(--blue); }
.key { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .5rem; margin: 1rem 0;
  padding: 0; }
.key li { list-style: none; background: var(--soft); border-radius: .5rem; padding: .6rem .8rem; }
.key b { display: block; font-size: 1.5rem; line-height: 1.3; }
.wide { overflow-x: auto; }
img { display: block; width: 100%; height: auto; max-width: 60rem; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--faint); }
th { white-space: nowrap; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.t { min-width: 11rem; max-width: 34rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) { .wide img { width: 44rem; max-width: none; } table { font-size: .8rem; }
  th { white-space: normal; } th, td { padding-right: .5rem; } }
"""
WHAT_IS_DONE = {
    "act": "followed at once",
    "confirm": "asked first whether this is meant",
    "offer": "the likeliest wishes and a person are offered",
    "nothing": "said not to be understood",
}
CAPTIONS = {
    "reliability": "The model's share of right readings against its confidence",
    "robustness": "Shares of right readings as more words are misspelt",
    "intents": "Precision and recall of every intent",
    "confusion": "Matrix of what was taken for what",
}
MESSAGE = "message"
Cell = str | int | float | None


def page(figures: Figures, *, worst: Sequence[Answer] = (), danger: Sequence[DangerReading] = ()) -> str:
    """The whole page, the same for the same arguments. Texts of messages stand only in `worst` and `danger`."""
    has_intents = figures.report.total > 0
    parts = [
        _head(figures),
        _danger(figures.danger, danger) if figures.danger is not None else "",
        *(_intent_parts(figures) if has_intents else ()),
        _robustness(figures),
        *(_matrix_parts(figures) if has_intents else ()),
        _worst(worst) if worst else "",
    ]
    title = escape(f"Sapa reads {figures.setting.name}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n" + "\n".join(filter(None, parts)) + "\n"
        "</body>\n</html>\n"
    )


def _head(figures: Figures) -> str:
    setting = figures.setting
    spelled = f", {setting.misspelt:.0%} of the words misspelt" if setting.misspelt else ""
    read = f"{setting.name}{spelled}, model {setting.model}, as of {setting.day}."
    accepted = "Accepted second readings count as right."
    return f"<h1>How well Sapa reads</h1>\n<p>{escape(read)} {accepted}</p>\n{_key_figures(figures)}"


def _key_figures(figures: Figures) -> str:
    shown: list[tuple[str, str]] = []
    if figures.report.total:
        shown += [
            (str(figures.report.total), "messages"),
            (_number(figures.report.accuracy), "read rightly"),
            (_number(figures.report.macro_f1), "macro-F1"),
            (_number(figures.reliability.calibration_error), "expected calibration error"),
        ]
    if figures.out_of_scope is not None:
        shown.append((_number(figures.out_of_scope.left_alone), "of what is out of scope left alone"))
    if figures.danger is not None:
        shown.append((f"{figures.danger.noticed} of {figures.danger.signs}", "danger signs noticed"))
        shown.append((f"{figures.danger.false_alarms} of {figures.danger.look_alikes}", "look-alikes alarmed"))
    return '<ul class="key">' + "".join(f"<li><b>{big}</b>{small}</li>" for big, small in shown) + "</ul>"


def _intent_parts(figures: Figures) -> list[str]:
    found = figures.out_of_scope
    alone = (
        f"<p>Of {found.messages} messages that are out of scope, {found.read_as_such:.0%} are read as that and "
        f"{found.left_alone:.0%} start no action.</p>"
        if found is not None
        else ""
    )
    names = [reader.by for reader in figures.readers]
    done = _table(
        ["what is done", "messages", "right", *(f"by {name}" for name in names)],
        [
            [WHAT_IS_DONE[each.done], each.messages, _right(each), *(each.by[name] for name in names)]
            for each in figures.bands
        ],
    )
    who = _table(["read by", "messages", "right"], [[each.by, each.messages, _right(each)] for each in figures.readers])
    bins = _table(
        ["confidence", "messages", "mean confidence", "right"],
        [
            [f"{each.low:.1f} to {each.high:.1f}", each.messages, each.confidence, each.right]
            for each in figures.reliability.bins
            if each.messages
        ],
    )
    return [
        f"<h2>What is done with a reading</h2>\n{done}{alone}\n<h2>Who read</h2>\n{who}",
        f"<h2>Whether the model is right as often as it says</h2>\n{_picture('reliability')}{bins}",
    ]


def _right(each: Band | Reader) -> float | None:
    """The share that is right; of no messages there is none."""
    return each.right if each.messages else None


def _robustness(figures: Figures) -> str:
    heads: list[str] = ["words misspelt"]
    if figures.report.total:
        heads += ["right", "macro-F1", "followed though wrong"]
    if figures.danger is not None:
        heads += ["danger signs noticed", "look-alikes alarmed"]
    rows: list[list[Cell]] = []
    for each in figures.robustness:
        row: list[Cell] = [f"{each.misspelt:.0%}"]
        row += [each.accuracy, each.macro_f1, each.acted_wrongly] if figures.report.total else []
        row += [each.danger.recall, each.danger.false_alarm_share] if each.danger is not None else []
        rows.append(row)
    shown = _picture("robustness") if "robustness" in pictures_of(figures) else ""
    return f"<h2>What hasty spelling costs</h2>\n{shown}{_table(heads, rows)}"


def _matrix_parts(figures: Figures) -> list[str]:
    scores = _table(
        ["intent", "messages", "precision", "recall", "F1"],
        [[each.intent, each.cases, each.precision, each.recall, each.f1] for each in figures.report.intents],
    )
    mixed = _table(
        ["messages", "should be", "was read as"],
        [[each.times, each.intent, each.predicted] for each in figures.report.confusions],
    )
    return [
        f"<h2>Every intent</h2>\n{_picture('intents')}{scores}",
        f"<h2>What was taken for what</h2>\n{_picture('confusion')}{mixed}",
    ]


def _danger(score: DangerScore, found: Sequence[DangerReading]) -> str:
    said = (
        f"<p>{score.noticed} of {score.signs} signs noticed ({score.noticed_by_list} by the word list), "
        f"{score.false_alarms} of {score.look_alikes} look-alikes alarmed. "
        f"Of {score.arguable} messages that people would argue about, {score.arguable_alarms} alarm.</p>"
    )
    rows: list[list[Cell]] = [
        [each.confidence, each.text, "false alarm" if each.alarmed else "missed", each.read_as, each.by]
        for each in found
    ]
    wrong = _table(["confidence", MESSAGE, "", "was read as", "read by"], rows) if rows else ""
    return f"<h2>Danger</h2>\n{said}{wrong}"


def _worst(answers: Sequence[Answer]) -> str:
    rows: list[list[Cell]] = [
        [each.confidence, each.text, each.case.intent, each.predicted, each.by, each.done] for each in answers
    ]
    heads = ["confidence", MESSAGE, "should be", "was read as", "read by", "done"]
    return f"<h2>Read wrongly with the highest confidence</h2>\n{_table(heads, rows)}"


def _picture(name: str) -> str:
    """The picture beside the page; on a phone it is moved sideways, and a tap shows it alone."""
    shown = f'<img src="{name}.png" alt="{escape(CAPTIONS[name])}" loading="lazy">'
    return f'<div class="wide"><a href="{name}.png">{shown}</a></div>\n'


def _table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    body = [list(row) for row in rows]
    first = body[0] if body else [""] * len(heads)
    is_number = [_is_number(cell) for cell in first]
    head = "".join(
        f"<th{_kind(name, number)}>{escape(name)}</th>" for name, number in zip(heads, is_number, strict=True)
    )
    lines = "".join(f"<tr>{_cells(heads, row)}</tr>\n" for row in body)
    return f'<div class="wide"><table>\n<tr>{head}</tr>\n{lines}</table></div>\n'


def _cells(heads: Sequence[str], row: Sequence[Cell]) -> str:
    pairs = zip(heads, row, strict=True)
    return "".join(f"<td{_kind(name, _is_number(cell))}>{_shown(name, cell)}</td>" for name, cell in pairs)


def _kind(head: str, is_number: bool) -> str:
    return ' class="n"' if is_number else ' class="t"' if head == MESSAGE else ""


def _shown(head: str, cell: Cell) -> str:
    """The cell as HTML; ids may be broken where a phone has no room for them."""
    shown = escape(_number(cell))
    return shown if head == MESSAGE else shown.replace("_", "_<wbr>")


def _is_number(cell: Cell) -> bool:
    return cell is None or isinstance(cell, int | float)


def _number(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)
