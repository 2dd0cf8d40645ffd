"""Facility file: reads puskesmas.yml and says of every mistake where it is and what is allowed there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from clinic.facility import Facility
from clinic.facility_checks import Fault, faults_of

Place = tuple[str | int, ...]

_DEEPEST = 8


class FacilityFileError(Exception):
    """The file cannot be used; the text names file, line, place, what is wrong and what is allowed."""

    def __init__(self, path: Path | str, line: int, what: str, allowed: str) -> None:
        super().__init__(f"{Path(path).name}:{line}: {what}; {allowed}")
        self.path = Path(path)
        self.line = line
        self.what = what
        self.allowed = allowed


@dataclass
class _Reading:
    """The file's values, all of them as text, and the line each place stands on."""

    path: Path
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def load_facility(path: Path | str) -> Facility:
    """Read and check the file; raises FacilityFileError for the first mistake from the top."""
    reading = _Reading(Path(path))
    values = _values(_compose(reading.path), reading, ())
    if not isinstance(values, dict):
        raise FacilityFileError(path, 1, "the file holds no settings", "lines such as name: Puskesmas Melati")
    try:
        facility = Facility.model_validate(values)
    except ValidationError as error:
        faults = [_fault(detail) for detail in _telling(error.errors())]
    else:
        faults = list(faults_of(facility))
        if not faults:
            return facility
    line, fault = min(((reading.line_of(fault.place), fault) for fault in faults), key=lambda pair: pair[0])
    what = f"{_dotted(fault.place)}: {fault.what}" if fault.place else fault.what
    raise FacilityFileError(path, line, what, fault.allowed)


def _compose(path: Path) -> yaml.Node | None:
    try:
        raw = path.read_bytes()
        return yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise FacilityFileError(path, 1, "the file cannot be read", f"{error.strerror}: {path}") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FacilityFileError(path, line, "a character is not readable", "save the file as UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        allowed = "a line is 'key: value', indented with spaces; put texts with : or # in quotes"
        raise FacilityFileError(path, line, f"not readable as YAML ({error.problem})", allowed) from error
    except yaml.YAMLError as error:
        raise FacilityFileError(path, 1, "not readable as YAML", "plain text without control signs") from error


def _values(node: yaml.Node | None, reading: _Reading, place: Place) -> Any:
    # Every scalar stays text: YAML itself would read 14:00 as 840 and 0541 as an octal number.
    if node is None:
        return None
    reading.lines.setdefault(place, node.start_mark.line + 1)
    if len(place) > _DEEPEST:
        raise FacilityFileError(reading.path, node.start_mark.line + 1, "nested too deeply", "fewer levels than this")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, reading, place)
    if isinstance(node, yaml.SequenceNode):
        return [_values(part, reading, (*place, index)) for index, part in enumerate(node.value)]
    return node.value


def _mapping(node: yaml.MappingNode, reading: _Reading, place: Place) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value)
        where = (*place, key)
        if key in values:
            first = reading.lines[where]
            raise FacilityFileError(
                reading.path, line, f"{_dotted(where)}: given twice", f"it stands on line {first} already"
            )
        reading.lines[where] = line
        values[key] = _values(value_node, reading, where)
        if values[key] == "" and value_node.style is None:
            del values[key]  # "key:" with nothing behind it is a key left out
    return values


def _telling(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the missing keys of a block that has an unknown one: that is a slip of the pen."""
    misspelt = {detail["loc"][:-1] for detail in details if detail["type"] == "extra_forbidden"}
    return [d for d in details if d["type"] != "missing" or d["loc"][:-1] not in misspelt]


def _fault(detail: ErrorDetails) -> Fault:
    place = tuple(part for part in detail["loc"] if part != "[key]")
    if detail["type"] == "extra_forbidden":
        keys = ", ".join(_model_at(place[:-1]).model_fields)
        return Fault(place, "this key is not known", f"keys allowed here: {keys}")
    allowed = _allowed_at(place)
    if detail["type"] == "missing":
        return Fault(place[:-1], f"{place[-1]!r} is missing", allowed)
    if detail["type"] == "value_error":
        allowed = str(detail["ctx"]["error"])
    return Fault(place, f"{_shown(detail['input'])} is not allowed here", allowed)


def _shown(given: object) -> str:
    if isinstance(given, str):
        return repr(given)
    if isinstance(given, list):
        return "a list" if given else "an empty list"
    return "a block of keys" if isinstance(given, dict) else "this"


def _model_at(place: Place) -> type[BaseModel]:
    """The model whose keys are allowed at that place."""
    model: type[BaseModel] = Facility
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model is not None), None)


def _allowed_at(place: Place) -> str:
    names = [index for index, part in enumerate(place) if isinstance(part, str)]
    for index in reversed(names):
        model = _model_at(place[:index])
        found = model.model_fields.get(str(place[index]))
        if found is None:
            continue
        inner = _model_in(found.annotation)
        if found.description:
            return found.description
        if inner is not None:
            return "a block or list with the keys " + ", ".join(inner.model_fields)
        return "a list of short texts" if "tuple" in str(found.annotation) else "lines such as key: text"
    return "see the comments in puskesmas.yml"


def _dotted(place: Place) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")
