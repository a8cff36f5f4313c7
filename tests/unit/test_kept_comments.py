"""Comments that an editor does not write stay where they stood, as far as that is still there."""

from __future__ import annotations

import pytest

from engine.kept_comments import with_comments
from engine.writing import in_one_writing

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def model(inside: str, around: str = "") -> bytes:
    return f'{around}<definitions xmlns="{BPMN}"><process id="p">{inside}</process></definitions>'.encode()


def kept(before: str, now: str) -> str:
    """Return what stands in the process once the comments of another text are put back."""
    text = in_one_writing("a.bpmn", with_comments("a.bpmn", model(now), model(before))).decode()
    inside = text.partition('<process id="p">')[2].partition("</process>")[0]
    return "".join(line.strip() for line in inside.splitlines())


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        ('<!-- one --><task id="a"/>', '<task id="b"/><task id="a"/>', '<task id="b" /><!-- one --><task id="a" />'),
        ('<!-- one --><!-- two --><task id="a"/>', '<task id="a"/>', '<!-- one --><!-- two --><task id="a" />'),
        ('<!-- one --><task id="a"/><task id="b"/>', '<task id="b"/>', '<!-- one --><task id="b" />'),
        ('<task id="a"/><!-- last -->', '<task id="a"/><task id="b"/>', '<task id="a" /><task id="b" /><!-- last -->'),
        (
            '<task id="a"><incoming>x</incoming><!-- in --><outgoing>y</outgoing></task>',
            '<task id="a"><outgoing>z</outgoing></task>',
            '<task id="a"><!-- in --><outgoing>z</outgoing></task>',
        ),
        ('<task id="a"><!-- gone with it --></task><task id="b"/>', '<task id="b"/>', '<task id="b" />'),
        (
            '<task id="a"><documentation>Ask<!-- why --> them</documentation></task>',
            '<task id="a"><documentation>Ask them</documentation></task>',
            '<task id="a"><!-- why --><documentation>Ask them</documentation></task>',
        ),
        ('<!-- one --><task id="a"/>', '<!-- one --><task id="a"/>', '<!-- one --><task id="a" />'),
        ('<!-- one --><task id="a"/>', '<script id="a"/>', '<script id="a" /><!-- one -->'),
    ],
)
def test_a_comment_stays_in_front_of_what_it_says_something_of(before: str, now: str, after: str) -> None:
    assert kept(before, now) == after


def test_what_stands_around_the_whole_stays_there() -> None:
    plain = model('<task id="a"/>')
    text = with_comments("a.bpmn", plain, b"<!-- ours -->" + plain + b"<!-- end -->")
    lines = in_one_writing("a.bpmn", text).decode().splitlines()
    assert (lines[1], lines[-1]) == ("<!-- ours -->", "<!-- end -->")


def test_what_is_no_model_or_cannot_be_read_stays_as_it_is() -> None:
    commented = b"<!-- one -->" + model("")
    assert with_comments("a.form", b"{}", commented) == b"{}"
    assert with_comments("a.bpmn", b"<not", commented) == b"<not"
    assert with_comments("a.bpmn", model(""), b"<!-- x --><not") == model("")
