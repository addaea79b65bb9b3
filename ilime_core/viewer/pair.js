"use strict";
/* The explanation of one pair: both items, the matrix between their segments, factors, effects, margins.
 * One scale of colours for items and matrix: a cell's. Margins have their own, and say so. */

/** @typedef {{strength: number, energy: number, gap: number, left: PackedReals, right: PackedReals}} FactorRecord */
/** @typedef {{reason: string, direction: string, margin: number, query: string, correct: string, wrong: string,
 *   correct_pair: string, wrong_pair: string, effects: Record<string, PackedReals>, errors: Record<string, PackedReals>,
 *   remainders: Record<string, number | null>, exceeds: Record<string, boolean>}} MarginRecord */
/** @typedef {{metric: string, mode: string, side: string, control: string, x: PackedReals, y: PackedReals}} CurveRecord */
/** @typedef {{method: string, side: string, segments: number[], scores: PackedReals, reason: string | null}} SelectionRecord */
/** @typedef {{r2_cross: number | null, r2_cross_ceiling: number | null, r2_cross_held_out: number | null,
 *   share_cross: number | null, share_certain: number | null, p_none: number | null,
 *   split_half_error: number | null}} FitRecord */
/** @typedef {{pair_id: string, left_id: string, right_id: string, estimator: string, relation: string,
 *   is_positive: boolean, is_error: boolean, score: number, rank_of_right: number | null, rank_of_left: number | null,
 *   shape: number[], weights: PackedReals, errors: PackedReals, p_values: PackedReals, left_effects: PackedReals,
 *   right_effects: PackedReals, left_half_widths: PackedReals, right_half_widths: PackedReals, fit: FitRecord,
 *   verdict: string, reasons: string[], factors: FactorRecord[], margins: MarginRecord[], curves: CurveRecord[],
 *   selections: SelectionRecord[]}} PairRecord */
/** @typedef {"left" | "right"} Side */
/** @typedef {{side: Side, segment: number, other: number | null}} Choice */

const ROWS = 12;
/** Gap of a factor, over its strength, below which its maps may be mixtures with the next one. */
const MIXED = 0.15;
/** Energy of the weakest factor that has a button. */
const FEWEST_ENERGY = 0.005;

/** Cells of W, or of one factor of it, with their errors.
 * @param {PairRecord} pair
 * @param {number} factor from 0; -1 for W itself */
function cellsOf(pair, factor) {
  if (factor < 0) return unpackReals(pair.weights);
  const { strength, left, right } = pair.factors[factor];
  const [u, v] = [unpackReals(left), unpackReals(right)];
  const cells = new Float64Array(u.length * v.length);
  u.forEach((one, i) => v.forEach((other, j) => (cells[i * v.length + j] = strength * one * other)));
  return cells;
}

