// What the properties of a model may name, as the service knows it: asked for at the start, and again after each save.

import { get, model } from './shell.js';

const NOBODY = { forms: [], decisions: [], processes: [], operations: [], records: [], groups: [], starters: [], people: [], messages: [], guidance: [], facts: {}, variables: [], functions: [] };

class Choices {
  constructor() {
    this.known = NOBODY;
  }

  async load() {
    this.known = await get(`/studio/edit/picks?file=${encodeURIComponent(model.file)}`).catch(() => this.known);
    return this.known;
  }

  /** Options of a menu: none first, what is only a draft so named. */
  options(sort, none) {
    const words = ({ value, words: said, draft }) => `${said === value ? value : `${said} (${value})`}${draft ? ' – draft' : ''}`;
    return [{ value: '', label: none }, ...this.known[sort].map((each) => ({ value: each.value, label: words(each) }))];
  }

  variables(facts) {
    const own = this.known.variables.map((name) => ({ name, detail: 'set in this diagram' }));
    if (!facts) return own;
    const told = Object.entries(this.known.facts).filter(([name]) => !this.known.variables.includes(name));
    return [...own, ...told.map(([name, kind]) => ({ name, detail: `of the case, ${kind}` }))];
  }

  functions() {
    return this.known.functions.map(({ name, parameters }) => ({
      name, type: 'function', params: parameters.map((each) => ({ name: each })), info: parameters.length ? `${name}(${parameters.join(', ')})` : name,
    }));
  }
}

export const choices = new Choices();
