// What every editor of the studio shares: it saves itself, says so, keeps what could not be saved, tells of somebody else
// who has the file open or saved it first, and lists what there is to put right.
//
//   const shell = new Shell({ read, write, show })
//     read()        the text as it is drawn now (a promise of it)
//     write(text)   puts another text in its place (a promise)
//     show(found)   marks findings at their elements; choose(finding) brings one into sight

import { tryScenarios, wayOn } from '../scenarios.js';

const SAVE_AFTER = 1500; // after the last change
const CHECK_AFTER = 400;
const AGAIN = 8000; // after a failure
const LOOK_ROUND = 60000; // who else has it open
const MOST_KEPT_ALIVE = 60000; // a browser sends no more than 64 KB of a page that is gone

const SAVE = '/studio/edit/save';
const SOURCE = '/studio/edit/source';
const PRESENCE = '/studio/edit/presence';
const CHECK = '/studio/check';
const SCENARIOS = '/studio/scenarios/results';
const TRY_AFTER = 2000; // after a save: who goes on drawing waits for nothing

export const model = JSON.parse(document.getElementById('caf-model').textContent);

let token = document.querySelector('input[name=csrf_token]').value;

export async function post(address, body, more = {}) {
  return fetch(address, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token },
    body: JSON.stringify(body),
    ...more,
  });
}

