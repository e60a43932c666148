/* Keeping up with the data: an open page asks every few seconds whether what it shows is still the newest, takes over what
   is new as a whole, and says so when the server is away. A tab nobody looks at asks nothing. */

import {settings, state, texts} from "./page.js";

const EVERY_MS = 3000;
const SELDOM_MS = 30000;
const PATIENCE_MS = 15000;
const SHOWN_MS = 20000;
const place = document.getElementById("keeping-up");
const [retry, reload] = ["retry", "reload"].map((what) => place.querySelector(`[data-do=${what}]`));
let failures = 0;
let timer = 0;
let hiding = 0;
let looking = null;
let renew = null;
let returned = null;

/** Start. `renewed()` takes over the newest data; it resolves once the page shows them. `back()` is called when the server
    answers again after it did not. */
export function startFollowing({renewed, back}) {
  [renew, returned] = [renewed, back];
  state.onOther = () => look();
  state.onLost = () => failures || lost();
  retry.addEventListener("click", () => look());
  reload.addEventListener("click", () => location.reload());
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  addEventListener("online", () => look());
  addEventListener("offline", () => failures || lost());
  soon();
}

/* Ask now, one question at a time. */
function look() {
  looking ??= ask().finally(() => {
    looking = null;
    soon();
  });
  return looking;
}

function soon() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, Math.min(EVERY_MS * 2 ** failures, SELDOM_MS));
}

async function ask() {
  let answer;
  let newest;
  try {
    // the browser asks by the mark it has: mostly the server says in a line that it still holds
    answer = await fetch(`${settings.urls.pieces}revision`, {cache: "no-cache", signal: AbortSignal.timeout(PATIENCE_MS)});
    newest = answer.ok ? await answer.text() : state.revision;
  } catch {
    return lost();
  }
  if (answer.status === 401 || answer.status === 403 || rightsOf(newest) !== rightsOf(state.revision)) return otherRights();
  if (!answer.ok) return lost();
  const wasAway = failures > 0;
  failures = 0;
  if (newest !== state.revision) {
    try {
      await renew();
    } catch (error) {
      if (error.name !== "AbortError") lost();
      return undefined;
    }
    say(texts.news.replace("{time}", new Date().toLocaleTimeString(settings.language, {hour: "2-digit", minute: "2-digit"})));
    hiding = setTimeout(say, SHOWN_MS);
  } else if (wasAway) say();
  if (wasAway) returned();
  return undefined;
}

function lost() {
  failures += 1;
  say(texts.lost, retry);
  if (!looking) soon();
}

function otherRights() {
  failures = 10; // asked seldom: only the reader can help
  say(texts.rights, reload);
}

function rightsOf(revision) {
  return revision.slice(0, revision.lastIndexOf("."));
}

/* Say something in the corner, with what can be done about it; without a text nothing is said. */
function say(text = "", button = null) {
  clearTimeout(hiding);
  const words = place.querySelector("span");
  if (words.textContent !== text) words.textContent = text;
  for (const each of [retry, reload]) each.hidden = each !== button;
  place.hidden = !text;
}
