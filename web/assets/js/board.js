// Brings a board up to date by itself, where one looks at it: each minute, or as often as the board says, its part of the
// page is asked for again and put in place of the old one. Whoever is typing, has a menu open or looks elsewhere is left
// alone. The page works without.

const board = document.querySelector('[data-caf-board]');
const EVERY = Number(board?.dataset.cafEvery) || 60000;

function busy() {
  const at = document.activeElement;
  return document.hidden || (at && at.matches('input, select, textarea'));
}

// The place in the page is kept by the row that stands at the top of the window, wherever it has moved to.
function anchor() {
  return [...board.querySelectorAll('li[id]')].find((row) => row.getBoundingClientRect().bottom > 0);
}

async function refresh() {
  if (busy()) return;
  const answer = await fetch(window.location.href, { credentials: 'same-origin', headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  if (answer.redirected) {
    // The page has become empty: the children who were on it are on the one before. Nobody is sent to sign in unasked.
    if (new URL(answer.url).pathname === window.location.pathname) window.location.replace(answer.url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('[data-caf-board]');
  if (busy()) return;
  if (!fresh) {
    // What was under way has ended, and there is something to choose now.
    window.location.reload();
    return;
  }
  const row = anchor();
  const [id, top] = row ? [row.id, row.getBoundingClientRect().top] : [null, 0];
  const link = board.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  const folds = [...board.querySelectorAll('details[id]')].map((each) => [each.id, each.open]);
  board.replaceChildren(...fresh.childNodes);
  for (const [id, open] of folds) document.getElementById(id)?.toggleAttribute('open', open);
  if (link) [...board.querySelectorAll('a')].find((each) => each.getAttribute('href') === link)?.focus({ preventScroll: true });
  const same = id && document.getElementById(id);
  if (same) window.scrollBy(0, same.getBoundingClientRect().top - top);
}

if (board && window.fetch && window.DOMParser) {
  window.setInterval(() => refresh().catch(() => {}), EVERY);
}
