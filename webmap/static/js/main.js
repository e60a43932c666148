/* The map page: one day and at most one open feature, both kept in the address so that it can be shared. */

import {closePanel, openFields, openPanel, startPanel} from "./panel.js";
import {dayOf, fetchPiece, nodesOf, numberOf, pieceAddress, settings, tell, texts, written} from "./page.js";
import {fetchCourse} from "./course.js";
import {GroundMap} from "./map.js";
import {TimeBar} from "./time.js";
import {startSearch} from "./search.js";
import {arrange, boundsOf, findRow, markRow, readRows, startTable} from "./table.js";

const WAIT_MS = 250;
const STEPS = [["day-before", -1], ["day-after", 1]];
const figures = document.getElementById("figures");
const problem = document.getElementById("figures-problem");
const mapProblem = document.getElementById("map-problem");
const input = document.getElementById("day");
let day = settings.day;
let asking = null;
let waiting = 0;
let fromMap = false;
let map = null;
let bar = null;
let course = null;

/** Start the page. Folium's script calls this with the maps it made; `vector` is null where WebGL is missing. */
export function start(leaflet, vector) {
  if (vector) map = new GroundMap(leaflet, vector.getMaplibreMap(), {select, fields, problem: tellMap});
  else tellMap(texts.noWebgl);
  leaflet.getContainer().setAttribute("role", "group");
  leaflet.getContainer().setAttribute("aria-label", texts.map);
  L.control.zoom({position: "topright", zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut}).addTo(leaflet);
  L.control.scale({imperial: false, position: "bottomright"}).addTo(leaflet);
  startTable(figures, open);
  startPanel(close);
  startDay();
  startSearch(() => (input.checkValidity() ? input.value : day), visit);
  startLegend();
  addEventListener("hashchange", showOpen);
  showOnMap();
  showOpen();
  window.groundMap = map;
}

function showOnMap() {
  map?.showDay(day, {communes: readRows(figures, "commune"), projects: readRows(figures, "project")});
}

function tellMap(message) {
  tell(mapProblem, message);
}

function select(kind, key) {
  fromMap = true;
  open(kind, key);
}

function fields(layer, properties) {
  leave();
  openFields(layer, properties);
}

function close() {
  leave();
  showOpen();
}

/* What is open stands after the # of the address: #project=… */
function opened() {
  const [kind, key] = location.hash.slice(1).split("=").map(decodeURIComponent);
  return ["project", "commune", "parcel"].includes(kind) && key ? {kind, key} : null;
}

function open(kind, key) {
  const hash = `#${kind}=${encodeURIComponent(key)}`;
  if (location.hash === hash) showOpen();
  else location.hash = hash;
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
  if (bounds) map?.zoomTo(bounds, panel.kind === "parcel" ? 18 : undefined);
  open(panel.kind, panel.key);
}

function leave() {
  history.replaceState(null, "", location.pathname + location.search);
}

function showOpen() {
  const what = opened();
  const row = markRow(figures, what?.kind ?? "", what?.key ?? "");
  map?.mark(what?.kind, what?.key);
  const zoom = !fromMap;
  fromMap = false;
  if (!what) return closePanel();
  if (zoom && map && boundsOf(row)) map.zoomTo(boundsOf(row));
  return openPanel(what.kind, what.key, day);
}

function startDay() {
  bar = new TimeBar(day, move);
  fetchCourse().then(
    (found) => {
      course = found;
      bar.setSpan(found);
      if (input.value !== day) follow(input.value);
    },
    (error) => tell(problem, error.message),
  );
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

function setDay(shown) {
  if (input.value !== shown) input.value = shown; // a field being written in keeps its place
  writeDay();
}

/* Browsers write a date field in their own order (10/12 may be October or December): over it stands the day as
   documents here write it, until the field is edited. */
function writeDay() {
  document.getElementById("day-written").textContent = written(input.value);
}

/* A day in movement: map and headline go with it at once, tables, panel and address when it rests. */
function move(wanted) {
  setDay(wanted);
  bar.show(wanted);
  follow(wanted);
  if (bar.running) holdBack();
  else later(wanted);
}

function follow(wanted) {
  if (!course) return;
  figures.dataset.moving = "";
  const headline = figures.querySelector("#day-figures");
  headline.querySelector("#as-of").textContent = texts.asOf.replace("{day}", written(wanted));
  course.writeHeadline(headline.querySelector(".measures"), wanted);
  map?.showDay(wanted, course.rowsOn(wanted), {moving: true});
}

/* The day could not be read: what stands in the tables is shown again by all. */
function standStill() {
  if (!course) return;
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
    const html = await fetchPiece(pieceAddress("figures", wanted), mine.signal);
    if (!mine.signal.aborted) putIn(wanted, html);
  } catch (error) {
    if (error.name !== "AbortError") {
      tell(problem, error.message);
      standStill();
    }
  }
  if (mine === asking) figures.setAttribute("aria-busy", "false");
}

function putIn(wanted, html) {
  day = wanted;
  tell(problem, "");
  tellMap("");
  const focused = document.activeElement?.closest("#figures tr[data-key]")?.dataset;
  delete figures.dataset.moving;
  figures.replaceChildren(nodesOf(html));
  arrange(figures);
  if (!bar.playing) document.getElementById("announced").textContent = figures.querySelector(".asof").textContent;
  if (focused) findRow(figures, focused.kind, focused.key)?.querySelector("a")?.focus({preventScroll: true});
  history.replaceState(null, "", pageOn(day) + location.hash);
  for (const [id, step] of STEPS) document.getElementById(id).href = pageOn(dayOf(numberOf(day) + step));
  showOnMap();
  const what = opened();
  if (!what) return;
  markRow(figures, what.kind, what.key);
  openPanel(what.kind, what.key, day, {refresh: true});
}

function pageOn(shown) {
  const asked = new URLSearchParams(location.search);
  asked.set("day", shown);
  return `${location.pathname}?${asked}`;
}

function startLegend() {
  const legend = document.getElementById("legend");
  legend.open = matchMedia("(min-width: 60rem)").matches;
  for (const box of legend.querySelectorAll("input[data-layer]")) {
    box.addEventListener("change", () => map?.setVisible(box.dataset.layer, box.checked));
  }
  for (const link of document.querySelectorAll("[data-keeps-place]")) {
    link.addEventListener("click", () => {
      const address = new URL(link.href);
      address.searchParams.set("next", location.pathname + location.search + location.hash);
      link.href = address;
    });
  }
}
