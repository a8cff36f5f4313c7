// The editor of diagrams: bpmn-js with our own properties, offering what the engine runs.

import BpmnModeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule } from 'bpmn-js-properties-panel';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import minimap from 'diagram-js-minimap';

import { withOwnPrefixes } from './foreign.js';
import { houseRules, joinUp } from './house_rules.js';
import ids from './ids.js';
import { serve } from './lists.js';
import menus from './menus.js';
import { choices } from './picks.js';
import properties from './properties.js';
import keysDialog from './keys_dialog.js';
import { Shell, element, model, tool } from './shell.js';
import undrawn from './undrawn.js';

const MARKS = { error: 'caf-studio--error', notice: 'caf-studio--notice' };
const PATH = 'caf-studio--path';
const STEP = 1.25;
const READABLE = 0.5;
const PALETTE = 130; // what stands over the left edge of the canvas
const MARGIN = 20;

const KEYS = [
  ['Ctrl + Z', 'Undo'], ['Ctrl + Y', 'Do it again'], ['Ctrl + C, Ctrl + V', 'Copy and paste, also into another diagram'],
  ['Ctrl + A', 'Select everything'], ['Delete', 'Remove what is selected'], ['Ctrl + F', 'Search'],
  ['E', 'Change the name'], ['N', 'Draw a new element'], ['A', 'Add an element after the selected one'], ['R', 'Change the kind'],
  ['Arrow keys', 'Move what is selected'], ['Ctrl + arrow keys', 'Move the canvas'],
  ['Ctrl + plus, Ctrl + minus, Ctrl + 0', 'Zoom'], ['H, L, S, C', 'Hand, lasso, space and connect tools'],
];

const modeler = new BpmnModeler({
  container: '#canvas',
  propertiesPanel: { parent: '#properties', feelPopupContainer: document.body },
  additionalModules: [BpmnPropertiesPanelModule, CreateAppendAnythingModule, ids, menus, minimap, properties, undrawn],
  moddleExtensions: { camunda },
});
serve(modeler);

let drawn = model.content; // as it was opened or last written, until something is changed
let touched = false;

const shell = new Shell({
  read: async () => (touched ? (await modeler.saveXML({ format: true })).xml : drawn),
  write: open,
  show,
  choose,
  own: async () => named(await houseRules(modeler.getDefinitions())),
  saved: () => choices.load().then(() => modeler.get('eventBus').fire('propertiesPanel.providersChanged')),
});

async function open(xml) {
  drawn = xml;
  touched = false;
  const { warnings } = await modeler.importXML(withOwnPrefixes(xml, modeler.get('moddle').getPackages()));
  joinUp(modeler.getDefinitions());
  tell(warnings);
  fit();
  label();
}

/** Show the whole drawing beside the palette, however small its words. */
function fitAll() {
  const canvas = modeler.get('canvas');
  const { inner, outer } = canvas.viewbox();
  const room = { width: outer.width - PALETTE - MARGIN, height: outer.height - 2 * MARGIN };
  const scale = Math.min(1, room.width / inner.width, room.height / inner.height);
  const [x, y] = [
    inner.x - (PALETTE + (room.width - inner.width * scale) / 2) / scale,
    inner.y - (MARGIN + (room.height - inner.height * scale) / 2) / scale,
  ];
  canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale });
}

/** Show the whole drawing beside the palette, or, where its words would be too small to read, where it begins. */
function fit() {
  const canvas = modeler.get('canvas');
  const { inner, outer } = canvas.viewbox();
  const room = { width: outer.width - PALETTE - MARGIN, height: outer.height - 2 * MARGIN };
  const scale = Math.max(READABLE, Math.min(1, room.width / inner.width, room.height / inner.height));
  const first = modeler.get('elementRegistry').find((each) => each.type === 'bpmn:StartEvent') ?? inner;
  const whole = inner.height * scale <= room.height;
  const y = whole ? inner.y - MARGIN / scale : Math.max(inner.y - MARGIN / scale, first.y - outer.height / scale / 2);
  canvas.viewbox({ x: inner.x - PALETTE / scale, y, width: outer.width / scale, height: outer.height / scale });
}

/** What the editor could not read it will not write: nobody is to find that out later. */
function tell(warnings) {
  const lost = warnings.map((each) => each.message).filter((each) => /unresolved reference|unparsable|unrecognized|unknown/.test(each));
  if (!lost.length) return;
  const more = lost.length > 3 ? ` and ${lost.length - 3} more` : '';
  shell.notice(`This file holds what the editor cannot read and will leave out when it saves: ${lost.slice(0, 3).join('; ')}${more}.`, [['I have seen it', () => {}]]);
}

function label() {
  const svg = document.querySelector('#canvas svg[data-element-id], #canvas .djs-container > svg');
  svg?.setAttribute('role', 'img');
  svg?.setAttribute('aria-label', `The diagram ${model.file}`);
}

