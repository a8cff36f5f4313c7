"""A young person's own decision: how old they are, and who judged that they understand (Gillick, Fraser)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.casework.child_facts import age_in_words
from engine.errors import Invalid
from engine.operations.reading import text
from engine.store.relatives import Relative, from_age, relatives
from engine.work import Work


def require_old_enough(work: Work, answers: Mapping[str, Any], on: date) -> None:
    """Raise `Invalid` for a consent of the child's own, given on the day `on`, unless somebody judged it fit.

    `competence` says who judged that they understand, and why. Below the age from which the authority asks young people
    themselves (12 in the East Midlands' rules: Nottinghamshire's handbook) `second_judgement` has to say who else did:
    understanding is not a matter of years alone, nor of one person's word. The unborn consent to nothing.
    """
    if not text(answers, "competence"):
        raise Invalid("Say who judged that the young person understands, and why", field="competence")
    child, limit = relatives(work.connection, work.case.id)[0], from_age(work.host)
    if child.age_on(on) < 0:
        raise Invalid("The child is not born yet, so it is a parent’s or carer’s consent", field="whose")
    if child.age_on(on) < limit and not text(answers, "second_judgement"):
        else_ = "Ask a parent or carer, or say who else judged that they understand, and why"
        raise Invalid(f"{_too_young(child, on, limit)} {else_}", field="second_judgement")


def too_young(work: Work) -> str:
    """Say that the child is younger than the age from which young people decide themselves; empty when not."""
    child, limit = relatives(work.connection, work.case.id)[0], from_age(work.host)
    return _too_young(child, work.today, limit) if child.age_on(work.today) < limit else ""


def _too_young(child: Relative, on: date, limit: int) -> str:
    age = age_in_words(child.born_on, on)
    return f"{child.name} is {age}. Below {limit}, one person’s judgement that they understand is not enough."
