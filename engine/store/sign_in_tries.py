"""Tries to sign in that were wrong: kept by name and by address, each only as a hash, across restarts."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.ids import IdSource
from engine.store.tables.people import sign_in_failures

WINDOW: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=1)
"""How long a try is kept at all: whoever looks into an attack of the night still finds it in the morning."""
MOST_OF_A_NAME: Final = 5
MOST_OF_AN_ADDRESS: Final = 30
"""More than of a name: a school or a clinic shares one address."""


def name_hash(username: str) -> str:
    """Return the hash of a user name, which may be none of ours."""
    return hashlib.sha256(username.encode()).hexdigest()


def address_hash(address: str, installation_key: str) -> str:
    """Return the keyed hash of a network address, empty for none: without the key all of them could be tried."""
    if not address:
        return ""
    key = hashlib.sha256(installation_key.encode()).digest()
    return hashlib.blake2b(address.encode(), key=key, person=b"caf-address").hexdigest()


def begin(connection: sa.Connection, ids: IdSource, *, who: str, where: str, at: datetime) -> UUID:
    """Keep a try before it is looked at: any number that come at one moment are then all counted."""
    id_ = ids.new()
    values = {"id": id_, "username_hash": who, "address_hash": where, "at": at}
    connection.execute(sa.insert(sign_in_failures).values(**values))
    return id_


def too_many(connection: sa.Connection, *, who: str, where: str, at: datetime) -> bool:
    """Tell whether the name or the address has had more tries within `WINDOW` than it may, the one begun included."""
    recent = sign_in_failures.c.at > at - WINDOW
    of_name = sa.func.coalesce(sa.func.sum(sa.case((sign_in_failures.c.username_hash == who, 1), else_=0)), 0)
    of_address = sa.func.coalesce(sa.func.sum(sa.case((sign_in_failures.c.address_hash == where, 1), else_=0)), 0)
    either = sa.or_(sign_in_failures.c.username_hash == who, sign_in_failures.c.address_hash == where)
    row = connection.execute(
        sa.select(of_name.label("of_name"), of_address.label("of_address")).where(recent, either)
    ).one()
    return bool(row.of_name > MOST_OF_A_NAME or (where and row.of_address > MOST_OF_AN_ADDRESS))


def prune(connection: sa.Connection, *, at: datetime) -> int:
    """Take away the tries that count no more, and return how many there were."""
    return connection.execute(sa.delete(sign_in_failures).where(sign_in_failures.c.at <= at - KEPT)).rowcount


def forget(connection: sa.Connection, try_id: UUID) -> None:
    """Take a try back, which was right or was not let in."""
    connection.execute(sa.delete(sign_in_failures).where(sign_in_failures.c.id == try_id))
