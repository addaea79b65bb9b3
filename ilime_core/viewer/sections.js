"use strict";
/* Sections below the matrix: effects as bars, margins, selections, curves. */

const BARS = 8;

/** Effects with their intervals, the largest first.
 * @param {string[]} names
 * @param {Float64Array} effects
 * @param {Float64Array} halfWidths
 * @param {string} kind of the item */
function effectTable(names, effects, halfWidths, kind) {
  const limit = symmetricLimit(effects);
  const order = names.map((_, segment) => segment).filter((segment) => Number.isFinite(effects[segment]));
  order.sort((a, b) => Math.abs(effects[b]) - Math.abs(effects[a]));
  const row = (/** @type {number} */ segment) => {
    const bar = make("i", { class: effects[segment] < 0 ? "bar lowers" : "bar raises", "aria-hidden": "true" });
    bar.style.width = `${(50 * Math.abs(effects[segment])) / limit}%`;
    const within = Math.abs(effects[segment]) <= halfWidths[segment];
    return make("tr", { class: within ? "faint" : "" },
      make("th", { scope: "row", dir: "auto" }, names[segment]),
      make("td", {}, signed(effects[segment]), Number.isFinite(halfWidths[segment]) ? ` ± ${halfWidths[segment].toFixed(4)}` : ""),
      make("td", { class: "bars" }, bar));
  };
  const table = make("table", { class: "effects" },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, kind === "image" ? "region" : "word"),
      make("th", { scope: "col" }, "effect"), make("th", { scope: "col" }, make("span", { class: "hidden" }, "bar")))),
    make("tbody", {}, ...order.slice(0, BARS).map(row)));
  if (order.length <= BARS) return table;
  return make("div", {}, table, make("details", {}, make("summary", {}, `${order.length - BARS} more`),
    make("table", { class: "effects" }, make("tbody", {}, ...order.slice(BARS).map(row)))));
}

/** Query, correct and wrong candidate side by side.
 * @param {MarginRecord} margin
 * @param {Map<string, ItemRecord>} items
 * @param {((pairId: string) => string | null) | undefined} link */
function marginSection(margin, items, link) {
  const parts = /** @type {("query" | "correct" | "wrong")[]} */ (["query", "correct", "wrong"]);
  const effects = parts.map((part) => unpackReals(margin.effects[part]));
  const limit = symmetricLimit(...effects);
  const exceeds = margin.exceeds.query || margin.exceeds.candidates;
  const title = margin.margin >= 0 ? "The correct candidate beside a wrong one"
    : exceeds ? "The wrong candidate won, and segments do not say why" : "Why the wrong candidate won";
  const columns = parts.map((part, number) => {
    const item = items.get(margin[part]);
    const figure = make("div", {}, make("h3", {}, part === "query" ? "query" : `${part} candidate`));
    if (item) {
      const view = itemView(item, () => undefined);
      view.paint(effects[number], limit, null);
      figure.append(view.element, effectTable(segmentNames(item), effects[number], twice(unpackReals(margin.errors[part])), item.kind));
    } else {
      figure.append(make("p", { class: "note" }, `Item ${margin[part]} is not among the explained ones.`));
    }
    const href = part === "query" ? null : (link?.(margin[part === "correct" ? "correct_pair" : "wrong_pair"]) ?? null);
    if (href !== null) figure.append(make("p", {}, make("a", { href }, "open this pair")));
    return figure;
  });
  const left = margin.remainders.candidates;
  return make("section", { class: "margin" },
    make("h2", {}, title),
    make("p", {}, `Score of the correct pair minus that of the wrong one: ${signed(margin.margin, 3)}. Red segments favour the correct `
      + `candidate, blue ones the wrong one; ± are two standard errors.`
      + (left === null ? "" : ` The candidates' segments leave ${signed(left, 3)} of it unexplained.`)),
    exceeds ? make("p", { class: "note flagged" }, "The part that segments leave out is larger than the margin itself: they do not explain who won.") : null,
    colourScale(limit, "scale of this margin alone: parts of the margin"),
    make("div", { class: "sides three" }, ...columns));
}

