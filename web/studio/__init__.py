"""The designer's studio: draw it, check it, play it, publish it; one blueprint for each of these."""

from __future__ import annotations

from flask import Blueprint

from web.studio import checking, editing, rehearsals

BLUEPRINTS: tuple[Blueprint, ...] = (
    checking.blueprint,
    editing.blueprint,
    rehearsals.blueprint,
)
