"""Run BPMN models: the only user of SpiffWorkflow. No database, no clock reading; everything is given."""

from engine.bpmn.catalogue import ElementInfo, FlowInfo
from engine.bpmn.definitions import ProcessDefinition, parse_process, process_calls
from engine.bpmn.environment import Limits, ProcessStuck, StepEnvironment
from engine.bpmn.instance import Instance, PendingWork

__all__ = [
    "ElementInfo",
    "FlowInfo",
    "Instance",
    "Limits",
    "PendingWork",
    "ProcessDefinition",
    "ProcessStuck",
    "StepEnvironment",
    "parse_process",
    "process_calls",
]
