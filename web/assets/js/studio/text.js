// A file that is written, not drawn (examples of rules, scenarios): it saves itself and is checked like every other.

import { Shell, model } from './shell.js';

const area = document.getElementById('content');

const shell = new Shell({
  read: async () => area.value,
  write: async (text) => { area.value = text; },
});

// A text area knows one kind of line's end. What was typed and refused stands in it unsaved.
if (area.value === model.content.replace(/\r\n/g, '\n')) shell.kept = area.value;
area.addEventListener('input', () => shell.changed());
document.body.dataset.ready = 'true';
shell.start();
