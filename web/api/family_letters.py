"""Letters to the family and to who is invited: read, changed, sent by e-mail, or recorded as posted or handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.commands import family_letters, mail_agreements
from engine.commands.family_letters import LONGEST_REASON as LONGEST
from engine.queries import letters
from engine.queries.letters import CaseLetter
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine, private_pages
from web.schemas import Sent

routes = Routes("family letters", under="/api/cases", about="Letters to the family and to who is invited, each to one")


class FamilyLetters(Sent):
    """A case's letters to the family, the latest first."""

    items = fields.List(fields.Nested(schema_of(CaseLetter)))


class LetterSent(Sent):
    """How a letter reached somebody."""

    how = fields.String(required=True, validate=validate.OneOf(["post", "hand", "email"]))


class LetterWords(Sent):
    """What a letter is to say; `revision` is the one that was read, so that nobody's change is written over."""

    subject = fields.String(required=True, validate=validate.Length(max=family_letters.LONGEST_SUBJECT))
    body = fields.String(required=True, validate=validate.Length(max=family_letters.LONGEST_BODY))
    revision = fields.Integer(required=True, validate=validate.Range(min=0))


class WarningOverruled(Sent):
    """Why a letter does not give away the secret address that its warning speaks of."""

    why = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST))


class LetterRecipient(Sent):
    """The e-mail address that a letter goes to."""

    recipient = fields.String()


class WantedInFull(Sent):
    """Who wants their letters in full by e-mail, who agreed to it and when."""

    member_id = fields.UUID(required=True)
    agreed_by = fields.String(required=True, validate=validate.Length(min=1, max=mail_agreements.LONGEST))
    agreed_on = fields.Date(required=True)


@routes.route("POST", "/<uuid:case_id>/letters/in-full", takes=WantedInFull, status=204)
@access.signed_in
def send_letters_in_full(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Record that somebody of the family wants their letters in full by e-mail, not on a private page."""
    mail_agreements.agree(engine(), actor=actor(), case_id=case_id, **sent)


@routes.route("DELETE", "/<uuid:case_id>/letters/in-full/<uuid:member_id>", status=204)
@access.signed_in
def send_letters_by_page(case_id: UUID, member_id: UUID) -> None:
    """Record that somebody does not want their letters in full by e-mail any more."""
    mail_agreements.end(engine(), actor=actor(), case_id=case_id, member_id=member_id)


@routes.route("GET", "/<uuid:case_id>/letters", gives=FamilyLetters)
@access.signed_in
def list_family_letters(case_id: UUID) -> Mapping[str, Any]:
    """Read a case's letters to the family, as they were written."""
    return {"items": letters.read_letters(engine(), actor=actor(), case_id=case_id, pages=private_pages())}


@routes.route("POST", "/<uuid:case_id>/letters/<uuid:letter_id>/sent", takes=LetterSent, status=204)
@access.signed_in
def mark_family_letter_sent(sent: Mapping[str, Any], case_id: UUID, letter_id: UUID) -> None:
    """Record today that a letter was posted, handed over or e-mailed."""
    family_letters.mark_sent(engine(), actor=actor(), case_id=case_id, letter_id=letter_id, how=sent["how"])


@routes.route(
    "POST", "/<uuid:case_id>/letters/<uuid:letter_id>/overrule", takes=WarningOverruled, status=204
)  # fmt: skip
@access.signed_in
def overrule_letter_warning(sent: Mapping[str, Any], case_id: UUID, letter_id: UUID) -> None:
    """Keep why a letter does not give a secret address away, where that is not certain; it can be sent then."""
    family_letters.overrule_warning(engine(), actor=actor(), case_id=case_id, letter_id=letter_id, why=sent["why"])


@routes.route("GET", "/<uuid:case_id>/letters/<uuid:letter_id>", gives=schema_of(CaseLetter))
@access.signed_in
def read_letter(case_id: UUID, letter_id: UUID) -> CaseLetter:
    """Read one letter of a case."""
    return letters.read_letter(
        engine(), actor=actor(), case_id=case_id, letter_id=letter_id, pages=private_pages()
    )  # fmt: skip


@routes.route(
    "PUT", "/<uuid:case_id>/letters/<uuid:letter_id>",
    takes=LetterWords, gives=schema_of(family_letters.Changed, name="LetterChanged"),
)  # fmt: skip
@access.signed_in
def change_letter(sent: Mapping[str, Any], case_id: UUID, letter_id: UUID) -> family_letters.Changed:
    """Change a letter that is not sent yet; 409 when somebody changed it since, or it was sent."""
    return family_letters.change(
        engine(), actor=actor(), case_id=case_id, letter_id=letter_id, subject=sent["subject"], body=sent["body"],
        expected_revision=sent["revision"],
    )  # fmt: skip


@routes.route("POST", "/<uuid:case_id>/letters/<uuid:letter_id>/send", gives=LetterRecipient)
@access.signed_in
def send_letter(case_id: UUID, letter_id: UUID) -> Mapping[str, Any]:
    """Send a letter by e-mail within a minute: the address of a private page, unless the family wants it in full."""
    recipient = family_letters.send(
        engine(), actor=actor(), case_id=case_id, letter_id=letter_id, pages=private_pages()
    )  # fmt: skip
    return {"recipient": recipient}
