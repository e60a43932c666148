/* Coordinates: what lies under the pointer or the crosshair, and where a written one lies. */

import {tell} from "../page.js";
import {bringIntoSight, copy, markOf, showCrosshair} from "./ground.js";
import {Unread, planeOf, readCoordinate, writtenDegrees, writtenMetres, writtenSexagesimal} from "./vn2000.js";

const CLOSEST = 17;

/** Start the tool in its element. */
export function start(page, root) {
  const tool = new Coordinates(page, root);
  return {opened: () => tool.open(), closed: () => tool.close()};
}

class Coordinates {
  constructor(page, root) {
    Object.assign(this, {page, root, words: root.dataset, plane: null, mark: null, picking: false, picked: null, swapped: null});
    this.leaflet = page.leaflet;
    this.container = this.leaflet.getContainer();
    this.box = root.dataset.box.split(" ").map(Number);
    this.zone = root.querySelector("select");
    this.field = root.querySelector("#tool-coordinates-text");
    this.done = root.querySelector(".done");
    this.listeners = {
      mousemove: ({latlng}) => this.show(latlng, "pointer"),
      mouseout: () => this.showCentre(),
      move: () => this.showCentre(),
      click: ({latlng}) => this.picking && this.pick(latlng),
    };
    this.onKey = (event) => this.key(event);
    this.zone.addEventListener("change", () => this.changeZone());
    root.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.go();
    });
    for (const button of root.querySelectorAll("[data-copy]")) {
      button.addEventListener("click", () => this.copy(button.dataset.copy));
    }
    this.button("pick").addEventListener("click", () => this.setPicking(!this.picking));
    this.button("swap").addEventListener("click", () => this.put(this.swapped));
    this.button("clear").addEventListener("click", () => this.clear());
  }

  button(name) {
    return this.root.querySelector(`[data-do=${name}]`);
  }

  async open() {
    this.leaflet.on(this.listeners);
    this.container.addEventListener("keydown", this.onKey, {capture: true});
    this.hideCrosshair = showCrosshair(this.leaflet);
    bringIntoSight(this.container);
    await this.changeZone();
  }

  close() {
    this.setPicking(false);
    this.leaflet.off(this.listeners);
    this.container.removeEventListener("keydown", this.onKey, {capture: true});
    this.hideCrosshair();
  }

  async changeZone() {
    try {
      this.plane = await planeOf(this.words.proj4, this.zone.value);
      tell(this.root.querySelector("[data-failed]"), "");
    } catch (error) {
      tell(this.root.querySelector("[data-failed]"), error.message);
    }
    this.showCentre();
  }

  showCentre() {
    if (this.picked) this.show(this.picked, "picked");
    else this.show(this.leaflet.getCenter(), "centre");
  }

  /* A picked point stays, so that it can be copied; the pointer is read out again once another is to be picked. */
  show(latlng, source) {
    if (!this.plane || (this.picked && source !== "picked")) return;
    this.shown = latlng;
    const {x, y} = this.plane.fromDegrees(latlng);
    const place = (name) => this.root.querySelector(`[data-shown=${name}]`);
    this.root.querySelector("h3").textContent = this.words[source];
    place("x").textContent = `${writtenMetres(x)} m`;
    place("y").textContent = `${writtenMetres(y)} m`;
    place("degrees").textContent = writtenDegrees(latlng);
    place("sexagesimal").textContent = writtenSexagesimal(latlng);
  }

  async copy(what) {
    if (!this.shown || !this.plane) return;
    const text = {
      plane: () => this.writtenPlane(this.shown, {plain: true}),
      degrees: () => writtenDegrees(this.shown),
      sexagesimal: () => writtenSexagesimal(this.shown),
    }[what]();
    const copied = await copy(text, this.root.querySelector(".by-hand"));
    this.done.textContent = copied ? this.words.copied.replace("{text}", text) : "";
  }

  writtenPlane(latlng, options) {
    const {x, y} = this.plane.fromDegrees(latlng);
    return `${writtenMetres(x, options)}; ${writtenMetres(y, options)}`;
  }

  /* -- picking a point: meanwhile a click on the map selects nothing ------------------------------------- */

  setPicking(on) {
    this.picking = on;
    if (this.page.map) this.page.map.held = on;
    if (on) this.picked = null;
    this.button("pick").setAttribute("aria-pressed", String(on));
    this.root.querySelector("[data-while-picking]").hidden = !on;
    this.container.classList.toggle("picking", on);
    this.showCentre();
  }

  pick(latlng) {
    this.setPicking(false);
    this.picked = latlng;
    this.setMark(latlng);
    this.show(latlng, "picked");
    this.done.textContent = `${this.words.picked}: ${this.writtenPlane(latlng)}`;
  }

  key(event) {
    if (!this.picking || !["Enter", " ", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") this.setPicking(false);
    else this.pick(this.leaflet.getCenter());
  }

  /* -- going to a coordinate ----------------------------------------------------------------------------- */

  go() {
    if (!this.plane) return;
    this.complain("");
    try {
      this.put(readCoordinate(this.field.value, this.plane, this.box));
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
      this.swapped = error.values.swapped ?? null;
      this.complain(this.explained(error));
      this.field.focus();
    }
  }

  complain(message) {
    tell(this.root.querySelector("#tool-coordinates-wrong"), message);
    this.field.setAttribute("aria-invalid", String(Boolean(message)));
    this.button("swap").hidden = !message || !this.swapped;
    if (message) this.root.querySelector("#tool-coordinates-wrong").scrollIntoView({block: "nearest"});
  }

  explained({code, values: {text = "", swapped}}) {
    const {x, y} = swapped ? this.plane.fromDegrees(swapped) : {x: 0, y: 0};
    return this.words[code].replace("{text}", () => text).replace("{x}", writtenMetres(x)).replace("{y}", writtenMetres(y))
      .replace("{degrees}", swapped ? writtenDegrees(swapped) : "");
  }

  put({kind, lat, lng}) {
    this.complain("");
    this.setPicking(false);
    const latlng = L.latLng(lat, lng);
    const {x, y} = this.plane.fromDegrees(latlng);
    this.picked = latlng;
    this.setMark(latlng);
    const animate = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.leaflet.setView(latlng, Math.max(this.leaflet.getZoom(), CLOSEST), {animate});
    this.show(latlng, "picked");
    this.root.querySelector("h3").scrollIntoView({block: "nearest"});
    this.done.textContent = kind === "plane"
      ? this.words.readPlane.replace("{x}", writtenMetres(x)).replace("{y}", writtenMetres(y))
        .replace("{meridian}", this.zone.selectedOptions[0].dataset.meridian)
      : this.words.readDegrees.replace("{degrees}", writtenDegrees(latlng));
  }

  setMark(latlng) {
    this.mark?.remove();
    this.mark = markOf(latlng).addTo(this.leaflet);
    this.button("clear").hidden = false;
  }

  clear() {
    this.mark?.remove();
    this.mark = null;
    this.picked = null;
    this.button("clear").hidden = true;
    this.done.textContent = "";
    this.showCentre();
    this.field.focus();
  }
}
