// Ids are made of names: a step called "Approve the plan" becomes approve_the_plan. An id follows the name while its element
// is new on this page; once the page is opened anew it stays, since plays, scenarios and running cases go by it.

import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';

import { RANDOM, free, slug } from './slugs.js';

const NAMED = ['bpmn:FlowNode', 'bpmn:Lane', 'bpmn:Participant'];
const CHANGES = ['element.updateLabel', 'element.updateProperties', 'element.updateModdleProperties', 'shape.create', 'connection.create'];

class Ids {
  constructor(eventBus, modeling, moddle) {
    Object.assign(this, { modeling, moddle, given: new WeakMap() });
    for (const change of CHANGES) {
      eventBus.on(`commandStack.${change}.postExecuted`, ({ context }) => this.follow(context));
    }
  }

  follow({ element, shape, connection, moddleElement }) {
    const changed = (element ?? shape ?? connection)?.labelTarget ?? element ?? shape ?? connection;
    if (!changed || (moddleElement && moddleElement !== changed.businessObject)) return;
    if (isAny(changed, NAMED)) this.name(changed, slug(changed.businessObject.name, 'step'));
    const flows = is(changed, 'bpmn:SequenceFlow') ? [changed] : [...(changed.incoming ?? []), ...(changed.outgoing ?? [])];
    flows.filter((flow) => is(flow, 'bpmn:SequenceFlow')).forEach((flow) => this.nameFlow(flow));
  }

  nameFlow(flow) {
    const ends = [flow.source, flow.target].map((each) => each?.businessObject.id);
    if (ends.every((id) => id && !RANDOM.test(id))) this.name(flow, ends.join('_to_'));
  }

  name(element, wanted) {
    const own = element.businessObject;
    if (!wanted || !(RANDOM.test(own.id) || this.given.get(own) === own.id)) return;
    const id = free(wanted, (each) => each !== own.id && this.moddle.ids.assigned(each));
    this.given.set(own, id);
    if (id !== own.id) this.modeling.updateProperties(element, { id });
  }
}
Ids.$inject = ['eventBus', 'modeling', 'moddle'];

export default { __init__: ['cafIds'], cafIds: ['type', Ids] };
