"""Drafts of models: two designers meet, nothing typed is lost, autosaves are few revisions, odd names are refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import ROLES
from engine.commands import deployments, model_drafts
from engine.commands.model_drafts import DraftChanged
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries import model_drafts as kept
from engine.store.tables import keeping, modelling
from engine.writing import in_one_writing
from tests.database.test_deployments import FILES, small_world
from tests.worlds import World, build_world

FILE = "small.bpmn"


def save(world: World, who: str, content: bytes, expected: int | None, file: str = FILE) -> int:
    return model_drafts.save(
        world.engine, actor=world.actor(who, "designer"), file=file, content=content, expected=expected
    ).version


def revisions(world: World) -> list[tuple[int, bytes]]:
    table = modelling.model_draft_revisions
    return [tuple(row) for row in world.rows(sa.select(table.c.version, table.c.source).order_by(table.c.version))]


def test_the_second_of_two_designers_is_told_who_saved_and_loses_nothing(database_url: str) -> None:
    world = build_world(database_url, models={})
    first = save(world, "piet", b"<one/>", None)
    assert save(world, "morgan", b"<two/>", first) == first + 1
    with pytest.raises(DraftChanged) as refusal:
        save(world, "piet", b"<three/>", first)
    assert refusal.value.details["version"] == first + 1
    assert refusal.value.details["saved_by"] == world.actor("morgan", "designer").name
    found = kept.draft(world.engine, actor=world.actor("piet"), file=FILE)
    assert found is not None and found.content == b"<two/>"
    assert save(world, "piet", b"<two/>", None) == first + 1  # the same text is no conflict, whatever was seen
    assert [source for _, source in revisions(world)] == [b"<one/>", b"<two/>"]
    assert not world.verified().findings
    world.close()


def test_a_model_is_kept_in_one_writing_whichever_program_wrote_it() -> None:
    world = small_world()
    text = in_one_writing(FILE, FILES[FILE])
    version = save(world, "piet", FILES[FILE].replace(b" name=", b"\n   name="), None)
    assert kept.text(world.engine, actor=world.actor("piet"), file=FILE) == text
    assert save(world, "piet", text.replace(b"/>", b" />\n"), version) == version  # nothing changed: no new version
    world.close()


def test_what_one_person_saves_within_ten_minutes_is_one_revision_and_one_line_of_history() -> None:
    world = small_world()
    version = save(world, "piet", b"<a/>", None)
    for content in (b"<b/>", b"<c/>"):
        world.clock.advance(timedelta(minutes=4))
        version = save(world, "piet", content, version)
    world.clock.advance(timedelta(minutes=4))
    save(world, "piet", b"<d/>", version)
    assert revisions(world) == [(3, b"<c/>"), (4, b"<d/>")]
    kind = keeping.history.c.kind
    assert len(world.rows(sa.select(kind).where(kind == "model_draft_kept"))) == 2


def test_a_draft_begun_again_counts_on_so_that_an_old_page_cannot_write_over_it() -> None:
    world = small_world()
    seen = save(world, "piet", b"<old/>", None)
    model_drafts.discard(world.engine, actor=world.actor("morgan", "designer"), file=FILE)
    with pytest.raises(DraftChanged, match="gone"):
        save(world, "piet", b"<older/>", seen)
    assert save(world, "morgan", b"<new/>", None) == seen + 1
    with pytest.raises(DraftChanged):
        save(world, "piet", b"<older/>", seen)


def test_a_draft_is_read_before_what_is_in_force_and_ends_when_it_comes_into_force() -> None:
    world = small_world()
    actor = world.actor("piet")
    with pytest.raises(NotFound):
        kept.text(world.engine, actor=actor, file=FILE)
    world.deploy(FILES)
    current = kept.in_force(world.engine, actor=actor, file=FILE)
    assert current is not None and (current.kind, current.key, current.version) == ("process", "small", 1)
    changed = in_one_writing(FILE, FILES[FILE])
    model_drafts.save(
        world.engine, actor=actor, file=FILE, content=changed, expected=None, based_on=current.id
    )
    found = kept.draft(world.engine, actor=actor, file=FILE)
    assert found is not None and found.based_on == current.id
    assert kept.text(world.engine, actor=actor, file=FILE) == changed
    deployments.deploy(world.engine, authority_id=world.authority_id, files={FILE: changed}, actor=actor)
    assert kept.draft(world.engine, actor=actor, file=FILE) is None
    assert kept.text(world.engine, actor=actor, file=FILE) == changed


def test_designers_are_told_who_else_has_a_model_open() -> None:
    world = small_world()

    def opens(who: str) -> list[str]:
        found = model_drafts.open_on(world.engine, actor=world.actor(who, "designer"), file=FILE)
        return [each.name for each in found]

    assert opens("piet") == []
    assert opens("morgan") == [world.actor("piet").name]
    world.clock.advance(timedelta(minutes=3))
    assert opens("piet") == []


@pytest.mark.parametrize(
    "file", ["", "x", ".bpmn", "../x.bpmn", "a//x.form", "/x.dmn", "a\\x.dmn", "c:x.dmn", "a\n.dmn"]
)
def test_a_draft_has_the_name_of_a_model(file: str) -> None:
    with pytest.raises(Invalid):
        save(small_world(), "piet", b"", None, file=file)


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"designer"}))
def test_only_a_designer_keeps_drafts(role: str) -> None:
    world = small_world()
    actor = world.actor("piet", role)
    with pytest.raises(NotPermitted):
        model_drafts.save(world.engine, actor=actor, file=FILE, content=b"", expected=None)
    with pytest.raises(NotPermitted):
        model_drafts.open_on(world.engine, actor=actor, file=FILE)
    with pytest.raises(NotPermitted):
        kept.draft(world.engine, actor=actor, file=FILE)


def test_a_draft_is_not_begun_from_another_authoritys_definition() -> None:
    world = small_world()
    with pytest.raises(NotFound):
        model_drafts.save(
            world.engine, actor=world.actor("piet"), file=FILE, content=b"", expected=None, based_on=UUID(int=4)
        )
