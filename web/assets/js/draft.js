// Saves what is typed into a task's form by itself: every few seconds, and on leaving the page. The page works without.
// While it cannot be saved (no connection, signed out), it stays in the page, the page says so, and it is sent again.

import { AGAIN, SILENT, TWICE, UNCONNECTED, sayAway, sendOnceFound, whyAway } from './sending.js';

const QUIET = 3000; // after the last key
const CHOSEN = 300; // after a choice, as the questions that follow from it may come or go
const MOST_KEPT_ALIVE = 60000; // a browser sends no more than 64 KB of a page that is gone, of all together

const form = document.querySelector('form[data-caf-draft]');
const status = document.querySelector('[data-caf-draft-status]');

// Which questions are asked is for the server to say, by the form's own conditions. What it has not said is in sight.
// `known` is false while it cannot be asked: then each question keeps the words that say when it is.
function hideIn(where, names, known) {
  for (const part of where.querySelectorAll('[data-caf-when]')) {
    const away = names.has(part.dataset.cafWhen);
    if (!(away && part.contains(document.activeElement))) part.hidden = away;
  }
  for (const words of where.querySelectorAll('[data-caf-if]')) words.hidden = known && !names.has(words.dataset.cafIf);
}

function hiddenAtFirst(where) {
  return new Set([...where.querySelectorAll('[data-caf-hidden]')].map((part) => part.dataset.cafWhen));
}

