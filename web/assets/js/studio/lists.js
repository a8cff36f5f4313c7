// Properties that are lists: what a called diagram is given and gives back, parameters, and properties by name.

import { ListGroup } from '@bpmn-io/properties-panel';

import { Part, entry, extension, extensions, propertiesOf, setExtensions, writeProperties } from './fields.js';

/** The panel's own header asks for a handler, outside any component: services come by the element's own injector. */
function list(id, label, element, owner, { rows, title, fields, add, remove }) {
  const items = rows.map((row, at) => ({
    id: `${id}-${at}`, label: title(row) || 'Nothing yet', autoFocusEntry: `${id}-${at}-${fields[0].id}`,
    entries: fields.map((field) => entry(element, owner, {
      ...field, id: `${id}-${at}-${field.id}`,
      get: () => field.get(row) ?? '', set: (part, value) => field.set(part, row, value === '' ? undefined : value, at),
    })),
    remove: (event) => { event.stopPropagation(); remove(partOf(element, owner), row, at); },
  }));
  return { id, label, component: ListGroup, items, add: (event) => { event.stopPropagation(); add(partOf(element, owner)); } };
}

let services = null;

/** The services of the one diagram of the page, for handlers of buttons. */
export function serve(injector) {
  services = { modeling: injector.get('modeling'), factory: injector.get('bpmnFactory') };
}

function partOf(element, owner) {
  return new Part(element, owner, services);
}

export function mappings(element, owner, way) {
  const type = way === 'in' ? 'camunda:In' : 'camunda:Out';
  const label = way === 'in' ? 'What it is given' : 'What it gives back';
  const shown = (row) => (row.get('variables') ? 'Everything' : row.get('target') || row.get('businessKey'));
  return list(way, label, element, owner, {
    rows: extensions(owner, type),
    title: (row) => (shown(row) ? `${shown(row)}` : ''),
    fields: [
      {
        id: 'target', kind: 'text', label: way === 'in' ? 'Name in the called diagram' : 'Name here',
        get: (row) => row.get('target'), set: (part, row, value) => part.set({ target: value }, row),
      },
      {
        id: 'source', kind: 'feel', label: way === 'in' ? 'What it is here' : 'What it is in the called diagram', facts: false,
        get: (row) => row.get('sourceExpression') ?? row.get('source'),
        set: (part, row, value) => part.set(/^[A-Za-z_]\w*$/.test(value ?? '') ? { source: value, sourceExpression: undefined } : { source: undefined, sourceExpression: value }, row),
      },
      {
        id: 'all', kind: 'check', label: 'Everything, by the same names',
        get: (row) => row.get('variables') === 'all',
        set: (part, row, value) => part.set(value ? { variables: 'all', target: undefined, source: undefined, sourceExpression: undefined } : { variables: undefined }, row),
      },
    ],
    add: (part) => setExtensions(part, type, [...extensions(owner, type), part.make(type, {})]),
    remove: (part, row) => setExtensions(part, type, extensions(owner, type).filter((each) => each !== row)),
  });
}

const PARAMETERS = 'camunda:InputOutput';

export function parameters(element, owner) {
  const rows = extension(owner, PARAMETERS)?.get('inputParameters') ?? [];
  const write = (part, made) => {
    const old = extension(owner, PARAMETERS);
    const outputs = old?.get('outputParameters') ?? [];
    if (!made.length && !outputs.length) {
      setExtensions(part, PARAMETERS, []);
      return;
    }
    const holder = part.make(PARAMETERS, { inputParameters: made, outputParameters: outputs });
    [...made, ...outputs].forEach((each) => { each.$parent = holder; });
    setExtensions(part, PARAMETERS, [holder]);
  };
  return list('inputs', 'What it is given', element, owner, {
    rows,
    title: (row) => row.get('name'),
    fields: [
      { id: 'name', kind: 'text', label: 'Name', get: (row) => row.get('name'), set: (part, row, value) => part.set({ name: value }, row) },
      { id: 'value', kind: 'feelOptional', label: 'Value', get: (row) => row.get('value'), set: (part, row, value) => part.set({ value }, row) },
    ],
    add: (part) => write(part, [...rows, part.make('camunda:InputParameter', { name: '' })]),
    remove: (part, row) => write(part, rows.filter((each) => each !== row)),
  });
}

export function otherProperties(element, owner, shown) {
  const all = propertiesOf(owner);
  const pairs = () => all.map((each) => [each.get('name'), each.get('value')]);
  return list('others', 'Other properties', element, owner, {
    rows: all.filter((each) => !shown.includes(each.get('name'))),
    title: (row) => row.get('name'),
    fields: [
      { id: 'name', kind: 'text', label: 'Name', get: (row) => row.get('name'), set: (part, row, value) => part.set({ name: value }, row) },
      { id: 'value', kind: 'text', label: 'Value', get: (row) => row.get('value'), set: (part, row, value) => part.set({ value }, row) },
    ],
    add: (part) => writeProperties(part, [...pairs(), ['', '']]),
    remove: (part, row) => writeProperties(part, all.filter((each) => each !== row).map((each) => [each.get('name'), each.get('value')])),
  });
}
