"""The pages of a child's record pass axe and are no wider than the screen, on a screen and a phone."""

from tests.unit.web.player import Play
from tests.unit.web.test_action_pages import planned

ON_CASE = (
    "child-and-family", "assessment", "plan", "plan?version=1", "between-meetings", "chronology", "contact-card",
)  # fmt: skip


def test_the_record_passes_axe_and_is_no_wider_than_the_screen(service, sign_in, axe):
    case_id, action = planned(Play(service), "Rue")
    for width in (1280, 320):
        page = sign_in("amara", viewport={"width": width, "height": 900})
        for path in (*(f"/cases/{case_id}/{each}" for each in ON_CASE), action, "/directory"):
            page.goto(path)
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
