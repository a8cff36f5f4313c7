"""The child and their family: who they are, what each may be told; and that a baby is born."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.queries import family_record
from engine.queries.family_record import FamilyRecord
from web import access, families
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import KeepChild, KeepFamilyMember, RecordBirth, Sent

routes = Routes("families", under="/api/cases", about="The child's family, and what each may be told")


class FamilyMemberKept(Sent):
    """Somebody of the family, as kept."""

    member_id = fields.UUID()


@routes.route("GET", "/<uuid:case_id>/family", gives=schema_of(FamilyRecord))
@access.signed_in
def read_family(case_id: UUID) -> Any:
    """Read who the child is, who is of the family, how they are related, and what was changed of that, newest first."""
    return family_record.read(engine(), actor=actor(), case_id=case_id)


@routes.route("POST", "/<uuid:case_id>/family", takes=KeepFamilyMember, gives=FamilyMemberKept, status=201)
@access.signed_in
def add_family_member(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Keep somebody else of the child's family, and what they may be told of this case."""
    return {"member_id": families.keep_member(case_id, None, sent)}


@routes.route("PUT", "/<uuid:case_id>/family/<uuid:member_id>", takes=KeepFamilyMember, gives=FamilyMemberKept)
@access.signed_in
def keep_family_member(sent: Mapping[str, Any], case_id: UUID, member_id: UUID) -> Mapping[str, Any]:
    """Replace what is kept about somebody of the family. Earlier decisions stay in the record, with their days."""
    return {"member_id": families.keep_member(case_id, member_id, sent)}


@routes.route("PUT", "/<uuid:case_id>/child", takes=KeepChild, status=204)
@access.signed_in
def keep_child(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Replace the name used, the address and whether it is secret, and until the birth the day it is expected.

    Names, sex, birthday, languages and needs that are not sent stay as they were.
    """
    families.keep_child(case_id, sent)


@routes.route("POST", "/<uuid:case_id>/birth", takes=RecordBirth, status=204)
@access.signed_in
def record_birth(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Record that the baby a case was opened for is born."""
    families.record_birth(case_id, sent)