if (form && status && window.fetch && window.URLSearchParams) {
  const address = form.dataset.cafDraft;
  let sent = typed();
  let unsaved = 'cafUnsaved' in form.dataset; // what was refused stands in this page only
  let refused = null; // what the service does not take, and is not asked to again
  let waiting = null;
  let flying = 0; // how many savings are under way: a second one only as the page goes out of sight
  let alive = 0; // characters of those that outlive the page
  let begun = 0;
  let answered = 0; // the newest saving that was answered: what an older one says after it no longer counts
  let under = null;
  let saving = Promise.resolve();
  let stopped = false;
  let leaving = false;
  let cut = ''; // why the service could not be reached when it was last asked
  let pressed = false; // whether a button waits for the service to be found
  let pressedAt = -TWICE;
  let owed = ''; // the words of the button that has to be pressed again

  function typed() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== 'string') continue; // a chosen file is kept when the form is sent
      if (!['csrf_token', 'draft_base', 'draft_beside', 'request_key', 'expected_version', 'made_on', 'act'].includes(name)) fields.append(name, value);
    }
    return fields.toString();
  }

  const hide = (names, known = true) => hideIn(form, names, known);

  function say(words, link, stays) {
    if (status.textContent === words && !link) return;
    status.textContent = words;
    if (!link && !stays) delete status.dataset.cafStays;
    if (link) {
      const anchor = document.createElement('a');
      anchor.className = 'govuk-link';
      anchor.href = link.href;
      anchor.textContent = link.words;
      if (link.elsewhere) anchor.target = '_blank';
      status.append(' ', anchor);
    }
  }

  function soon(delay) {
    window.clearTimeout(waiting);
    if (!stopped) waiting = window.setTimeout(() => (cut && typed() === sent ? lookAgain() : save(false)), delay);
  }

  function body(content) {
    const fields = new URLSearchParams(content);
    fields.set('csrf_token', form.elements.csrf_token.value);
    fields.set('draft_base', form.elements.draft_base.value);
    return fields;
  }

  async function save(onLeaving) {
    const content = typed();
    if (stopped || [sent, refused, under].includes(content)) return;
    if (flying && !onLeaving) return;
    const fields = body(content);
    // What is being sent already may arrive first: nothing is asked then, and both are kept as they come.
    if (flying) fields.delete('draft_base');
    under = content;
    begun += 1;
    saving = Promise.all([saving, send(fields, content, begun)]);
    await saving;
    if (!stopped && typed() !== sent) soon(waitingFor());
  }

  // Each saving outlives the page if it can: it may be closed before the first byte of it has gone.
  async function send(fields, content, mine) {
    const size = fields.toString().length;
    const keepalive = alive + size < MOST_KEPT_ALIVE;
    flying += 1;
    if (keepalive) alive += size;
    try {
      const answer = await fetch(address, { method: 'POST', body: fields, keepalive, credentials: 'same-origin' });
      if (mine < answered) return;
      answered = mine;
      await take(answer, content);
    } catch {
      if (mine >= answered) unreached(UNCONNECTED);
    } finally {
      flying -= 1;
      if (keepalive) alive -= size;
      if (!flying) under = null;
    }
  }

  function unreached(why) {
    cut = why;
    status.dataset.cafTrouble = 'yes';
    hide(new Set(), false);
    say(owed
      ? sayAway(cut, owed)
      : `Not saved: ${cut}. What you typed is kept on this page and sent again by itself. Do not close it.`);
    soon(AGAIN);
  }

  // Nothing is left to be saved: all there is to know is whether the service is there.
  async function look() {
    cut = await whyAway(address);
  }

  async function lookAgain() {
    await look();
    if (cut) unreached(cut);
    else sayBack();
  }

  // A button is named again once pressing it counts.
  function sayBack() {
    const early = pressedAt + TWICE - performance.now();
    if (early > 0) {
      window.setTimeout(() => { if (!cut && !pressed && typed() === sent) sayBack(); }, early);
      return;
    }
    status.dataset.cafTrouble = 'no';
    if (owed) status.dataset.cafStays = 'yes';
    say(`The connection is back, and what you typed is saved.${owed ? ` Now press “${owed}” again.` : ''}`, null, owed);
  }

  // Whether closing the page now could lose what is on it: it is in trouble, or more than a closed page may send.
  function couldBeLost() {
    const content = typed();
    return unsaved || content !== sent && (status.dataset.cafTrouble === 'yes' || content.length >= MOST_KEPT_ALIVE);
  }

  function waitingFor() {
    return status.dataset.cafTrouble === 'yes' ? AGAIN : QUIET;
  }

  async function take(answer, content) {
    cut = '';
    const trouble = !answer.ok;
    status.dataset.cafTrouble = trouble ? 'yes' : 'no';
    // Nobody says now which questions are asked: all are, each with the words when it is.
    if (trouble) hide(new Set(), false);
    if (answer.ok) {
      const kept = await answer.json();
      sent = content;
      unsaved = false;
      form.elements.draft_base.value = kept.base;
      hide(new Set(kept.hidden));
      if (kept.gone) {
        status.dataset.cafStays = 'yes';
        say(kept.gone, null, true);
      } else if (kept.merge) {
        status.dataset.cafStays = 'yes';
        say('Other answers were saved meanwhile, by somebody else or on another page of yours. Yours are kept too.', {
          href: kept.merge, words: 'Bring the two together',
        });
      } else if (owed && !pressed && typed() === sent) {
        sayBack();
      } else {
        say(`Draft saved ${kept.saved}`);
      }
    } else if (answer.status === 409) {
      stopped = true;
      say(`Not saved: ${(await answer.json()).closed} What you typed is still on this page.`);
    } else if (answer.status === 422) {
      refused = content;
      say(`Not saved: ${(await answer.json()).wrong}. What you typed is still on this page.`);
    } else if (answer.status === 401 || answer.status === 400) {
      await signedInAgain();
    } else if (answer.status === 403 || answer.status === 404 || answer.status === 413) {
      stopped = true;
      say(`Not saved by itself. Press “${keeps()}” to see why; what you typed is still on this page.`);
    } else {
      unreached(SILENT);
    }
  }

  // The words of the button that keeps the draft, or the whole.
  function keeps() {
    const buttons = [...form.querySelectorAll('button:not([aria-hidden])')];
    return (buttons.filter((each) => each.value === 'draft').pop() || buttons[0]).textContent.trim();
  }

  // The session has ended, or began anew in another tab: a new token makes this page good again.
  async function signedInAgain() {
    const answer = await fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
    if (answer.ok && (answer.headers.get('Content-Type') || '').includes('json')) {
      const { token } = await answer.json();
      document.querySelectorAll('input[name=csrf_token]').forEach((input) => { input.value = token; });
      soon(100);
    } else {
      say('Not saved: you are signed out. What you typed is kept on this page.', {
        href: '/sign-in', words: 'Sign in again in a new tab, then come back here', elsewhere: true,
      });
      soon(AGAIN);
    }
  }

  hide(hiddenAtFirst(form));
  form.addEventListener('input', () => soon(QUIET));
  form.addEventListener('change', (event) => soon(event.target.matches('input[type=radio], input[type=checkbox], select') ? CHOSEN : QUIET));
  // What is just being saved says, while the service is found, which draft this page goes on from.
  sendOnceFound(form, {
    find,
    slow: (words) => say(words),
    leave,
    away(why, button) {
      pressed = false;
      if (button && button.value && button.value !== 'draft') owed = button.textContent.trim();
      unreached(why);
    },
  });

  function leave() {
    pressed = false;
    leaving = true;
    stopped = true;
    window.clearTimeout(waiting);
  }

  async function find() {
    pressed = true;
    pressedAt = performance.now();
    owed = '';
    window.clearTimeout(waiting);
    if (flying) await saving;
    else if (stopped || [sent, refused].includes(typed())) await look();
    else await save(false);
    return cut;
  }

  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') save(true); });
  window.addEventListener('pagehide', () => save(true));
  window.addEventListener('online', () => soon(100));
  window.addEventListener('pageshow', (event) => { if (event.persisted) { leaving = false; stopped = false; } });
  window.addEventListener('beforeunload', (event) => {
    if (!leaving && couldBeLost()) event.preventDefault();
  });
}

// A form that is not a task's keeps no draft: it only asks which of its questions are asked, after each choice.
const start = document.querySelector('form[data-caf-asks]');

if (start && window.fetch) {
  let latest = 0;

  async function ask() {
    const fields = new FormData(start);
    for (const [name, value] of [...fields]) if (typeof value !== 'string') fields.delete(name);
    fields.set('act', 'asks');
    latest += 1;
    const mine = latest;
    try {
      const answer = await fetch(start.action, { method: 'POST', body: new URLSearchParams(fields), credentials: 'same-origin' });
      const asked = answer.ok ? new Set((await answer.json()).hidden) : null;
      if (mine === latest) hideIn(start, asked || new Set(), asked !== null);
    } catch {
      if (mine === latest) hideIn(start, new Set(), false);
    }
  }

  hideIn(start, hiddenAtFirst(start), true);
  start.addEventListener('change', ask);
}
