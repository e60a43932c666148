/* Where the reader stands. The position stays in this page: nothing of it is sent anywhere. */

import {settings, tell} from "../page.js";
import {bringIntoSight} from "./ground.js";
import {planeOf, writtenDegrees, writtenMetres} from "./vn2000.js";

const PATIENCE_SECONDS = 20;
const CLOSEST = 17;
const OUTSIDE_KM = 5; // the points of communes known to the page lie inside of their outlines
const WIDEST_COMMUNE_DEGREES = 0.1;
const METRES_PER_KM = 1000;
const CODES = {1: "refused", 2: "unavailable", 3: "slow"};

/** Start the tool in its element. */
export function start(page, root) {
  const tool = new Locate(page, root);
  return {opened: () => tool.open(), closed: () => tool.stop()};
}

class Locate {
  constructor(page, root) {
    Object.assign(this, {page, root, words: root.dataset, watch: null, drawn: L.layerGroup(), asked: 0});
    this.leaflet = page.leaflet;
    this.problem = root.querySelector(".problem");
    this.done = root.querySelector(".done");
    this.button("once").addEventListener("click", () => this.once());
    this.button("follow").addEventListener("click", () => (this.watch === null ? this.follow() : this.stop()));
    this.button("clear").addEventListener("click", () => this.clear());
  }

  button(name) {
    return this.root.querySelector(`[data-do=${name}]`);
  }

  open() {
    bringIntoSight(this.leaflet.getContainer());
    if (!isSecureContext) this.refuse("insecure");
    else if (!navigator.geolocation) this.refuse("missing");
  }

  refuse(code) {
    this.complain(this.words[code]);
    for (const name of ["once", "follow"]) this.button(name).disabled = true;
  }

  once() {
    this.begin();
    this.asked += 1;
    const mine = this.asked;
    navigator.geolocation.getCurrentPosition(
      (position) => mine === this.asked && this.show(position, {move: true}),
      (error) => mine === this.asked && this.fail(error),
      this.options(),
    );
  }

  follow() {
    this.begin();
    this.button("follow").setAttribute("aria-pressed", "true");
    this.watch = navigator.geolocation.watchPosition(
      (position) => this.show(position, {move: true}), (error) => this.fail(error), this.options(),
    );
  }

  stop() {
    this.asked += 1; // an answer still under way comes too late
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    this.button("follow").setAttribute("aria-pressed", "false");
    if (this.done.textContent === this.words.asking) this.done.textContent = "";
  }

  options() {
    return {enableHighAccuracy: true, maximumAge: 0, timeout: PATIENCE_SECONDS * 1000};
  }

  begin() {
    this.complain("");
    this.done.textContent = this.words.asking;
  }

  complain(message) {
    tell(this.problem, message);
  }

  /* Who is followed may come into a tunnel: only a refusal ends it. */
  fail({code}) {
    if (this.watch === null || CODES[code] === "refused") this.stop();
    this.done.textContent = "";
    this.complain(this.words[CODES[code] ?? "unavailable"].replace("{n}", PATIENCE_SECONDS));
  }

  async show({coords}, {move}) {
    const latlng = L.latLng(coords.latitude, coords.longitude);
    const whole = new Intl.NumberFormat(settings.language, {maximumFractionDigits: 0}).format;
    this.done.textContent = this.words.said.replace("{n}", whole(Math.ceil(coords.accuracy)));
    this.draw(latlng, coords.accuracy);
    const away = await this.kilometresOutside(latlng);
    this.complain(away > OUTSIDE_KM ? this.words.outside.replace("{n}", whole(away)) : "");
    if (move && away <= OUTSIDE_KM) this.moveTo(latlng);
    await this.write(latlng);
  }

  draw(latlng, accuracyMetres) {
    this.drawn.clearLayers().addTo(this.leaflet);
    L.circle(latlng, {className: "accuracy", interactive: false, radius: accuracyMetres, weight: 1.5}).addTo(this.drawn);
    L.circleMarker(latlng, {className: "position", interactive: false, radius: 7, weight: 3}).addTo(this.drawn);
    this.button("clear").hidden = false;
  }

  moveTo(latlng) {
    const animate = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.leaflet.setView(latlng, Math.max(this.leaflet.getZoom(), CLOSEST), {animate});
  }

  /* How far a place lies from the communes of the map; 0 within them. */
  async kilometresOutside(latlng) {
    const {labels} = await this.page.course;
    const points = labels.filter(([layer]) => layer === "communes").map(([, , , lng, lat]) => [lat, lng]);
    if (!points.length) return 0;
    const area = L.latLngBounds(points);
    const [south, west, north, east] = [area.getSouth(), area.getWest(), area.getNorth(), area.getEast()];
    const nearest = L.latLng(
      Math.min(Math.max(latlng.lat, south - WIDEST_COMMUNE_DEGREES), north + WIDEST_COMMUNE_DEGREES),
      Math.min(Math.max(latlng.lng, west - WIDEST_COMMUNE_DEGREES), east + WIDEST_COMMUNE_DEGREES),
    );
    return nearest.distanceTo(latlng) / METRES_PER_KM;
  }

  async write(latlng) {
    const place = (name) => this.root.querySelector(`[data-shown=${name}]`);
    place("degrees").textContent = writtenDegrees(latlng);
    const plane = await planeOf(this.words.proj4, this.words.definition).catch(() => null); // the map shows the place anyway
    const {x, y} = plane?.fromDegrees(latlng) ?? {};
    place("x").textContent = plane ? `${writtenMetres(x)} m` : "–";
    place("y").textContent = plane ? `${writtenMetres(y)} m` : "–";
    this.root.querySelector(".results").hidden = false;
  }

  clear() {
    this.stop();
    this.drawn.remove();
    this.root.querySelector(".results").hidden = true;
    this.button("clear").hidden = true;
    this.done.textContent = "";
    this.complain("");
    this.button("once").focus();
  }
}
