// What an event waits for or tells: a time, a message, an error or an escalation.

import { is } from 'bpmn-js/lib/util/ModelUtil';

import { choices } from './picks.js';

const TIMES = [['timeDate', 'On a day or at a time'], ['timeDuration', 'After a while'], ['timeCycle', 'Again and again']];
const EXAMPLES = {
  timeDate: 'Such as add working days(today(), 5), or next_review_on',
  timeDuration: 'Such as P10D for ten days, or PT4H for four hours',
  timeCycle: 'Such as R3/P7D: three times, a week apart',
};
const NEW = ' new';

function definition(owner, type) {
  return (owner.get('eventDefinitions') ?? []).find((each) => each.$type === type);
}

export function eventGroups(element, owner, group) {
  const found = [];
  if (is(owner, 'bpmn:ReceiveTask')) found.push(group('message', 'What it waits for', element, owner, named('message', () => owner), { shouldOpen: true }));
  if (!is(owner, 'bpmn:Event')) return found;
  const timer = definition(owner, 'bpmn:TimerEventDefinition');
  if (timer) found.push(group('timer', 'When', element, owner, timing(timer), { shouldOpen: true }));
  for (const sort of ['message', 'error', 'escalation']) {
    const held = definition(owner, `bpmn:${sort[0].toUpperCase()}${sort.slice(1)}EventDefinition`);
    if (held) found.push(group(sort, { message: 'Message', error: 'Error', escalation: 'Escalation' }[sort], element, owner, named(sort, () => held), { shouldOpen: true }));
  }
  return found;
}

function timing(timer) {
  const sort = () => TIMES.map(([name]) => name).find((name) => timer.get(name)) ?? '';
  const body = () => (sort() ? timer.get(sort()).get('body') ?? '' : '');
  const write = (part, name, text) => {
    const values = Object.fromEntries(TIMES.map(([each]) => [each, undefined]));
    if (name) values[name] = part.make('bpmn:FormalExpression', { body: text }, timer);
    part.set(values, timer);
  };
  const fields = [{
    kind: 'choose', id: 'timer-sort', label: 'It happens',
    options: () => [{ value: '', label: 'Not said yet' }, ...TIMES.map(([value, label]) => ({ value, label }))],
    get: sort, set: (part, value) => write(part, value, body()),
  }];
  if (sort()) {
    fields.push({
      kind: 'feel', id: 'timer-rule', label: 'When exactly', description: EXAMPLES[sort()],
      get: body, set: (part, value) => write(part, sort(), value ?? ''),
    });
  }
  return fields;
}

function definitionsOf(owner) {
  let at = owner;
  while (at && !is(at, 'bpmn:Definitions')) at = at.$parent;
  return at;
}

/** Messages, errors and escalations stand once in a file, and events point at them. */
function named(sort, holder) {
  const type = `bpmn:${sort[0].toUpperCase()}${sort.slice(1)}`;
  const reference = `${sort}Ref`;
  const label = { message: 'Message', error: 'Error', escalation: 'Escalation' }[sort];
  const roots = (owner) => definitionsOf(owner)?.get('rootElements') ?? [];
  const here = (owner) => roots(owner).filter((each) => is(each, type));
  const fields = [{
    kind: 'choose', id: `${sort}-ref`, label,
    options: () => options(sort, here(holder())),
    get: () => holder().get(reference)?.get('id') ?? '',
    set: (part, value) => {
      const found = here(part.owner).find((each) => each.get('id') === value);
      if (found || !value) part.set({ [reference]: found }, holder());
      else add(part, type, sort, holder(), reference, value === NEW ? `${sort}_name` : value.slice(1));
    },
  }];
  const target = holder().get(reference);
  if (target) {
    fields.push(ofTarget(target, 'name', `Name of the ${sort}`, sort));
    if (sort !== 'message') fields.push(ofTarget(target, `${sort}Code`, `Code of the ${sort}`, sort));
  }
  return fields;
}

function options(sort, here) {
  const own = here.map((each) => ({ value: each.get('id'), label: each.get('name') || each.get('id') }));
  const names = new Set(here.map((each) => each.get('name')));
  const elsewhere = sort === 'message' ? choices.known.messages.filter((each) => !names.has(each)).map((each) => ({ value: ` ${each}`, label: `${each} (known to other diagrams)` })) : [];
  const article = sort === 'message' ? 'A new message' : `A new ${sort}`;
  return [{ value: '', label: 'None' }, ...own, ...elsewhere, { value: NEW, label: article }];
}

function add(part, type, sort, holder, reference, name) {
  const definitions = definitionsOf(part.owner);
  const made = part.make(type, sort === 'message' ? { name } : { name, [`${sort}Code`]: name }, definitions);
  part.set({ rootElements: [made, ...definitions.get('rootElements')] }, definitions);
  part.set({ [reference]: made }, holder);
}

function ofTarget(target, name, label, sort) {
  return {
    kind: 'text', id: `${sort}-${name}`, label,
    get: () => target.get(name) ?? '',
    set: (part, value) => part.set({ [name]: value || undefined }, target),
  };
}
