"""Guidance: ours and the authority's own, to read, search, print and order; kept by coordinators."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from engine import guidance as guides
from engine.casework import permissions
from engine.commands import guidance as commands
from engine.commands import guide_files as files
from engine.errors import Conflict, Invalid
from engine.queries import guidance, guide_files
from web import access
from web.current import actor, engine

blueprint = Blueprint("guidance", __name__, url_prefix="/guidance")


@blueprint.get("")
@access.signed_in
def index() -> ResponseReturnValue:
    """Show the contents of all guides, or what was searched for."""
    asked = request.args.get("q", "").strip()
    found = guidance.search(engine(), actor=actor(), asked=asked) if asked else []
    ours, own = guidance.contents(engine(), actor=actor())
    files = guide_files.listed(engine(), actor=actor(), asked=asked)
    return render_template(
        "guidance/index.html", ours=ours, own=own, asked=asked, found=found, files=files, may_keep=_may_keep(),
        waiting=guidance.waiting_copies(engine(), actor=actor()),
    )  # fmt: skip


@blueprint.get("/files/<uuid:file_id>")
@access.signed_in
def file(file_id: UUID) -> ResponseReturnValue:
    """Give a guidance file to be saved, never shown as a page of ours."""
    found = guide_files.read(engine(), actor=actor(), file_id=file_id)
    return send_file(BytesIO(found.body), mimetype=found.media_type, as_attachment=True, download_name=found.name)


@blueprint.post("/files/<uuid:file_id>/withdraw")
@access.for_those(permissions.may_keep_guidance)
def withdraw_file(file_id: UUID) -> ResponseReturnValue:
    """Take a guidance file out of the list."""
    files.withdraw(engine(), actor=actor(), file_id=file_id)
    flash("The file is withdrawn.")
    return redirect(url_for("guidance.index"), 303)


@blueprint.get("/whole")
@access.signed_in
def whole() -> ResponseReturnValue:
    """Show every guide on one page, to be printed."""
    ours, own = guidance.contents(engine(), actor=actor())
    return render_template("guidance/whole.html", guides=[*(each.guide for each in own), *ours])


@blueprint.get("/<key>")
@access.signed_in
def page(key: str) -> ResponseReturnValue:
    """Show one guide."""
    return _page(key, {}, {})


@blueprint.get("/<key>/versions/<edition>")
@access.signed_in
def earlier(key: str, edition: str) -> ResponseReturnValue:
    """Show an earlier version of a guide of the authority's own."""
    number = int(edition) if edition.isascii() and edition.isdigit() and len(edition) < 9 else 0
    return _page(key, {}, {}, version=number)


@blueprint.post("/<key>/copies")
@access.signed_in
def ask_for_copies(key: str) -> ResponseReturnValue:
    """Ask for printed copies of a guide."""
    number = request.form.get("copies", "").strip()
    try:
        copies = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
        send_to = request.form.get("send_to", "")
        commands.ask_for_copies(engine(), actor=actor(), key=key, copies=copies, send_to=send_to)
    except Invalid as wrong:
        return _page(key, request.form, {str(wrong.details["field"]): wrong.message}), 422
    flash("You have asked for printed copies. You are told when they are sent.")
    return redirect(url_for("guidance.page", key=key), 303)


@blueprint.post("/copies/<uuid:copies_id>/withdraw")
@access.signed_in
def withdraw_copies(copies_id: UUID) -> ResponseReturnValue:
    """Take one's own request for printed copies back."""
    try:
        key = commands.withdraw_copies(engine(), actor=actor(), copies_id=copies_id)
    except Conflict as wrong:
        flash(wrong.message, "problem")
        return redirect(url_for("guidance.index"), 303)
    flash("Your request is taken back. Whoever sends copies is told.")
    return redirect(url_for("guidance.page", key=key), 303)


@blueprint.get("/copies")
@access.for_those(permissions.may_keep_guidance)
def copies() -> ResponseReturnValue:
    """List the printed copies that were asked for."""
    return render_template("guidance/copies.html", rows=guidance.copies(engine(), actor=actor()))


@blueprint.post("/copies/<uuid:copies_id>/sent")
@access.for_those(permissions.may_keep_guidance)
def mark_sent(copies_id: UUID) -> ResponseReturnValue:
    """Keep that printed copies were sent."""
    try:
        commands.mark_sent(engine(), actor=actor(), copies_id=copies_id)
    except Conflict as wrong:
        flash(wrong.message, "problem")
    else:
        flash("Marked as sent. Whoever asked is told.")
    return redirect(url_for("guidance.copies"), 303)


