// Sends what somebody does to the playground, and shows what it says. No rule of Kubernetes is in here, and nothing leaves
// this machine: a link holds all behind its `#`, which browsers do not send.
"use strict";

const at = (id) => document.getElementById(id);
const base = location.pathname.replace(/[^/]*$/, "");
const state = { tab: 0, view: null, chosen: null, file: "", past: false, typed: [], recall: 0, leaves: false };

/* Talking to the playground: one ask after the other. */

async function post(path, body) {
  const answer = await fetch(base + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status === 410) throw new Gone((await answer.text()).trim());
  if (!answer.ok) throw new Error((await answer.text()).trim() || `the server answers ${answer.status}`);
  return answer.json();
}

/// The cluster of this tab is there no more.
class Gone extends Error {}

let turn = Promise.resolve();
function queue(work) {
  const done = turn.then(() => busily(work));
  turn = done.catch(() => {});
  return done;
}

/// Does something; where it takes its time the page says so.
async function busily(work) {
  const busy = (on) => {
    at("busy").hidden = !on;
    at("main").setAttribute("aria-busy", String(on));
  };
  const slow = setTimeout(busy, 300, true);
  try {
    return await work();
  } finally {
    clearTimeout(slow);
    busy(false);
  }
}

/// Asks; what went wrong stands above the page.
function ask(body) {
  return queue(async () => {
    let answer;
    let told = "";
    try {
      answer = await post(`tabs/${state.tab}`, body);
    } catch (error) {
      if (!(error instanceof Gone)) throw new Error(`${error.message || error}: is kubeverdict still running?`);
      // The tab made room for others: it goes on from the scenario as it was last.
      told = `${error.message}. It goes on from its scenario; what could be undone is forgotten.`;
      await opened(await post("tabs", state.file ? { scenario: state.file } : {}));
      answer = await post(`tabs/${state.tab}`, body);
    }
    notice(told);
    if (answer.is === "view") show(answer);
    if (answer.is === "said") show(answer.view);
    return answer;
  }).catch((error) => {
    notice(error.message);
    return { is: "failed" };
  });
}

function notice(text) {
  const place = at("notice");
  place.hidden = !text;
  place.replaceChildren(...coded(text));
}

function wrong(answer) {
  if (answer.is !== "refused") return false;
  notice(words(answer));
  return true;
}

const words = (wrong) => (wrong.line ? `line ${wrong.line}: ` : "") + wrong.message + (wrong.hint ? ` (${wrong.hint})` : "");

/* Small parts of the page. */

function make(name, properties, ...inside) {
  const { dataset, ...others } = properties ?? {};
  const element = Object.assign(document.createElement(name), others);
  Object.assign(element.dataset, dataset);
  element.append(...inside);
  return element;
}

/// Text in which `this` is code.
function coded(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

function sign(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `sign sign-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("viewBox", "0 0 16 16");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#sign-${name}`);
  svg.append(use);
  return svg;
}

const PHRASES = {
  200: "OK", 201: "Created", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
  405: "Not Allowed", 409: "Conflict", 410: "Gone", 415: "Unsupported", 422: "Invalid", 429: "Too Many", 500: "Error", 503: "Unavailable",
};

/// How something ended; plain where another word beside it says whether that is good.
function ended(text, refused, plain = false) {
  const phrase = PHRASES[text];
  const name = refused ? "no" : "ok";
  const shown = make("span", { className: plain ? "verdict" : `verdict verdict-${name}` }, ...(plain ? [] : [sign(name)]), make("strong", {}, text));
  if (phrase) shown.append(` ${phrase}`);
  return shown;
}

/* How all is. */

