"""Profiles of authorities: those that come with the service, by name, and how a profile's file is read.

Barnet's contacts are those its Multi Agency Support Team published. Its groups are named after areas of the borough and
its safeguarding numbers are left out, because neither was found published: its administrator enters them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from engine.calendar import NATIONS
from engine.casework.profiles import check_profile
from engine.errors import Invalid
from engine.strict_json import read_json, read_json_file

_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class Described:
    """What a profile's file says: the profile, and the authority's name and nation when it gives them."""

    name: str
    nation: str
    profile: Mapping[str, Any]


def shipped() -> tuple[str, ...]:
    """Return the names of the profiles that come with the service, in order."""
    files = (each.name for each in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX)))


def read_shipped(name: str) -> Described:
    """Return the profile that comes with the service under `name`. Raises `Invalid` when there is none."""
    if name not in shipped():
        raise Invalid(f"There is no profile '{name}'; those that come with the service: {', '.join(shipped())}")
    return read_profile((resources.files(__name__) / f"{name}{_SUFFIX}").read_bytes(), file=name)


def read_profile_file(path: Path) -> Described:
    """Return what the profile's file at `path` says. Raises `Invalid` naming the file and the field."""
    return _described(read_json_file(path), str(path))


def read_profile(source: bytes | str, *, file: str) -> Described:
    """Return what a profile's file says. Raises `Invalid` naming the file and the field."""
    return _described(read_json(source, name=file), file)


def _described(found: Any, file: str) -> Described:
    if not isinstance(found, dict):
        raise Invalid(f"{file}: a profile is a JSON object, as in `caf init --help`")
    name, nation = found.pop("name", ""), found.pop("nation", "")
    if not isinstance(name, str) or not isinstance(nation, str):
        raise Invalid(f"{file}: name and nation are texts")
    if nation and nation not in NATIONS:
        raise Invalid(f"{file}: nation is one of {', '.join(NATIONS)}")
    try:
        check_profile(found)
    except Invalid as error:
        raise Invalid(f"{file}: {error.message}") from error
    return Described(name.strip(), nation, found)
