// A decision that is drawn gets its id from its name while it is new on this page: tasks of diagrams go by it afterwards.

import { RANDOM, free, slug } from './slugs.js';

class DecisionIds {
  constructor(eventBus, modeling, elementRegistry) {
    const given = new WeakMap();
    eventBus.on(['commandStack.element.updateLabel.postExecuted', 'commandStack.element.updateProperties.postExecuted'], ({ context: { element } }) => {
      const own = element.businessObject;
      const words = slug(own.name, 'decision');
      if (!words || !(RANDOM.test(own.id) || given.get(own) === own.id)) return;
      const id = free(words, (each) => each !== own.id && elementRegistry.get(each));
      given.set(own, id);
      if (id !== own.id) modeling.updateProperties(element, { id });
    });
  }
}
DecisionIds.$inject = ['eventBus', 'modeling', 'elementRegistry'];

export default { __init__: ['cafDecisionIds'], cafDecisionIds: ['type', DecisionIds] };
