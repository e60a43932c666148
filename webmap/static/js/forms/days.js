/* A calendar beside inputs of days. The input itself stays text: 24/10/2022 in every browser, whatever its language. */

const texts = document.getElementById("form-texts").dataset;
const WEEK = 7;
const EDGE_PX = 8;

/** Read a day as people type it; null for anything else. */
export function read(text) {
  const found = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
  if (!found) return null;
  const [day, month, year] = found.slice(1).map(Number);
  const made = new Date(year, month - 1, day);
  return made.getDate() === day && made.getMonth() === month - 1 ? made : null;
}

/** Write a day as people type it. */
export function write(day) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(day.getDate())}/${two(day.getMonth() + 1)}/${day.getFullYear()}`;
}

/** Say of a control which field it belongs to, beside its own name. */
export function describe(control, label) {
  if (!label) return;
  label.id ||= `label-${label.htmlFor}`;
  control.setAttribute("aria-describedby", label.id);
}

class Calendar {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input");
    this.button = Object.assign(document.createElement("button"), {type: "button", className: "pick", textContent: "▾", title: texts.calendar});
    this.button.setAttribute("aria-label", texts.calendar);
    describe(this.button, this.input.labels[0]);
    this.button.setAttribute("aria-expanded", "false");
    box.append(this.button);
    this.button.addEventListener("click", () => (this.panel ? this.close() : this.open()));
    this.input.addEventListener("change", () => this.tidy());
    box.addEventListener("focusout", (event) => this.panel && event.relatedTarget && !box.contains(event.relatedTarget) && this.close(false));
  }

  /* What can only be one day is written the one way. */
  tidy() {
    const day = read(this.input.value);
    if (day) this.input.value = write(day);
  }

  open() {
    this.day = read(this.input.value) ?? new Date();
    this.panel = Object.assign(document.createElement("div"), {className: "calendar"});
    this.panel.setAttribute("role", "dialog");
    this.panel.setAttribute("aria-label", texts.calendar);
    this.panel.addEventListener("keydown", (event) => this.press(event));
    this.box.append(this.panel);
    this.button.setAttribute("aria-expanded", "true");
    this.draw();
  }

  close(back = true) {
    this.panel.remove();
    this.panel = null;
    this.button.setAttribute("aria-expanded", "false");
    if (back) this.button.focus();
  }

  draw() {
    const {day} = this;
    const head = document.createElement("p");
    const said = Object.assign(document.createElement("strong"), {textContent: texts.month.replace("{month}", day.getMonth() + 1).replace("{year}", day.getFullYear())});
    said.setAttribute("aria-live", "polite");
    head.append(this.stepper("«", texts.yearBack, -12), this.stepper("‹", texts.monthBack, -1), said, this.stepper("›", texts.monthOn, 1), this.stepper("»", texts.yearOn, 12));
    const table = document.createElement("table");
    const names = table.createTHead().insertRow();
    for (const name of texts.weekdays.split(" ")) names.append(Object.assign(document.createElement("th"), {textContent: name, scope: "col"}));
    const first = new Date(day.getFullYear(), day.getMonth(), 1);
    const start = (first.getDay() + WEEK - 1) % WEEK;
    const last = new Date(day.getFullYear(), day.getMonth() + 1, 0).getDate();
    const body = table.createTBody();
    for (let number = 1 - start; number <= last; number += WEEK) {
      const row = body.insertRow();
      for (let each = number; each < number + WEEK; each += 1) {
        const cell = row.insertCell();
        if (each >= 1 && each <= last) cell.append(this.dayButton(each));
      }
    }
    this.panel.replaceChildren(head, table);
    const over = this.panel.getBoundingClientRect().right + EDGE_PX - document.documentElement.clientWidth;
    if (over > 0) this.panel.style.left = `${this.panel.offsetLeft - over}px`;
    this.panel.querySelector("[tabindex='0']").focus();
  }

  stepper(sign, name, months) {
    const made = Object.assign(document.createElement("button"), {type: "button", textContent: sign, title: name});
    made.setAttribute("aria-label", name);
    made.addEventListener("click", () => this.move(0, months));
    return made;
  }

  dayButton(number) {
    const day = new Date(this.day.getFullYear(), this.day.getMonth(), number);
    const made = Object.assign(document.createElement("button"), {type: "button", textContent: number});
    made.setAttribute("aria-label", write(day));
    made.tabIndex = number === this.day.getDate() ? 0 : -1;
    if (write(day) === this.input.value) made.setAttribute("aria-current", "date");
    made.addEventListener("click", () => {
      this.input.value = write(day);
      this.close(false);
      this.input.focus();
      this.input.dispatchEvent(new Event("input", {bubbles: true}));
      this.input.dispatchEvent(new Event("change", {bubbles: true}));
    });
    return made;
  }

  move(days, months = 0) {
    const {day} = this;
    const end = new Date(day.getFullYear(), day.getMonth() + months + 1, 0).getDate();
    this.day = months ? new Date(day.getFullYear(), day.getMonth() + months, Math.min(day.getDate(), end)) : new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);
    this.draw();
  }

  press(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      return this.close();
    }
    const days = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -WEEK, ArrowDown: WEEK}[event.key];
    const months = {PageUp: -1, PageDown: 1}[event.key];
    if (!days && !months) return undefined;
    event.preventDefault();
    return this.move(days ?? 0, months ?? 0);
  }
}

for (const box of document.querySelectorAll("[data-days]")) new Calendar(box);
