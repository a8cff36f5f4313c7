// What the properties of a model may name, as the service knows it: asked for at the start, and again after each save.

import { get, model } from './shell.js';

const NOBODY = { forms: [], decisions: [], processes: [], operations: [], records: [], groups: [], starters: [], people: [], messages: [], guidance: [], facts: {}, variables: [], functions: [] };

class Choices {
  constructor() {
    this.known = NOBODY;
    this.prepare();
  }

  async load() {
    const found = await get(`/studio/edit/picks?file=${encodeURIComponent(model.file)}`).catch(() => this.known);
    if (JSON.stringify(found) !== JSON.stringify(this.known)) {
      this.known = found;
      this.prepare();
    }
    return this.known;
  }

  /** Options of a menu: none first, what is only a draft so named. */
  options(sort, none) {
    const words = ({ value, words: said, draft }) => `${said === value ? value : `${said} (${value})`}${draft ? ' – draft' : ''}`;
    return [{ value: '', label: none }, ...this.known[sort].map((each) => ({ value: each.value, label: words(each) }))];
  }

  /** The names that an expression may read. The same list is given again and again: another closes an open menu. */
  variables(facts) {
    return facts ? this.withFacts : this.own;
  }

  functions() {
    return this.called;
  }

  prepare() {
    const { variables, facts, functions } = this.known;
    this.own = variables.map((name) => ({ name, detail: 'set in this diagram' }));
    const told = Object.entries(facts).filter(([name]) => !variables.includes(name));
    this.withFacts = [...this.own, ...told.map(([name, kind]) => ({ name, detail: `of the case, ${kind}` }))];
    this.called = functions.map(({ name, parameters }) => ({
      name, type: 'function', params: parameters.map((each) => ({ name: each })), info: parameters.length ? `${name}(${parameters.join(', ')})` : name,
    }));
  }
}

export const choices = new Choices();
