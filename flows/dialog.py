"""The words in which flows are written: Flow, steps, and what a step may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from clinic.desk import Desk
from clinic.facility import Facility
from nlu.understanding import Understanding


@dataclass(frozen=True)
class Choice:
    """One numbered possibility: what is kept, and what the patient reads behind its digit."""

    value: str
    label: str


@dataclass(frozen=True)
class Heard:
    """An answer on its way to a reader: the text, its reading so far, and the choices that were offered.

    `keyword` is the name of a whole-message keyword ("yes", "no", "menu", ...) or None.
    """

    understanding: Understanding
    today: date
    keyword: str | None = None
    choices: tuple[Choice, ...] = ()

    @property
    def text(self) -> str:
        return self.understanding.text


class Unclear(Exception):
    """The answer does not fit the question; `reply` may name a text that says why."""

    def __init__(self, reply: str | None = None) -> None:
        super().__init__(reply or "unclear")
        self.reply = reply


Reader = Callable[[Heard], str]


@dataclass(frozen=True)
class Ask:
    """Ask and wait: the answer goes through `parse`, is kept under `slot`, and step `then` goes on.

    `simpler` is the reply asked after a second unclear answer. `takes_anything` marks questions whose answer is
    free text (a name, a complaint): only menu, staff, undo and cancel words are heard as such there.
    `let_go` names the step that goes on when nobody cares to answer: such a question stands behind something that is
    done, so a second unclear answer lets it go, any other wish goes before it, and SALAH and BATAL are about the act.
    """

    reply: str
    parse: Reader
    slot: str
    then: str
    values: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    simpler: str | None = None
    takes_anything: bool = False
    let_go: str | None = None


@dataclass(frozen=True)
class Act:
    """Something that was done and may be taken back with SALAH: the flow that knows how, and the row it touched."""

    flow: str
    kind: str
    row: int


@dataclass(frozen=True)
class Say:
    """Answer and end the flow. `act` is what SALAH takes back; `goes_on` asks for more in the same message."""

    reply: str
    values: Mapping[str, str] = field(default_factory=dict)
    act: Act | None = None
    goes_on: Switch | None = None


@dataclass(frozen=True)
class Go:
    """Go on with another step at once, keeping `slots` as answered."""

    step: str
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Switch:
    """Start another flow instead, with these slots."""

    flow: str
    slots: Mapping[str, str] = field(default_factory=dict)


Result = Ask | Say | Go | Switch


@dataclass(frozen=True)
class Turn:
    """What a step sees: the message, what is known so far, and the desk it may ask and act through."""

    heard: Heard
    slots: Mapping[str, str]
    desk: Desk
    facility: Facility
    now: datetime
    channel: str
    media: tuple[Mapping[str, Any], ...] = ()
    opened_by: str = ""
    """What the patient wrote first in this flow; empty when this is the first message of it."""
    written: str = ""
    """The message as it came, however long: what is read is only its beginning."""
    has_more: bool = False
    """A second ask of the message waits: it goes before what nobody has to answer."""

    @property
    def text(self) -> str:
        return self.heard.text

    @property
    def whole_text(self) -> str:
        """All that was written, for staff to read."""
        return self.written or self.text

    @property
    def today(self) -> date:
        return self.facility.today(self.now)

    def slot(self, name: str) -> str | None:
        """What was answered (or already said) for this slot."""
        return self.slots.get(name)


Step = Callable[[Turn], Result]
Undo = Callable[[Turn, Act], Say]


@dataclass
class Flow:
    """One thing a patient can do here: a set of named steps, the first of which starts it.

    `intents` are the intents that start it. `takes` maps entities of any message in it to slots, so that nothing
    already said is asked again. `is_answer` marks flows that answer in one message and may do so in the middle
    of another flow, whose question is then asked again. `resumes` marks flows that are worth going on with after
    an interruption.
    """

    name: str
    intents: tuple[str, ...]
    takes: Mapping[str, str] = field(default_factory=dict)
    is_answer: bool = False
    resumes: bool = False
    steps: dict[str, Step] = field(default_factory=dict)
    undo: Undo | None = None

    def step(self, function: Step) -> Step:
        """Register a step under its own name; the first one registered starts the flow."""
        if function.__name__ in self.steps:
            raise ValueError(f"{self.name} has two steps named {function.__name__}")
        self.steps[function.__name__] = function
        return function

    def undoes(self, function: Undo) -> Undo:
        """Register how SALAH takes back what this flow did."""
        self.undo = function
        return function

    @property
    def first_step(self) -> str:
        return next(iter(self.steps))
