/* The map: what Folium composed, fed with the figures and the day. Geometry is fetched by tile alone; another day
   is another filter over the same tiles, other figures are other feature states. */

import {countText, settings, texts, written} from "./page.js";
import {drawPattern} from "./patterns.js";
import {breaksOf, classOf, handedOver, labelOf, targetText, valueOf} from "./themes.js";

/* Which layer shows which kind of panel. */
export const KINDS = {project: "projects", commune: "communes", parcel: "parcels"};
const KIND_OF = Object.fromEntries(Object.entries(KINDS).map(([kind, layer]) => [layer, kind]));
const [FIGURES, CLUSTERS] = ["figures", "clusters"];
const OPACITIES = {
  fill: ["fill-opacity"],
  line: ["line-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
  symbol: ["text-opacity", "icon-opacity"],
  raster: ["raster-opacity"],
};
const TEXTS_EVERY_MS = 150; // nobody reads texts that change faster, and laying them out takes most of a frame
/* Key projects are those of the year: with it, their outlines change. */
const NEW_YEARS = Array.from({length: 2101 - 1990}, (_, n) => (1990 + n) * 10000 + 101);

/** The vector map `gl` inside `leaflet`. `on` holds `select(kind, key)`, `fields(layer, values)`, `problem(text)`. */
export class GroundMap {
  constructor(leaflet, gl, on) {
    Object.assign(this, {leaflet, gl, on, colours: new Map(), rows: {}, selected: null, changes: NEW_YEARS, stale: true, held: false, since: null, writtenAt: 0});
    this.layers = new Map(settings.layers.map((layer) => [layer.name, layer]));
    this.layerOf = new Map(settings.layers.flatMap((layer) => layer.style_layers.map((id) => [id, layer])));
    this.visible = new Set(settings.layers.filter((layer) => layer.opening !== false).map((layer) => layer.name));
    this.tooltip = L.tooltip({direction: "top", offset: [0, -8], className: "feature-name"});
    gl.on("styleimagemissing", ({id}) => this.addPattern(id));
    gl.on("error", ({error}) => error?.name !== "AbortError" && on.problem(texts.tiles));
    this.ready = new Promise((done) => gl.once("style.load", done)).then(() => {
      this.paints = new Map(gl.getStyle().layers.map(({id, type, paint = {}}) => [id, {type, paint}]));
    });
    leaflet.on("click", (event) => this.click(event));
    leaflet.on("mousemove", (event) => this.hover(event));
    leaflet.on("mouseout", () => this.tooltip.remove());
    leaflet.on("moveend", () => (this.stale = true));
  }

  addPattern(name) {
    if (!settings.patterns[name] || this.gl.hasImage(name)) return;
    const {image, ratio} = drawPattern(settings.patterns[name]);
    this.gl.addImage(name, image, {pixelRatio: ratio});
  }

  /** Show a day with its figures (rows of the course), coloured by a theme; `since` is the day compared with, or "". */
  async showDay(course, theme, day, since, rows, {moving = false} = {}) {
    await this.ready;
    this.rows = rows;
    this.day = numbered(day);
    this.gl.setGlobalStateProperty("day", moving ? this.lastChange(this.day) : this.day);
    if (this.since !== since) this.compare(since);
    this.colour(course, theme, day, rows.communes);
    if (moving && performance.now() - this.writtenAt < TEXTS_EVERY_MS) return; // what rests is always written
    this.writtenAt = performance.now();
    const projects = rows.projects.map((row) => this.point("projects", row, {text: handedOver(row), target: targetText(row)}));
    const communes = rows.communes.map((row) => this.point("communes", row, {text: labelOf(theme, row)}));
    this.setData(FIGURES, [...communes, ...projects]);
    this.setData(CLUSTERS, projects); // the source itself leaves out those without figures (layers/spec.py)
  }

  point(of, {key, name, point, figures}, more) {
    const rank = figures ? -figures.affected_m2 : 1;
    const sizes = figures && {projects: 1, area_m2: figures.area_known / 100, affected_m2: figures.affected_m2 / 100};
    return {type: "Feature", geometry: {type: "Point", coordinates: point}, properties: {of, key, name, rank, ...sizes, ...more}};
  }

  setData(name, features) {
    const written = JSON.stringify(features);
    if (written !== this[name]) this.gl.getSource(name)?.setData({type: "FeatureCollection", features});
    this[name] = written;
  }

  colour(course, theme, day, communes) {
    const breaks = breaksOf(course, theme, day);
    const wanted = new Map(communes.map((row) => [row.key, valueOf(theme, row)]).filter(([, value]) => value !== null)
      .map(([key, value]) => [key, theme.colours[classOf(value, breaks)]]));
    for (const {key, outside} of communes) if (outside) wanted.set(key, settings.outside);
    for (const key of new Set([...this.colours.keys(), ...wanted.keys()])) {
      const colour = wanted.get(key) ?? null;
      if (colour !== (this.colours.get(key) ?? null)) this.state("communes", key, {colour});
    }
    this.colours = wanted;
  }

  /** Fetch the tiles of all layers anew: those of another state of the data, or those that did not come. What is drawn
      stays until they are there. */
  async renew(revision) {
    await this.ready;
    for (const name of this.layers.keys()) {
      const source = this.gl.getSource(name);
      if (source?.type === "vector") source.setTiles(source.tiles.map((tiles) => `${tiles.split("?")[0]}?${new URLSearchParams({revision})}`));
    }
    this.stale = true;
  }

  /** Narrow all layers to one project, or (empty) to none. */
  async showProject(code) {
    await this.ready;
    this.gl.setGlobalStateProperty("project", code);
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
    for (const {name, source, fields} of settings.layers) {
      if (source !== name || !this.gl.getSource(name)) continue;
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
  zoomTo([west, south, east, north], closest = 16, more = {}) {
    const legend = document.getElementById("legend").offsetWidth;
    const left = legend < this.leaflet.getSize().x / 2 ? legend + 20 : 30;
    this.leaflet.fitBounds([[south, west], [north, east]], {
      paddingTopLeft: [left, 40],
      paddingBottomRight: [60, 40],
      maxZoom: closest,
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      ...more,
    });
  }

  /* What only two days compared have is laid out for them alone. */
  compare(since) {
    this.since = since;
    this.gl.setGlobalStateProperty("since", since ? numbered(since) : 0);
    this.showLayers();
  }

  /** Draw these layers and no others. */
  async setLayers(names) {
    this.visible = new Set(names);
    await this.ready;
    this.stale = true;
    this.showLayers();
  }

  showLayers() {
    for (const [id, layer] of this.layerOf) {
      const visibility = this.visible.has(layer.name) && (this.since || !layer.compares) ? "visible" : "none";
      if (this.gl.getLayer(id) && this.gl.getLayoutProperty(id, "visibility") !== visibility) this.gl.setLayoutProperty(id, "visibility", visibility);
    }
  }

  /** Draw a layer so strongly: 1 as its style says, 0 not at all. */
  async setOpacity(name, share) {
    await this.ready;
    for (const id of this.layers.get(name).style_layers.filter((each) => this.gl.getLayer(each))) {
      const {type, paint} = this.paints.get(id);
      for (const property of OPACITIES[type]) this.gl.setPaintProperty(id, property, scaled(paint[property] ?? 1, share));
    }
  }

  featureAt(latlng) {
    const point = this.gl.project([latlng.lng, latlng.lat]);
    return this.gl.queryRenderedFeatures(point).find(({source, layer}) => source === CLUSTERS || (this.layers.has(source) && this.layerOf.has(layer.id))) ?? null;
  }

  async click({latlng}) {
    const feature = this.held ? null : this.featureAt(latlng);
    if (!feature) return;
    const {properties, source} = feature;
    if (properties.cluster) {
      const zoom = await this.gl.getSource(CLUSTERS).getClusterExpansionZoom(properties.cluster_id);
      const [lng, lat] = feature.geometry.coordinates;
      this.leaflet.setView([lat, lng], Math.min(zoom + 1.5, this.leaflet.getMaxZoom()));
    } else if (source === CLUSTERS) this.on.select("project", properties.key);
    else if (KIND_OF[source]) this.on.select(KIND_OF[source], String(feature.id));
    else this.on.fields(this.layerOf.get(feature.layer.id), properties);
  }

  hover({latlng}) {
    const feature = this.held ? null : this.featureAt(latlng);
    this.leaflet.getContainer().classList.toggle("over-feature", Boolean(feature));
    const lines = feature ? this.headline(feature) : [];
    if (!lines.length) return this.tooltip.remove();
    const [name, ...more] = lines.map((line, n) => Object.assign(document.createElement(n ? "small" : "span"), {textContent: line}));
    const box = document.createElement("div");
    box.append(name, ...more);
    this.tooltip.setContent(box).setLatLng(latlng).addTo(this.leaflet);
    return undefined;
  }

  /* Name and headline figure of a feature. */
  headline({source, id, layer, properties}) {
    if (properties.cluster) {
      const share = {figures: {area_m2: properties.area_m2 * 100, affected_m2: properties.affected_m2 * 100}};
      return [texts.projects.replace("{n}", countText(properties.projects)), ofWhole(share.figures)];
    }
    const of = source === CLUSTERS ? "projects" : source;
    const row = this.rows[of]?.find(({key}) => key === (source === CLUSTERS ? properties.key : id));
    if (row) return [row.name, handedOver(row), row.figures ? ofWhole(row.figures) : "", of === "projects" ? targetText(row) : ""].filter(Boolean);
    const spec = this.layerOf.get(layer.id);
    const parcel = source === "parcels" && texts.parcel.replace("{sheet}", properties.sheet).replace("{number}", properties.number);
    const kind = spec.fields.map((field) => field.words?.[properties[field.name]]).find(Boolean);
    const name = properties.name ?? (parcel || kind || spec.title);
    const happened = spec.fields.filter(({kind, name: field}) => kind === "day" && properties[field] <= this.day && !/^(from|to)_day$/.test(field)).at(-1);
    const day = happened && written(String(properties[happened.name]).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3"));
    return [name, happened ? `${happened.label}: ${day}` : ""].filter(Boolean);
  }
}

function ofWhole({area_m2: done, affected_m2: all}) {
  return all ? texts.ofWhole.replace("{share}", countText((done / all) * 100)).replace("{all}", countText(all / 100)) : "";
}

function numbered(day) {
  return Number(day.replaceAll("-", ""));
}

/* Make an opacity weaker. What changes with the zoom must stay outermost in its expression. */
function scaled(opacity, share) {
  if (typeof opacity === "number") return opacity * share;
  const first = {interpolate: 4, step: 2}[opacity[0]];
  if (!first) return ["*", opacity, share];
  return opacity.map((part, n) => (n >= first && (n - first) % 2 === 0 ? scaled(part, share) : part));
}
