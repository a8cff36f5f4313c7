// Fields of the properties panel: each is one value of an element, read and written as one step that can be undone.

import {
  CheckboxEntry, FeelEntry, FeelLanguageContext, SelectEntry, TextAreaEntry, TextFieldEntry,
  isCheckboxEntryEdited, isFeelEntryEdited, isSelectEntryEdited, isTextAreaEntryEdited, isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { jsx } from '@bpmn-io/properties-panel/preact/jsx-runtime';
import { useService } from 'bpmn-js-properties-panel';

import { choices } from './picks.js';

const EDITED = {
  area: isTextAreaEntryEdited, check: isCheckboxEntryEdited, choose: isSelectEntryEdited, feel: isFeelEntryEdited,
  feelOptional: isFeelEntryEdited, text: isTextFieldEntryEdited,
};

/** What a field works on: `owner` is the part of the model it belongs to, a process where its pool is selected. */
export class Part {
  constructor(element, owner, services) {
    Object.assign(this, { element, owner }, services);
  }

  set(values, target = this.owner) {
    this.modeling.updateModdleProperties(this.element, target, values);
  }

  make(type, values, parent) {
    const made = this.factory.create(type, values);
    if (parent) made.$parent = parent;
    return made;
  }
}

function useServices() {
  return { modeling: useService('modeling'), factory: useService('bpmnFactory'), canvas: useService('canvas') };
}

function Field(props) {
  const { element, id, field, owner } = props;
  const part = new Part(element, owner, useServices());
  const debounce = useService('debounceInput');
  const common = {
    element, id, debounce, label: field.label, description: field.description,
    getValue: () => field.get(owner, part), setValue: (value) => field.set(part, value),
    validate: field.validate,
  };
  switch (field.kind) {
    case 'area': return jsx(TextAreaEntry, { ...common, autoResize: true, rows: field.rows ?? 2 });
    case 'check': return jsx(CheckboxEntry, common);
    case 'choose': return jsx(SelectEntry, { ...common, getOptions: () => offered(field, common.getValue()) });
    case 'feel': return expression(common, 'required', field);
    case 'feelOptional': return expression(common, 'optional', field);
    default: return jsx(TextFieldEntry, common);
  }
}

/** What the file says stays to be seen, though nobody knows it: the list of what to put right says why. */
function offered(field, value) {
  const options = field.options();
  const known = options.some((each) => (each.children ? each.children.some((one) => one.value === value) : each.value === value));
  return known || value === undefined ? options : [...options, { value, label: `${value} (not known)` }];
}

function expression(common, feel, field) {
  const { getValue, setValue } = common;
  // The panel knows an expression by the = before it; in most places the file has none.
  const bare = feel === 'required' && !field.equals;
  const entry = jsx(FeelEntry, {
    ...common,
    feel,
    variables: choices.variables(field.facts),
    tooltipContainer: document.body,
    getValue: bare ? () => { const text = getValue(); return text === undefined || text === '' ? undefined : `=${text.replace(/^=/, '')}`; } : getValue,
    setValue: bare ? (value) => setValue(value === undefined ? undefined : value.replace(/^=\s*/, '')) : setValue,
  });
  return jsx(FeelLanguageContext.Provider, { value: { builtins: choices.functions() }, children: entry });
}

/** Make an entry of a group. `field`: {kind, id, label, description, get(owner), set(part, value), options()}. */
export function entry(element, owner, field) {
  return { id: field.id, element, owner, field, component: Field, isEdited: EDITED[field.kind] };
}

const blank = (value) => (value === '' ? undefined : value);

/** A field that is an attribute of its owner. */
export function attribute(kind, name, label, more = {}) {
  return {
    kind, id: name.replace(':', '-'), label,
    get: (owner) => owner.get(name) ?? (kind === 'check' ? false : ''),
    set: (part, value) => part.set({ [name]: blank(value) }),
    ...more,
  };
}

// What Camunda keeps among an element's extensions: unknown ones beside them are never touched.

export function extensions(owner, type) {
  return (owner.get('extensionElements')?.get('values') ?? []).filter((each) => each.$type === type || each.$instanceOf?.(type));
}

export function extension(owner, type) {
  return extensions(owner, type)[0];
}

/** Replace the extensions of one type by others, in the place where the first of them stood. */
export function setExtensions(part, type, made, owner = part.owner) {
  const old = owner.get('extensionElements');
  const values = old ? [...old.get('values')] : [];
  const gone = new Set(extensions(owner, type));
  const at = values.findIndex((each) => gone.has(each));
  const rest = values.filter((each) => !gone.has(each));
  rest.splice(at < 0 ? rest.length : at, 0, ...made);
  if (!rest.length) {
    part.set({ extensionElements: undefined }, owner);
    return;
  }
  const holder = part.make('bpmn:ExtensionElements', { values: rest }, owner);
  rest.forEach((each) => { each.$parent = holder; });
  part.set({ extensionElements: holder }, owner);
}

export function propertiesOf(owner) {
  return extension(owner, 'camunda:Properties')?.get('values') ?? [];
}

export function propertyOf(owner, name) {
  return propertiesOf(owner).find((each) => each.get('name') === name)?.get('value') ?? '';
}

/** Write the properties of an element anew, from [name, value] pairs. */
export function writeProperties(part, pairs) {
  if (!pairs.length) {
    setExtensions(part, 'camunda:Properties', []);
    return;
  }
  const holder = part.make('camunda:Properties', {});
  holder.values = pairs.map(([name, value]) => part.make('camunda:Property', { name, value }, holder));
  setExtensions(part, 'camunda:Properties', [holder]);
}

export function writeProperty(part, name, value) {
  const pairs = propertiesOf(part.owner).map((each) => [each.get('name'), each.get('value')]);
  const at = pairs.findIndex(([each]) => each === name);
  const gone = value === undefined || value === '' || value === false;
  if (at >= 0) pairs.splice(at, 1, ...(gone ? [] : [[name, value]]));
  else if (!gone) pairs.push([name, value]);
  writeProperties(part, pairs);
}

/** A field that is one of Camunda's properties, by name. */
export function property(kind, name, label, more = {}) {
  return {
    kind, id: `property-${name}`, label,
    get: (owner) => (kind === 'check' ? propertyOf(owner, name) === 'yes' : propertyOf(owner, name)),
    set: (part, value) => writeProperty(part, name, value === true ? 'yes' : value),
    ...more,
  };
}