function named(findings) {
  const registry = modeler.get('elementRegistry');
  return findings.map((each) => ({ ...each, name: registry.get(each.element)?.businessObject?.name?.replace(/\s+/g, ' ') }));
}

/** Mark each finding at its element: a badge with how many there are, the words on it. */
function show(findings) {
  const [canvas, overlays, registry] = ['canvas', 'overlays', 'elementRegistry'].map((each) => modeler.get(each));
  overlays.remove({ type: 'caf-finding' });
  registry.forEach((each) => Object.values(MARKS).forEach((mark) => canvas.hasMarker(each, mark) && canvas.removeMarker(each, mark)));
  const held = new Map();
  for (const each of named(findings)) held.set(each.element, [...(held.get(each.element) ?? []), each]);
  for (const [id, found] of held) {
    const at = registry.get(id);
    if (!at || at === canvas.getRootElement()) continue;
    const severity = found.some((each) => each.severity === 'error') ? 'error' : 'notice';
    canvas.addMarker(at, MARKS[severity]);
    const badge = element('button', {
      type: 'button', class: `caf-studio__badge caf-studio__badge--${severity}`, title: found.map((each) => `${each.what}; ${each.advice}`).join('\n'),
      'aria-label': `${found.length} to look at`, onclick: () => choose(found[0]),
    }, String(found.length));
    overlays.add(at, 'caf-finding', { position: at.waypoints ? { top: 0, left: 0 } : { top: -10, right: 10 }, html: badge });
  }
  findings.splice(0, findings.length, ...named(findings));
}

/** Bring a finding into sight: its element is selected, and the way that leads to it is marked. */
function choose(finding) {
  const [canvas, registry] = [modeler.get('canvas'), modeler.get('elementRegistry')];
  registry.forEach((each) => canvas.hasMarker(each, PATH) && canvas.removeMarker(each, PATH));
  (finding.path ?? []).filter((id) => registry.get(id)).forEach((id) => canvas.addMarker(id, PATH));
  const at = registry.get(finding.element);
  if (!at) return;
  canvas.scrollToElement(at, 100);
  modeler.get('selection').select(at);
}

function tools() {
  const bar = document.getElementById('tools');
  const stack = modeler.get('commandStack');
  const undo = tool('Undo', () => stack.undo());
  const redo = tool('Do it again', () => stack.redo());
  const zoom = (by) => { const canvas = modeler.get('canvas'); canvas.zoom(canvas.zoom() * by); };
  const keys = keysDialog(KEYS);
  bar.replaceChildren(
    undo, redo, tool('Search', () => window.setTimeout(() => modeler.get('searchPad').toggle())),
    tool('Zoom in', () => zoom(STEP)), tool('Zoom out', () => zoom(1 / STEP)), tool('Show all', fitAll),
    tool('Overview', () => modeler.get('minimap').toggle()), tool('Keys', () => keys.showModal()),
  );
  const refresh = () => {
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
  };
  modeler.on('commandStack.changed', () => { touched = true; refresh(); shell.changed(); });
  modeler.on('import.done', refresh);
  refresh();
}

/** Copied shapes go by the browser's own store from one diagram's page to another's. */
function copyAcross() {
  const KEY = 'caf-studio-clipboard';
  const clipboard = modeler.get('clipboard');
  modeler.on('copyPaste.elementsCopied', ({ tree }) => {
    try { window.localStorage.setItem(KEY, JSON.stringify(tree)); } catch { /* pasted here only, then */ }
  });
  modeler.get('eventBus').on('copyPaste.pasteElements', 2000, () => {
    const left = clipboard.isEmpty() && window.localStorage.getItem(KEY);
    if (left) clipboard.set(JSON.parse(left, reviver(modeler.get('moddle'))));
  });
}

function reviver(moddle) {
  return (_, value) => {
    if (value && typeof value === 'object' && typeof value.$type === 'string') {
      const { $type, ...rest } = value;
      const made = moddle.create($type, {});
      Object.entries(rest).forEach(([name, each]) => made.set(name, each));
      return made;
    }
    return value;
  };
}

/** A hidden canvas has no size to draw in: it waits for a screen that is large enough. */
async function visible() {
  const large = window.matchMedia('(min-width: 761px)');
  if (!large.matches) await new Promise((resolve) => { large.addEventListener('change', resolve, { once: true }); });
}

async function begin() {
  await visible();
  tools();
  copyAcross();
  const loaded = choices.load();
  await open(model.content);
  shell.start();
  document.body.dataset.ready = 'true';
  await loaded;
  modeler.get('eventBus').fire('propertiesPanel.providersChanged');
  // The properties show what is selected once they stand.
  const at = new URLSearchParams(window.location.search).get('at');
  if (at) choose({ element: at });
}

begin().catch((error) => {
  console.error(error);
  shell.say('The diagram could not be drawn.');
  shell.notice(`The diagram could not be drawn: ${error.message}`, []);
});
