"""What would wait for ever, never happen, happen twice or never end: found before a case comes to it."""

from __future__ import annotations

from engine.bpmn.lint import Catalogue, Finding, lint_process
from engine.bpmn.soundness import Soundness, sound, with_ways
from engine.xml import parse_untrusted
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, message, process, start, subprocess, timer, user

XOR, AND, OR = "exclusiveGateway", "parallelGateway", "inclusiveGateway"
BROKEN = '<errorEventDefinition errorRef="e_broken"/>'
STOP = "<terminateEventDefinition/>"


def play(*elements: str, way: str, most: int = 12_000) -> Soundness:
    source = file_of(process(start(), *elements, end(), way=way))
    return sound(parse_untrusted(source, "p.bpmn"), name="p.bpmn", most=most)


def found(*elements: str, way: str) -> list[tuple[str, str]]:
    return [(each.element_id, each.severity) for each in play(*elements, way=way).findings]


def only(played: Soundness) -> Finding:
    (finding,) = played.findings
    return finding


def test_what_an_exclusive_gateway_parts_a_parallel_one_waits_for_in_vain() -> None:
    finding = only(
        play(
            element(XOR, "which"), user("a"), user("b", name="Ask the school"), element(AND, "both"),
            way="start which; which a [x = 1]; which b *; a both; b both; both end",
        )
    )  # fmt: skip
    assert (finding.element_id, finding.severity) == ("both", "error")
    assert "by way of 'Ask the school'" in finding.what
    assert finding.path == ("start", "which", "a")
    assert "for example after start, which, a" in str(finding)


def test_one_condition_that_leads_past_a_join_is_enough() -> None:
    way = "start split; split a; split b; a skip; skip both [x = 1]; skip end *; b both; both end"
    assert found(element(AND, "split"), user("a"), user("b"), element(XOR, "skip"), element(AND, "both"), way=way) == [
        ("both", "error")
    ]


def test_two_conditions_may_follow_from_each_other_so_that_the_diagram_is_not_refused() -> None:
    parts = [element(XOR, "one"), element(AND, "split"), element(XOR, "two"), element(AND, "both")]
    way = (
        "start one; one split [x = 1]; one end *; split a; split b; a two; two both [x = 1]; two end *; b both;"
        " both end"
    )
    finding = only(play(*parts, user("a"), user("b"), way=way))
    assert (finding.element_id, finding.severity) == ("both", "notice")
    assert "unless the conditions before it rule that out" in finding.what


def test_a_case_that_waits_for_ever_whatever_is_chosen_later_is_refused() -> None:
    parts = [element(XOR, "one"), element(XOR, "two"), element(AND, "both")]
    way = "start one; one two [x = 1]; one end *; two a [y = 1]; two b *; a both; b both; both end"
    assert found(*parts, user("a"), user("b"), way=way) == [("both", "error")]


def test_a_step_that_is_done_twice_by_a_split_without_its_join() -> None:
    parts = [element(AND, "split"), element(XOR, "merge"), user("a"), user("b"), user("c"), user("d")]
    finding = only(play(*parts, way="start split; split a; split b; a merge; b merge; merge c; c d; d end"))
    assert (finding.element_id, finding.severity) == ("c", "notice")
    # A service does at once what is never seen open twice; a letter would be sent twice all the same.
    send = element("serviceTask", "send")
    assert found(*parts[:4], send, way="start split; split a; split b; a merge; b merge; merge send; send end") == [
        ("send", "notice")
    ]


def test_a_step_never_reached_after_an_event_that_nothing_throws() -> None:
    inside = subprocess(start("in"), user("ask"), end("out"), way="in ask; ask out")
    parts = [inside, boundary("broke", "sub", BROKEN), user("mend")]
    finding = only(play(*parts, way="start sub; sub end; broke mend; mend end"))
    assert (finding.element_id, finding.severity) == ("broke", "notice")
    assert "nothing inside throws an error BROKEN" in finding.what
    thrown = subprocess(
        start("in"), user("ask"), element(XOR, "ok"), end("out"), end("fail", BROKEN),
        way="in ask; ask ok; ok out [x = 1]; ok fail *",
    )  # fmt: skip
    assert not found(thrown, *parts[1:], way="start sub; sub end; broke mend; mend end")
    assert not found(element("callActivity", "sub"), *parts[1:], way="start sub; sub end; broke mend; mend end")


def test_nothing_is_found_twice_behind_what_waits_for_ever() -> None:
    parts = [element(XOR, "which"), user("a"), user("b"), element(AND, "both"), user("after"), user("last")]
    way = "start which; which a [x = 1]; which b *; a both; b both; both after; after last; last end"
    assert found(*parts, way=way) == [("both", "error")]


def test_a_join_inside_a_sub_process_waits_for_ever_too() -> None:
    inside = subprocess(
        start("in"), element(XOR, "which"), user("a"), user("b"), element(AND, "both"), end("out"),
        way="in which; which a [x = 1]; which b *; a both; b both; both out",
    )  # fmt: skip
    assert found(inside, way="start sub; sub end") == [("both", "error")]
    # A time that takes the sub-process away ends the waiting, if only then: the engine stops the case before.
    late = boundary("late", "sub", timer("P1D"))
    assert found(inside, late, way="start sub; sub end; late end") == [("both", "error")]


def test_a_loop_whose_only_way_out_never_opens() -> None:
    inside = subprocess(start("in"), user("ask"), end("out"), way="in ask; ask out")
    parts = [element(XOR, "again"), inside, boundary("broke", "sub", BROKEN)]
    way = "start again; again sub; sub again; broke end"
    assert found(*parts, way=way) == [("start", "notice"), ("broke", "notice")]
    parts.append(boundary("late", "sub", timer("P1D")))
    assert found(*parts, way=f"{way}; late end") == [("broke", "notice")]


