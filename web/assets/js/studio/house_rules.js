// bpmnlint's recommended rules, but those that the service's own check says already or that it contradicts: it runs
// inclusive gateways and flows that come together without a gateway, whose risks its own play-through finds, and it
// refuses complex gateways, links and event sub-processes with advice of its own.

import Linter from 'bpmnlint/lib/linter';
import endEventRequired from 'bpmnlint/rules/end-event-required';
import labelRequired from 'bpmnlint/rules/label-required';
import noBpmndi from 'bpmnlint/rules/no-bpmndi';
import noDisconnected from 'bpmnlint/rules/no-disconnected';
import noDuplicateFlows from 'bpmnlint/rules/no-duplicate-sequence-flows';
import noImplicitEnd from 'bpmnlint/rules/no-implicit-end';
import noImplicitStart from 'bpmnlint/rules/no-implicit-start';
import noOverlapping from 'bpmnlint/rules/no-overlapping-elements';
import startEventRequired from 'bpmnlint/rules/start-event-required';
import subProcessStart from 'bpmnlint/rules/sub-process-blank-start-event';
import superfluousGateway from 'bpmnlint/rules/superfluous-gateway';
import superfluousTermination from 'bpmnlint/rules/superfluous-termination';

const RULES = {
  'end-event-required': [endEventRequired, 'draw an end event'],
  'label-required': [labelRequired, 'give it a name'],
  'no-bpmndi': [noBpmndi, 'draw it, or remove it from the file'],
  'no-disconnected': [noDisconnected, 'connect it, or remove it'],
  'no-duplicate-sequence-flows': [noDuplicateFlows, 'keep one of the two'],
  'no-implicit-end': [noImplicitEnd, 'draw an end event'],
  'no-implicit-start': [noImplicitStart, 'draw a start event'],
  'no-overlapping-elements': [noOverlapping, 'move one of them'],
  'start-event-required': [startEventRequired, 'draw a start event'],
  'sub-process-blank-start-event': [subProcessStart, 'draw a plain start event'],
  'superfluous-gateway': [superfluousGateway, 'remove it'],
  'superfluous-termination': [superfluousTermination, 'draw a plain end event'],
};

const OPTIONS = {
  config: { rules: Object.fromEntries(Object.keys(RULES).map((name) => [name, 'warn'])) },
  resolver: {
    resolveRule: (_, name) => RULES[name][0],
    resolveConfig: () => { throw new Error('no other configuration is packed'); },
  },
};

/** Findings of the same shape as the service's: element, severity, what, advice. */
export async function houseRules(definitions) {
  // A linter that is used twice takes every flow for one that it has seen before (bpmnlint 11).
  const reports = await new Linter(OPTIONS).lint(definitions);
  return Object.entries(reports).flatMap(([name, found]) => found.map((each) => ({
    element: each.id, severity: 'notice', what: said(each.message), advice: RULES[name][1],
  })));
}

/** Let each element name the flows into and out of it: BPMN leaves that to the file, and the rules read nothing else. */
export function joinUp(within) {
  for (const each of [...(within.rootElements ?? []), ...(within.flowElements ?? [])]) {
    joinUp(each);
    if (each.$type !== 'bpmn:SequenceFlow') continue;
    for (const [node, side] of [[each.sourceRef, 'outgoing'], [each.targetRef, 'incoming']]) {
      if (node && !node.get(side).includes(each)) node.get(side).push(each);
    }
  }
}

function said(message) {
  return message.replace(/^Element /, 'it ').replace(/^(\w)/, (letter) => letter.toLowerCase());
}
