"""Statements found again by what they are, and sets of values in them: the same answers on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.store.session import Sessions, open_sessions
from engine.store.sets import among

PEOPLE = sa.Table(
    "people",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)
ANN, BO, CY = (UUID(int=number) for number in (1, 2, 3))
NAMES = {ANN: "Ann", BO: 'B"o, \\ [1] ', CY: "Čy"}
BY_ID = sa.select(PEOPLE.c.name).where(among(PEOPLE.c.id)).order_by(PEOPLE.c.id)
BY_NAME = sa.select(PEOPLE.c.id).where(among(PEOPLE.c.name, "names")).order_by(PEOPLE.c.id)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    opened = open_sessions(database_url)
    PEOPLE.metadata.create_all(opened.engine)
    with opened.act() as connection:
        connection.execute(sa.insert(PEOPLE), [{"id": id_, "name": name} for id_, name in NAMES.items()])
    yield opened
    opened.close()


@pytest.mark.parametrize("ids", [[], [BO], [CY, ANN], [ANN, ANN, uuid4()], [*NAMES, *(uuid4() for _ in range(700))]])
def test_a_set_of_ids_finds_those_that_are_there(sessions: Sessions, ids: list[UUID]) -> None:
    with sessions.read() as connection:
        found = list(connection.execute(BY_ID, {"ids": ids}).scalars())
    assert found == [NAMES[each] for each in sorted(NAMES.keys() & set(ids))]


def test_a_set_of_words_may_hold_any_sign(sessions: Sessions) -> None:
    with sessions.read() as connection:
        assert list(connection.execute(BY_NAME, {"names": [NAMES[CY], NAMES[BO], "'); --"]}).scalars()) == [BO, CY]
        assert list(connection.execute(BY_NAME, {"names": []}).scalars()) == []


def test_a_statement_made_anew_is_never_taken_for_another(sessions: Sessions) -> None:
    """Each is forgotten before the next is made, which may so lie in the same place."""
    with sessions.read() as connection:
        for _ in range(40):
            for id_, name in NAMES.items():
                columns = [PEOPLE.c.name] if name == "Ann" else [PEOPLE.c.id, PEOPLE.c.name]
                row = connection.execute(sa.select(*columns).where(PEOPLE.c.id == id_)).one()
                assert tuple(row) == ((name,) if name == "Ann" else (id_, name))
        assert connection.execute(BY_ID, {"ids": [BO]}).scalar() == NAMES[BO]
