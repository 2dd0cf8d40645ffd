"""Loading programme files: each mistake is told with its file and line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from scheduler.programme import Programme

FOLDER = Path(__file__).parent / "programmes"
FILE_NAME = "programme.yml"
Place = tuple[str | int, ...]


class ProgrammeFileError(Exception):
    """A programme file does not hold what it should; the text names file, line, field and what is wanted."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}")
        self.path = path
        self.line = line


def load_programmes(names: Iterable[str], *, folder: Path = FOLDER) -> tuple[Programme, ...]:
    """The programmes that puskesmas.yml switches on; raises ProgrammeFileError for a name that has no file."""
    loaded = []
    for name in names:
        path = folder / name / FILE_NAME
        if not path.is_file():
            known = ", ".join(known_programmes(folder)) or "none"
            raise ProgrammeFileError(path, 1, f"there is no programme {name!r}; known: {known}")
        loaded.append(load_programme(path))
    return tuple(loaded)


def known_programmes(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of all programmes that have a file, switched on or not."""
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{FILE_NAME}")))


def load_programme(path: Path) -> Programme:
    """One programme; raises ProgrammeFileError with the line of the first mistake."""
    lines: dict[Place, int] = {}
    content = _read(path, lines)
    try:
        programme = Programme.model_validate(content)
    except ValidationError as error:
        # A field written wrongly is unknown and missing at once: say the unknown one.
        faults = [(fault["type"] == "missing", _line(lines, fault["loc"]), fault) for fault in error.errors()]
        first = min(faults, key=lambda fault: fault[:2])[2]
        place = first["loc"]
        raise ProgrammeFileError(path, _line(lines, place), _told(place, first)) from error
    for place, what in programme.problems():
        raise ProgrammeFileError(path, _line(lines, place), f"{_dotted(place)}: {what}")
    if programme.name != path.parent.name:
        raise ProgrammeFileError(path, _line(lines, ("name",)), f"name: must be its folder's, {path.parent.name}")
    return programme


def _read(path: Path, lines: dict[Place, int]) -> object:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProgrammeFileError(path, line, f"not readable as YAML: {error.problem}") from error
    if not isinstance(node, yaml.MappingNode):
        raise ProgrammeFileError(path, 1, "expected fields such as name, anchor, rules")
    return _plain(node, place=(), lines=lines, path=path)


def _plain(node: yaml.Node, *, place: Place, lines: dict[Place, int], path: Path) -> Any:
    """The node as plain values, remembering the line of every place."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in found:
                raise ProgrammeFileError(path, line, f"{_dotted((*place, key))}: stands twice")
            lines[(*place, key)] = line
            found[key] = _plain(value_node, place=(*place, key), lines=lines, path=path)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, place=(*place, index), lines=lines, path=path) for index, child in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: yaml.Node) -> object:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def _line(lines: dict[Place, int], place: Place) -> int:
    """The line of this place, or of the nearest one around it that the file has."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _told(place: Place, error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return f"{_dotted(place)}: unknown field; allowed: {', '.join(_allowed(place))}"
    if error["type"] == "missing":
        return f"{_dotted(place)}: is missing"
    return f"{_dotted(place)}: {error['msg'].removeprefix('Value error, ')}"


def _allowed(place: Place) -> list[str]:
    """The fields that the part around this place knows."""
    known: Any = Programme
    for step in place[:-1]:
        if isinstance(step, int):
            continue
        annotation = known.model_fields[step].annotation
        known = next((kind for kind in _kinds(annotation) if hasattr(kind, "model_fields")), known)
    return sorted(known.model_fields)


def _kinds(annotation: Any) -> Iterable[Any]:
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _kinds(inner)


def _dotted(place: Place) -> str:
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "file"
