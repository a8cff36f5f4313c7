// The dialog that says which keys an editor knows.

import { element } from './shell.js';

/** A dialog with the keys of an editor: rows of [keys, what they do]. */
export default function keysDialog(rows) {
  const dialog = element('dialog', { class: 'caf-studio__dialog', 'aria-labelledby': 'keys-heading' },
    element('h2', { class: 'govuk-heading-m', id: 'keys-heading' }, 'Keys'));
  const list = element('dl', { class: 'govuk-summary-list' });
  for (const [keys, does] of rows) {
    list.append(element('div', { class: 'govuk-summary-list__row' },
      element('dt', { class: 'govuk-summary-list__key' }, keys), element('dd', { class: 'govuk-summary-list__value' }, does)));
  }
  dialog.append(list, element('button', { type: 'button', class: 'govuk-button', onclick: () => dialog.close() }, 'Close'));
  document.body.append(dialog);
  return dialog;
}