function show(view) {
  const before = state.view;
  state.view = view;
  at("title").textContent = view.title;
  document.title = `${view.title} · kubeverdict play`;
  at("undo").disabled = !view.undo;
  at("redo").disabled = !view.redo;
  const versions = at("version");
  if (versions.length !== view.versions.length) {
    versions.replaceChildren(...view.versions.toReversed().map((version) => make("option", { value: version }, version)));
  }
  versions.value = view.version;
  if (document.activeElement !== at("seed")) at("seed").value = view.seed;
  at("prompt").textContent = view.prompt;
  at("clock").textContent = view.passed;
  at("fork").textContent = view.forks ? "Drop the fork" : "Fork: what if";
  at("fork").setAttribute("aria-pressed", String(view.forks > 0));
  const editor = at("manifests");
  if (view.manifests !== undefined && editor.value !== view.manifests) editor.value = view.manifests;
  marks(view);
  leavePast(view);
  rows(view.rows, before?.rows);
  lesson(view);
  at("broken").replaceChildren(...view.broken.map((text) => make("li", {}, sign("no"), text)), ...view.notes.map((text) => make("li", {}, `Note: ${text}`)));
  refresh();
  remember();
}

/* The editor. */

const LINES = 20000;
let pending = null;

function edit() {
  const begun = performance.now();
  const first = pending === null;
  pending = at("manifests").value;
  number();
  if (!first) return;
  // While one edit is judged others become one.
  queue(() => {}).then(async () => {
    const manifests = pending;
    pending = null;
    await ask({ ask: "edit", manifests });
    performance.measure("edit", { start: begun, end: performance.now() });
  });
}

function number() {
  const numbers = at("numbers");
  const wanted = Math.min(at("manifests").value.split("\n").length, LINES);
  const marked = new Map();
  for (const mark of state.view?.marks ?? []) {
    if (mark.error || !marked.has(mark.line)) marked.set(mark.line, mark.error ? "b" : "i");
  }
  // Lines are counted with every key: nothing is drawn that stands there.
  const drawn = `${wanted} ${JSON.stringify([...marked])}`;
  if (state.numbers === drawn) return;
  state.numbers = drawn;
  const parts = [];
  let plain = "";
  for (let line = 1; line <= wanted; line += 1) {
    const name = marked.get(line);
    if (name) {
      parts.push(plain, make(name, {}, `${name === "b" ? "✕" : "!"} ${line}\n`));
      plain = "";
    } else {
      plain += `${line}\n`;
    }
  }
  parts.push(plain);
  numbers.replaceChildren(...parts);
  numbers.scrollTop = at("manifests").scrollTop;
}

function marks(view) {
  const errors = view.marks.filter((mark) => mark.error).length;
  const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
  const told = [count(view.documents, "object")];
  if (errors) told.push(count(errors, "error"));
  if (view.marks.length > errors) told.push(count(view.marks.length - errors, "warning"));
  at("marks-count").textContent = told.join(", ");
  at("manifests").setAttribute("aria-invalid", String(errors > 0));
  at("marks").replaceChildren(...view.marks.slice(0, 100).map((mark) => {
    const item = make("li", {}, sign(mark.error ? "no" : "controller"), place(mark.line), make("span", {}, ...coded(`${mark.error ? "" : "warning: "}${mark.message}`)));
    if (mark.hint) item.append(make("span", { className: "hint" }, ...coded(` (${mark.hint})`)));
    if (mark.refused) {
      const why = make("button", { type: "button", className: "explain" }, "Why?");
      why.addEventListener("click", () => explain({ document: mark.document }, `line ${mark.line}`));
      item.append(" ", why);
    }
    return item;
  }));
  number();
}

function place(line) {
  const button = make("button", { type: "button", className: "place" }, `line ${line}`);
  button.addEventListener("click", () => goTo(line));
  return button;
}

function goTo(line) {
  const editor = at("manifests");
  const lines = editor.value.split("\n");
  const begin = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(begin, begin + (lines[line - 1] ?? "").length);
  editor.scrollTop = Math.max(0, (line - 4) * (editor.scrollHeight / lines.length));
}

