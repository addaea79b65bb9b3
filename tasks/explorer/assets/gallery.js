"use strict";
/* The page of pairs: a gallery that is filtered, searched and sorted, and one pair. Its whole state is in the
 * address behind the #, so that it can be shared and the back button works. */

const CARDS = 48;

/** Filters by name of the address. Ranges are "low..high".
 * @typedef {Record<string, string>} State */

/** @type {Record<string, {title: string, values: (index: Index) => ArrayLike<number>, help: string}>} */
const RANGES = {
  score: { title: "score", values: (index) => index.score, help: "of the whole pair" },
  rank: { title: "rank", values: (index) => index.rank_of_left, help: "of the photograph for the caption; 1 is best" },
  r2: { title: "R² (fidelity)", values: (index) => index.r2_cross, help: "share of the joint variance that the matrix explains, 0 to 1" },
  certain: { title: "certain cells", values: (index) => index.share_certain, help: "share of cells that differ from 0 after correction, 0 to 1" },
  mass: { title: "joint effect", values: (index) => index.mass, help: "sum of the magnitudes of all cells" },
};

/** @type {Record<string, {title: string, key: (index: Index, row: number) => number}>} */
const ORDERS = {
  "": { title: "as in the run", key: (_, row) => row },
  best: { title: "score, highest first", key: (index, row) => -index.score[row] },
  worst: { title: "score, lowest first", key: (index, row) => index.score[row] },
  fidelity: { title: "R², highest first", key: (index, row) => -index.r2_cross[row] },
  doubtful: { title: "R², lowest first", key: (index, row) => index.r2_cross[row] },
  joint: { title: "joint effect, largest first", key: (index, row) => -index.mass[row] },
  margin: { title: "largest lost margin first", key: (index, row) => (Number.isFinite(index.margin[row]) ? index.margin[row] : Infinity) },
};

/** @returns {State} */
function readState() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** Address of a state; empty fields are left out.
 * @param {State} state */
function addressOf(state) {
  const kept = Object.entries(state).filter(([, value]) => value !== "");
  return `#${new URLSearchParams(kept)}`;
}

/** @param {string} text "low..high", either may be absent
 * @returns {[number, number]} */
function rangeOf(text) {
  const [low, high] = text.split("..");
  return [low === "" || low === undefined ? -Infinity : Number(low), high === "" || high === undefined ? Infinity : Number(high)];
}

/** True for the items that a filter keeps.
 * @param {Items} items
 * @param {Lists} lists
 * @param {string} wanted */
function itemsWith(items, lists, wanted) {
  const found = new Uint8Array(items.n);
  const code = lists.levels.indexOf(wanted);
  if (code < 0) return found;
  for (let item = 0; item < items.n; item += 1) {
    for (let place = lists.offsets[item]; place < lists.offsets[item + 1]; place += 1) {
      if (lists.codes[place] === code) found[item] = 1;
    }
  }
  return found;
}

/** Rows that a state keeps, in its order.
 * @param {Index} index
 * @param {Items} items
 * @param {State} state */
