"""The migrations make exactly the schema that the code uses, on both databases, once."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from engine.bootstrap import build_engine, prepare_database
from engine.errors import Invalid
from engine.settings import Settings
from engine.store.session import open_sessions
from engine.store.tables import METADATA


@pytest.fixture
def settings(empty_database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=empty_database_url, variable_folder=tmp_path, secret_key="x" * 40)


def test_they_make_the_schema_that_the_code_uses(settings: Settings) -> None:
    assert prepare_database(settings)
    sessions = open_sessions(settings.database_url)
    with sessions.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    sessions.close()
    assert differences == []


def test_a_second_run_does_nothing(settings: Settings) -> None:
    prepare_database(settings)
    assert not prepare_database(settings)


def test_partial_indexes_are_partial(settings: Settings) -> None:
    prepare_database(settings)
    sessions = open_sessions(settings.database_url)
    with sessions.read() as connection:
        found = {index["name"]: index for index in sa.inspect(connection).get_indexes("timers")}
        dialect = connection.dialect.name
    sessions.close()
    assert "fired_at IS NULL" in str(found["ix_timers_waiting"]["dialect_options"][f"{dialect}_where"])


def test_an_engine_refuses_a_database_without_tables(settings: Settings) -> None:
    with pytest.raises(Invalid, match="Run `caf init` first"):
        build_engine(settings)


@pytest.mark.parametrize("theirs", ["invoices", "alembic_version"])
def test_a_database_of_somebody_else_is_refused_and_left_as_it_is(settings: Settings, theirs: str) -> None:
    sessions = open_sessions(settings.database_url)
    with sessions.act() as connection:
        for name in ("bills", theirs):
            table = sa.Table(name, sa.MetaData(), sa.Column("version_num", sa.String(32)))
            table.create(connection)
        connection.execute(sa.insert(table).values(version_num="0001"))
    with pytest.raises(Invalid, match=r"tables that are not this program's \(bills.*name an empty one"):
        prepare_database(settings)
    with sessions.read() as connection:
        assert set(sa.inspect(connection).get_table_names()) == {"bills", theirs}
    sessions.close()


def test_an_engine_refuses_a_later_version_and_says_so(settings: Settings) -> None:
    prepare_database(settings)
    sessions = open_sessions(settings.database_url)
    with sessions.act() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    sessions.close()
    with pytest.raises(Invalid, match="later version"):
        build_engine(settings)
