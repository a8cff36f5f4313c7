// Ids made of words.

const LONGEST = 60;

/** As bpmn-js and dmn-js make them of nothing. */
export const RANDOM = /^[A-Z][A-Za-z]*_[0-9a-z]{7}$/;

/** Words as an id: small letters, digits and _, a letter first. */
export function slug(words, instead) {
  const plain = (words ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '_').slice(0, LONGEST).replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(plain) ? plain : plain && `${instead}_${plain}`;
}

/** The first of name, name_2, name_3 that is free. */
export function free(name, taken) {
  let [number, found] = [1, name];
  while (taken(found)) found = `${name}_${number += 1}`;
  return found;
}
