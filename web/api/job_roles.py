"""What practitioners of the authority can be: the list, and changes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from engine.commands import job_roles as acts
from engine.queries import job_roles
from engine.queries.job_roles import JobRoles
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent

routes = Routes("job roles", under="/api/job-roles", about="What practitioners can be, as an administrator keeps it")


def _role() -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1, max=acts.LONGEST))


class NamedRole(Sent):
    """A role by its name."""

    name = _role()


class RenamedRole(NamedRole):
    """A role by its name, and what it is to be called."""

    to = _role()


class PeopleRenamed(Sent):
    """How many have the role that is called otherwise now."""

    people = fields.Integer()


@routes.route("GET", "", gives=schema_of(JobRoles))
@access.signed_in
def read_job_roles() -> Any:
    """Read the list, how many are each, and who changed it."""
    return job_roles.read(engine(), actor=actor())


@routes.route("POST", "", takes=NamedRole, status=204)
@access.signed_in
def add_job_role(sent: Mapping[str, Any]) -> None:
    """Put a role on the list."""
    acts.add(engine(), actor=actor(), name=sent["name"])


@routes.route("POST", "/rename", takes=RenamedRole, gives=PeopleRenamed)
@access.signed_in
def rename_job_role(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Call a role otherwise, for all who have it."""
    return {"people": acts.rename(engine(), actor=actor(), name=sent["name"], to=sent["to"])}


@routes.route("POST", "/retire", takes=NamedRole, status=204)
@access.signed_in
def retire_job_role(sent: Mapping[str, Any]) -> None:
    """Let nobody new be given a role."""
    acts.retire(engine(), actor=actor(), name=sent["name"])


@routes.route("POST", "/take-back", takes=NamedRole, status=204)
@access.signed_in
def take_back_job_role(sent: Mapping[str, Any]) -> None:
    """Let people be given a retired role again."""
    acts.take_back(engine(), actor=actor(), name=sent["name"])
