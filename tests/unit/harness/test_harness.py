"""The fixtures that the other tests stand on."""

from __future__ import annotations

import socket
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.postgres_cluster import PostgresCluster, database_name


def test_each_kind_of_database_starts_empty(empty_database_url: str) -> None:
    engine = sa.create_engine(empty_database_url)
    assert sa.inspect(engine).get_table_names() == []
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE child (name TEXT)"))
        connection.commit()
    assert sa.inspect(engine).get_table_names() == ["child"]
    engine.dispose()


@pytest.mark.postgres
def test_a_database_is_fresh_for_the_next_test(postgres: PostgresCluster) -> None:
    urls = [postgres.create() for _ in range(2)]
    assert len(set(urls)) == len(urls)
    for url in urls:
        postgres.drop(url)
    left = postgres.admin.execute("SELECT datname FROM pg_database").fetchall()
    assert not {(database_name(url),) for url in urls} & set(left)


@pytest.mark.postgres
def test_a_database_that_is_lent_again_is_empty_or_another(postgres: PostgresCluster, migrated_postgresql: str) -> None:
    with postgres.lend(migrated_postgresql) as url:
        left_open = psycopg.connect(url.replace("+psycopg", ""))
        columns, values = "(id, key, name, profile, version)", "gen_random_uuid(), 'x', 'x', '{}', 1"
        left_open.execute(f"INSERT INTO authorities {columns} SELECT {values}")  # type: ignore[arg-type]
        left_open.commit()
        left_open.execute("LOCK authorities")
    left_open.close()
    with postgres.lend(migrated_postgresql) as again, psycopg.connect(again.replace("+psycopg", "")) as connection:
        assert again == url
        assert connection.execute("SELECT count(*) FROM authorities").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        connection.execute("ALTER TABLE authorities DISABLE TRIGGER ALL")
    with postgres.lend(migrated_postgresql) as another:
        assert another != url


@pytest.mark.postgres
@pytest.mark.parametrize(("setting", "value"), [("synchronous_commit", "on"), ("listen_addresses", "127.0.0.1")])
def test_the_cluster_keeps_what_it_commits_and_listens_only_here(
    postgres: PostgresCluster, setting: str, value: str
) -> None:
    assert postgres.admin.execute(f"SHOW {setting}").fetchone() == (value,)  # type: ignore[call-overload]


@pytest.mark.postgres
def test_the_cluster_wants_its_password(postgres: PostgresCluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=postgres.port, user="caf", password="wrong", dbname="postgres")


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_the_outside_network_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as outside, pytest.raises(RuntimeError, match="only reach this machine"):
        outside.connect(address)


def test_looking_up_an_outside_name_is_refused() -> None:
    with pytest.raises(RuntimeError, match="only reach this machine"):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_an_sqlite_database_is_a_file_of_this_test(sqlite_url: str, tmp_path: Path) -> None:
    assert sqlite_url == f"sqlite:///{tmp_path}/caf.db"
