/* Length and area, measured on the plane of the province's zone. While the tool is open, clicks on the map belong to it. */

import {settings, tell} from "../page.js";
import {bringIntoSight, copy, showCrosshair} from "./ground.js";
import {planeOf, writtenMetres} from "./vn2000.js";

const STEP_PX = 10;
const LONG_STEP_PX = 100;
const SAME_PLACE_PX = 3; // a double click comes as two clicks first
const AT_LEAST = {length: 2, area: 3};
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const HECTARE_M2 = 10000;

/** Start the tool in its element. */
export function start(page, root) {
  const tool = new Measure(page, root);
  return {opened: () => tool.open(), closed: () => tool.close()};
}

class Measure {
  constructor(page, root) {
    Object.assign(this, {page, root, words: root.dataset, points: [], finished: false, kind: "length"});
    this.leaflet = page.leaflet;
    this.container = this.leaflet.getContainer();
    this.drawn = L.layerGroup();
    this.listeners = {
      click: ({latlng}) => this.add(latlng),
      dblclick: () => this.finish(),
      mousemove: ({latlng}) => this.lead(latlng),
      mouseout: () => this.lead(null),
    };
    this.onKey = (event) => this.key(event);
    for (const input of root.querySelectorAll("[name=measure]")) {
      input.addEventListener("change", () => this.setKind(input.value));
    }
    const actions = {finish: () => this.finish(), back: () => this.takeBack(), cancel: () => this.cancel(), copy: () => this.copy()};
    for (const [name, act] of Object.entries(actions)) this.button(name).addEventListener("click", act);
  }

  button(name) {
    return this.root.querySelector(`[data-do=${name}]`);
  }

  async open() {
    this.isOpen = true;
    if (this.page.map) this.page.map.held = true;
    this.zoomsByDoubleClick = this.leaflet.doubleClickZoom.enabled();
    this.leaflet.doubleClickZoom.disable();
    this.leaflet.on(this.listeners);
    for (const place of [this.container, this.root]) place.addEventListener("keydown", this.onKey, {capture: true});
    this.container.classList.add("picking");
    this.hideCrosshair = showCrosshair(this.leaflet);
    bringIntoSight(this.container);
    this.drawn.addTo(this.leaflet);
    try {
      this.plane = await planeOf(this.words.proj4, this.words.definition);
      this.complain("");
    } catch (error) {
      this.complain(error.message);
    }
    this.show();
  }

  close() {
    this.isOpen = false;
    if (this.page.map) this.page.map.held = false;
    if (this.zoomsByDoubleClick) this.leaflet.doubleClickZoom.enable();
    this.leaflet.off(this.listeners);
    for (const place of [this.container, this.root]) place.removeEventListener("keydown", this.onKey, {capture: true});
    this.container.classList.remove("picking");
    this.hideCrosshair();
    this.cancel();
    this.drawn.remove();
  }

  setKind(kind) {
    this.kind = kind;
    if (this.points.length < AT_LEAST[kind]) this.finished = false;
    this.show();
  }

  /* -- points -------------------------------------------------------------------------------------------- */

  add(latlng) {
    if (!this.plane) return;
    if (this.finished) this.cancel();
    const last = this.points.at(-1);
    const apart = last && this.leaflet.latLngToContainerPoint(last.latlng).distanceTo(this.leaflet.latLngToContainerPoint(latlng));
    if (last && apart < SAME_PLACE_PX) return;
    this.points.push({latlng, ...this.plane.fromDegrees(latlng)});
    this.show();
  }

  finish() {
    if (this.points.length < AT_LEAST[this.kind]) {
      this.complain(this.words[this.kind === "area" ? "fewArea" : "fewLength"]);
      return;
    }
    this.finished = true;
    this.show();
  }

  takeBack() {
    this.finished = false;
    this.points.pop();
    this.show();
  }

  cancel() {
    this.finished = false;
    this.points = [];
    this.show();
  }