let touching = 0;
/// In a long text what is about to be edited is made ready.
function touch() {
  if ((state.view?.documents ?? 0) <= 40) return;
  clearTimeout(touching);
  touching = setTimeout(() => {
    const editor = at("manifests");
    const line = editor.value.slice(0, editor.selectionStart).split("\n").length;
    if (state.touched !== line) ask({ ask: "touch", line: state.touched = line });
  }, 150);
}

/* The questions. */

const CODES = ["", "200", "201", "401", "403", "404", "409", "422"];

function asked() {
  return [...at("rows").children].map((row) => {
    const [who, what, expected] = row.querySelectorAll("input, select");
    return { who: who.value, what: what.value, expected: expected.value ? Number(expected.value) : null };
  });
}

const same = (one, other) => one.who === other.who && one.what === other.what && (one.expected ?? null) === (other.expected ?? null);

function rows(told, before) {
  const body = at("rows");
  const shown = asked();
  if (shown.length !== told.length || !shown.every((row, index) => same(row, told[index]))) {
    // Whoever writes in one goes on writing.
    const writing = body.contains(document.activeElement) && shown.length === told.length;
    if (!writing) body.replaceChildren(...told.map(row));
  }
  let flipped = 0;
  told.forEach((question, index) => {
    const line = body.children[index];
    const flips = Boolean(before?.[index]) && before[index].ended !== question.ended && same(before[index], question);
    flipped += flips ? 1 : 0;
    line.classList.toggle("flipped", flips);
    verdict(line, question, index);
  });
  at("unasked").hidden = told.length > 0;
  body.parentElement.hidden = !told.length;
  const expecting = told.filter((question) => question.fine !== null);
  const fine = expecting.filter((question) => question.fine).length;
  at("score").textContent = expecting.length ? `${fine} of ${expecting.length} as expected` : "";
  say(before && flipped ? `${flipped} verdict${flipped === 1 ? "" : "s"} changed; ${at("score").textContent}` : at("score").textContent);
}

function verdict(line, question, index) {
  const cell = line.firstElementChild;
  line.classList.toggle("agrees", question.fine === true);
  line.classList.toggle("differs", question.fine === false || question.wrong !== null);
  line.classList.toggle("chosen", chosen()?.question === index);
  const refused = question.code !== null ? question.code >= 400 : question.ended.startsWith("exit");
  const plain = question.fine !== null;
  const inside = [];
  if (question.wrong) inside.push(make("span", { className: "says wrong" }, sign("no"), ...coded(words(question.wrong))));
  else if (question.ended) inside.push(ended(question.ended, refused, plain));
  else inside.push(make("span", { className: "says" }, "ask something"));
  if (question.fine === false) inside.push(make("span", { className: "says no" }, sign("no"), `expected ${question.expected}`));
  if (question.fine === true) inside.push(make("span", { className: "says ok" }, sign("ok"), "as expected"));
  cell.replaceChildren(...inside);
  cell.title = question.message || question.verdict;
  // A field shows as much of it as there is room for.
  line.children[2].firstElementChild.title = question.what;
  line.querySelector(".explain").disabled = question.code === null;
}

function row(question, index) {
  const number = index + 1;
  const who = make("input", { value: question.who, placeholder: question.what.startsWith("in ") ? "the pod" : "alice", ariaLabel: `Who asks question ${number}`, autocomplete: "off", spellcheck: false });
  const what = make("input", { value: question.what, placeholder: "kubectl get pods -n shop", ariaLabel: `What question ${number} asks`, autocomplete: "off", spellcheck: false });
  what.setAttribute("list", "whats");
  const codes = CODES.concat(question.expected && !CODES.includes(String(question.expected)) ? [String(question.expected)] : []);
  const expected = make("select", { ariaLabel: `What is expected of question ${number}` }, ...codes.map((code) => make("option", { value: code }, code || "any")));
  expected.value = question.expected ?? "";
  const why = make("button", { type: "button", className: "explain", ariaLabel: `Why question ${number} comes out so` }, "Why");
  why.addEventListener("click", () => explain({ question: [...at("rows").children].indexOf(line) }, `question ${number}`));
  const remove = make("button", { type: "button", className: "remove", ariaLabel: `Remove question ${number}`, title: "Remove" }, "✕");
  remove.addEventListener("click", () => {
    const left = asked().filter((_, other) => other !== [...at("rows").children].indexOf(line));
    choose(null);
    send(left).then(() => at("ask").focus());
  });
  const line = make("tr", { id: `play-question-${number}` }, make("td", {}), make("td", {}, who), make("td", {}, what), make("td", {}, expected), make("td", {}, why, " ", remove));
  return line;
}

