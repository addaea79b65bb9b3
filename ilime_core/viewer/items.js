"use strict";
/* A photograph with its regions, and a text with its words. Both paint one value a segment, say which segment
 * is pointed at, and name their segments. */

/** @typedef {{label: string | null, place: string, share: number}} RegionRecord */
/** @typedef {{start: number, end: number, word_class: string | null}} WordRecord */
/** @typedef {{item_id: string, title: string, score: number, relevant: boolean, pair_id: string | null}} AnswerRecord */
/** @typedef {{kind: "image", item_id: string, title: string, photo: string, problem: string, seen: number,
 *   labels: PackedLabels, regions: RegionRecord[], tags: Record<string, string>, answers: AnswerRecord[]}} ImageRecord */
/** @typedef {{kind: "text", item_id: string, text: string, words: WordRecord[], n_truncated: number,
 *   tags: Record<string, string>, answers: AnswerRecord[]}} TextRecord */
/** @typedef {ImageRecord | TextRecord} ItemRecord */
/** @typedef {(segment: number | null, chosen: boolean) => void} Pointed */

const RAISES = [178, 24, 43];
const LOWERS = [33, 102, 172];
const BADGES = 8;

/** Names of the segments of an item, as everywhere: the word, or the number of the region with its label.
 * @param {ItemRecord} record
 * @returns {string[]} */
function segmentNames(record) {
  if (record.kind === "text") {
    const points = Array.from(record.text);
    return record.words.map((word) => points.slice(word.start, word.end).join(""));
  }
  return record.regions.map((region, number) => (region.label ? `${number} ${region.label}` : `${number}`));
}

class PhotoView {
  /** @param {ImageRecord} record
   * @param {Pointed} pointed */
  constructor(record, pointed) {
    this.record = record;
    this.map = unpackLabels(record.labels);
    this.canvas = make("canvas", { width: this.map.width, height: this.map.height, "aria-hidden": "true" });
    this.badges = make("span", { class: "badges", "aria-hidden": "true" });
    this.note = make("figcaption", { class: "quiet" });
    const frame = make("div", { class: "photo" });
    if (record.photo) {
      const photo = make("img", { src: record.photo, alt: `Photograph ${record.title}` });
      photo.addEventListener("error", () => {
        photo.remove();
        frame.classList.add("missing");
        this.note.append(` The photograph ${record.photo} is missing beside this page; its regions still hold.`);
      });
      frame.append(photo);
    } else {
      frame.classList.add("missing");
      this.note.append(`The photograph cannot be shown (${record.problem || "none was kept"}); its regions still hold. `);
    }
    frame.append(this.canvas, this.badges);
    frame.style.aspectRatio = `${this.map.width} / ${this.map.height}`;
    if (record.seen < 0.995) {
      this.note.append(`The model sees ${percent(record.seen)} of the photograph; the dark part is cropped away.`);
    }
    this.element = make("figure", {}, frame, this.note);
    frame.addEventListener("pointermove", (event) => pointed(this.regionAt(event), false));
    frame.addEventListener("pointerleave", () => pointed(null, false));
    frame.addEventListener("click", (event) => pointed(this.regionAt(event), true));
    this.centres = this.findCentres();
  }

