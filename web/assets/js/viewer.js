// Draws a process diagram with "you are here" in every element like
//
//   <div class="caf-diagram" data-diagram-url="/cases/…/diagram.bpmn" data-diagram-label="Where Sam's case is"
//        data-diagram-current="hold_tac_meeting agree_action_plan" data-diagram-overdue="hold_tac_meeting"
//        data-diagram-done="gather_consent">A sentence for those without JavaScript.</div>
//
// `data-diagram-heat` holds JSON instead of these where the figures of many cases are shown: see `heat`.
//
// `data-diagram-missed` holds ways that are dashed and numbered, in the order of the list beside the drawing.
//
// `data-diagram-added`, `-changed` and `-removed` hold the ids of what differs where two texts are compared.
//
// All of these are BPMN element ids with spaces between. Ids that the diagram does not have are ignored: the
// case may have moved on to a newer version of it.

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

const ZOOM_STEP = 1.25;
// Below this scale the names of the steps are under 11 pixels high.
const READABLE = 0.9;
// Of the window's height, the most that a drawing takes.
const TALLEST = 0.8;
const EDGE = 20;
const MARKERS = {
  current: 'caf-diagram--current', overdue: 'caf-diagram--overdue', done: 'caf-diagram--done',
  added: 'caf-diagram--added', changed: 'caf-diagram--changed', removed: 'caf-diagram--removed',
  missed: 'caf-diagram--missed',
};
const BADGES = {
  current: 'You are here', overdue: 'Overdue', added: 'New', changed: 'Changed', removed: 'Taken out',
};

function ids(container, name) {
  return (container.dataset[name] ?? '').split(/\s+/).filter(Boolean);
}

function marked(container) {
  return {
    current: ids(container, 'diagramCurrent'),
    overdue: ids(container, 'diagramOverdue'),
    done: ids(container, 'diagramDone'),
    added: ids(container, 'diagramAdded'),
    changed: ids(container, 'diagramChanged'),
    removed: ids(container, 'diagramRemoved'),
    missed: ids(container, 'diagramMissed'),
  };
}

/** The words on an element's badge: where the case is comes before how late it is. */
function badges(states) {
  const words = new Map();
  for (const state of Object.keys(BADGES)) {
    for (const id of states[state]) {
      words.set(id, [...(words.get(id) ?? []), BADGES[state]]);
    }
  }
  return words;
}

function badge(words, state) {
  const element = document.createElement('div');
  element.className = state ? `caf-diagram__badge caf-diagram__badge--${state}` : 'caf-diagram__badge';
  element.textContent = words.join(' · ');
  return element;
}

function mark(viewer, states) {
  const registry = viewer.get('elementRegistry');
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  for (const [state, elements] of Object.entries(states)) {
    elements.filter((id) => registry.get(id)).forEach((id) => canvas.addMarker(id, MARKERS[state]));
  }
  for (const [id, words] of badges(states)) {
    // A way is a line: its colour says it, and a word on every line would hide the steps.
    if (registry.get(id) && !registry.get(id).waypoints) {
      const state = ['overdue', 'added', 'changed', 'removed'].find((each) => states[each].includes(id));
      const html = badge(words, state);
      overlays.add(id, { position: { top: -14, left: 8 }, show: { minZoom: 0.3 }, html });
    }
  }
}

/** Done is said by a tick, not by a colour alone, where the page explains it. */
function tick(viewer, done) {
  for (const id of done.filter((each) => viewer.get('elementRegistry').get(each)?.width)) {
    const html = document.createElement('span');
    html.className = 'caf-diagram__tick';
    html.textContent = '✓';
    viewer.get('overlays').add(id, { position: { bottom: 20, right: 20 }, html });
  }
}

/** A way is a line without room for words: each that is missed has the number that it has in the list. */
function number(viewer, ways) {
  const registry = viewer.get('elementRegistry');
  ways.forEach((id, at) => {
    const { waypoints } = registry.get(id) ?? {};
    if (!waypoints) return;
    const [one, other] = longest(waypoints);
    const corner = { x: Math.min(...waypoints.map(({ x }) => x)), y: Math.min(...waypoints.map(({ y }) => y)) };
    const position = { left: (one.x + other.x) / 2 - corner.x - 10, top: (one.y + other.y) / 2 - corner.y - 10 };
    const html = document.createElement('span');
    html.className = 'caf-diagram__number';
    html.textContent = String(at + 1);
    viewer.get('overlays').add(id, { position, show: { minZoom: 0.2 }, html });
  });
}

/** The two ends of the longest part of a line. */
function longest(points) {
  const parts = points.slice(1).map((point, at) => [points[at], point]);
  return parts.reduce((best, part) => (length(part) > length(best) ? part : best));
}

function length([one, other]) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function zoomButton(label, act) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'govuk-button govuk-button--secondary caf-diagram__button';
  button.textContent = label;
  button.addEventListener('click', act);
  return button;
}

function fullScreen(canvas, container) {
  container.addEventListener('fullscreenchange', () => {
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
  });
  return zoomButton('Full screen', () =>
    document.fullscreenElement ? document.exitFullscreen() : container.requestFullscreen());
}