const send = (questions) => ask({ ask: "questions", questions }).then(wrong);

let sending = 0;
function sendSoon() {
  clearTimeout(sending);
  sending = setTimeout(() => send(asked()), 120);
}

/* Why. */

const chosen = () => state.chosen?.of;

function choose(of, label) {
  state.chosen = of ? { of, label } : null;
  at("why").hidden = !of;
  [...at("rows").children].forEach((line, index) => line.classList.toggle("chosen", of?.question === index));
}

async function explain(of, label) {
  choose(of, label);
  if (await explained()) {
    at("why-title").focus({ preventScroll: true });
    // The answer begins where it can be read, and the question stays in sight.
    const below = at("why").getBoundingClientRect().top - innerHeight * 0.45;
    if (below > 0) scrollBy({ top: below });
  }
}

/// What is told of the chosen one; it follows what changes.
async function explained() {
  const { of, label } = state.chosen;
  const answer = await ask({ ask: "explain", of });
  if (!state.chosen || state.chosen.of !== of) return false;
  if (answer.is !== "explained") {
    choose(null);
    return false;
  }
  at("why-title").textContent = `Why: ${label}`;
  at("explained").innerHTML = answer.html;
  at("explained").querySelectorAll(".cures > ol > li").forEach((item, cure) => {
    const button = make("button", { type: "button", className: "apply" }, "Apply this");
    button.setAttribute("aria-label", `Apply cure ${cure + 1}: ${item.querySelector("strong")?.textContent ?? ""}`);
    button.addEventListener("click", async () => {
      if (wrong(await ask({ ask: "cure", of, cure }))) return;
      at("why-title").focus({ preventScroll: true });
    });
    item.querySelector("p").after(button);
  });
  for (const source of at("explained").querySelectorAll(".source")) {
    const line = source.textContent.match(/manifests:(\d+)/)?.[1];
    if (line) source.replaceChildren(" ", place(Number(line)));
  }
  return true;
}

/* The terminal. */

function print(className, text) {
  const log = at("log");
  const shown = text.replace(/\n$/, "");
  log.append(make("pre", { className }, ...(className === "typed" || className === "aside" ? whole(shown) : [shown])));
  while (log.children.length > 500) log.firstElementChild.remove();
  log.scrollTop = log.scrollHeight;
}

/// A line whose words with a hyphen are not torn apart where it ends.
function whole(text) {
  return text.split(/(\S*-\S*)/).map((part, index) => (index % 2 ? make("span", { className: "whole" }, part) : part));
}

async function type(line) {
  print("typed", at("prompt").textContent + line);
  if (line.trim()) state.typed.push(line);
  state.recall = state.typed.length;
  const answer = await ask({ ask: "type", line });
  if (answer.is === "refused") print("error", `error: ${words(answer)}`);
  if (answer.is === "view") print("aside", line.trim() === "undo" ? "undone" : "done");
  for (const { tone, text } of answer.told ?? []) print(tone, text);
}

