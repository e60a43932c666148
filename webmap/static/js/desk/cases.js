/* The case table as a grid: scrolled in windows that the server finds and sorts, worked by keyboard, cases selected.

   Without this script the page is a table of a hundred cases at a time with boxes to tick; the form is the same. The
   grid follows the ARIA pattern: the table has the focus, one cell of it is the active one. */

const PAGE = 100;
const ROW_PX = 32;
const BEYOND = 6;
const box = document.getElementById("cases");
const form = document.getElementById("cases-form");
const {dataset} = box;
const number = new Intl.NumberFormat(dataset.language === "en" ? "en" : "vi", {maximumFractionDigits: 2}).format;
const grid = box.querySelector("table");
const problem = document.getElementById("case-problem");
const said = document.getElementById("cases-selected");
const headings = [...grid.tHead.rows[0].cells];
const columns = headings.map((cell) => ({name: cell.dataset.name, kind: cell.dataset.kind}));
const columnKinds = new Map(columns.map(({name, kind}) => [name, kind]));
const narrow = document.querySelector(".narrow");
const words = Object.fromEntries(
  ["reached", "obstacle", "holder"].map((name) => [name, Object.fromEntries([...narrow.elements[name].options].map(({value, text}) => [value, text]))]),
);
const state = {rows: new Map(), coming: new Set(), briefs: [], at: new Map(), selected: new Map(), row: 0, column: 0, anchor: null, drawn: "", asked: 0};

/* What is shown, as the server is asked for it. */
function asked() {
  const given = new FormData(narrow);
  return new URLSearchParams([...given].filter(([, value]) => value));
}

async function fetchWindow(page, more = {}) {
  const address = `${dataset.rows}?${asked()}&${new URLSearchParams({offset: page * PAGE, limit: PAGE, ...more})}`;
  const answer = await fetch(address, {headers: {Accept: "application/json"}});
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? dataset.failed);
  return body;
}

/* Ask anew: other cases may be found, or in another order. */
async function ask({top = true} = {}) {
  const turn = ++state.asked;
  box.setAttribute("aria-busy", "true");
  try {
    const found = await fetchWindow(0, {briefs: "yes"});
    if (turn !== state.asked) return;
    state.rows = new Map([[0, found.cases]]);
    state.coming = new Set();
    state.briefs = found.briefs;
    state.at = new Map(found.briefs.map(([code], n) => [code, n]));
    state.row = Math.min(state.row, Math.max(0, state.briefs.length - 1));
    for (const [code] of state.selected) if (state.at.has(code)) state.selected.set(code, state.briefs[state.at.get(code)]);
    if (top) Object.assign(state, {row: 0, anchor: null});
    if (top) box.scrollTop = 0;
    document.getElementById("cases-found").textContent = (found.no_holder ? dataset.andLand : dataset.cases).replace("{n}", number(found.found - found.no_holder)).replace("{m}", number(found.no_holder));
    for (const sum of document.querySelectorAll("[data-sum]")) sum.textContent = number(found.sums[sum.dataset.sum]);
    for (const link of document.querySelectorAll("[data-file]")) link.href = `${dataset.rows}.${link.dataset.file}?${asked()}`;
    history.replaceState(null, "", `?${asked()}`);
    grid.setAttribute("aria-rowcount", found.found + 1);
    setWidths();
    tell("");
  } catch (error) {
    tell(error.message || dataset.failed);
  }
  box.setAttribute("aria-busy", "false");
  state.drawn = "";
  draw();
  count();
}

