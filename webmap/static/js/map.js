/* The map: what Folium composed, fed with the figures and the day. Geometry is fetched by tile alone; another day
   is another filter over the same tiles, other figures are other feature states. */

import {settings, texts} from "./page.js";
import {drawPattern} from "./patterns.js";

/* Which layer shows which kind of panel. */
export const KINDS = {project: "projects", commune: "communes", parcel: "parcels"};
const KIND_OF = Object.fromEntries(Object.entries(KINDS).map(([kind, layer]) => [layer, kind]));

const HALO = {"text-color": "#101010", "text-halo-color": "rgba(255,255,255,.95)", "text-halo-width": 1.8};
const LABELS = [
  {
    id: "labels-projects",
    minzoom: 12,
    maxzoom: 16.5,
    filter: ["==", ["get", "of"], "projects"],
    layout: {
      "text-field": ["get", "name"],
      "text-size": 12,
      "text-max-width": 14,
      "text-variable-anchor": ["center", "top", "bottom"],
    },
    paint: {...HALO, "text-color": "#6a0030"},
  },
  {
    id: "labels-communes",
    maxzoom: 14.5,
    filter: ["==", ["get", "of"], "communes"],
    layout: {
      "text-field": ["format", ["get", "name"], {}, "\n", {}, ["get", "figures"], {"font-scale": 0.88}],
      "text-size": ["interpolate", ["linear"], ["zoom"], 8, 11, 13, 14],
      "text-max-width": 16,
      "text-line-height": 1.25,
      "text-padding": 3,
      "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
      "symbol-sort-key": ["get", "rank"],
    },
    paint: HALO,
  },
];

/* Key projects are those of the year: with it, their outlines change. */
const NEW_YEARS = Array.from({length: 2101 - 1990}, (_, n) => (1990 + n) * 10000 + 101);

/** The vector map `gl` inside `leaflet`. `on` holds `select(kind, key)`, `fields(layer, values)`, `problem(text)`. */
export class GroundMap {
  constructor(leaflet, gl, on) {
    Object.assign(this, {leaflet, gl, on, shares: new Map(), selected: null, changes: NEW_YEARS, stale: true});
    this.layers = new Map(settings.layers.map((layer) => [layer.name, layer]));
    this.tooltip = L.tooltip({direction: "top", offset: [0, -8], className: "feature-name"});
    gl.on("styleimagemissing", ({id}) => this.addPattern(id));
    gl.on("error", ({error}) => error?.name !== "AbortError" && on.problem(texts.tiles));
    this.ready = new Promise((done) => gl.once("style.load", done)).then(() => {
      gl.addSource("labels", {type: "geojson", data: {type: "FeatureCollection", features: []}});
      for (const label of LABELS) gl.addLayer({...label, type: "symbol", source: "labels"});
    });
    leaflet.on("click", (event) => this.click(event));
    leaflet.on("mousemove", (event) => this.hover(event));
    leaflet.on("mouseout", () => this.tooltip.remove());
    leaflet.on("zoomend", () => this.showReach());
    leaflet.on("moveend", () => (this.stale = true));
    this.showReach();
  }

  addPattern(name) {
    if (!settings.patterns[name] || this.gl.hasImage(name)) return;
    const {image, ratio} = drawPattern(settings.patterns[name]);
    this.gl.addImage(name, image, {pixelRatio: ratio});
  }

  /** Show a day and its figures: communes' shares, labels, and the day itself for every dated layer. */
  async showDay(day, {communes, projects}, {moving = false} = {}) {
    await this.ready;
    const shares = new Map(communes.map(({key, share}) => [key, share]));
    for (const key of new Set([...this.shares.keys(), ...shares.keys()])) {
      const share = shares.get(key) ?? null;
      if (share !== (this.shares.get(key) ?? null)) this.state("communes", key, {share});
    }
    this.shares = shares;
    const number = Number(day.replaceAll("-", ""));
    this.gl.setGlobalStateProperty("day", moving ? this.lastChange(number) : number);
    const features = [...labelsOf("communes", communes), ...labelsOf("projects", projects)];
    const written = JSON.stringify(features);
    if (written !== this.labelled) this.gl.getSource("labels").setData({type: "FeatureCollection", features});
    this.labelled = written;
  }

