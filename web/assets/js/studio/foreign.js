// A file may bind a prefix that we know to a language of its own, as files of older engines bind "camunda". The reader
// would take that prefix away and could not write it again, so such a prefix gets another name; what it means stays.

const TAGS = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>/g;

export function withOwnPrefixes(xml, packages) {
  return packages.reduce((text, { prefix, uri }) => {
    const bound = new RegExp(`\\sxmlns:${prefix}\\s*=\\s*["']([^"']*)["']`).exec(text);
    return bound && bound[1] !== uri ? renamed(text, prefix, free(text, prefix)) : text;
  }, xml);
}

function free(xml, prefix) {
  let number = 1;
  while (xml.includes(`${prefix}_${number}:`) || xml.includes(`:${prefix}_${number}`)) number += 1;
  return `${prefix}_${number}`;
}

function renamed(xml, from, to) {
  const names = new RegExp(`("[^"]*"|'[^']*')|(\\sxmlns:)${from}(?=\\s*=)|(^</?|\\s)${from}(?=:)`, 'g');
  const inTag = (all, quoted, declares, uses) => quoted ?? `${declares ?? uses}${to}`;
  return xml.replace(TAGS, (tag) => (tag.startsWith('<!') ? tag : tag.replace(names, inTag)));
}
