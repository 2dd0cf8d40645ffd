"""Gammu's dummy phone, a folder: SMS and delivery reports put into it as a network would deliver them.

python-gammu (GPL) encodes and writes the messages; it is used here only, never by Sapa itself.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gammu

SMSC = {"Location": 0, "Name": "", "Format": "Text", "Validity": "NA", "DefaultNumber": ""}
NETWORK, DUMMYS_OWN = "+62811000000", "123456"
"""The centre that delivers to us, and the one that the dummy says it sends by: reports are matched by it."""
REFERENCE = 255
"""The dummy gives every SMS the same."""
HANDED_OVER = re.compile(r"SMS sent on device: .* status=0, reference=")
WORDS = {"Delivered": 0x00, "Failed": 0x46, "Pending": 0x20}
"""How gammu-smsd reads a report's text, with a TP-Status to go with it."""


@dataclass(frozen=True)
class DummyPhone:
    """A phone whose memory is this folder; gammu-smsd reads it and takes away what it has read."""

    folder: Path

    def receives(self, sender: str, text: str, *, at: datetime | None = None, without: Sequence[int] = ()) -> int:
        """An SMS comes, in as many parts as it needs, but for the parts named (1 is the first); the count of parts."""
        parts = _encoded(text)
        for number, part in enumerate(parts, 1):
            if number not in without:
                self._put(part | {"Number": sender, "Type": "Deliver", "SMSC": SMSC | {"Number": NETWORK}}, at=at)
        return len(parts)

    def receives_report(self, number: str, word: str, *, at: datetime | None = None) -> None:
        """The network says what became of an SMS to this number: Delivered, Failed or Pending."""
        report = {
            "Number": number,
            "Type": "Status_Report",
            "MessageReference": REFERENCE,
            "DeliveryStatus": WORDS[word],
            "SMSC": SMSC | {"Number": DUMMYS_OWN},
        }
        self._put(_encoded(word)[0] | report, at=at)

    def waiting(self) -> int:
        """How many messages gammu-smsd has not taken away yet."""
        return len(list((self.folder / "sms" / "1").glob("[0-9]*")))

    def _put(self, message: dict[str, Any], *, at: datetime | None) -> None:
        """Renamed into place: gammu-smsd never sees half a file."""
        box = self.folder / "sms" / "1"
        box.mkdir(parents=True, exist_ok=True)
        when = (at or datetime.now(UTC)).replace(tzinfo=None, microsecond=0)
        message |= {"Folder": 1, "InboxFolder": 1, "State": "UnRead", "DateTime": when, "SMSCDateTime": when}
        half = self.folder / f"half-{next(_numbers)}"
        gammu.SaveSMSBackup(str(half), [message])
        place = next(number for number in itertools.count(1) if not (box / str(number)).exists())
        os.rename(half, box / str(place))


def handed_over(log: str) -> int:
    """How many SMS the phone was given to send, as gammu-smsd's log says at debug level 4 and more."""
    return len(HANDED_OVER.findall(log))


_numbers = itertools.count()


def _encoded(text: str) -> list[dict[str, Any]]:
    """The parts of a text with their headers, by gammu's own encoder."""
    plain = {"Class": -1, "Unicode": False, "Entries": [{"ID": "ConcatenatedAutoTextLong", "Buffer": text}]}
    return [dict(part) for part in gammu.EncodeSMS(plain)]