export async function get(address) {
  const answer = await fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  if (!answer.ok || !(answer.headers.get('Content-Type') ?? '').includes('json')) {
    throw new Error(`${address} answered ${answer.status}`);
  }
  return answer.json();
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

export function tool(words, act, more = {}) {
  return element('button', { type: 'button', class: 'caf-studio__tool', onclick: act, ...more }, words);
}

function editAddress(file) {
  return `/studio/edit?file=${encodeURIComponent(file)}`;
}

/** The name of a copy: caf_episode.bpmn becomes caf_episode_copy.bpmn; endings may have two parts. */
export function copyName(file) {
  const at = file.lastIndexOf('/') + 1;
  const dot = file.indexOf('.', at);
  return `${file.slice(0, dot)}_copy${file.slice(dot)}`;
}

/** One line for each thing that is said twice: by two checks, or of the same element in the same words. */
function once(findings) {
  const seen = new Map();
  for (const each of findings) seen.set(`${each.element}|${each.what}`, each);
  return [...seen.values()].sort((a, b) => (a.severity === 'error' ? 0 : 1) - (b.severity === 'error' ? 0 : 1));
}

/** What other drafts break is told where they are published, not in every file. */
function elsewhere(number) {
  const said = number === 1 ? 'Another draft of yours leaves 1 thing to put right' : `Other drafts of yours leave ${number} things to put right`;
  return element('p', { class: 'govuk-body-s' }, `${said} in files that you are not looking at. `,
    element('a', { class: 'govuk-link', href: '/studio/publish' }, 'See your drafts'));
}

export class Shell {
  constructor({ read, write, show = () => {}, choose = null, own = async () => [], saved = () => {} }) {
    Object.assign(this, { read, write, show, choose, own, afterSave: saved });
    this.version = model.version;
    this.kept = model.content;
    this.state = document.getElementById('state');
    this.others = document.getElementById('others');
    this.notices = document.getElementById('notices');
    this.problems = document.getElementById('problems');
    this.store = `caf-studio:${model.file}`;
    this.trouble = false;
    this.stopped = false;
    this.listen();
  }

  listen() {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.leave();
      else this.lookRound();
    });
    window.addEventListener('pagehide', () => this.leave());
    window.addEventListener('online', () => this.saveSoon(100));
    window.addEventListener('beforeunload', (event) => {
      if (this.trouble || this.looking) event.preventDefault();
    });
  }

  /** Begin once the text is drawn: look for what a lost connection left here, who else is there, and what is wrong. */
  start() {
    this.started = true;
    this.restore();
    this.lookRound();
    window.setInterval(() => { if (document.visibilityState === 'visible') this.lookRound(); }, LOOK_ROUND);
    this.check();
    this.tryScenarios({ kept: true });
  }

  /** Try what was saved, behind the drawing: one scenario after the other, begun anew with each change. */
  tryScenarios({ kept = false } = {}) {
    const place = document.getElementById('scenarios');
    if (!place) return;
    const address = `${SCENARIOS}?file=${encodeURIComponent(model.file)}`;
    const tell = (told) => {
      place.replaceChildren(...told.said.map((line) => element('p', { class: 'govuk-body-s' }, line)), ...wayOn(told, 'govuk-body-s'));
      this.told = told;
      if (this.findings) this.list(this.lastServed);
      place.classList.toggle('caf-studio__scenarios--warning', told.state === 'warning');
    };
    window.clearTimeout(this.trying);
    this.trials?.stop();
    if (kept) get(address).then(tell).catch(() => {}); // what is known already is said at once
    this.trying = window.setTimeout(() => { this.trials = tryScenarios(address, tell); }, TRY_AFTER);
  }

  say(words) {
    this.state.textContent = words;
  }

  changed() {
    if (!this.started || this.looking) return;
    this.say('Not saved yet');
    this.saveSoon(SAVE_AFTER);
    window.clearTimeout(this.checking);
    this.checking = window.setTimeout(() => this.check(), CHECK_AFTER);
  }

  saveSoon(delay) {
    window.clearTimeout(this.waiting);
    if (!this.stopped) this.waiting = window.setTimeout(() => this.save(), delay);
  }

  body(content) {
    return { file: model.file, content, expected: this.version, based_on: model.based_on };
  }

  /** The text as it is drawn, or null where the editor cannot write what it shows. */
  async written() {
    try {
      return await this.read();
    } catch (error) {
      console.error(error);
      this.trouble = true;
      this.say(`Not saved: what is drawn cannot be written (${error.message}). Undo the last change.`);
      return null;
    }
  }

  async save() {
    if (this.stopped || this.saving) return;
    const content = await this.written();
    if (content === null) return;
    if (content === this.kept) {
      if (!this.trouble) this.say(this.version ? `Draft saved ${model.saved ?? ''}`.trim() : 'No changes yet');
      return;
    }
    this.saving = true;
    try {
      await this.take(await post(SAVE, this.body(content)), content);
    } catch {
      this.keepHere(content, 'Not saved: there is no connection. Your changes are kept on this computer and sent again by themselves.');
    } finally {
      this.saving = false;
    }
    if (!this.stopped && !this.trouble && (await this.written()) !== this.kept) this.saveSoon(SAVE_AFTER);
  }

  async take(answer, content) {
    if (answer.ok) {
      const saved = await answer.json();
      this.version = saved.version;
      this.kept = content;
      model.saved = saved.saved;
      this.trouble = false;
      this.forget();
      const held = document.querySelectorAll('input[name=expected]');
      held.forEach((each) => { each.value = saved.version; });
      this.say(`Draft saved ${saved.saved}`);
      this.tryScenarios();
      this.afterSave();
    } else if (answer.status === 409) {
      this.conflict(await answer.json(), content);
    } else if (answer.status === 400 || answer.status === 401) {
      await this.signedOut(content);
    } else if (answer.status === 422 || answer.status === 413 || answer.status === 403) {
      const said = await answer.json().catch(() => ({}));
      this.stopped = true;
      this.keepHere(content, `Not saved: ${said.detail ?? 'the file is too large'}.`);
    } else {
      this.keepHere(content, 'Not saved: the service does not answer. Your changes are kept on this computer and sent again by themselves.');
    }
  }

  /** A session that began anew has another token; who is signed out keeps their work here until they are back. */
  async signedOut(content) {
    try {
      token = (await get(`${SOURCE}?file=${encodeURIComponent(model.file)}`)).token;
      this.saveSoon(100);
    } catch {
      this.keepHere(content, 'Not saved: you are signed out. Your changes are kept on this computer. ');
      this.state.append(element('a', { class: 'govuk-link', href: '/sign-in', target: '_blank' }, 'Sign in again in a new tab, then come back here'));
    }
  }

  keepHere(content, words) {
    this.trouble = true;
    this.hold(content);
    this.say(words);
    this.saveSoon(AGAIN);
  }

  /** Keep on this computer what the service does not have yet. */
  hold(content) {
    try {
      window.localStorage.setItem(this.store, JSON.stringify({ content, version: this.version, at: new Date().toISOString() }));
    } catch { /* a full store keeps nothing; the page still holds it */ }
  }

  forget() {
    try {
      window.localStorage.removeItem(this.store);
    } catch { /* nothing was kept then */ }
  }

  async restore() {
    let left = null;
    try {
      left = JSON.parse(window.localStorage.getItem(this.store));
    } catch { return; }
    // The service writes every text in one way: only it can say whether another writing is the same.
    if (!left?.content || left.content === this.kept || (await this.served(left.content, { compare: true }))?.is_saved) {
      if (left) this.forget();
      return;
    }
    const at = new Date(left.at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
    this.notice(`Changes of yours from ${at} never reached the service. They are still on this computer.`, [
      ['Use them', async () => { await this.write(left.content); this.changed(); }],
      ['Throw them away', () => this.forget()],
    ]);
  }

  notice(words, acts) {
    const box = element('div', { class: 'caf-studio__notice', role: 'alert' }, element('p', { class: 'govuk-body' }, words));
    for (const [name, act] of acts) {
      box.append(element('button', {
        type: 'button', class: 'govuk-button govuk-button--secondary',
        onclick: async () => { box.remove(); await act(); },
      }, name));
    }
    this.notices.append(box);
    box.querySelector('button')?.focus();
  }

  /** Somebody else saved it: nothing of either is lost, and nobody writes over what they have not seen. */
  conflict(theirs, mine) {
    this.stopped = true;
    this.say('Not saved');
    const when = theirs.saved ? ` at ${theirs.saved}` : '';
    this.notice(`${theirs.message}${when}. Your changes are on this page and are not saved.`, [
      ['Keep mine as a copy', () => this.saveCopy(mine)],
      ['Show theirs', () => this.showTheirs(mine)],
    ]);
  }

  async saveCopy(content) {
    const file = copyName(model.file);
    const answer = await post(SAVE, { file, content, expected: null, based_on: model.based_on });
    if (answer.ok) {
      this.trouble = false;
      this.forget();
      window.location.assign(editAddress(file));
    } else {
      this.stopped = true;
      this.notice(`There is a ${file} already. Save yours as a file on this computer, or look at theirs.`, [['Show theirs', () => this.showTheirs(content)]]);
    }
  }

  async showTheirs(mine) {
    const theirs = await get(`${SOURCE}?file=${encodeURIComponent(model.file)}`);
    this.looking = true;
    await this.write(theirs.content);
    this.say(`What ${theirs.saved_by ?? 'somebody else'} saved ${theirs.saved ?? ''}`);
    this.notice('This is what they saved. Yours is kept until you choose.', [
      ['Go on with theirs', () => this.settle(theirs, theirs.content)],
      ['Put mine in its place', async () => { await this.write(mine); this.settle(theirs, theirs.content); this.changed(); }],
    ]);
  }

  settle(theirs, kept) {
    this.looking = false;
    this.stopped = false;
    this.trouble = false;
    this.version = theirs.version;
    this.kept = kept;
    model.based_on = theirs.based_on;
    this.forget();
    this.check();
  }

  async leave() {
    if (!this.started || this.stopped || this.saving) return;
    const content = await this.written();
    if (content === null || content === this.kept) return;
    // A page that is gone cannot say whether its last message arrived: opened again, it offers what was held.
    this.hold(content);
    const sent = this.body(content);
    if (JSON.stringify(sent).length < MOST_KEPT_ALIVE) {
      const answer = await post(SAVE, sent, { keepalive: true }).catch(() => null);
      if (answer?.ok) await this.take(answer, content);
    } else {
      await this.save();
    }
  }

  async lookRound() {
    try {
      const answer = await post(PRESENCE, { file: model.file });
      const { others } = await answer.json();
      this.others.textContent = others.length
        ? `${others.map((each) => each.name).join(' and ')} ${others.length > 1 ? 'have' : 'has'} this open too, last seen ${others[0].seen}.`
        : '';
    } catch { /* asked again in a minute */ }
  }

  /** Ask the service what would not run, and the editor's own rules; only the newest answer counts. */
  async check() {
    const round = (this.round ?? 0) + 1;
    this.round = round;
    const content = await this.written();
    if (content === null) return;
    this.problems.setAttribute('aria-busy', 'true');
    if (!this.findings) this.problems.replaceChildren(element('p', { class: 'govuk-body-s' }, 'Checking …'));
    if (content !== this.kept && !this.looking) this.hold(content);
    const [served, own] = await Promise.all([this.served(content), this.own().catch(() => [])]);
    if (round !== this.round) return;
    this.call(served?.title);
    this.findings = once([...(served?.findings ?? []), ...own]);
    this.show(this.findings);
    this.list(served);
    this.problems.removeAttribute('aria-busy');
  }

  /** The page is called what the model is called. */
  call(title) {
    const heading = document.getElementById('title');
    if (!title || heading.textContent === title) return;
    document.title = document.title.replace(heading.textContent, title);
    heading.textContent = title;
  }

  async served(content, more = {}) {
    try {
      const answer = await post(CHECK, { file: model.file, content, ...more });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  list(served) {
    this.lastServed = served;
    const parts = [];
    if (!served) parts.push(element('p', { class: 'govuk-body-s' }, 'The service could not check it just now.'));
    else if (!this.findings.length) parts.push(element('p', { class: 'govuk-body-s' }, this.nothing()));
    if (served?.gave_up) parts.push(element('p', { class: 'govuk-body-s' }, served.gave_up));
    const list = element('ul', { class: 'caf-studio__findings' });
    for (const each of this.findings) list.append(this.line(each));
    if (this.findings.length) parts.push(list);
    if (served?.elsewhere) parts.push(elsewhere(served.elsewhere));
    this.problems.replaceChildren(...parts);
  }

  /** What is said where nothing was found in the file: whether it can be published is for the scenarios to say too. */
  nothing() {
    if (this.told?.state === 'warning') return 'Nothing in the file itself, but a scenario goes otherwise:';
    return this.told?.done ? 'Nothing. It can be published as it is.' : 'Nothing in the file itself. Scenarios are still being tried.';
  }

  line(finding) {
    const words = [finding.name || finding.element, ': ', finding.what, '; ', finding.advice].filter(Boolean).join('').replace(/; $/, '');
    const kind = finding.severity === 'error' ? 'error' : 'notice';
    const tag = element('strong', { class: `caf-studio__severity caf-studio__severity--${kind}` }, kind === 'error' ? 'Must be put right' : 'Worth knowing');
    const said = this.choose
      ? element('button', { type: 'button', class: 'caf-link-button', onclick: () => this.choose(finding) }, words)
      : element('span', {}, words);
    return element('li', {}, tag, ' ', said);
  }
}
