"""A family moves to another area: what is sent, with consent, and that it has arrived; or why nothing was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.casework.consent_cover import STOPPED
from engine.errors import Conflict, Invalid
from engine.operations.closures import refuse_at_risk
from engine.operations.reading import day, optional_day, text
from engine.store.tables.changes import transfers
from engine.work import Work


def record_move(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep where the family goes and when. Raises `Conflict` while another move is open."""
    if work.connection.execute(sa.select(transfers.c.id).where(_open(work))).first() is not None:
        raise Conflict("A move is being dealt with on this case already", case_id=work.case.id)
    moves_on = optional_day(answers, "moves_on")
    work.connection.execute(
        sa.insert(transfers).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            told_on=work.today,
            area=text(answers, "area"),
            moves_on=moves_on,
        )
    )
    work.record("family_moves", detail={"moves_on": moves_on}, payload={"why": text(answers, "area")})
    return {}


def record_transfer_consent(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the family agrees that papers are sent; gives back `transfer_consent` as yes or no."""
    agrees = "yes" if text(answers, "transfer_consent") == "yes" else "no"
    on = day(answers, "asked_on", work.today)
    _keep(
        work, consent=agrees, consent_by=text(answers, "given_by"), reason=text(answers, "reason"), asked_on=on
    )
    work.record(
        "transfer_consent_recorded", detail={"answer": agrees}, payload={"why": text(answers, "reason")},
        effective_on=on,
    )  # fmt: skip
    return {"transfer_consent": agrees}


def send_transfer(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what was sent, to whom and when, or that the family took its yes back first; gives back `sent`: yes or no,
    and the day as `sent_on`.

    Raises `Invalid` for sending without the family's consent to it.
    """
    if text(answers, "sent") == "no":
        why = text(answers, "why_not_sent")
        _keep(work, consent="no", reason=why, asked_on=work.today)
        work.record("transfer_consent_recorded", detail={"answer": "no"}, payload={"why": why})
        return {"sent": "no"}
    row = work.connection.execute(sa.select(transfers.c.consent).where(_open(work))).first()
    if row is None or row.consent != "yes" or work.facts()["consent"] in STOPPED:
        raise Invalid("The family has not agreed that papers are sent to the other area. Nothing may be sent.")
    on = day(answers, "sent_on", work.today)
    _keep(work, sent_on=on, sent_to=text(answers, "sent_to"), sent_what=_listed(answers.get("sent_what")))
    work.record("transfer_sent", effective_on=on, payload={"why": text(answers, "sent_to")})
    return {"sent": "yes", "sent_on": on}


def confirm_transfer(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the other area has the papers and looks after the plan; gives back `received`: yes, no or stays.

    A yes closes the case; raises `Invalid` while a concern or a check for harm is open. With `stays` the family is
    still here, or the other area does not take it on: the move is over, and the case goes on.
    """
    if text(answers, "received") == "stays":
        _keep(work, decision="stay", ended_on=work.today)
        work.record("transfer_ended_here", payload={"why": text(answers, "why_stays")})
        return {"received": "stays"}
    if text(answers, "received") != "yes":
        work.record("transfer_not_received")
        return {"received": "no"}
    refuse_at_risk(work, "received")
    on, who = day(answers, "received_on", work.today), text(answers, "received_by")
    _keep(work, received_on=on, received_by=who, decision="moved", ended_on=work.today)
    work.record("transfer_received", effective_on=on, payload={"why": who})
    return {"received": "yes"}


def decide_without_transfer(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the case closes or stays when nothing may be sent; gives back `move_decision`: close or stay.

    Raises `Invalid` for closing while a concern or a check for harm is open.
    """
    decision = "close" if text(answers, "move_decision") == "close" else "stay"
    if decision == "close":
        refuse_at_risk(work, "move_decision")
    _keep(work, decision=decision, ended_on=work.today)
    work.record("transfer_not_sent", detail={"decision": decision}, payload={"why": text(answers, "why")})
    return {"move_decision": decision}


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _open(work: Work) -> sa.ColumnElement[bool]:
    return (transfers.c.case_id == work.case.id) & transfers.c.ended_on.is_(None)


def _keep(work: Work, **values: Any) -> None:
    work.connection.execute(sa.update(transfers).where(_open(work)).values(**values))
    work.changed()
