"""A diagram as a list of steps, for the keyboard and the screen reader: what can be drawn can be done here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import outlines
from engine.casework import permissions
from engine.checking import Finding
from engine.errors import Invalid
from engine.outlines import Diagram, Field
from engine.outlines.changing import NEW_KINDS, targets
from engine.outlines.reading import Step, all_in, beside, named
from engine.queries import model_picks, model_revisions
from web import access
from web.current import actor, engine
from web.studio import model_fields
from web.studio.model_texts import Text, change, findings_of, found_in, text_asked_for
from web.studio.step_names import names_of, told_apart

blueprint = Blueprint("studio_outline", __name__, url_prefix="/studio/outline")

_SLOTS: Final = {
    "the assignee": "assignee", "the candidate groups": "candidateGroups", "the due date": "dueDate",
    "the follow-up date": "followUpDate", "the priority": "priority", "the timer": "timer_rule",
    "the condition": "condition", "the collection": "collection", "there is no form": "formRef",
    "there is no decision": "decisionRef", "there is no operation": "operation", "it names no operation": "operation",
    "it names no decision": "decisionRef", "there is no process": "calledElement", "it calls nothing": "calledElement",
    "there is no candidate group": "candidateGroups", "nobody may do it": "candidateGroups",
    "there is no record operation": "record",
}  # fmt: skip
"""How what is said of a field begins."""
_REMINDERS: Final = ("remind_", "tell_", "alert_")


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """List the steps of a diagram in order, each with what is wrong with it."""
    return _list(text_asked_for())


@blueprint.get("/step")
@access.for_those(permissions.may_deploy)
def step() -> ResponseReturnValue:
    """Show the properties of a step, or of a whole process, as a form."""
    return _step_page(text_asked_for())


@blueprint.post("/step")
@access.for_those(permissions.may_deploy)
def change_step() -> ResponseReturnValue:
    """Set a step's properties, put a reminder on it, or take it out."""
    text, step_id, typed = text_asked_for(), request.args.get("step", ""), request.form
    acts: dict[str, Callable[[Diagram], object]] = {
        "save": lambda diagram: _set(diagram, step_id),
        "remind": lambda diagram: outlines.add_reminder(
            diagram, step_id=step_id, name=typed.get("new_name", ""), time=typed.get("time", ""),
            operation=typed.get("reminder", ""),
        ),
        "remove": lambda diagram: outlines.remove_step(diagram, step_id=step_id),
    }  # fmt: skip
    words = {"save": "Saved", "remind": "The reminder is put in", "remove": "The step is taken out"}
    return _act(text, acts, words, _step_page, at=step_id)


_SELDOM: Final = frozenset({
    "personal", "followUpDate", "priority", "guidance", "formRefBinding", "decisionRefBinding", "calledElementBinding",
    "collection", "item", "sequential", "enough", "properties",
})  # fmt: skip
"""Properties that a step seldom has: where nothing is in them they are folded."""


@blueprint.get("/way")
@access.for_those(permissions.may_deploy)
def way() -> ResponseReturnValue:
    """Show a way from one step to the next: on what it is taken, and what may be put in."""
    return _way_page(text_asked_for())


@blueprint.post("/way")
@access.for_those(permissions.may_deploy)
def change_way() -> ResponseReturnValue:
    """Set when a way is taken, put a step or a choice on it, lead it elsewhere, or take it out."""
    text, flow_id, typed = text_asked_for(), request.args.get("way", ""), request.form
    acts: dict[str, Callable[[Diagram], object]] = {
        "save": lambda diagram: _set(diagram, flow_id),
        "step": lambda diagram: outlines.add_step(
            diagram, flow_id=flow_id, what=typed.get("what", ""), name=typed.get("new_name", ""),
            lane_id=typed.get("lane", ""),
        ),
        "choice": lambda diagram: outlines.add_choice(
            diagram, flow_id=flow_id, name=typed.get("question", ""), condition=typed.get("when", ""),
            target_id=typed.get("other", ""),
        ),
        "lead": lambda diagram: outlines.lead_elsewhere(diagram, flow_id=flow_id, target_id=typed.get("target", "")),
        "remove": lambda diagram: outlines.remove_way(diagram, flow_id=flow_id),
    }  # fmt: skip
    words = {
        "save": "Saved", "step": "The step is put in. Now say who does it", "choice": "The choice is put in",
        "lead": "The way leads elsewhere now", "remove": "The way is taken out",
    }  # fmt: skip
    return _act(text, acts, words, _way_page, at="")


def _set(diagram: Diagram, element_id: str) -> tuple[str, ...]:
    return outlines.set_fields(diagram, element_id, model_fields.typed(outlines.fields_of(diagram, element_id)))