/// Whether a line goes on: a here-document whose last line is missing, or a backslash.
function open(line) {
  if (line.endsWith("\\")) return true;
  const word = line.match(/<<-?\s*(['"]?)(\w+)\1/)?.[2];
  return word !== undefined && !line.split("\n").slice(1).some((other) => other.trim() === word);
}

async function complete() {
  const line = at("line");
  const before = line.value.slice(0, line.selectionStart);
  const answer = await ask({ ask: "complete", line: before });
  if (answer.is !== "completed") return;
  const kept = new TextDecoder().decode(new TextEncoder().encode(before).slice(0, answer.from));
  let common = answer.words[0] ?? "";
  for (const word of answer.words) while (!word.startsWith(common)) common = common.slice(0, -1);
  const only = answer.words.length === 1 && !/[/=]$/.test(common);
  if (answer.words.length && (kept + common).length >= before.length) {
    line.setRangeText(kept + common + (only ? " " : ""), 0, before.length, "end");
  }
  at("completions").textContent = answer.words.length > 1 ? answer.words.slice(0, 60).join("  ") : "";
  if (!answer.words.length) at("completions").textContent = "nothing to complete";
}

function keys(event) {
  const line = at("line");
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !open(line.value)) {
    event.preventDefault();
    at("typing").requestSubmit();
  } else if (event.key === "Tab" && !event.shiftKey && line.value.trim() && !state.leaves) {
    event.preventDefault();
    complete();
  } else if (event.key === "Escape") {
    state.leaves = true;
  } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !line.value.includes("\n")) {
    const next = state.recall + (event.key === "ArrowUp" ? -1 : 1);
    if (next < 0 || next > state.typed.length) return;
    event.preventDefault();
    state.recall = next;
    line.value = state.typed[next] ?? "";
  }
  if (event.key !== "Escape" && event.key !== "Tab") state.leaves = false;
}

/* The lesson. */

function fill(element, html) {
  element.innerHTML = html ?? "";
}

function lesson(view) {
  const told = view.lesson;
  const panel = at("lesson");
  panel.hidden = !told;
  // Whoever has something to do types it beside the task.
  const home = told?.exercise ? at("verdicts") : at("model");
  at("main").classList.toggle("has-task", Boolean(told?.exercise));
  if (at("terminal").parentElement !== home) {
    if (told?.exercise) home.prepend(at("terminal"));
    else home.append(at("terminal"));
  }
  if (!told) return;
  const { exercise } = told;
  at("lesson-title").textContent = exercise ? "Lesson" : "What this is";
  if (state.about !== told.about) fill(at("about"), state.about = told.about);
  at("exercise").hidden = !exercise;
  if (exercise) {
    if (state.task !== exercise.task) {
      fill(at("task"), state.task = exercise.task);
      at("hint").hidden = !exercise.hint;
      fill(at("hint").querySelector("div"), exercise.hint);
      at("solution").querySelector("pre").textContent = exercise.solution.join("\n");
    }
    at("checks").replaceChildren(...exercise.checks.map((check, index) => {
      const fine = !check.failures.length;
      const item = make("li", {}, sign(fine ? "ok" : "no"), make("strong", {}, check.name), ` ${fine ? "as it must be" : "not yet"}`);
      item.append(make("span", { className: "says" }, fine ? ` (${check.ended})` : `: ${check.failures.join("; ")} `));
      if (!fine) {
        const why = make("button", { type: "button", className: "explain", ariaLabel: `Why: ${check.name}` }, "Why?");
        why.addEventListener("click", () => explain({ check: index }, check.name));
        item.append(why);
      }
      return item;
    }));
    const left = exercise.checks.filter((check) => check.failures.length).length;
    const solved = exercise.solved ? "Solved. Every line of the check comes out as it must." : `${left} of ${exercise.checks.length} to go`;
    if (at("solved").textContent !== solved) {
      at("solved").replaceChildren(...(exercise.solved ? [sign("ok")] : []), solved);
      if (exercise.solved) say("The exercise is solved.");
    }
    if (exercise.solved) progress(view.title);
  }
  const given = at("given");
  given.hidden = !told.steps.length;
  given.querySelector("summary").textContent = `${told.steps.length} steps were done so far`;
  const text = JSON.stringify(told.steps);
  if (state.steps !== text) {
    state.steps = text;
    given.querySelector("ol").replaceChildren(...told.steps.map(done));
  }
}

function done(step) {
  const item = make("li", { value: Number(step.number) || 0 });
  if (step.name) item.append(make("strong", {}, step.name), " ");
  if (step.about) item.append(make("div", { innerHTML: step.about }));
  item.append(make("code", {}, step.line), " ");
  if (step.who && step.who !== "admin") item.append(`by ${step.who} `);
  if (step.ended) item.append(ended(step.ended, step.refused || step.ended.startsWith("exit")));
  for (const failure of step.failures) item.append(make("span", { className: "wrong" }, ` ${failure}`));
  if (step.ended && step.refused) {
    const why = make("button", { type: "button", className: "explain", ariaLabel: `Why step ${step.number}` }, "Why?");
    why.addEventListener("click", () => explain({ step: step.number }, `step ${step.number}`));
    item.append(" ", why);
  }
  return item;
}

/* What this browser keeps: which exercises are solved, and the tab's scenario for a reload. */

const KEPT = "kubeverdict-play";

function solved() {
  try {
    return new Set(JSON.parse(localStorage.getItem(`${KEPT}-solved`) ?? "[]"));
  } catch {
    return new Set();
  }
}

function progress(title) {
  const all = solved();
  if (all.has(title)) return;
  try {
    localStorage.setItem(`${KEPT}-solved`, JSON.stringify([...all, title]));
  } catch { /* Without a store nothing is kept. */ }
}

let remembering = 0;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(async () => {
    const answer = await ask({ ask: "file" });
    if (answer.is !== "file") return;
    state.file = answer.text;
    try {
      sessionStorage.setItem(KEPT, answer.text);
    } catch { /* It is too long, or there is no store. */ }
  }, 700);
}