class PairView {
  /** @param {HTMLElement} host
   * @param {PairRecord} pair
   * @param {ItemRecord} left
   * @param {ItemRecord} right
   * @param {{items?: Map<string, ItemRecord>, link?: (pairId: string) => string | null}} [around] */
  constructor(host, pair, left, right, around = {}) {
    this.pair = pair;
    this.items = { left, right };
    this.around = around;
    this.names = { left: segmentNames(left), right: segmentNames(right) };
    this.errors = unpackReals(pair.errors);
    this.pValues = unpackReals(pair.p_values);
    this.effects = { left: unpackReals(pair.left_effects), right: unpackReals(pair.right_effects) };
    this.factor = -1;
    this.weights = cellsOf(pair, -1);
    this.limit = symmetricLimit(this.weights);
    /** @type {Choice | null} */
    this.locked = null;
    /** @type {Choice | null} */
    this.hovered = null;
    this.allRows = false;
    this.views = {
      left: itemView(left, (segment, chosen) => this.point("left", segment, chosen)),
      right: itemView(right, (segment, chosen) => this.point("right", segment, chosen)),
    };
    this.readout = make("p", { class: "readout", "aria-live": "polite" });
    this.matrix = make("div", { class: "wide" });
    this.factorButtons = this.makeFactorButtons();
    host.replaceChildren(
      this.makeHead(),
      make("div", { class: `stage ${left.kind}-${right.kind}` }, this.views.left.element, this.views.right.element),
      this.readout,
      colourScale(this.limit, "the only scale of items and matrix: what two segments bring to the score only together"),
      make("h2", {}, "Matrix"),
      this.factorButtons,
      this.matrix,
      make("p", { class: "quiet" }, FAINT),
      ...this.makeEffects(),
      ...pair.margins.map((margin) => marginSection(margin, around.items ?? new Map(), around.link)),
      ...selectionSection(pair, this.names),
      ...curveSection(pair),
      this.makeFacts(),
    );
    host.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.locked !== null) {
        event.stopPropagation();
        this.locked = null;
        this.paint();
      }
    });
    this.paint();
  }

  makeHead() {
    const { pair } = this;
    const verdict = pair.verdict
      ? make("p", { class: `verdict ${pair.verdict}` }, make("b", {}, VERDICTS[pair.verdict] ?? pair.verdict), " ",
          pair.reasons.join("; "))
      : null;
    return make("header", {}, verdict, make("p", {}, scoreSentence(pair, this.items), " ", fitSentence(pair)));
  }

  makeFactorButtons() {
    const bar = make("div", { class: "factors", role: "group", "aria-label": "Show the whole matrix or one factor" });
    const told = this.pair.factors.flatMap((one, factor) => (one.energy >= FEWEST_ENERGY ? [factor] : []));
    [-1, ...told].forEach((factor) => {
      const found = this.pair.factors[factor];
      const name = factor < 0 ? "whole matrix" : `factor ${factor + 1}: ${percent(found.energy)} of it`;
      const button = make("button", { type: "button", "aria-pressed": String(factor === this.factor) }, name);
      if (found && found.gap < MIXED * found.strength) {
        button.title = "The next factor is nearly as strong: this one may be a mixture of both.";
        button.append(" (may be mixed)");
      }
      button.addEventListener("click", () => {
        this.factor = factor;
        this.weights = cellsOf(this.pair, factor);
        bar.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
        this.paint();
      });
      bar.append(button);
    });
    return bar;
  }

  /** @param {Side} side
   * @param {number | null} segment
   * @param {boolean} chosen */
  point(side, segment, chosen) {
    const choice = segment === null ? null : { side, segment, other: null };
    if (chosen) {
      const same = this.locked?.side === side && this.locked.segment === segment && this.locked.other === null;
      this.locked = same ? null : choice;
      this.hovered = null;
    } else if (JSON.stringify(this.hovered) === JSON.stringify(choice)) {
      return;
    } else {
      this.hovered = choice;
    }
    this.paint();
  }

  /** @param {number} i
   * @param {number} j */
  at(i, j) {
    return i * this.pair.shape[1] + j;
  }

  /** One value a segment of a side: the chosen row or column, or each segment's largest cell.
   * @param {Side} side
   * @param {Choice | null} choice
   * @returns {Float64Array} */
  valuesOf(side, choice) {
    const [m, n] = this.pair.shape;
    const count = side === "left" ? m : n;
    const others = side === "left" ? n : m;
    const cell = (/** @type {number} */ own, /** @type {number} */ other) =>
      this.weights[side === "left" ? this.at(own, other) : this.at(other, own)];
    return Float64Array.from({ length: count }, (_, own) => {
      if (choice !== null && choice.side !== side) return cell(own, choice.segment);
      let largest = 0;
      for (let other = 0; other < others; other += 1) {
        if (Math.abs(cell(own, other)) > Math.abs(largest)) largest = cell(own, other);
      }
      return largest;
    });
  }

  paint() {
    const choice = this.hovered ?? this.locked;
    for (const side of /** @type {Side[]} */ (["left", "right"])) {
      const isOwn = choice?.side === side;
      const chosen = isOwn ? choice.segment : choice !== null ? choice.other : null;
      this.views[side].paint(isOwn ? null : this.valuesOf(side, choice), this.limit, chosen);
    }
    this.readout.textContent = this.sentence(choice);
    this.drawMatrix(choice);
  }

  /** @param {Side} side
   * @param {number} segment */
  named(side, segment) {
    const item = this.items[side];
    const name = this.names[side][segment];
    if (item.kind === "text") return `“${name}”`;
    const { place, share } = item.regions[segment];
    return `region ${name} (${place}, ${percent(share)} of the view)`;
  }

  /** @param {Choice | null} choice */
  sentence(choice) {
    if (choice === null) {
      return "Every segment has the colour of its largest cell. Point at a word or a region, or tap it to keep it: "
        + "the other side shows its cells.";
    }
    const { side, segment } = choice;
    const otherSide = side === "left" ? "right" : "left";
    const place = (/** @type {number} */ other) =>
      side === "left" ? this.at(segment, other) : this.at(other, segment);
    if (choice.other !== null) return `${this.named(side, segment)} and ${this.cellText(otherSide, choice.other, place(choice.other))}.`;
    const others = this.names[otherSide].map((_, other) => other);
    const net = others.reduce((sum, other) => sum + this.weights[place(other)], 0);
    others.sort((a, b) => Math.abs(this.weights[place(b)]) - Math.abs(this.weights[place(a)]));
    const strongest = others.slice(0, 3).map((other) => this.cellText(otherSide, other, place(other)));
    const alone = this.effects[side][segment];
    return `${this.named(side, segment)}: sum of its cells ${signed(net)}, and ${signed(alone)} in all with the other item whole. `
      + `Largest: ${strongest.join("; ")}.`;
  }

  /** @param {Side} side
   * @param {number} segment
   * @param {number} place */
  cellText(side, segment, place) {
    const value = signed(this.weights[place]);
    if (this.factor >= 0) return `${this.named(side, segment)} ${value} in factor ${this.factor + 1}`;
    const error = Number.isFinite(this.errors[place]) ? ` ± ${this.errors[place].toFixed(4)}` : "";
    return `${this.named(side, segment)} ${value}${error}, ${pValue(this.pValues[place])}`;
  }

  /** @param {number} place */
  isFaint(place) {
    return this.factor < 0 && !(Math.abs(this.weights[place]) >= 2 * this.errors[place]);
  }

  /** @param {Choice | null} choice */
  drawMatrix(choice) {
    const [m, n] = this.pair.shape;
    const largest = (/** @type {number} */ i) =>
      symmetricLimit(this.weights.subarray(this.at(i, 0), this.at(i, n)));
    if (this.matrix.firstChild === null || this.drawnFactor !== this.factor || this.drawnAll !== this.allRows) {
      this.drawnFactor = this.factor;
      this.drawnAll = this.allRows;
      const order = Array.from({ length: m }, (_, i) => i).sort((a, b) => largest(b) - largest(a));
      this.matrix.replaceChildren(this.makeTable(this.allRows ? order : order.slice(0, ROWS)));
      if (m > ROWS) {
        const more = make("button", { type: "button" }, this.allRows ? `strongest ${ROWS} only` : `all ${m} rows`);
        more.addEventListener("click", () => {
          this.allRows = !this.allRows;
          this.paint();
        });
        this.matrix.append(more);
      }
    }
    this.matrix.querySelectorAll("[data-i]").forEach((node) => {
      const cell = /** @type {HTMLElement} */ (node);
      const [i, j] = [Number(cell.dataset.i), Number(cell.dataset.j)];
      const isOn = choice !== null && (choice.side === "left"
        ? i === choice.segment && (choice.other === null || choice.other === j)
        : j === choice.segment && (choice.other === null || choice.other === i));
      cell.classList.toggle("on", isOn);
    });
  }

  /** @param {number[]} rows */
  makeTable(rows) {
    const n = this.pair.shape[1];
    const head = make("tr", {}, make("th", { scope: "col" }, this.items.left.kind === "image" ? "region" : "word"));
    this.names.right.forEach((name) => head.append(make("th", { scope: "col", class: "slanted" }, make("span", { dir: "auto" }, name))));
    const body = make("tbody");
    rows.forEach((i, row) => {
      const line = make("tr", {}, make("th", { scope: "row", dir: "auto" }, this.names.left[i]));
      for (let j = 0; j < n; j += 1) {
        const place = this.at(i, j);
        const value = this.weights[place];
        const sign = Math.round(STEPS * Math.min(1, Math.abs(value) / this.limit)) === 0 ? "" : value < 0 ? "−" : "+";
        const cell = make("td", {
          class: `${tint(value, this.limit)}${this.isFaint(place) ? " faint" : ""}`,
          "data-i": i, "data-j": j, tabindex: row === 0 && j === 0 ? 0 : -1,
        }, make("span", { "aria-hidden": "true" }, sign), make("span", { class: "hidden" }, signed(value)));
        const choose = () => {
          this.hovered = { side: "right", segment: j, other: i };
          this.paint();
        };
        cell.addEventListener("pointerenter", choose);
        cell.addEventListener("focus", choose);
        cell.addEventListener("pointerleave", () => this.point("right", null, false));
        cell.addEventListener("blur", () => this.point("right", null, false));
        cell.addEventListener("click", () => {
          this.locked = { side: "right", segment: j, other: i };
          this.paint();
        });
        line.append(cell);
      }
      body.append(line);
    });
    const table = make("table", { class: "matrix" }, make("caption", { class: "hidden" },
      "Cells of the matrix; strongest rows first. Arrow keys move."), make("thead", {}, head), body);
    table.addEventListener("keydown", moveInTable);
    return table;
  }

  makeEffects() {
    const bars = (/** @type {Side} */ side) => {
      const packed = side === "left" ? [this.pair.left_effects, this.pair.left_half_widths]
        : [this.pair.right_effects, this.pair.right_half_widths];
      return effectTable(this.names[side], unpackReals(packed[0]), unpackReals(packed[1]), this.items[side].kind);
    };
    return [
      make("h2", {}, "Each segment by itself"),
      make("p", { class: "quiet" }, "Change of the score that a segment brings while the other item is whole, with half of its 95 % interval. "
        + "It has the segment's part in the matrix and what it does alone."),
      make("div", { class: "sides" }, bars("left"), bars("right")),
    ];
  }

  makeFacts() {
    const { pair } = this;
    const fact = (/** @type {string} */ name, /** @type {Node | string} */ value) => [make("dt", {}, name), make("dd", {}, value)];
    return make("details", { class: "facts" }, make("summary", {}, "Ids and figures of this pair"), make("dl", {},
      ...fact("pair", copyable(pair.pair_id)), ...fact("left item", copyable(pair.left_id)),
      ...fact("right item", copyable(pair.right_id)), ...fact("estimator", pair.estimator),
      ...fact("relation", pair.relation || "of no corpus"), ...fact("score", pair.score.toFixed(4)),
      ...fact("joint variance explained (r2_cross)", percent(pair.fit.r2_cross)),
      ...fact("the same on fresh masks (r2_cross_held_out)", percent(pair.fit.r2_cross_held_out)),
      ...fact("cells that differ from 0 after correction (share_certain)", percent(pair.fit.share_certain)),
      ...fact("difference of halves of the masks (split_half_error)", percent(pair.fit.split_half_error))));
  }
}

