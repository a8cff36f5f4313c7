"""How long the record of a closed case is kept, as an authority's profile says: pure.

The service sets no time of its own: each authority answers for its rules. Published examples run from some years after
the last act to the child's 25th birthday, and what a court or an inquiry has asked for is kept whatever they say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from engine.errors import Invalid

FIELD: Final = "retention"
"""The field of a profile with `rules` (kind -> {years, age}), `kept` (references) and `from_on` (an ISO date)."""
KINDS: Final[Mapping[str, str]] = {
    "messages": "Messages that were sent about it",
    "files": "Files kept with it",
    "record": "Everything written in it, with its messages and files",
}
"""What a rule may be about, in words."""
GRACE: Final = timedelta(days=7)
"""For how long after a change of the rules nothing is erased: so long it can be taken back."""
MOST_YEARS: Final = 120
MOST_KEPT: Final = 500
_REFERENCE: Final = re.compile(r"[\w./-]{1,40}")


@dataclass(frozen=True, slots=True)
class Rule:
    """Erased `years` after the case closed, but not before the child is `age` years old (None: whatever their age)."""

    years: int
    age: int | None = None


def rules(profile: Mapping[str, Any]) -> dict[str, Rule]:
    """Return the rules that are set, by kind; what has none is kept for good."""
    held = profile.get(FIELD) or {}
    return {kind: Rule(each["years"], each.get("age")) for kind, each in (held.get("rules") or {}).items()}


def kept(profile: Mapping[str, Any]) -> frozenset[str]:
    """Return the references of cases that are kept whatever the rules say."""
    return frozenset((profile.get(FIELD) or {}).get("kept") or ())


def from_on(profile: Mapping[str, Any]) -> date | None:
    """Return the day from which the rules are carried out, None when there are none."""
    text = (profile.get(FIELD) or {}).get("from_on")
    return date.fromisoformat(text) if text and rules(profile) else None


def dated(before: Mapping[str, Any], after: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """Return a changed profile whose rules begin `GRACE` after today when they are others than before."""
    if FIELD not in after:
        return dict(after)
    same = rules(before) == rules(after)
    begins = (before.get(FIELD) or {}).get("from_on") if same else (today + GRACE).isoformat()
    return {**after, FIELD: {**after[FIELD], "from_on": begins}}


def check(profile: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming the field, as `record_years`, for what is no rule or no reference."""
    held = profile.get(FIELD) or {}
    given = held.get("rules") or {} if isinstance(held, Mapping) else None
    if not isinstance(given, Mapping) or not set(given) <= set(KINDS):
        raise Invalid(f"{FIELD}: give rules for {', '.join(KINDS)}", field=FIELD)
    for kind, each in given.items():
        _check_years(each.get("years"), f"{kind}_years", least=1)
        if each.get("age") is not None:
            _check_years(each["age"], f"{kind}_age", least=0)
    references = held.get("kept") or []
    if len(references) > MOST_KEPT or not all(_REFERENCE.fullmatch(str(each)) for each in references):
        raise Invalid("Give the references of cases, one on each line", field="kept")


def _check_years(given: Any, field: str, *, least: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= MOST_YEARS:
        raise Invalid(f"Enter a whole number of years, from {least} to {MOST_YEARS}", field=field)


def years_before(day: date, years: int) -> date:
    """Return the same day some years before; of 29 February the day before, where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
