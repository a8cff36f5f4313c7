// What an answer is kept under is made of its question: "When did they agree?" becomes when_did_they_agree. The name follows
// the words while the question is new on this page; once it is opened anew it stays, since conditions go by it.

import { free, slug } from './slugs.js';

const RANDOM = /^[a-z]+_[0-9a-z]{4,8}$/; // as form-js makes them
const LABELS = ['label', 'dateLabel', 'timeLabel'];

/** Let keys follow the words; return what gives the questions of a schema that is saved ids of their keys. */
export function followQuestions(editor) {
  const given = new WeakMap();
  const followed = new Set();
  editor.on('commandStack.formField.edit.postExecuted', ({ context: { formField: field, properties } }) => {
    const label = LABELS.find((name) => name in properties);
    const own = field.key;
    if (!label || !own || !(own === given.get(field) || RANDOM.test(own) && own.startsWith(`${field.type}_`))) return;
    const words = slug(properties[label], 'question');
    if (!words) return;
    const others = editor.get('formFieldRegistry').getAll().filter((each) => each !== field);
    const key = free(words, (each) => others.some((one) => one.key === each || one.id === `field_${each}`));
    given.set(field, key);
    followed.add(field.id);
    // Its id stays while the form is open: with another one form-js lets go of the question, in the middle of a word.
    if (key !== own) editor.get('modeling').editFormField(field, { key });
  });
  return (schema) => named(schema, followed);
}

function named(schema, followed) {
  if (!schema.components) return schema;
  const id = ({ id, key }) => (followed.has(id) && key && !RANDOM.test(key) ? `field_${key}` : id);
  return { ...schema, components: schema.components.map((each) => ({ ...named(each, followed), ...('id' in each && { id: id(each) }) })) };
}
