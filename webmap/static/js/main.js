/* The map page: what a reader chose stands in the address; map, tables, headline and panel show it together. */

import {addressWith, readAddress, writeAddress} from "./address.js";
import {closePanel, openFields, openPanel, panelAddress, panelFailed, startPanel} from "./panel.js";
import {dayOf, fetchPiece, fetchTold, nodesOf, numberOf, pieceAddress, settings, state, tell, texts, written} from "./page.js";
import {arrange, findRow, markRow, startTable} from "./table.js";
import {showClasses, showLayers, showReach, startLegend} from "./legend.js";
import {fetchCourse, fetchNewestCourse} from "./course.js";
import {GroundMap} from "./map.js";
import {TimeBar} from "./time.js";
import {searchAgain, startSearch} from "./search.js";
import {startFollowing} from "./following.js";
import {startTools} from "./tools.js";
import {themeFor} from "./themes.js";

const WAIT_MS = 250;
const NEAR = 18; // the zoom at which a single parcel is shown with its number
const STEPS = [["day-before", -1], ["day-after", 1]];
const figures = document.getElementById("figures");
const problem = document.getElementById("figures-problem");
const mapProblem = document.getElementById("map-problem");
const input = document.getElementById("day");
const sinceInput = document.getElementById("since");
const listeners = {};
let {day, since, project} = settings;
let moved = settings.day; // the day shown while it moves
let theme = themeFor(readAddress().theme, since);
let asking = null;
let waiting = 0;
let fromMap = false;
let keepPlace = Boolean(readAddress().at); // what is open from the start is looked at from the place the address names
let leaflet = null;
let map = null;
let bar = null;
let course = null;
let coming = null;
let pending = ""; // a day that could not be read: it is asked for again when the server answers

/* What tools may ask of the page. */
const page = {
  settings,
  get leaflet() { return leaflet; },
  get gl() { return map?.gl ?? null; },
  get map() { return map; },
  get day() { return moved; },
  get since() { return since || null; },
  get project() { return project; },
  get selection() { return readAddress().open; },
  get course() { return coming; },
  get indicator() { return theme.key; },
  get extent() { return leaflet.getBounds(); },
  visibleLayers: () => settings.layers.map(({name}) => name).filter((name) => map?.visible.has(name)),
  open: (kind, key) => open(kind, key),
  zoomTo: (bounds, closest) => map?.zoomTo(bounds, closest),
  setDay: (wanted) => bar.take(numberOf(wanted)),
  tell: (message) => tell(mapProblem, message),
  on: (name, listener) => (listeners[name] ??= []).push(listener),
};

function emit(name) {
  for (const listener of listeners[name] ?? []) listener();
}

/** Start the page. Folium's script calls this with the maps it made; `vector` is null where WebGL is missing. */
export function start(made, vector) {
  leaflet = made;
  if (vector) map = new GroundMap(leaflet, vector.getMaplibreMap(), {select, fields, problem: page.tell});
  else page.tell(texts.noWebgl);
  const container = leaflet.getContainer();
  container.setAttribute("role", "group");
  container.setAttribute("aria-label", texts.map);
  L.control.zoom({position: "topright", zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut}).addTo(leaflet);
  L.control.scale({imperial: false, position: "bottomright"}).addTo(leaflet);
  new ResizeObserver(() => leaflet.invalidateSize({animate: false})).observe(container);
  startTable(figures, open);
  startPanel(close);
  startLegend({layer: switchLayer, opacity: (name, share) => map?.setOpacity(name, share), theme: chooseTheme});
  startDay();
  startCompare();
  startProject();
  startSearch(() => (input.checkValidity() ? input.value : day), visit);
  startTools(page);
  startPlace();
  keepPlaceInLinks();
  addEventListener("popstate", goBack);
  askCourse();
  showOpen();
  startFollowing({renewed, back: askAgain});
  window.groundMap = map;
}

/* Where the map is and which layers it draws, as the address says. */
function startPlace() {
  const {at, layers} = readAddress();
  leaflet.on("zoomend", () => showReach(leaflet.getZoom()));
  if (at) leaflet.setView([at.lat, at.lng], at.zoom, {animate: false});
  else if (settings.extent) map?.zoomTo(settings.extent, undefined, {animate: false}); // beside the legend
  showReach(leaflet.getZoom());
  if (map) {
    if (layers) map.setLayers(layers);
    showLayers(map.visible);
  }
  let later = 0;
  leaflet.on("moveend", () => {
    clearTimeout(later);
    later = setTimeout(() => {
      const {lat, lng} = leaflet.getCenter();
      writeAddress({at: [lat.toFixed(5), lng.toFixed(5), Number(leaflet.getZoom().toFixed(2))]}, {quiet: true});
    }, WAIT_MS);
  });
}

