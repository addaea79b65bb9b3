"use strict";
/* The first page: what is right, what is wrong, and distributions of which a range opens the gallery. */

const BINS = 24;
const FEATURED = 4;

/** @type {{name: string, title: string, values: (index: Index) => ArrayLike<number>}[]} */
const MEASURES = [
  { name: "score", title: "score", values: (index) => index.score },
  { name: "r2", title: "R²: share of the joint variance that the matrix explains", values: (index) => index.r2_cross },
  { name: "certain", title: "share of cells that differ from 0 after correction", values: (index) => index.share_certain },
  { name: "mass", title: "joint effect: sum of the magnitudes of all cells", values: (index) => index.mass },
];

/** Histogram whose range is chosen with the pointer or by two numbers.
 * @param {Index} index
 * @param {{name: string, title: string, values: (index: Index) => ArrayLike<number>}} measure */
function histogram(index, measure) {
  const values = Array.from(measure.values(index)).filter(Number.isFinite);
  if (values.length === 0) return null;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const width = (high - low) / BINS || 1;
  const counts = new Array(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - low) / width))] += 1;
  const largest = Math.max(...counts);
  const bars = make("div", { class: "bars-of", "aria-hidden": "true" });
  const from = make("input", { size: 6, inputmode: "decimal", "aria-label": `${measure.name} from`, value: low.toPrecision(3) });
  const to = make("input", { size: 6, inputmode: "decimal", "aria-label": `${measure.name} to`, value: high.toPrecision(3) });
  const open = make("a", { href: "pairs.html" });
  const update = () => {
    const [first, last] = [Number(from.value), Number(to.value)];
    const n = values.filter((value) => value >= first && value <= last).length;
    open.href = `pairs.html#${new URLSearchParams({ [measure.name]: `${from.value}..${to.value}` })}`;
    open.textContent = `${n.toLocaleString("en")} pairs`;
    [...bars.children].forEach((bar, bin) => bar.classList.toggle("on", low + (bin + 1) * width >= first && low + bin * width <= last));
  };
  counts.forEach((count, bin) => {
    const bar = make("i", { title: `${count} pairs from ${(low + bin * width).toPrecision(3)} to ${(low + (bin + 1) * width).toPrecision(3)}` });
    bar.style.height = `${(100 * count) / largest}%`;
    bars.append(bar);
  });
  let start = -1;
  const binAt = (/** @type {PointerEvent} */ event) => {
    const box = bars.getBoundingClientRect();
    return Math.max(0, Math.min(BINS - 1, Math.floor(((event.clientX - box.left) / box.width) * BINS)));
  };
  const choose = (/** @type {number} */ bin) => {
    const ends = [Math.min(start, bin), Math.max(start, bin) + 1];
    from.value = (low + ends[0] * width).toPrecision(4);
    to.value = (low + ends[1] * width).toPrecision(4);
    update();
  };
  bars.addEventListener("pointerdown", (event) => {
    start = binAt(event);
    bars.setPointerCapture(event.pointerId);
    choose(start);
  });
  bars.addEventListener("pointermove", (event) => {
    if (start >= 0) choose(binAt(event));
  });
  bars.addEventListener("pointerup", () => (start = -1));
  from.addEventListener("input", update);
  to.addEventListener("input", update);
  update();
  return make("figure", { class: "histogram" }, make("figcaption", {}, measure.title), bars,
    make("p", {}, "from ", from, " to ", to, " ", open));
}

/** @typedef {{title: string, of: (row: number) => boolean, wanted: (row: number) => boolean, key: (row: number) => number, among: string}} Group */

/** Pairs that show at once what is right and what is wrong; each heading says how many there are of how many.
 * @param {Index} index
 * @param {Items} items */
function featured(index, items) {
  const rows = Array.from({ length: index.n }, (_, row) => row);
  const matches = (/** @type {number} */ row) => Boolean(index.is_positive[row]);
  const holds = (/** @type {number} */ row) => matches(row) && levelOf(index.verdict, row) !== "no" && Boolean(index.top_sure[row]);
  const covered = (/** @type {number} */ row) => -index.r2_cross[row];
  /** @type {Group[]} */
  const groups = [
    { title: "Matches whose strongest region and word raise the score together", of: matches, among: "matches", key: covered, wanted: (row) => holds(row) && index.top_weight[row] > 0 },
    { title: "Matches whose strongest region and word hold each other back", of: matches, among: "matches", key: covered, wanted: (row) => holds(row) && index.top_weight[row] < 0 },
    { title: "Wrong candidates that won, by the largest lost margin", of: () => true, among: "pairs", key: (row) => (Number.isFinite(index.margin[row]) ? index.margin[row] : Infinity), wanted: (row) => Boolean(index.is_error[row]) },
    { title: "Explanations not to rely on", of: () => true, among: "pairs", key: (row) => index.r2_cross[row] || 0, wanted: (row) => levelOf(index.verdict, row) === "no" },
  ];
  return groups.flatMap((group) => {
    const own = rows.filter(group.wanted).sort((a, b) => group.key(a) - group.key(b));
    if (own.length === 0) return [];
    const seen = new Set(); // a photograph or a caption is shown once
    const shown = own.filter((row) => {
      const isNew = !seen.has(index.left[row]) && !seen.has(index.right[row]);
      seen.add(index.left[row]).add(index.right[row]);
      return isNew;
    }).slice(0, FEATURED);
    const count = `${own.length.toLocaleString("en")} of ${rows.filter(group.of).length.toLocaleString("en")} ${group.among}`;
    return make("section", {}, make("h3", {}, group.title, " ", make("span", { class: "quiet" }, count)),
      make("div", { class: "cards" }, ...shown.map((row) => pairCard(items, index, row, `pairs.html#pair=${index.pair_id[row]}`))));
  });
}

async function startOverview() {
  const host = document.getElementById("featured");
  const below = document.getElementById("distributions");
  if (host === null || below === null) return;
  try {
    const site = await loadSite();
    const [index, items] = await Promise.all([loadIndex(site), loadItems()]);
    host.className = "";
    host.replaceChildren(...featured(index, items));
    below.replaceChildren(make("p", { class: "quiet" }, "Drag over a picture, or write two numbers; the link opens the pairs in between."),
      make("div", { class: "sides" }, ...MEASURES.flatMap((measure) => histogram(index, measure) ?? [])));
  } catch (error) {
    showError(host, error);
  }
}

void startOverview();
