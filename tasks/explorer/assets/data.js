"use strict";
/* Data of the site. A browser reads no file beside a page of a disk, but it runs scripts: each data file is one
 * that hands its JSON to receive(). */

/** @typedef {{version: number, run_id: string, label: string, finished: boolean, estimator: string, left: string,
 *   right: string, n_pairs: number, n_items: number, n_index: number, pairs_per_page: number,
 *   items_per_page: number}} Site */
/** @typedef {{offsets: Int32Array, codes: Int32Array, levels: string[]}} Lists */
/** @typedef {{codes: Uint16Array, levels: string[]}} Codes */
/** @typedef {{n: number, item_id: string[], kind: Codes, title: string[], words: Lists, classes: Lists,
 *   labels: Lists, tags: Record<string, Lists>, photo: string[]}} Items */
/** @typedef {{n: number, pair_id: string[], left: Int32Array, right: Int32Array, relation: Codes,
 *   is_positive: Uint8Array, is_error: Uint8Array, score: Float32Array, rank_of_right: Int32Array,
 *   rank_of_left: Int32Array, r2_cross: Float32Array, share_cross: Float32Array, share_certain: Float32Array,
 *   verdict: Codes, top_left: Int32Array, top_right: Int32Array, top_left_name: Codes, top_right_name: Codes, top_weight: Float32Array, top_sure: Uint8Array,
 *   mass: Float32Array, margin: Float32Array}} Index */

const VERSION = 1;
/** @type {Map<string, (content: any) => void>} */
const waiting = new Map();
/** @type {Map<string, Promise<any>>} */
const requested = new Map();

/** Called by every data file.
 * @param {string} name
 * @param {unknown} content */
function receive(name, content) {
  waiting.get(name)?.(content);
  waiting.delete(name);
}

/** Content of a data file, read once.
 * @param {string} name
 * @returns {Promise<any>} */
function load(name) {
  let found = requested.get(name);
  if (found === undefined) {
    found = new Promise((resolve, reject) => {
      const script = make("script", { src: `data/${name}.js` });
      waiting.set(name, resolve);
      const fail = () => {
        requested.delete(name);
        reject(new Error(`data/${name}.js is missing or damaged: copy the whole folder, or write the report again.`));
      };
      script.addEventListener("error", fail);
      script.addEventListener("load", () => {
        script.remove();
        if (waiting.delete(name)) fail(); // it ran and handed nothing over
      });
      document.head.append(script);
    });
    requested.set(name, found);
  }
  return found;
}

/** @returns {Promise<Site>} */
async function loadSite() {
  const site = /** @type {Site} */ (await load("site"));
  if (site.version !== VERSION) {
    throw new Error(`This folder was written by another version of ilime (data ${site.version}, scripts ${VERSION}): write the report again.`);
  }
  return site;
}

/** @param {Record<string, any>} column
 * @returns {any} */
function unpackColumn(column) {
  if (column.f !== undefined) return new Float32Array(bytesOf(column.f).buffer);
  if (column.i !== undefined) return new Int32Array(bytesOf(column.i).buffer);
  if (column.b !== undefined) return bytesOf(column.b);
  if (column.u !== undefined) return { codes: new Uint16Array(bytesOf(column.u).buffer), levels: column.levels };
  if (column.s !== undefined) return column.s;
  const { offsets, codes } = column.lists;
  return { offsets: new Int32Array(bytesOf(offsets).buffer), codes: new Int32Array(bytesOf(codes).buffer), levels: column.levels };
}

/** @param {Record<string, any>} packed
 * @returns {any} */
function unpackColumns(packed) {
  return Object.fromEntries(Object.entries(packed).map(([name, column]) => {
    if (name === "n") return [name, column];
    if (name === "tags") return [name, unpackColumns(column)];
    return [name, unpackColumn(column)];
  }));
}

/** Columns of all pairs, of one or more files.
 * @param {Site} site
 * @returns {Promise<Index>} */
