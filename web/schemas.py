"""What may be sent in, the same for pages and for the JSON API: anything not named here is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from engine.casework.child_facts import SEXES
from engine.casework.family_sharing import DECIDED_BY, TOLD
from engine.errors import Invalid

LONGEST_NAME = 200
LONGEST_TEXT = 20_000


def version_seen(typed: Mapping[str, str], name: str) -> int | None:
    """Return the version of a record that a page was about, None when it names none. Raises `Invalid`."""
    text = typed.get(name)
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Invalid(
            "This page was changed on its way here, so it cannot be told whether somebody else changed the same thing "
            "meanwhile. Nothing was sent. Check what you typed, and send it again."
        )
    return int(text)


class Sent(Schema):
    """Base of everything sent in."""

    class Meta:
        """Refuse names that the schema does not have."""

        unknown = RAISE


def name(**more: Any) -> fields.String:
    """Return a field for a name: one line, at most LONGEST_NAME characters."""
    return fields.String(validate=validate.Length(max=LONGEST_NAME, error="Use at most {max} characters"), **more)


def words(**more: Any) -> fields.String:
    """Return a field for text of several lines, at most LONGEST_TEXT characters."""
    return fields.String(validate=validate.Length(max=LONGEST_TEXT, error="Use at most {max} characters"), **more)


def request_key() -> fields.String:
    """Return the field that makes sending the same thing twice do it once."""
    return fields.String(
        required=True,
        validate=validate.Length(min=8, max=100, error="Use from {min} to {max} characters"),
        metadata={"description": "Any text of your own for this one act; send it again when you repeat the request"},
    )


_AS_IT_WAS: Final[Mapping[str, Any]] = {"load_default": None, "allow_none": True}
"""Of a field that changes nothing when it is not sent."""


class NewFamilyMember(Sent):
    """A parent or carer of the child."""

    relationship = name(load_default="")
    parental_responsibility = fields.Boolean(load_default=False)
    phone = name(load_default="")
    name = name(load_default="")

    @validates_schema
    def check(self, sent: Mapping[str, Any], **_: Any) -> None:
        """Ask for the name of whoever is written down."""
        if not sent.get("name", "").strip():
            raise ValidationError({"name": ["Enter this person's name"]})


class KeepFamilyMember(NewFamilyMember):
    """Somebody of the child's family: who they are, where they live, and what they may be told of this case.

    Somebody new whose name the family has already is refused, unless `somebody_else` says that they are another person.
    Without `told` nothing is decided: what was decided before holds, or that nothing was.
    """

    somebody_else = fields.Boolean(load_default=False)
    address = words(load_default="")
    address_secret = fields.Boolean(load_default=False)
    email = name(**_AS_IT_WAS)
    first_language = name(**_AS_IT_WAS)
    interpreter = name(**_AS_IT_WAS)
    access_needs = words(**_AS_IT_WAS)
    told = fields.String(validate=validate.OneOf(TOLD, error="Choose what they may be told"))
    part = words(load_default="")
    decided_by = fields.String(validate=validate.OneOf(DECIDED_BY, error="Choose who decided it"))
    competence = words(load_default="")
    reason = words(load_default="")
    request_key = request_key()


class KeepChild(Sent):
    """What changes about a child: names, where they live, languages and needs; until the birth the day it is expected.

    Names, sex, birthday, languages and needs that are not sent stay as they were.
    """

    known_as = name(load_default="")
    address = words(load_default="")
    address_secret = fields.Boolean(load_default=False)
    expected_on = fields.Date(load_default=None, allow_none=True)
    given_name = name(**_AS_IT_WAS)
    family_name = name(**_AS_IT_WAS)
    sex = fields.String(**_AS_IT_WAS, validate=validate.OneOf(tuple(SEXES), error="Choose one of the list"))
    born_on = fields.Date(**_AS_IT_WAS)
    first_language = name(**_AS_IT_WAS)
    interpreter = name(**_AS_IT_WAS)
    access_needs = words(**_AS_IT_WAS)
    disability = words(**_AS_IT_WAS)
    ethnicity = name(**_AS_IT_WAS)
    request_key = request_key()


class NewComment(Sent):
    """What somebody says about a case, one of its tasks or actions, at any time; its history keeps it."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=4_000))
    request_key = request_key()


class ReportBack(Sent):
    """What a practitioner reports to who leads, and what they need."""

    report = words(load_default="")
    needs = words(load_default="")
    request_key = request_key()


class FamilyWorry(Sent):
    """What worries somebody of the family about the help; without `member_id` it is the child's or young person's."""

    worry = words(load_default="")
    member_id = fields.UUID(
        load_default=None, allow_none=True, error_messages={"invalid_uuid": "Choose somebody of the family"}
    )
    said_on = fields.Date(load_default=None, allow_none=True)
    request_key = request_key()


class AnswerBack(Sent):
    """What was answered."""

    answer = words(load_default="")
    request_key = request_key()


class TeamMessage(Sent):
    """News for some of the team."""

    body = words(load_default="")
    to = fields.List(
        fields.UUID(error_messages={"invalid_uuid": "Choose people of the team"}),
        load_default=list,
        validate=validate.Length(max=100),
    )
    request_key = request_key()


class RecordBirth(Sent):
    """A baby who is born."""

    given_name = name(load_default="")
    family_name = name(load_default="")
    sex = fields.String(
        load_default="unknown", validate=validate.OneOf(("female", "male", "unknown"), error="Choose one of the list")
    )
    born_on = fields.Date(required=True, error_messages={"required": "Enter the date of birth"})
    request_key = request_key()


class StartCase(Sent):
    """A child for whom a case is started; who assesses is whoever starts it, unless somebody is named."""

    given_name = name(load_default="")
    family_name = name(load_default="")
    known_as = name(load_default="")
    sex = fields.String(
        load_default="unknown", validate=validate.OneOf(("female", "male", "unknown"), error="Choose one of the list")
    )
    born_on = fields.Date(load_default=None, allow_none=True)
    expected_on = fields.Date(load_default=None, allow_none=True)
    address = words(load_default="")
    address_secret = fields.Boolean(load_default=False)
    family = fields.List(fields.Nested(NewFamilyMember), load_default=list, validate=validate.Length(max=50))
    assessor_id = fields.UUID(
        load_default=None, allow_none=True, error_messages={"invalid_uuid": "Choose somebody of the list"}
    )
    sibling_of = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The case of a brother or sister, whose family the child is of"},
    )
    pathway = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_NAME),
        metadata={"description": "How the support begins: caf, or another pathway that a deployed diagram opens."},
    )
    request_key = request_key()

    @validates_schema(skip_on_field_errors=False)
    def check(self, sent: Mapping[str, Any], **_: Any) -> None:
        """Ask for what a record cannot be without: a name, and one of the two dates."""
        wrong = {}
        if not f"{sent.get('given_name', '')}{sent.get('family_name', '')}".strip():
            wrong["family_name"] = ["Enter the child's name; for a baby not named yet, the family's"]
        if sent.get("born_on") is None and sent.get("expected_on") is None:
            wrong["born_on"] = ["Enter the date of birth, or the date the baby is expected"]
        if wrong:
            raise ValidationError(wrong)


def first_errors(error: ValidationError) -> dict[str, str]:
    """Return the first sentence of each field that was refused."""
    messages = error.messages if isinstance(error.messages, Mapping) else {"": error.messages}
    return {str(key): _first(found) for key, found in messages.items()}


def _first(found: Any) -> str:
    while isinstance(found, Mapping | list) and found:
        found = next(iter(found.values())) if isinstance(found, Mapping) else found[0]
    return str(found)

