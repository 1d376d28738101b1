const page = document.documentElement, frame = document.querySelector('.frame'), details = document.getElementById('details');
const nodes = [...document.querySelectorAll('a.node')], edges = [...document.querySelectorAll('#picture [data-from]')];
const of = new Map(nodes.map(node => [node.dataset.id, node]));
let chosen = null;
page.classList.add('scripted');

function light(id) {
  const near = new Set([id]);
  for (const edge of edges) {
    const from = edge.dataset.from.split(' '), to = edge.dataset.to;
    const mine = id !== null && (to === id || from.includes(id));
    edge.classList.toggle('dim', id !== null && !mine);
    if (mine) { near.add(to); if (to === id) from.forEach(one => near.add(one)); }
  }
  for (const node of nodes) node.classList.toggle('dim', id !== null && !near.has(node.dataset.id));
}

function choose(id) {
  if (chosen !== null) of.get(chosen).classList.remove('chosen');
  chosen = id;
  details.replaceChildren();
  if (id === null) {
    details.append(Object.assign(document.createElement('p'), { className: 'soft', textContent: details.dataset.empty }));
  } else {
    of.get(id).classList.add('chosen');
    for (const part of document.getElementById('n' + id).children) details.append(part.cloneNode(true));
  }
  light(id);
}

for (const node of nodes) {
  node.addEventListener('mouseenter', () => light(node.dataset.id));
  node.addEventListener('mouseleave', () => light(chosen));
  node.addEventListener('focus', () => light(node.dataset.id));
  node.addEventListener('blur', () => light(chosen));
}

document.addEventListener('click', event => {
  const link = event.target.closest('a[href^="#n"]');
  if (!link) return;
  event.preventDefault();
  const id = link.getAttribute('href').slice(2), node = of.get(id);
  choose(id);
  if (!link.classList.contains('node')) { node.scrollIntoView({ block: 'center', inline: 'center' }); node.focus({ preventScroll: true }); }
});

// The arrow keys lead to what stands nearest on that side.
const sides = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
frame.addEventListener('keydown', event => {
  const at = document.activeElement.closest('a.node'), side = sides[event.key];
  if (event.key === 'Escape') choose(null);
  if (!at || !side) return;
  const place = node => [Number(node.dataset.x), Number(node.dataset.y)], [x, y] = place(at);
  let best = null, least = Infinity;
  for (const node of nodes) {
    const [dx, dy] = [place(node)[0] - x, place(node)[1] - y];
    const ahead = dx * side[0] + dy * side[1], aside = Math.abs(dx * side[1]) + Math.abs(dy * side[0]);
    if (ahead > 0 && ahead + 3 * aside < least) { least = ahead + 3 * aside; best = node; }
  }
  if (best) { event.preventDefault(); best.focus(); }
});

const fit = document.getElementById('fit'), wide = document.getElementById('wide');
fit.addEventListener('click', () => {
  const on = page.classList.toggle('fit');
  fit.setAttribute('aria-pressed', on);
  tell();
});
function tell() {
  wide.hidden = frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight;
}
addEventListener('resize', tell);
tell();
choose(null);
// Where it begins need not be at the top.
const begin = nodes.reduce((first, node) => Number(node.dataset.x) < Number(first.dataset.x) ? node : first, nodes[0]);
frame.scrollTop = Number(begin.dataset.y) - 80;
