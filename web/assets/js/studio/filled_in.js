// form-js fills in what a question does not say (choices where a form names a list, an outline round a group) as it opens
// a form. What nobody chose is not saved: a file says what its designer said.

function* components(schema) {
  for (const each of schema.components ?? []) {
    yield each;
    yield* components(each);
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What is filled in: by the id of a component, the fields that only the opened form has. */
export function filledIn(written, opened) {
  const own = new Map([...components(written)].map((each) => [each.id, each]));
  const found = new Map();
  for (const each of components(opened)) {
    const said = own.get(each.id);
    if (said) found.set(each.id, Object.fromEntries(Object.entries(each).filter(([name]) => !(name in said))));
  }
  return found;
}

/** The form without what was filled in and is as it was. */
export function withoutFilledIn(schema, filled) {
  const left = structuredClone(schema);
  for (const each of components(left)) {
    for (const [name, value] of Object.entries(filled.get(each.id) ?? {})) if (same(each[name], value)) delete each[name];
  }
  return left;
}
