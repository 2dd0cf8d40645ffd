"""Paper sheet: the day's list and the reserved numbers of each poli as a PDF to print, for hours without power."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from fpdf import FPDF

from bot.words import long_day
from clinic.paper_blocks import Block, PoliSheet
from clinic.queue_list import QueueRow

TEXTS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("paper_sheet.id.yml").read_text(encoding="utf-8"))
FONT = "Helvetica"
MARGIN, ROW, BLANK_ROW = 12.0, 7.5, 8.5
LIST = {"number": 16, "name": 58, "session": 15, "state": 25, "priority": 21, "arrived": 16, "called": 18, "done": 17}
RESERVED = {"number": 16, "name": 75, "birth_year": 20, "priority": 24, "arrived": 16, "called": 18, "done": 17}
UNLIKE_LATIN = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
    | {"đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ı": "i", "œ": "oe", "Œ": "OE", "ŋ": "ng", "ə": "e", "ħ": "h", "Ħ": "H"}
)


@dataclass(frozen=True)
class Sheet:
    """What one print shows."""

    centre: str
    day: date
    sheets: Sequence[PoliSheet]
    printed_at: datetime
    zone: ZoneInfo

    def at(self, moment: datetime) -> str:
        """The time of day here, with the day in front where it is another one."""
        local = moment.astimezone(self.zone)
        clock = local.strftime("%H.%M")
        return clock if local.date() == self.day else f"{long_day(local.date())} {clock}"


class _Paper(FPDF):
    """A4 with our foot on every page."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.running = ""
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 8)

    def header(self) -> None:
        self.set_font(FONT, size=9)
        self.cell(0, 5, self.running, align="R", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-MARGIN - 3)
        self.set_font(FONT, size=9)
        self.cell(0, 5, self._foot.format(page=self.page_no()), align="C")


def draw_sheet(sheet: Sheet) -> bytes:
    """The PDF; each poli begins on a page of its own. Letters that the printer's fonts lack are spelled, or are "?"."""
    local = sheet.printed_at.astimezone(sheet.zone)
    when = f"{long_day(local.date())} {local:%H.%M}"
    paper = _Paper(str(TEXTS["footer"]).replace("{when}", when))
    paper.set_creation_date(sheet.printed_at)
    paper.set_title(printable(f"{sheet.centre} {sheet.day}"))
    for each in sheet.sheets:
        paper.running = printable(f"{each.poli.name} ({each.poli.letter}) - {long_day(sheet.day)}")
        paper.add_page()
        _head(paper, sheet, each)
        _list(paper, sheet, each.rows)
        if each.block is not None:
            _reserved(paper, sheet, each.poli.letter, each.block)
    return bytes(paper.output())


def printable(text: str) -> str:
    """The text in the letters of the printer's own fonts (Latin-1): accents that it lacks are left out."""
    plain = "".join(char if _is_latin(char) else _spelled(char) for char in text)
    return plain.encode("latin-1", "replace").decode("latin-1")


def _spelled(char: str) -> str:
    known = char.translate(UNLIKE_LATIN)
    parts = unicodedata.normalize("NFKD", known)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _is_latin(char: str) -> bool:
    return char.isprintable() and ord(char) < 256


def _head(paper: _Paper, sheet: Sheet, each: PoliSheet) -> None:
    letter, block = each.poli.letter, each.block
    paper.set_font(FONT, "B", 17)
    paper.cell(
        0, 9, printable(TEXTS["title"].format(poli=each.poli.name, letter=letter)), new_x="LMARGIN", new_y="NEXT"
    )
    paper.set_font(FONT, size=11)
    paper.cell(0, 6, printable(f"{sheet.centre} - {long_day(sheet.day)}"), new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, "B", 11)
    last = TEXTS["nobody"] if each.last_given is None else f"{letter}{each.last_given}"
    key = "numbers" if block is not None else "numbers_without_block"
    span = f"{letter}{block.first}-{letter}{block.last}" if block is not None else ""
    paper.cell(0, 6, printable(TEXTS[key].format(last=last, block=span)), new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=9.5)
    paper.multi_cell(0, 5, printable(TEXTS["how"]), new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)


def _list(paper: _Paper, sheet: Sheet, rows: Sequence[QueueRow]) -> None:
    if not rows:
        paper.set_font(FONT, size=11)
        paper.cell(0, 7, TEXTS["empty_list"], new_x="LMARGIN", new_y="NEXT")
        return
    _subtitle(paper, TEXTS["list"])
    _names_of_columns(paper, LIST)
    for row in rows:
        _row(paper, LIST, _cells(sheet, row), height=ROW)


def _reserved(paper: _Paper, sheet: Sheet, letter: str, block: Block) -> None:
    paper.ln(3)
    if paper.will_page_break(4 * BLANK_ROW):
        paper.add_page()
    _subtitle(paper, TEXTS["reserved"])
    if not block.is_new:
        _subtitle(paper, TEXTS["printed_before"].format(when=sheet.at(block.printed_at)))
    _names_of_columns(paper, RESERVED)
    for number in block.numbers:
        _row(paper, RESERVED, {"number": f"{letter}{number}"}, height=BLANK_ROW)


def _cells(sheet: Sheet, row: QueueRow) -> dict[str, str]:
    state = str(TEXTS["states"].get(row.state, row.state))
    if row.state == "waiting" and row.arrived_at is not None:
        state = TEXTS["present"].format(at=sheet.at(row.arrived_at))
    priority = TEXTS["priorities"].get(row.priority, "") if row.priority else ""
    return {"number": row.code, "name": row.person_name, "session": row.session, "state": state, "priority": priority}


def _subtitle(paper: _Paper, text: str) -> None:
    paper.set_font(FONT, "B", 10.5)
    paper.multi_cell(0, 6, printable(text), new_x="LMARGIN", new_y="NEXT")


def _names_of_columns(paper: _Paper, columns: Mapping[str, int]) -> None:
    paper.set_font(FONT, "B", 9.5)
    for name, width in columns.items():
        paper.cell(width, 6.5, TEXTS["columns"][name], border=1)
    paper.ln()


def _row(paper: _Paper, columns: Mapping[str, int], cells: Mapping[str, str], *, height: float) -> None:
    if paper.will_page_break(height):
        paper.add_page()
        _names_of_columns(paper, columns)
    for name, width in columns.items():
        is_number = name == "number"
        paper.set_font(FONT, "B" if is_number else "", 12 if is_number else 10)
        paper.cell(width, height, _fitted(paper, printable(cells.get(name, "")), width - 2.0), border=1)
    paper.ln()


def _fitted(paper: _Paper, text: str, width: float) -> str:
    """The text in a smaller font, and cut as the last resort."""
    size = paper.font_size_pt
    while paper.get_string_width(text) > width and size > 7:
        size -= 0.5
        paper.set_font_size(size)
    while text and paper.get_string_width(text) > width:
        text = text[:-1]
    return text