def _act(
    text: Text, acts: Mapping[str, Callable[[Diagram], object]], words: Mapping[str, str],
    again: Callable[..., ResponseReturnValue], *, at: str,
) -> ResponseReturnValue:  # fmt: skip
    """Do what the button says; answer with the page again when it cannot be, else go where the change is seen."""
    act = request.form.get("act", "")
    if act not in acts:
        abort(404)
    made: list[object] = []

    def make(content: bytes) -> bytes:
        diagram = Diagram(content, name=text.file)
        made.append(acts[act](diagram))
        return content if made == [()] else diagram.save()

    if errors := change(text, make):
        if act == "remind":
            errors = {{"name": "new_name"}.get(key, key): said for key, said in errors.items()}
        elif act in ("step", "choice"):
            names = {"name": "new_name" if act == "step" else "question", "condition": "when", "target": "other"}
            errors = {names.get(key, key): said for key, said in errors.items()}
        return again(text, errors=errors)
    flash("Nothing was changed." if made == [()] else f"{words[act]}. It is kept as a draft.")
    if act == "step":
        return redirect(url_for("studio_outline.step", file=text.file, step=str(made[0])), 303)
    return redirect(url_for("studio_outline.page", file=text.file, _anchor=f"step-{at}" if at else None), 303)


def _list(text: Text, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    checked = found_in(text)
    found = checked.by_element
    try:
        diagram = Diagram(text.content, name=text.file)
        processes, others = outlines.outline(diagram), beside(diagram)
    except Invalid as error:
        processes, others, errors = (), (), {**(errors or {}), "file": error.message}
    known = {each.id for process in processes for each in _all(process.steps)}
    ways = {way.flow_id for process in processes for each in _all(process.steps) for way in each.onward}
    elsewhere = [each for element, several in found.items() if element not in known | ways for each in several]
    shown = render_template(
        "studio/outline.html", text=text, processes=processes, beside=others, findings=found, elsewhere=elsewhere,
        by_others=checked.elsewhere, errors=errors or {}, names=names_of(processes), values=request.form,
        history=model_revisions.history(engine(), actor=actor(), file=text.file),
    )  # fmt: skip
    return shown, 422 if errors and request.method == "POST" else 200


def _step_page(text: Text, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    diagram, step_id = Diagram(text.content, name=text.file), request.args.get("step", "")
    fields = outlines.fields_of(diagram, step_id)
    found = findings_of(text).get(step_id, [])
    what, words = next(((what, words) for id_, what, words in beside(diagram) if id_ == step_id), ("", ""))
    shown = render_template(
        "studio/outline_step.html", text=text, step_id=step_id, step=_find(diagram, step_id), what=what,
        name=words or named(diagram.element(step_id)), fields=model_fields.shown(text, fields), errors=errors or {},
        seldom={each.key for each in fields if each.key in _SELDOM and (each.key == "sequential" or not each.value)},
        findings=found, marks=_marks(found, fields), values=model_fields.values(fields, errors),
        reminders=_reminders(text),
    )  # fmt: skip
    return shown, 422 if errors else 200


def _way_page(text: Text, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    diagram, flow_id = Diagram(text.content, name=text.file), request.args.get("way", "")
    flow = diagram.flow(flow_id)
    scope = diagram.scope(flow)
    source, target = diagram.node(flow.get("sourceRef", "")), diagram.node(flow.get("targetRef", ""))
    fields, found = outlines.fields_of(diagram, flow_id), findings_of(text).get(flow_id, [])
    names = told_apart(outlines.outline(diagram))
    led_to = {each.get("id", ""): named(each) for each in targets(scope)}
    others = [{"value": each, "label": names.get(each, name)} for each, name in led_to.items()]
    shown = render_template(
        "studio/outline_way.html", text=text, flow_id=flow_id, source=source.get("id"), source_name=named(source),
        target_name=named(target), fields=model_fields.shown(text, fields), errors=errors or {}, findings=found,
        marks=_marks(found, fields), values={"target": target.get("id"), **model_fields.values(fields, errors)},
        targets=others, kinds=list(NEW_KINDS.items()),
        lanes=[{"value": id_, "label": name} for id_, name in outlines.lanes_of(diagram, flow_id=flow_id)],
        may_remove=len(scope.leaving(source)) > 1,
    )  # fmt: skip
    return shown, 422 if errors else 200


def _marks(found: Iterable[Finding], fields: Iterable[Field]) -> dict[str, str]:
    """Return what is wrong with a field beside it, as far as it is told of which it is said."""
    keys, marks = {field.key for field in fields}, dict[str, str]()
    for finding in found:
        key = next((key for words, key in _SLOTS.items() if finding.what.startswith(words) and key in keys), None)
        if key is not None and finding.severity == "error":
            marks.setdefault(key, f"{finding.what[:1].upper()}{finding.what[1:]}: {finding.advice}")
    return marks


def _reminders(text: Text) -> list[dict[str, str]]:
    """Return the operations that tell somebody something."""
    known = model_picks.picks(engine(), actor=actor(), file=text.file).operations
    return [{"value": each.value, "label": each.words} for each in known if each.value.startswith(_REMINDERS)]


def _all(steps: Iterable[Step]) -> Iterator[Step]:
    return (each for step in steps for each in all_in(step))


def _find(diagram: Diagram, step_id: str) -> Step | None:
    steps = (each for process in outlines.outline(diagram) for each in _all(process.steps))
    return next((each for each in steps if each.id == step_id), None)
