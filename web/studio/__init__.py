"""The designer's studio: draw it, check it, play it, publish it; one blueprint for each of these."""

from __future__ import annotations

from flask import Blueprint

from web.studio import (
    adapting,
    checking,
    editing,
    form_previews,
    limits,
    newer,
    outline,
    playing,
    publishing,
    questions,
    rehearsals,
    rehearsed_cases,
    renaming,
    scenarios,
    starting,
    steps,
    tables,
    versions,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    adapting.blueprint,
    checking.blueprint,
    editing.blueprint,
    form_previews.blueprint,
    limits.blueprint,
    newer.blueprint,
    outline.blueprint,
    playing.blueprint,
    publishing.blueprint,
    questions.blueprint,
    rehearsals.blueprint,
    rehearsed_cases.blueprint,
    renaming.blueprint,
    scenarios.blueprint,
    starting.blueprint,
    steps.blueprint,
    tables.blueprint,
    versions.blueprint,
)
