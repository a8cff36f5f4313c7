"""Letters and e-mails as the authority words them: merge fields, changed, tried on an invented family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import letter_templates, permissions
from engine.casework.reply_tokens import MARK
from engine.commands import letter_wordings
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import authority_settings
from web import access, documents
from web.current import actor, engine
from web.schemas import version_seen

blueprint = Blueprint("letter_wording", __name__, url_prefix="/authority/letters")

PRIVATE_PAGE: Final = "https://support.northcombe.example/reply/aB3dE6gH"
"""What the sample letter shows in place of a private page."""


@blueprint.get("")
@access.for_those(permissions.may_word_letters)
def index() -> ResponseReturnValue:
    """Show which letters can be worded here."""
    profile = authority_settings.for_letters(engine(), actor=actor()).profile
    own = profile.get(letter_templates.PROFILE_FIELD) or {}
    return render_template(
        "letters/wordings.html", templates=letter_templates.TEMPLATES, mails=letter_templates.MAILS, own=own,
        back_to=_back(),
    )  # fmt: skip


@blueprint.get("/<key>")
@access.for_those(permissions.may_word_letters)
def page(key: str) -> ResponseReturnValue:
    """Show one letter's wording, and how it reads for an invented family."""
    found = authority_settings.for_letters(engine(), actor=actor())
    return _page(_known(key), {"text": letter_templates.of_profile(found.profile, key)}, {})


@blueprint.post("/<key>")
@access.for_those(permissions.may_word_letters)
def change(key: str) -> ResponseReturnValue:
    """Look at a wording, keep it, or go back to the usual one."""
    _known(key)
    act, typed = request.form.get("act", ""), request.form.get("text", "").replace("\r\n", "\n")
    try:
        typed = letter_templates.usual(key) if act == "usual" else _file() or typed
        if act == "field":
            return _page(key, {"text": _with_field(key, typed)}, {})
        letter_templates.check(key, typed)
        if act == "look":
            return _page(key, {"text": typed}, {})
        _keep(key, "" if act == "usual" else typed)
    except Invalid as wrong:
        return _page(key, {"text": typed}, {"text": wrong.message}), 422
    except Conflict as conflict:
        return _page(key, {"text": typed}, {"text": conflict.message}), 409
    kept = "The wording is saved. Letters are written so from now on."
    flash("The usual wording is back." if act == "usual" else kept)
    return redirect(url_for("letter_wording.page", key=key), 303)


@blueprint.get("/<key>/file")
@access.for_those(permissions.may_word_letters)
def file(key: str) -> ResponseReturnValue:
    """Give a wording as a text file."""
    profile = authority_settings.for_letters(engine(), actor=actor()).profile
    content = letter_templates.of_profile(profile, _known(key)).encode()
    return documents.download(content, "text/plain; charset=utf-8", f"{key}.txt")


def _with_field(key: str, text: str) -> str:
    """Return a wording with the chosen merge field at its end, where no script puts it at the cursor."""
    name = request.form.get("field", "")
    return f"{text.rstrip()}\n\n{{{{ {name} }}}}\n" if name in letter_templates.FIELDS[key] else text


def _back() -> tuple[str, str]:
    """Return where whoever reads came from: their own place, the authority's settings or the diagrams and rules."""
    if permissions.may_keep_authority(actor()):
        return url_for("authority.page"), "Authority"
    return url_for("definitions.index"), "Diagrams and rules"


def _file() -> str:
    """Return the text of the file that was chosen, empty for none. Raises `Invalid` for one that is no text."""
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        return ""
    try:
        return chosen.stream.read(4 * letter_templates.LONGEST).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Invalid("Choose a plain text file, saved as UTF-8", field="text") from error


def _keep(key: str, text: str) -> None:
    letter_wordings.word(
        engine(), actor=actor(), key=key, text=text, expected_version=version_seen(request.form, "version")
    )


def _known(key: str) -> str:
    if key not in letter_templates.TEMPLATES:
        raise NotFound("There is no such letter")
    return key


def _page(key: str, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    found = authority_settings.for_letters(engine(), actor=actor())
    sample = None
    if not errors:
        letter = letter_templates.sample(key, values["text"])
        sample = documents.paper(
            sender=(found.name,), addressee="Robin Example", address="1 Sample Street\nNorthcombe", day="2 March 2026",
            about="", subject=letter.subject, body=letter.body.replace(MARK, PRIVATE_PAGE),
        )  # fmt: skip
    return render_template(
        "letters/wording.html",
        key=key,
        title=letter_templates.TEMPLATES[key],
        fields=letter_templates.FIELDS[key],
        field_options=[
            {"value": name, "label": f"{name}: {meaning}"}
            for name, (meaning, _) in letter_templates.FIELDS[key].items()
        ],
        is_mail=key in letter_templates.MAILS,
        own=bool((found.profile.get(letter_templates.PROFILE_FIELD) or {}).get(key)),
        values=values,
        errors=errors,
        sample=sample,
        version=found.version,
    )
