"""A form under work as the people will be asked it: the pages' own rendering, with invented choices."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engine.casework import permissions
from engine.errors import Invalid
from engine.feel import Environment
from engine.forms import Form, Option, read_form
from web import access, task_forms

blueprint = Blueprint("studio_form_previews", __name__, url_prefix="/studio/edit/preview")

INVENTED: Final = (
    Option("first", "Sam Example (invented)"), Option("second", "Jo Sample (invented)"),
    Option("third", "Chris Model (invented)"),
)  # fmt: skip
"""What stands for choices that come from the record: a designer sees no real person."""


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def show() -> ResponseReturnValue:
    """Return the questions of the form in `content` as HTML, and which of them the `answers` typed so far hide."""
    sent = request.get_json(silent=True)
    content, typed = (sent.get("content"), sent.get("answers")) if isinstance(sent, dict) else (None, None)
    if not isinstance(content, str):
        raise Invalid("Send a JSON object with content, a text")
    try:
        form = read_form(content.encode(), name="The form")
    except Invalid as error:
        return jsonify(html="", hidden=[], wrong=error.message)
    pairs = [(str(name), str(value)) for name, value in _pairs(typed)]
    view = asked(form, task_forms.answers_from_post(form, MultiDict(pairs)) if pairs else {})
    return jsonify(html=task_forms.render(view), hidden=view.hidden, title=view.title, wrong="")


def asked(form: Form, answers: task_forms.Answers) -> task_forms.FormView:
    """Return a form as it is asked once `answers` are typed."""
    return task_forms.form_view(
        form, task_forms.raw_answers(form, answers, zone=g.zone),
        environment=Environment(now=g.now, zone=g.zone, warnings=[], host=None),
        options=dict.fromkeys(form.sources, INVENTED),
    )  # fmt: skip


def _pairs(typed: object) -> list[tuple[object, object]]:
    """Return what a page sent as pairs of a question's name and its answer; what is no pair is left out."""
    given = typed if isinstance(typed, list) else []
    return [(each[0], each[1]) for each in given if isinstance(each, list) and len(each) == 2]