def test_a_loop_without_a_way_out_is_told_by_the_linter_alone_with_a_way_into_it() -> None:
    parts = [element(AND, "split"), element(XOR, "again"), user("a"), user("b")]
    source = file_of(process(start(), *parts, end(), way="start split; split again; split b; again a; a again; b end"))
    root = parse_untrusted(source, "p.bpmn")
    played = sound(root, name="p.bpmn")
    assert not played.findings
    said = lint_process(root, name="p.bpmn", catalogue=Catalogue())
    endless = [each for each in with_ways(said, played) if each.path]
    assert [(each.element_id, each.path[:3]) for each in endless] == [
        ("again", ("start", "split", "again")), ("a", ("start", "split", "again"))
    ]  # fmt: skip


def test_events_race_and_take_what_they_sit_on_away() -> None:
    parts = [user("ask"), boundary("late", "ask", timer("P1D")), user("chase"), element(XOR, "merge")]
    assert not found(*parts, way="start ask; ask merge; late chase; chase merge; merge end")
    both = [*parts[:3], element(AND, "merge")]
    assert found(*both, way="start ask; ask merge; late chase; chase merge; merge end") == [("merge", "error")]
    events = [
        element("eventBasedGateway", "wait"),
        element("intermediateCatchEvent", "heard", message()),
        element("intermediateCatchEvent", "long", timer("P1D")),
    ]
    assert not found(*events, way="start wait; wait heard; wait long; heard end; long end")
    both = [*events, element(AND, "merge")]
    assert found(*both, way="start wait; wait heard; wait long; heard merge; long merge; merge end") == [
        ("merge", "error")
    ]


def test_what_begins_beside_a_step_is_no_second_time() -> None:
    late = boundary("late", "ask", timer("P1D"), interrupting=False)
    assert not found(user("ask"), late, user("chase"), end("over"), way="start ask; ask end; late chase; chase over")
    # But where it meets the rest, the rest is done for each.
    met = [user("ask"), late, user("chase"), element(XOR, "merge"), user("write")]
    assert found(*met, way="start ask; ask merge; late chase; chase merge; merge write; write end") == [
        ("write", "notice")
    ]
    twenty = [boundary(f"late_{number}", "ask", timer("P1D"), interrupting=False) for number in range(20)]
    way = "start ask; ask end;" + ";".join(f"late_{number} chase" for number in range(20)) + "; chase over"
    assert not play(user("ask"), *twenty, user("chase"), end("over"), way=way).gave_up


def test_an_end_of_everything_takes_the_rest_away() -> None:
    parts = [element(AND, "split"), user("a"), user("b"), element(AND, "both"), element(XOR, "which")]
    parts.append(end("stop", STOP))
    way = "start split; split a; split b; a which; which both [x = 1]; which stop *; b both; both end"
    (finding,) = play(*parts, way=way).findings
    assert (finding.element_id, finding.severity, finding.path) == (
        "stop", "notice", ("start", "split", "a", "which")
    )  # fmt: skip
    assert finding.what == "it ends everything, and takes away what may still be open: 'b'"
    alone = [user("a"), element(XOR, "which"), end("stop", STOP)]
    assert not found(*alone, way="start a; a which; which end [x = 1]; which stop *")


def test_an_inclusive_join_waits_for_those_that_may_still_come() -> None:
    parts = [element(OR, "some"), user("a"), user("b"), user("c"), element(OR, "all"), user("write")]
    way = "start some; some a [x = 1]; some b [y = 1]; some c *; a all; b all; c all; all write; write end"
    assert not found(*parts, way=way)
    parts[4] = element(AND, "all")
    assert found(*parts, way=way) == [("all", "error")]


def test_a_message_thrown_inside_is_heard_by_those_who_wait() -> None:
    parts = [
        element(AND, "split"), user("a"), element("intermediateThrowEvent", "tell", message()),
        element("receiveTask", "hear", messageRef="m_news"), element(AND, "both"),
    ]  # fmt: skip
    assert not found(*parts, way="start split; split a; a tell; tell both; split hear; hear both; both end")


def test_too_many_ways_are_given_up_and_said() -> None:
    names = [f"t{number}" for number in range(14)]
    way = "start some;" + ";".join(f"some {name} [x = {name}]; {name} all" for name in names) + "; all end"
    played = play(element(OR, "some"), *map(user, names), element(OR, "all"), way=way, most=500)
    assert "p has too many ways through it: 5" in played.gave_up
    assert not played.findings


def test_twenty_steps_side_by_side_are_no_trouble() -> None:
    names = [f"t{number}" for number in range(20)]
    way = "start split;" + ";".join(f"split {name}; {name} join" for name in names) + "; join end"
    played = play(element(AND, "split"), *map(user, names), element(AND, "join"), way=way)
    assert not played.gave_up and not played.findings


def test_many_ways_that_meet_at_one_join_are_played_to_the_end() -> None:
    names = [f"t{number}" for number in range(6)]
    way = "start split; split gate; gate both [x = 1]; gate end *; both end;" + ";".join(
        f"split {name}; {name} both" for name in names
    )
    assert found(element(AND, "split"), element(XOR, "gate"), *map(user, names), element(AND, "both"), way=way) == [
        ("both", "error")
    ]


def test_what_the_linter_refuses_is_not_played() -> None:
    assert not found(user("a"), user("b"), way="start a; a b; a end; b end")
    assert not found(element("scriptTask", "a"), way="start a; a end")