/* The figures of all days. Map, legend and headline are drawn from them. */
function askCourse() {
  const mine = fetchCourse(project);
  coming = mine;
  mine.then(
    (found) => {
      if (coming !== mine) return;
      course = found;
      bar.setSpan(found);
      follow(moved, {moving: moved !== day});
    },
    (error) => coming === mine && error.name !== "AbortError" && tell(problem, error.message),
  );
}

/* Records have changed: course, tables and panel of one new state are asked for and put in together, and the tiles and
   tools follow. Where the reader is, what is typed, unfolded and focused stays. */
async function renewed(tries = 3) {
  const [wanted, scope, earlier, open] = [moved, project, since, readAddress().open];
  const [newest, tables, panel] = await Promise.all([
    fetchNewestCourse(scope),
    fetchTold(pieceAddress("figures", wanted, {since: sinceBefore(wanted), project: scope})),
    open && fetchTold(panelAddress(open, wanted, sinceBefore(wanted))).catch(() => null), // what is not there any more says so when it is put in
  ]);
  const others = [tables, panel].some((told) => told && told.revision !== newest.revision);
  if (others || scope !== project) { // they changed again meanwhile, or another project is looked at
    if (tries > 1) return renewed(tries - 1);
    throw new DOMException("the data do not stand still", "AbortError");
  }
  state.revision = newest.revision;
  [course, coming] = [newest.course, Promise.resolve(newest.course)];
  bar.setSpan(course);
  map?.renew(state.revision);
  const same = open && JSON.stringify(open) === JSON.stringify(readAddress().open);
  if (wanted === moved && earlier === since) putIn(wanted, tables.body, {panel: same && panel ? panel.body : null});
  else {
    follow(moved);
    if (!bar.running) later(moved, 0);
  }
  emit("data");
  searchAgain();
  return undefined;
}

/* The server answers again: what could not be read is asked for once more. */
function askAgain() {
  page.tell("");
  map?.renew(state.revision);
  if (!course) askCourse();
  if (pending && pending !== day) {
    setDay(pending);
    move(pending);
  } else if (panelFailed()) openPanel(readAddress().open, day, sinceBefore(day), {refresh: true});
  emit("rest");
  emit("data");
}

function select(kind, key) {
  fromMap = true;
  open(kind, key);
}

function fields(layer, properties) {
  writeAddress({open: null});
  openFields(layer, properties);
}

function close() {
  writeAddress({open: null});
  showOpen();
}

function open(kind, key) {
  writeAddress({open: {kind, key}});
  showOpen();
}

/* Go to what a search found: to a day on which it is there, to its place, and to what is known of it. */
async function visit({day: wanted, bounds, panel}) {
  clearTimeout(waiting);
  bar.pause();
  if (wanted !== day || wanted !== input.value) {
    setDay(wanted);
    bar.show(wanted);
    await showDay(wanted);
  }
  document.getElementById("map-box").scrollIntoView(); // on a phone the panel would cover what is left of the map
  fromMap = true; // it is brought into view here, with or without a row in the tables
  if (bounds) map?.zoomTo(bounds, panel.kind === "parcel" ? NEAR : undefined);
  open(panel.kind, panel.key);
}

async function showOpen() {
  const what = readAddress().open;
  markRow(figures, what?.kind ?? "", what?.key ?? "");
  map?.mark(what?.kind, what?.key);
  const zoom = !fromMap && !keepPlace;
  fromMap = false;
  keepPlace = false;
  emit("selection");
  if (!what) return closePanel();
  const bounds = await openPanel(what, day, sinceBefore(day));
  offerScope();
  if (zoom && bounds) map?.zoomTo(bounds, what.kind === "parcel" ? NEAR : undefined);
  return undefined;
}

function startDay() {
  bar = new TimeBar(day, move);
  input.addEventListener("input", () => {
    bar.pause();
    if (input.checkValidity()) move(input.value);
  });
  input.addEventListener("blur", () => {
    if (!input.checkValidity()) setDay(day);
  });
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    later(input.value, 0);
  });
  for (const [id, step] of STEPS) {
    document.getElementById(id).addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      bar.step(step);
    });
  }
}