/* Time. */

const signs = { you: "you", pod: "pod", controller: "controller", kubelet: "kubelet" };
let refreshing = 0;

/// What is drawn of the whole is asked again once all is quiet.
function refresh() {
  const slider = at("slider");
  slider.max = String(state.view.steps);
  if (!state.past) slider.value = slider.max;
  moment();
  clearTimeout(refreshing);
  refreshing = setTimeout(() => {
    if (state.chosen) explained();
    if (at("acts").open) acts();
    if (at("drawn").open) pictures();
  }, 60);
}

function moment() {
  const step = Number(at("slider").value);
  const known = state.moments?.[step - 1];
  const when = step === state.view.steps ? `now, ${state.view.passed}` : known ? `${known.clock}: ${known.line}` : step ? "" : "a fresh cluster";
  at("moment").textContent = `after step ${step} of ${state.view.steps}${when ? ` · ${when}` : ""}`;
  at("slider").setAttribute("aria-valuetext", at("moment").textContent);
}

async function slide() {
  const step = Number(at("slider").value);
  if (step === state.view.steps) {
    back();
    return;
  }
  if (!state.moments) await acts();
  moment();
  const answer = await ask({ ask: "past", steps: step });
  if (answer.is !== "past" || wrong(answer) || Number(at("slider").value) !== step) return;
  state.past = true;
  at("past").hidden = false;
  at("past").firstElementChild.textContent = `The answers as they were ${at("moment").textContent}.`;
  rows(answer.rows, null);
  later(step);
}

function back() {
  state.past = false;
  at("slider").value = at("slider").max;
  leavePast(state.view);
  rows(state.view.rows, null);
  moment();
  later(state.view.steps);
}

function leavePast() {
  state.past = false;
  state.moments = null;
  at("past").hidden = true;
}

