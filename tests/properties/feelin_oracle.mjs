// Answers one line of JSON for each: {"kind": "expression" | "tests", "text", "context"} -> {"value"} or {"error"}.
// The oracle is found in web/assets/node_modules, the folder given as the first argument.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const found = createRequire(process.argv[2] + '/package.json').resolve('@bpmn-io/feelin/package.json');
const { evaluate, unaryTest } = await import(pathToFileURL(found.replace(/package\.json$/, 'dist/index.js')).href);
const MILLIS = { weeks: 604800000, days: 86400000, hours: 3600000, minutes: 60000, seconds: 1000, milliseconds: 1 };

// Kinds that JSON has no word for are told apart by their first key.
function told(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return { $number: String(value) };
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(told);
  if (value.isLuxonDateTime) return toldMoment(value);
  if (value.isLuxonDuration) return toldDuration(value.toObject());
  if ('start included' in value && 'end included' in value && value.constructor.name === 'Range') {
    return { $range: [value.start, value.end, value['start included'], value['end included']].map(told) };
  }
  if (typeof value === 'function' || value.constructor !== Object) return { $other: true };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, told(each)]));
}

// The offset is null on a clock that nobody placed, which the oracle places in the zone of the machine.
function toldMoment({ year, month, day, hour, minute, second, millisecond, offset, zone }) {
  const placed = zone.type === 'system' ? null : offset * 60;
  return { $moment: [year, month, day, hour, minute, second, millisecond, placed] };
}

function toldDuration(parts) {
  const months = (parts.years ?? 0) * 12 + (parts.quarters ?? 0) * 3 + (parts.months ?? 0);
  const millis = Object.entries(MILLIS).reduce((sum, [unit, size]) => sum + (parts[unit] ?? 0) * size, 0);
  return { $duration: [months, millis] };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, text, context } = JSON.parse(line);
  let answer;
  try {
    answer = { value: told((kind === 'tests' ? unaryTest : evaluate)(text, context).value) };
  } catch (error) {
    answer = { error: String(error.message).slice(0, 200) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