  /** @param {MouseEvent} event */
  regionAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * this.map.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * this.map.height);
    if (x < 0 || y < 0 || x >= this.map.width || y >= this.map.height) return null;
    const region = this.map.labels[y * this.map.width + x];
    return region < 0 ? null : region;
  }

  /** The pixel of each region that is nearest to its middle. */
  findCentres() {
    const { width, labels } = this.map;
    const count = this.record.regions.length;
    const sums = Array.from({ length: count }, () => [0, 0, 0]);
    labels.forEach((region, place) => {
      if (region < 0 || region >= count) return;
      sums[region][0] += place % width;
      sums[region][1] += Math.floor(place / width);
      sums[region][2] += 1;
    });
    const best = sums.map(() => ({ x: -1, y: -1, distance: Infinity }));
    labels.forEach((region, place) => {
      if (region < 0 || region >= count) return;
      const [x, y] = [place % width, Math.floor(place / width)];
      const [sx, sy, n] = sums[region];
      const distance = (x - sx / n) ** 2 + (y - sy / n) ** 2;
      if (distance < best[region].distance) best[region] = { x, y, distance };
    });
    return best;
  }

  /** @param {ArrayLike<number> | null} values one a region, or none
   * @param {number} limit
   * @param {number | null} chosen region with an outline */
  paint(values, limit, chosen) {
    const { width, height, labels } = this.map;
    const context = this.canvas.getContext("2d");
    if (context === null) return;
    const pixels = context.createImageData(width, height);
    for (let place = 0; place < labels.length; place += 1) {
      const region = labels[place];
      const at = 4 * place;
      if (region < 0) {
        pixels.data[at + 3] = 165;
        continue;
      }
      const share = values === null ? 0 : Math.max(-1, Math.min(1, (values[region] || 0) / limit));
      const colour = share > 0 ? RAISES : LOWERS;
      pixels.data[at] = colour[0];
      pixels.data[at + 1] = colour[1];
      pixels.data[at + 2] = colour[2];
      pixels.data[at + 3] = 205 * Math.abs(share) ** 0.75;
      const isEdge = labels[place + 1] !== region || labels[place + width] !== region;
      if (isEdge && (region === chosen || labels[place + 1] === chosen || labels[place + width] === chosen)) {
        pixels.data.set([255, 255, 255, 255], at);
      }
    }
    context.putImageData(pixels, 0, 0);
    this.canvas.parentElement?.classList.toggle("tinted", values !== null);
    this.number(values, chosen);
  }

  /** Numbers of the strongest regions and of the chosen one.
   * @param {ArrayLike<number> | null} values
   * @param {number | null} chosen */
  number(values, chosen) {
    const order = this.centres.map((_, region) => region);
    const size = (/** @type {number} */ region) => (values === null ? 0 : Math.abs(values[region] || 0));
    order.sort((a, b) => size(b) - size(a));
    const shown = new Set(values === null ? [] : order.slice(0, BADGES).filter((region) => size(region) > 0));
    if (chosen !== null) shown.add(chosen);
    this.badges.replaceChildren(
      ...[...shown].filter((region) => this.centres[region].x >= 0).map((region) => {
        const badge = make("b", { class: region === chosen ? "chosen" : "" }, String(region));
        badge.style.left = `${(100 * (this.centres[region].x + 0.5)) / this.map.width}%`;
        badge.style.top = `${(100 * (this.centres[region].y + 0.5)) / this.map.height}%`;
        return badge;
      }),
    );
  }
}

class TextView {
  /** @param {TextRecord} record
   * @param {Pointed} pointed */
  constructor(record, pointed) {
    this.record = record;
    const points = Array.from(record.text);
    const line = make("p", { class: "caption", dir: "auto" });
    /** @type {HTMLButtonElement[]} */
    this.words = [];
    let place = 0;
    record.words.forEach((word, number) => {
      line.append(points.slice(place, word.start).join(""));
      const button = make("button", { type: "button", class: "word" }, points.slice(word.start, word.end).join(""));
      if (word.word_class) button.title = word.word_class;
      button.addEventListener("pointerenter", () => pointed(number, false));
      button.addEventListener("pointerleave", () => pointed(null, false));
      button.addEventListener("focus", () => pointed(number, false));
      button.addEventListener("blur", () => pointed(null, false));
      button.addEventListener("click", () => pointed(number, true));
      this.words.push(button);
      line.append(button);
      place = word.end;
    });
    line.append(points.slice(place).join(""));
    this.element = make("div", { class: "text" }, line);
    if (record.n_truncated > 0) {
      this.element.append(
        make("p", { class: "note" }, `The last ${record.n_truncated} words are beyond what the model reads.`),
      );
    }
  }

  /** @param {ArrayLike<number> | null} values one a word, or none
   * @param {number} limit
   * @param {number | null} chosen */
  paint(values, limit, chosen) {
    this.words.forEach((button, number) => {
      const step = values === null ? "step0" : tint(values[number], limit);
      button.className = `word ${step}`;
      button.setAttribute("aria-pressed", String(number === chosen));
    });
  }
}

/** @param {ItemRecord} record
 * @param {Pointed} pointed */
function itemView(record, pointed) {
  return record.kind === "image" ? new PhotoView(record, pointed) : new TextView(record, pointed);
}
