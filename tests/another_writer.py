"""Another writer who is always first, for as many times as a test says: SQLite refuses the statement it names."""

from __future__ import annotations

import sqlalchemy as sa

from tests.worlds import World


def meets_another_writer(world: World, trigger: str, times: int) -> list[int]:
    """Refuse the statements that `trigger` names ("BEFORE INSERT ON cases") so often; the list grows with each try.

    Only for a world in memory, which has one connection.
    """
    tries: list[int] = []

    def another_writer() -> bool:
        tries.append(len(tries))
        return len(tries) <= times

    raw = world.engine.sessions.engine.raw_connection()
    raw.driver_connection.create_function("another_writer", 0, another_writer)  # type: ignore[union-attr]
    world.write(
        sa.DDL(f"CREATE TEMP TRIGGER held {trigger} AND another_writer() BEGIN SELECT RAISE(ABORT, 'held'); END")
    )
    return tries
