"""Your account: your password, your second factor, and where you are signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import accounts, second_factors, trainings
from engine.commands import digest as digests
from engine.errors import Invalid
from engine.queries import digest, sign_in_settings, staff
from engine.queries import trainings as done
from web import access, auth, single_sign_on
from web.current import actor, engine
from web.day_fields import day_needed

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@access.signed_in
def page() -> ResponseReturnValue:
    """Show the account of who is signed in."""
    return _page({})


@blueprint.post("/password")
@access.signed_in
def change_password() -> ResponseReturnValue:
    """Change the password; every other session ends."""
    present, new = request.form.get("present", ""), request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise Invalid("The two new passwords are not the same", field="again")
        accounts.change_password(engine(), actor=actor(), present=present, new=new, token=auth.token_sent() or "")
    except Invalid as wrong:
        return _page({str(wrong.details.get("field") or "new"): wrong.message}), 422
    flash("Your password is changed. Everywhere else you are signed out.")
    return redirect(url_for("tasks.home" if actor().password_once else "account.page"), 303)


@blueprint.get("/second-factor")
@access.signed_in
def second_factor() -> ResponseReturnValue:
    """Show how one's second factor stands, or how to set one up."""
    return _factor_page({})


@blueprint.post("/second-factor")
@access.signed_in
def confirm_second_factor() -> ResponseReturnValue:
    """Finish setting up the second factor; the recovery codes are shown once."""
    return _codes(second_factors.confirm)


@blueprint.post("/second-factor/codes")
@access.signed_in
def renew_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, shown once."""
    return _codes(second_factors.renew_codes)


@blueprint.post("/second-factor/remove")
@access.signed_in
def remove_second_factor() -> ResponseReturnValue:
    """Take one's own second factor away, as before setting up another phone."""
    try:
        second_factors.remove_own(engine(), actor=actor(), code=request.form.get("code", ""))
    except Invalid as wrong:
        return _factor_page({"code": wrong.message}), 422
    flash("Your second factor is taken away.")
    return redirect(url_for("account.second_factor"), 303)


def _codes(act: Callable[..., list[str]]) -> ResponseReturnValue:
    try:
        codes = act(engine(), actor=actor(), code=request.form.get("code", ""))
    except Invalid as wrong:
        return _factor_page({"code": wrong.message}), 422
    return render_template("account/recovery_codes.html", codes=codes)


def _factor_page(errors: Mapping[str, str]) -> str:
    found = sign_in_settings.factor(engine(), actor=actor())
    begun = second_factors.begin(engine(), actor=actor()) if found.set_at is None else None
    return render_template("account/second_factor.html", factor=found, begun=begun, errors=errors)


@blueprint.post("/sessions")
@access.signed_in
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    ended = accounts.end_other_sessions(engine(), actor=actor(), token=auth.token_sent() or "")
    flash("You are signed out everywhere else." if ended else "You are signed in nowhere else.")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/morning")
@access.signed_in
def choose_digest() -> ResponseReturnValue:
    """Choose whether to be told of a morning what presses."""
    digests.choose(engine(), actor=actor(), wanted=request.form.get("wanted") == "yes")
    flash("Your choice is kept.")
    return redirect(url_for("account.page", _anchor="morning"), 303)


@blueprint.post("/trainings")
@access.signed_in
def record_training() -> ResponseReturnValue:
    """Record a course that one has done."""
    try:
        title = request.form.get("training", "")
        done_on = day_needed(request.form, "trained_on", "Enter the day of the training")
        who = actor().practitioner_id
        trainings.record(engine(), actor=actor(), practitioner_id=who, title=title, done_on=done_on)
    except Invalid as wrong:
        return _page({str(wrong.details["field"]): wrong.message}), 422
    flash("The training is recorded.")
    return redirect(url_for("account.page", _anchor="trainings"), 303)


@blueprint.post("/trainings/<uuid:training_id>/remove")
@access.signed_in
def remove_training(training_id: UUID) -> ResponseReturnValue:
    """Take a training off that was recorded wrongly."""
    trainings.remove(engine(), actor=actor(), training_id=training_id)
    flash("The training is taken off.")
    return redirect(url_for("account.page", _anchor="trainings"), 303)


def _page(errors: Mapping[str, str]) -> str:
    own = actor().practitioner_id
    outside = sign_in_settings.is_outside(engine(), token=auth.token_sent() or "")
    return render_template(
        "account/page.html",
        organisation=single_sign_on.called() if outside else "",
        sessions=staff.own_sessions(engine(), actor=actor()),
        shortest=accounts.SHORTEST_PASSWORD,
        factor=sign_in_settings.factor(engine(), actor=actor()),
        digest=digest.of_oneself(engine(), actor=actor()),
        trained=done.of_people(engine(), actor=actor(), ids=[own]).get(own, ()),
        values=request.form,
        errors=errors,
    )
