"""Every setting is documented: environment variables in docs/admin.md, the rest in puskesmas.yml itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel

from clinic.facility import Closure, Doctor, DueHours, Facility, Limits, Poli, Session
from clinic.facility_delivery import Budget, Prices, RoutePace, Routes
from clinic.facility_queue import Bpjs, QueueRules, Room, SpecialHours

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\"((?:SAPA|TWILIO)_[A-Z_]+)\"")
DELIVERY: tuple[type[BaseModel], ...] = (Routes, RoutePace, Prices, Budget)
QUEUE: tuple[type[BaseModel], ...] = (Room, QueueRules, SpecialHours, Bpjs)
MODELS: tuple[type[BaseModel], ...] = (Facility, Poli, Session, Doctor, Closure, Limits, DueHours, *DELIVERY, *QUEUE)


def variables_read() -> set[str]:
    """Every variable whose name stands in the code of the rooms."""
    rooms = ("bot", "clinic", "flows", "nlu", "scheduler")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py") if ".venv" not in path.parts]
    return {name for path in files for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}


def undocumented(names: Iterable[str], text: str) -> set[str]:
    return {name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)}


def test_every_environment_variable_stands_in_the_administrators_page() -> None:
    found = variables_read()
    assert {"SAPA_SECRET_KEY", "TWILIO_AUTH_TOKEN"} <= found
    assert set() == undocumented(found, (ROOT / "docs" / "admin.md").read_text(encoding="utf-8"))


def test_every_setting_of_a_health_centre_stands_in_puskesmas_yml() -> None:
    names = {name for model in MODELS for name in model.model_fields}
    assert set() == undocumented(names, (ROOT / "puskesmas.yml").read_text(encoding="utf-8"))


def test_a_setting_that_nobody_explains_is_found() -> None:
    assert {"SAPA_NEW"} == undocumented(["SAPA_NEW", "SAPA_PORT"], "| `SAPA_PORT` | 8000 |")