function tell(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

/* Columns keep their widths while rows come and go. */
function setWidths() {
  const rows = state.rows.get(0) ?? [];
  const widths = columns.map(({name}, c) => {
    const longest = Math.max(3, ...rows.map((row) => cellText(row, name).length));
    const title = Math.max(...headings[c].textContent.split(" ").map((word) => word.length + 1), headings[c].textContent.length / 1.8);
    return Math.round(Math.min(Math.max(longest, title), 30) * 7.6 + (c ? 18 : 56));
  });
  const group = document.createElement("colgroup");
  group.append(...widths.map((width) => {
    const col = document.createElement("col");
    col.style.width = `${width}px`;
    return col;
  }));
  grid.querySelector("colgroup")?.remove();
  grid.prepend(group);
  grid.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
}

function cellText(row, name) {
  if (columnKinds.get(name) === "day" && name in row.days) return row.days[name] ? dayText(row.days[name]) : "✓";
  const value = row[name];
  if (value === null || value === undefined) return "";
  if (name === "step" || name === "overdue") return words.reached[value] ?? value;
  if (name === "holder_kind") return words.holder[value] ?? value;
  if (name === "obstacles") return value.map((kind) => words.obstacle[kind] ?? kind).join(", ");
  if (columnKinds.get(name) === "day") return dayText(value);
  if (name.startsWith("plots_") && !value) return "";
  return typeof value === "number" ? number(value) : value;
}

function dayText(day) {
  return day.split("-").reverse().join("/");
}

function rowOf(n) {
  return state.rows.get(Math.floor(n / PAGE))?.[n % PAGE];
}

/* Land of no holder makes no case: acts upon cases leave it out. It is known by sheet/number; codes have no slash. */
function isLand(code) {
  return code.includes("/");
}

function addressOf(n) {
  const row = rowOf(n);
  return row?.land ? dataset.land + row.land : dataset.case + encodeURIComponent(state.briefs[n][0]);
}

function inSight() {
  const room = Math.max(1, Math.floor((box.clientHeight - grid.tHead.offsetHeight) / ROW_PX));
  return [Math.floor(box.scrollTop / ROW_PX), room];
}

/* Draw the rows in sight and a few around them; rows that are not here yet are asked for. */
function draw() {
  const [first, room] = inSight();
  const from = Math.max(0, first - BEYOND);
  const to = Math.min(state.briefs.length, first + room + BEYOND + 1);
  fill(from, to);
  const now = `${from}-${to}`;
  if (now === state.drawn) return;
  state.drawn = now;
  const [above, body, below] = [...grid.tBodies];
  // Rows that stay in sight are kept: a turn of the wheel draws three, not forty.
  const kept = new Map([...body.rows].filter((line) => line.dataset.drawn === "yes").map((line) => [line.dataset.key, line]));
  body.replaceChildren(...Array.from({length: to - from}, (_, n) => kept.get(`${state.asked}-${from + n}`) ?? drawRow(from + n)));
  space(above, from * ROW_PX);
  space(below, (state.briefs.length - to) * ROW_PX);
  point();
}

function space(body, height) {
  body.hidden = height <= 0;
  body.rows[0].cells[0].style.height = `${Math.max(0, height)}px`;
}

async function fill(from, to) {
  const turn = state.asked;
  for (let page = Math.floor(from / PAGE); page * PAGE < to; page++) {
    if (state.rows.has(page) || state.coming.has(page)) continue;
    state.coming.add(page);
    try {
      const {cases} = await fetchWindow(page);
      if (turn !== state.asked) return;
      state.rows.set(page, cases);
      state.drawn = "";
      draw();
    } catch (error) {
      tell(error.message || dataset.failed);
    }
    state.coming.delete(page);
  }
}

function drawRow(n) {
  const line = document.createElement("tr");
  const row = rowOf(n);
  const [code] = state.briefs[n];
  const selected = state.selected.has(code);
  Object.assign(line.dataset, {n, key: `${state.asked}-${n}`, drawn: row ? "yes" : "no"});
  line.setAttribute("aria-rowindex", n + 2);
  line.setAttribute("aria-selected", selected);
  if (!row) line.className = "waiting";
  const cells = columns.map(({name, kind}, c) => {
    const cell = document.createElement(c ? "td" : "th");
    cell.id = `case-${n}-${c}`;
    if (!c) {
      cell.scope = "row";
      const tick = document.createElement("input");
      Object.assign(tick, {type: "checkbox", checked: selected, tabIndex: -1});
      tick.setAttribute("aria-label", `${dataset.select} ${code}`);
      const link = document.createElement("a");
      Object.assign(link, {href: addressOf(n), textContent: code, tabIndex: -1});
      cell.append(...(isLand(code) ? [link] : [tick, link]));
      return cell;
    }
    cell.textContent = row ? cellText(row, name) : "…";
    if (cell.textContent.length > 20) cell.title = cell.textContent;
    if (kind === "number" || kind === "integer") cell.className = "number";
    if (name === "days_late") cell.classList.add("late");
    return cell;
  });
  line.append(...cells);
  return line;
}

/* Show which cell is the active one; row -1 is that of the headings. */
function point() {
  grid.querySelector(".active")?.classList.remove("active");
  const cell = state.row < 0 ? headings[state.column] : document.getElementById(`case-${state.row}-${state.column}`);
  cell?.classList.add("active");
  if (cell) grid.setAttribute("aria-activedescendant", cell.id);
  else grid.removeAttribute("aria-activedescendant");
  return cell;
}

function move(row, column) {
  state.row = Math.max(-1, Math.min(row, state.briefs.length - 1));
  state.column = Math.max(0, Math.min(column, columns.length - 1));
  const top = state.row * ROW_PX;
  const room = box.clientHeight - grid.tHead.offsetHeight;
  if (state.row >= 0) {
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW_PX > box.scrollTop + room) box.scrollTop = top + ROW_PX - room;
  }
  draw();
  const cell = point();
  if (!cell || !state.column) {
    if (!state.column) box.scrollLeft = 0;
    return;
  }
  const stuck = headings[0].offsetWidth;
  const {offsetLeft, offsetWidth} = headings[state.column];
  if (offsetLeft - stuck < box.scrollLeft) box.scrollLeft = offsetLeft - stuck;
  else if (offsetLeft + offsetWidth > box.scrollLeft + box.clientWidth) box.scrollLeft = offsetLeft + offsetWidth - box.clientWidth;
}

