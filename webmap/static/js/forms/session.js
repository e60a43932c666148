/* The session's end is told before it comes, and a form is sent only where the server can be reached. */

const texts = document.getElementById("form-texts").dataset;
const SECOND_MS = 1000;
const LOOKED_EVERY_MS = 5 * SECOND_MS;
const ANSWERS_WITHIN_MS = 10 * SECOND_MS;
const SOON_S = 300;
const SEEN = "session-seen";
const ends = Number(texts.ends) * SECOND_MS || Infinity;
const idle = Number(texts.idle);
const soon = Math.min(SOON_S, idle / 3);
let bar = null;

function seen() {
  localStorage.setItem(SEEN, Date.now());
}

function tell(text, button, does) {
  if (!bar) {
    bar = document.createElement("div");
    bar.className = "telling";
    bar.setAttribute("role", "alert");
    document.body.append(bar);
  }
  if (bar.dataset.text === text) return;
  bar.dataset.text = text;
  bar.replaceChildren(Object.assign(document.createElement("span"), {textContent: text}));
  if (!button) return;
  const made = Object.assign(document.createElement("button"), {type: "button", textContent: button});
  made.addEventListener("click", does);
  bar.append(" ", made);
}

function quiet() {
  bar?.remove();
  bar = null;
}

/** Ask whether the server answers and somebody is signed in; this counts as use. */
async function reach() {
  const answer = await fetch(texts.session, {cache: "no-store", headers: {Accept: "application/json"}, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS)});
  if (answer.ok) seen();
  return answer;
}

async function stay() {
  try {
    if ((await reach()).ok) quiet();
    else tell(texts.over);
  } catch {
    tell(texts.unreached, texts.again, stay);
  }
}

function look() {
  const unused = Number(localStorage.getItem(SEEN) ?? Date.now()) + idle * SECOND_MS;
  const end = Math.min(unused, ends);
  const left = (end - Date.now()) / SECOND_MS;
  const at = new Intl.DateTimeFormat("vi", {hour: "2-digit", minute: "2-digit"}).format(end);
  if (left <= 0) tell(texts.over);
  else if (left > soon) bar?.dataset.about === "end" && quiet();
  else if (end === ends) tell(texts.endsat.replace("{at}", at));
  else tell(texts.idleat.replace("{at}", at), texts.stay, stay);
  if (bar) bar.dataset.about = left <= soon ? "end" : bar.dataset.about;
}

if (texts.account) {
  seen();
  setInterval(look, LOOKED_EVERY_MS);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  addEventListener("storage", (event) => event.key === SEEN && bar?.dataset.about === "end" && look());
}

/* A form that is sent into nothing would be lost with its page: the page stays until the server can be reached. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || !texts.account || form.dataset.reached) return;
  event.preventDefault();
  if (form.dataset.asking) return;
  form.dataset.asking = "yes";
  try {
    await reach();
    quiet();
    form.dataset.reached = "yes";
    form.requestSubmit(event.submitter);
  } catch {
    tell(texts.unsent);
  } finally {
    delete form.dataset.asking;
  }
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.reached;
});