  key(event) {
    const onMap = this.container.contains(event.target);
    const {key} = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      Backspace: () => this.points.length && this.takeBack(),
      Escape: () => this.points.length && this.cancel(),
    };
    if (onMap) {
      acts[" "] = () => this.add(this.leaflet.getCenter());
      acts.Enter = () => this.finish();
      for (const [arrow, [x, y]] of Object.entries(ARROWS)) {
        const pixels = event.shiftKey ? LONG_STEP_PX : STEP_PX;
        acts[arrow] = () => this.move([x * pixels, y * pixels]);
      }
    }
    if (!acts[key] || (key === "Escape" && !this.points.length)) return; // then Escape closes the tool
    event.preventDefault();
    event.stopPropagation();
    acts[key]();
  }

  move(by) {
    this.leaflet.panBy(by, {animate: false});
    this.lead(this.leaflet.getCenter());
  }

  /* -- what is shown ------------------------------------------------------------------------------------- */

  complain(message) {
    tell(this.root.querySelector(".problem"), message);
  }

  show() {
    const {points, kind} = this;
    const enough = points.length >= AT_LEAST[kind];
    const crossing = kind === "area" && enough && crosses(points);
    this.complain(crossing ? this.words.crossing : "");
    const sides = sidesOf(points, kind === "area" && enough);
    const length = sides.reduce((sum, side) => sum + side, 0);
    const area = enough && !crossing ? areaOf(points) : 0;
    this.write({sides, length, area, crossing});
    this.draw();
    this.button("finish").disabled = !enough || this.finished;
    for (const name of ["back", "cancel"]) this.button(name).disabled = !points.length;
    this.root.querySelector(".next").textContent = this.whatNext();
  }

  whatNext() {
    if (this.finished) return this.words.finished;
    if (this.points.length) return this.words.more;
    return this.words[this.kind === "area" ? "startArea" : "startLength"];
  }

  write({sides, length, area, crossing}) {
    const {kind, points} = this;
    const metres = (value) => this.words.metres.replace("{n}", writtenMetres(value));
    const squareMetres = this.words.squareMetres.replace("{n}", writtenMetres(area));
    const hectares = this.words.hectares.replace("{n}", new Intl.NumberFormat(settings.language, {minimumFractionDigits: 4, maximumFractionDigits: 4}).format(area / HECTARE_M2));
    const place = (name) => this.root.querySelector(`[data-result=${name}]`);
    place("area").hidden = kind !== "area";
    place("area").querySelector("b").textContent = crossing ? "–" : squareMetres;
    place("area").querySelector(".of").textContent = crossing ? "" : `= ${hectares}`;
    place("length").querySelector("b").textContent = metres(length);
    for (const term of place("length").querySelectorAll("dt")) term.hidden = term.dataset.of !== kind;
    const last = sides[points.length - 2];
    place("last").hidden = last === undefined;
    place("last").querySelector("dd").textContent = last === undefined ? "" : metres(last);
    const said = this.words[kind === "area" ? "saidArea" : "saidLength"];
    this.root.querySelector("[role=status]").textContent = points.length && !crossing
      ? said.replace("{points}", points.length).replace("{length}", metres(length)).replace("{area}", `${squareMetres} (${hectares})`)
      : "";
    this.root.querySelector("[data-count]").textContent = points.length;
    this.root.querySelector("tbody").replaceChildren(...this.rows({}).map(rowOf));
    this.button("copy").disabled = !points.length;
  }

  /* One row a point: number, X, Y, and the side from it to the next. */
  rows(options) {
    const sides = sidesOf(this.points, this.kind === "area" && this.points.length >= AT_LEAST.area);
    return this.points.map(({x, y}, at) => [
      String(at + 1), writtenMetres(x, options), writtenMetres(y, options),
      sides[at] === undefined ? "" : writtenMetres(sides[at], options),
    ]);
  }

  draw() {
    this.drawn.clearLayers();
    const places = this.points.map(({latlng}) => latlng);
    const closed = this.kind === "area" && places.length >= AT_LEAST.area;
    const options = {className: "measured", interactive: false, weight: 3};
    if (closed) L.polygon(places, {...options, className: "measured enclosed", fillOpacity: 0.25}).addTo(this.drawn);
    else L.polyline(places, {...options, fill: false}).addTo(this.drawn);
    for (const latlng of places) {
      L.circleMarker(latlng, {className: "measured-point", interactive: false, radius: 4, weight: 2}).addTo(this.drawn);
    }
    this.leading = L.polyline([], {className: "measured leading", interactive: false, weight: 2, fill: false}).addTo(this.drawn);
  }

  /* A dashed line to where the next point would come. */
  lead(latlng) {
    const from = this.finished ? null : this.points.at(-1);
    const back = this.kind === "area" && this.points.length > 1 ? [this.points[0].latlng] : [];
    this.leading?.setLatLngs(from && latlng ? [from.latlng, latlng, ...back] : []);
  }

  async copy() {
    const lines = [JSON.parse(this.words.head), ...this.rows({plain: true})].map((cells) => cells.join("\t"));
    const copied = await copy(lines.join("\n"), this.root.querySelector(".by-hand"));
    if (copied) this.root.querySelector("[role=status]").textContent = this.words.copied;
  }
}

function rowOf(cells) {
  const row = document.createElement("tr");
  cells.forEach((text, at) => {
    const cell = document.createElement(at ? "td" : "th");
    cell.textContent = text;
    if (at) cell.className = "number";
    else cell.scope = "row";
    row.append(cell);
  });
  return row;
}

function sidesOf(points, closed) {
  const ends = closed ? [...points.slice(1), points[0]] : points.slice(1);
  return ends.map((end, at) => Math.hypot(end.x - points[at].x, end.y - points[at].y));
}

/* Gauss's formula, from the first corner, so that no digits are lost in coordinates of millions. */
function areaOf(points) {
  const [{x: x0, y: y0}] = points;
  const twice = points.reduce((sum, {x, y}, at) => {
    const next = points[(at + 1) % points.length];
    return sum + (x - x0) * (next.y - y0) - (next.x - x0) * (y - y0);
  }, 0);
  return Math.abs(twice) / 2;
}

/* Whether two sides that are not neighbours cross. */
function crosses(points) {
  const count = points.length;
  const turn = (a, b, c) => Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
  for (let i = 0; i < count; i += 1) {
    for (let j = i + 2; j < count; j += 1) {
      if (i === 0 && j === count - 1) continue;
      const [a, b, c, d] = [points[i], points[i + 1], points[j], points[(j + 1) % count]];
      if (turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b)) return true;
    }
  }
  return false;
}
