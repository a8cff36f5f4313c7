"""The child and their family as a meeting asks them: each with where they are reached and what they may be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa

from engine.casework.child_facts import age_in_words
from engine.casework.family_sharing import Sharing, sentence, stopped
from engine.casework.secret_addresses import gives_away
from engine.errors import Invalid
from engine.store.tables.record import cases, children, family_members, family_sharing

FROM_AGE: Final = "young_person_years"
"""The time limit that says from which age a young person is asked to a meeting themself."""
USUAL_AGE: Final = 12
"""The same where the limits do not say: in the East Midlands' rules the family agrees for children under 12."""
CHILD: Final = "child"
"""The key of the child or young person themself; others go by their id as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Somebody of the family; the child themself has no `member_id`, and alone has `born_on`, None before the birth.

    `address` is their own and nobody else's; a secret one is told to nobody.
    """

    key: str
    member_id: UUID | None
    name: str
    relationship: str
    email: str
    address: str
    address_secret: bool
    sharing: Sharing
    born_on: date | None = None

    @property
    def words(self) -> str:
        """How a form names them: "Ada Whitlock, mother"."""
        return ", ".join(part for part in (self.name, self.relationship) if part)

    def age_on(self, day: date) -> int:
        """Return a child's age in years; -1 before the birth."""
        if self.born_on is None:
            return -1
        return day.year - self.born_on.year - ((day.month, day.day) < (self.born_on.month, self.born_on.day))

    def reaches(self, years: int) -> date | None:
        """Return the first day on which a child is `years` old; None before the birth."""
        if self.born_on is None:
            return None
        try:
            return self.born_on.replace(year=self.born_on.year + years)
        except ValueError:  # born on a leap day
            return date(self.born_on.year + years, 3, 1)

    def not_usually_asked(self, day: date, *, from_age: int) -> str:
        """Say why a meeting does not ask them while nobody has decided otherwise; empty when it does.

        `from_age` is the age from which a young person is asked themself.
        """
        if self.member_id is not None:
            return sentence(self.sharing) if self.sharing.told == "nothing" else ""
        if self.age_on(day) >= from_age:
            return ""
        age = age_in_words(self.born_on, day).capitalize()
        return age if self.age_on(day) < 0 else f"{age}: others bring what they wish"


class Limits(Protocol):
    """What knows the authority's time limits."""

    def time_limit(self, name: str) -> Any:
        """Return a limit. Raises `Invalid` when there is none of that name."""
        ...


def from_age(host: Limits) -> int:
    """Return from which age a young person is asked themself, unless somebody decides otherwise."""
    try:
        return int(host.time_limit(FROM_AGE))
    except Invalid:
        return USUAL_AGE


def relatives(connection: sa.Connection, case_id: UUID) -> tuple[Relative, ...]:
    """Return the child and then everybody of the family, in the order in which they were written down."""
    return _family(connection.execute(_RELATIVES, {"case": case_id}).all())


def with_elsewhere(connection: sa.Connection, case_id: UUID) -> tuple[tuple[Relative, ...], tuple[Relative, ...]]:
    """Return the child and the family as `relatives` does, and the brothers and sisters at an address kept secret."""
    rows = connection.execute(_WITH_ELSEWHERE, {"case": case_id}).all()
    elsewhere = {row.elsewhere: row for row in rows if row.elsewhere is not None}
    return _family(list({row.id: row for row in rows}.values())), tuple(map(_sibling, elsewhere.values()))


def _family(rows: Sequence[Any]) -> tuple[Relative, ...]:
    members = (_member(row) for row in rows if row.id is not None)
    return (_child(rows[0]), *members) if rows else ()


def _sibling(row: Any) -> Relative:
    return Relative(
        key=str(row.elsewhere), member_id=None, name=row.elsewhere_name or "the baby", relationship="", email="",
        address=row.elsewhere_address, address_secret=True, sharing=Sharing(),
    )  # fmt: skip


