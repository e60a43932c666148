/* The panel of one project, commune or parcel: asked from the server, or for other features made of their fields. */

import {findRow} from "./table.js";
import {fetchPiece, nodesOf, pieceAddress, settings, texts} from "./page.js";

const panel = document.getElementById("panel");
const body = document.getElementById("panel-body");
const beneath = document.querySelectorAll(".tools, #figures");
const covering = matchMedia("(min-width: 60rem)"); // on narrow screens the panel leaves the tables in sight
let asking = null;
let opener = null;

/** Start the close button and the Escape key. */
export function startPanel(onClose) {
  panel.querySelector(".close").addEventListener("click", onClose);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) onClose();
  });
}

/** Give the address of what stands about a feature on a day, and of what was handed over since another (or ""). */
export function panelAddress({kind, key}, day, since) {
  return pieceAddress(`${kind}/${encodeURIComponent(key)}`, day, {since: kind === "parcel" ? "" : since});
}

/** Open the panel of a feature on a day, or put another day into the open one (`refresh`: focus, place and what is unfolded
    stay; `html` is what to put in where it is there already); gives where the feature lies, null when that is not known or
    something else was opened meanwhile. */
export async function openPanel(what, day, since, {refresh = false, html = null} = {}) {
  asking?.abort();
  asking = new AbortController();
  if (!refresh) reveal(message(texts.loading, "muted"));
  try {
    putIn(nodesOf(html ?? (await fetchPiece(panelAddress(what, day, since), asking.signal))), refresh);
  } catch (error) {
    if (error.name !== "AbortError") putIn(message(error.message, "problem"), refresh);
    return null;
  }
  return body.querySelector("[data-bounds]")?.dataset.bounds.split(" ").map(Number) ?? null;
}

/** Tell whether what should stand in the panel could not be read. */
export function panelFailed() {
  return !panel.hidden && body.querySelector(":scope > .problem") !== null;
}

/* Put content in. What stands there of the same feature is renewed in place. */
function putIn(content, refresh) {
  const unfolded = new Map([...body.querySelectorAll("details")].map((part) => [nameOf(part), part.open]));
  const focusable = () => [...body.querySelectorAll("a, button, summary")];
  const focused = focusable().indexOf(document.activeElement);
  const from = panel.scrollTop;
  body.replaceChildren(content);
  if (!refresh) return;
  for (const part of body.querySelectorAll("details")) part.open = unfolded.get(nameOf(part)) ?? part.open;
  if (focused >= 0) (focusable()[focused] ?? panel).focus({preventScroll: true});
  panel.scrollTop = from;
}

function nameOf(details) {
  return details.querySelector("summary").firstChild.textContent.trim();
}

/** Open a panel with the fields of a feature as its tile holds them. */
export function openFields(layer, properties) {
  asking?.abort();
  const title = document.createElement("h2");
  title.id = "panel-title";
  title.textContent = layer.title;
  const list = document.createElement("dl");
  list.className = "pairs";
  for (const field of layer.fields) {
    if (properties[field.name] === undefined) continue;
    const name = document.createElement("dt");
    const value = document.createElement("dd");
    name.textContent = field.label;
    value.textContent = field.words?.[properties[field.name]] ?? written(properties[field.name], field);
    list.append(name, value);
  }
  const parts = new DocumentFragment();
  parts.append(title, list);
  reveal(parts);
}

/** Close the panel and give the focus back to what opened it. */
export function closePanel() {
  asking?.abort();
  if (panel.hidden) return;
  const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
  panel.hidden = true;
  cover(false);
  body.replaceChildren();
  if (inside) (opener?.isConnected ? opener : sameRow())?.focus();
  opener = null;
}

/* The tables may have been renewed meanwhile: the row of the same thing stands for the one that opened the panel. */
function sameRow() {
  const row = opener?.closest("tr[data-key]");
  return row && findRow(document.getElementById("figures"), row.dataset.kind, row.dataset.key)?.querySelector("a");
}

function reveal(content) {
  if (panel.hidden) opener = document.activeElement;
  panel.hidden = false;
  cover(covering.matches);
  body.replaceChildren(content);
  panel.scrollTop = 0;
  panel.focus({preventScroll: true});
}

/* What lies under the panel takes no focus. */
function cover(covered) {
  for (const part of beneath) part.inert = covered;
}

function message(text, style) {
  const paragraph = document.createElement("p");
  paragraph.id = "panel-title";
  paragraph.className = style;
  paragraph.textContent = text;
  return paragraph;
}

function written(value, {kind, unit}) {
  if (kind === "day") return String(value).replace(/^(\d{4})(\d\d)(\d\d)$/, "$3/$2/$1");
  if (kind === "boolean") return value ? texts.yes : texts.no;
  const text = typeof value === "number" ? new Intl.NumberFormat(settings.language, {maximumFractionDigits: 2}).format(value) : value;
  return unit ? `${text} ${unit}` : text;
}
