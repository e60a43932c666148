/* The search of the header: a combobox over the search API. Names are never guessed from: where several things are
   called so, Enter brings the reader into the list. Text of the answer is only ever set as text. */

import {fetchPiece, settings} from "./page.js";

const WAIT_MS = 200;
const form = document.getElementById("search");
const input = document.getElementById("search-words");
const popup = document.getElementById("search-found");
const list = document.getElementById("search-list");
const told = document.getElementById("search-told");
const status = document.getElementById("search-status");
const KEYS = {ArrowDown: (event) => step(event, 1), ArrowUp: (event) => step(event, -1), Enter: enter, Escape: escape};
let hits = [];
let active = -1;
let answered = ""; // the words whose hits are in the list
let asking = null;
let waiting = 0;
let dayShown = null;
let go = null;

/** Start the search. `shownDay()` gives the day of the page, `visit(hit)` goes to what was chosen. */
export function startSearch(shownDay, visit) {
  dayShown = shownDay;
  go = visit;
  const roles = {role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false"};
  for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => !event.isComposing && KEYS[event.key]?.(event));
  input.addEventListener("blur", close);
  form.addEventListener("submit", (event) => event.preventDefault());
  popup.addEventListener("pointerdown", (event) => event.preventDefault()); // focus stays in the field
  list.addEventListener("click", ({target}) => choose(hits[[...list.children].indexOf(target.closest("[role=option]"))]));
  document.addEventListener("keydown", summon);
}

/* "/" where nothing is being written, Ctrl+K anywhere. */
function summon(event) {
  const writing = event.target.closest("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey;
  const chord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!slash && !chord) return;
  event.preventDefault();
  input.focus();
  input.select();
}

/** Ask again for the words that stand in the field, when what they find is in sight: other things may bear them now. */
export function searchAgain() {
  if (!popup.hidden && answered && answered === input.value.trim()) ask();
}

async function ask() {
  clearTimeout(waiting);
  asking?.abort();
  const words = input.value.trim();
  if (!words) return show("", {hits: [], shown: 0, found: 0});
  asking = new AbortController();
  const {signal} = asking;
  const asked = new URLSearchParams({q: words, on: dayShown(), lang: settings.language});
  try {
    show(words, JSON.parse(await fetchPiece(`${form.dataset.address}?${asked}`, signal)));
  } catch (error) {
    if (error.name !== "AbortError") show("", {hits: [], problem: error.message});
  }
  return undefined;
}

function show(words, answer) {
  answered = words;
  hits = answer.hits;
  list.replaceChildren(...hits.map(option));
  list.hidden = !hits.length;
  told.hidden = hits.length > 0 && answer.shown === answer.found;
  told.textContent = answer.problem ?? summary(answer);
  status.textContent = words || answer.problem ? told.textContent : "";
  mark(-1);
  open(document.activeElement === input && Boolean(words || answer.problem));
}

function summary({shown, found}) {
  const {none, all, part} = form.dataset;
  const written = new Intl.NumberFormat(settings.language);
  return (found === 0 ? none : shown < found ? part : all)
    .replace("{shown}", written.format(shown))
    .replace("{found}", written.format(found));
}

function option(hit, place) {
  const item = document.createElement("li");
  item.id = `search-option-${place}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  if (!hit.panel) item.setAttribute("aria-disabled", "true");
  const label = hit.name.startsWith(hit.label) ? [] : [["span", hit.label]]; // “phường Chi Lăng” says it itself
  for (const [element, text] of [["b", hit.name], ...label, ["small", hit.details.join(" · ")]]) {
    const part = document.createElement(element);
    part.textContent = text;
    item.append(part, " ");
  }
  return item;
}

function open(shown) {
  popup.hidden = !shown;
  input.setAttribute("aria-expanded", String(shown && hits.length > 0));
}

function close() {
  open(false);
  mark(-1);
}

function mark(place) {
  active = place;
  if (place <= 0) list.scrollTop = 0;
  [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
  if (place < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", list.children[place].id);
  return list.children[place].scrollIntoView({block: "nearest"});
}

/* From the field to the first or last hit, through the list, and back to the field. */
function step(event, by) {
  if (!hits.length) return;
  event.preventDefault();
  open(true);
  const places = hits.length + 1;
  mark(((active + 1 + by + places) % places) - 1);
}

async function enter(event) {
  event.preventDefault();
  if (answered !== input.value.trim()) await ask();
  if (answered !== input.value.trim()) return undefined; // overtaken by what was typed since
  if (hits.length === 1 || active >= 0) return choose(hits[Math.max(active, 0)]);
  if (!hits.length) return undefined;
  open(true);
  mark(0);
  status.textContent = form.dataset.choose;
  return undefined;
}

/* First the list goes, then the words; then the key is whoever else's it is. */
function escape(event) {
  if (popup.hidden && !input.value) return;
  event.preventDefault();
  event.stopPropagation();
  if (!popup.hidden) return close();
  input.value = "";
  show("", {hits: [], shown: 0, found: 0});
}

function choose(hit) {
  if (!hit?.panel) return;
  clearTimeout(waiting);
  asking?.abort();
  input.value = hit.name;
  answered = "";
  status.textContent = "";
  close();
  go(hit);
}
