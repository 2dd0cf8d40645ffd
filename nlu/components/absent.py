"""Stands in for heavy libraries that Rasa imports and our pipeline never uses."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Optional, Sequence

# Rasa imports TensorFlow for DIET and TED at start (8 s and 330 MB). No part of config.yml needs it.
NOT_NEEDED = ("tensorflow", "tensorflow_addons", "keras")


class _PlaceholderType(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Placeholder


class Placeholder(metaclass=_PlaceholderType):
    """Good enough to inherit from, annotate with and decorate with; calling it for real work is an error."""

    def __init__(self, *args: object, **options: object) -> None:
        pass

    def __class_getitem__(cls, item: object) -> type:
        return cls

    def __call__(self, *args: object, **options: object) -> object:
        if len(args) == 1 and callable(args[0]):
            return args[0]
        raise RuntimeError("this server runs without TensorFlow; config.yml must not name a part that needs it")


class _AbsentModule(ModuleType):
    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Placeholder


class _AbsentFinder(MetaPathFinder, Loader):
    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        if fullname.partition(".")[0] not in self._names:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def leave_out(names: Sequence[str] = NOT_NEEDED) -> None:
    """From now on `import tensorflow` and its kind give empty stand-ins. Call it before Rasa is imported."""
    sys.meta_path.insert(0, _AbsentFinder(names))
