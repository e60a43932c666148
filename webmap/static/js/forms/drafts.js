/* Drafts of what is typed: in this tab's own storage alone, by account and form; gone when it is recorded or signed out. */

const texts = document.getElementById("form-texts").dataset;
const {account} = texts;
const PREFIX = "draft:";
const mine = `${PREFIX}${account}:`;
const A_MOMENT_MS = 400;
const NEVER = new Set(["csrf_token", "draft"]);
/* Whether this page answers a form that was sent: what was typed there stands on it, or in what it leads on to. */
const ANSWERS = texts.answers === "yes" || new URLSearchParams(location.search).has("kept");

function forget(unwanted) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX) && unwanted(key)) sessionStorage.removeItem(key);
}

/* Signed out, here or in another tab: nothing is kept from then on, whatever is still typed or on its way. */
let signedOut = false;

function forgetAll() {
  signedOut = true;
  forget(() => true);
}

function kept(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

/* What a control holds; files, passwords and tokens are never looked at. */
function controls(form) {
  return [...form.elements].filter((each) => each.name && !NEVER.has(each.name) && !["file", "password", "submit", "button", "image", "reset"].includes(each.type));
}

function content(form) {
  return controls(form).map((each) => [each.name, ["checkbox", "radio"].includes(each.type) ? each.checked : each.value]);
}

function typedOf(held) {
  return JSON.stringify(held.filter(([name]) => name !== "key"));
}

class Draft {
  constructor(form, number) {
    const address = new URL(form.action, location.href);
    this.form = form;
    this.key = `${mine}${address.pathname}:${number}`;
    this.id = Object.assign(document.createElement("input"), {type: "hidden", name: "draft", value: crypto.getRandomValues(new Uint32Array(4)).join("-")});
    form.append(this.id);
    this.before = typedOf(content(form));
    this.offer();
    for (const kind of ["input", "change"]) form.addEventListener(kind, () => this.soon());
    form.addEventListener("submit", () => this.send());
    addEventListener("pagehide", () => this.timer && this.save());
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), A_MOMENT_MS);
  }

  /* Mark the draft as sent: the page that answers it shows what was typed, and has nothing to restore. */
  send() {
    this.save();
    const draft = kept(this.key);
    if (draft) sessionStorage.setItem(this.key, JSON.stringify({...draft, sent: true}));
  }

  save() {
    clearTimeout(this.timer);
    this.timer = 0;
    const held = content(this.form);
    if (signedOut || typedOf(held) === this.before) return;
    try {
      sessionStorage.setItem(this.key, JSON.stringify({id: this.id.value, at: Date.now(), held}));
    } catch {
      // The storage is full: the page itself still holds what was typed.
    }
  }

  /* Offer a draft that the page does not show already. */
  offer() {
    const draft = kept(this.key);
    if (!draft) return;
    this.id.value = draft.id;
    if (typedOf(draft.held) === this.before || (draft.sent && ANSWERS)) return;
    const bar = document.createElement("p");
    bar.className = "draft";
    bar.setAttribute("role", "status");
    const when = new Intl.DateTimeFormat("vi", {hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", year: "numeric"}).format(draft.at);
    const restore = Object.assign(document.createElement("button"), {type: "button", textContent: texts.restore});
    const drop = Object.assign(document.createElement("button"), {type: "button", textContent: texts.drop});
    restore.addEventListener("click", () => {
      this.fill(draft.held);
      bar.replaceChildren(texts.restored);
      controls(this.form).find((each) => each.type !== "hidden")?.focus();
    });
    drop.addEventListener("click", () => {
      sessionStorage.removeItem(this.key);
      bar.remove();
    });
    bar.append(`${texts.draft.replace("{when}", when)} `, restore, " ", drop);
    this.form.prepend(bar);
  }

  fill(held) {
    const left = Map.groupBy ? Map.groupBy(controls(this.form), (each) => each.name) : new Map();
    if (!left.size) for (const each of controls(this.form)) left.set(each.name, [...(left.get(each.name) ?? []), each]);
    for (const [name, value] of held) {
      const each = left.get(name)?.shift();
      if (!each || (each.type === "hidden" && name !== "key")) continue;
      if (typeof value === "boolean") each.checked = value;
      else each.value = value;
    }
    for (const details of this.form.querySelectorAll("details")) details.open = true;
    this.form.dispatchEvent(new Event("input", {bubbles: true}));
  }
}

if (account) {
  forget((key) => !key.startsWith(mine));
  if (texts.recorded) forget((key) => kept(key)?.id === texts.recorded);
  const forms = [...document.querySelectorAll("main form[method=post]")].filter((form) => !form.querySelector("[type=password]"));
  const written = (form) => controls(form).some((each) => each.type !== "hidden");
  forms.filter(written).forEach((form, number) => new Draft(form, number));
  document.getElementById("sign-out")?.addEventListener("submit", () => {
    forgetAll();
    localStorage.setItem("signed-out", Date.now());
  });
}
addEventListener("storage", (event) => event.key === "signed-out" && forgetAll());
