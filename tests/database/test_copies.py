"""Whole copies: made while the database is in use, put back into an empty one, refused otherwise."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.bootstrap import build_engine, prepare_database
from engine.commands import keeping
from engine.errors import Invalid
from engine.settings import Settings
from engine.store import copies
from engine.store.verification import Verification
from tests.worlds import World, build_world, settings_for

NewUrl = Callable[[], str]


@pytest.fixture
def new_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[NewUrl]:
    """Give a maker of empty databases of the same kind as `database_url`."""
    made: list[str] = []
    if database_url.startswith("sqlite"):
        numbers = count()
        yield lambda: f"sqlite:///{tmp_path / 'other' / f'restored{next(numbers)}.db'}"
        return
    cluster = request.getfixturevalue("postgres")

    def make() -> str:
        made.append(cluster.create())
        return made[-1]

    yield make
    for url in made:
        cluster.drop(url)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world with one case, on a database of its own."""
    world = build_world(database_url)
    world.start_case()
    world.tick()
    yield world
    world.close()


def verified(url: str, anchor: str | None = None) -> Verification:
    engine = build_engine(settings_for(url))
    try:
        return keeping.verify(engine, expected_anchor=anchor)
    finally:
        engine.sessions.close()


def test_a_copy_put_back_is_the_same_service(world: World, new_url: NewUrl, tmp_path: Path) -> None:
    world.clock.advance(timedelta(days=1))
    world.tick()
    before = world.verified()
    keeping.backup(world.engine.settings, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("copy")) == ["copy"]
    target = new_url()
    keeping.restore(settings_for(target), tmp_path / "copy")
    after = verified(target, before.anchor)
    assert (after.cases, after.events, after.findings, after.anchor) == (before.cases, before.events, (), before.anchor)
    other = build_engine(settings_for(target), clock=world.clock)
    world.engine.sessions.close()
    world.engine = other
    world.do("record_consent", "hana", consent="given", given_by="Jo", signed_on=world.today.isoformat())
    assert world.open_elements() == ["complete_assessment"]


def test_a_copy_is_taken_while_people_are_writing(world: World, new_url: NewUrl, tmp_path: Path) -> None:
    opened: list[object] = []
    enough, stop = threading.Event(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            opened.append(world.start_case())
            if len(opened) >= 3:
                enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(30)
    at_least = len(opened)
    keeping.backup(world.engine.settings, tmp_path / "copy")
    stop.set()
    writer.join()
    target = new_url()
    keeping.restore(settings_for(target), tmp_path / "copy")
    found = verified(target)
    assert found.findings == ()
    # The fixture's case, the authority's own chain, and every case opened before the copy began.
    assert found.cases >= at_least + 2
    assert not world.verified().findings


def test_a_database_that_holds_anything_is_not_written_over(world: World, tmp_path: Path) -> None:
    keeping.backup(world.engine.settings, tmp_path / "copy")
    before = world.verified()
    with pytest.raises(Invalid, match="not empty"):
        keeping.restore(world.engine.settings, tmp_path / "copy")
    assert world.verified() == before


@pytest.mark.parametrize("damage", ["no backup at all", "nothing", "cut short", "overwritten"])
def test_a_damaged_copy_is_refused_and_nothing_is_put_back(
    world: World, new_url: NewUrl, tmp_path: Path, damage: str
) -> None:
    copy = tmp_path / "copy"
    keeping.backup(world.engine.settings, copy)
    whole = copy.read_bytes()
    middle = len(whole) // 2
    copy.write_bytes(
        {
            "no backup at all": b"these are minutes of a meeting, not a database" * 100,
            "nothing": b"",
            "cut short": whole[:middle],
            "overwritten": whole[: middle - 20_000] + b"\x00" * 40_000 + whole[middle + 20_000 :],
        }[damage]
    )
    target = new_url()
    with pytest.raises(Invalid) as refused:
        keeping.restore(settings_for(target), copy)
    assert str(tmp_path) in str(refused.value) or "pg_restore" in str(refused.value)
    copy.write_bytes(whole)
    keeping.restore(settings_for(target), copy)  # the target is still empty


def test_a_copy_that_is_not_there_is_named(world: World, new_url: NewUrl, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="there is no such file"):
        keeping.restore(settings_for(new_url()), tmp_path / "nowhere")


def test_a_copy_of_nothing_is_refused(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'nowhere.db'}", "sqlite://"):
        with pytest.raises(Invalid):
            keeping.backup(settings_for(url), tmp_path / "copy")
    assert not (tmp_path / "nowhere.db").exists()


def somebody_elses(url: str) -> str:
    """Give the database at `url` the tables of another program, which keeps its versions as we do."""
    folder_of(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("CREATE TABLE invoices (id INTEGER)"))
    engine.dispose()
    return url


def folder_of(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True)


def empty(url: str) -> str:
    folder_of(url)
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    return url


@pytest.mark.parametrize("made", [somebody_elses, empty])
def test_a_database_without_our_tables_is_not_copied(
    new_url: NewUrl, made: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match="holds no tables of this program") as refused:
        keeping.backup(settings_for(made(new_url())), tmp_path / "copy")
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.glob("copy*"))


def test_a_copy_of_somebody_elses_database_is_not_put_back(
    new_url: NewUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, copy, target = somebody_elses(new_url()), tmp_path / "copy", new_url()
    with monkeypatch.context() as patch:
        patch.setattr(copies, "OWN_TABLES", frozenset())
        keeping.backup(settings_for(other), copy)
    with pytest.raises(Invalid, match="this is not a backup of this program") as refused:
        keeping.restore(settings_for(target), copy)
    assert str(copy) in str(refused.value)
    prepare_database(settings_for(target))
    assert verified(target).findings == (), "it was still empty"


def test_a_copy_into_a_folder_that_is_not_there_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        keeping.backup(world.engine.settings, tmp_path / "no" / "such" / "copy")


def test_an_older_copy_stays_when_a_new_one_cannot_be_made(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("last night's")
    with pytest.raises(Invalid):
        keeping.backup(Settings(sqlite_url, tmp_path, "s" * 32), tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "last night's"


@pytest.mark.postgres
def test_postgresql_s_programs_are_found_where_debian_keeps_them(
    migrated_postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_world(migrated_postgresql_url, models={}).close()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    if not list(Path("/usr/lib/postgresql").glob("*/bin/pg_dump")):
        pytest.skip("PostgreSQL's programs are elsewhere on this machine")
    keeping.backup(settings_for(migrated_postgresql_url), tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_size > 1_000


def test_without_postgresql_s_programs_the_words_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(copies, "POSTGRESQL_FOLDERS", tmp_path)
    with pytest.raises(Invalid, match="pg_dump is not on this machine; install PostgreSQL's client programs"):
        keeping.backup(settings_for("postgresql://caf:hunter2@127.0.0.1:1/caf"), tmp_path / "copy")


@pytest.mark.postgres
def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        keeping.backup(settings_for("postgresql://caf:hunter2@127.0.0.1:1/caf"), tmp_path / "copy")
    assert "pg_dump failed" in str(refused.value)
    assert "hunter2" not in str(refused.value)
