"""Open a case, run processes on it, raise a concern about it, report on its plan."""

from __future__ import annotations

import json
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import ROLES
from engine.commands import cases, concerns, plan_actions, setup
from engine.errors import Conflict, Invalid, KeyUsed, NotFound, NotPermitted
from engine.queries import case_file, pathways
from engine.store.tables import keeping, record, running
from tests.small_files import asking, service
from tests.unit.bpmn.diagrams import end, file_of, process, user
from tests.unit.bpmn.diagrams import start as start_event
from tests.worlds import World, build_world, model

SAM = cases.Child(given_name=" Sam ", family_name="Whitlock", born_on=date(2018, 3, 2))
CONCERN = model(
    user("acknowledge", camunda_candidateGroups="safeguarding_leads"), way="start acknowledge; acknowledge end",
    key="safeguarding_concern",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    """Give a world with a one-task process, one that closes the case, and a plan to agree."""
    shut = model(service("close", "close_record"), way="start close; close end", key="shut")
    plans = asking("", element="agree", key="plans", record="agree_action_plan")
    world = build_world(models={})
    world.deploy({"a.bpmn": asking(""), "b.bpmn": shut, "c.bpmn": CONCERN, "d.bpmn": plans})
    return world


def start(world: World, by: str = "hana", *roles: str, child: cases.Child = SAM, **more: Any) -> cases.CaseStarted:
    return cases.start(world.engine, actor=world.actor(by, *roles), child=child, process_key="small", **more)


def test_a_case_opens_with_child_family_assessor_and_process_in_one_act(world: World) -> None:
    started = start(world)
    case = world.case(started.case_id)
    assert (case.opened_on, case.closed_on, case.reference) == (world.today, None, started.reference)
    assert case.version == 1
    (child,) = world.rows(sa.select(record.children))
    assert (child.given_name, child.family_name, child.id) == ("Sam", "Whitlock", case.child_id)
    (member,) = world.rows(sa.select(record.case_members))
    assert (member.practitioner_id, member.role) == (world.ids["hana"], "assessor")
    assert [event.kind for event in world.history(started.case_id)] == [
        "case_opened", "assessor_named", "process_started",
    ]  # fmt: skip
    assert world.open_elements(started.case_id) == ["ask"]


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_a_case(world: World, role: str) -> None:
    if role in ("case_worker", "line_manager", "coordinator"):
        assert start(world, "hana", role).reference.startswith("CAF-")
        return
    with pytest.raises(NotPermitted):
        start(world, "hana", role)
    assert world.rows(sa.select(record.children)) == []


@pytest.mark.parametrize(
    ("child", "field"),
    [
        (cases.Child(family_name=" ", born_on=date(2020, 1, 1)), "family_name"),
        (cases.Child(family_name="Whitlock"), "born_on"),
        (cases.Child(family_name="Whitlock", born_on=date(2020, 1, 1), sex="boy"), "sex"),
        (cases.Child(family_name="Whitlock", born_on=date(2020, 1, 1), family_id=UUID(int=1)), "family_id"),
    ],
)
def test_what_is_wrong_with_a_child_names_the_field(world: World, child: cases.Child, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        start(world, child=child)
    assert refused.value.details["field"] == field
    assert world.rows(sa.select(record.cases).where(record.cases.c.child_id.is_not(None))) == []


def test_an_unborn_baby_has_a_case(world: World) -> None:
    baby = cases.Child(family_name="Whitlock", expected_on=date(2026, 8, 1))
    assert world.case(start(world, child=baby).case_id).closed_on is None


def test_a_sister_joins_the_family(world: World) -> None:
    start(world)
    (family,) = world.rows(sa.select(record.families.c.id))
    start(world, child=cases.Child(family_name="Whitlock", born_on=date(2020, 1, 1), family_id=family.id))
    assert len(world.rows(sa.select(record.families))) == 1
    assert len(world.rows(sa.select(record.children))) == 2


def test_the_assessor_may_be_somebody_else_of_the_authority_only(world: World) -> None:
    case_id = start(world, assessor_id=world.ids["idris"]).case_id
    assert world.history(case_id, "assessor_named")[0].subject_id == world.ids["idris"]
    with pytest.raises(Invalid) as refused:
        start(world, assessor_id=UUID(int=2))
    assert refused.value.details["field"] == "assessor_id"
    with pytest.raises(Invalid, match="Piet Dahl does not work on cases. Choose somebody who does") as refused:
        start(world, assessor_id=world.ids["piet"])
    assert refused.value.details["field"] == "assessor_id"


def test_the_same_request_opens_one_case(world: World) -> None:
    first, again = start(world, request_key="r1"), start(world, request_key="r1")
    assert first == again
    assert len(world.rows(sa.select(record.children))) == 1


def test_a_key_is_for_one_content_of_one_person(world: World) -> None:
    hanas = start(world, request_key="r1")
    lena = cases.Child(family_name="Adler", born_on=date(2019, 6, 1))
    with pytest.raises(KeyUsed, match="used for something else") as used:
        start(world, child=lena, request_key="r1")
    assert used.value.details["field"] == "request_key"
    josephs = start(world, "idris", "case_worker", child=lena, request_key="r1")
    assert josephs.case_id != hanas.case_id
    assert len(world.rows(sa.select(record.children))) == 2


def test_a_key_is_for_one_act_on_one_case(world: World) -> None:
    case_id = start(world, request_key="r1").case_id
    other = start(world).case_id
    with pytest.raises(KeyUsed):
        raise_concern(world, case_id, "hana", request_key="r1")
    first = raise_concern(world, case_id, "hana", request_key="r2")
    with pytest.raises(KeyUsed):
        raise_concern(world, other, "hana", request_key="r2")
    assert raise_concern(world, case_id, "hana", request_key="r2") == first
    with pytest.raises(KeyUsed):
        cases.start_process_on(world.engine, actor=world.actor("hana"), case_id=other, process_key="plans",
                               request_key="r2")  # fmt: skip
    assert world.history(other, "concern_raised") == []


def test_an_empty_key_is_none(world: World) -> None:
    assert start(world, request_key="") != start(world, request_key="")


def test_history_holds_nothing_of_a_key_or_of_what_was_asked_that_can_be_read_back(world: World) -> None:
    case_id = start(world, request_key="guessable").case_id
    (opened,) = world.history(case_id, "case_opened")
    asked = [json.dumps(["start a case", None, None]), "guessable"]
    assert len(opened.request_key) == len(opened.request_asks) == 64
    assert opened.request_asks not in {sha256(each.encode()).hexdigest() for each in asked}
    assert "guessable" not in str(world.rows(sa.select(keeping.history)))


def test_a_process_nobody_deployed_opens_no_case(world: World) -> None:
    with pytest.raises(NotFound, match="'nowhere' is not deployed"):
        cases.start(world.engine, actor=world.actor("hana"), child=SAM, process_key="nowhere")
    assert world.rows(sa.select(record.children)) == []


def test_another_process_starts_on_an_open_case_by_somebody_on_it(world: World) -> None:
    case_id = start(world).case_id
    world.start_process(case_id, "plans")
    assert world.open_elements(case_id) == ["agree", "ask"]
    with pytest.raises(NotFound, match="There is no such case"):
        world.start_process(case_id, "plans", by="ada")
    world.start_process(case_id, "shut")
    with pytest.raises(Conflict, match="closed"):
        world.start_process(case_id, "plans", by="cleo")
    assert world.open_elements(case_id) == []


@pytest.mark.parametrize("value", [{"a": 1}, [[1]], object(), float("nan"), "x" * 200_000])
def test_a_process_takes_scalars_and_lists_of_them(world: World, value: Any) -> None:
    case_id = start(world).case_id
    with pytest.raises(Invalid, match="thing"):
        world.start_process(case_id, "plans", thing=value)
    assert world.open_elements(case_id) == ["ask"]


def raise_concern(world: World, case_id: UUID, by: str = "noor", *roles: str, **more: Any) -> UUID:
    answers = {"what_happened": "Marks on his arm", "immediate_danger": "yes", "harm": "physical"}
    return concerns.raise_concern(
        world.engine, actor=world.actor(by, *roles), case_id=case_id, **{"answers": answers, **more}
    )


def test_somebody_who_is_not_on_a_case_raises_a_concern_about_it(world: World) -> None:
    case_id = start(world).case_id
    concern_id = raise_concern(world, case_id, "ada")
    (concern,) = world.rows(sa.select(record.concerns))
    assert (concern.id, concern.raised_by, concern.immediate_danger, concern.harm) == (
        concern_id, world.ids["ada"], True, "physical",
    )  # fmt: skip
    assert world.open_elements(case_id) == ["acknowledge", "ask"]
    event = world.history(case_id, "concern_raised")[0]
    assert event.detail == {"immediate_danger": True}  # what happened stays out of the chain


def test_nothing_at_all_need_be_written(world: World) -> None:
    case_id = start(world).case_id
    raise_concern(world, case_id, answers={})
    assert world.open_elements(case_id) == ["acknowledge", "ask"]


def test_a_concern_is_raised_on_a_closed_case_too(world: World) -> None:
    case_id = start(world).case_id
    world.start_process(case_id, "shut")
    raise_concern(world, case_id)
    assert world.open_elements(case_id) == ["acknowledge"]
    world.do("acknowledge", "ada", case_id=case_id)


def test_the_same_request_raises_one_concern(world: World) -> None:
    case_id = start(world).case_id
    assert raise_concern(world, case_id, request_key="k") == raise_concern(world, case_id, request_key="k")
    assert len(world.rows(sa.select(record.concerns))) == 1


@pytest.mark.parametrize("role", ROLES)
def test_who_may_raise_a_concern(world: World, role: str) -> None:
    case_id = start(world).case_id
    if role in ("designer", "administrator"):
        with pytest.raises(NotPermitted, match="Ring social care yourself"):
            raise_concern(world, case_id, "noor", role)
    else:
        assert raise_concern(world, case_id, "noor", role)


def test_another_authority_s_case_is_not_there(world: World) -> None:
    case_id = start(world).case_id
    engine = world.engine
    other = setup.create_authority(engine, key="southcombe", name="Southcombe Council")
    hana = world.actor("hana")
    stranger = type(hana)(hana.account_id, hana.practitioner_id, other, hana.name, hana.roles)
    with pytest.raises(NotFound):
        concerns.raise_concern(engine, actor=stranger, case_id=case_id, answers={})
    with pytest.raises(NotFound):
        cases.start_process_on(engine, actor=stranger, case_id=case_id, process_key="plans")


@pytest.fixture
def action(world: World) -> sa.Row[Any]:
    """Give an action of an agreed plan, due in a week."""
    case_id = start(world).case_id
    world.start_process(case_id, "plans")
    action = {"action": "A bedtime", "owner": str(world.ids["idris"]), "due_on": "2026-03-09"}
    world.do("agree", "hana", case_id=case_id, actions=[action])
    return world.rows(sa.select(record.plan_actions))[0]


def report(world: World, action: sa.Row[Any], by: str = "hana", **said: Any) -> sa.Row[Any]:
    plan_actions.report(world.engine, actor=world.actor(by), action_id=action.id, **{"progress": "", **said})
    return world.rows(sa.select(record.plan_actions))[0]


def test_progress_is_kept_and_may_move_the_date_but_not_how_late_it_is(world: World, action: sa.Row[Any]) -> None:
    world.clock.advance(timedelta(days=1))
    kept = report(world, action, progress=" Begun ", new_due_on=date(2026, 3, 20))
    assert (kept.progress, kept.progress_on, kept.closed_on) == ("Begun", date(2026, 3, 3), None)
    assert (kept.due_on, kept.first_due_on) == (date(2026, 3, 20), date(2026, 3, 9))
    event = world.history(action.case_id, "action_reported")[0]
    assert event.detail == {"done": False, "due_on": "2026-03-20"}


def test_done_closes_the_action_and_keeps_the_last_words(world: World, action: sa.Row[Any]) -> None:
    report(world, action, progress="Nearly there")
    kept = report(world, action, done=True)
    assert (kept.closed_on, kept.progress) == (date(2026, 3, 2), "Nearly there")
    with pytest.raises(Conflict, match="already closed"):
        report(world, action, progress="Again")


def test_who_comes_second_learns_who_finished_the_action(world: World, action: sa.Row[Any]) -> None:
    world.do("ask", "hana", case_id=action.case_id)
    report(world, action, "idris", done=True)
    with pytest.raises(Conflict, match="already closed: Idris Cole finished it"):
        report(world, action, progress="She sleeps now")


def test_a_report_that_comes_twice_is_kept_once(world: World, action: sa.Row[Any]) -> None:
    for _ in range(2):
        report(world, action, done=True, request_key="r9")
    assert len(world.history(action.case_id, "action_reported")) == 1
    with pytest.raises(KeyUsed):
        report(world, action, progress="Other words", request_key="r9")


def test_an_action_is_reported_on_in_its_own_case_only(world: World, action: sa.Row[Any]) -> None:
    with pytest.raises(NotFound, match="no such action"):
        report(world, action, progress="Seen", case_id=start(world).case_id)
    report(world, action, progress="Seen", case_id=action.case_id)


def test_a_report_needs_words_and_somebody_on_the_case(world: World, action: sa.Row[Any]) -> None:
    with pytest.raises(Invalid) as refused:
        report(world, action, progress="  ")
    assert refused.value.details["field"] == "progress"
    report(world, action, help_kind="parenting")
    with pytest.raises(Invalid, match="Say what has been done"):
        report(world, action, help_kind="parenting")
    with pytest.raises(NotFound):
        report(world, action, "ada", progress="Seen")
    with pytest.raises(NotFound):
        plan_actions.report(world.engine, actor=world.actor("hana"), action_id=UUID(int=1), progress="Seen")


def test_the_owner_of_an_action_reports_on_it(world: World, action: sa.Row[Any]) -> None:
    world.do("ask", "hana", case_id=action.case_id)  # leaves nothing open that would let Idris in
    report(world, action, "idris", progress="Begun")
    assert world.history(action.case_id, "action_reported")[0].practitioner_id == world.ids["idris"]


def test_closing_leaves_nothing_running(world: World) -> None:
    case_id = start(world).case_id
    world.start_process(case_id, "plans")
    world.start_process(case_id, "shut")
    statuses = world.rows(sa.select(running.instances.c.status).where(running.instances.c.case_id == case_id))
    assert {row.status for row in statuses} == {"ended"}
    assert world.tasks(case_id) == []


def test_parents_and_carers_are_kept_with_the_family(world):
    family = [
        cases.FamilyMember(name=" Tess Whitlock ", relationship="Mother", parental_responsibility=True, phone="016"),
        cases.FamilyMember(name="Jo Whitlock"),
    ]
    case_id = start(world, family=family).case_id
    people = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).child.family
    assert {(each.name, each.relationship, each.parental_responsibility, each.phone) for each in people} == {
        ("Tess Whitlock", "Mother", True, "016"),
        ("Jo Whitlock", "", False, ""),
    }


def test_somebody_of_the_family_without_a_name_is_refused_before_anything_is_kept(world):
    with pytest.raises(Invalid) as refused:
        start(world, family=[cases.FamilyMember(name="Tess"), cases.FamilyMember(name=" ", phone="01632 960999")])
    assert refused.value.details["field"] == "family[1].name"
    assert not world.rows(sa.select(record.families))


def test_a_case_begins_on_the_pathway_that_was_chosen(world: World) -> None:
    """The diagram says the pathway and the words; a case begun with one that says none is a common assessment's."""
    actor = world.actor("hana")
    world.deploy({"s.bpmn": opening_a_case("Social care steps down", "step_down")})
    down = cases.start(world.engine, actor=actor, child=SAM, pathway="step_down").case_id
    assert world.case(down).pathway == "step_down"
    assert world.open_elements(down) == ["summarise"]
    assert world.case(start(world).case_id).pathway == "caf"
    shown = [(each.key, each.words) for each in pathways.offered(world.engine, actor=actor)]
    assert shown == [("step_down", "Social care steps down")]
    assert case_file.read(world.engine, actor=actor, case_id=down).pathway_words == "Social care steps down"


@pytest.mark.parametrize("pathway", ["nowhere", "small", ""])
def test_a_pathway_that_no_diagram_opens_is_refused(world: World, pathway: str) -> None:
    with pytest.raises(Invalid) as refused:
        cases.start(world.engine, actor=world.actor("hana"), child=SAM, pathway=pathway)
    assert refused.value.details["field"] == "pathway"
    assert world.rows(sa.select(record.children)) == []


def opening_a_case(words: str, pathway: str) -> bytes:
    said = {"starts_case": words, "pathway": pathway}
    stated = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in said.items())
    says = f"<extensionElements><camunda:properties>{stated}</camunda:properties></extensionElements>"
    ask = user("summarise", camunda_candidateGroups="case_workers")
    way = "start summarise; summarise end"
    return file_of(process(says, start_event(), ask, end(), way=way, key="opens_one"))


@pytest.mark.parametrize("key", ["caf_episode", "stalled_plan", "consent_withdrawn"])
def test_a_case_runs_one_of_a_diagram_that_says_so(key: str) -> None:
    world = build_world()
    case_id = world.start_case(identified=False)
    if key != cases.EPISODE:
        world.start_process(case_id, key)
    with pytest.raises(Conflict, match="under way on the case already"):
        world.start_process(case_id, key)
    of_case = (running.instances.c.case_id == case_id) & (running.instances.c.process_key == key)
    assert len(world.rows(sa.select(running.instances.c.id).where(of_case))) == 1


def test_a_case_runs_several_of_a_diagram_that_does_not(world: World) -> None:
    case_id = start(world).case_id
    assert world.start_process(case_id, "plans") != world.start_process(case_id, "plans")
