"""Going back: which earlier version of a definition is meant, and the files to deploy so that it is in force again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid, NotFound
from engine.store import definitions
from engine.store.definitions import DatedVersion


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier version, and the files (name -> content) that put it in force again."""

    version: int
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Before:
    """What was before a release: `files` (name -> content) as they were, and what it brought that was not there."""

    files: Mapping[str, bytes]
    new: tuple[DatedVersion, ...]


def before_release(connection: sa.Connection, authority_id: UUID, deployment_ids: Collection[UUID]) -> Before:
    """Return what was in force before deployments, of all that they changed: nothing for what they brought.

    Raises `NotFound` for deployments that changed nothing here, `Invalid` where another text came into force since.
    """
    files: dict[str, bytes] = {}
    new: list[DatedVersion] = []
    for own in _by_name(definitions.dated_versions(connection, authority_id)).values():
        changes = [
            number
            for number, each in enumerate(own)
            if each.deployment_id in deployment_ids and (number == 0 or own[number - 1].hash != each.hash)
        ]
        if not changes:
            continue
        if own[changes[-1]].hash != own[-1].hash:
            raise Invalid(f"Another version of {own[-1].file} came into force since. Go back from that first")
        if changes[0] == 0 or own[changes[0] - 1].is_end:
            new += [own[-1]]
        else:
            was = own[changes[0] - 1]
            files[own[-1].file] = definitions.load(connection, was.id).source
    if not files and not new:
        raise NotFound("There is no such release to go back from")
    return Before(files, tuple(new))


def deployments_of(connection: sa.Connection, authority_id: UUID, names: Iterable[tuple[str, str]]) -> frozenset[UUID]:
    """Return the deployments that brought the texts in force of definitions (kind, key), what is unknown left out."""
    known = _by_name(definitions.dated_versions(connection, authority_id))
    found = set()
    for own in (known[name] for name in names if name in known):
        same = next((number for number, each in enumerate(reversed(own)) if each.hash != own[-1].hash), len(own))
        found.add(own[len(own) - same].deployment_id)
    return frozenset(found)


def _by_name(known: Iterable[DatedVersion]) -> dict[tuple[str, str], list[DatedVersion]]:
    found: dict[tuple[str, str], list[DatedVersion]] = {}
    for each in known:
        found.setdefault((each.kind, each.key), []).append(each)
    return found


def name_of(connection: sa.Connection, authority_id: UUID, key: str) -> tuple[str, str]:
    """Return the (kind, key) of the one definition that a key, file or decision names. Raises as `earlier_version`."""
    found = _named(definitions.dated_versions(connection, authority_id), key)[-1]
    return found.kind, found.key


def earlier_version(
    connection: sa.Connection, authority_id: UUID, key: str, version: int | None, *, kind: str | None = None
) -> Earlier:
    """Return the version of what `key` names to go back to; None for `version`: the last one with another text.

    `kind` narrows what may be meant. With rules come the examples that were in force beside that version. Raises
    `NotFound`, and `Invalid` when `key` names several definitions, or `version` is in force already.
    """
    known = definitions.dated_versions(connection, authority_id)
    own = _named([each for each in known if kind in (None, each.kind)], key)
    back = _wanted(own, version)
    files = [back, *(_examples_beside(known, own, back) if back.kind == "rules" else ())]
    now = {(each.kind, each.key): each.file for each in known}
    texts = {now[each.kind, each.key]: definitions.load(connection, each.id).source for each in files}
    return Earlier(back.version, texts)


def _named(known: Sequence[DatedVersion], key: str) -> list[DatedVersion]:
    """Return all versions, the oldest first, of the one definition that `key` names."""
    newest = {(each.kind, each.key): each for each in known}
    found = [each for each in newest.values() if each.file == key]
    if not found:
        found = [each for each in newest.values() if key == each.key or key in each.uses.get("decisions", ())]
        # The examples of a decision have its name; the rules are meant, and take them along.
        found = [each for each in found if each.kind != "examples"] or found
    if not found:
        raise NotFound(f"Nothing called '{key}' was ever deployed", key=key)
    if len(found) > 1:
        names = ", ".join(f"{each.file} ({each.kind} {each.key})" for each in found)
        raise Invalid(f"'{key}' names several: {names}; give a key or file that only one of them has", field="key")
    return [each for each in known if (each.kind, each.key) == (found[0].kind, found[0].key)]


def _wanted(own: Sequence[DatedVersion], version: int | None) -> DatedVersion:
    now = own[-1]
    if version is None:
        before = next((each for each in reversed(own) if each.hash != now.hash and not each.is_end), None)
        if before is None:
            raise Invalid(f"{now.file} has only ever had one text, so there is no earlier one to go back to")
        return before
    found = next((each for each in own if each.version == version and not each.is_end), None)
    if found is None:
        raise NotFound(f"{now.file} has no version {version}; its versions are 1 to {now.version}", version=version)
    if found.hash == now.hash:
        raise Invalid(f"The text of version {version} of {now.file} is in force already", field="version")
    return found


def _examples_beside(
    known: Sequence[DatedVersion], own: Sequence[DatedVersion], back: DatedVersion
) -> list[DatedVersion]:
    """Return the examples that were in force when the next version of the rules took the place of `back`."""
    until = next(each.at for each in own if each.version == back.version + 1)
    beside: dict[str, DatedVersion] = {}
    for each in known:
        if each.kind == "examples" and each.key in back.uses.get("decisions", ()) and each.at < until:
            beside[each.key] = each
    return [each for each in beside.values() if not each.is_end]
