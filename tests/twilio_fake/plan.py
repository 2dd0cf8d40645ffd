"""Plan: what goes wrong at the fake provider, decided by a seed and by the message, never by who comes first."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Answer = Literal["whole", "half_json", "broken_off", "reset", "html"]
"""On the wire: complete, complete HTTP with half a JSON, cut in the middle, RST, a gateway's page."""


@dataclass(frozen=True)
class Fault:
    """One way in which a send goes wrong."""

    name: str
    accepts: bool = False
    """The message is taken all the same."""
    status: int = 201
    code: int | None = None
    retry_after: int | None = None
    answer: Answer = "whole"
    answer_after: float = 0.0
    accept_after: float = 0.0
    """Taken only so late: whoever looks before does not find it."""
    is_double: bool = False
    """The provider makes two of it by itself."""


FINE = Fault("fine", accepts=True)
FAULTS: tuple[tuple[float, Fault], ...] = (
    # surely not taken
    (3.0, Fault("429, Retry-After 2", status=429, code=20429, retry_after=2)),
    (1.0, Fault("429 without a word", status=429, answer="html")),
    (2.0, Fault("503 before taking it", status=503, code=20503)),
    (1.0, Fault("500 before taking it", status=500, code=20500)),
    (1.0, Fault("502 before taking it", status=502, answer="html")),
    (1.0, Fault("504 before taking it", status=504, answer="html", answer_after=1.0)),
    (1.0, Fault("connection reset before taking it", answer="reset")),
    # taken, and the answer says something else or nothing
    (1.0, Fault("500 after taking it", accepts=True, status=500, code=20500)),
    (0.7, Fault("500 after taking it, as a page", accepts=True, status=500, answer="html")),
    (1.0, Fault("502 after taking it", accepts=True, status=502, answer="html")),
    (1.0, Fault("504 after taking it", accepts=True, status=504, answer="html", answer_after=1.5)),
    (1.0, Fault("connection reset after taking it", accepts=True, answer="reset")),
    (1.0, Fault("answer broken off", accepts=True, answer="broken_off")),
    (1.0, Fault("half a JSON", accepts=True, answer="half_json")),
    (0.7, Fault("200 with a page", accepts=True, status=200, answer="html")),
    (0.7, Fault("no answer within 14 s, taken at once", accepts=True, answer_after=14.0)),
    (0.3, Fault("no answer within 16 s, taken after 12 s", accepts=True, answer_after=16.0, accept_after=12.0)),
    # taken, only strangely
    (3.0, Fault("answer after 1.5 s", accepts=True, answer_after=1.5)),
    (0.7, Fault("doubled by the provider", accepts=True, is_double=True)),
)
BY_NAME: Mapping[str, Fault] = {fault.name: fault for _, fault in FAULTS} | {FINE.name: FINE}
OUTAGES: Mapping[str, Fault] = {
    "401": Fault("401 for a while", status=401, code=20003),
    "503": Fault("503 for a while", status=503, code=20503),
    "429": Fault("429 for a while", status=429, code=20429, retry_after=3),
    "reset": Fault("no connection for a while", answer="reset"),
}

REFUSED_AT_ONCE = {
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21408: "Permission to send an SMS has not been enabled for the region",
    21612: "The message cannot be sent with this combination of 'To' and 'From'",
    63007: "Could not find a Channel with the specified From address",
}
"""By these codes the message is not taken at all (HTTP 400)."""
FAILS_ON_WHATSAPP = {63003, 63014, 63016, 63013, 63018}
FAILS_ON_SMS = {30003, 30004, 30005, 30006, 30007, 30008}
"""By these it is taken and then reported as undelivered."""
TELLING_NUMBER = re.compile(r"\+628120(?P<code>[236]\d{4})\d{1,3}")
"""A phone whose number says what is wrong with it: +628120 21610 001 has said STOP to the provider."""


def telling_number(code: int, count: int) -> str:
    """The phone number so-and-so of those on which every message meets this code."""
    return f"+628120{code}{count:03d}"


def code_of(recipient: str) -> int | None:
    """The code that this number asks for, if it is one of those."""
    found = TELLING_NUMBER.fullmatch(recipient.removeprefix("whatsapp:"))
    return int(found["code"]) if found else None


def refusal_of(recipient: str) -> int | None:
    """The code with which this recipient's messages are refused at once."""
    code = code_of(recipient)
    return code if code in REFUSED_AT_ONCE else None


def failure_of(recipient: str, *, is_template: bool) -> int | None:
    """The code with which this recipient's messages are taken and then not delivered."""
    code = code_of(recipient)
    if recipient.startswith("whatsapp:"):
        return code if code in FAILS_ON_WHATSAPP and not (code == 63016 and is_template) else None
    return code if code in FAILS_ON_SMS else None


