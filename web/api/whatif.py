"""Rules tried out on the caseload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from engine.casework import permissions
from engine.queries import whatif
from web import access
from web.api.deployments import File
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent

routes = Routes("whatif", under="/api/what-if", about="Rules tried out on the caseload; nothing in any case changes")

_EXAMPLE: Final = [{"name": "escalation.dmn", "content": "<definitions xmlns=...>...</definitions>"}]


class RulesToTry(Sent):
    """Rules that are not in force: the files of `escalation`, of `timescales`, or both, and examples if wanted."""

    files = fields.List(
        fields.Nested(File),
        required=True,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "Rules (.dmn) as text; examples (.tests.yaml) may come along", "example": _EXAMPLE},
    )
    on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "A past local day: the cases as they stood when it ended. Left out: now",
            "example": "2026-09-01",
        },
    )
    rules_of_the_day = fields.Boolean(
        load_default=False,
        metadata={"description": "Compare with the rules that were in force on that day, not with today's"},
    )


@routes.route("POST", "", takes=RulesToTry, gives=schema_of(whatif.TriedOut))
@access.for_those(permissions.may_try_rules)
def try_rules(sent: Mapping[str, Any]) -> Any:
    """Say what rules would change of the open cases, next to those in force.

    Whoever may see cases is told those they may see, at most 200 of them; a designer gets the figures of `trial`
    alone. 422 lists every finding of files that could not be deployed.
    """
    files = {file["name"]: file["content"].encode() for file in sent["files"]}
    return whatif.try_rules(
        engine(), actor=actor(), files=files, on=sent["on"], rules_of_the_day=sent["rules_of_the_day"]
    )
