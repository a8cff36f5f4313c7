"""The children of the demo and how each case has gone so far. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.commands.cases import Child


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One case: it opens `weeks_ago`; people do what falls to them after `slow` days until `stops_at`.

    From `stops_at` (an element id, or "" for never) on nobody does anything. `reviews` are the outcomes of
    the reviews in turn; after the last one the case closes when `closes`. Actions are done while `busy`.
    """

    child: Child
    worker: str
    need: str
    wish: str
    action: str
    weeks_ago: int
    slow: int = 2
    stops_at: str = ""
    refuses: bool = False
    busy: bool = True
    reviews: tuple[str, ...] = ("better",)
    closes: bool = False
    mag_consent: str = "yes"


def _child(given: str, family: str, sex: str, born: tuple[int, int, int]) -> Child:
    return Child(given_name=given, family_name=family, sex=sex, born_on=date(*born))


STORIES: Final = (
    Story(child=_child("Amara", "Osei", "female", (2023, 4, 11)), worker="Hana Vesely", weeks_ago=1,
          stops_at="record_consent", need="Amara says few words and her mother is worried.",
          wish="Somebody who comes to the house.", action="Speech and language check at the clinic"),
    Story(child=_child("Toby", "Fielding", "male", (2018, 9, 2)), worker="Joseph Adeyemi", weeks_ago=3,
          stops_at="complete_assessment", need="Toby has missed a day of school most weeks since his gran died.",
          wish="Toby wants to keep his place in the football team.", action="Breakfast club three mornings a week"),
    Story(child=_child("Ines", "Carvalho", "female", (2021, 1, 27)), worker="Hana Vesely", weeks_ago=4,
          stops_at="appoint_lead_professional", need="Ines and her brother sleep in one room with damp walls.",
          wish="A visit after four, when both parents are home.", action="Letter to the housing officer"),
    Story(child=_child("Kofi", "Mensah", "male", (2012, 6, 19)), worker="Leila Haddad", weeks_ago=5,
          stops_at="hold_tac_meeting", need="Kofi is out late and has stopped seeing his friends from school.",
          wish="Kofi would talk to a youth worker, not at school.", action="Weekly session at the youth centre"),
    Story(child=_child("Freya", "Lindholm", "female", (2019, 3, 8)), worker="Joseph Adeyemi", weeks_ago=9,
          need="Freya finds it hard to settle and loses her temper in class.",
          wish="The same adult to turn to each morning.", action="A quiet start to the day with one adult"),
    Story(child=_child("Yusuf", "Rahman", "male", (2022, 11, 30)), worker="Hana Vesely", weeks_ago=16,
          reviews=("better", "better"), need="Yusuf is not gaining weight and feeding is a struggle.",
          wish="Advice that fits how the family cooks.", action="Feeding clinic every fortnight"),
    Story(child=_child("Megan", "Tully", "female", (2015, 2, 14)), worker="Joseph Adeyemi", weeks_ago=20, busy=False,
          stops_at="hold_review", need="Megan cares for her father and is often late.",
          wish="Help at home in the mornings.", action="Young carers' group on Thursdays"),
    Story(child=_child("Idris", "Bowen", "male", (2020, 8, 5)), worker="Hana Vesely", weeks_ago=26, busy=False,
          reviews=("same", "worse"), stops_at="discuss_stalled_plan",
          need="Idris has had three house moves in a year and no nursery place.",
          wish="A nursery near the new flat.", action="Nursery place near the new flat"),
    Story(child=_child("Chloe", "Asante", "female", (2016, 10, 21)), worker="Leila Haddad", weeks_ago=30, busy=False,
          reviews=("same", "same"), stops_at="decide_in_mag",
          need="Chloe will not go to school and her mother has no one to help.",
          wish="Small steps back to school.", action="Home tuition while a return is planned"),
    Story(child=_child("Rowan", "Petty", "male", (2017, 5, 3)), worker="Joseph Adeyemi", weeks_ago=32,
          reviews=("better", "better"), closes=True, need="Rowan was bullied and stopped sleeping.",
          wish="To feel safe at school again.", action="A buddy at break times"),
    Story(child=_child("Safiya", "Noor", "female", (2014, 12, 9)), worker="Leila Haddad", weeks_ago=10, refuses=True,
          need="Safiya's form tutor noticed she was often hungry.", wish="", action=""),
)  # fmt: skip
