"""The JSON API under /api/: the same acts as the pages, described by OpenAPI 3.1 at /api/openapi.json.

Whoever asks sends `Authorization: Bearer TOKEN`; cookies are never looked at here, so no form token is needed.
"""

from __future__ import annotations

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_smorest import Api  # type: ignore[import-untyped]
from flask_wtf.csrf import CSRFProtect
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from web import errors
from web.api import (
    access_checks,
    answer_corrections,
    assessments,
    attachments,
    between_meetings,
    case_processes,
    cases,
    chronologies,
    consents,
    contradictions,
    dates,
    deployments,
    directory,
    families,
    family_letters,
    forms,
    guidance,
    guide,
    handover_summaries,
    incidents,
    job_roles,
    local_calendar,
    mag,
    overdue,
    oversight,
    readers,
    rehearsals,
    rule_approvals,
    running_work,
    sessions,
    tasks,
    whatif,
    workload,
)

_ROUTES = (
    sessions.routes,
    tasks.routes,
    answer_corrections.routes,
    forms.routes,
    cases.routes,
    case_processes.routes,
    dates.routes,
    families.routes,
    assessments.routes,
    directory.routes,
    guidance.routes,
    chronologies.routes,
    between_meetings.routes,
    family_letters.routes,
    contradictions.routes,
    handover_summaries.routes,
    job_roles.routes,
    consents.routes,
    attachments.routes,
    readers.routes,
    access_checks.routes,
    overdue.routes,
    oversight.routes,
    local_calendar.routes,
    mag.routes,
    incidents.routes,
    deployments.routes,
    rehearsals.routes,
    rule_approvals.routes,
    whatif.routes,
    workload.routes,
    running_work.routes,
)
_BEARER = {"type": "http", "scheme": "bearer", "description": "The token that POST /api/session gives"}


class ProblemSchema(Schema):
    """Problem details (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String(metadata={"description": "What is wrong, for a person"})
    reference = fields.String(metadata={"description": "Names this request in the server's log"})
    known = fields.Boolean(
        metadata={"description": "True when a child has an open case already: send it again with `known_seen`"}
    )
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What is wrong, by the path of the field, like `born_on` or `family[0].name`"},
    )
    findings = fields.List(
        fields.Dict(), metadata={"description": "What stands in the way of a deployment: file, element and advice"}
    )


class CafApi(Api):  # type: ignore[misc]
    """flask-smorest, but errors are our problem details: its own leave out `Allow` on a 405."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        """Answer as every error of this application is answered."""
        return errors.http_error(error)


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Add the API to `app`."""
    app.config.update(
        API_TITLE="Coordinate support for a child",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = CafApi(app)
    api.spec.components.security_scheme("bearer", _BEARER)
    api.spec.options["security"] = [{"bearer": []}]
    for routes in _ROUTES:
        csrf.exempt(routes.blueprint)
        api.register_blueprint(routes.blueprint)
    app.register_blueprint(guide.blueprint)
