// bpmn-js 18 writes of a plane only what it drew: shapes of what stands in no pool would be gone after the first save.
// What was not drawn is remembered when a file is opened, and written again behind the rest.

import { getDi } from 'bpmn-js/lib/util/ModelUtil';
import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';

class Undrawn {
  constructor(eventBus, canvas) {
    this.canvas = canvas;
    this.kept = new Map();
    eventBus.on('import.done', () => this.remember());
    // After bpmn-js has put in order what it drew, which it does at 2000.
    eventBus.on('saveXML.start', 1900, () => this.putBack());
  }

  planes() {
    return this.canvas.getRootElements().map((root) => {
      const drawn = selfAndAllChildren([root], false).filter((each) => each !== root && !each.labelTarget).map(getDi);
      return [getDi(root), new Set(drawn)];
    }).filter(([plane]) => plane);
  }

  remember() {
    const all = this.planes();
    const drawn = new Set(all.flatMap(([, own]) => [...own]));
    this.kept = new Map(all.map(([plane]) => [plane, (plane.get('planeElement') ?? []).filter((each) => !drawn.has(each))]));
  }

  putBack() {
    for (const [plane] of this.planes()) {
      const left = this.kept.get(plane) ?? [];
      if (left.length) plane.set('planeElement', [...plane.get('planeElement'), ...left.filter((each) => !plane.get('planeElement').includes(each))]);
    }
  }
}
Undrawn.$inject = ['eventBus', 'canvas'];

export default { __init__: ['cafUndrawn'], cafUndrawn: ['type', Undrawn] };
