"""Run BPMN models: the only user of SpiffWorkflow. No database, no clock reading; everything is given."""

from engine.bpmn.catalogue import ElementInfo, FlowInfo
from engine.bpmn.definitions import ProcessDefinition, parse_process, process_calls
from engine.bpmn.environment import Limits, ProcessStuck, StepEnvironment
from engine.bpmn.instance import Instance, PendingWork
from engine.bpmn.lint import Catalogue, Finding, lint_process

__all__ = [
    "Catalogue",
    "ElementInfo",
    "Finding",
    "FlowInfo",
    "Instance",
    "Limits",
    "PendingWork",
    "ProcessDefinition",
    "ProcessStuck",
    "StepEnvironment",
    "lint_process",
    "parse_process",
    "process_calls",
]
