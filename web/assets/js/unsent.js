// A form that keeps no draft of itself, pressed while the service is away, stays on the page with what was typed: it
// says so beside the button, and when to press again. The page works without.

import { AGAIN, TWICE, sayAway, sendOnceFound, whyAway } from './sending.js';

const READY = '/ready';
const ASKS = 'textarea, select, input:not([type=hidden])';

function keep(form) {
  let place = null; // what is said, beside the button
  let owed = null; // the button that has to be pressed again, while the service is away
  let waiting = null;

  // A new alert each time: one that only changes its words may not be read out.
  function say(words, button) {
    if (place) place.remove();
    place = document.createElement('p');
    place.className = 'caf-saved caf-unsent';
    place.setAttribute('role', 'alert');
    place.textContent = words;
    (button.closest('.govuk-button-group') || button).after(place);
    place.scrollIntoView({ block: 'nearest' });
  }

  function soon(delay) {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(lookAgain, delay);
  }

  async function lookAgain() {
    const button = owed;
    const why = await whyAway(READY);
    if (!button || button !== owed) return;
    if (why) {
      soon(AGAIN);
    } else {
      owed = null;
      say(`The connection is back. Now press “${button.textContent.trim()}” again.`, button);
    }
  }

  sendOnceFound(form, {
    find: () => whyAway(READY),
    slow: say,
    away(why, button) {
      owed = button;
      say(sayAway(why, button.textContent.trim()), button);
      soon(AGAIN);
    },
    leave() {
      owed = null;
      if (place) place.remove();
    },
  });
  window.addEventListener('online', () => { if (owed) soon(TWICE); });
  window.addEventListener('beforeunload', (event) => { if (owed) event.preventDefault(); });
}

for (const form of document.querySelectorAll('form[method=post]:not([data-caf-draft])')) {
  if (form.querySelector(ASKS)) keep(form);
}
