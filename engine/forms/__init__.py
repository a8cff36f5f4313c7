"""Form files: read, judge answers, keep them. Pure: no web, no database, no clock.

`read_form` reads a form-js schema file; `validate` judges answers with the Marshmallow schema built from
it; `jsonable` and `from_jsonable` carry clean answers to the store and back.
"""

from engine.forms.components import FILES_OF_TASK
from engine.forms.conditions import HIDDEN, Level, Scope, choices, days_allowed, mark
from engine.forms.model import Field, Form, InvalidAnswers, Kind, Limit, Option, Rules, level, walk
from engine.forms.parsing import Unreadable
from engine.forms.reading import alone, read_form
from engine.forms.text import Block, Span, blocks, spoken
from engine.forms.validation import from_jsonable, jsonable, validate
from engine.forms.wording import reworded as reworded_form

__all__ = [
    "FILES_OF_TASK", "HIDDEN", "Block", "Field", "Form", "InvalidAnswers", "Kind", "Level", "Limit", "Option", "Rules",
    "Scope", "Span", "Unreadable", "alone", "blocks", "choices", "days_allowed", "from_jsonable", "jsonable", "level",
    "mark", "read_form", "reworded_form", "spoken", "validate", "walk",
]
