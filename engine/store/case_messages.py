"""Messages that wait for the diagrams of a case: written with what causes them, gone with the act that gives them.

So do diagrams that wait to be started on a case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.due import LONGEST_WAIT
from engine.store.tables.keeping import case_messages

FIRST_WAIT: Final = timedelta(seconds=30)


def queue(connection: sa.Connection, rows: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """Write messages, due at once.

    A row has `id`, `authority_id`, `case_id`, `name`, `starts` (it names a diagram to start), `variables` (plain JSON)
    and `queued_by`, whose act they follow.
    """
    if rows:
        connection.execute(sa.insert(case_messages), [{**row, "queued_at": at, "next_try_at": at} for row in rows])


def due(connection: sa.Connection, *, now: datetime, limit: int) -> list[UUID]:
    """Return the ids of up to `limit` messages that are due, the oldest first."""
    return list(connection.execute(_DUE, {"now": now, "most": limit}).scalars())


_DUE = (
    sa.select(case_messages.c.id)
    .where(case_messages.c.next_try_at <= sa.bindparam("now"))
    .order_by(case_messages.c.id)
    .limit(sa.bindparam("most"))
)


def find(connection: sa.Connection, message_id: UUID) -> Any:
    """Return a message's row; None when it has been given."""
    return connection.execute(sa.select(case_messages).where(case_messages.c.id == message_id)).first()


def remove(connection: sa.Connection, message_id: UUID) -> None:
    """Take a message away that is given in the same act."""
    connection.execute(sa.delete(case_messages).where(case_messages.c.id == message_id))


def put_off(connection: sa.Connection, message_id: UUID, *, now: datetime) -> None:
    """Set the next try of a message that could not be given, longer each time."""
    row = find(connection, message_id)
    if row is not None:
        wait = min(FIRST_WAIT * 2**row.tries, LONGEST_WAIT)
        changed = sa.update(case_messages).where(case_messages.c.id == message_id)
        connection.execute(changed.values(tries=row.tries + 1, next_try_at=now + wait))


def start_waits(connection: sa.Connection, case_id: UUID, process_key: str) -> bool:
    """Tell whether a diagram waits to be started on a case."""
    mine = (case_messages.c.case_id == case_id) & (case_messages.c.name == process_key) & case_messages.c.starts
    return bool(connection.execute(sa.select(sa.exists().where(mine))).scalar_one())


def drop_starts(connection: sa.Connection, case_id: UUID, process_key: str, *, about: tuple[str, str]) -> int:
    """Take away what waits for a diagram to be started on a case with a variable (name, text); return how many."""
    mine = (case_messages.c.case_id == case_id) & (case_messages.c.name == process_key) & case_messages.c.starts
    rows = connection.execute(sa.select(case_messages.c.id, case_messages.c.variables).where(mine)).all()
    name, value = about
    found = [row.id for row in rows if row.variables.get(name) == value]
    for each in found:
        remove(connection, each)
    return len(found)


def try_now(connection: sa.Connection, case_id: UUID, name: str, *, now: datetime) -> None:
    """Make the messages of this name that wait for a case due at once."""
    mine = (case_messages.c.case_id == case_id) & (case_messages.c.name == name)
    connection.execute(sa.update(case_messages).where(mine).values(next_try_at=now))


def start_now(connection: sa.Connection, authority_id: UUID, process_keys: Sequence[str], *, now: datetime) -> None:
    """Make due at once what waits for these diagrams to be started, on every case of the authority."""
    waiting = case_messages.c.starts & (case_messages.c.authority_id == authority_id)
    of_these = case_messages.c.name.in_(process_keys)
    connection.execute(sa.update(case_messages).where(waiting, of_these).values(next_try_at=now))
