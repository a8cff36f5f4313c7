"""Letters to the family and to who is invited: looked at, changed, printed, sent, found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from engine.casework.reply_tokens import MARK
from engine.commands import family_letters
from engine.commands import mail_agreements as commands
from engine.errors import Conflict, Invalid
from engine.queries import case_file, mail_agreements, outside_guests
from engine.queries import letters as letter_queries
from engine.queries.letters import CaseLetter
from web import access, documents
from web.current import actor, engine, private_pages
from web.day_fields import day_needed
from web.words import clock_time, paper_day

blueprint = Blueprint("family_letters", __name__)


@blueprint.get("/cases/<uuid:case_id>/letters")
@access.signed_in
def index(case_id: UUID) -> ResponseReturnValue:
    """Show a case's letters, those that wait to be sent first."""
    return _index(case_id, {}, {})


def _index(case_id: UUID, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    letters = letter_queries.read_letters(engine(), actor=actor(), case_id=case_id)
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    coming = next((each for each in found.meetings if not (each.held_on or each.called_off_on or each.missed)), None)
    return render_template(
        "letters/index.html",
        case=found,
        coming=coming,
        guests=outside_guests.read(engine(), actor=actor(), case_id=case_id) if coming else (),
        waiting=[each for each in letters if each.waits],
        others=[each for each in letters if not each.waits],
        mailed=mail_agreements.read(engine(), actor=actor(), case_id=case_id),
        values=values,
        errors=errors,
    )


@blueprint.post("/cases/<uuid:case_id>/letters/in-full")
@access.signed_in
def in_full(case_id: UUID) -> ResponseReturnValue:
    """Record that somebody wants their letters in full by e-mail, or no longer."""
    typed = request.form
    try:
        whose: dict[str, Any] = {"actor": actor(), "case_id": case_id, "member_id": _member(typed.get("member", ""))}
        if typed.get("act") == "end":
            commands.end(engine(), **whose)
            flash("Recorded. By e-mail they get the address of a private page from now on.")
        else:
            on = day_needed(typed, "agreed_on", "Enter the day on which it was agreed")
            commands.agree(engine(), **whose, agreed_by=typed.get("agreed_by", ""), agreed_on=on)
            flash("Recorded. Their letters go in full by e-mail from now on.")
    except Invalid as wrong:
        return _index(case_id, typed, {str(wrong.details.get("field") or "agreed_by"): wrong.message}), 422
    return redirect(url_for("family_letters.index", case_id=case_id, _anchor="by-mail"), 303)


def _member(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("Choose who wants them so", field="member") from error


@blueprint.post("/cases/<uuid:case_id>/letters/practitioners")
@access.signed_in
def write_to_practitioners(case_id: UUID) -> ResponseReturnValue:
    """Write a letter to each practitioner who is asked to the meeting to come and has none."""
    count = family_letters.write_to_practitioners(engine(), actor=actor(), case_id=case_id)
    written = "1 letter is written" if count == 1 else f"{count} letters are written"
    flash(f"{written}. Look at each before you send it." if count else "Everybody who is asked has a letter already.")
    return redirect(url_for("family_letters.index", case_id=case_id), 303)


@blueprint.get("/cases/<uuid:case_id>/letters/<uuid:letter_id>")
@access.signed_in
def page(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Show one letter as it is printed."""
    return _page(case_id, letter_id, {})


@blueprint.get("/cases/<uuid:case_id>/letters/<uuid:letter_id>/change")
@access.signed_in
def change_page(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Show a letter that is not sent yet, to be changed."""
    letter = _read(case_id, letter_id)
    if letter.sent_on is not None or letter.unread:
        return redirect(url_for("family_letters.page", case_id=case_id, letter_id=letter_id), 303)
    return _change_page(case_id, letter, {"subject": letter.subject, "body": letter.body}, {})


@blueprint.post("/cases/<uuid:case_id>/letters/<uuid:letter_id>/change")
@access.signed_in
def change(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Keep a letter as it was worded."""
    try:
        _keep(case_id, letter_id)
    except Invalid as wrong:
        errors = {str(wrong.details.get("field") or "body"): wrong.message}
        return _change_page(case_id, _read(case_id, letter_id), request.form, errors), 422
    except Conflict as conflict:
        return _change_page(case_id, _read(case_id, letter_id), request.form, {"body": conflict.message}), 409
    flash("The letter is saved. It is not sent yet.")
    return redirect(url_for("family_letters.page", case_id=case_id, letter_id=letter_id), 303)


@blueprint.get("/cases/<uuid:case_id>/letters/<uuid:letter_id>/draft")
@access.signed_in
def draft_state(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Return, for the script of a page, the token to send forms with; who is signed out is sent to sign in."""
    _read(case_id, letter_id)
    return jsonify(token=generate_csrf())


@blueprint.post("/cases/<uuid:case_id>/letters/<uuid:letter_id>/draft")
@access.signed_in
def keep_draft(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Keep what is typed, for the script of the page."""
    try:
        kept = _keep(case_id, letter_id)
    except Invalid as wrong:
        return jsonify(wrong=wrong.message), 422
    except Conflict as conflict:
        return jsonify(closed=conflict.message), 409
    return jsonify(saved=clock_time(kept.at), base=str(kept.revision), merge="", hidden=[])


@blueprint.get("/cases/<uuid:case_id>/letters/<uuid:letter_id>/letter.pdf")
@access.signed_in
def as_pdf(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Give a letter as a tagged PDF."""
    letter = _read(case_id, letter_id)
    if held := letter.stopped or letter.secret:
        return _page(case_id, letter_id, {"how": held}), 422
    try:
        case = _case(case_id)
        made = documents.pdf("letters/paper.html", letter=_paper(case, letter))
    except documents.NoPdf as missing:
        return _page(case_id, letter_id, {}, problem=missing), 503
    return documents.download(made, documents.PDF_TYPE, _file(case, letter, "pdf"))


@blueprint.get("/cases/<uuid:case_id>/letters/<uuid:letter_id>/letter.docx")
@access.signed_in
def as_word(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Give a letter as a Word file."""
    letter = _read(case_id, letter_id)
    if held := letter.stopped or letter.secret:
        return _page(case_id, letter_id, {"how": held}), 422
    case = _case(case_id)
    return documents.download(
        documents.word(_paper(case, letter)), documents.WORD_TYPE, _file(case, letter, "docx")
    )  # fmt: skip


@blueprint.post("/cases/<uuid:case_id>/letters/<uuid:letter_id>/sent")
@access.signed_in
def sent(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Send a letter by e-mail, or record that it was posted or handed over."""
    how = request.form.get("how", "")
    try:
        if how == "email":
            address = family_letters.send(
                engine(), actor=actor(), case_id=case_id, letter_id=letter_id, pages=private_pages()
            )
            letter = _read(case_id, letter_id)
            what = "The letter goes" if letter.in_full or letter.practitioner else "The address of a private page goes"
            flash(f"{what} to {address} within a minute.")
        else:
            family_letters.mark_sent(engine(), actor=actor(), case_id=case_id, letter_id=letter_id, how=how)
            flash("Kept: the letter is with them.")
    except Invalid as wrong:
        return _page(case_id, letter_id, {"how": wrong.message}), 422
    return redirect(url_for("family_letters.index", case_id=case_id), 303)


@blueprint.post("/cases/<uuid:case_id>/letters/<uuid:letter_id>/overrule")
@access.signed_in
def overrule(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Keep why a letter does not give away the address that its warning speaks of."""
    try:
        family_letters.overrule_warning(
            engine(), actor=actor(), case_id=case_id, letter_id=letter_id, why=request.form.get("why", "")
        )
    except Invalid as wrong:
        return _page(case_id, letter_id, {"why": wrong.message}), 422
    flash("Kept, with your reason. The letter can be printed and sent.")
    return redirect(url_for("family_letters.page", case_id=case_id, letter_id=letter_id), 303)


@blueprint.post("/cases/<uuid:case_id>/letters/<uuid:letter_id>/again")
@access.signed_in
def again(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Write a letter once more, to change and send it again."""
    new = family_letters.write_again(engine(), actor=actor(), case_id=case_id, letter_id=letter_id)
    flash("This is a new letter with the same words. The one that was sent stays as it is.")
    return redirect(url_for("family_letters.change_page", case_id=case_id, letter_id=new), 303)


@blueprint.post("/cases/<uuid:case_id>/letters/<uuid:letter_id>/close-page")
@access.signed_in
def close_page(case_id: UUID, letter_id: UUID) -> ResponseReturnValue:
    """Close the private page that a letter tells of."""
    family_letters.close_page(engine(), actor=actor(), case_id=case_id, letter_id=letter_id)
    flash("The private page is closed. Nobody can answer there any more.")
    return redirect(url_for("family_letters.page", case_id=case_id, letter_id=letter_id), 303)


def _keep(case_id: UUID, letter_id: UUID) -> family_letters.Changed:
    base = request.form.get("draft_base", "")
    return family_letters.change(
        engine(),
        actor=actor(),
        case_id=case_id,
        letter_id=letter_id,
        subject=request.form.get("subject", ""),
        body=request.form.get("body", ""),
        expected_revision=int(base) if base.isdecimal() else None,
    )


def _read(case_id: UUID, letter_id: UUID) -> CaseLetter:
    return letter_queries.read_letter(
        engine(), actor=actor(), case_id=case_id, letter_id=letter_id, pages=private_pages()
    )  # fmt: skip


def _case(case_id: UUID) -> case_file.CaseFile:
    return case_file.read(engine(), actor=actor(), case_id=case_id)


def _file(case: case_file.CaseFile, letter: CaseLetter, ending: str) -> str:
    """Return a name that tells a letter from others in a folder of downloads, and nobody's."""
    kind = letter.kind_key.replace("_", "-")
    return f"{kind}-{case.reference}-{letter.written_on.isoformat()}-{letter.letter_id.hex[-4:]}.{ending}"


def _paper(case: case_file.CaseFile, letter: CaseLetter) -> documents.Paper:
    child = "" if letter.practitioner else case.child.name
    return documents.paper(
        sender=g.authority.contacts.lines or (g.authority.name,),
        addressee=letter.addressee,
        address=letter.address,
        day=paper_day(letter.written_on),
        about=child,
        subject=letter.subject,
        body=letter.text,
        code=letter_queries.code_of(letter),
    )


def _page(
    case_id: UUID, letter_id: UUID, errors: Mapping[str, str], *, problem: documents.NoPdf | None = None
) -> str:
    letter = _read(case_id, letter_id)
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    how = "E-mail it" if letter.in_full or letter.practitioner else "E-mail the address of a private page"
    ways = [("email", f"{how} to {letter.email}")] if letter.email else []
    nowhere = not (letter.practitioner or letter.sent_on or letter.address or letter.address_secret)
    return render_template(
        "letters/letter.html",
        case=found,
        letter=letter,
        paper=_paper(found, letter),
        ways=(*ways, ("hand", "I have handed it over"), *([] if nowhere else [("post", "I have posted it")])),
        nowhere=nowhere,
        values=request.form,
        errors=errors,
        problem=problem,
    )


def _change_page(case_id: UUID, letter: CaseLetter, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    return render_template(
        "letters/change.html", case=found, letter=letter, values=values, errors=errors, mark=MARK,
        base=letter.revision,
    )  # fmt: skip