/** Buttons go above the drawing: nothing may cover the bpmn.io logo in its lower right corner. */
function toolbar(viewer, container) {
  const canvas = viewer.get('canvas');
  const bar = document.createElement('div');
  bar.className = 'caf-diagram__toolbar';
  bar.append(
    zoomButton('Zoom in', () => canvas.zoom(canvas.zoom() * ZOOM_STEP)),
    zoomButton('Zoom out', () => canvas.zoom(canvas.zoom() / ZOOM_STEP)),
    zoomButton('Show all', () => canvas.zoom('fit-viewport', 'auto')),
  );
  if (document.fullscreenEnabled) bar.append(fullScreen(canvas, container));
  return bar;
}

function label(container) {
  const svg = container.querySelector('svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', container.dataset.diagramLabel ?? 'Process diagram');
}

/** The middle of an element; a way is a line, of which only the points are known. */
function middle(element) {
  if (element.waypoints) return element.waypoints[Math.floor(element.waypoints.length / 2)];
  return { x: element.x + element.width / 2, y: element.y + element.height / 2 };
}

/** Let the drawing be as high as its words need, and no higher than the window. */
function grow(canvas, element) {
  const needed = canvas.viewbox().inner.height * READABLE + 2 * EDGE;
  const most = window.innerHeight * TALLEST;
  if (needed > element.clientHeight && most > element.clientHeight) {
    element.style.height = `${Math.min(needed, most)}px`;
    canvas.resized();
  }
}

/** Show the whole drawing, or, where its words would be too small to read, where the case is, or where it starts. */
function show(viewer, element, current) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  grow(canvas, element);
  canvas.zoom('fit-viewport', 'auto');
  if (canvas.zoom() >= READABLE) {
    return;
  }
  const found = current.map((id) => registry.get(id)).filter(Boolean);
  const here = found.find((each) => !each.waypoints) ?? found[0];
  const { inner, outer } = canvas.viewbox();
  const [width, height] = [outer.width / READABLE, outer.height / READABLE];
  const at = middle(here ?? first(registry) ?? inner);
  const x = here ? at.x - width / 2 : inner.x - EDGE;
  const [top, lowest] = [inner.y - EDGE, inner.y + inner.height + EDGE - height];
  const y = lowest < top ? (top + lowest) / 2 : Math.min(Math.max(at.y - height / 2, top), lowest);
  canvas.viewbox({ x, y, width, height });
}

/** The leftmost start of the drawing; of several, the highest. */
function first(registry) {
  const starts = registry.filter(({ type, parent }) => type === 'bpmn:StartEvent' && parent?.type !== 'bpmn:SubProcess');
  return starts.sort((one, other) => one.x - other.x || one.y - other.y)[0];
}

/** What waits at each step: {"element id": {words, heat, href}}; heat 1 to 3 darkens the step. */
function heat(viewer, container) {
  const registry = viewer.get('elementRegistry');
  for (const [id, { words, heat: level, href }] of Object.entries(JSON.parse(container.dataset.diagramHeat ?? '{}'))) {
    if (registry.get(id)) {
      if (level) viewer.get('canvas').addMarker(id, `caf-diagram--heat-${level}`);
      const link = document.createElement('a');
      link.className = 'caf-diagram__badge caf-diagram__badge--count';
      link.href = href;
      link.textContent = words;
      viewer.get('overlays').add(id, { position: { top: -14, left: 8 }, show: { minZoom: 0.3 }, html: link });
    }
  }
}

async function source(container) {
  const response = await fetch(container.dataset.diagramUrl, { credentials: 'same-origin' });
  if (!response.ok) {
    throw new Error(`The diagram's address answered ${response.status}`);
  }
  return response.text();
}

function apologise(container) {
  const message = document.createElement('p');
  message.className = 'govuk-body';
  message.textContent = 'The diagram could not be drawn. The list of steps on this page says the same.';
  container.replaceChildren(message);
}

async function draw(container) {
  const xml = await source(container);
  const canvas = document.createElement('div');
  canvas.className = 'caf-diagram__canvas';
  container.replaceChildren(canvas);
  // The wheel belongs to the page; people zoom with the buttons and move by dragging.
  const viewer = new NavigatedViewer({ container: canvas, zoomScroll: { enabled: false } });
  await viewer.importXML(xml);
  const states = marked(container);
  // Where many cases wait is told by the whole.
  if ('diagramHeat' in container.dataset && !states.current.length) viewer.get('canvas').zoom('fit-viewport', 'auto');
  else show(viewer, canvas, [...states.current, ...states.added, ...states.changed, ...states.removed]);
  mark(viewer, states);
  number(viewer, states.missed);
  if ('diagramTicks' in container.dataset) tick(viewer, states.done);
  heat(viewer, container);
  label(container);
  container.prepend(toolbar(viewer, container));
  container.dataset.diagramReady = 'true';
}

function begin(container) {
  draw(container).catch((error) => {
    console.error(error);
    apologise(container);
  });
}

for (const container of document.querySelectorAll('[data-diagram-url]')) {
  const folded = container.closest('details:not([open])');
  if (folded) {
    // What cannot be seen has no size to be fitted into, and may never be looked at.
    folded.addEventListener('toggle', () => begin(container), { once: true });
  } else {
    begin(container);
  }
}