const FAINT = "Rows are the strongest first. Faint cells are smaller than two standard errors, each by itself: of cells that are 0 about one in "
  + "twenty is not faint. A tooltip and the line above give the number, its standard error and p. In a factor nothing is faint: factors have no errors. "
  + "Colours show with which segments a segment works in this model, and not that the model knows it: a word that it does not know has cells, too.";

/** @type {Record<string, string>} */
const VERDICTS = {
  usable: "No reason against this explanation is known.",
  doubtful: "Read it with care:",
  no: "Do not rely on it:",
};

/** @param {PairRecord} pair
 * @param {Record<Side, ItemRecord>} items */
function scoreSentence(pair, items) {
  const [left, right] = items.left.kind === items.right.kind ? ["query", "candidate"] : ["photograph", "caption"];
  const what = pair.relation === "" ? "" : pair.is_positive ? "; a match of the corpus" : "; no match of the corpus";
  const ranks = [];
  if (pair.rank_of_right !== null) ranks.push(`The ${right} is number ${pair.rank_of_right} for the ${left}`);
  if (pair.rank_of_left !== null) ranks.push(`the ${left} is number ${pair.rank_of_left} for the ${right}`);
  const error = pair.is_error ? " It won against the correct candidate." : "";
  return `Score ${pair.score.toFixed(3)}${what}. ${ranks.length ? `${ranks.join(", ")}.` : ""}${error}`;
}

/** @param {PairRecord} pair */
function fitSentence({ fit }) {
  const explained = fit.r2_cross ?? fit.r2_cross_held_out;
  if (explained === null) return "How much the matrix explains is unknown.";
  const ceiling = fit.r2_cross_ceiling === null ? "" : ` (best possible ${percent(fit.r2_cross_ceiling)})`;
  const share = fit.share_cross === null ? "" : `, which is ${percent(fit.share_cross)} of how the score varies when parts are removed`;
  return `The matrix explains ${percent(explained)} of what both do together${ceiling}${share}.`;
}

/** Arrow keys among the cells of a table, one of which is in the order of tabs.
 * @param {KeyboardEvent} event */
function moveInTable(event) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  const cell = /** @type {HTMLTableCellElement} */ (event.target);
  if (!step || cell.tagName !== "TD") return;
  event.preventDefault();
  const line = /** @type {HTMLTableRowElement} */ (cell.parentElement);
  const body = /** @type {HTMLTableSectionElement} */ (line.parentElement);
  const next = body.rows[line.sectionRowIndex + step[0]]?.cells[cell.cellIndex + step[1]];
  if (next?.tagName !== "TD") return;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
