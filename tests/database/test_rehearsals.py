"""A release is rehearsed over running cases; those chosen move once it is in force, whole, and can go back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import batches, deployments, rehearsals, user_tasks
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import rehearsed_cases
from engine.store import definitions
from engine.store.tables import keeping
from engine.store.tables.batches import batch_items
from engine.store.tables.rehearsals import rehearsal_cases, rehearsal_kinds
from engine.store.tables.rehearsals import rehearsals as rehearsal_rows
from engine.store.tables.running import instances, task_drafts, timers
from tests.small_files import form
from tests.small_models import ask
from tests.unit.bpmn.diagrams import boundary, element, end, timer, user
from tests.worlds import World, model, open_world

LATE = (boundary("late", "visit", timer("P5D"), interrupting=False), ask("chase"), end("chased"))
WAY = "start visit; visit call; call end; late chase; chase chased"
NOW = model(ask("visit"), ask("call"), *LATE, way=WAY, key="visits")
LONGER = model(
    ask("visit", name="See the child"), ask("call"), ask("write"), *LATE,
    way=WAY.replace("call end", "call write; write end"), key="visits",
)  # fmt: skip
WITHOUT = model(ask("call"), way="start call; call end", key="visits")
FILE = "visits.bpmn"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={FILE: NOW}) as world:
        yield world


def begin(world: World, source: bytes, by: str = "piet", **asked: object) -> UUID:
    found = rehearsals.begin(world.engine, actor=world.actor(by), files={FILE: source}, **asked)
    world.tick()
    return found


def kinds(world: World) -> list[tuple[str, list[str], int]]:
    """Return the verdicts with what is said, and how many cases of each."""
    rows = world.rows(sa.select(rehearsal_kinds).order_by(rehearsal_kinds.c.number))
    counts = Counter(row.kind_id for row in world.rows(sa.select(rehearsal_cases)))
    return [(row.verdict, [each["said"] for each in row.remarks], counts[row.id]) for row in rows]


def standing(world: World) -> Counter[str]:
    """Return how many cases stand at a changed step, before one, or past all."""
    query = sa.select(rehearsal_kinds.c.meets).join(rehearsal_cases, rehearsal_cases.c.kind_id == rehearsal_kinds.c.id)
    return Counter(row.meets for row in world.rows(query))


def versions(world: World) -> Counter[int]:
    found = world.rows(sa.select(instances.c.definition_id).where(instances.c.status == "running"))
    with world.engine.sessions.read() as connection:
        return Counter(definitions.load(connection, row.definition_id).version for row in found)


def said(world: World) -> Counter[str]:
    return Counter(row.said or row.state for row in world.rows(sa.select(batch_items)))


def told(world: World, who: str) -> list[str]:
    rows = world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.practitioner_id == world.ids[who]))
    return [row.subject for row in rows]


def test_every_running_case_is_tried_and_nothing_changes(world: World) -> None:
    cases = [world.start_case(process_key="visits", given_name=f"Sam{number}") for number in range(3)]
    world.do("visit", "hana", case_id=cases[0])
    before = world.rows(sa.select(instances).order_by(instances.c.id))
    rehearsal = begin(world, LONGER)
    assert sorted(kinds(world)) == [("changes", ["“visit” is called “See the child” now"], 2), ("unharmed", [], 1)]
    (row,) = world.rows(sa.select(rehearsal_rows))
    assert (row.id, row.state, row.total, row.seen) == (rehearsal, "done", 3, 3)
    assert world.rows(sa.select(instances).order_by(instances.c.id)) == before
    world.deploy({FILE: LONGER})
    world.tick()
    assert versions(world) == {1: 3}, "cases finish where they began unless somebody chooses otherwise"


def test_cases_that_have_still_to_meet_a_change_are_told_from_those_past_it(world: World) -> None:
    cases = [world.start_case(process_key="visits", given_name=f"Sam{number}") for number in range(3)]
    world.do("visit", "hana", case_id=cases[0])
    pressing = NOW.replace(b'id="visit"', b'id="visit" camunda:priority="60"')
    begin(world, pressing)
    assert standing(world) == {"at": 2, "past": 1}
    (row,) = world.rows(sa.select(rehearsal_rows))
    assert row.steps == [{"process": "visits", "element": "visit", "name": "“visit”", "how": "changed"}]
    begin(world, LONGER.replace(b' name="See the child"', b""))
    new = next(each for each in world.rows(sa.select(rehearsal_rows)) if each.id != row.id)
    assert [(each["element"], each["how"]) for each in new.steps] == [("write", "new")]
    assert standing(world) - Counter({"at": 2, "past": 1}) == {"ahead": 3}


def test_cases_that_have_been_through_there_are_told_from_those_that_have_it_to_come(world: World) -> None:
    gate = element("exclusiveGateway", "again")
    way = "start visit; visit call; call again; again visit [note = 1]; again end *"
    world.deploy({FILE: model(ask("visit"), ask("call"), gate, way=way, key="visits")})
    cases = [world.start_case(process_key="visits", given_name=f"Sam{number}") for number in range(3)]
    world.do("visit", "hana", case_id=cases[0])
    within = way.replace("visit call", "visit write; write call")
    rehearsal = begin(world, model(ask("visit"), ask("write"), ask("call"), gate, way=within, key="visits"))
    assert standing(world) == {"ahead": 2, "again": 1}
    asked = rehearsed_cases.Which(meets="again")
    found = rehearsed_cases.read(world.engine, actor=world.actor("cleo"), rehearsal_id=rehearsal, which=asked)
    assert [each.case_id for each in found.cases] == [cases[0]]


def test_those_chosen_move_with_their_drafts_timers_and_history(world: World) -> None:
    case_id = world.start_case(process_key="visits")
    task, alarm = world.task("visit"), world.rows(sa.select(timers))[0]
    user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=task.id)
    user_tasks.save_draft(world.engine, actor=world.actor("hana"), task_id=task.id, answers={"note": "half"}, base="0")
    begin(world, LONGER, choice="move")
    later = world.start_case(process_key="visits", given_name="Ada")
    world.tick()
    assert versions(world) == {1: 2}, "nothing moves before it is in force"
    world.deploy({FILE: LONGER})
    world.tick()
    world.tick()
    assert versions(world) == {2: 2} and said(world) == {"done": 2}
    moved = world.task("visit", case_id)
    assert (moved.id, moved.name, moved.assignee_id) == (task.id, "See the child", world.ids["hana"])
    assert world.rows(sa.select(task_drafts))[0].task_id == task.id
    kept = next(row for row in world.rows(sa.select(timers)) if row.id == alarm.id)
    assert (kept.due_at, kept.cancelled_at, kept.task_id) == (alarm.due_at, None, alarm.task_id)
    (event,) = world.history(case_id, "version_changed")
    assert event.detail == {"process": "visits", "from": 1, "to": 2}
    for step in ("visit", "call", "write"):
        world.do(step, "hana", case_id=later)
    world.pass_days(6)
    assert "chase" in world.open_elements(case_id)
    assert [each for each in world.incidents() if each.kind != "rule"] == [] and world.verified().findings == ()


def test_a_step_that_is_gone_is_decided_and_who_has_begun_keeps_their_version(world: World) -> None:
    cases = [world.start_case(process_key="visits", given_name=f"Sam{number}") for number in range(3)]
    begun = world.task("visit", cases[0])
    user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=begun.id)
    rehearsal = begin(world, WITHOUT)
    assert kinds(world) == [("decide", ["“visit”, where the case waits, is not in the new version"], 3)]
    assert told(world, "cleo") == ["Running cases need a decision before a change is published"]
    cleo = world.actor("cleo")
    with pytest.raises(NotPermitted):
        rehearsals.choose_for_kind(
            world.engine, actor=world.actor("piet"), rehearsal_id=rehearsal, number=1, choice="move", to="call"
        )
    with pytest.raises(Invalid):
        rehearsals.choose_for_kind(world.engine, actor=cleo, rehearsal_id=rehearsal, number=1, choice="move", to="end")
    rehearsals.choose_for_kind(world.engine, actor=cleo, rehearsal_id=rehearsal, number=1, choice="move", to="call")
    last = next(row for row in world.rows(sa.select(rehearsal_cases)) if row.case_id == cases[2])
    rehearsals.choose_for_case(world.engine, actor=world.actor("morgan"), row_id=last.id, choice="stay")
    world.deploy({FILE: WITHOUT})
    world.tick()
    world.tick()
    assert versions(world) == {1: 1, 2: 2}, "a task that goes on under another name keeps who has claimed it"
    assert sorted(world.open_elements()) == ["call", "call", "visit"]
    assert world.task("call", cases[0]).id == begun.id
    with pytest.raises(Conflict):
        rehearsals.choose(world.engine, actor=cleo, rehearsal_id=rehearsal, choice="stay")


def test_a_case_that_has_gone_on_is_judged_again_and_refused_in_words(world: World) -> None:
    slow, quick = (world.start_case(process_key="visits", given_name=name) for name in ("Ada", "Sam"))
    without_late = model(ask("visit"), ask("call"), ask("talk"), way="start visit; visit call; call talk; talk end",
                         key="visits")  # fmt: skip
    begin(world, without_late, choice="move")
    assert kinds(world) == [("changes", ["“late” is not drawn there any more: its timer is disarmed"], 2)]
    world.do("visit", "hana", case_id=quick)
    world.pass_days(6)
    assert world.open_elements(slow) == ["chase", "visit"]
    world.deploy({FILE: without_late})
    world.tick()
    world.tick()
    refusal = "“chase”, where the case waits, is not in the new version"
    assert versions(world) == {1: 1, 2: 1} and said(world) == {"done": 1, refusal: 1}
    assert world.open_elements(slow) == ["chase", "visit"] and world.history(slow, "version_changed") == []


def test_the_way_back_is_the_same_way(world: World) -> None:
    case_id = world.start_case(process_key="visits")
    begin(world, LONGER, choice="move")
    world.deploy({FILE: LONGER})
    world.tick()
    world.tick()
    assert versions(world) == {2: 1}
    world.deploy({FILE: NOW})
    rehearsals.begin(world.engine, actor=world.actor("piet"), choice="move")
    world.tick()
    world.tick()
    assert versions(world) == {3: 1} and world.task("visit").name == "visit"
    assert [each.detail["to"] for each in world.history(case_id, "version_changed")] == [2, 3]
    assert world.verified().findings == ()


def test_moving_can_rest_and_end(world: World) -> None:
    for number in range(3):
        world.start_case(process_key="visits", given_name=f"Sam{number}")
    rehearsal = begin(world, LONGER, choice="move")
    world.deploy({FILE: LONGER})
    rehearsals.go_on(world.engine)
    piet = world.actor("piet")
    rehearsals.pause(world.engine, actor=piet, rehearsal_id=rehearsal)
    world.tick()
    assert versions(world) == {1: 3}
    batches.go_on(world.engine, most=1)
    rehearsals.resume(world.engine, actor=piet, rehearsal_id=rehearsal)
    world.tick()
    assert versions(world) == {2: 3}
    with pytest.raises(Conflict):
        rehearsals.stop(world.engine, actor=piet, rehearsal_id=rehearsal)


def test_who_may_not_know_learns_nothing(world: World) -> None:
    world.start_case(process_key="visits")
    with pytest.raises(NotPermitted):
        begin(world, LONGER, by="hana")
    with pytest.raises(Invalid, match="cannot run yet"):
        begin(world, b"<nothing/>")
    begin(world, LONGER)
    (row,) = world.rows(sa.select(rehearsal_cases))
    for who in ("piet", "sunniva"):
        with pytest.raises(NotFound):
            rehearsals.choose_for_case(world.engine, actor=world.actor(who), row_id=row.id, choice="move")
    world.clock.advance(timedelta(days=1))


def asks(group: str = "case_workers") -> bytes:
    task = user("visit", camunda_formRef="note", camunda_candidateGroups=group)
    return model(task, way="start visit; visit end", key="visits")


def test_a_draft_goes_along_where_its_questions_do_and_holds_its_case_back_where_not(world: World) -> None:
    world.deploy({FILE: asks(), "note.form": form("note", "what", "where")})
    typed = {"Ada": {"what": "A visit"}, "Sam": {"where": "At home"}, "Jo": None}
    cases = {name: world.start_case(process_key="visits", given_name=name) for name in typed}
    for name, answers in typed.items():
        if answers:
            task = world.task("visit", cases[name])
            user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=task.id)
            user_tasks.save_draft(
                world.engine, actor=world.actor("hana"), task_id=task.id, answers=answers, base="0"
            )
    other = {"note.form": form("note", "what", "when")}
    rehearsals.begin(world.engine, actor=world.actor("piet"), files=other, choice="move")
    world.tick()
    lost = "“visit” has been begun, and asks otherwise now what was answered"
    changed = "“visit” asks with a form that has changed"
    assert sorted(kinds(world)) == [("changes", [changed], 2), ("stays", [lost], 1)]
    world.deploy(other)
    world.tick()
    world.tick()
    forms = {name: world.task("visit", case_id).form_id for name, case_id in cases.items()}
    assert forms["Ada"] == forms["Jo"] != forms["Sam"]
    world.do("visit", "hana", case_id=cases["Ada"], what="A visit", when="Monday")
    world.do("visit", "hana", case_id=cases["Sam"], what="A visit", where="At home")


def test_who_has_begun_a_task_keeps_it_and_nobody_else_does(world: World) -> None:
    world.deploy({FILE: asks(), "note.form": form("note", "what")})
    mine, free = (world.start_case(process_key="visits", given_name=name) for name in ("Ada", "Sam"))
    user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=world.task("visit", mine).id)
    begin(world, asks("coordinators"), choice="move")
    assert kinds(world) == [("changes", ["“visit” asks somebody else; whoever has begun it keeps it"], 2)]
    world.deploy({FILE: asks("coordinators")})
    world.tick()
    world.tick()
    kept, moved = world.task("visit", mine), world.task("visit", free)
    assert (kept.assignee_id, kept.candidate_groups) == (world.ids["hana"], ["case_workers"])
    assert (moved.assignee_id, moved.candidate_groups, moved.queue) == (None, ["coordinators"], "coordinators")


def test_a_release_taken_back_moves_only_the_cases_that_it_moved(world: World) -> None:
    """The older release moved nobody, a manager kept one case back, another began on the newer: three stay."""
    moved, kept, lagging = (world.start_case(process_key="visits", given_name=each) for each in ("Ada", "Kit", "Sam"))
    world.deploy({FILE: LONGER})
    later = world.start_case(process_key="visits", given_name="Mia")
    called = LONGER.replace(b'id="call"', b'id="call" name="Call the family"')
    rehearsal = begin(world, called, choice="move")
    rows = {row.case_id: row.id for row in world.rows(sa.select(rehearsal_cases))}
    for case_id in (kept, lagging):
        rehearsals.choose_for_case(world.engine, actor=world.actor("morgan"), row_id=rows[case_id], choice="stay")
    release = world.deploy({FILE: called}).deployment_id
    assert release is not None
    world.tick()
    world.tick()
    new = world.start_case(process_key="visits", given_name="New")

    def stand() -> list[int]:
        on = {row.case_id: row.definition_id for row in world.rows(sa.select(instances))}
        with world.engine.sessions.read() as connection:
            return [definitions.load(connection, on[each]).version for each in (moved, kept, lagging, later, new)]

    assert stand() == [3, 1, 1, 3, 3]
    piet = world.actor("piet")
    deployments.take_back(
        world.engine, authority_id=world.authority_id, deployment_ids={release}, reason="A slip", actor=piet
    )  # fmt: skip
    assert rehearsals.back(world.engine, actor=piet, rehearsal_id=rehearsal)
    world.tick()
    world.tick()
    assert stand() == [1, 1, 1, 4, 3], "each goes back to the text that it was on, which is version 4 for version 2"
    assert world.verified().findings == ()


def test_a_release_taken_back_while_its_cases_move_moves_no_more(world: World) -> None:
    for number in range(3):
        world.start_case(process_key="visits", given_name=f"Sam{number}")
    rehearsal = begin(world, LONGER, choice="move")
    release = world.deploy({FILE: LONGER}).deployment_id
    rehearsals.go_on(world.engine)
    batches.go_on(world.engine, most=1)
    assert versions(world) == {1: 2, 2: 1} and release is not None
    piet = world.actor("piet")
    deployments.take_back(
        world.engine, authority_id=world.authority_id, deployment_ids={release}, reason="A slip", actor=piet
    )  # fmt: skip
    rehearsals.back(world.engine, actor=piet, rehearsal_id=rehearsal)
    world.tick()
    world.tick()
    assert versions(world) == {1: 2, 3: 1} and rehearsals.TAKEN_BACK in said(world)
