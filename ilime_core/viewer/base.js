"use strict";
/* Small parts that every page draws with: packed arrays, colours, elements. Pages are classic scripts, which
 * browsers also load from a disk, so names of all files share one scope. */

/** @typedef {{unit: number, codes: string}} PackedReals */
/** @typedef {{width: number, height: number, runs: string}} PackedLabels */
/** @typedef {{width: number, height: number, labels: Int32Array}} LabelMap */

const UNKNOWN = -32768;
const STEPS = 5;

/** @param {string} text base64 */
function bytesOf(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** Reals of a packed array; NaN where a value is not known.
 * @param {PackedReals} packed */
function unpackReals(packed) {
  const codes = new Int16Array(bytesOf(packed.codes).buffer);
  return Float64Array.from(codes, (code) => (code === UNKNOWN ? NaN : code * packed.unit));
}

/** Region of every pixel, row after row; -1 where the model sees nothing.
 * @param {PackedLabels} packed
 * @returns {LabelMap} */
function unpackLabels(packed) {
  const runs = new Uint16Array(bytesOf(packed.runs).buffer);
  const labels = new Int32Array(packed.width * packed.height);
  let place = 0;
  for (let run = 0; run < runs.length; run += 2) {
    const end = place + runs[run + 1];
    labels.fill(runs[run] - 1, place, end);
    place = end;
  }
  return { width: packed.width, height: packed.height, labels };
}

/** Class of the tint of a value on a scale from -limit to limit; each has a text colour that is readable on it.
 * @param {number} value
 * @param {number} limit */
function tint(value, limit) {
  if (!Number.isFinite(value)) return "step-unknown";
  const step = Math.round(STEPS * Math.max(-1, Math.min(1, value / limit)));
  return step > 0 ? `pos${step}` : step < 0 ? `neg${-step}` : "step0";
}

/** Largest magnitude of known values: the end of a symmetric scale; never 0.
 * @param {ArrayLike<number>[]} arrays */
function symmetricLimit(...arrays) {
  let largest = 0;
  for (const values of arrays) {
    for (let i = 0; i < values.length; i += 1) {
      if (Math.abs(values[i]) > largest) largest = Math.abs(values[i]);
    }
  }
  return largest > 0 ? largest : 1;
}

/** @param {number | null} value */
function signed(value, digits = 4) {
  if (value === null || !Number.isFinite(value)) return "–";
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

/** @param {number | null} share */
function percent(share) {
  if (share === null || !Number.isFinite(share)) return "unknown";
  const value = 100 * share;
  return `${value.toFixed(Math.abs(value) < 9.95 ? 1 : 0)} %`;
}

/** @param {number} value */
function pValue(value) {
  if (!Number.isFinite(value)) return "not tested";
  return value < 0.001 ? "p < .001" : `p = ${value.toFixed(3).replace(/^0/, "")}`;
}

/** An element with attributes and children; strings become text, never HTML.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean>} [attributes]
 * @param {(Node | string | null)[]} children
 * @returns {HTMLElementTagNameMap[T]} */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((one) => one !== null));
  return made;
}

/** An id that a click copies.
 * @param {string} id */
function copyable(id) {
  const button = make("button", { type: "button", class: "id", title: `copy ${id}` }, id);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(id);
      button.dataset.copied = "copied";
    } catch {
      getSelection()?.selectAllChildren(button); // pages of a disk may not write to the clipboard
      button.dataset.copied = "selected";
    }
    setTimeout(() => delete button.dataset.copied, 1500);
  });
  return button;
}

/** Symmetric scale of colours with its ends.
 * @param {number} limit
 * @param {string} meaning */
function colourScale(limit, meaning) {
  const steps = make("span", { class: "steps", "aria-hidden": "true" });
  for (let step = -STEPS; step <= STEPS; step += 1) steps.append(make("i", { class: tint(step, STEPS) }));
  return make("p", { class: "scale" }, `−${limit.toPrecision(2)} `, steps, ` +${limit.toPrecision(2)} `, meaning);
}
