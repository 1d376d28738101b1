// Asks the engine in WebAssembly: the module, a scenario's file, then a file with an ask a line; prints the answers.
import { readFileSync } from "node:fs";

const [module, scenario, asks] = process.argv.slice(2);
const compiled = await WebAssembly.compile(readFileSync(module));
// It needs nothing from outside: whatever a crate would import is never called.
const imports = {};
for (const { module: from, name, kind } of WebAssembly.Module.imports(compiled)) {
  if (kind !== "function") throw new Error(`it imports the ${kind} ${from}.${name}`);
  (imports[from] ??= {})[name] = () => { throw new Error(`it calls ${from}.${name}`); };
}
const { memory, room, text, open, ask } = (await WebAssembly.instantiate(compiled, imports)).exports;

function told(call, words) {
  const bytes = new TextEncoder().encode(words);
  // The memory may grow with each call, and its buffer is another one then.
  const at = room(bytes.length);
  new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
  const [length, from] = [call(), text()];
  return new TextDecoder().decode(new Uint8Array(memory.buffer, from, length));
}

console.log(told(open, readFileSync(scenario, "utf8")));
for (const line of readFileSync(asks, "utf8").trimEnd().split("\n")) console.log(told(ask, line));