def secret_in(text: str, known: Sequence[Relative], *, reader: str = "") -> str:
    """Say whose secret address a text gives away, and what to do; empty when nobody's.

    `reader` is the key of the one whom the text is for: their own address, which others may share, is told to them.
    """
    whose = whose_secret(text, known, reader=reader)
    return f"This holds the address of {whose}, which is kept secret. Take it out" if whose else ""


def whose_secret(text: str, known: Sequence[Relative], *, reader: str = "") -> str:
    """Return the name of whose secret address a text gives away, as `secret_in`; empty when nobody's."""
    own = "\n".join(each.address for each in known if each.key == reader)
    told = (each.name for each in known if text and each.address_secret and gives_away(text, each.address, own=own))
    return next(told, "")


def why_held(text: str, known: Sequence[Relative], to: Relative | None) -> str:
    """Say why a letter must reach its reader in no way; empty when it may. `to` is None for a practitioner."""
    never = stopped(to.name, to.sharing) if to is not None else ""
    return never or secret_in(text, known, reader=to.key if to else "")


_SAID: Final = ("told", "part", "decided_by", "competence", "reason")
SHARING: Final = tuple(family_sharing.c[name] for name in _SAID)
"""The columns of what somebody may be told, for `sharing_of`."""
FAMILY_OF_CASE: Final = (
    cases.join(children, children.c.id == cases.c.child_id)
    .outerjoin(family_members, family_members.c.family_id == children.c.family_id)
    .outerjoin(
        family_sharing,
        (family_sharing.c.member_id == family_members.c.id)
        & (family_sharing.c.case_id == cases.c.id)
        & family_sharing.c.to_on.is_(None),
    )
)
"""A case with its child, everybody of the family, if there is anybody, and what each may be told of it now."""


def sharing_of(row: Any) -> Sharing:
    """Return what the somebody of `row` may be told; everything the consent covers while nothing was decided."""
    return Sharing() if row.told is None else Sharing(**{name: row._mapping[name] for name in _SAID})


_OF_CHILD: Final = (
    *(children.c[name] for name in ("known_as", "given_name", "born_on")),
    *(children.c[name].label(f"child_{name}") for name in ("address", "address_secret")),
)
_KEPT: Final = ("name", "relationship", "email", "address", "address_secret")
_OF_MEMBER: Final = tuple(family_members.c[name] for name in ("id", *_KEPT))
_RELATIVES: Final = (
    sa.select(*_OF_CHILD, *_OF_MEMBER, *SHARING)
    .select_from(FAMILY_OF_CASE)
    .where(cases.c.id == sa.bindparam("case"))
    .order_by(family_members.c.id)
)
_sibling_of = children.alias("elsewhere")
_NAME = sa.func.coalesce(sa.func.nullif(_sibling_of.c.known_as, ""), _sibling_of.c.given_name)
_WITH_ELSEWHERE: Final = (
    sa.select(
        *_OF_CHILD, *_OF_MEMBER, *SHARING, _sibling_of.c.id.label("elsewhere"), _NAME.label("elsewhere_name"),
        _sibling_of.c.address.label("elsewhere_address"),
    )
    .select_from(
        FAMILY_OF_CASE.outerjoin(
            _sibling_of,
            (_sibling_of.c.family_id == children.c.family_id)
            & (_sibling_of.c.id != children.c.id)
            & _sibling_of.c.address_secret,
        )
    )
    .where(cases.c.id == sa.bindparam("case"))
    .order_by(family_members.c.id, _sibling_of.c.id)
)  # fmt: skip
BY_CASE: Final = (_WITH_ELSEWHERE,)


def _child(row: Any) -> Relative:
    return Relative(
        key=CHILD,
        member_id=None,
        name=row.known_as or row.given_name or "The baby",
        relationship="the child or young person" if row.born_on else "not born yet",
        email="",
        address=row.child_address,
        address_secret=row.child_address_secret,
        sharing=Sharing(),
        born_on=row.born_on,
    )


def _member(row: Any) -> Relative:
    kept = {name: row._mapping[name] for name in _KEPT}
    return Relative(key=str(row.id), member_id=row.id, sharing=sharing_of(row), **kept)
