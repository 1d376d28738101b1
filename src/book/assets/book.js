// Everything can be read without this. It judges a guess by the reasons that the page holds, lights up what belongs
// together in graph and matrix, moves between steps by j and k, finds in the contents, and opens everything for the printer.
"use strict";

document.documentElement.classList.add("scripted-page");

const score = { right: 0, guessed: new Set() };

function tell(result, right, title, why) {
  const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  sign.setAttribute("class", `sign sign-${right ? "ok" : "no"}`);
  sign.setAttribute("aria-hidden", "true");
  sign.setAttribute("viewBox", "0 0 16 16");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", right ? "#sign-ok" : "#sign-no");
  sign.append(use);
  const strong = document.createElement("strong");
  strong.textContent = title;
  result.className = `result ${right ? "right" : "wrong"}`;
  result.replaceChildren(sign, strong, " ", why);
}

function judge(form) {
  const answer = document.getElementById(form.dataset.answer);
  const guess = form.querySelector("input:checked");
  if (!answer || !guess) return;
  const reason = answer.querySelector(`[data-guess="${CSS.escape(guess.value)}"]`);
  if (!reason) return;
  const right = "right" in reason.dataset;
  const why = (reason.querySelector("dd") ?? reason).textContent.trim();
  const truth = answer.querySelector("[data-right]").dataset.label;
  const title = right ? `Right: ${truth}.` : `Not ${reason.dataset.label}, but ${truth}.`;
  tell(form.querySelector(".result"), right, title, why);
  answer.open = true;
  if (!score.guessed.has(form)) {
    score.guessed.add(form);
    score.right += right ? 1 : 0;
    const shown = document.querySelector("output.score");
    if (shown) shown.textContent = `${score.right} of ${score.guessed.size} right`;
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("form.guess")) {
    event.preventDefault();
    judge(event.target);
  }
});

// A link into the release that is not shown shows it.
function show(hash) {
  const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  const release = target && target.closest(".release");
  const tab = release && document.querySelector(`.tabs input[value="${CSS.escape(release.id)}"]`);
  if (tab && !tab.checked) {
    tab.checked = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", () => show(location.hash));
show(location.hash);

// The same place in the other release.
document.addEventListener("change", (event) => {
  if (event.target.matches(".tabs input") && location.hash) {
    history.replaceState(null, "", location.pathname + location.search);
  }
});

// Graph and matrix are lit up together.
function light(from, on) {
  const place = from.closest?.("[data-lights]");
  if (!place) return;
  for (const id of place.dataset.lights.split(" ").filter(Boolean)) {
    for (const other of document.querySelectorAll(`[data-lights~="${CSS.escape(id)}"]`)) {
      other.classList.toggle("lit", on);
    }
  }
}
for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(enter, (event) => light(event.target, true));
  document.addEventListener(leave, (event) => light(event.target, false));
}

// j and k move from step to step.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("textarea, input:not([type=radio])")) return;
  const forward = { j: true, k: false }[event.key];
  if (forward === undefined) return;
  const steps = [...document.querySelectorAll(".step")].filter((step) => step.offsetParent);
  const top = (step) => step.getBoundingClientRect().top;
  const next = forward ? steps.find((step) => top(step) > 24) : steps.findLast((step) => top(step) < -24);
  if (next) {
    next.scrollIntoView({ block: "start" });
    next.focus({ preventScroll: true });
  }
});

// The contents, cut to what holds every word.
const find = document.getElementById("find");
if (find) {
  const entries = [...document.querySelectorAll(".chapters > li")].map((item) => [item, `${item.textContent} ${item.dataset.words}`.toLowerCase()]);
  const told = find.form.querySelector("output");
  const cut = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const [item, text] of entries) {
      item.hidden = !words.every((word) => text.includes(word));
      left += item.hidden ? 0 : 1;
    }
    for (const part of document.querySelectorAll(".part")) {
      part.hidden = words.length > 0 && !part.querySelector(".chapters > li:not([hidden])");
    }
    told.textContent = words.length ? `${left} of ${entries.length}` : "";
  };
  find.addEventListener("input", cut);
  find.form.addEventListener("submit", (event) => event.preventDefault());
  cut();
}

// Paper cannot be opened.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
