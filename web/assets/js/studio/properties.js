// The properties panel: exactly what the engine reads of a diagram, in the words of who designs it, and nothing else.

import { ListGroup, Group } from '@bpmn-io/properties-panel';
import { is, isAny, getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';

import { attribute, entry, property, propertyOf, writeProperty } from './fields.js';
import { eventGroups } from './event_fields.js';
import { mappings, parameters, otherProperties } from './lists.js';
import { choices } from './picks.js';

const BINDINGS = () => [
  { value: '', label: 'The newest one there is' }, { value: 'latest', label: 'The newest one there is (said so)' },
  { value: 'deployment', label: 'The one published together with this diagram' },
];
const FORM_BINDINGS = () => [{ value: '', label: 'Not said' }, { value: 'latest', label: 'The newest' }, { value: 'deployment', label: 'The one published with this diagram' }];
const RESULTS = () => [
  { value: '', label: 'All rows, as a list' }, { value: 'singleEntry', label: 'One value' }, { value: 'singleResult', label: 'One row, each output by its name' },
  { value: 'collectEntries', label: 'One column, as a list' }, { value: 'resultList', label: 'All rows, as a list (said so)' },
];
const YES_NO_FACTS = new Set(['open_actions', 'overdue_actions', 'reviews_held', 'lead_professional', 'consent']);

function group(id, label, element, owner, fields, more = {}) {
  return { id, label, component: Group, entries: fields.map((field) => entry(element, owner, field)), ...more };
}

function general(element, owner) {
  const fields = [];
  if (!is(owner, 'bpmn:Definitions') && !is(owner, 'bpmn:TextAnnotation')) fields.push(attribute('area', 'name', 'Name', { rows: 1 }));
  if (is(owner, 'bpmn:TextAnnotation')) fields.push(attribute('area', 'text', 'Words'));
  fields.push(attribute('text', 'id', 'Id', { description: 'Small letters and _, a verb first: hold_review', validate: idFault }));
  if (is(owner, 'bpmn:Process')) fields.push(attribute('check', 'isExecutable', 'It can be run'));
  fields.push(documentation());
  return group('general', 'General', element, owner, fields, { shouldOpen: true });
}

function idFault(value) {
  return /^[A-Za-z_][\w.-]*$/.test(value ?? '') ? null : 'Begin with a letter; then letters, digits and _';
}

function documentation() {
  return {
    kind: 'area', id: 'documentation', label: 'What it is for',
    get: (owner) => owner.get('documentation')?.[0]?.get('text') ?? '',
    set: (part, value) => part.set({
      documentation: value ? [part.make('bpmn:Documentation', { text: value }, part.owner), ...part.owner.get('documentation').slice(1)] : [],
    }),
  };
}

function who(element, owner) {
  const people = choices.known.people.map((each) => `=${each}`).join(', ');
  return group('who', 'Who is asked', element, owner, [
    attribute('feelOptional', 'camunda:assignee', 'One person', { facts: true, description: `Such as ${people}` }),
    property('check', 'personal', 'Only they may answer, nobody who stands in for them'),
    ...choices.known.groups.map(inGroup),
    attribute('feelOptional', 'camunda:candidateGroups', 'Groups, as they are written', { facts: true, id: 'groups-written' }),
  ], { shouldOpen: true });
}

function pausing(element, owner) {
  if (!is(owner.get('eventDefinitions')?.[0], 'bpmn:TimerEventDefinition')) return [];
  return [group('pausing', 'While the plan rests', element, owner, [property('check', 'rests', 'What falls within a pause comes after it')])];
}

/** One tick box for each group, as long as the groups are no expression. */
function inGroup({ value, words }) {
  const names = (owner) => (owner.get('camunda:candidateGroups') ?? '').split(',').map((each) => each.trim()).filter(Boolean);
  return {
    kind: 'check', id: `group-${value}`, label: `Or one of the ${words.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())}`,
    get: (owner) => names(owner).includes(value),
    set: (part, chosen) => {
      const others = names(part.owner).filter((each) => each !== value);
      if (others.some((each) => /[=${(]/.test(each))) return;
      part.set({ 'camunda:candidateGroups': (chosen ? [...others, value] : others).join(',') || undefined });
    },
  };
}

function when(element, owner) {
  const day = 'A day, such as add working days(today(), 10)';
  return group('when', 'By when', element, owner, [
    attribute('feel', 'camunda:dueDate', 'Due', { facts: true, description: day }),
    attribute('feel', 'camunda:followUpDate', 'To be followed up', { facts: true }),
    attribute('feel', 'camunda:priority', 'Priority', { facts: true }),
  ], { shouldOpen: true });
}

function form(element, owner) {
  const wanted = is(owner, 'bpmn:StartEvent') ? [] : [guidance()];
  return group('form', 'What is asked and kept', element, owner, [
    attribute('choose', 'camunda:formRef', 'Form', { options: () => choices.options('forms', 'No form') }),
    attribute('choose', 'camunda:formRefBinding', 'Which version of the form', { options: FORM_BINDINGS }),
    property('choose', 'record', 'What it does to the record', { options: () => choices.options('records', 'Nothing') }),
    ...wanted,
  ], { shouldOpen: true });
}

function guidance() {
  const options = () => [{ value: '', label: 'None' }, ...choices.known.guidance.map((each) => ({ value: each, label: each }))];
  return property('choose', 'guidance', 'Guidance beside it', { options });
}

function operation(element, owner) {
  return group('operation', 'What the service does', element, owner, [{
    kind: 'choose', id: 'operation', label: 'Operation',
    options: () => choices.options('operations', 'None yet'),
    get: (each) => each.get('camunda:topic') || propertyOf(each, 'operation'),
    set: (part, value) => {
      if (propertyOf(part.owner, 'operation')) writeProperty(part, 'operation', undefined);
      part.set({ 'camunda:type': value ? 'external' : undefined, 'camunda:topic': value || undefined });
    },
  }, property('area', 'subject', 'Words of the message, where it sends one', { rows: 1 })], { shouldOpen: true });
}

function decision(element, owner) {
  return group('decision', 'What is decided', element, owner, [
    attribute('choose', 'camunda:decisionRef', 'Decision', { options: () => choices.options('decisions', 'None yet') }),
    attribute('choose', 'camunda:decisionRefBinding', 'Which version', { options: BINDINGS }),
    attribute('text', 'camunda:resultVariable', 'Name for the result'),
    attribute('choose', 'camunda:mapDecisionResult', 'What is kept', { options: RESULTS }),
  ], { shouldOpen: true });
}

function called(element, owner) {
  return group('called', 'What is called', element, owner, [
    attribute('choose', 'calledElement', 'Diagram', { options: () => choices.options('processes', 'None yet') }),
  ], { shouldOpen: true });
}

function condition(element, owner) {
  return group('condition', 'When it is taken', element, owner, [{
    kind: 'feel', id: 'condition', label: 'Condition',
    description: 'Such as consent = "given". The default flow needs none.',
    get: (each) => each.get('conditionExpression')?.get('body') ?? '',
    set: (part, value) => part.set({
      conditionExpression: value ? part.make('bpmn:FormalExpression', { body: value }, part.owner) : undefined,
    }),
  }], { shouldOpen: true });
}

function chooses(flow) {
  return isAny(flow.get('sourceRef'), ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway']);
}

function formal(name, label, of, more = {}) {
  return {
    kind: 'feel', id: name, label,
    get: (owner) => of(owner).get(name)?.get('body') ?? '',
    set: (part, value) => {
      const target = of(part.owner);
      part.set({ [name]: value ? part.make('bpmn:FormalExpression', { body: value }, target) : undefined }, target);
    },
    ...more,
  };
}

function repeats(element, owner) {
  const loop = (each) => each.get('loopCharacteristics');
  const own = (name, label, kind, more = {}) => ({
    kind, id: name.replace(':', '-'), label,
    get: (each) => loop(each).get(name) ?? '',
    set: (part, value) => part.set({ [name]: value || undefined }, loop(part.owner)),
    ...more,
  });
  const fields = is(loop(owner), 'bpmn:StandardLoopCharacteristics')
    ? [own('loopMaximum', 'At most, times', 'text'), formal('loopCondition', 'Go on while', loop)]
    : [
      own('camunda:collection', 'Once for each of', 'feel', { description: 'A list, such as owners' }),
      own('camunda:elementVariable', 'Name for the one', 'text'),
      formal('loopCardinality', 'Or so many times', loop),
      formal('completionCondition', 'Enough when', loop),
    ];
  return group('repeats', 'How often', element, owner, fields, { shouldOpen: true });
}

function starting(element, owner) {
  const switches = Object.entries(choices.known.facts).filter(([name, kind]) => kind === 'boolean' || YES_NO_FACTS.has(name)).map(([name]) => name);
  const facts = () => [{ value: '', label: 'Always' }, ...switches.map((each) => ({ value: each, label: each }))];
  const messages = () => [{ value: '', label: 'Always' }, ...choices.known.messages.map((each) => ({ value: each, label: each }))];
  return [
    group('starting', 'Started by people on a case', element, owner, [
      property('text', 'start_on_case', 'Words of the link', { description: 'Such as: Hand over the lead' }),
      ...choices.known.starters.map(starter),
      property('choose', 'offered_when', 'Offered when', { options: facts }),
      property('choose', 'offered_while', 'Offered while something waits for', { options: messages }),
      property('check', 'one_at_a_time', 'One at a time on a case'),
      guidance(),
    ]),
    group('opening', 'Begins a case', element, owner, [
      property('text', 'starts_case', 'Words of the choice', { description: 'Such as: With a common assessment' }),
      property('text', 'pathway', 'Pathway', { description: 'A short key, such as caf' }),
    ]),
  ];
}

function starter(name) {
  const listed = (owner) => propertyOf(owner, 'starters').split(',').map((each) => each.trim()).filter(Boolean);
  return {
    kind: 'check', id: `starter-${name}`, label: `By: ${name.replaceAll('_', ' ')}`,
    get: (owner) => listed(owner).includes(name),
    set: (part, chosen) => {
      const others = listed(part.owner).filter((each) => each !== name);
      writeProperty(part, 'starters', (chosen ? [...others, name] : others).join(', '));
    },
  };
}

/** Properties with a field of their own are not listed a second time. */
const SHOWN = {
  process: ['start_on_case', 'starters', 'offered_when', 'offered_while', 'one_at_a_time', 'starts_case', 'pathway', 'guidance'],
  task: ['record', 'guidance', 'personal'], service: ['operation', 'subject'], start: ['record'],
  boundary: ['rests'],
};

function groups(element, owner) {
  const found = [general(element, owner)];
  const add = (...more) => found.push(...more);
  if (is(owner, 'bpmn:Process')) add(...starting(element, owner), otherProperties(element, owner, SHOWN.process));
  if (isAny(owner, ['bpmn:UserTask', 'bpmn:ManualTask'])) {
    add(who(element, owner), when(element, owner), form(element, owner), parameters(element, owner), otherProperties(element, owner, SHOWN.task));
  }
  if (isAny(owner, ['bpmn:ServiceTask', 'bpmn:SendTask'])) {
    add(operation(element, owner), parameters(element, owner), otherProperties(element, owner, SHOWN.service));
  }
  if (is(owner, 'bpmn:BusinessRuleTask')) add(decision(element, owner), parameters(element, owner), otherProperties(element, owner, []));
  if (is(owner, 'bpmn:CallActivity')) add(called(element, owner), mappings(element, owner, 'in'), mappings(element, owner, 'out'));
  if (is(owner, 'bpmn:SequenceFlow') && chooses(owner)) add(condition(element, owner));
  if (is(owner, 'bpmn:StartEvent')) add(form(element, owner), otherProperties(element, owner, SHOWN.start));
  if (is(owner, 'bpmn:Activity') && owner.get('loopCharacteristics')) add(repeats(element, owner));
  add(...eventGroups(element, owner, group));
  if (is(owner, 'bpmn:BoundaryEvent')) add(...pausing(element, owner), otherProperties(element, owner, SHOWN.boundary));
  if (isAny(owner, ['bpmn:EndEvent', 'bpmn:IntermediateThrowEvent', 'bpmn:SubProcess'])) add(otherProperties(element, owner, []));
  return found.map((each) => (each.component ? each : { ...each, component: ListGroup }));
}

/** Where nothing is selected, the properties are those of the process: of a pool's, when there are pools. */
class Provider {
  constructor(propertiesPanel) {
    propertiesPanel.registerProvider(1000, this);
  }

  getGroups(element) {
    return (others) => {
      if (element.labelTarget) return this.getGroups(element.labelTarget)(others);
      const own = getBusinessObject(element);
      if (is(own, 'bpmn:Participant')) {
        const pool = group('pool', 'Pool', element, own, [attribute('text', 'name', 'Name of the pool', { id: 'pool-name' })]);
        return own.get('processRef') ? [pool, ...groups(element, own.get('processRef')), ...others] : [pool, ...others];
      }
      if (is(own, 'bpmn:Group') || is(own, 'bpmn:Lane')) return [general(element, own), ...others];
      if (is(own, 'bpmn:Collaboration')) {
        const process = own.get('participants').map((each) => each.get('processRef')).find(Boolean);
        return [...(process ? groups(element, process) : [general(element, own)]), ...others];
      }
      return [...groups(element, own), ...others];
    };
  }
}
Provider.$inject = ['propertiesPanel'];

export default { __init__: ['cafProperties'], cafProperties: ['type', Provider] };
