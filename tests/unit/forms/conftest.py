"""Forms made from components, judged on a fixed day in London."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import Environment
from engine.forms import Form, InvalidAnswers, Option, read_form, validate

MakeForm = Callable[..., Form]
Judge = Callable[..., Mapping[str, Any]]


@pytest.fixture
def environment() -> Environment:
    return Environment(now=datetime(2026, 6, 4, 11, 0, tzinfo=UTC), zone=ZoneInfo("Europe/London"))


@pytest.fixture
def make_form() -> MakeForm:
    """Return a maker of forms from components as form-js writes them."""

    def make(*components: Mapping[str, Any]) -> Form:
        document = {"type": "default", "id": "sample_form", "schemaVersion": 19, "components": components}
        return read_form(json.dumps(document).encode(), name="sample.form")

    return make


@pytest.fixture
def judge(environment: Environment) -> Judge:
    """Return a function that gives the clean answers, or the errors by path."""

    def run(
        form: Form,
        answers: Any,
        options: Mapping[str, Sequence[Option]] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        try:
            return validate(form, answers, environment=environment, options=options or {}, variables=variables or {})
        except InvalidAnswers as refused:
            return refused.errors

    return run
