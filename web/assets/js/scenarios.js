// Tries scenarios behind a page, one after the other, and says how far that is: the page works without, by a link.

/** Ask until everything is tried; `tell` gets each answer. Whoever calls `stop` hears no more. */
export function tryScenarios(address, tell) {
  const asked = new AbortController();
  const wanted = new URL(address, window.location.href);
  wanted.searchParams.set('try', 'yes');

  async function go() {
    for (;;) {
      const answer = await fetch(wanted, { credentials: 'same-origin', headers: { Accept: 'application/json' }, signal: asked.signal });
      if (!answer.ok || !(answer.headers.get('Content-Type') ?? '').includes('json')) throw new Error(`${answer.status}`);
      const told = await answer.json();
      if (asked.signal.aborted) return;
      tell(told);
      if (told.done) return;
    }
  }

  go().catch((error) => {
    if (!asked.signal.aborted) {
      console.error(error);
      tell({ said: ['Scenarios could not be tried just now.'], done: true, failed: true, state: 'warning', asks_why: false });
    }
  });
  return { stop: () => asked.abort() };
}

/** Write how far it is: sentences, of which one that something speaks against stands out. */
export function writeScenarios(place, told) {
  place.replaceChildren(...told.said.map((line, number) => {
    const said = document.createElement('p');
    said.className = 'govuk-body govuk-!-text-break-word';
    const stands = told.state === 'warning' && number === 0 ? said.appendChild(document.createElement('strong')) : said;
    stands.textContent = line;
    return said;
  }), ...wayOn(told, 'govuk-body'));
}

/** Where to go on, for whoever may mend a scenario. */
export function wayOn(told, className) {
  return (told.ways ?? []).map(([href, textContent]) => {
    const said = document.createElement('p');
    said.className = className;
    Object.assign(said.appendChild(document.createElement('a')), { className: 'govuk-link', href, textContent });
    return said;
  });
}

for (const place of document.querySelectorAll('[data-caf-scenarios]')) {
  document.querySelectorAll('[data-caf-scenarios-ask]').forEach((each) => { each.hidden = true; });
  tryScenarios(place.dataset.cafScenarios, (told) => {
    writeScenarios(place, told);
    document.querySelectorAll('[data-caf-scenarios-why]').forEach((each) => { each.hidden = !told.asks_why; });
    // A page that shows each of them asks for itself again once all are tried.
    if (told.done && !told.failed && told.state !== 'nothing' && 'cafScenariosAfter' in place.dataset) window.location.reload();
  });
}