async function acts() {
  const answer = await ask({ ask: "time" });
  if (answer.is !== "time") return;
  state.moments = answer.moments;
  const rowsOf = answer.acts.map((act) => {
    const yours = act.sign === "you" || act.sign === "pod";
    return make("tr", { className: yours ? "yours" : "", dataset: { step: act.step } },
      make("td", {}, act.clock),
      make("td", {}, make("span", { className: "who" }, sign(signs[act.sign]), act.who)),
      make("td", {}, make("code", { className: "wrap" }, act.what), act.times > 1 ? ` (${act.times} times)` : ""),
      make("td", {}, act.ended ? ended(act.ended, act.refused || act.ended.startsWith("exit")) : ""));
  });
  at("acts").querySelector("tbody").replaceChildren(...rowsOf);
  at("acts").querySelector("summary").textContent = `Who really acted: ${answer.acts.length}${answer.left_out ? ` of ${answer.acts.length + answer.left_out}` : ""}`;
  later(Number(at("slider").value));
  moment();
}

function later(step) {
  for (const row of at("acts").querySelectorAll("tbody tr")) row.hidden = Number(row.dataset.step) > step;
}

/* Pictures; graph and matrix are lit up together, as in the book. */

async function pictures() {
  const answer = await ask({ ask: "rights" });
  if (answer.is === "rights") fill(at("pictures"), answer.html);
}

function light(from, on) {
  const lit = from.closest?.("[data-lights]");
  if (!lit) return;
  for (const id of lit.dataset.lights.split(" ").filter(Boolean)) {
    for (const other of document.querySelectorAll(`[data-lights~="${CSS.escape(id)}"]`)) other.classList.toggle("lit", on);
  }
}
for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(enter, (event) => light(event.target, true));
  document.addEventListener(leave, (event) => light(event.target, false));
}

/* Sharing. */

async function squeezed(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const broken = () => {
  throw new Error("the link is broken, or not all of it was copied");
};

async function unsqueezed(text) {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) broken();
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const limit = 4 << 20;
  const parts = [];
  let size = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read().catch(broken);
    if (done) break;
    size += value.length;
    if (size > limit) throw new Error("the link holds more than 4 MiB");
    parts.push(value);
  }
  return new Blob(parts).text();
}

async function share() {
  const answer = await ask({ ask: "file" });
  if (wrong(answer) || answer.is !== "file") return;
  state.file = answer.text;
  at("copied").textContent = "";
  at("link").value = `${location.origin}${base}#s=${await squeezed(answer.text)}`;
  at("sharing").showModal();
  at("link").select();
}