@blueprint.get("/add")
@access.for_those(permissions.may_keep_guidance)
def add_page() -> ResponseReturnValue:
    """Ask for a guide of the authority's own."""
    return _form("", {}, {})


@blueprint.post("/add")
@access.for_those(permissions.may_keep_guidance)
def add() -> ResponseReturnValue:
    """Keep a guide of the authority's own."""
    return _keep("")


@blueprint.get("/<key>/change")
@access.for_those(permissions.may_keep_guidance)
def change_page(key: str) -> ResponseReturnValue:
    """Show the text of a guide of the authority's own, to be changed."""
    own = guidance.read(engine(), actor=actor(), key=key).own
    if own is None:
        return redirect(url_for("guidance.page", key=key), 303)
    return _form(key, {"title": own.guide.title, "text": own.text, "beside": own.beside}, {})


@blueprint.post("/<key>/change")
@access.for_those(permissions.may_keep_guidance)
def change(key: str) -> ResponseReturnValue:
    """Keep the next version of a guide of the authority's own."""
    return _keep(key)


@blueprint.post("/<key>/withdraw")
@access.for_those(permissions.may_keep_guidance)
def withdraw(key: str) -> ResponseReturnValue:
    """Take a guide of the authority's own out of the list."""
    commands.withdraw(engine(), actor=actor(), key=key)
    flash("The guide is withdrawn. Its versions are kept.")
    return redirect(url_for("guidance.index"), 303)


def _keep(key: str) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "") for name in ("title", "text", "beside")}
    chosen = request.files.get("file")
    body = chosen.read() if chosen is not None and chosen.filename else b""
    try:
        if not key and files.is_kept_as_file(body):
            return _keep_file(typed, str(chosen.filename if chosen else ""), body)
        typed["text"] = (_text_of(body) if body else "") or typed["text"]
        kept = commands.keep_text(engine(), actor=actor(), key=key, **typed)
    except (Invalid, Conflict) as wrong:
        errors = {str(wrong.details.get("field") or "title"): wrong.message}
        return _form(key, {**request.form, **typed}, errors), 422 if isinstance(wrong, Invalid) else 409
    flash("The guide is kept. Everybody who signs in can read it.")
    return redirect(url_for("guidance.page", key=kept), 303)


def _keep_file(typed: Mapping[str, str], name: str, body: bytes) -> ResponseReturnValue:
    files.add(
        engine(), actor=actor(), title=typed["title"], about=request.form.get("about", ""), name=name, content=body,
        beside=typed["beside"],
    )  # fmt: skip
    flash("The file is kept. Everybody who signs in can take it away.")
    return redirect(url_for("guidance.index", _anchor="files"), 303)


def _text_of(body: bytes) -> str:
    """Return the text of a file that was chosen. Raises `Invalid` for what is no text."""
    try:
        text = str(body[: guides.LONGEST * 4 + 1], "utf-8-sig")
    except UnicodeDecodeError as error:
        said = "Choose a PDF or Word file (.docx), or a text or Markdown file saved as UTF-8"
        raise Invalid(said, field="file") from error
    if "\x00" in text or not text.strip():
        raise Invalid("Choose a text or Markdown file that says something", field="file")
    return text


def _page(key: str, values: Mapping[str, Any], errors: Mapping[str, str], *, version: int | None = None) -> str:
    found = guidance.read(engine(), actor=actor(), key=key, version=version)
    beside = [each for each in guide_files.listed(engine(), actor=actor()) if each.beside == key]
    return render_template(
        "guidance/guide.html", found=found, guide=found.guide, values=values, errors=errors, may_keep=_may_keep(),
        files=beside, asked=guidance.own_copies(engine(), actor=actor(), key=key),
    )  # fmt: skip


def _form(key: str, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    beside = [{"value": "", "label": "None: it stands by itself"}]
    beside += [{"value": each.key, "label": each.title} for each in guides.shipped().values()]
    largest = f"{engine().settings.largest_attachment // 1024 // 1024} MB"
    return render_template(
        "guidance/form.html", key=key, values=values, errors=errors, beside=beside, largest_file=largest
    )


def _may_keep() -> bool:
    return permissions.may_keep_guidance(actor())
