"""Voice: the board's clips, rendered once with espeak-ng, kept in a folder and found again by what they say."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import subprocess
import tempfile
import threading
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.board.spoken import call_parts, every_part
from clinic.facility import Facility

log = logging.getLogger(__name__)

PROGRAM = "espeak-ng"
SPOKEN = ("-v", "id", "-s", "135", "-p", "45", "-a", "120", "-z")
"""Indonesian, slower than its 175 words a minute, a little deeper and louder, without a pause at the end."""
LONGEST_SECONDS = 30
NAME = re.compile(r"[0-9a-f]{24}")
ENDING = ".wav"


class NoVoice(Exception):
    """A clip cannot be rendered; the text says why."""


@dataclass(frozen=True)
class Rendered:
    """What one look at the shelf did."""

    made: int
    kept: int
    removed: int


@dataclass(frozen=True)
class ClipShelf:
    """The folder of clips. A clip's name is made of its words and of how they are spoken: other words, another clip."""

    folder: Path
    program: str = PROGRAM

    @property
    def can_render(self) -> bool:
        """Whether espeak-ng is on this machine."""
        return shutil.which(self.program) is not None

    def missing(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Of these words, those without a clip."""
        return tuple(text for text in texts if not self.path_of(clip_name(text)).is_file())

    def path_of(self, name: str) -> Path:
        """Where the clip of that name is or would be."""
        return self.folder / f"{name}{ENDING}"

    def clips_of_call(self, letter: str, number: int, room: str) -> tuple[str, ...]:
        """The names of a call's clips in the order of speaking; none unless all are there: half a call misleads."""
        try:
            parts = call_parts(letter, number, room)
        except ValueError:
            return ()
        return () if self.missing(parts) else tuple(clip_name(part) for part in parts)

    def render(self, texts: Iterable[str], *, anew: bool = False, tidy: bool = False) -> Rendered:
        """Make the clips that are missing, or all of them `anew`; `tidy`: take away what nobody says any more.

        Raises NoVoice. Two processes may render at once: a clip appears whole or not at all.
        """
        wanted = tuple(dict.fromkeys(texts))
        to_make = wanted if anew else self.missing(wanted)
        if to_make and not self.can_render:
            raise NoVoice(f"{self.program} is not on this machine")
        self.folder.mkdir(parents=True, exist_ok=True)
        for text in to_make:
            self._make(text)
        removed = self._take_away_all_but({clip_name(text) for text in wanted}) if tidy else 0
        return Rendered(made=len(to_make), kept=len(wanted) - len(to_make), removed=removed)

    def _make(self, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        os.close(handle)
        part = Path(name)
        try:
            command = [self.program, *SPOKEN, "-w", name, text]
            done = subprocess.run(command, timeout=LONGEST_SECONDS, capture_output=True, check=False)
            if done.returncode or _seconds(part) <= 0:
                raise NoVoice(f"{self.program} gave no sound (exit code {done.returncode})")
            part.chmod(0o644)
            part.replace(self.path_of(clip_name(text)))
        except (OSError, subprocess.SubprocessError) as error:
            raise NoVoice(f"{self.program}: {type(error).__name__}") from error
        finally:
            part.unlink(missing_ok=True)

    def _take_away_all_but(self, names: set[str]) -> int:
        clips = (path for path in self.folder.glob(f"*{ENDING}") if NAME.fullmatch(path.stem))
        old = [path for path in clips if path.stem not in names]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def clip_name(text: str) -> str:
    """Hash of the words and of how they are spoken."""
    return hashlib.sha256("\n".join((*SPOKEN, text)).encode()).hexdigest()[:24]


def render_in_background(shelf: ClipShelf, facility: Facility) -> threading.Thread | None:
    """Make what is missing while pages are served already; None when nothing is, or nothing can."""
    parts = every_part(facility)
    if not shelf.can_render or not shelf.missing(parts):
        return None
    work = threading.Thread(target=_render_or_say_why, args=(shelf, parts), name="voice", daemon=True)
    work.start()
    return work


def _render_or_say_why(shelf: ClipShelf, parts: tuple[str, ...]) -> None:
    try:
        done = shelf.render(parts)
    except (NoVoice, OSError) as error:
        log.warning("no voice for the board: %s", error)
    else:
        log.info("voice: %d clips made, %d were there", done.made, done.kept)


def _seconds(path: Path) -> float:
    try:
        with wave.open(str(path), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError):
        return 0
