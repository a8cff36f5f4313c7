"""What forms ask, as JSON Schema."""

from __future__ import annotations

from uuid import UUID

import orjson
from flask import Response

from engine.forms.json_schema import Choices, json_schema
from engine.forms.model import NOTHING, Form
from engine.queries import forms
from web import access
from web.api.routes import Routes
from web.current import actor, engine

JSON_SCHEMA = "application/schema+json"

routes = Routes("forms", under="/api/forms", about="What forms ask")


@routes.route("GET", "/<uuid:form_id>/schema")
@access.signed_in
def read_form_schema(form_id: UUID) -> Response:
    """Return the JSON Schema of a form's answers, any version. Choices taken from the record are not in it."""
    return described(forms.form(engine(), actor=actor(), form_id=form_id))


def described(form: Form, *, options: Choices = NOTHING) -> Response:
    """Answer with the JSON Schema of a form's answers."""
    return Response(orjson.dumps(json_schema(form, options=options)), mimetype=JSON_SCHEMA)
