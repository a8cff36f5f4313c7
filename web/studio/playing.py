"""A diagram played with pretend people: the page, its steps, the forms that they fill in, and keeping a play."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import model_drafts
from engine.commands.deployments import DeploymentRefused
from engine.errors import Conflict, EngineError, NotFound
from engine.forms import InvalidAnswers, jsonable, level, validate
from engine.playing import acting, answers
from engine.playing.acting import Scene
from engine.playing.scenarios import record, scenarios_in
from engine.queries import plays
from engine.scenario_files import ALONE, SUFFIX, Scenario, Step, write_scenario
from engine.simulation.answering import Question
from web import access, task_forms
from web.current import actor, engine
from web.studio.play_stage import OnStage, how_it_begins, open_stage
from web.studio.play_view import KINDS, view_of
from web.studio.scenarios import save_scenario

blueprint = Blueprint("studio_playing", __name__, url_prefix="/studio/play")

ON_THE_PAGE = frozenset({"wait", "work", "work until", "happens", "tell"})
"""The steps that need no form: one button each."""


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Show the play of a file as far as it has come."""
    return _page(request.args.get("file", ""))


@blueprint.post("/step")
@access.for_those(permissions.may_deploy)
def step() -> ResponseReturnValue:
    """Let something happen that needs no form, and show what came of it."""
    verb, what = request.form.get("verb", ""), request.form.get("what", "").strip()
    if verb not in ON_THE_PAGE or not what:
        return _page(_file(), {"what": "Choose what happens next"}, 422)
    return _taken(open_stage(_file()), Step(verb, what))


@blueprint.post("/undo")
@access.for_those(permissions.may_deploy)
def undo() -> ResponseReturnValue:
    """Take the last step back."""
    on = open_stage(_file())
    on.with_steps(on.play.steps[:-1]).keep()
    return _back(_file())


@blueprint.post("/begin")
@access.for_those(permissions.may_deploy)
def begin() -> ResponseReturnValue:
    """Begin again, the way that was chosen."""
    on, begins = open_stage(_file()), request.form.get("begins", "")
    known = {ALONE, *(each.pathway for each in on.diagrams if each.pathway)}
    way = begins if begins in known else how_it_begins(on.diagram, on.diagrams)
    model = Scenario("Play", on.diagram.key, way)
    OnStage(on.file, on.models, on.stage, on.diagrams, on.diagram, model).keep()
    return _back(_file())


@blueprint.get("/task")
@access.for_those(permissions.may_deploy)
def task() -> ResponseReturnValue:
    """Show the form of an open task as whoever does it sees it, filled in as usual."""
    on, element, whose = _asked()
    scene = on.scene()
    found = acting.task_named(scene, element, whose)
    by = acting.who_does(scene, found)
    return _form(on, acting.question_of(scene, found), scene, (found.name, element, whose), by)


@blueprint.post("/task")
@access.for_those(permissions.may_deploy)
def do() -> ResponseReturnValue:
    """Do a task with the answers sent; or give its form a row more or less."""
    on, element, whose = _asked()
    scene = on.scene()
    found = acting.task_named(scene, element, whose)
    by = acting.who_does(scene, found)
    question = acting.question_of(scene, found)
    return _answered(on, question, scene, (found.name, element, whose), by, Step("do", element, whose=whose))


@blueprint.get("/start")
@access.for_those(permissions.may_deploy)
def start_page() -> ResponseReturnValue:
    """Show the form that a diagram asks before it starts on the case."""
    on, element, _ = _asked()
    scene = on.scene()
    by = acting.who_starts(scene, element)
    return _form(on, acting.start_question(scene, by, element), scene, (_name(on, element), element, ""), by)


@blueprint.post("/start")
@access.for_those(permissions.may_deploy)
def start() -> ResponseReturnValue:
    """Start a diagram on the case with the answers sent."""
    on, element, _ = _asked()
    scene = on.scene()
    by = acting.who_starts(scene, element)
    question = acting.start_question(scene, by, element)
    return _answered(on, question, scene, (_name(on, element), element, ""), by, Step("start", element))


@blueprint.get("/diagram.bpmn")
@access.for_those(permissions.may_deploy)
def diagram() -> ResponseReturnValue:
    """Return a diagram as it is played, for the drawing on the page."""
    file, of = request.args.get("file", ""), request.args.get("of", "")
    found = plays.models(engine(), actor=actor(), file=file).every.get(of)
    if found is None or not of.endswith(".bpmn"):
        raise NotFound("There is no such diagram", file=of)
    headers = {"Content-Disposition": 'attachment; filename="diagram.bpmn"'}
    return Response(found, mimetype="application/xml", headers=headers)


@blueprint.post("/keep")
@access.for_those(permissions.may_deploy)
def keep() -> ResponseReturnValue:
    """Keep the play as a scenario, expecting what happened, and go where it can be read and changed."""
    name, file, in_place = request.form.get("name", "").strip(), _file(), request.form.get("in_place", "")
    if in_place:
        return _keep_in_place(file, in_place)
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:80]
    if not slug:
        return _page(file, {"name": "Enter a name that says what happens, in letters"}, 422)
    on = open_stage(file)
    scenario = Scenario(
        name, on.play.diagram, on.play.begins, steps=on.play.steps, file=f"{slug}{SUFFIX}",
    )  # fmt: skip
    try:
        text = write_scenario(record(on.stage, scenario))
        model_drafts.save(engine(), actor=actor(), file=scenario.file, content=text, expected=None)
    except Conflict:
        return _page(file, {"name": f"There is a scenario of this name already ({scenario.file})"}, 409)
    except EngineError as error:
        return _page(file, {"name": f"It cannot be kept as it is: {error}"}, 422)
    flash(f"Kept as {scenario.file}, a draft. It is tried whenever the diagram changes, and once published always.")
    return redirect(url_for("studio_scenarios.page", file=on.file), 303)


