"""What is kept about a child and their family: the values, what is wrong with them, what pages call them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

SEXES: Final = MappingProxyType({"female": "Female", "male": "Male", "unknown": "Not known"})
NEEDS: Final = ("first_language", "interpreter", "access_needs")
"""Kept of the child and of each of the family, so that an invitation or a visit suits them."""
SENSITIVE: Final = ("disability", "ethnicity")
"""Kept of the child alone, and shown to the team only where the family's consent covers what the assessment says."""
LABELS: Final = MappingProxyType(
    {
        "given_name": "Given name",
        "family_name": "Family name",
        "name": "Name",
        "known_as": "Known as",
        "sex": "Sex",
        "born_on": "Date of birth",
        "expected_on": "Expected on",
        "relationship": "Relationship",
        "parental_responsibility": "Parental responsibility",
        "phone": "Phone",
        "email": "E-mail",
        "address": "Address",
        "address_secret": "Address kept secret",
        "first_language": "First language",
        "interpreter": "Interpreter",
        "access_needs": "Access needs",
        "disability": "Disability or long illness",
        "ethnicity": "Ethnic background",
    }
)
"""What may be kept -> what a page calls it. After the national form: identity, languages, needs (common assessment)."""
OLDEST_YEARS: Final = 26
"""Support ends at the latest when a young person with special needs is 25 (Children and Families Act 2014)."""
_LATEST_BIRTH: Final = 300
"""Days ahead in which a baby can be expected: nine months and some weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A parent or carer, or somebody else of the family. A secret address is shown to the fewest, told to nobody.

    What is None stays as it was.
    """

    name: str
    relationship: str = ""
    parental_responsibility: bool = False
    phone: str = ""
    address: str = ""
    address_secret: bool = False
    email: str | None = None
    first_language: str | None = None
    interpreter: str | None = None
    access_needs: str | None = None

    @property
    def faults(self) -> dict[str, str]:
        """What is missing or wrong, a sentence for each field."""
        wrong = {} if self.name else {"name": "Enter this person's name"}
        if self.email and ("@" not in self.email.strip("@") or " " in self.email):
            wrong["email"] = "Enter an e-mail address like name@example.com, or leave it empty"
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """A baby who is born: its names, sex (of `SEXES`) and birthday."""

    born_on: date
    given_name: str
    family_name: str
    sex: str = "unknown"

    def faults(self, today: date) -> dict[str, str]:
        """Return what is missing or wrong, a sentence for each field."""
        wrong = {}
        if not self.given_name:
            wrong["given_name"] = "Enter the baby's given name"
        if not self.family_name:
            wrong["family_name"] = "Enter the baby's family name"
        if self.sex not in SEXES:
            wrong["sex"] = "Select the baby's sex, or not known"
        if self.born_on > today:
            wrong["born_on"] = "This day is still to come: record the birth once the baby is there"
        elif (today - self.born_on).days > 366:
            wrong["born_on"] = "Check the year: this is more than a year ago"
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What changes about a child: names, where they live and whether that is secret, languages and needs.

    `expected_on` is None of a child who is born. Of the others, what is None stays as it was; `born_on` cannot be said
    before the birth is recorded.
    """

    known_as: str = ""
    address: str = ""
    address_secret: bool = False
    expected_on: date | None = None
    given_name: str | None = None
    family_name: str | None = None
    sex: str | None = None
    born_on: date | None = None
    first_language: str | None = None
    interpreter: str | None = None
    access_needs: str | None = None
    disability: str | None = None
    ethnicity: str | None = None

    def faults(self, born_on: date | None, today: date) -> dict[str, str]:
        """Return what is missing or wrong for a child born on `born_on` (None: not yet), a sentence for each field."""
        wrong = self._wrong_dates(born_on, today)
        if self.family_name == "" and not self.given_name:
            wrong["family_name"] = "Enter the child's name; for a baby not named yet, the family's"
        if self.sex is not None and self.sex not in SEXES:
            wrong["sex"] = "Select the child's sex, or not known"
        return wrong

    def _wrong_dates(self, born_on: date | None, today: date) -> dict[str, str]:
        if born_on is None:
            if self.born_on is not None:
                return {"born_on": "Record the birth: the team is then told, and asked for the baby's name"}
            said = _wrong_expected(self.expected_on, today)
        elif self.expected_on:
            said = "The child is born: no birth is expected any more"
        else:
            wrong = wrong_birthday(self.born_on, today) if self.born_on else ""
            return {"born_on": wrong} if wrong else {}
        return {"expected_on": said} if said else {}


def wrong_birthday(born_on: date, today: date) -> str:
    """Return why nobody born on a day can be the child of a case, empty when they can."""
    if born_on > today + timedelta(days=1):  # a day more, for whose clock is ahead
        return "This day is still to come. For an unborn baby, enter when it is expected"
    years = today.year - born_on.year
    if years > OLDEST_YEARS:
        return f"Check the year: somebody born in {born_on.year} is {years}, not a child"
    return ""


def age_in_words(born_on: date | None, today: date) -> str:
    """Say a child's age as a page, a letter or a refusal does: in years from two years, in months and days before.

    None is the day of somebody who is expected.
    """
    if born_on is None or born_on > today:
        return "not born yet"
    months = (today.year - born_on.year) * 12 + today.month - born_on.month - (today.day < born_on.day)
    if born_on == today:
        return "newborn"
    if months >= 24:
        return f"{months // 12} years old"
    number, one = (months, "month") if months else ((today - born_on).days, "day")
    return f"{number} {one}{'' if number == 1 else 's'} old"


def _wrong_expected(expected_on: date | None, today: date) -> str:
    if expected_on is None:
        return "Enter the date the baby is expected"
    if (expected_on - today).days > _LATEST_BIRTH:
        return "Check the year: this is more than nine months ahead"
    if (today - expected_on).days > _LATEST_BIRTH:
        return "Check the year: this is long ago. If the baby is born, record the birth"
    return ""
