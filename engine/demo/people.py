"""The people of the demo. All are invented; telephone numbers are from ranges kept free for fiction."""

from __future__ import annotations

from typing import Final

from engine.commands.setup import Person

PASSWORD: Final = "try-it-out"  # noqa: S105 - printed on the screen on purpose; the demo holds no real record


def _person(name: str, job: str, agency: str, team: str, manager: str = "", **account: object) -> Person:
    handle = name.split(maxsplit=1)[0].lower()
    phone = f"020 7946 0{sum(map(ord, name)) % 1000:03d}"
    roles = account.get("roles", ())
    assert isinstance(roles, tuple)  # noqa: S101 - for the type checker
    return Person(
        name=name,
        job_title=job,
        agency=agency,
        team=team,
        manager=manager,
        email=f"{name.lower().replace(' ', '.')}@example.org",
        phone=phone,
        username=handle if roles else "",
        password=PASSWORD if roles else "",
        roles=roles,
    )


PEOPLE: Final = (
    _person("Maureen Bello", "Health visiting team manager", "Community health", "North health visitors",
            roles=("line_manager", "case_worker")),
    _person("Gwen Pritchard", "Head of pastoral care", "Hill Rise School", "Pastoral team",
            roles=("line_manager", "case_worker")),
    _person("Tariq Aziz", "Youth service manager", "Youth service", "Youth workers",
            roles=("line_manager", "case_worker")),
    _person("Hana Vesely", "Health visitor", "Community health", "North health visitors", "Maureen Bello",
            roles=("case_worker",)),
    _person("Joseph Adeyemi", "School support worker", "Hill Rise School", "Pastoral team", "Gwen Pritchard",
            roles=("case_worker",)),
    _person("Leila Haddad", "Youth worker", "Youth service", "Youth workers", "Tariq Aziz", roles=("case_worker",)),
    _person("Carys Morgan", "CAF coordinator", "Children's services", "CAF team",
            roles=("coordinator", "administrator")),
    _person("Denis Okafor", "Multi-agency group chair", "Children's services", "CAF team", roles=("mag_member",)),
    _person("Ruth Lindqvist", "Safeguarding lead", "Children's services", "Safeguarding",
            roles=("safeguarding_lead",)),
    _person("Petra Novak", "Process designer", "Children's services", "Practice team", roles=("designer",)),
    _person("Sunil Mehta", "Speech and language therapist", "Community health", "Therapies", "Maureen Bello"),
    _person("Fiona Clarke", "Family support worker", "Home-Start Hill Rise", "Volunteers"),
)  # fmt: skip

PROFILE: Final = {
    "safeguarding": [
        {"name": "Children's social care", "phone": "01632 960101", "when": "weekdays, 9am to 5pm"},
        {"name": "Emergency duty team", "phone": "01632 960102", "when": "evenings and weekends"},
    ],
    "meeting_term": "TAC",
}

SIGN_IN_AS: Final = (
    ("hana", "health visitor, leads cases"),
    ("joseph", "school support worker, leads cases"),
    ("maureen", "line manager of the health visitors"),
    ("carys", "CAF coordinator, sees every case"),
    ("denis", "chair of the multi-agency group"),
    ("ruth", "safeguarding lead"),
    ("petra", "process designer"),
)