/** @param {Float64Array} values */
function twice(values) {
  return values.map((value) => 2 * value);
}

/** What searches chose.
 * @param {PairRecord} pair
 * @param {Record<Side, string[]>} names */
function selectionSection(pair, names) {
  if (pair.selections.length === 0) return [];
  const list = make("ul");
  for (const one of pair.selections) {
    const side = one.side === "left" ? names.left : names.right;
    const chosen = one.segments.map((segment) => side[segment] ?? String(segment)).join(", ");
    const scores = Array.from(unpackReals(one.scores), (score) => score.toFixed(3)).join(" → ");
    list.append(make("li", {}, make("b", {}, `${one.method}, ${one.side}: `),
      chosen || one.reason || "nothing was chosen", chosen ? `; score ${scores}` : ""));
  }
  return [make("h2", {}, "What suffices, what decides"), list];
}

/** Curves of insertion and deletion beside those of random orders.
 * @param {PairRecord} pair */
function curveSection(pair) {
  const kindOf = (/** @type {CurveRecord} */ one) => `${one.metric} of the ${one.mode.replace("_", " ")}, ${SIDES[one.side] ?? one.side}`;
  const kinds = [...new Set(pair.curves.map(kindOf))];
  if (kinds.length === 0) return [];
  const figures = kinds.map((kind) => {
    const curves = pair.curves.filter((one) => kindOf(one) === kind)
      .map((one) => ({ control: one.control, x: unpackReals(one.x), y: unpackReals(one.y) }));
    const controls = [...new Set(curves.map((one) => one.control))].sort((a, b) => Number(a === "random") - Number(b === "random"));
    const areas = controls.map((control) => {
      const own = curves.filter((one) => one.control === control).map((one) => areaUnder(one.x, one.y));
      const mean = own.reduce((sum, area) => sum + area, 0) / own.length;
      return make("li", { class: `of-${control}` }, `${own.length > 1 ? `${own.length} ` : ""}${control.replace("_", " ")}: ${mean.toFixed(3)}`);
    });
    return make("figure", { class: "curve" }, make("figcaption", {}, kind), curvePicture(curves), make("ul", {}, ...areas));
  });
  return [
    make("h2", {}, "Does the explanation say what the model does?"),
    make("p", { class: "quiet" }, "The score while segments are added, best first (insertion: higher is better), or removed (deletion: lower is better), "
      + "and the area under each curve. Where the curve of the explanation stays among the grey ones, its order is not better than a random one."),
    make("div", { class: "curves" }, ...figures),
  ];
}

/** @type {Record<string, string>} */
const SIDES = { both: "both items", left: "left item, the right one whole", right: "right item, the left one whole" };

/** Mean height of a curve, by trapezoids.
 * @param {Float64Array} x
 * @param {Float64Array} y */
function areaUnder(x, y) {
  let area = 0;
  for (let i = 1; i < x.length; i += 1) area += ((x[i] - x[i - 1]) * (y[i] + y[i - 1])) / 2;
  return area / (x[x.length - 1] - x[0] || 1);
}

/** @param {{control: string, x: Float64Array, y: Float64Array}[]} curves */
function curvePicture(curves) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const all = curves.flatMap((one) => Array.from(one.y));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  picture.setAttribute("viewBox", "0 0 200 100");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `scores from ${low.toFixed(3)} to ${high.toFixed(3)}`);
  for (const one of [...curves].sort((a, b) => Number(b.control === "random") - Number(a.control === "random"))) {
    const line = document.createElementNS(space, "polyline");
    const span = Math.max(...one.x) || 1;
    line.setAttribute("points", Array.from(one.x, (x, i) => `${(198 * x) / span + 1},${98 - (96 * (one.y[i] - low)) / (high - low || 1)}`).join(" "));
    line.setAttribute("class", `of-${one.control}`);
    picture.append(line);
  }
  return picture;
}
