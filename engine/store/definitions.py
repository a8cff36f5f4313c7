"""Read and write deployed definitions: processes, rules files, forms. Rows never change once written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store.tables.keeping import history
from engine.store.tables.running import definitions, deployments

NO_TEXT: Final = hashlib.sha256(b"").hexdigest()
"""The hash of a version without a text: it says that the definition is no longer in force."""


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """One version of a process, rules file, form or file of examples (whose key is their decision).

    `uses` pins what it was deployed with: for a process `calls` and `forms` (key -> definition id),
    `decisions` bound to their deployment (decision -> rules definition id), and `messages`, those that start it;
    for a rules file `decisions`, a list of decision ids, and where it imports others `imports` (namespace ->
    rules definition id).
    """

    id: UUID
    authority_id: UUID
    kind: str
    key: str
    version: int
    name: str
    file: str
    source: bytes
    hash: str
    uses: Mapping[str, Any]


_COLUMNS = [definitions.c[name] for name in StoredDefinition.__dataclass_fields__]
_ONE = sa.select(*_COLUMNS).where(definitions.c.id == sa.bindparam("id_"))
_NEWEST = (
    sa.select(*_COLUMNS)
    .where(
        definitions.c.authority_id == sa.bindparam("authority"),
        definitions.c.kind == sa.bindparam("kind_"),
        definitions.c.key == sa.bindparam("key_"),
    )
    .order_by(definitions.c.version.desc())
    .limit(1)
)


def load(connection: sa.Connection, definition_id: UUID) -> StoredDefinition:
    """Read one definition. Raises `NotFound`."""
    row = connection.execute(_ONE, {"id_": definition_id}).first()
    if row is None:
        raise NotFound("There is no such definition", definition_id=definition_id)
    return StoredDefinition(**row._mapping)


def files_of(connection: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of the files that definitions are in."""
    asked = sa.select(definitions.c.id, definitions.c.file).where(definitions.c.id.in_(set(ids)))
    return {row.id: row.file for row in connection.execute(asked)}


def newest(connection: sa.Connection, authority_id: UUID, kind: str, key: str) -> StoredDefinition | None:
    """Read the newest version of (kind, key), or None when it was never deployed."""
    row = connection.execute(_NEWEST, {"authority": authority_id, "kind_": kind, "key_": key}).first()
    return None if row is None else StoredDefinition(**row._mapping)


def versions(connection: sa.Connection, authority_id: UUID) -> list[sa.Row[Any]]:
    """Read `kind`, `key`, `version`, `hash` and `deployment_id` of all versions, each key's oldest first."""
    wanted = (definitions.c[name] for name in ("kind", "key", "version", "hash", "deployment_id"))
    query = sa.select(*wanted).where(definitions.c.authority_id == authority_id)
    return list(connection.execute(query.order_by(definitions.c.kind, definitions.c.key, definitions.c.version)))


def newest_of_all(connection: sa.Connection, authority_id: UUID) -> list[sa.Row[Any]]:
    """Read what `versions` gives of the newest version of each key."""
    rows = versions(connection, authority_id)
    return list({(row.kind, row.key): row for row in rows}.values())


@dataclass(frozen=True, slots=True)
class DatedVersion:
    """A version of a definition, with the instant (aware UTC) at which it was deployed."""

    id: UUID
    kind: str
    key: str
    version: int
    file: str
    hash: str
    uses: Mapping[str, Any]
    deployment_id: UUID
    at: datetime

    @property
    def is_end(self) -> bool:
        """Tell whether it has no text: since then the definition is no longer in force."""
        return self.hash == NO_TEXT


def dated_versions(connection: sa.Connection, authority_id: UUID) -> list[DatedVersion]:
    """Read all versions of everything, each key's oldest first."""
    names = ("id", "kind", "key", "version", "file", "hash", "uses", "deployment_id")
    wanted = (definitions.c[name] for name in names)
    query = sa.select(*wanted, deployments.c.at).join(deployments, deployments.c.id == definitions.c.deployment_id)
    mine = query.where(definitions.c.authority_id == authority_id)
    rows = connection.execute(mine.order_by(definitions.c.kind, definitions.c.key, definitions.c.version))
    return [DatedVersion(**row._mapping) for row in rows]


def shipped_deployments(connection: sa.Connection, authority_id: UUID) -> frozenset[UUID]:
    """Return the deployments that put the files which come with the service in force, as the chain says."""
    query = sa.select(history.c.subject_id, history.c.detail)
    rows = connection.execute(query.where(history.c.authority_id == authority_id, history.c.kind == "deployed"))
    return frozenset(row.subject_id for row in rows if row.detail.get("shipped"))


def insert(connection: sa.Connection, deployment_id: UUID, rows: list[StoredDefinition]) -> None:
    """Write new definitions of one deployment."""
    values = [
        {name: getattr(row, name) for name in StoredDefinition.__dataclass_fields__} | {"deployment_id": deployment_id}
        for row in rows
    ]
    connection.execute(sa.insert(definitions), values)


def process_names(connection: sa.Connection, authority_id: UUID) -> dict[str, str]:
    """Return the name of the newest of each process deployed for an authority, by its key."""
    newest = (
        sa.select(definitions.c.key, definitions.c.name)
        .where(definitions.c.authority_id == authority_id, definitions.c.kind == "process")
        .order_by(definitions.c.key, definitions.c.version)
    )
    return {row.key: row.name or row.key for row in connection.execute(newest)}