/* Two dates: what was handed over after the earlier one stands out. */
function startCompare() {
  const box = document.getElementById("compare");
  const set = (wanted) => {
    if (wanted === since) return;
    compare(wanted);
    writeAddress({since, theme: null});
    later(input.value, 0);
  };
  sinceInput.addEventListener("change", () => {
    if (sinceInput.checkValidity()) set(sinceInput.value);
    else sinceInput.reportValidity();
  });
  document.getElementById("compare-end").addEventListener("click", () => {
    set("");
    box.open = false;
    box.querySelector("summary").focus();
  });
  compare(since, {quiet: true});
}

function compare(wanted, {quiet = false} = {}) {
  since = wanted;
  sinceInput.value = since;
  theme = themeFor(quiet ? readAddress().theme : "", since);
  document.getElementById("compare-told").textContent = since ? texts.comparedWith.replace("{day}", written(since)) : texts.compare;
  bar.compare(since);
  limit();
  if (!quiet) emit("compare");
}

/* A day that has come before the one it is compared with stands alone. */
function sinceBefore(wanted) {
  return since < wanted ? since : "";
}

function limit() {
  sinceInput.max = dayOf(numberOf(input.value || day) - 1);
}

/* One project alone: map, tables, headline and chart count it and nothing else. */
function startProject() {
  document.getElementById("scope-end").addEventListener("click", (event) => {
    event.preventDefault();
    chooseProject("");
  });
  document.getElementById("panel").addEventListener("click", (event) => {
    const button = event.target.closest("[data-scope]");
    if (button) chooseProject(button.dataset.scope);
  });
  showProject();
}

function chooseProject(code) {
  if (code === project) return;
  writeAddress({project: code});
  setProject(code);
}

function setProject(code) {
  project = code;
  askCourse();
  showProject();
  later(input.value, 0);
}

/* In the panel of the project that is shown alone stands the way out, of another one the way in. */
function offerScope() {
  const [alone, all] = ["[data-scope]:not([data-scope=''])", "[data-scope='']"].map((part) => document.querySelector(`#panel ${part}`));
  if (!alone) return;
  alone.hidden = alone.dataset.scope === project;
  all.hidden = !alone.hidden;
}

function showProject() {
  document.getElementById("scope").hidden = !project;
  offerScope();
  map?.showProject(project);
  emit("project");
}

function nameProject() {
  if (project) document.getElementById("scope-name").textContent = findRow(figures, "project", project)?.querySelector("a").textContent ?? project;
}

function chooseTheme(key) {
  theme = themeFor(key, since);
  writeAddress({theme: key});
  follow(moved, {moving: moved !== day});
  emit("indicator");
}

function switchLayer(name, visible) {
  if (!map) return;
  const names = page.visibleLayers().filter((each) => each !== name);
  map.setLayers(visible ? [...names, name] : names);
  const usual = settings.layers.every((layer) => map.visible.has(layer.name) === (layer.opening !== false));
  writeAddress({layers: usual ? null : page.visibleLayers()});
  emit("layers");
}

/* Back and forward: everything is as the address says again. What is there already (a link within the page was
   followed) is not asked for again: tables renewed under a reader lose the place. */
function goBack() {
  const said = readAddress();
  const wanted = said.day || settings.day;
  const other = wanted !== day || said.since !== since || said.project !== project;
  bar.pause();
  holdBack();
  if (map) {
    map.setLayers(said.layers ?? settings.layers.filter((layer) => layer.opening !== false).map(({name}) => name));
    showLayers(map.visible);
  }
  if (said.since !== since) compare(said.since);
  theme = themeFor(said.theme, since);
  if (said.at) leaflet.setView([said.at.lat, said.at.lng], said.at.zoom, {animate: false});
  else if (settings.extent && !said.open) map?.zoomTo(settings.extent, undefined, {animate: false}); // as the page opened
  setDay(wanted);
  bar.show(wanted);
  if (said.project !== project) setProject(said.project);
  fromMap = Boolean(said.at);
  follow(wanted, {moving: other});
  if (other) later(wanted, 0);
  showOpen();
  emit("layers");
}

function setDay(shown) {
  if (input.value !== shown) input.value = shown; // a field being written in keeps its place
  writeDay();
}

/* Browsers write a date field in their own order (10/12 may be October or December): over it stands the day as
   documents here write it, until the field is edited. */
