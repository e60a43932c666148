/* The tools of the map. None loads with the page: script, style and words of a tool are fetched when it is first opened.
   Docked tools lie under the map, floating ones over it; of each kind one is open at a time. */

import {fetchPiece, nodesOf, settings, texts} from "./page.js";

const PLACES = {dock: document.getElementById("dock"), float: document.getElementById("float")};
const loaded = new Map();
const legend = document.getElementById("legend");
let folded = false;
let page = null;

/** Start the buttons; `given` is what every tool may ask of the page. */
export function startTools(given) {
  page = given;
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => toggle(button.dataset.tool));
  }
  document.addEventListener("keydown", (event) => {
    const place = event.target.closest?.(".tool-place");
    if (event.key !== "Escape" || event.defaultPrevented || !place) return;
    event.stopPropagation();
    closeIn(place);
  });
}

/** Open a tool, or close it when it is open. */
export async function toggle(name) {
  const button = buttonOf(name);
  if (button.getAttribute("aria-expanded") === "true") return closeIn(loaded.get(name).place);
  button.setAttribute("aria-busy", "true");
  try {
    open(name, loaded.get(name) ?? (await load(name)));
  } catch (error) {
    page.tell(error.message || texts.refused);
    console.warn(error);
  }
  button.removeAttribute("aria-busy");
  return undefined;
}

async function load(name) {
  const [html, script] = await Promise.all([
    fetchPiece(`${settings.urls.pieces}tools/${name}?${new URLSearchParams({lang: settings.language})}`),
    import(`./tools/${name}.js`),
    style(name),
  ]);
  const root = nodesOf(html).querySelector(".tool");
  const place = root.classList.contains("dock") ? PLACES.dock : PLACES.float;
  const close = document.createElement("button");
  Object.assign(close, {type: "button", className: "close", textContent: "×", title: texts.close});
  close.setAttribute("aria-label", texts.close);
  close.addEventListener("click", () => closeIn(place));
  root.prepend(close);
  root.hidden = true;
  place.append(root);
  const tool = {root, place, ...script.start(page, root)};
  loaded.set(name, tool);
  return tool;
}

function style(name) {
  return new Promise((done, failed) => {
    const link = Object.assign(document.createElement("link"), {rel: "stylesheet", href: `${settings.urls.styles}tools/${name}.css`});
    link.addEventListener("load", done);
    link.addEventListener("error", () => failed(new Error(texts.unreachable)));
    document.head.append(link);
  });
}

function open(name, tool) {
  closeIn(tool.place, {hand: false});
  if (tool.place === PLACES.dock) foldLegend();
  tool.root.hidden = false;
  tool.place.hidden = false;
  buttonOf(name).setAttribute("aria-expanded", "true");
  tool.opened?.();
  const first = tool.root.querySelector("[autofocus], h2");
  first?.setAttribute("tabindex", first.getAttribute("tabindex") ?? "-1");
  first?.focus({preventScroll: true});
  if (tool.place === PLACES.dock) tool.place.scrollIntoView({block: "nearest"});
}

/* Close what is open in a place; the focus goes back to its button when a hand closed it. */
function closeIn(place, {hand = true} = {}) {
  for (const [name, tool] of loaded) {
    if (tool.place !== place || tool.root.hidden) continue;
    const inside = tool.root.contains(document.activeElement);
    tool.root.hidden = true;
    buttonOf(name).setAttribute("aria-expanded", "false");
    tool.closed?.();
    if (hand && inside) buttonOf(name).focus();
  }
  place.hidden = true;
  if (place === PLACES.dock && folded) [legend.open, folded] = [true, false];
}

/* Over a docked tool the map is half as high: the legend would cover it. */
function foldLegend() {
  folded = legend.open;
  legend.open = false;
}

function buttonOf(name) {
  return document.querySelector(`[data-tool="${CSS.escape(name)}"]`);
}
