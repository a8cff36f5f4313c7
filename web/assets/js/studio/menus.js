// What may be drawn: the palette, the menu beside a shape and the menu of kinds offer only what the engine runs.

const PALETTE = new Set([
  'create',
  'hand-tool', 'lasso-tool', 'space-tool', 'global-connect-tool', 'tool-separator', 'create.start-event', 'create.end-event',
  'create.exclusive-gateway', 'create.subprocess-expanded', 'create.participant-expanded',
]);

// After a gateway that waits for events, and beside a boundary, more is offered than runs.
const NOT_BESIDE = new Set([
  'append.condition-intermediate-event', 'append.signal-intermediate-event', 'append.compensation-activity', 'append.append-task',
  'append.intermediate-event',
]);

// Kinds to change into, by the ending of their names: `replace-with-user-task`.
const KINDS = new Set([
  'none-start', 'message-start', 'none-end', 'message-end', 'error-end', 'escalation-end', 'terminate-end',
  'none-intermediate-throw', 'none-intermediate-throwing', 'message-intermediate-catch', 'message-intermediate-throw',
  'timer-intermediate-catch', 'escalation-intermediate-throw',
  'message-boundary', 'timer-boundary', 'error-boundary', 'escalation-boundary',
  'non-interrupting-message-boundary', 'non-interrupting-timer-boundary', 'non-interrupting-escalation-boundary',
  'exclusive-gateway', 'parallel-gateway', 'inclusive-gateway', 'event-based-gateway',
  'user-task', 'manual-task', 'service-task', 'send-task', 'receive-task', 'rule-task', 'business-rule-task', 'call-activity',
  'subprocess', 'collapsed-subprocess', 'expanded-subprocess',
  'sequence-flow', 'default-flow', 'conditional-flow', 'expanded-pool', 'collapsed-pool',
]);
const HEADERS = new Set(['toggle-parallel-mi', 'toggle-sequential-mi', 'toggle-loop', 'toggle-participant-multiplicity']);

const TASKS = [
  ['user-task', 'bpmn:UserTask', 'bpmn-icon-user-task', 'a task for a person'],
  ['service-task', 'bpmn:ServiceTask', 'bpmn-icon-service-task', 'a step that the service does'],
  ['rule-task', 'bpmn:BusinessRuleTask', 'bpmn-icon-business-rule-task', 'a decision by the rules'],
];

function kept(entries, allowed) {
  return Object.fromEntries(Object.entries(entries).filter(([id]) => allowed(id)));
}

class Palette {
  constructor(palette, create, elementFactory) {
    this.create = create;
    this.elementFactory = elementFactory;
    palette.registerProvider(500, this);
  }

  getPaletteEntries() {
    const entry = (group, type, className, title, more = {}) => {
      const start = (event) => this.create.start(event, this.elementFactory.createShape({ type, ...more }));
      return { group, className, title: `Draw ${title}`, action: { dragstart: start, click: start } };
    };
    const own = Object.fromEntries(TASKS.map(([id, type, icon, title]) => [`create.${id}`, entry('activity', type, icon, title)]));
    own['create.call-activity'] = entry('activity', 'bpmn:CallActivity', 'bpmn-icon-call-activity', 'a call of another diagram');
    own['create.timer'] = entry('event', 'bpmn:IntermediateCatchEvent', 'bpmn-icon-intermediate-event-catch-timer', 'a wait for a time', {
      eventDefinitionType: 'bpmn:TimerEventDefinition',
    });
    return (entries) => ({ ...kept(entries, (id) => PALETTE.has(id)), ...own });
  }
}
Palette.$inject = ['palette', 'create', 'elementFactory'];

class Beside {
  constructor(contextPad, autoPlace, elementFactory, create) {
    Object.assign(this, { autoPlace, elementFactory, create });
    contextPad.registerProvider(500, this);
  }

  getContextPadEntries(source) {
    return (entries) => {
      const appends = 'append.append-task' in entries;
      const rest = kept(entries, (id) => !NOT_BESIDE.has(id));
      return appends ? { ...this.tasks(source), ...rest } : rest;
    };
  }

  tasks(source) {
    const entry = ([id, type, className, title]) => {
      const make = () => this.elementFactory.createShape({ type });
      const drag = (event) => this.create.start(event, make(), { source });
      return [`append.${id}`, { group: 'model', className, title: `Add ${title}`, action: { dragstart: drag, click: () => this.autoPlace.append(source, make()) } }];
    };
    return Object.fromEntries(TASKS.map(entry));
  }
}
Beside.$inject = ['contextPad', 'autoPlace', 'elementFactory', 'create'];

/** Ids begin with replace-with-, create- or append-, or with both of them. */
function runs(id) {
  const kind = id.replace(/^(create|append)-/, '').replace(/^replace-with-/, '').replace(/-(start|end)-event$/, '-$1').replace(/-event$/, '');
  return KINDS.has(kind);
}

class Kinds {
  constructor(popupMenu) {
    for (const menu of ['bpmn-replace', 'bpmn-create', 'bpmn-append']) popupMenu.registerProvider(menu, 500, this);
  }

  getPopupMenuEntries() {
    return (entries) => kept(entries, runs);
  }

  getPopupMenuHeaderEntries() {
    return (entries) => kept(entries, (id) => HEADERS.has(id));
  }
}
Kinds.$inject = ['popupMenu'];

export default {
  __init__: ['cafPalette', 'cafBeside', 'cafKinds'],
  cafPalette: ['type', Palette],
  cafBeside: ['type', Beside],
  cafKinds: ['type', Kinds],
};
