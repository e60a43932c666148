/* A sheet to print: what the page shows, laid out by the server as PDF. While the tool is open, the ground that comes onto
   the paper is framed on the map. */

import {settings, tell, texts} from "../page.js";
import {bringIntoSight} from "./ground.js";
import {planeOf} from "./vn2000.js";

const SHARES = [0, 0.25, 0.5, 0.75, 1];
const MM_PER_M = 1000;
const KEPT_MS = 60000;
const LEAST_WIDTHS = 4; // of this tool: on a narrower map the legend makes room for the frame

/** Start the tool in its element. */
export function start(page, root) {
  const tool = new Print(page, root);
  return {opened: () => tool.open(), closed: () => tool.close()};
}

class Print {
  constructor(page, root) {
    Object.assign(this, {page, root, words: root.dataset, extent: null, making: null});
    this.leaflet = page.leaflet;
    this.form = root.querySelector("form");
    this.problem = root.querySelector(".problem");
    this.state = root.querySelector("[role=status]");
    this.frames = JSON.parse(this.words.frames);
    this.scales = JSON.parse(this.words.scales);
    this.drawn = L.layerGroup();
    this.form.addEventListener("change", () => this.frame());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.make();
    });
    root.querySelector("[data-do=extent]").addEventListener("click", () => this.frame(this.seen({besideTool: true})));
  }

  async open() {
    bringIntoSight(this.leaflet.getContainer());
    this.drawn.addTo(this.leaflet);
    const extent = this.seen({besideTool: false});
    this.legend = document.getElementById("legend");
    this.legendStood = this.legend.open;
    if (this.leaflet.getSize().x < LEAST_WIDTHS * this.root.offsetWidth) this.legend.open = false;
    try {
      this.plane = await planeOf(this.words.proj4, this.words.definition);
    } catch (error) {
      this.complain(error.message); // the frame cannot be drawn; the sheet can
    }
    this.frame(extent);
  }

  close() {
    this.making?.abort();
    this.drawn.remove();
    this.legend.open ||= this.legendStood;
  }

  /* What the map shows where neither the legend nor, if asked, this tool lies over it. */
  seen({besideTool}) {
    const {x: width, y: height} = this.leaflet.getSize();
    const legend = document.getElementById("legend");
    const left = legend.open && legend.offsetWidth < width / 2 ? legend.offsetWidth : 0;
    const right = besideTool ? width - this.covered() : width;
    const corners = [[left, 0], [right, height]].map((point) => this.leaflet.containerPointToLatLng(point));
    const [west, south, east, north] = this.words.box.split(" ").map(Number);
    return [
      Math.max(corners[0].lng, west), Math.max(corners[1].lat, south), Math.min(corners[1].lng, east), Math.min(corners[0].lat, north),
    ];
  }

  /* How much of the map's right side this tool covers; on a phone it lies below. */
  covered() {
    const map = this.leaflet.getContainer().getBoundingClientRect();
    const tool = this.root.getBoundingClientRect();
    return tool.width < map.width / 2 ? map.right - tool.left : 0;
  }

  /* Frame the ground of the sheet as the server will lay it (Frame.around in layers/paper.py), and bring it into view. */
  frame(extent = this.extent) {
    this.extent = extent;
    this.drawn.clearLayers();
    if (!this.plane) return;
    const {paper, orientation, scale: asked} = this.form.elements;
    const [width, height] = this.frames[`${paper.value}-${orientation.value}`];
    const [west, south, east, north] = this.extent;
    const edge = SHARES.flatMap((share) => [
      [west + share * (east - west), south], [west + share * (east - west), north],
      [west, south + share * (north - south)], [east, south + share * (north - south)],
    ]).map(([lng, lat]) => this.plane.fromDegrees({lat, lng}));
    const [low, high] = [Math.min, Math.max].map((pick) => ({x: pick(...edge.map(({x}) => x)), y: pick(...edge.map(({y}) => y))}));
    const needed = Math.max((high.y - low.y) / width, (high.x - low.x) / height) * MM_PER_M;
    const scale = Number(asked.value) || this.scales.find((each) => each >= needed);
    this.say("at", scale ? this.words.at.replace("{scale}", new Intl.NumberFormat(settings.language).format(scale)) : this.words.tooLarge);
    if (!scale) return;
    const half = {x: (height * scale) / MM_PER_M / 2, y: (width * scale) / MM_PER_M / 2};
    const middle = {x: (low.x + high.x) / 2, y: (low.y + high.y) / 2};
    const corners = [[1, -1], [1, 1], [-1, 1], [-1, -1]].map(([up, right]) => this.plane.toDegrees({x: middle.x + up * half.x, y: middle.y + right * half.y}));
    for (const className of ["sheet-frame under", "sheet-frame"]) L.polygon(corners, {className, interactive: false, fill: false}).addTo(this.drawn);
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.leaflet.fitBounds(corners, {paddingTopLeft: [12, 12], paddingBottomRight: [12 + this.covered(), 12], animate: !reduced});
  }

  address() {
    const {paper, orientation, scale, title} = this.form.elements;
    const {day, since, project, indicator} = this.page;
    const layers = this.page.map ? this.page.visibleLayers().join(",") : null;
    const asked = {
      day, since, project, indicator, paper: paper.value, orientation: orientation.value, scale: scale.value, title: title.value,
      bounds: this.extent.map((side) => side.toFixed(6)).join(","), lang: settings.language,
    };
    const given = Object.entries(asked).filter(([, value]) => value);
    if (layers !== null) given.push(["layers", layers]);
    return `${this.words.address}?${new URLSearchParams(given)}`;
  }

  async make() {
    if (this.making) return;
    this.making = new AbortController();
    this.complain("");
    this.busy(true);
    try {
      const response = await fetch(this.address(), {headers: {Accept: "application/pdf, application/problem+json"}, signal: this.making.signal});
      if (response.ok) this.give(await response.blob(), nameOf(response));
      else this.complain((await response.json().catch(() => ({}))).detail ?? this.words.failed);
    } catch (error) {
      if (error.name !== "AbortError") this.complain(texts.unreachable);
    }
    this.making = null;
    this.busy(false);
  }

  /* Hand the file over, and leave a link to it for a while: some browsers ask before they keep it. */
  give(file, name) {
    const link = Object.assign(document.createElement("a"), {href: URL.createObjectURL(file), download: name, textContent: name});
    this.state.replaceChildren(this.words.ready, " ", link);
    link.click();
    setTimeout(() => {
      if (link.isConnected) this.state.replaceChildren();
      URL.revokeObjectURL(link.href);
    }, KEPT_MS);
  }

  busy(now) {
    this.form.setAttribute("aria-busy", now);
    this.form.querySelector("[type=submit]").disabled = now;
    if (now) this.state.textContent = this.words.drawing;
    else if (this.state.textContent === this.words.drawing) this.state.textContent = "";
  }

  complain(message) {
    tell(this.problem, message);
  }

  say(name, text) {
    this.root.querySelector(`[data-said=${name}]`).textContent = text;
  }
}

function nameOf(response) {
  return /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "map.pdf";
}