function select(n, on) {
  const brief = state.briefs[n];
  if (!brief || isLand(brief[0])) return;
  if (on) state.selected.set(brief[0], brief);
  else state.selected.delete(brief[0]);
}

function selectRange(one, other, on = true) {
  for (let n = Math.max(0, Math.min(one, other)); n <= Math.max(one, other); n++) select(n, on);
}

/* Say how many are selected, with their sums. */
function count() {
  let [area, handed, hidden] = [0, 0, 0];
  for (const [code, [, ofArea, ofHanded]] of state.selected) {
    area += ofArea;
    handed += ofHanded;
    hidden += state.at.has(code) ? 0 : 1;
  }
  const n = state.selected.size;
  const filled = dataset.selected.replace("{n}", number(n)).replace("{area}", number(area)).replace("{left}", number(Math.max(0, area - handed)));
  said.textContent = n ? filled + (hidden ? ` · ${dataset.hidden.replace("{n}", number(hidden))}` : "") : dataset.none;
  const act = document.getElementById("cases-act");
  if (act) act.disabled = !n;
  for (const line of grid.tBodies[1].rows) {
    const on = state.selected.has(state.briefs[line.dataset.n][0]);
    line.setAttribute("aria-selected", on);
    const tick = line.querySelector("input");
    if (tick) tick.checked = on;
  }
}

