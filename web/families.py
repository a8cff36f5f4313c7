"""The child's family: who they are, where they live and what each may be told; and that a baby is born."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.casework.child_facts import LABELS, NEEDS, SENSITIVE, SEXES
from engine.casework.family_sharing import DECIDERS, Sharing
from engine.commands import families
from engine.errors import Invalid, NotFound
from engine.queries import case_file, family_record
from engine.queries.case_family import FamilyMember
from engine.queries.case_people import ChildRecord
from web import access, genogram, schemas
from web.current import actor, engine
from web.day_fields import day_boxes, day_typed

blueprint = Blueprint("families", __name__)
_TICKED = ("parental_responsibility", "address_secret")
_TYPED = ("name", "relationship", "phone", "email", "address", *NEEDS)
_NAMES = ("given_name", "family_name")
_FACTS = (*NEEDS, *SENSITIVE)
_NEEDS = [(name, LABELS[name]) for name in NEEDS]
_SHARING = ("told", "part", "decided_by", "competence", "reason")
UNDECIDED = "undecided"
"""What is chosen of what somebody may be told while nobody has decided it."""
_OF_THE_ACT = ("somebody_else", "request_key")


@blueprint.get("/cases/<uuid:case_id>/family")
@access.signed_in
def new_page(case_id: UUID) -> ResponseReturnValue:
    """Ask who else is of the family."""
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    return _member_page(case_id, None, {} if _kept_out(found.child.family) else {"told": UNDECIDED}, {})


@blueprint.post("/cases/<uuid:case_id>/family")
@access.signed_in
def add(case_id: UUID) -> ResponseReturnValue:
    """Keep somebody else of the family."""
    return _keep(case_id, None)


@blueprint.get("/cases/<uuid:case_id>/family/<uuid:member_id>")
@access.signed_in
def page(case_id: UUID, member_id: UUID) -> ResponseReturnValue:
    """Show what is kept about somebody of the family, to be changed."""
    return _member_page(case_id, member_id, None, {})


@blueprint.post("/cases/<uuid:case_id>/family/<uuid:member_id>")
@access.signed_in
def keep(case_id: UUID, member_id: UUID) -> ResponseReturnValue:
    """Keep what has changed about somebody of the family, and what they may be told."""
    return _keep(case_id, member_id)


@blueprint.get("/cases/<uuid:case_id>/child-and-family")
@access.signed_in
def record(case_id: UUID) -> ResponseReturnValue:
    """Show who the child is and who is of the family, as facts, as a picture and as a list, with every change."""
    found = family_record.read(engine(), actor=actor(), case_id=case_id)
    facts = [(LABELS[name], getattr(found.child, name)) for name in _FACTS if getattr(found.child, name)]
    page = render_template(
        "cases/family.html", record=found, facts=facts, needs=_NEEDS, sexes=SEXES, tree=genogram.drawn(found.kin)
    )
    return page, 200


@blueprint.get("/cases/<uuid:case_id>/child")
@access.signed_in
def child_page(case_id: UUID) -> ResponseReturnValue:
    """Show what is kept about the child, to be changed."""
    return _child_page(case_id, None, {})


@blueprint.post("/cases/<uuid:case_id>/child")
@access.signed_in
def child(case_id: UUID) -> ResponseReturnValue:
    """Keep what has changed about the child."""
    sent = _typed("known_as", "address", "sex", *_NAMES, *_FACTS, "request_key")
    sent["address_secret"] = request.form.get("address_secret") == "yes"
    try:
        days = {name: day_typed(request.form, name) for name in ("expected_on", "born_on")}
        sent |= {name: str(day) for name, day in days.items() if day is not None}
        keep_child(case_id, schemas.KeepChild().load(sent))
    except (Invalid, ValidationError) as wrong:
        return _child_page(case_id, request.form, _errors(wrong, "expected_on"), status=422)
    flash("Kept.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="people"), 303)


@blueprint.get("/cases/<uuid:case_id>/birth")
@access.signed_in
def birth_page(case_id: UUID) -> ResponseReturnValue:
    """Ask for the name and the birthday of a baby who was expected."""
    return _birth_page(case_id, None, {})


@blueprint.post("/cases/<uuid:case_id>/birth")
@access.signed_in
def birth(case_id: UUID) -> ResponseReturnValue:
    """Record that the baby is born."""
    try:
        born_on = day_typed(request.form, "born_on")
        sent = _typed("given_name", "family_name", "sex", "request_key")
        loaded = schemas.RecordBirth().load(sent if born_on is None else {**sent, "born_on": born_on.isoformat()})
        record_birth(case_id, loaded)
    except (Invalid, ValidationError) as wrong:
        return _birth_page(case_id, request.form, _errors(wrong, "born_on"), status=422)
    flash("The birth is recorded, and the team is told.")
    return redirect(url_for("cases.page", case_id=case_id), 303)


def keep_child(case_id: UUID, sent: Mapping[str, Any]) -> None:
    """Keep what `schemas.KeepChild` loaded."""
    about = families.About(**{name: value for name, value in sent.items() if name != "request_key"})
    families.keep_child(engine(), actor=actor(), case_id=case_id, about=about, request_key=sent["request_key"])


def record_birth(case_id: UUID, sent: Mapping[str, Any]) -> None:
    """Record what `schemas.RecordBirth` loaded."""
    baby = families.Birth(**{name: value for name, value in sent.items() if name != "request_key"})
    families.record_birth(engine(), actor=actor(), case_id=case_id, birth=baby, request_key=sent["request_key"])


def keep_member(case_id: UUID, member_id: UUID | None, sent: Mapping[str, Any]) -> UUID:
    """Keep what `schemas.KeepFamilyMember` loaded about somebody of the family; return their id."""
    about = {name: value for name, value in sent.items() if name not in (*_SHARING, *_OF_THE_ACT)}
    return families.keep_member(
        engine(),
        actor=actor(),
        case_id=case_id,
        member_id=member_id,
        member=families.Member(**about),
        sharing=Sharing(**{name: sent.get(name, "") for name in _SHARING}) if "told" in sent else None,
        somebody_else=sent["somebody_else"],
        request_key=sent["request_key"],
    )


def _keep(case_id: UUID, member_id: UUID | None) -> ResponseReturnValue:
    sent: dict[str, Any] = _typed(*_TYPED, "request_key")
    if request.form.get("told") != UNDECIDED:
        sent |= {name: request.form.get(name, "") for name in _SHARING}
    sent |= {name: request.form.get(name) == "yes" for name in (*_TICKED, "somebody_else")}
    try:
        keep_member(case_id, member_id, schemas.KeepFamilyMember().load(sent))
    except (Invalid, ValidationError) as wrong:
        known = wrong.details["members"] if isinstance(wrong, families.KnownAlready) else ()
        return _member_page(case_id, member_id, request.form, _errors(wrong, "name"), known=known, status=422)
    flash("Kept. Whoever works with the family sees what each may be told.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="people"), 303)


def _typed(*names: str) -> dict[str, Any]:
    return {name: request.form[name] for name in names if name in request.form}


def _errors(wrong: Invalid | ValidationError, otherwise: str) -> Mapping[str, str]:
    if isinstance(wrong, ValidationError):
        return schemas.first_errors(wrong)
    return wrong.details.get("errors") or {str(wrong.details.get("field") or otherwise): wrong.message}


def _member_page(
    case_id: UUID,
    member_id: UUID | None,
    values: Mapping[str, Any] | None,
    errors: Mapping[str, str],
    *,
    known: Sequence[Mapping[str, Any]] = (),
    status: int = 200,
) -> ResponseReturnValue:
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    member = next((each for each in found.child.family if each.member_id == member_id), None)
    if member_id is not None and member is None:
        raise NotFound("There is nobody of that name in this family", member_id=member_id)
    kept = _kept(member) if values is None and member is not None else dict(values or {})
    kept_out = () if member else _kept_out(found.child.family)
    page = render_template(
        "cases/family_member.html",
        case=found,
        member=member,
        known=known,
        kept_out=kept_out,
        may_wait=not kept_out if member is None else member.decided_on is None,
        deciders=[(code, words[:1].upper() + words[1:]) for code, words in DECIDERS.items()],
        values=kept,
        errors=errors,
        request_key=kept.get("request_key") or secrets.token_urlsafe(16),
    )
    return page, status


def _kept_out(family: Sequence[FamilyMember]) -> list[str]:
    """Return the names of whom the young person has asked to tell nothing: it may hold for who comes new, too."""
    asked = [each for each in family if each.sharing.decided_by == "young_person" and each.sharing.told == "nothing"]
    return [each.name for each in asked]


def _kept(member: FamilyMember) -> dict[str, str]:
    texts = {name: getattr(member, name) for name in _TYPED}
    ticked = {name: "yes" for name in _TICKED if getattr(member, name)}
    decided = {name: getattr(member.sharing, name) for name in _SHARING}
    return {**texts, **ticked, **(decided if member.decided_on else {"told": UNDECIDED})}


def _child_page(
    case_id: UUID, values: Mapping[str, Any] | None, errors: Mapping[str, str], *, status: int = 200
) -> ResponseReturnValue:
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    typed = _about(found.child) if values is None else dict(values)
    page = render_template(
        "cases/child.html",
        case=found,
        sexes=list(SEXES.items()),
        values=typed,
        errors=errors,
        request_key=typed.get("request_key") or secrets.token_urlsafe(16),
    )
    return page, status


def _about(child: ChildRecord) -> dict[str, str]:
    kept = {name: getattr(child, name) for name in ("known_as", "address", "sex", *_NAMES, *_FACTS)}
    kept |= day_boxes("expected_on", child.expected_on) | day_boxes("born_on", child.born_on)
    return {**kept, "address_secret": "yes"} if child.address_secret else kept


def _birth_page(
    case_id: UUID, values: Mapping[str, Any] | None, errors: Mapping[str, str], *, status: int = 200
) -> ResponseReturnValue:
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    known = {"given_name": found.child.given_name, "family_name": found.child.family_name, "sex": found.child.sex}
    typed = dict(known if values is None else values)
    page = render_template(
        "cases/birth.html",
        case=found,
        values=typed,
        errors=errors,
        request_key=typed.get("request_key") or secrets.token_urlsafe(16),
    )
    return page, status
