"""People: who works here, who leaves, who is away and who covers, and their accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import accounts, practitioners, second_factors, trainings
from engine.errors import Conflict, Invalid
from engine.queries import covering, job_roles, people, sign_in_settings, staff
from engine.queries import trainings as done
from web import access, words
from web.current import actor, engine
from web.day_fields import day_needed, day_typed

blueprint = Blueprint("people", __name__, url_prefix="/people")

ROLE_WORDS = {
    "case_worker": "Case worker",
    "line_manager": "Line manager",
    "coordinator": "CAF coordinator",
    "mag_member": "Member of the Multi-Agency Group",
    "safeguarding_lead": "Safeguarding lead",
    "senior_officer": "Senior officer, who decides when managers disagree",
    "designer": "Process designer",
    "administrator": "Administrator",
}
"""Every role in words, in the order of the boxes."""


@blueprint.get("")
@access.for_those(permissions.may_see_people)
def index() -> ResponseReturnValue:
    """List the people one keeps."""
    members = staff.members(engine(), actor=actor())
    return render_template(
        "people/list.html",
        people=members,
        trained=done.of_people(engine(), actor=actor(), ids=[each.practitioner_id for each in members]),
        role_words=ROLE_WORDS,
        may_add=permissions.may_keep_accounts(actor()),
    )


@blueprint.get("/add")
@access.for_those(permissions.may_keep_accounts)
def add_page() -> ResponseReturnValue:
    """Ask who is new."""
    return _add_form({}, {})


@blueprint.post("/add")
@access.for_those(permissions.may_keep_accounts)
def add() -> ResponseReturnValue:
    """Add somebody; their password is shown once."""
    typed = request.form
    texts = {
        name: typed.get(name, "") for name in ("name", "agency", "job_title", "team", "email", "phone", "username")
    }
    try:
        person = accounts.NewPerson(**texts, manager_id=_chosen("manager_id"), roles=typed.getlist("roles"))
        added = accounts.add_person(engine(), actor=actor(), person=person)
    except Invalid as wrong:
        return _add_form(typed, {str(wrong.details.get("field") or "name"): wrong.message}), 422
    if added.password:
        return _password_page(added.practitioner_id, added.password)
    flash(f"{texts['name'].strip()} is added.")
    return redirect(url_for("people.page", practitioner_id=added.practitioner_id), 303)


@blueprint.get("/<uuid:practitioner_id>")
@access.for_those(permissions.may_see_people)
def page(practitioner_id: UUID) -> ResponseReturnValue:
    """Show somebody, and what can be recorded of them."""
    return _page(practitioner_id, {}, {})


@blueprint.post("/<uuid:practitioner_id>/leaving")
@access.for_those(permissions.may_see_people)
def leaving(practitioner_id: UUID) -> ResponseReturnValue:
    """Record somebody's last day."""

    def act() -> str:
        last_day = day_needed(request.form, "last_day", "Enter their last day")
        done = practitioners.record_leaving(engine(), actor=actor(), practitioner_id=practitioner_id, last_day=last_day)
        if not done.over:
            return f"Recorded. Their account and their work end after {words.day(last_day)}."
        gave = words.counted(done.tasks, "task")
        return f"Recorded. Their account is closed, {gave} went back, and {_vacant(done.vacant)}."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/staying")
@access.for_those(permissions.may_see_people)
def staying(practitioner_id: UUID) -> ResponseReturnValue:
    """Record that somebody stays after all."""

    def act() -> str:
        why = request.form.get("stays_why", "")
        done = practitioners.take_back_leaving(engine(), actor=actor(), practitioner_id=practitioner_id, why=why)
        if not done.was_over:
            return "Recorded: they stay."
        account = "Their account is open again with its roles" if done.reopened else "Their account stays closed"
        place = "" if done.placed else " They are in no team, or their agency is closed: give them a place."
        return f"Recorded: they stay. {account}; tasks that went back stay where they are.{place}"

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/absence")
@access.for_those(permissions.may_see_people)
def absence(practitioner_id: UUID) -> ResponseReturnValue:
    """Record that somebody is away."""

    def act() -> str:
        practitioners.record_absence(
            engine(),
            actor=actor(),
            practitioner_id=practitioner_id,
            from_on=day_needed(request.form, "from_on", "Enter the first day"),
            expected_to_on=day_typed(request.form, "expected_to_on"),
            reason=request.form.get("reason", ""),
            covered_by=_chosen("covered_by"),
        )
        unmet = covering.gap(engine(), actor=actor(), practitioner_id=practitioner_id)
        return f"The absence is recorded. {unmet}." if unmet else "The absence is recorded."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/absence/<uuid:absence_id>/end")
@access.for_those(permissions.may_see_people)
def end_absence(practitioner_id: UUID, absence_id: UUID) -> ResponseReturnValue:
    """Record that somebody is back."""

    def act() -> str:
        practitioners.end_absence(engine(), actor=actor(), absence_id=absence_id)
        return "Recorded: they are here."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/trainings")
@access.for_those(permissions.may_see_people)
def training(practitioner_id: UUID) -> ResponseReturnValue:
    """Record a course that somebody has done."""

    def act() -> str:
        title = request.form.get("training", "")
        done_on = day_needed(request.form, "trained_on", "Enter the day of the training")
        trainings.record(engine(), actor=actor(), practitioner_id=practitioner_id, title=title, done_on=done_on)
        return "The training is recorded."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/trainings/<uuid:training_id>/remove")
