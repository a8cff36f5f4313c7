"""The diagrams, rules and forms that came with the service, as they are in this version of it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from engine.checking import KINDS

_FOLDERS: Final = (("processes",), ("processes", "forms"), ("rules",))


@cache
def originals() -> MappingProxyType[str, bytes]:
    """Return every shipped file by its name, without a folder."""
    found: dict[str, bytes] = {}
    for package, *inside in _FOLDERS:
        folder = files(package).joinpath(*inside)
        for each in folder.iterdir():
            if each.name.endswith(tuple(KINDS)):
                found[each.name] = each.read_bytes()
    return MappingProxyType(found)
