// Answers one line of JSON for each: {"kind": "expression" | "tests", "text", "context"} -> {"value"} or {"error"}.
// The oracle is found in web/assets/node_modules, the folder given as the first argument.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const found = createRequire(process.argv[2] + '/package.json').resolve('@bpmn-io/feelin/package.json');
const { evaluate, unaryTest } = await import(pathToFileURL(found.replace(/package\.json$/, 'dist/index.js')).href);

// Kinds that JSON has no word for are told apart by their first key.
function told(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return { $number: String(value) };
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(told);
  if (typeof value === 'function') return { $other: 'function' };
  if (value.isLuxonDateTime || value.isLuxonDuration) return { $temporal: value.toISO() };
  if (value.constructor !== Object) return { $other: value.constructor.name };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, told(each)]));
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