function chosenRows(index, items, state) {
  /** @type {Uint8Array[]} */
  const byItem = [];
  if (state.word) byItem.push(itemsWith(items, items.words, state.word));
  if (state.class) byItem.push(itemsWith(items, items.classes, state.class));
  if (state.label) byItem.push(itemsWith(items, items.labels, state.label));
  for (const [name, lists] of Object.entries(items.tags)) {
    if (state[`tag.${name}`]) byItem.push(itemsWith(items, lists, state[`tag.${name}`]));
  }
  if (state.q) {
    const wanted = state.q.toLocaleLowerCase();
    byItem.push(Uint8Array.from(items.title, (title) => (title.toLocaleLowerCase().includes(wanted) ? 1 : 0)));
  }
  const ranges = Object.entries(RANGES).filter(([name]) => state[name])
    .map(([name, range]) => ({ values: range.values(index), ends: rangeOf(state[name]) }));
  const relation = state.relation ? index.relation.levels.indexOf(state.relation) : null;
  const verdict = state.verdict ? index.verdict.levels.indexOf(state.verdict) : null;
  const rows = [];
  for (let row = 0; row < index.n; row += 1) {
    if (relation !== null && index.relation.codes[row] !== relation) continue;
    if (verdict !== null && index.verdict.codes[row] !== verdict) continue;
    if (state.errors && !index.is_error[row]) continue;
    if (!byItem.every((kept) => kept[index.left[row]] || kept[index.right[row]])) continue;
    if (!ranges.every(({ values, ends }) => values[row] >= ends[0] && values[row] <= ends[1])) continue;
    rows.push(row);
  }
  const order = ORDERS[state.sort ?? ""];
  if (order && state.sort) {
    const keys = new Map(rows.map((row) => [row, order.key(index, row)]));
    const key = (/** @type {number} */ row) => {
      const value = /** @type {number} */ (keys.get(row));
      return Number.isNaN(value) ? Infinity : value;
    };
    rows.sort((a, b) => key(a) - key(b) || a - b);
  }
  return rows;
}

class Gallery {
  /** @param {HTMLElement} host
   * @param {Site} site
   * @param {Index} index
   * @param {Items} items */
  constructor(host, site, index, items) {
    this.host = host;
    this.site = site;
    this.index = index;
    this.items = items;
    /** @type {number[]} */
    this.rows = [];
    this.page = 0;
    this.count = make("p", { role: "status", class: "count" });
    this.cards = make("div", { class: "cards" });
    this.pager = make("p", { class: "pager" });
    this.form = this.makeForm();
    this.list = make("section", { "aria-label": "Gallery" }, this.form, this.count, this.cards, this.pager);
    this.pair = make("article", { "aria-label": "Pair" });
    host.removeAttribute("aria-busy");
    host.replaceChildren(this.list, this.pair);
    addEventListener("hashchange", () => this.show());
    document.addEventListener("keydown", (event) => this.press(event));
    void this.show();
  }

  /** @param {string} name
   * @param {string} title
   * @param {string[]} values
   * @param {string[]} [names] */
  makeSelect(name, title, values, names = values) {
    const select = make("select", { name }, make("option", { value: "" }, "any"));
    values.forEach((value, place) => select.append(make("option", { value }, names[place].replaceAll("_", " "))));
    return make("label", {}, `${title} `, select);
  }

  /** Text field with the known texts as suggestions.
   * @param {string} name
   * @param {string} title
   * @param {string[]} known */
  makeText(name, title, known) {
    const list = make("datalist", { id: `known-${name}` }, ...known.slice(0, 500).map((value) => make("option", { value })));
    return make("label", {}, `${title} `, make("input", { name, list: list.id, size: 12, autocomplete: "off" }), list);
  }

