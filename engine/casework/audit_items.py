"""What an audit of a case looks at: items answered yes, no or not applicable, and sections scored from 0 to 3.

The scale and the first two items are those of published audits of the common assessment (Nottingham,
Nottinghamshire); the other items follow the parts of the national form, of the plan and of the team's meetings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import Invalid

JUDGEMENTS: Final = ("yes", "no", "na")
SCORES: Final = ("0", "1", "2", "3")
ANSWERS: Final = (*JUDGEMENTS, *SCORES)
ANSWER_WORDS: Final[Mapping[str, str]] = {
    "yes": "Yes",
    "no": "No",
    "na": "Does not apply",
    "0": "0, missing",
    "1": "1, weak",
    "2": "2, sound",
    "3": "3, good",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the record that is scored; `items` are keys and the questions that are answered about it."""

    key: str
    name: str
    items: tuple[tuple[str, str], ...]


SECTIONS: Final = (
    Section(
        "consent",
        "Consent",
        (
            ("consent_signed", "Is the family’s consent signed, with what may be shared and with whom?"),
            ("consent_revisited", "Has consent been revisited since it was first given?"),
        ),
    ),
    Section(
        "identity",
        "Who the child and the family are",
        (
            ("identity_whole", "Are the child’s details complete: birth, address, language, ethnicity, disability?"),
            ("family_whole", "Are the parents and carers named, with who has parental responsibility?"),
        ),
    ),
    Section(
        "assessment",
        "The assessment",
        (
            ("assessment_in_time", "Was the assessment completed in time?"),
            ("all_parts", "Does it look at development, parenting, and family and environment?"),
            ("child_heard", "Does it say what the child thinks, in their own words?"),
            ("parent_heard", "Does it say what the parents or carers think?"),
        ),
    ),
    Section(
        "plan",
        "The plan",
        (
            ("plan_answers_needs", "Do the outcomes answer the needs that were found?"),
            ("actions_owned", "Has each action an owner and a day?"),
            ("lead_named", "Is there a lead professional, with the family’s wishes on record?"),
        ),
    ),
    Section(
        "meetings",
        "Meetings and reviews",
        (
            ("family_came", "Did the family take part in the meetings?"),
            ("reviews_held", "Are reviews held on time?"),
            ("change_measured", "Does each review say whether things are better, the same or worse?"),
        ),
    ),
    Section(
        "oversight",
        "Management oversight",
        (
            ("oversight_recorded", "Is a manager’s oversight on record, with what was decided?"),
            ("escalated_in_time", "Was what stalled or worsened raised with others in time?"),
        ),
    ),
)
ITEMS: Final[Mapping[str, str]] = {key: question for section in SECTIONS for key, question in section.items}


def check(answers: Mapping[str, str], scores: Mapping[str, str], notes: Mapping[str, str], *, longest: int) -> None:
    """Raise `Invalid` naming the field unless every item is answered and every section scored.

    `answers` maps items to `JUDGEMENTS`, `scores` sections to `SCORES`, `notes` items to what was seen.
    """
    for key, question in ITEMS.items():
        if answers.get(key) not in JUDGEMENTS:
            raise Invalid(f"Answer: {question}", field=key)
        if len(notes.get(key, "")) > longest:
            raise Invalid(f"Use at most {longest:,} characters", field=f"{key}-note")
    for section in SECTIONS:
        if scores.get(section.key) not in SCORES:
            raise Invalid(f"Give the section “{section.name}” 0 to 3", field=f"score-{section.key}")
