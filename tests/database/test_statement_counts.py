"""The database work of one act, counted: BEGIN and COMMIT apart, which must be exactly one of each.

Counted on both databases when this was written (statements to complete the task, everything in memory warm):

      peers' model 7, with 10 KB of answers
    record_consent 19           agree_action_plan 40        refer_to_mag 14
    complete_assessment 10      discuss_stalled_plan 11     decide_in_mag 26
    appoint_lead_professional 17    ask_consent_for_mag 14  hold_review 13
    arrange_tac_meeting 32      reply_to_invitation 9       close_case 18
    hold_tac_meeting 42         choose_review 14            finish_tac_meeting 12
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from engine.commands import user_tasks
from tests.episodes import STRAIGHT_ROAD, answers_for
from tests.small_models import PEERS
from tests.worlds import World, open_world

MOST_FOR_PEERS = 10
MOST_FOR_CAF = 17
MOST_FOR_WHOLE_PLANS = {
    "record_consent": 19, "agree_action_plan": 40, "decide_in_mag": 26, "hold_tac_meeting": 42,
    "arrange_tac_meeting": 33, "close_case": 18, "hold_review": 25, "appoint_lead_professional": 20,
}  # fmt: skip
"""These write the most: a consent with the parent who gave it, who is of the family from then on, and the two clocks
on the question, which end; a plan with outcomes, actions, members, messages, a decision and a review, whose owners the
consent must cover and of whose family each reader has a copy, without what tells of a brother or sister of whom they
may not be told; the decision of the group, of which everybody round the child is told, and the family by that copy; a
meeting with its invitations of practitioners and of each of the family, the team, the review that it
is for, whether the plan rests on that day, and whom the consent covers; a meeting that was held, with who of the
family came, its checklist, its notes, which name the practitioners who came,
sent to everybody but who may not be told of another child of the same meeting, and the diagram of their own that the
notes, the letters and the checklist for afterwards have (an instance, its task and its timers); a closure, before
which it is read whether anybody is asked to check for harm; a review without a meeting, of which each of the family
has a letter, and which closes, unless a closing is under way already; the choice of a lead, for the day of the
assessment, from which the first meeting is promised."""
TEN_KB = "Sam sleeps better. " * 540


@dataclass
class Counted:
    """What went to the database."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def __str__(self) -> str:
        return "\n".join(f"{number:3} {text[:110]}" for number, text in enumerate(self.statements, start=1))


@contextmanager
def counting(world: World) -> Iterator[Counted]:
    counted, engine = Counted(), world.engine.sessions.engine

    def statement(*given: object) -> None:
        text = str(given[2])
        if not text.startswith("BEGIN"):
            counted.statements.append(text)

    def commit(_connection: sa.Connection) -> None:
        counted.commits += 1

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
    try:
        yield counted
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", commit)


def complete(world: World, case_id: UUID, element: str, by: str, **answers: object) -> Counted:
    """Complete a task, claimed before, and count."""
    actor = world.actor(by)
    offered = world.tasks(case_id, element=element)
    task = next((each for each in offered if each.assignee_id == actor.practitioner_id), offered[0])
    if task.assignee_id is None:
        user_tasks.claim(world.engine, actor=actor, task_id=task.id)
    if element == "hold_tac_meeting":
        answers |= {"family": world.family_that_came(case_id)}
    with counting(world) as counted:
        user_tasks.complete(world.engine, actor=actor, task_id=task.id, answers=answers, request_key=f"{task.id}")
    return counted


def test_completing_a_task_of_the_peers_model(database_url: str) -> None:
    with open_world(database_url, models={"peers.bpmn": PEERS}) as world:
        for _ in range(2):  # the first fills the caches
            case_id = world.start_case(process_key="peers")
            assert len(TEN_KB) > 10_000
            counted = complete(world, case_id, "a", "hana", ok=True, notes=TEN_KB)
        assert world.open_elements(case_id) == ["b"]
        assert len(world.timers(case_id)) == 1
        assert len(counted.statements) <= MOST_FOR_PEERS, str(counted)
        assert counted.commits == 1


def walk(world: World) -> dict[str, Counted]:
    """Walk an episode, a stalled plan and a concern; return what each task's completion took."""
    found: dict[str, Counted] = {}
    case_id = world.start_case()
    for element in STRAIGHT_ROAD:
        if element == "hold_tac_meeting":
            found["reply_to_invitation"] = complete(world, case_id, "reply_to_invitation", "idris", reply="attending")
        if element == "choose_review":
            for _ in range(9):
                world.clock.advance(timedelta(weeks=2))
                world.tick()
            found |= stalled(world, case_id)
        found[element] = complete(world, case_id, element, "hana", **answers_for(world, element))
    return found


def stalled(world: World, case_id: UUID) -> dict[str, Counted]:
    today = world.today.isoformat()
    steps = {
        "discuss_stalled_plan": ("morgan", {
            "discussed_on": today, "tried": "Much", "decision": "refer_to_mag", "next_step": "MAG",
            "next_step_on": today,
        }),
        "ask_consent_for_mag": ("hana", {"mag_consent": "yes", "given_by": "Jo Whitlock", "asked_on": today}),
        "refer_to_mag": ("hana", {"reason": "Stuck", "tried": "All of it", "discussed_on": today, "asked": "Help"}),
        "screen_papers": ("cleo", {"papers_whole": "yes", "mag": "Multi-Agency Group", "meeting_on": today}),
        "decide_in_mag": ("ada", {
            "mag_outcome": "decided", "decided_on": today, "decision": "Another agency leads",
        }),
    }  # fmt: skip
    return {element: complete(world, case_id, element, by, **answers) for element, (by, answers) in steps.items()}


def test_completing_each_task_of_an_episode(database_url: str) -> None:
    with open_world(database_url) as world:
        walk(world)  # fills the caches
        world.clock.advance(timedelta(days=1))
        found = walk(world)
    table = "\n".join(f"{len(counted.statements):4}  {element}" for element, counted in found.items())
    most = dict.fromkeys(found, MOST_FOR_CAF) | MOST_FOR_WHOLE_PLANS
    too_many = [str(counted) for element, counted in found.items() if len(counted.statements) > most[element]]
    assert not too_many, "\n".join([table, *too_many])
    assert {element: counted.commits for element, counted in found.items()} == dict.fromkeys(found, 1), table
