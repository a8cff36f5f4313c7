"""Forms as a plain list: each question a form of its own, for the keyboard and the screen reader, with a preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.checking import Finding
from engine.errors import Invalid
from engine.forms import read_form
from engine.outlines.question_properties import KINDS, OTHER_KINDS
from engine.outlines.questions import FORM, NEW_KINDS, Question, Questions
from engine.queries import model_revisions
from web import access, task_forms
from web.current import actor, engine
from web.studio import form_previews, model_fields
from web.studio.model_texts import Text, act_on, done, found_in, text_asked_for

blueprint = Blueprint("studio_questions", __name__, url_prefix="/studio/questions")

WORDS = {**KINDS, **OTHER_KINDS}


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """List the questions of a form, and show them as they will be asked."""
    return _list(text_asked_for())


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def change_order() -> ResponseReturnValue:
    """Put a question in, move one, or take one out."""
    text, typed, act = text_asked_for(), request.form, request.form.get("act", "")
    at = typed.get("at", "")
    acts: dict[str, Callable[[Questions], str | None]] = {
        "add": lambda form: form.add(
            typed.get("new_kind", ""), typed.get("new_label", ""), after=typed.get("after", ""), within=at
        ),
        "up": lambda form: form.move(at, down=False),
        "down": lambda form: form.move(at, down=True),
        "remove": lambda form: form.remove(at),
    }
    if act not in acts:
        abort(404)
    errors, place = act_on(text, Questions, acts[act])
    if errors:
        names = {"kind": "new_kind", "label": "new_label"} if act == "add" else {"remove": "expected"}
        return _list(text, errors={names.get(key, key): said for key, said in errors.items()})
    if act == "add":
        flash("The question is put in. Now say the rest of it.")
        return redirect(url_for("studio_questions.question", file=text.file, at=place), 303)
    return _done(text, "It is taken out" if act == "remove" else "It is moved", place)


@blueprint.get("/question")
@access.for_those(permissions.may_deploy)
def question() -> ResponseReturnValue:
    """Show the properties of one question, or of the whole form."""
    return _question_page(text_asked_for())


@blueprint.post("/question")
@access.for_those(permissions.may_deploy)
def change_question() -> ResponseReturnValue:
    """Set the properties of one question."""
    text, at = text_asked_for(), request.args.get("at", "")
    errors, _ = act_on(text, Questions, lambda form: form.set_fields(at, model_fields.typed(form.fields_of(at))))
    if errors:
        return _question_page(text, errors=errors)
    return _done(text, "Saved", "" if at == FORM else at)


def _done(text: Text, words: str, at: str | None) -> ResponseReturnValue:
    return done(text, words, "studio_questions.page", at=f"question-{at}" if at else None)


def _list(text: Text, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    checked = found_in(text)
    try:
        form = Questions(text.content, name=text.file)
        questions, title = form.all(), form.title
    except Invalid as error:
        questions, title, errors = (), "", {**(errors or {}), "file": error.message}
    told = {name for each in _all(questions) for name in (each.id, each.key)}
    kinds = [{"value": value, "label": words} for value, words in NEW_KINDS.items()]
    after = [
        {"value": each.place, "label": f"After: {each.label or WORDS.get(each.kind, each.kind)}"} for each in questions
    ]
    shown = render_template(
        "studio/questions.html", text=text, questions=questions, title=title, words=WORDS, errors=errors or {},
        about={each.place: _about(each, checked.by_element) for each in _all(questions)},
        elsewhere=[each for name, several in checked.by_element.items() if name not in told for each in several],
        by_others=checked.elsewhere, history=model_revisions.history(engine(), actor=actor(), file=text.file),
        preview=_preview(text), kinds=kinds, after=after,
        values={"after": after[-1]["value"] if after else "", **request.form},
    )  # fmt: skip
    return shown, 422 if errors and request.method == "POST" else 200


def _question_page(text: Text, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    form, at = Questions(text.content, name=text.file), request.args.get("at", "")
    fields = form.fields_of(at)
    asked = next((each for each in _all(form.all()) if each.place == at), None)
    shown = render_template(
        "studio/question.html", text=text, at=at, question=asked, words=WORDS, errors=errors or {},
        fields=model_fields.shown(text, fields), values={**model_fields.values(fields, errors), **_new(errors)},
        findings=_about(asked, found_in(text).by_element) if asked else [],
        kinds=[{"value": value, "label": words} for value, words in NEW_KINDS.items()],
    )  # fmt: skip
    return shown, 422 if errors else 200


def _new(errors: Mapping[str, str] | None) -> dict[str, str]:
    return {} if errors else {"new_kind": "textfield"}


def _preview(text: Text) -> dict[str, Any]:
    """Return the form as it will be asked, or what stands in the way."""
    try:
        view = form_previews.asked(read_form(text.content, name=text.file), {})
    except Invalid as error:
        return {"wrong": error.message}
    return {"html": task_forms.render(view), "title": view.title}


def _about(asked: Question, found: Mapping[str, list[Finding]]) -> list[Finding]:
    """Return what is said of a question, which findings name by its id or by its name among the answers."""
    return [each for name in dict.fromkeys((asked.id, asked.key)) if name for each in found.get(name, ())]


def _all(questions: Iterable[Question]) -> Iterator[Question]:
    for each in questions:
        yield each
        yield from _all(each.inside)
