"""Answers of finished tasks: as they are now, what was corrected, and correcting one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from engine.commands import answer_corrections
from engine.commands.answer_corrections import AnswerCorrected
from engine.queries import answer_corrections as answers
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, request_key, words

routes = Routes("answers", under="/api/tasks", about="Answers of finished tasks, and what was wrong with them")

_ANY: Mapping[str, Any] = {"allow_none": True, "metadata": {"description": "As the form's JSON Schema says"}}


class AnsweredQuestion(Schema):
    """A question with its answer as it is now; `instead` says what to do where it cannot be corrected."""

    question = fields.String()
    label = fields.String()
    answer = fields.Raw(**_ANY)
    instead = fields.String()


class MadeCorrection(Schema):
    """A correction: what an answer was, what it became, by whom, when and why."""

    question = fields.String()
    was = fields.Raw(**_ANY)
    now = fields.Raw(**_ANY)
    who = fields.String()
    at = fields.AwareDateTime()
    why = fields.String()


class TaskAnswers(Schema):
    """The answers of a finished task, and its corrections in the order in which they were made."""

    task_id = fields.UUID()
    case_id = fields.UUID()
    answered_by = fields.String()
    answered_at = fields.AwareDateTime()
    questions = fields.List(fields.Nested(AnsweredQuestion))
    corrections = fields.List(fields.Nested(MadeCorrection))


class WrongAnswer(Sent):
    """Which answer is wrong, by the question's key in the form, what is right, and why it is corrected."""

    question = fields.String(required=True)
    answer = fields.Raw(required=True, **_ANY)
    why = words(load_default="")
    request_key = request_key()


@routes.route("GET", "/<uuid:task_id>/answers", gives=TaskAnswers)
@access.signed_in
def list_answers(task_id: UUID) -> Any:
    """Read what a finished task was answered, and what was corrected since, as one who may correct it."""
    return answers.read(engine(), actor=actor(), task_id=task_id)


@routes.route("POST", "/<uuid:task_id>/answers", takes=WrongAnswer, gives=schema_of(AnswerCorrected))
@access.signed_in
def correct_answer(sent: Mapping[str, Any], task_id: UUID) -> Any:
    """Correct one answer; 422 says what to do instead where it decided something."""
    return answer_corrections.correct(engine(), actor=actor(), task_id=task_id, **sent)
