"""Deploying: together, all or nothing, versioned; running cases keep what they began with."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import ROLES, Actor
from engine.commands import deployments, model_drafts
from engine.commands.deployments import Deployed, DeploymentRefused
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import model_drafts as drafts
from engine.queries.deployment_history import deployment_history
from engine.queries.model_drafts import InForce
from engine.store.tables import modelling, running
from engine.xml import MAX_BYTES
from tests.small_files import asking, form, rules
from tests.unit.bpmn.diagrams import element, user
from tests.worlds import World, build_world, model, shipped_models

FILES = {
    "ask.form": form("ask", "colour"),
    "paint.dmn": rules("paint", ["colour"], ["tins"], [["-", "1"]]),
    "small.bpmn": asking("ask"),
}


def small_world() -> World:
    return build_world(models={})


def added(deployed: Deployed) -> list[tuple[str, str, int]]:
    return [(new.kind, new.key, new.version) for new in deployed.added]


def definitions(world: World) -> list[tuple[str, str, int]]:
    table = running.definitions
    query = sa.select(table.c.kind, table.c.key, table.c.version).order_by(table.c.kind, table.c.key, table.c.version)
    return [tuple(row) for row in world.rows(query)]


def refused(world: World, files: dict[str, bytes]) -> list[str]:
    before = definitions(world)
    with pytest.raises(DeploymentRefused) as refusal:
        world.deploy(files)
    assert definitions(world) == before
    assert world.rows(sa.select(sa.func.count()).select_from(running.deployments))[0][0] == (1 if before else 0)
    return [str(finding) for finding in refusal.value.findings]


def form_of(world: World, case_id: UUID) -> Any:
    table = running.definitions
    return world.rows(sa.select(table).where(table.c.id == world.task("ask", case_id).form_id))[0].version


def test_a_deployment_adds_forms_rules_and_processes(database_url: str) -> None:
    with_database = build_world(database_url, models={})
    first = with_database.deploy(FILES)
    assert added(first) == [("form", "ask", 1), ("rules", "paint_rules", 1), ("process", "small", 1)]
    assert definitions(with_database) == sorted(added(first))
    case_id = with_database.start_case(process_key="small")
    assert with_database.open_elements(case_id) == ["ask"]
    with_database.close()


def test_the_same_files_again_add_nothing() -> None:
    world = small_world()
    world.deploy(FILES)
    again = world.deploy(FILES)
    assert (again.deployment_id, again.added) == (None, ())
    assert len(definitions(world)) == 3


def test_all_shipped_models_deploy_once_and_then_add_nothing() -> None:
    world = build_world()
    assert world.deploy(shipped_models()).added == ()


@pytest.mark.parametrize(
    ("file", "content", "line"),
    [
        ("ask.form", b"{", "ask.form:file: "),
        ("paint.dmn", rules("paint", ["colour +"], ["tins"], [["-", "1"]]), "paint.dmn:paint: "),
        ("small.bpmn", model(element("scriptTask", "run"), way="start run; run end"), "small.bpmn:run: "),
        ("small.bpmn", asking("nowhere"), "small.bpmn:ask: "),
        ("small.bpmn", b'<!DOCTYPE a SYSTEM "a"><a/>', "small.bpmn:file: a DOCTYPE is not allowed; remove it"),
        ("paint.dmn", b"<!DOCTYPE a><a/>", "paint.dmn:file: a DOCTYPE is not allowed; remove it"),
        ("small.bpmn", b" " * (MAX_BYTES + 1), "small.bpmn:file: the file is larger than 2 MB"),
        ("paint.dmn", b" " * (MAX_BYTES + 1), "paint.dmn:file: the file is larger than 2 MB"),
        ("ask.form", b" " * (MAX_BYTES + 1), "ask.form:file: "),
        ("small.bpmn", b"<a>" * 300 + b"</a>" * 300, "small.bpmn:file: too deep or too many elements"),
        ("paint.dmn", b"<a>" * 300 + b"</a>" * 300, "paint.dmn:file: too deep or too many elements"),
        ("ask.form", b"[" * 100_000, "ask.form:file: "),
        ("small.bpmn", b"", "small.bpmn:file: line 1: this is not well-formed XML"),
        ("readme.txt", b"", "readme.txt:file: only .bpmn, .dmn, .form, .tests.yaml and .scenario.yaml files"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "content",
)  # fmt: skip
def test_one_bad_file_and_nothing_is_deployed(file: str, content: bytes, line: str) -> None:
    world = small_world()
    said = refused(world, {**FILES, file: content})
    assert any(each.startswith(line) for each in said), said
    assert all("; " in each for each in said)  # what, and what to do instead
    world.deploy(FILES)
    refused(world, {**FILES, file: content})


def test_every_bad_file_is_named_at_once() -> None:
    said = refused(small_world(), {"ask.form": b"{", "paint.dmn": b"<a", "small.bpmn": b"<b", "four.bpmn": b"<c"})
    assert {each.split(":")[0] for each in said} == {"ask.form", "paint.dmn", "small.bpmn", "four.bpmn"}


def test_two_files_may_not_hold_the_same_thing() -> None:
    (said,) = refused(small_world(), {"one.form": FILES["ask.form"], "two.form": form("ask", "size")})
    assert said.startswith("two.form:ask: one.form holds a form with the same id")


def test_two_rules_files_may_not_hold_the_same_decision() -> None:
    twice = {"one.dmn": FILES["paint.dmn"], "two.dmn": rules("paint", ["colour"], ["tins"], [["-", "2"]], key="other")}
    assert any("paint" in each for each in refused(small_world(), twice))


def starting_by_message(key: str) -> bytes:
    begin = element("startEvent", "begin", '<messageEventDefinition messageRef="m_news"/>')
    ask = user("ask", camunda_candidateGroups="case_workers")
    return model(begin, ask, way="start ask; begin ask; ask end", key=key)


def test_one_message_may_not_start_two_processes() -> None:
    (said,) = refused(small_world(), {"one.bpmn": starting_by_message("one"), "two.bpmn": starting_by_message("two")})
    assert said.startswith("two.bpmn:begin: the message 'news' already starts the process one; ")
    world = small_world()
    world.deploy({"one.bpmn": starting_by_message("one")})
    refused(world, {"two.bpmn": starting_by_message("two")})


def test_a_decision_may_move_to_another_rules_file_when_both_are_deployed() -> None:
    world = small_world()
    world.deploy({"paint.dmn": FILES["paint.dmn"]})
    moved = {"other.dmn": rules("paint", ["colour"], ["tins"], [["-", "2"]], key="other")}
    (said,) = refused(world, moved)
    assert said.startswith("other.dmn:paint: the rules file paint_rules holds a decision with the same id")
    emptied = rules("brush", ["colour"], ["size"], [["-", "1"]], key="paint")
    assert len(added(world.deploy({**moved, "paint.dmn": emptied}))) == 2


def test_a_changed_file_is_a_new_version_and_the_rest_stays() -> None:
    world = small_world()
    world.deploy(FILES)
    assert added(world.deploy({**FILES, "paint.dmn": rules("paint", ["colour"], ["tins"], [["-", "2"]])})) == [
        ("rules", "paint_rules", 2)
    ]


@pytest.mark.parametrize("together", [True, False], ids=["with its process", "alone"])
def test_a_changed_form_pins_its_process_anew(together: bool) -> None:
    world = small_world()
    world.deploy(FILES)
    old = world.start_case(process_key="small")
    changed = {"ask.form": form("ask", "colour", "size")}
    assert added(world.deploy({**FILES, **changed} if together else changed)) == [
        ("form", "ask", 2),
        ("process", "small", 2),
    ]
    new = world.start_case(process_key="small")
    assert (form_of(world, old), form_of(world, new)) == (1, 2)


def test_a_changed_callee_pins_its_callers_anew_however_far_up() -> None:
    world = small_world()
    world.deploy(
        {
            "inner.bpmn": asking("", key="inner"),
            "middle.bpmn": model(
                element("callActivity", "call", calledElement="inner"), way="start call; call end", key="middle"
            ),
            "outer.bpmn": model(
                element("callActivity", "call", calledElement="middle"), way="start call; call end", key="outer"
            ),
        }
    )
    old = world.start_case(process_key="outer")
    anew = added(world.deploy({"inner.bpmn": asking("", element="ask_again", key="inner")}))
    assert anew == [("process", key, 2) for key in ("inner", "middle", "outer")]
    new = world.start_case(process_key="outer")
    assert (world.open_elements(old), world.open_elements(new)) == (["ask"], ["ask_again"])


def test_a_running_case_keeps_its_diagram() -> None:
    world = small_world()
    world.deploy(FILES)
    old = world.start_case(process_key="small")
    two_steps = model(
        user("ask", camunda_candidateGroups="case_workers", camunda_formRef="ask"),
        user("check", camunda_candidateGroups="case_workers"),
        way="start ask; ask check; check end",
    )
    world.deploy({"small.bpmn": two_steps})
    new = world.start_case(process_key="small")
    world.restart()
    for case_id in (old, new):
        world.do("ask", "hana", case_id=case_id, colour="red")
    assert (world.open_elements(old), world.open_elements(new)) == ([], ["check"])


def deciding(binding: str) -> bytes:
    bound = {"camunda_decisionRefBinding": binding} if binding else {}
    ask = element(
        "businessRuleTask", "decide", camunda_decisionRef="paint", camunda_resultVariable="tins",
        camunda_mapDecisionResult="singleEntry", **bound,
    )  # fmt: skip
    fork = element("exclusiveGateway", "fork")
    tasks = [user(name, camunda_candidateGroups="case_workers") for name in ("wait", "few", "many")]
    way = "start wait; wait decide; decide fork; fork many [tins > 1]; fork few *; few end; many end"
    return model(*tasks, ask, fork, way=way)


@pytest.mark.parametrize(("binding", "after"), [("", "many"), ("latest", "many"), ("deployment", "few")])
def test_running_cases_decide_by_the_latest_rules_unless_bound_to_their_deployment(binding: str, after: str) -> None:
    world = small_world()
    world.deploy({"small.bpmn": deciding(binding), "paint.dmn": FILES["paint.dmn"]})
    case_id = world.start_case(process_key="small")
    world.deploy({"paint.dmn": rules("paint", ["true"], ["tins"], [["-", "2"]])})
    world.do("wait", "hana", case_id=case_id)
    assert world.open_elements(case_id) == [after]


def test_a_process_bound_to_its_deployment_takes_the_rules_it_is_deployed_with() -> None:
    world = small_world()
    files = {"small.bpmn": deciding("deployment"), "paint.dmn": FILES["paint.dmn"]}
    world.deploy(files)
    more = rules("paint", ["true"], ["tins"], [["-", "2"]])
    assert added(world.deploy({**files, "paint.dmn": more})) == [("rules", "paint_rules", 2), ("process", "small", 2)]
    case_id = world.start_case(process_key="small")
    world.do("wait", "hana", case_id=case_id)
    assert world.open_elements(case_id) == ["many"]


def consent_form(*keys: str) -> dict[str, bytes]:
    return {"ask.form": form("ask", *keys), "small.bpmn": asking("ask", record="record_consent")}


def test_a_form_must_ask_what_its_record_operation_needs() -> None:
    (said,) = refused(small_world(), consent_form("colour"))
    assert said.startswith("small.bpmn:ask: the form ask does not ask 'consent', which record_consent needs; add")
    small_world().deploy(consent_form("consent"))
    bound = {"type": "textfield", "key": "yes_or_no", "label": "Yes?", "properties": {"binds": "consent"}}
    small_world().deploy({**consent_form(), "ask.form": form("ask", bound)})


def test_a_form_deployed_before_its_process_is_judged_too() -> None:
    world = small_world()
    files = consent_form("colour")
    world.deploy({"ask.form": files["ask.form"]})
    (said,) = refused(world, {"small.bpmn": files["small.bpmn"]})
    assert "does not ask 'consent'" in said


def test_a_form_deployed_after_its_process_may_not_take_the_question_away() -> None:
    world = small_world()
    world.deploy(consent_form("consent"))
    (said,) = refused(world, {"ask.form": form("ask", "colour")})
    assert said.startswith("ask.form:ask: ")
    assert "does not ask 'consent', which record_consent needs" in said


def test_a_process_may_use_what_was_deployed_before_it() -> None:
    world = small_world()
    world.deploy({"ask.form": FILES["ask.form"], "inner.bpmn": asking("", key="inner")})
    caller = model(
        user("ask", camunda_formRef="ask", camunda_candidateGroups="case_workers"),
        element("callActivity", "call", calledElement="inner"),
        way="start ask; ask call; call end",
    )
    assert added(world.deploy({"small.bpmn": caller})) == [("process", "small", 1)]


@pytest.mark.parametrize("role", ROLES)
def test_only_a_designer_deploys(role: str) -> None:
    world = small_world()
    actor = world.actor("piet", role)
    if role == "designer":
        deployments.deploy(world.engine, authority_id=world.authority_id, files=FILES, actor=actor, note="first")
        (deployment,) = world.rows(sa.select(running.deployments))
        assert (deployment.account_id, deployment.note) == (actor.account_id, "first")
        return
    with pytest.raises(NotPermitted):
        deployments.deploy(world.engine, authority_id=world.authority_id, files=FILES, actor=actor)
    with pytest.raises(NotPermitted):
        model_drafts.keep(world.engine, actor=actor, file="small.bpmn", content=b"")
    assert definitions(world) == []


def test_a_designer_deploys_for_their_own_authority_only() -> None:
    world = small_world()
    with pytest.raises(NotPermitted):
        deployments.deploy(world.engine, authority_id=UUID(int=9), files=FILES, actor=world.actor("piet"))


def test_a_draft_that_cannot_run_is_kept_and_may_be_kept_again() -> None:
    world = small_world()
    table = modelling.model_drafts
    for content in (b"<definitions", b"<definitions/>", FILES["small.bpmn"]):
        found = model_drafts.keep(world.engine, actor=world.actor("piet"), file="small.bpmn", content=content)
        (draft,) = world.rows(sa.select(table))
        assert (draft.source, draft.findings) == (content, [str(finding) for finding in found])
    errors = [str(finding) for finding in found if finding.severity == "error"]
    assert [each.split(":")[:2] for each in errors] == [["small.bpmn", "ask"]]  # its form is not deployed
    assert definitions(world) == []
    assert not world.verified().findings


def test_a_process_nobody_deployed_cannot_be_started() -> None:
    world = build_world()
    case_id = world.start_case()
    with pytest.raises(Exception, match="The process 'small' is not deployed"):
        world.start_process(case_id, "small")


def test_two_deployments_at_once_leave_one_row_for_each_version(database_url: str) -> None:
    world = build_world(database_url, models={})
    world.deploy(FILES)
    row = dict(world.rows(sa.select(running.definitions).where(running.definitions.c.kind == "form"))[0]._mapping)
    with pytest.raises(Conflict):
        world.write(sa.insert(running.definitions).values(**{**row, "id": world.engine.ids.new()}))
    world.close()


def test_a_file_is_called_something_else_and_nothing_else_changes() -> None:
    world = small_world()
    world.deploy(FILES)
    case_id = world.start_case(process_key="small")
    designer = world.actor("piet")
    text = FILES["small.bpmn"].replace(b"</process>", b"<!-- new --></process>")
    with pytest.raises(DeploymentRefused, match=r"which is in small\.bpmn already.*or rename small\.bpmn"):
        world.deploy({"asking.bpmn": text})
    world.clock.advance(timedelta(minutes=1))
    deployments.rename(world.engine, actor=designer, file="small.bpmn", to="asking.bpmn")
    world.clock.advance(timedelta(minutes=1))
    assert [(row.file, row.version) for row in in_files(world, "small")] == [("small.bpmn", 1), ("asking.bpmn", 2)]
    assert added(world.deploy({"asking.bpmn": text})) == [("process", "small", 3)]
    with pytest.raises(DeploymentRefused, match=r"which is in asking\.bpmn already"):
        world.deploy({"small.bpmn": text})
    world.do("ask", "hana", case_id=case_id)
    back = {"authority_id": world.authority_id, "actor": designer, "reason": "A slip"}
    deployments.revert(world.engine, key="small", **back)
    newest = in_files(world, "small")[-1]
    assert (newest.file, newest.source) == ("asking.bpmn", FILES["small.bpmn"]), "it goes back under its name of now"
    assert model_drafts_in_force(world, designer, "small.bpmn") is None
    world.clock.advance(timedelta(minutes=1))
    deployments.rename(world.engine, actor=designer, file="paint.dmn", to="tins.dmn")
    assert added(world.deploy({"tins.dmn": FILES["paint.dmn"]})) == [], "it is in force already"
    put = deployment_history(world.engine, authority_id=world.authority_id)
    assert put[1].files == {"asking.bpmn": FILES["small.bpmn"], "small.bpmn": b""}, "git is told of the old name too"
    assert put[-1].files == {"tins.dmn": FILES["paint.dmn"], "paint.dmn": b""}


def in_files(world: World, key: str) -> list[Any]:
    table = running.definitions
    return list(world.rows(sa.select(table).where(table.c.key == key).order_by(table.c.version)))


def model_drafts_in_force(world: World, designer: Actor, file: str) -> InForce | None:
    return drafts.in_force(world.engine, actor=designer, file=file)


@pytest.mark.parametrize(
    ("file", "to", "says"),
    [
        ("small.bpmn", "small.dmn", "Let it end as small.bpmn does"),
        ("small.bpmn", "other.bpmn", "There is a other.bpmn in force already"),
        ("small.bpmn", "../small.bpmn", "is not a name that a file may have"),
        ("small.bpmn", "", "is not a .bpmn"),
        ("nothing.bpmn", "small2.bpmn", "There is no such file in force"),
    ],
)
def test_a_name_that_a_file_cannot_have_is_refused(file: str, to: str, says: str) -> None:
    world = small_world()
    world.deploy({**FILES, "other.bpmn": asking("ask", key="other")})
    before = definitions(world)
    with pytest.raises((Invalid, NotFound), match=re.escape(says)):
        deployments.rename(world.engine, actor=world.actor("piet"), file=file, to=to)
    assert definitions(world) == before


def test_what_is_under_work_is_not_called_something_else() -> None:
    world = small_world()
    world.deploy(FILES)
    designer = world.actor("piet")
    model_drafts.save(world.engine, actor=designer, file="small.bpmn", content=b"<a/>", expected=None)
    with pytest.raises(Conflict, match=r"There is a draft of small\.bpmn"):
        deployments.rename(world.engine, actor=designer, file="small.bpmn", to="asking.bpmn")
    with pytest.raises(NotPermitted):
        deployments.rename(world.engine, actor=world.actor("hana"), file="small.bpmn", to="asking.bpmn")


def test_what_comes_with_the_service_leaves_a_file_alone_that_is_called_something_else_here() -> None:
    world = small_world()
    shipped = {"authority_id": world.authority_id, "shipped": True}
    deployments.deploy(world.engine, files=FILES, **shipped)
    deployments.rename(world.engine, actor=world.actor("piet"), file="small.bpmn", to="asking.bpmn")
    newer = FILES["small.bpmn"].replace(b"</process>", b"<!-- new --></process>")
    done = deployments.deploy(world.engine, files={"small.bpmn": newer}, **shipped)
    assert (added(done), done.left) == ([], ("small.bpmn",))