async function loadIndex(site) {
  const names = Array.from({ length: site.n_index }, (_, number) => `index-${String(number).padStart(6, "0")}`);
  const parts = (await Promise.all(names.map(load))).map(unpackColumns);
  if (parts.length === 1) return parts[0];
  /** @type {Record<string, any>} */
  const joined = { n: parts.reduce((sum, part) => sum + part.n, 0) };
  for (const name of Object.keys(parts[0] ?? {})) {
    const columns = parts.map((part) => part[name]);
    if (name !== "n") joined[name] = joinColumns(columns, joined.n);
  }
  return /** @type {Index} */ (joined);
}

/** @param {any[]} columns
 * @param {number} n
 * @returns {any} */
function joinColumns(columns, n) {
  if (Array.isArray(columns[0])) return columns.flat();
  if (columns[0].levels) {
    const levels = [...new Set(columns.flatMap((one) => one.levels))];
    const codes = new Uint16Array(n);
    let place = 0;
    for (const one of columns) {
      const moved = one.levels.map((/** @type {string} */ level) => levels.indexOf(level));
      for (const code of one.codes) codes[place++] = code === NONE ? NONE : moved[code];
    }
    return { codes, levels };
  }
  const whole = new columns[0].constructor(n);
  let place = 0;
  for (const one of columns) {
    whole.set(one, place);
    place += one.length;
  }
  return whole;
}

const NONE = 65535;

/** @returns {Promise<Items>} */
async function loadItems() {
  return unpackColumns(await load("items"));
}

/** Record of one row of a paged file.
 * @param {"pairs" | "items"} kind
 * @param {number} row
 * @param {number} perPage */
async function loadRecord(kind, row, perPage) {
  const page = await load(`${kind}-${String(Math.floor(row / perPage)).padStart(6, "0")}`);
  return page[row % perPage];
}

/** @param {Codes} column
 * @param {number} row */
function levelOf(column, row) {
  return column.levels[column.codes[row]] ?? "";
}

/** Texts of a row of lists.
 * @param {Lists} column
 * @param {number} row */
function textsOf(column, row) {
  return Array.from(column.codes.subarray(column.offsets[row], column.offsets[row + 1]), (code) => column.levels[code]);
}

/** Short name of an item: what a card shows.
 * @param {Items} items
 * @param {number} item */
function titleOf(items, item) {
  return item < 0 ? "an item without segments" : items.title[item];
}

/** A card of a pair.
 * @param {Items} items
 * @param {Index} index
 * @param {number} row
 * @param {string} href */
function pairCard(items, index, row, href) {
  const [left, right] = [index.left[row], index.right[row]];
  const card = make("a", { class: `card${index.is_error[row] ? " error" : ""}`, href, "data-row": row });
  const photos = [left, right].filter((item) => item >= 0 && items.photo[item]);
  if (photos.length) {
    card.append(make("span", { class: "photos" }, ...photos.map((item) =>
      make("img", { src: items.photo[item], alt: `Photograph ${items.title[item]}`, loading: "lazy" }))));
  }
  for (const item of [left, right]) {
    if (item < 0 || items.photo[item] === "") card.append(make("span", { class: "title", dir: "auto" }, titleOf(items, item)));
  }
  const verdict = levelOf(index.verdict, row);
  const named = (/** @type {number} */ item, /** @type {Codes} */ names) =>
    item >= 0 && items.photo[item] === "" && levelOf(items.kind, item) === "text" ? `“${levelOf(names, row)}”` : `region ${levelOf(names, row)}`;
  card.append(make("span", { class: "quiet" },
    index.is_error[row] ? make("b", { class: "flag" }, "error") : null,
    verdict ? make("b", { class: `chip ${verdict}` }, verdict) : null,
    ` score ${index.score[row].toFixed(2)}`,
    index.rank_of_left[row] > 0 ? `, rank ${index.rank_of_left[row]}` : "",
    Number.isFinite(index.r2_cross[row]) ? `, R² ${percent(index.r2_cross[row])}` : "",
    `; strongest: ${named(right, index.top_right_name)} with ${named(left, index.top_left_name)}, `
      + `${signed(index.top_weight[row], 3)}${index.top_sure[row] ? "" : " (may be 0)"}`));
  return card;
}

/** Show what went wrong where the page would be.
 * @param {HTMLElement} host
 * @param {unknown} error */
function showError(host, error) {
  host.removeAttribute("aria-busy");
  host.replaceChildren(make("p", { class: "note flagged", role: "alert" }, error instanceof Error ? error.message : String(error)));
}