@access.for_those(permissions.may_see_people)
def remove_training(practitioner_id: UUID, training_id: UUID) -> ResponseReturnValue:
    """Take a training away that was recorded wrongly."""

    def act() -> str:
        trainings.remove(engine(), actor=actor(), training_id=training_id)
        return "The training is taken off."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/roles")
@access.for_those(permissions.may_keep_accounts)
def roles(practitioner_id: UUID) -> ResponseReturnValue:
    """Set what somebody may do."""

    def act() -> str:
        chosen = request.form.getlist("roles")
        accounts.set_roles(engine(), actor=actor(), practitioner_id=practitioner_id, roles=chosen)
        return "The roles are set. They count from the next page that person opens."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/manager")
@access.for_those(permissions.may_keep_accounts)
def manager(practitioner_id: UUID) -> ResponseReturnValue:
    """Set somebody's line manager."""

    def act() -> str:
        chosen = _chosen("manager_id")
        accounts.set_manager(engine(), actor=actor(), practitioner_id=practitioner_id, manager_id=chosen)
        return "The line manager is set."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/job-role")
@access.for_those(permissions.may_keep_accounts)
def job_role(practitioner_id: UUID) -> ResponseReturnValue:
    """Set what somebody works as."""

    def act() -> str:
        chosen = request.form.get("job_title", "")
        accounts.set_job_role(engine(), actor=actor(), practitioner_id=practitioner_id, job_role=chosen)
        return "The role is set."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/end-account")
@access.for_those(permissions.may_keep_accounts)
def end_account(practitioner_id: UUID) -> ResponseReturnValue:
    """End somebody's account."""

    def act() -> str:
        accounts.end_account(engine(), actor=actor(), practitioner_id=practitioner_id)
        return "The account is closed, and every session with it."

    return _done(practitioner_id, act)


@blueprint.post("/<uuid:practitioner_id>/password")
@access.for_those(permissions.may_keep_accounts)
def new_password(practitioner_id: UUID) -> ResponseReturnValue:
    """Give somebody a new password, shown once."""
    return _password_page(
        practitioner_id, accounts.new_password(engine(), actor=actor(), practitioner_id=practitioner_id)
    )


@blueprint.post("/<uuid:practitioner_id>/second-factor")
@access.for_those(permissions.may_keep_accounts)
def remove_second_factor(practitioner_id: UUID) -> ResponseReturnValue:
    """Take away a second factor that somebody has lost."""

    def act() -> str:
        second_factors.remove(engine(), actor=actor(), practitioner_id=practitioner_id)
        return "The second factor is taken away, and they are signed out everywhere."

    return _done(practitioner_id, act)


def _vacant(number: int) -> str:
    if not number:
        return "no plan is without its lead"
    return f"{words.counted(number, 'plan')} {'needs' if number == 1 else 'need'} a new lead professional"


def _chosen(name: str) -> UUID | None:
    """Return the person chosen from a list, None for nobody. Raises `Invalid` for what is no id."""
    text = request.form.get(name, "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid("Choose a person from the list", field=name) from error


def _done(practitioner_id: UUID, act: Callable[[], str]) -> ResponseReturnValue:
    """Do `act` and say what it gives back; what is refused stands on the page with what was typed."""
    try:
        flash(act())
    except (Invalid, Conflict) as wrong:
        field = str(wrong.details.get("field") or "person")
        status = 422 if isinstance(wrong, Invalid) else 409
        return _page(practitioner_id, request.form, {field: wrong.message}), status
    return redirect(url_for("people.page", practitioner_id=practitioner_id), 303)


def _page(practitioner_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    person, work = staff.member(engine(), actor=actor(), practitioner_id=practitioner_id)
    kept = {"manager_id": str(person.manager_id or ""), "reason": "planned", "job_title": person.job_title}
    return render_template(
        "people/person.html",
        person=person,
        work=work,
        values={**kept, **values},
        errors=errors,
        choices=_choices(but=practitioner_id),
        covers=covering.choices(engine(), actor=actor(), practitioner_id=practitioner_id),
        gap=covering.gap(engine(), actor=actor(), practitioner_id=practitioner_id),
        job_choices=_job_choices(person.job_title),
        role_words=ROLE_WORDS,
        trained=done.of_people(engine(), actor=actor(), ids=[practitioner_id]).get(practitioner_id, ()),
        has_factor=sign_in_settings.has_factor(engine(), actor=actor(), practitioner_id=practitioner_id),
    )


def _add_form(values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    chosen = set(request.form.getlist("roles"))
    return render_template(
        "people/add.html", values=values, errors=errors, choices=_choices(), job_choices=_job_choices(),
        role_words=ROLE_WORDS, chosen=chosen,
    )  # fmt: skip


def _job_choices(own: str = "") -> list[dict[str, str]]:
    """Offer the roles that somebody can be given, and the one they have, retired or not."""
    names = sorted({*job_roles.names(engine(), actor=actor()), *([own] if own else [])}, key=str.casefold)
    return [{"value": name, "label": name} for name in names]


def _choices(*, but: UUID | None = None) -> list[people.Practitioner]:
    return [each for each in people.practitioners(engine(), actor=actor()) if each.practitioner_id != but]


def _password_page(practitioner_id: UUID, password: str) -> str:
    person, _ = staff.member(engine(), actor=actor(), practitioner_id=practitioner_id)
    return render_template("people/password.html", person=person, password=password)
