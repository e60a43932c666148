/* What the server wrote into the page for its scripts, and how they ask it for more. */

export const settings = JSON.parse(document.getElementById("page-settings").textContent);
export const texts = settings.texts;

/** Give the address of a piece of this page for a day (and more, where it is asked for), in the page's language. */
export function pieceAddress(piece, day, more = {}) {
  const asked = Object.entries({day, ...more, lang: settings.language}).filter(([, value]) => value);
  return `${settings.urls.pieces}${piece}?${new URLSearchParams(asked)}`;
}

/* Which state of the data (and of the reader's rights) the page shows, and who is told when a piece is of another one or
   the server cannot be reached: js/following.js. */
export const state = {revision: settings.revision, onOther() {}, onLost() {}};
const AWAY = [502, 503, 504]; // said by what stands before a server that is away or at its limit

/** Ask for a piece of this site; gives its body and the state of the data it shows (null for what shows none). A refusal
    becomes an Error with the server's own words. */
export async function fetchTold(address, signal) {
  let response;
  let body;
  try {
    response = await fetch(address, {signal, headers: {Accept: "application/problem+json"}});
    body = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    state.onLost();
    throw new Error(texts.unreachable, {cause: error});
  }
  if (response.ok) return {body, revision: response.headers.get("GPMB-Revision")};
  if (AWAY.includes(response.status)) state.onLost();
  throw new Error(refusal(body));
}

/** Ask for a piece that is put beside what stands in the page. One of another state of the data is not given out (it ends
    as if it had been called off): the whole page is asked for anew, and what waits for the piece with it. */
export async function fetchPiece(address, signal) {
  const {body, revision} = await fetchTold(address, signal);
  if (revision === null || revision === state.revision) return body;
  state.onOther();
  throw new DOMException("of another state of the data", "AbortError");
}

function refusal(body) {
  try {
    return JSON.parse(body).detail || texts.refused;
  } catch {
    return texts.refused;
  }
}

/** Turn HTML of our own server (escaped by its templates) into nodes. Scripts in it would not run. */
export function nodesOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Show an error text in a place kept for it, or hide the place. */
export function tell(place, message) {
  place.textContent = message || "";
  place.hidden = !message;
}

const DAY_MS = 86400000;

/** Give the number of a day (days since 1970) written as 2022-10-24. */
export function numberOf(day) {
  return Date.parse(day) / DAY_MS;
}

/** Write the day of a number as 2022-10-24. */
export function dayOf(number) {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** Write a day the way documents here do: 24/10/2022. */
export function written(day) {
  return day.split("-").reverse().join("/");
}

export const MISSING = "–";
const number = (options) => new Intl.NumberFormat(settings.language, {roundingMode: "halfEven", ...options}).format;
const whole = number({maximumFractionDigits: 0});
const hundredths = number({maximumFractionDigits: 2});
const tenths = number({minimumFractionDigits: 1, maximumFractionDigits: 1});
const signed = number({maximumFractionDigits: 2, signDisplay: "exceptZero"});
const known = (value) => value !== null && value !== undefined;

/** Write a whole number the reader's way; a dash where nothing is known. */
export function countText(value) {
  return known(value) ? whole(value) : MISSING;
}

/** Write m², given as hundredths, to 0.01. */
export function areaText(value) {
  return known(value) ? hundredths(value / 100) : MISSING;
}

/** Write what was added, with its sign; `unit` is how many parts the value counts of one. */
export function gainText(value, unit = 1) {
  return known(value) ? signed(value / unit) : MISSING;
}

/** Write a share of 1 as percent. */
export function percentText(share) {
  return `${tenths(share * 100)} %`;
}

/** Write VND in thousands of millions or millions, as reports do. */
export function moneyText(value) {
  if (!known(value)) return MISSING;
  const [unit, text] = value >= 1e9 ? [1e9, texts.billion] : [1e6, texts.million];
  return text.replace("{n}", hundredths(value / unit));
}
