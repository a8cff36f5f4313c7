"""Run BPMN models: the only user of SpiffWorkflow. No database, no clock reading; everything is given."""

from engine.bpmn.case_starts import CaseOpening, CaseStart, case_opening, case_start, one_at_a_time
from engine.bpmn.catalogue import GUIDANCE, ElementInfo, FlowInfo
from engine.bpmn.definitions import ProcessDefinition, parse_process, process_calls
from engine.bpmn.environment import Limits, ProcessStuck, StepEnvironment
from engine.bpmn.fitting import Remark, is_asked_otherwise
from engine.bpmn.instance import Instance, PendingWork
from engine.bpmn.lint import Catalogue, Finding, lint_process
from engine.bpmn.messages import sent_by, waited_for
from engine.bpmn.migration import NO_TARGETS, Carried, Targets, Verdict, carry_over, verdict_of
from engine.bpmn.moving import Place, enterable, move, places
from engine.bpmn.reaching import Meets, Path
from engine.bpmn.touching import Step as TouchedStep
from engine.bpmn.touching import Touched
from engine.bpmn.values import tag_variables, untag_variables
from engine.bpmn.wording import reworded as reworded_process
from engine.bpmn.wording import reworded_drawing

__all__ = [
    "GUIDANCE",
    "NO_TARGETS",
    "Carried",
    "CaseOpening",
    "CaseStart",
    "Catalogue",
    "ElementInfo",
    "Finding",
    "FlowInfo",
    "Instance",
    "Limits",
    "Meets",
    "Path",
    "PendingWork",
    "Place",
    "ProcessDefinition",
    "ProcessStuck",
    "Remark",
    "StepEnvironment",
    "Targets",
    "Touched",
    "TouchedStep",
    "Verdict",
    "carry_over",
    "case_opening",
    "case_start",
    "enterable",
    "is_asked_otherwise",
    "lint_process",
    "move",
    "one_at_a_time",
    "parse_process",
    "places",
    "process_calls",
    "reworded_drawing",
    "reworded_process",
    "sent_by",
    "tag_variables",
    "untag_variables",
    "verdict_of",
    "waited_for",
]