function writeDay() {
  for (const field of [input, sinceInput]) field.nextElementSibling.textContent = field.value && written(field.value);
  limit();
}

/* A day in movement: map and headline go with it at once, tables, panel and address when it rests. */
function move(wanted) {
  setDay(wanted);
  bar.show(wanted);
  follow(wanted);
  if (bar.running) holdBack();
  else later(wanted);
}

function follow(wanted, {moving = true} = {}) {
  moved = wanted;
  if (!course) return;
  if (moving) {
    figures.dataset.moving = "";
    const headline = figures.querySelector("#day-figures");
    headline.querySelector("#as-of").textContent = texts.asOf.replace("{day}", written(wanted));
    const between = headline.querySelector("#as-of-between");
    if (between && since) between.textContent = texts.asOfBetween.replace("{first}", written(dayOf(numberOf(since) + 1))).replace("{day}", written(wanted));
    const newest = headline.querySelector(".newest");
    if (newest && course.newest !== null) newest.textContent = (numberOf(wanted) > course.newest ? texts.noRecords : texts.newest).replace("{day}", written(dayOf(course.newest)));
    course.writeHeadline(headline.querySelector(".measures"), wanted, sinceBefore(wanted));
  }
  const rows = course.rowsOn(wanted, sinceBefore(wanted));
  if (project) rows.projects = rows.projects.filter(({key}) => key === project);
  map?.showDay(course, theme, wanted, sinceBefore(wanted), rows, {moving});
  showClasses(course, theme, wanted, rows.communes, since);
  emit("day");
}

/* The day could not be read: what stands in the tables is shown again by all, the day field too. */
function standStill(wanted, reason) {
  tell(problem, `${texts.dayNotRead.replace("{day}", written(wanted)).replace("{shown}", written(day))} ${reason}`);
  bar.pause();
  pending = wanted;
  setDay(day);
  bar.show(day);
  follow(day);
  delete figures.dataset.moving;
}

/* Days passed over quickly are not asked for, nor half-written ones: only the one a reader stops at. */
function later(wanted, milliseconds = WAIT_MS) {
  holdBack();
  if (!input.checkValidity()) return;
  waiting = setTimeout(() => showDay(wanted), milliseconds);
}

function holdBack() {
  clearTimeout(waiting);
  asking?.abort();
}

async function showDay(wanted) {
  asking?.abort();
  asking = new AbortController();
  const mine = asking;
  figures.setAttribute("aria-busy", "true");
  try {
    const html = await fetchPiece(pieceAddress("figures", wanted, {since: sinceBefore(wanted), project}), mine.signal);
    if (!mine.signal.aborted) putIn(wanted, html);
  } catch (error) {
    if (error.name !== "AbortError" && mine === asking) standStill(wanted, error.message);
  }
  if (mine === asking) figures.setAttribute("aria-busy", "false");
}

function putIn(wanted, html, {panel = null} = {}) {
  day = wanted;
  pending = "";
  tell(problem, "");
  page.tell("");
  const focused = document.activeElement?.closest("#figures tr[data-key]")?.dataset;
  const id = document.activeElement?.id;
  delete figures.dataset.moving;
  const read = [...figures.querySelectorAll(".tablebox")].map((box) => [box.id, box.scrollTop, box.scrollLeft]);
  figures.replaceChildren(nodesOf(html));
  arrange(figures);
  for (const [box, top, left] of read) document.getElementById(box)?.scrollTo({top, left});
  if (!bar.playing) document.getElementById("announced").textContent = figures.querySelector(".asof").textContent;
  const again = focused ? findRow(figures, focused.kind, focused.key)?.querySelector("a") : figures.querySelector(`[id="${id}"]`);
  again?.focus({preventScroll: true});
  writeAddress({day}, {quiet: (readAddress().day || settings.day) === day || Boolean(bar.playing)});
  for (const [id, step] of STEPS) document.getElementById(id).href = addressWith({day: dayOf(numberOf(day) + step)});
  nameProject();
  follow(day, {moving: false});
  emit("rest");
  const what = readAddress().open;
  if (!what) return;
  markRow(figures, what.kind, what.key);
  openPanel(what, day, sinceBefore(day), {refresh: true, html: panel}).then(offerScope);
}

function keepPlaceInLinks() {
  for (const link of document.querySelectorAll("[data-keeps-place]")) {
    link.addEventListener("click", () => {
      const address = new URL(link.href);
      address.searchParams.set("next", location.pathname + location.search + location.hash);
      link.href = address;
    });
  }
}