  /* Each other value of the day lays all tiles out anew. While it moves, days between two on which something in the
     tiles at hand changes are left out: they look the same. */
  lastChange(day) {
    if (this.stale && this.gl.areTilesLoaded()) {
      this.changes = this.changeDays();
      this.stale = false;
    }
    return this.changes.findLast((change) => change <= day) ?? day;
  }

  changeDays() {
    const found = new Set(NEW_YEARS);
    for (const {name, fields} of settings.layers) {
      const dated = fields.filter(({kind}) => kind === "day").map((field) => field.name);
      for (const {properties} of this.gl.querySourceFeatures(name, {sourceLayer: name})) {
        for (const field of dated) if (properties[field] !== undefined) found.add(properties[field]);
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  state(layer, id, values) {
    if (this.gl.getSource(layer)) this.gl.setFeatureState({source: layer, sourceLayer: layer, id}, values);
  }

  /** Outline what is open, or nothing. */
  async mark(kind, key) {
    await this.ready;
    if (this.selected) this.state(...this.selected, {selected: false});
    this.selected = KINDS[kind] ? [KINDS[kind], kind === "parcel" ? Number(key) : key] : null;
    if (this.selected) this.state(...this.selected, {selected: true});
  }

  /** Bring bounds into view, beside the legend where there is room for both. */
  zoomTo([west, south, east, north], closest = 16) {
    const legend = document.getElementById("legend").offsetWidth;
    const left = legend < this.leaflet.getSize().x / 2 ? legend + 20 : 30;
    this.leaflet.fitBounds([[south, west], [north, east]], {
      paddingTopLeft: [left, 40],
      paddingBottomRight: [50, 40],
      maxZoom: closest,
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
  }

  async setVisible(name, visible) {
    await this.ready;
    this.stale = true;
    const drawn = [...this.layers.get(name).style_layers, `labels-${name}`];
    for (const id of drawn.filter((each) => this.gl.getLayer(each))) this.gl.setLayoutProperty(id, "visibility", visible ? "visible" : "none");
  }

  featureAt(latlng) {
    const point = this.gl.project([latlng.lng, latlng.lat]);
    return this.gl.queryRenderedFeatures(point).find((feature) => this.layers.has(feature.source)) ?? null;
  }

  click({latlng}) {
    const feature = this.featureAt(latlng);
    if (!feature) return;
    const kind = KIND_OF[feature.source];
    if (kind) this.on.select(kind, String(feature.id));
    else this.on.fields(this.layers.get(feature.source), feature.properties);
  }

  hover({latlng}) {
    const feature = this.featureAt(latlng);
    this.leaflet.getContainer().classList.toggle("over-feature", Boolean(feature));
    const name = feature?.properties.name;
    if (!name) return this.tooltip.remove();
    const text = document.createElement("span");
    text.textContent = name;
    this.tooltip.setContent(text).setLatLng(latlng).addTo(this.leaflet);
    return undefined;
  }

  /** In the legend, hold back what is drawn only further in. Leaflet's zoom is the tiles' plus one. */
  showReach() {
    for (const box of document.querySelectorAll("fieldset[data-layer]")) {
      const from = this.layers.get(box.dataset.layer).min_zoom;
      box.classList.toggle("too-far", this.leaflet.getZoom() - 1 < from);
    }
  }
}

function labelsOf(layer, rows) {
  return rows.filter(({point}) => point).map(({name, label, point, area}) => ({
    type: "Feature",
    geometry: {type: "Point", coordinates: point},
    properties: {of: layer, name, figures: label ?? texts.noFigures, rank: -area},
  }));
}
