/* The legend: which layers are drawn and how strongly, what the communes are coloured by, and how many are in each class. */

import {settings, texts} from "./page.js";
import {breaksOf, classOf, classTexts, THEMES, valueOf} from "./themes.js";

const legend = document.getElementById("legend");
const choice = document.getElementById("theme");
const classes = document.getElementById("classes");
const FULL = 100;

/** Start the legend. `on` holds `layer(name, visible)`, `opacity(name, share)` and `theme(key)`. */
export function startLegend(on) {
  legend.open = matchMedia("(min-width: 60rem)").matches;
  choice?.replaceChildren(...[...THEMES.values()].map(({key, title}) => new Option(title, key)));
  choice?.addEventListener("change", () => on.theme(choice.value));
  legend.addEventListener("change", ({target}) => {
    if (target.type === "checkbox") on.layer(target.dataset.layer, target.checked);
  });
  legend.addEventListener("input", ({target}) => {
    if (target.type === "range") on.opacity(target.dataset.layer, target.value / FULL);
  });
}

/** Check the boxes of the layers that are drawn. */
export function showLayers(visible) {
  for (const box of legend.querySelectorAll("input[type=checkbox]")) box.checked = visible.has(box.dataset.layer);
}

/** Show what the communes are coloured by, its classes, and how many communes of the day each holds. */
export function showClasses(course, theme, day, communes, since) {
  if (!choice) return;
  for (const option of choice.options) option.hidden = option.disabled = option.value === "between_area" && !since;
  choice.value = theme.key;
  legend.dataset.compared = Boolean(since);
  const breaks = breaksOf(course, theme, day);
  const values = communes.map((row) => valueOf(theme, row)).filter((value) => value !== null);
  const counts = breaks.concat(0).map((_, n) => values.filter((value) => classOf(value, breaks) === n).length);
  const texted = classTexts(theme, breaks, values.length ? Math.max(...values) : null);
  const outside = communes.filter((row) => row.outside).length;
  const written = JSON.stringify([theme.key, texted, counts, communes.length, outside]);
  if (written === classes.dataset.written) return;
  classes.dataset.written = written;
  classes.dataset.kind = theme.kind;
  classes.replaceChildren(...texted.map((text, n) => line(theme.colours[n], text, counts[n])));
  const more = {none: communes.length - values.length - outside, outside};
  for (const [kind, number] of Object.entries(more)) legend.querySelector(`[data-more=${kind}]`).textContent = number;
  legend.querySelector("[data-more=outside]").closest("li").hidden = !outside;
}

function line(colour, text, count) {
  const item = document.createElement("li");
  const swatch = document.createElement("span");
  const number = document.createElement("span");
  swatch.className = "swatch plain";
  swatch.style.backgroundColor = colour; // through the CSSOM: the page's policy does not restrict it
  number.className = "of";
  number.textContent = count;
  number.title = texts.communes.replace("{n}", count);
  item.append(swatch, ` ${text} `, number);
  return item;
}

/** In the legend, hold back what is drawn only further in, or only further out. Leaflet's zoom is the tiles' plus one. */
export function showReach(zoom) {
  for (const {name, min_zoom: from, until_zoom: until} of settings.layers) {
    const {classList} = legend.querySelector(`fieldset[data-layer="${CSS.escape(name)}"]`);
    classList.toggle("too-far", zoom - 1 < from);
    classList.toggle("too-near", Boolean(until) && zoom - 1 >= until);
  }
}