  makeForm() {
    const { index, items } = this;
    const more = make("details", {}, make("summary", {}, "More filters"), make("div", { class: "fields" },
      ...(items.words.levels.length ? [this.makeText("word", "word", items.words.levels)] : []),
      ...(items.classes.levels.length ? [this.makeSelect("class", "class of words", items.classes.levels)] : []),
      ...(items.labels.levels.length ? [this.makeText("label", "label", items.labels.levels)] : []),
      ...Object.entries(items.tags).map(([name, lists]) => this.makeText(`tag.${name}`, name, lists.levels)),
      ...Object.entries(RANGES).map(([name, range]) => make("label", { title: range.help }, `${range.title} `,
        make("input", { name, size: 8, placeholder: "low..high", inputmode: "decimal", autocomplete: "off" })))));
    const form = make("form", { role: "search", class: "filters" },
      make("label", {}, "search ", make("input", { name: "q", type: "search", size: 20, placeholder: "caption or file" })),
      this.makeSelect("relation", "relation", index.relation.levels),
      this.makeSelect("verdict", "verdict", index.verdict.levels),
      make("label", {}, make("input", { name: "errors", type: "checkbox", value: "1" }), " errors only"),
      this.makeSort(),
      make("button", { type: "reset" }, "clear"),
      more);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.change());
    form.addEventListener("reset", () => setTimeout(() => this.change()));
    return form;
  }

  makeSort() {
    const select = make("select", { name: "sort" });
    for (const [value, { title }] of Object.entries(ORDERS)) select.append(make("option", { value }, title));
    return make("label", {}, "order ", select);
  }

  /** @returns {State} */
  formState() {
    return Object.fromEntries([...new FormData(this.form)].map(([name, value]) => [name, String(value)]));
  }

  change() {
    history.replaceState(null, "", addressOf(this.formState()));
    void this.show();
  }

  async show() {
    const state = readState();
    const { pair, page, ...filters } = state;
    for (const field of this.form.elements) {
      const input = /** @type {HTMLInputElement} */ (field);
      if (!input.name || input === document.activeElement) continue;
      if (input.type === "checkbox") input.checked = Boolean(filters[input.name]);
      else input.value = filters[input.name] ?? "";
    }
    const advanced = this.form.querySelector("details");
    if (advanced && [...advanced.querySelectorAll("input, select")].some((one) => filters[/** @type {HTMLInputElement} */ (one).name])) advanced.open = true;
    this.rows = chosenRows(this.index, this.items, filters);
    this.page = Math.max(0, Math.min(Number(page ?? 1) - 1, Math.floor(Math.max(0, this.rows.length - 1) / CARDS)));
    this.filters = filters;
    const row = pair ? this.index.pair_id.findIndex((id) => id === pair || (pair.length >= 8 && id.startsWith(pair))) : -1;
    this.list.hidden = row >= 0;
    this.pair.hidden = row < 0;
    if (row >= 0) await this.showPair(row);
    else this.showCards(pair);
  }

  /** @param {string | undefined} missing */
  showCards(missing) {
    document.title = "Pairs";
    const title = document.getElementById("title");
    if (title) title.textContent = "Pairs";
    const shown = this.rows.slice(this.page * CARDS, (this.page + 1) * CARDS);
    const note = missing ? ` There is no pair ${missing}.` : "";
    this.count.textContent = `${this.rows.length.toLocaleString("en")} of ${this.index.n.toLocaleString("en")} pairs.${note}`;
    this.cards.replaceChildren(...shown.map((row) => pairCard(this.items, this.index, row, this.pairAddress(row))));
    const pages = Math.ceil(this.rows.length / CARDS);
    const step = (/** @type {number} */ page, /** @type {string} */ name) =>
      page < 0 || page >= pages ? null : make("a", { href: addressOf({ ...this.filters, page: String(page + 1) }) }, name);
    this.pager.replaceChildren(...[step(this.page - 1, "previous page"), pages > 1 ? ` page ${this.page + 1} of ${pages} ` : null,
      step(this.page + 1, "next page")].filter((one) => one !== null));
  }

  /** @param {number} row */
  pairAddress(row) {
    return addressOf({ ...this.filters, pair: this.index.pair_id[row] });
  }

  /** @param {number} row */
  async showPair(row) {
    const { index, items, site } = this;
    try {
      const record = /** @type {PairRecord} */ (await loadRecord("pairs", row, site.pairs_per_page));
      const item = (/** @type {number} */ place) => loadRecord("items", place, site.items_per_page);
      const [left, right] = await Promise.all([item(index.left[row]), item(index.right[row])]);
      const around = new Map([[left.item_id, left], [right.item_id, right]]);
      const wanted = new Set(record.margins.flatMap((margin) => [margin.query, margin.correct, margin.wrong]));
      await Promise.all([...wanted].filter((id) => !around.has(id)).map(async (id) => {
        const place = items.item_id.indexOf(id);
        if (place >= 0) around.set(id, await item(place));
      }));
      const name = [left, right].map((one) => (one.kind === "text" ? one.text : one.title)).join(" – ");
      document.title = name;
      const title = document.getElementById("title");
      if (title) title.textContent = name;
      const drawn = make("div");
      const link = (/** @type {string} */ id) => (index.pair_id.includes(id) ? addressOf({ ...this.filters, pair: id }) : null);
      this.pair.replaceChildren(this.makeSteps(row), drawn, this.makeOthers(row, left, right));
      new PairView(drawn, record, left, right, { items: around, link });
      scrollTo(0, 0);
    } catch (error) {
      showError(this.pair, error);
    }
  }

  /** @param {number} row */
  makeSteps(row) {
    const place = this.rows.indexOf(row);
    const step = (/** @type {number} */ to, /** @type {string} */ name) =>
      place < 0 || to < 0 || to >= this.rows.length ? null : make("a", { href: this.pairAddress(this.rows[to]), "data-step": name }, `${name} pair`);
    return make("p", { class: "pager" },
      make("a", { href: addressOf({ ...this.filters }), "data-step": "back" }, "back to the gallery"), " ",
      step(place - 1, "previous"), " ", step(place + 1, "next"),
      place < 0 ? "" : ` ${place + 1} of ${this.rows.length} in this selection`);
  }

  /** Other pairs of the same items, and what the model prefers.
   * @param {number} row
   * @param {ItemRecord} left
   * @param {ItemRecord} right */
  makeOthers(row, left, right) {
    const { index } = this;
    const section = make("section", {}, make("h2", {}, "Other pairs of these items"));
    for (const side of /** @type {("left" | "right")[]} */ (["left", "right"])) {
      const rows = [];
      for (let other = 0; other < index.n && rows.length < 12; other += 1) {
        if (other !== row && index[side][other] === index[side][row]) rows.push(other);
      }
      const named = side === "left" ? this.site.left : this.site.right;
      if (rows.length) section.append(make("h3", {}, `of this ${named}`), make("div", { class: "cards small" }, ...rows.map((other) => pairCard(this.items, index, other, this.pairAddress(other)))));
      const record = side === "left" ? left : right;
      if (record.answers.length) {
        section.append(make("h3", {}, `What the model prefers for this ${named}`), make("ol", {}, ...record.answers.map((answer) => {
          const text = `${answer.title} (${answer.score.toFixed(3)}${answer.relevant ? ", a match" : ""})`;
          return make("li", { dir: "auto" }, answer.pair_id ? make("a", { href: addressOf({ ...this.filters, pair: answer.pair_id }) }, text) : text);
        })));
      }
    }
    return section.childElementCount > 1 ? section : make("section");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isTyping) target.blur();
    else if (isTyping) return;
    else if (event.key === "/") {
      event.preventDefault();
      if (this.list.hidden) location.hash = addressOf({ ...this.filters });
      /** @type {HTMLInputElement | null} */ (this.form.querySelector("[name=q]"))?.focus();
    } else if (event.key === "Escape" && !this.pair.hidden && !event.defaultPrevented) {
      location.hash = addressOf({ ...this.filters });
    } else if (["j", "k", "n", "p"].includes(event.key)) {
      const forward = event.key === "j" || event.key === "n";
      if (!this.pair.hidden) {
        /** @type {HTMLAnchorElement | null} */ (this.pair.querySelector(`[data-step=${forward ? "next" : "previous"}]`))?.click();
        return;
      }
      const cards = /** @type {HTMLElement[]} */ ([...this.cards.children]);
      const place = cards.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      cards[Math.max(0, Math.min(cards.length - 1, place + (forward ? 1 : -1)))]?.focus();
    }
  }
}

async function startGallery() {
  const host = document.getElementById("explorer");
  if (host === null) return;
  try {
    const site = await loadSite();
    const [index, items] = await Promise.all([loadIndex(site), loadItems()]);
    new Gallery(host, site, index, items);
    host.append(make("p", { class: "quiet" }, "Keys: / search, j and k next and previous, Enter open, Escape back; in a matrix the arrow keys."));
  } catch (error) {
    showError(host, error);
  }
}

void startGallery();