def _keep_in_place(file: str, wanted: str) -> ResponseReturnValue:
    """Keep the play in the place of a scenario that there is, under its name."""
    on = open_stage(file)
    was = next((each for each in scenarios_in(on.models.every)[0] if each.file == wanted), None)
    if was is None:
        raise NotFound("There is no such scenario", file=wanted)
    try:
        save_scenario(record(on.stage, replace(was, steps=on.play.steps, begins=on.play.begins)))
    except EngineError as error:
        return _page(file, {"name": f"It cannot be kept as it is: {error}"}, 422)
    flash(f"Kept in its place, a draft. Publish {wanted} together with the diagram.")
    return redirect(url_for("studio_scenarios.page", file=on.file), 303)


def _taken(on: OnStage, taken: Step) -> ResponseReturnValue:
    after = on.with_step(taken)
    done = after.played()
    if done.stuck is not None:
        return _page(on.file, {"what": str(done.stuck)}, 422)
    after.keep()
    return _back(on.file, f"step-{len(after.play.steps)}")


def _answered(
    on: OnStage, question: Question | None, scene: Scene, about: tuple[str, str, str], by: Any, taken: Step
) -> ResponseReturnValue:
    if question is None:
        return _taken(on, taken)
    typed = task_forms.answers_from_post(question.form, request.form)
    changed = task_forms.edit_rows(question.form, typed, request.form.get("act", ""))
    if changed is not None:
        return _form(on, question, scene, about, by, given=changed)
    try:
        clean = validate(
            question.form, typed, environment=question.environment, options=question.options,
            variables=question.variables,
        )  # fmt: skip
    except InvalidAnswers as wrong:
        return _form(on, question, scene, about, by, given=typed, errors=wrong.errors)
    said = answers.readable(question, _asked_for(question, jsonable(clean)))
    whole = Step(taken.verb, taken.what, whose=taken.whose, answers=said)
    stuck = on.with_step(whole).played().stuck
    if stuck is not None:
        return _form(on, question, scene, about, by, given=typed, errors={"": str(stuck)})
    return _taken(on, whole)


def _asked_for(question: Question, clean: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers to questions, without what the form works out itself."""
    asked = {each.key for each in level(question.form.fields) if each.asks}
    return {key: value for key, value in clean.items() if key in asked and value is not None}


def _form(
    on: OnStage, question: Question | None, scene: Scene, about: tuple[str, str, str], by: Any, *,
    given: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    name, element, whose = about
    view = None
    if question is not None:
        usual = answers.complete(question, {}, scene.story(element)) if given is None else given
        raw = task_forms.raw_answers(question.form, usual, zone=question.calendar.zone)
        names: dict[UUID, str] = {id_: name for name, id_ in on.stage.people.items()}
        view = task_forms.form_view(
            question.form, raw, environment=question.environment, errors=errors, options=question.options,
            variables=question.variables, names=names,
        )  # fmt: skip
    shown = render_template(
        "studio/play_task.html", on=on, name=name, element=element, whose=whose, by=by, today=scene.clock.now(),
        fields=task_forms.render(view) if view else "", errors=dict(view.errors) if view else (errors or {}),
        error_targets=view.targets if view else {},
    )  # fmt: skip
    return shown, 422 if errors else 200


def _page(file: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    try:
        on = open_stage(file)
    except DeploymentRefused as refused:
        return render_template("studio/play_refused.html", file=file, findings=refused.findings), 422
    done = on.played()
    if done.stuck is not None:
        # What was played cannot be played any more, as the diagram has changed since: as far as it goes.
        number = len(done.ends)
        told = f"Step {number + 1} cannot be taken any more: {done.stuck}"
        on = on.with_steps(on.play.steps[:number])
        errors = {"what": told, **(errors or {})}
    shown = render_template(
        "studio/play.html", on=on, done=done, play=view_of(on, done), errors=errors or {}, alone=ALONE,
        tasks=[each for diagram in on.diagrams for each in diagram.tasks if diagram.key == on.diagram.key],
        values=request.form if errors else {}, kinds=KINDS,
        in_place=next((each for each in scenarios_in(on.models.every)[0] if each.name == on.play.name), None),
    )  # fmt: skip
    return shown, status


def _asked() -> tuple[OnStage, str, str]:
    asked = request.values
    return open_stage(asked.get("file", "")), asked.get("element", ""), asked.get("whose", "")


def _name(on: OnStage, key: str) -> str:
    return next((each.started or each.name for each in on.diagrams if each.key == key), key)


def _file() -> str:
    return request.form.get("file", "")


def _back(file: str, anchor: str = "now") -> ResponseReturnValue:
    return redirect(url_for("studio_playing.page", file=file, _anchor=anchor), 303)
