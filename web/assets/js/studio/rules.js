// The editor of rules: dmn-js with every view that runs here: which decisions need which, tables, single expressions, functions.

import DmnModeler from 'dmn-js/lib/Modeler';
import { DmnPropertiesPanelModule, DmnPropertiesProviderModule } from 'dmn-js-properties-panel';

import decisionIds from './decision_ids.js';
import keysDialog from './keys_dialog.js';
import { Shell, element, model, tool } from './shell.js';

const KEYS = [
  ['Ctrl + Z, Ctrl + Y', 'Undo, and do it again'], ['Tab, Shift + Tab', 'The next cell, the one before'],
  ['Enter', 'The cell below; in the last row a new rule'], ['Ctrl + Enter', 'A new line in a cell'], ['Ctrl + Space', 'Names to choose from, while you write'],
];
const VIEWS = { drd: 'Which needs which', decisionTable: 'Table', literalExpression: 'Expression', boxedExpression: 'Function' };

const modeler = new DmnModeler({
  container: '#canvas',
  drd: {
    propertiesPanel: { parent: '#properties' },
    additionalModules: [DmnPropertiesPanelModule, DmnPropertiesProviderModule, decisionIds],
  },
});

let drawn = model.content;
let touched = false;
const heard = new WeakSet();

const shell = new Shell({
  read: async () => (touched ? (await modeler.saveXML({ format: true })).xml : drawn),
  write: open,
  choose,
});

async function open(xml) {
  drawn = xml;
  touched = false;
  await modeler.importXML(xml);
  const first = modeler.getViews().find((view) => view.type !== 'drd');
  const tables = modeler.getViews().filter((view) => view.type !== 'drd').length;
  if (first && tables === 1) await modeler.open(first);
}

const stack = () => modeler.getActiveViewer()?.get('commandStack', false);

function tools() {
  const undo = tool('Undo', () => stack()?.undo());
  const redo = tool('Do it again', () => stack()?.redo());
  const keys = keysDialog(KEYS);
  const views = element('select', { class: 'caf-studio__tool', id: 'view', onchange: () => modeler.open(modeler.getViews()[Number(views.value)]) });
  const label = element('label', { for: 'view', class: 'caf-studio__label' }, 'Show');
  document.getElementById('tools').replaceChildren(undo, redo, label, views, tool('Keys', () => keys.showModal()));
  const refresh = () => {
    undo.disabled = !stack()?.canUndo();
    redo.disabled = !stack()?.canRedo();
  };
  const offer = () => {
    const active = modeler.getActiveView();
    views.replaceChildren(...modeler.getViews().map((view, at) => element('option', { value: at, selected: view.element === active?.element }, words(view))));
    document.getElementById('work').classList.toggle('caf-studio__work--table', active?.type !== 'drd');
  };
  modeler.on('views.changed', () => { offer(); hear(refresh); refresh(); });
  refresh();
}

function words({ type, name, element: of }) {
  return type === 'drd' ? VIEWS.drd : `${name || of.id} – ${VIEWS[type]}`;
}

/** Each view has its own stack of what was done. */
function hear(refresh) {
  const viewer = modeler.getActiveViewer();
  if (!viewer || heard.has(viewer)) return;
  heard.add(viewer);
  viewer.on('commandStack.changed', () => { touched = true; refresh(); shell.changed(); });
}

/** Open the view in which what was found stands; a finding of a rule names the rule. */
async function choose(finding) {
  const holds = (of) => of.id === finding.element || (of.get?.('decisionLogic')?.get?.('rule') ?? []).some((rule) => rule.id === finding.element);
  const view = modeler.getViews().find((each) => each.type !== 'drd' && holds(each.element));
  if (view) await modeler.open(view);
  document.querySelector(`[data-row-id="${CSS.escape(finding.element)}"]`)?.scrollIntoView({ block: 'center' });
}

async function begin() {
  tools();
  await open(model.content);
  shell.start();
  document.body.dataset.ready = 'true';
}

begin().catch((error) => {
  console.error(error);
  shell.say('The rules could not be shown.');
  shell.notice(`The rules could not be shown: ${error.message}`, []);
});
