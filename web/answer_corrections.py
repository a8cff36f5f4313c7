"""What a finished task was answered: looked at, and one answer corrected with a reason."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import answer_corrections
from engine.errors import Conflict, Invalid, NotFound
from engine.feel import Environment
from engine.forms import Form, InvalidAnswers, alone
from engine.queries import answer_corrections as answers
from engine.queries import people
from engine.queries.answer_corrections import TaskAnswers
from web import access, said, task_forms
from web.current import actor, engine
from web.form_values import chosen_ids
from web.schemas import version_seen

blueprint = Blueprint("answer_corrections", __name__)


@blueprint.get("/tasks/<uuid:task_id>/answers")
@access.signed_in
def index(task_id: UUID) -> str:
    """Show each answer with a way to correct it, or what to do instead, and what was corrected before."""
    found = answers.read(engine(), actor=actor(), task_id=task_id)
    words = {each.question: in_words(found, each.question, each.answer) for each in found.questions}
    corrected = {
        question: [
            (each, in_words(found, question, each.was), in_words(found, question, each.now))
            for each in found.corrections
            if each.question == question
        ]
        for question in dict.fromkeys(each.question for each in found.corrections)
    }
    return render_template("tasks/answers.html", found=found, words=words, corrected=corrected)


@blueprint.get("/tasks/<uuid:task_id>/answers/<question>")
@access.signed_in
def page(task_id: UUID, question: str) -> ResponseReturnValue:
    """Ask what is right, and why it is corrected."""
    found = answers.read(engine(), actor=actor(), task_id=task_id)
    now = next((each.answer for each in _correctable(found, question)), None)
    return _page(found, question, {question: now}, {"request_key": secrets.token_urlsafe(16)}, {})


@blueprint.post("/tasks/<uuid:task_id>/answers/<question>")
@access.signed_in
def correct(task_id: UUID, question: str) -> ResponseReturnValue:
    """Correct the answer, once however often the page is sent; or give it a row more or less."""
    found = answers.read(engine(), actor=actor(), task_id=task_id)
    _correctable(found, question)
    only = alone(found.form, question)
    typed = task_forms.answers_from_post(only, request.form)
    changed = task_forms.edit_rows(only, typed, request.form.get("act", ""))
    if changed is not None:
        return _page(found, question, changed, request.form, {})
    try:
        done = answer_corrections.correct(
            engine(),
            actor=actor(),
            task_id=task_id,
            question=question,
            answer=typed.get(question),
            why=request.form.get("why", ""),
            seen=version_seen(request.form, "seen"),
            request_key=request.form.get("request_key", ""),
        )
    except InvalidAnswers as wrong:
        return _page(found, question, typed, request.form, wrong.errors, status=422)
    except Invalid as wrong:
        errors = {str(wrong.details.get("field") or question): wrong.message}
        return _page(found, question, typed, request.form, errors, status=422)
    except Conflict as conflict:
        return _page(found, question, typed, request.form, {question: conflict.message}, status=409)
    kept = "The record holds the new answer." if done.in_record else "The task’s history holds both."
    flash(f"The answer is corrected. {kept}")
    return redirect(url_for("answer_corrections.index", task_id=task_id), 303)


@blueprint.post("/tasks/<uuid:task_id>/letters")
@access.signed_in
def write_letters(task_id: UUID) -> ResponseReturnValue:
    """Write the letters anew that still say an answer as it was before it was corrected."""
    found = answers.read(engine(), actor=actor(), task_id=task_id)
    count = answer_corrections.write_letters(engine(), actor=actor(), task_id=task_id)
    written = "1 letter is written anew" if count == 1 else f"{count} letters are written anew"
    flash(f"{written}, with the corrected answer. Look at each before you send it." if count else "No letter says it.")
    return redirect(url_for("family_letters.index", case_id=found.case_id), 303)


def _correctable(found: TaskAnswers, question: str) -> list[answers.AnswerNow]:
    """Return the question. Raises `NotFound` for another, `Conflict` with what to do instead of correcting it."""
    wanted = [each for each in found.questions if each.question == question]
    if not wanted:
        raise NotFound("This task does not ask that", task_id=found.task_id)
    if wanted[0].instead:
        raise Conflict(wanted[0].instead, task_id=found.task_id)
    return wanted


def _page(
    found: TaskAnswers,
    question: str,
    answer: Mapping[str, Any],
    values: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> ResponseReturnValue:
    view = _view(found, question, answer, {path: text for path, text in errors.items() if path != "why"})
    page = render_template(
        "tasks/correct_answer.html",
        found=found,
        question=next(each for each in found.questions if each.question == question),
        fields=task_forms.render(view),
        values=values,
        errors={**errors, **view.errors},
        error_targets=view.targets,
        seen=values.get("seen", len(found.corrections)) if status == 422 else len(found.corrections),
    )
    return page, status


def _view(
    found: TaskAnswers, question: str, answer: Mapping[str, Any], errors: Mapping[str, str]
) -> task_forms.FormView:
    only = alone(found.form, question)
    raw = task_forms.raw_answers(only, answer, zone=g.zone)
    environment = Environment(now=found.answered_at, zone=g.zone, warnings=[], host=None)
    return task_forms.form_view(
        only,
        raw,
        environment=environment,
        errors=errors,
        options=found.options,
        variables=found.shown,
        names=people.names(engine(), actor=actor(), ids=chosen_ids(raw)),
    )


def in_words(found: TaskAnswers, question: str, answer: Any) -> str:
    """Return an answer to one question in words; empty when there is none."""
    only: Form = alone(found.form, question)
    raw = task_forms.raw_answers(only, {question: answer}, zone=g.zone)
    names = people.names(engine(), actor=actor(), ids=chosen_ids(raw))
    by_id = {str(id_): name for id_, name in names.items()}
    asked = [each for each in said.questions(only, raw, found.options, by_id) if each.answer]
    if len(asked) == 1 and asked[0].path == (question,):
        return asked[0].answer
    return "\n".join(f"{each.label}: {each.answer}" for each in asked)