function sortBy(name) {
  if (name === "overdue") return;
  const field = narrow.elements.sort;
  const now = field.value || "code";
  field.value = now === name ? `-${name}` : name;
  headings.forEach((cell) => {
    if (cell.dataset.name === name) cell.setAttribute("aria-sort", field.value.startsWith("-") ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
  ask();
}

/* The selected rows, else the active one, as a spreadsheet takes them. */
async function copy() {
  const rows = state.selected.size ? [...state.selected.keys()].map((code) => state.at.get(code)).filter((n) => n !== undefined).sort((a, b) => a - b) : [state.row];
  const pages = new Set(rows.map((n) => Math.floor(n / PAGE)).filter((page) => !state.rows.has(page)));
  for (const page of pages) state.rows.set(page, (await fetchWindow(page)).cases);
  const clean = (text) => String(text).replace(/[\t\r\n]+/g, " ");
  const lines = [headings.map((cell) => clean(cell.textContent.trim())), ...rows.map((n) => columns.map(({name}) => clean(cellText(rowOf(n), name))))];
  const text = lines.map((line) => line.join("\t")).join("\n");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // without https there is no clipboard to write to
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    grid.focus();
  }
  said.textContent = dataset.copied.replace("{n}", number(rows.length));
}

/* Codes copied from a spreadsheet select their cases, whatever the filter shows; those that are none are named. */
async function paste(text) {
  const codes = [...new Set(text.split(/[\r\n]+/).map((line) => line.split("\t")[0].trim()).filter(Boolean))];
  if (!codes.length) return tell(dataset.nocodes);
  let known = new Map(state.briefs.map((brief) => [brief[0], brief]));
  if (codes.some((code) => !known.has(code))) {
    const answer = await fetch(`${dataset.rows}?limit=1&briefs=yes`, {headers: {Accept: "application/json"}});
    if (!answer.ok) return tell(dataset.failed);
    known = new Map((await answer.json()).briefs.map((brief) => [brief[0], brief]));
  }
  const unknown = codes.filter((code) => !known.has(code));
  for (const code of codes) if (known.has(code) && !isLand(code)) state.selected.set(code, known.get(code));
  count();
  tell(unknown.length ? dataset.unknown.replace("{codes}", unknown.slice(0, 20).join(", ") + (unknown.length > 20 ? " …" : "")) : "");
  said.textContent = `${dataset.pasted.replace("{n}", number(codes.length - unknown.length))} · ${said.textContent}`;
}

function key(event) {
  if (event.altKey) return;
  const held = event.ctrlKey || event.metaKey;
  const [, room] = inSight();
  const rows = {ArrowUp: -1, ArrowDown: 1, PageUp: -room, PageDown: room};
  const last = state.briefs.length - 1;
  if (event.key in rows) {
    const from = state.row;
    let to = from + rows[event.key];
    if (rows[event.key] > 1 || rows[event.key] < -1) to = Math.max(0, to);
    if (event.shiftKey && from >= 0) {
      state.anchor ??= from;
      selectRange(state.anchor, from, false);
      move(Math.max(0, to), state.column);
      selectRange(state.anchor, state.row);
      count();
    } else {
      state.anchor = null;
      move(to, state.column);
    }
  } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    move(state.row, state.column + (event.key === "ArrowLeft" ? -1 : 1));
  } else if (event.key === "Home" || event.key === "End") {
    const end = event.key === "End";
    if (held) move(end ? last : 0, state.column);
    else move(state.row, end ? columns.length - 1 : 0);
  } else if (event.key === " ") {
    if (state.row >= 0) {
      select(state.row, !state.selected.has(state.briefs[state.row]?.[0]));
      state.anchor = state.row;
      count();
    }
  } else if (event.key === "Enter") {
    if (state.row < 0) sortBy(columns[state.column].name);
    else if (state.briefs[state.row]) location.href = addressOf(state.row);
  } else if (held && event.key.toLowerCase() === "a") {
    selectRange(0, last);
    count();
  } else if (held && event.key.toLowerCase() === "c" && !document.getSelection().toString()) {
    copy().catch((error) => tell(error.message || dataset.failed));
  } else if (event.key === "Escape") {
    state.selected.clear();
    count();
  } else {
    return;
  }
  event.preventDefault();
}

function click(event) {
  const heading = event.target.closest("thead th");
  if (heading) {
    event.preventDefault();
    return sortBy(heading.dataset.name);
  }
  const line = event.target.closest("tr[data-n]");
  if (!line || event.target.closest("a")) return;
  const n = Number(line.dataset.n);
  const cell = event.target.closest("th, td");
  if (event.target.matches("input")) {
    if (event.shiftKey && state.anchor !== null) selectRange(state.anchor, n, event.target.checked);
    else select(n, event.target.checked);
    state.anchor = n;
    count();
  }
  if (document.getSelection().toString()) return;
  move(n, [...line.cells].indexOf(cell));
  grid.focus({preventScroll: true});
}

function start() {
  box.classList.add("live");
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-multiselectable", "true");
  grid.setAttribute("aria-colcount", columns.length);
  grid.tabIndex = 0;
  headings.forEach((cell, c) => (cell.id = `case-heading-${c}`));
  grid.tBodies[0].replaceChildren();
  for (const where of ["beforebegin", "afterend"]) {
    const body = document.createElement("tbody");
    body.className = "space";
    body.setAttribute("aria-hidden", "true");
    body.insertRow().insertCell().colSpan = columns.length;
    (where === "beforebegin" ? grid.tBodies[0] : grid.tBodies[grid.tBodies.length - 1]).insertAdjacentElement(where, body);
  }
  document.querySelector(".pages")?.remove();
  const filters = narrow.querySelector("details");
  filters.open = !matchMedia("(max-width: 40rem)").matches || [...filters.querySelectorAll("select")].some(({value}) => value);
  for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
  box.addEventListener("scroll", draw, {passive: true});
  new ResizeObserver(draw).observe(box);
  grid.addEventListener("keydown", key);
  grid.addEventListener("click", click);
  document.addEventListener("paste", (event) => {
    if (event.target.closest?.("input, textarea, select")) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain")).catch((error) => tell(error.message));
  });
  let later;
  narrow.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  narrow.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(ask, 250);
  });
  document.querySelector("[data-do=all]").addEventListener("click", () => {
    selectRange(0, state.briefs.length - 1);
    count();
  });
  document.querySelector("[data-do=none]").addEventListener("click", () => {
    state.selected.clear();
    count();
  });
  form.addEventListener("submit", (event) => {
    for (const field of form.querySelectorAll("[data-selected-case]")) field.remove();
    if (!state.selected.size) return event.preventDefault();
    for (const code of state.selected.keys()) {
      const field = document.createElement("input");
      Object.assign(field, {type: "hidden", name: "case", value: code});
      field.dataset.selectedCase = "";
      form.append(field);
    }
  });
  return ask({top: false});
}

start();
