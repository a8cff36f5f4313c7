// The editor of forms: form-js beside the form as the service itself will ask it.

import { FormEditor } from '@bpmn-io/form-js-editor';

import { filledIn, withoutFilledIn } from './filled_in.js';
import { followQuestions } from './keys.js';
import keysDialog from './keys_dialog.js';
import { Shell, element, model, post, tool } from './shell.js';

const PREVIEW_AFTER = 400;
const KEYS = [
  ['Ctrl + Z, Ctrl + Y', 'Undo, and do it again'], ['Tab', 'The next question or property'], ['Enter or Space', 'Select a question'], ['Delete', 'Remove the selected question'],
];

const editor = new FormEditor({ container: document.getElementById('canvas') });
const preview = document.getElementById('preview');
const named = followQuestions(editor);

let drawn = model.content;
let touched = false;
let filled = new Map();
let waiting = null;

/** As it was written: two blanks a level, and a line's end at the end. */
function text(schema) {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const shell = new Shell({
  read: async () => (touched ? text(named(withoutFilledIn(editor.saveSchema(), filled))) : drawn),
  write: open,
  choose: (finding) => editor.get('selection').set(editor.get('formFieldRegistry').getAll().find((each) => [each.id, each.key, `field_${each.key}`].includes(finding.element))),
});

async function open(content) {
  drawn = content;
  touched = false;
  const written = JSON.parse(content);
  await editor.importSchema(written);
  filled = filledIn(written, editor.saveSchema());
  show();
}

async function ask(answers) {
  const answer = await post(preview.dataset.url, { file: model.file, content: await shell.read(), answers });
  return answer.ok ? answer.json() : null;
}

async function show() {
  const found = await ask([]).catch(() => null);
  if (!found) return;
  if (found.wrong) {
    preview.replaceChildren(element('p', { class: 'govuk-body' }, found.wrong));
    return;
  }
  const form = element('form', { onsubmit: (event) => event.preventDefault(), onchange: () => hide(form) }, element('p', { class: 'govuk-heading-m' }, found.title));
  // The service made it of the form's words, each escaped.
  form.insertAdjacentHTML('beforeend', found.html);
  preview.replaceChildren(form);
  away(form, found.hidden);
}

function away(form, hidden) {
  for (const part of form.querySelectorAll('[data-caf-when]')) part.hidden = hidden.includes(part.dataset.cafWhen);
  for (const words of form.querySelectorAll('[data-caf-if]')) words.hidden = !hidden.includes(words.dataset.cafIf);
}

async function hide(form) {
  const found = await ask([...new FormData(form)].filter(([, value]) => typeof value === 'string')).catch(() => null);
  if (found && !found.wrong) away(form, found.hidden);
}

function tools() {
  const stack = editor.get('commandStack');
  const undo = tool('Undo', () => stack.undo());
  const redo = tool('Do it again', () => stack.redo());
  const keys = keysDialog(KEYS);
  document.getElementById('tools').replaceChildren(undo, redo, tool('Keys', () => keys.showModal()));
  const refresh = () => {
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
  };
  editor.on('commandStack.changed', () => {
    touched = true;
    refresh();
    shell.changed();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(show, PREVIEW_AFTER);
  });
  refresh();
}

async function begin() {
  tools();
  await open(model.content);
  touched = false;
  shell.start();
  document.body.dataset.ready = 'true';
}

begin().catch((error) => {
  console.error(error);
  shell.say('The form could not be shown.');
  shell.notice(`The form could not be shown: ${error.message}`, []);
});
