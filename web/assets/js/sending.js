// A button pressed while the service is away would leave for the browser's own page, and what was typed with it: the
// service is found first, and the form is then sent as without a script.

const SLOW = 2000; // after which a pressed button says that it is waiting
const LONGEST_WAIT = 10000; // for the service, once somebody has pressed a button
export const TWICE = 1100; // within a second, a button pressed again is taken for a double click and does nothing
export const AGAIN = 8000; // after a failure
export const UNCONNECTED = 'there is no connection';
export const SILENT = 'the service does not answer';

/** Return why the service cannot be reached at an address of its own, '' when it can. */
export async function whyAway(address) {
  try {
    const answer = await fetch(address, { credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'application/json' } });
    return answer.status < 500 ? '' : SILENT;
  } catch {
    return UNCONNECTED;
  }
}

/** Say that a button did nothing, and why. */
export function sayAway(why, words) {
  return `Not done: ${why}. What you typed is kept on this page: do not close it. This page says when to press “${words}” again.`;
}

/**
 * Send a form once the service is found. `find` returns why it is not, or ''; `away` is told that and the button,
 * `slow` that it takes long, and `leave` that the form goes.
 */
export function sendOnceFound(form, { find, away, slow, leave = () => {} }) {
  let asking = false;
  let found = false;

  async function press(button) {
    asking = true;
    const tell = window.setTimeout(() => slow('Sending what you typed. It takes longer than it should.', button), SLOW);
    const late = new Promise((done) => { window.setTimeout(done, LONGEST_WAIT, SILENT); });
    const why = await Promise.race([find(), late]);
    window.clearTimeout(tell);
    asking = false;
    if (why) {
      away(why, button);
    } else {
      found = true;
      form.requestSubmit(button);
      found = false;
    }
  }

  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    if (found || !form.requestSubmit) {
      leave();
    } else {
      event.preventDefault();
      if (!asking) press(event.submitter);
    }
  });
}