@dataclass(frozen=True)
class Telling:
    """How the statuses of one message are told: seconds after taking it, and the word."""

    style: str
    steps: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Outage:
    """For everybody, from so many seconds after the beginning until so many."""

    kind: str
    begins: float
    ends: float


@dataclass(frozen=True)
class Plan:
    """The same seed decides the same for the same message and try, in whatever order the requests come."""

    seed: int
    outages: tuple[Outage, ...] = ()
    share: float = 1.0
    """0 is a provider without faults, 1 one with all of FAULTS' weights (in percent)."""
    weights: tuple[tuple[float, Fault], ...] = field(default=FAULTS)

    def fault(self, *, recipient: str, content: str, attempt: int, seconds: float | None) -> Fault:
        """What happens to this try; `seconds` since the beginning of the trouble, None while all is calm."""
        if seconds is None:
            return FINE
        for outage in self.outages:
            if outage.begins <= seconds < outage.ends:
                return OUTAGES[outage.kind]
        place = self._dice("fault", recipient, content, attempt).uniform(0, 100)
        for weight, fault in self.weights:
            place -= weight * self.share
            if place < 0:
                return fault
        return FINE

    def telling(self, *, sid: str, recipient: str, failure: int | None, is_troubled: bool) -> Telling:
        """When which status is told, after the message was taken."""
        dice = self._dice("telling", sid)
        end = "undelivered" if failure else "delivered"
        sent, done = dice.uniform(0.05, 0.4), dice.uniform(0.5, 1.5)
        steps = [(sent, "sent"), (done, end)]
        if not failure and recipient.startswith("whatsapp:") and dice.random() < 0.3:
            steps.append((done + dice.uniform(0.1, 1.0), "read"))
        if not is_troubled:
            return Telling("in order", tuple(steps))
        style = dice.choices(STYLES, WEIGHTS_OF_STYLES)[0]
        return Telling(style, tuple(_told(style, steps, dice)))

    def visible_after(self, *, sid: str, is_troubled: bool) -> float:
        """So long the list does not show a message that was taken."""
        return self._dice("visible", sid).uniform(0.1, 0.9) if is_troubled else 0.0

    def list_fails(self, *, recipient: str, attempt: int, seconds: float | None) -> Fault | None:
        """What a look at the list meets instead of an answer."""
        if seconds is None:
            return None
        for outage in self.outages:
            if outage.begins <= seconds < outage.ends:
                return OUTAGES[outage.kind]
        dice = self._dice("list", recipient, attempt)
        if dice.random() >= 0.1 * self.share:
            return None
        return dice.choice((OUTAGES["503"], OUTAGES["429"], OUTAGES["reset"]))

    def _dice(self, *about: object) -> random.Random:
        return random.Random(":".join(str(part) for part in (self.seed, *about)))


STYLES = ("in order", "twice", "late", "backwards", "strange words", "lost")
WEIGHTS_OF_STYLES = (50, 15, 10, 15, 8, 2)


def _told(style: str, steps: list[tuple[float, str]], dice: random.Random) -> list[tuple[float, str]]:
    times = [after for after, _ in steps]
    if style == "twice":
        return sorted([*steps, *((after + dice.uniform(0.0, 3.0), status) for after, status in steps)])
    if style == "late":
        return [(after + dice.uniform(5.0, 25.0), status) for after, status in steps]
    if style == "backwards":
        backwards = zip(times, reversed([status for _, status in steps]), strict=True)
        return [*backwards, (times[-1] + 1.0, "queued"), (times[-1] + 2.0, "sending")]
    if style == "strange words":
        return sorted([*steps, (times[0] / 2, "pre-queued"), (times[-1] + 0.5, "partially_delivered")])
    if style == "lost":
        return []
    return steps


def outages_of(seed: int, *, seconds: float) -> tuple[Outage, ...]:
    """Outages of every kind within so many seconds; wrong keys come early, as the product waits long after them."""
    dice = random.Random(f"{seed}:outages")
    length = min(12.0, seconds / 20)
    first = Outage("401", seconds * 0.04, seconds * 0.04 + min(6.0, length))
    kinds = ["503", "429", "reset", "503"]
    dice.shuffle(kinds)
    slots = [0.2, 0.4, 0.6, 0.75]
    begins = [seconds * (slot + dice.uniform(0.0, 0.08)) for slot in slots]
    later = (Outage(kind, at, at + dice.uniform(0.5, 1.0) * length) for kind, at in zip(kinds, begins, strict=True))
    return (first, *later)
