/* What the server wrote into the page for its scripts, and how they ask it for more. */

export const settings = JSON.parse(document.getElementById("page-settings").textContent);
export const texts = settings.texts;

/** Give the address of a piece of this page for a day, in the page's language. */
export function pieceAddress(piece, day) {
  return `${settings.urls.pieces}${piece}?${new URLSearchParams({day, lang: settings.language})}`;
}

/** Ask for a piece of HTML of this site; a refusal becomes an Error with the server's own words. */
export async function fetchPiece(address, signal) {
  let response;
  try {
    response = await fetch(address, {signal, headers: {Accept: "application/problem+json"}});
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(texts.unreachable, {cause: error});
  }
  const body = await response.text();
  if (response.ok) return body;
  throw new Error(refusal(body));
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