function download() {
  const url = URL.createObjectURL(new Blob([state.file], { type: "application/yaml" }));
  make("a", { href: url, download: "playground.yaml" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/* Opening. */

async function opened(answer) {
  if (answer.answer.is === "refused") throw new Error(words(answer.answer));
  if (state.tab) close(state.tab);
  state.tab = answer.tab;
  show(answer.answer);
}

function close(tab) {
  navigator.sendBeacon(`${base}tabs/${tab}/close`, new Blob(["{}"], { type: "application/json" }));
}

/// Opens something in place of what there is.
function begin(what) {
  return queue(async () => {
    const answer = await post("tabs", what);
    choose(null);
    at("log").replaceChildren(at("log").firstElementChild);
    state.view = null;
    await opened(answer);
    for (const step of answer.answer.typed) print("aside", `${step.number}  ${step.line.split("\n")[0]}  ${step.ended ? `-> ${step.ended}` : ""}`);
  });
}

/// What a pasted text is.
async function meant(text) {
  const link = text.trim().match(/#s=([\w-]+)$/)?.[1];
  if (link) return { scenario: await unsqueezed(link) };
  return /^(scenario|steps):/m.test(text) ? { scenario: text } : { dump: text };
}

async function openFrom(what) {
  at("opening-wrong").textContent = "";
  try {
    await begin(await what);
    notice("");
    at("opening").close();
  } catch (error) {
    at("opening-wrong").textContent = error.message;
  }
}

async function offer() {
  at("opening-wrong").textContent = "";
  at("opening").showModal();
  if (at("story").length) return;
  const stories = await (await fetch(`${base}stories`)).json();
  const fine = solved();
  at("story").replaceChildren(...stories.map(({ name, title }) => make("option", { value: name }, `${name}: ${title}${fine.has(title) ? " ✓ solved" : ""}`)));
  at("story").value = stories.find(({ name }) => name.startsWith("lessons/"))?.name ?? "";
}

/* What is said to whoever does not see it; the last word counts. */

let saying = 0;
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => { at("said").textContent = text; }, 500);
}

/* What somebody does. */

const onClick = (id, act) => at(id).addEventListener("click", act);
at("manifests").addEventListener("input", edit);
for (const moved of ["keyup", "click", "focus"]) at("manifests").addEventListener(moved, touch);
at("manifests").addEventListener("scroll", () => { at("numbers").scrollTop = at("manifests").scrollTop; });
at("manifests").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
  const editor = event.target;
  const line = editor.value.slice(0, editor.selectionStart).split("\n").at(-1);
  const indent = line.match(/^ */)[0];
  if (!indent) return;
  event.preventDefault();
  // The one way in which the browser's own undo learns of it.
  document.execCommand("insertText", false, `\n${indent}`);
});
at("rows").addEventListener("input", sendSoon);
onClick("ask", async () => {
  await send(asked().concat({ who: "", what: "", expected: null }));
  at("rows").lastElementChild?.querySelector("input")?.focus();
});
at("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const line = at("line").value;
  at("line").value = "";
  at("completions").textContent = "";
  type(line);
});
at("line").addEventListener("keydown", keys);
at("line").addEventListener("focus", () => { state.leaves = false; });
onClick("undo", () => ask({ ask: "undo" }).then(wrong));
onClick("redo", () => ask({ ask: "redo" }).then(wrong));
const setUp = async () => {
  if (wrong(await ask({ ask: "setUp", version: at("version").value, seed: at("seed").value }))) {
    at("version").value = state.view.version;
    at("seed").value = state.view.seed;
  }
};
at("version").addEventListener("change", setUp);
at("seed").addEventListener("change", setUp);
for (const button of document.querySelectorAll("[data-wait]")) button.addEventListener("click", () => type(`wait ${button.dataset.wait}`));
onClick("fork", () => type(state.view.forks ? "end" : "what-if"));
onClick("orders", async () => {
  at("ordered").hidden = false;
  at("ordered").textContent = "…";
  const answer = await ask({ ask: "orders" });
  at("ordered").textContent = answer.text ?? (answer.message ? words(answer) : "");
});
at("slider").addEventListener("input", slide);
onClick("now", () => { back(); at("slider").focus(); });
at("acts").addEventListener("toggle", () => at("acts").open && acts());
at("drawn").addEventListener("toggle", () => at("drawn").open && pictures());
onClick("share", share);
onClick("copy", async () => {
  at("link").select();
  try {
    await navigator.clipboard.writeText(at("link").value);
    at("copied").textContent = "copied";
  } catch {
    at("copied").textContent = "the browser does not let it be copied: the link is selected";
  }
});
onClick("download", download);
onClick("open", offer);
onClick("open-story", () => openFrom({ story: at("story").value }));
onClick("open-empty", () => openFrom({ empty: true }));
onClick("open-pasted", () => openFrom(meant(at("pasted").value)));
at("chosen").addEventListener("change", async () => {
  const file = at("chosen").files[0];
  if (file) openFrom(file.text().then(meant));
  at("chosen").value = "";
});
addEventListener("pagehide", () => state.tab && close(state.tab));
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

async function start() {
  const link = location.hash.match(/^#s=(.*)$/)?.[1];
  let kept = null;
  try {
    kept = sessionStorage.getItem(KEPT);
  } catch { /* There is no store. */ }
  try {
    if (link !== undefined) {
      history.replaceState(null, "", location.pathname);
      await begin({ scenario: await unsqueezed(link) });
    } else {
      await begin(kept ? { scenario: kept } : {});
    }
  } catch (error) {
    notice(error.message);
    if (link !== undefined || kept) await begin({}).catch(() => {});
  }
  document.body.dataset.ready = "true";
}
addEventListener("hashchange", () => location.hash.startsWith("#s=") && location.reload());
start();
