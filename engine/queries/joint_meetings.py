"""What a task about a meeting for several children of a family says of who may not be told of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.forms import Option
from engine.queries import words
from engine.queries.view import View
from engine.store.meeting_options import coming
from engine.store.sibling_meetings import KeptFrom, asked_but_kept, held_together, kept_from, sibling_meetings
from engine.store.tables.keeping import history

Lines = tuple[tuple[str, str], ...]


def to_join(view: View, case_id: UUID) -> Lines:
    """Say of each meeting that could be joined who stands against it, or cannot be asked to it."""
    found: list[tuple[str, str]] = []
    for meeting in sibling_meetings(view.connection, case_id, view.today):
        asked = asked_but_kept(view.connection, case_id, meeting.id)
        kept = [each for each in kept_from(view.connection, case_id, meeting.id) if each.told == "nothing"]
        found += [
            *((f"{meeting.given_name}’s meeting", f"It asks {said}. Choose another day") for said in _told(asked)),
            *((f"{meeting.given_name}’s meeting", f"It cannot ask {said}") for said in _told(kept)),
        ]
    return tuple(found)


def held_with(view: View, case_id: UUID, meeting_id: UUID) -> Lines:
    """Say which children are spoken of at the same meeting, and who may not be told everything of one of them.

    So, at a meeting for one child too, who was asked and by now is to be told nothing of that child.
    """
    children = held_together(view.connection, case_id, meeting_id)
    asked = asked_but_kept(view.connection, case_id, meeting_id)
    own = tuple(("Take care", f"{said}. {_WITH_OTHERS if children else _ALONE}") for said in _told(asked, who=""))
    if not children:
        return own
    kept = kept_from(view.connection, case_id, meeting_id)
    copies = "Speak of it when they are not in the room. Their copy of the notes has only what was agreed for this "
    copies += "child, and waits among the letters until you have looked at it."
    return (
        ("Spoken of too", words.listed(children)),
        *own,
        *(("Take care", f"{said}. {copies}") for said in _told(kept, who="")),
    )


_WITH_OTHERS: Final = (
    "Speak of this child when they are not in the room, and give them nothing in writing: they get no copy of the notes"
)
_ALONE: Final = (
    "They were asked before that was decided: tell them that they are not to come. They get no copy of the notes"
)


def by_itself(view: View, case_id: UUID, meeting_id: UUID) -> Lines:
    """Say why a meeting that went with a brother's or sister's is booked by itself; nothing of another one."""
    said = (
        "The brother’s or sister’s meeting that it went with is not held then. Keep the day and time by entering them "
        "again, or choose others: either way everybody is asked anew"
    )
    last = view.connection.execute(_LAST, {"case": case_id, "meeting": meeting_id}).scalar()
    return (("Why by itself", said),) if last == "tac_meeting_let_go" else ()


_LAST = (
    sa.select(history.c.kind)
    .where(
        history.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        history.c.subject_id == sa.bindparam("meeting", type_=sa.Uuid),
        history.c.kind.in_(("tac_meeting_let_go", "tac_meeting_not_held", "tac_meeting_without_family")),
    )
    .order_by(history.c.seq.desc())
    .limit(1)
)


def beside_names(view: View, case_id: UUID, offered: Sequence[Option]) -> list[Option]:
    """Return the family as a form of the coming meeting offers it, each with what they may not be told there."""
    meeting = coming(view.connection, case_id)
    kept = kept_from(view.connection, case_id, meeting.id) if meeting is not None else []
    said = {str(each.member_id): each.words for each in kept}
    return [
        replace(each, label=f"{each.label}; {said[each.value]}") if each.value in said else each for each in offered
    ]


def _told(kept: Iterable[KeptFrom], *, who: str = ", who") -> list[str]:
    """Say of each child who may not be told of them: "Tom Whitlock, who is to be told nothing of Sam"."""
    return [
        f"{words.listed([each.name for each in group])}{who} {'is' if len(group) == 1 else 'are'} {said}"
        for said, found in groupby(kept, key=lambda each: each.words)
        if (group := list(found))
    ]
