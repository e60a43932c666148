/* The table twin of any layer or roll-up: what the map shows on the day, as rows.

   The server finds, sorts and sums; only the rows in sight and some around them are asked for and drawn. All rows are of
   one height, so that which are in sight is arithmetic. */

import {fetchPiece, settings, tell, written} from "../page.js";

const PAGE = 100;
const ROW_PX = 30;
const BEYOND = 8; // rows drawn above and below those in sight
const TALLEST_PX = 8e6; // browsers draw no element much higher: a longer table scrolls in larger strides
const WAIT_MS = 250;
const CLOSEST_PARCEL = 18;
const KEPT = "table-columns:";
const MISSING = "–";
const NUMBERS = ["number", "integer"];
const narrow = matchMedia("(max-width: 60rem)");
const number = new Intl.NumberFormat(settings.language, {maximumFractionDigits: 2}).format;

/** Start the tool in its element. */
export function start(page, root) {
  const table = new Table(page, root);
  return {opened: () => table.open(), closed: () => table.close()};
}

class Table {
  constructor(page, root) {
    Object.assign(this, {page, root, isOpen: false, spec: null, rows: new Map(), found: 0, sums: {}, active: null, first: -1});
    Object.assign(this, {words: "", sort: "", filters: new Map(), columns: [], widths: new Map(), later: 0});
    this.part = (name) => root.querySelector(`[data-do=${name}]`);
    this.box = root.querySelector(".rows");
    this.grid = root.querySelector("table");
    [this.above, this.body, this.below] = this.grid.tBodies;
    this.problem = root.querySelector(".problem");
    this.choosing = root.querySelector(".choose");
    this.part("table").addEventListener("change", (event) => this.choose(event.target.value));
    this.part("words").addEventListener("input", (event) => {
      this.words = event.target.value.trim();
      this.soon({top: true});
    });
    this.part("within").addEventListener("change", () => this.ask());
    this.part("choose").addEventListener("click", () => this.showChoosing(this.choosing.hidden));
    this.part("usual").addEventListener("click", () => this.setColumns(this.usual()));
    for (const button of root.querySelectorAll("[data-do=clear]")) button.addEventListener("click", () => this.clear());
    this.choosing.addEventListener("change", (event) => this.changed(event.target));
    this.choosing.addEventListener("input", (event) => event.target.matches(".by input") && this.changed(event.target));
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.choosing.hidden) return;
      event.preventDefault();
      this.showChoosing(false);
    });
    this.box.addEventListener("scroll", () => this.draw());
    this.grid.tHead.addEventListener("click", ({target}) => this.sortBy(target.closest("th")?.dataset.name));
    this.body.addEventListener("click", ({target}) => this.pick(target));
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.grid.addEventListener("focus", () => this.activate(this.active?.row ?? this.firstInSight(), this.active?.column ?? 0));
    new ResizeObserver(() => this.draw()).observe(this.box);
    page.on("rest", () => this.isOpen && this.ask());
    page.on("selection", () => this.isOpen && this.follow());
    page.leaflet.on("moveend", () => this.isOpen && this.part("within").checked && this.soon());
  }

  async open() {
    this.isOpen = true;
    if (!this.tables) {
      try {
        const asked = new URLSearchParams({lang: settings.language});
        this.tables = JSON.parse(await fetchPiece(`${this.root.dataset.tables}?${asked}`)).tables;
      } catch (error) {
        return tell(this.problem, error.message);
      }
      this.part("table").replaceChildren(...this.tables.map(({name, title}) => new Option(title, name)));
      const usual = this.tables.find(({name}) => name === "parcels") ?? this.tables[0];
      this.part("table").value = usual.name;
      return this.choose(usual.name);
    }
    return this.ask();
  }

  close() {
    this.isOpen = false;
    this.asking?.abort();
    this.mark(null);
  }

  choose(name) {
    this.spec = this.tables.find((table) => table.name === name);
    this.byName = new Map(this.spec.columns.map((column) => [column.name, column]));
    const sort = this.byName.has("name") ? "name" : "";
    Object.assign(this, {words: "", sort, filters: new Map(), widths: new Map(), active: null});
    this.part("words").value = "";
    this.columns = kept(name, this.byName) ?? this.usual();
    this.mark(null);
    this.writeChoosing();
    Object.assign(this, {rows: new Map(), found: 0});
    this.box.scrollLeft = 0;
    this.toTop = true;
    return this.ask();
  }

  usual() {
    return this.spec.columns.filter((column) => column.opening).map((column) => column.name);
  }

  /* What is shown, as the server is asked for it; the files are asked for by the same. */
  get asked() {
    const {page} = this;
    const since = page.since && page.since < page.day ? page.since : "";
    const within = this.part("within").checked ? boundsOf(page.leaflet) : "";
    const named = {day: page.day, since, project: page.project, q: this.words, bounds: within, columns: this.columns.join(","), sort: this.sort};
    const filters = [...this.filters].map(([name, value]) => [`filter.${name}`, value]);
    return new URLSearchParams([...Object.entries(named), ...filters, ["lang", settings.language]].filter(([, value]) => value));
  }

  address(more = {}) {
    return `${this.root.dataset.tables}/${this.spec.name}?${this.asked}&${new URLSearchParams(more)}`;
  }

  /* Ask soon, for other rows than now (`top`: they are read from the first one), or for those of another extent. */
  soon({top = false} = {}) {
    clearTimeout(this.later);
    this.toTop ||= top;
    this.later = setTimeout(() => this.ask(), WAIT_MS);
  }

  /* Ask anew: other rows may be found, or in another order. */
  async ask() {
    if (!this.spec) return;
    clearTimeout(this.later);
    this.asking?.abort();
    this.asking = new AbortController();
    this.coming = new Map();
    const {signal} = this.asking;
    for (const link of this.root.querySelectorAll("[data-file]")) {
      link.href = `${this.root.dataset.tables}/${this.spec.name}.${link.dataset.file}?${this.asked}`;
    }
    this.box.setAttribute("aria-busy", "true");
    const page = this.toTop ? 0 : Math.floor(this.firstInSight() / PAGE);
    try {
      let answer = await this.fetch(page, {}, signal);
      if (page && !answer.rows.length && answer.found) answer = await this.fetch(0, {}, signal); // fewer rows than were scrolled through
      Object.assign(this, {rows: new Map([[answer.offset / PAGE, answer.rows]]), found: answer.found, sums: answer.sums, since: answer.since});
      this.write(answer);
      if (this.toTop) this.box.scrollTop = 0;
      this.toTop = false;
      tell(this.problem, "");
    } catch (error) {
      if (error.name === "AbortError") return;
      tell(this.problem, error.message);
    }
    this.box.setAttribute("aria-busy", "false");
    this.first = -1;
    this.draw();
    this.follow({quiet: true});
  }

  async fetch(page, more, signal) {
    return JSON.parse(await fetchPiece(this.address({offset: page * PAGE, limit: PAGE, ...more}), signal));
  }

  /* Ask for pages in sight that are not here yet. */
  async fill(from, to) {
    const {signal} = this.asking;
    for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page++) {
      if (this.rows.has(page) || this.coming.has(page)) continue;
      const request = this.fetch(page, {totals: "no"}, signal);
      this.coming.set(page, request);
      request.then(
        ({rows}) => {
          if (signal.aborted) return;
          this.coming.delete(page);
          this.rows.set(page, rows);
          this.first = -1;
          this.draw();
        },
        (error) => {
          if (error.name === "AbortError") return;
          this.coming.delete(page);
          tell(this.problem, error.message);
        },
      );
    }
  }

  row(n) {
    return this.rows.get(Math.floor(n / PAGE))?.[n % PAGE];
  }

  /* How many rows fit between header and sums. */
  get room() {
    return Math.max(1, Math.floor((this.box.clientHeight - this.grid.tHead.offsetHeight - (this.grid.tFoot?.offsetHeight ?? 0)) / ROW_PX));
  }

  get height() {
    return Math.min(this.found * ROW_PX, TALLEST_PX);
  }

  firstInSight() {
    if (!this.found) return 0;
    const all = this.found * ROW_PX;
    if (all <= TALLEST_PX) return Math.min(Math.floor(this.box.scrollTop / ROW_PX), this.found - 1);
    const share = Math.min(1, this.box.scrollTop / (this.height - this.room * ROW_PX));
    return Math.round(share * (this.found - this.room));
  }

  /* Bring a row into sight, with as little movement as it takes. */
  bring(n) {
    const [first, room] = [this.firstInSight(), this.room];
    if (n >= first && n < first + room && this.found * ROW_PX > TALLEST_PX) return;
    const wanted = n < first ? n : n >= first + room ? n - room + 1 : first;
    if (this.found * ROW_PX > TALLEST_PX) {
      this.box.scrollTop = (wanted / Math.max(1, this.found - room)) * (this.height - room * ROW_PX);
    } else {
      const top = this.box.scrollTop;
      const free = this.box.clientHeight - this.grid.tHead.offsetHeight - this.grid.tFoot.offsetHeight;
      if (n * ROW_PX < top) this.box.scrollTop = n * ROW_PX;
      else if ((n + 1) * ROW_PX > top + free) this.box.scrollTop = (n + 1) * ROW_PX - free;
    }
    this.draw();
  }

  draw() {
    if (!this.isOpen || !this.spec) return;
    const [first, room] = [this.firstInSight(), this.room];
    const from = Math.max(0, first - BEYOND);
    const to = Math.min(this.found, first + room + 1 + BEYOND);
    if (this.found) this.fill(from, to - 1);
    if (first === this.first && to === this.drawnTo) return;
    Object.assign(this, {first, drawnTo: to});
    this.body.replaceChildren(...Array.from({length: to - from}, (_, n) => this.drawRow(from + n)));
    const scaled = this.found * ROW_PX > TALLEST_PX;
    const above = scaled ? Math.max(0, this.box.scrollTop - (first - from) * ROW_PX) : from * ROW_PX;
    space(this.above, above, this.columns.length);
    space(this.below, this.height - above - (to - from) * ROW_PX, this.columns.length);
    this.point();
  }

  drawRow(n) {
    const line = document.createElement("tr");
    const row = this.row(n);
    line.setAttribute("aria-rowindex", n + 2);
    line.dataset.n = n;
    if (!row) line.className = "waiting";
    else if (row.key === this.chosen) line.setAttribute("aria-selected", "true");
    this.columns.forEach((name, c) => {
      const column = this.byName.get(name);
      const cell = document.createElement(c ? "td" : "th");
      if (!c) cell.scope = "row";
      cell.id = `tool-table-${n}-${c}`;
      const value = row?.values[c] ?? null;
      cell.textContent = row ? told(value, column, this.root.dataset) : "…";
      if (cell.textContent.length > 20) cell.title = cell.textContent;
      if (NUMBERS.includes(column.kind)) cell.className = "number";
      if (column.kind === "day" && this.since && value > this.since) cell.classList.add("fresh");
      line.append(cell);
    });
    return line;
  }

  /* Write header, sums and what the table is. */
  write({columns, found, drawn, sums, since, day, source, rows}) {
    const {dataset} = this.root;
    const known = {found: number(found), drawn: number(drawn)};
    const said = [dataset.rows.replace("{n}", known.found), dataset.drawn.replace("{n}", known.drawn), dataset.day.replace("{day}", written(day))];
    if (since) said.push(dataset.compared.replace("{day}", written(since)));
    if (this.page.project) said.push(dataset.project);
    said.push(dataset.source + (source.illustrative ? ` (${dataset.illustrative})` : ""));
    this.root.querySelector(".told").textContent = said.join(" · ");
    this.grid.caption.textContent = this.spec.title;
    this.grid.setAttribute("aria-rowcount", found + 2);
    this.grid.setAttribute("aria-colcount", columns.length);
    this.writeWidths(columns, rows, sums);
    const focused = this.grid.tHead.contains(document.activeElement) && document.activeElement.closest("th").dataset.name;
    const head = document.createElement("tr");
    head.setAttribute("aria-rowindex", 1);
    head.append(...columns.map((column) => this.heading(column)));
    this.grid.tHead.replaceChildren(head);
    if (focused) this.grid.tHead.querySelector(`[data-name="${CSS.escape(focused)}"] button`)?.focus();
    const foot = document.createElement("tr");
    foot.setAttribute("aria-rowindex", found + 2);
    foot.append(...columns.map((column, c) => {
      const cell = document.createElement(c ? "td" : "th");
      if (!c) cell.scope = "row";
      if (NUMBERS.includes(column.kind)) cell.className = "number";
      cell.textContent = column.name in sums ? told(sums[column.name], column, dataset) : c ? "" : dataset.total;
      return cell;
    }));
    this.grid.tFoot.replaceChildren(foot);
    this.grid.tFoot.hidden = !found;
    this.writeNothing(found);
    this.part("choose").textContent = this.filters.size ? dataset.narrowed.replace("{n}", this.filters.size) : dataset.open;
  }

  heading({name, title, unit, kind}) {
    const heading = document.createElement("th");
    heading.scope = "col";
    heading.dataset.name = name;
    if (NUMBERS.includes(kind)) heading.className = "number";
    heading.classList.toggle("narrowed", this.filters.has(name));
    if (this.sort.replace(/^-/, "") === name) heading.setAttribute("aria-sort", this.sort.startsWith("-") ? "descending" : "ascending");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = withUnit(title, unit);
    heading.append(button);
    return heading;
  }

  /* Columns keep their widths while rows come and go: what the first rows need, once. */
  writeWidths(columns, rows, sums) {
    columns.forEach((column, c) => {
      if (this.widths.has(column.name)) return;
      const length = (value) => told(value, column, this.root.dataset).length;
      const longest = Math.max(3, length(sums[column.name]) * 1.15, ...rows.map((row) => length(row.values[c]))); // sums are bold
      const title = Math.max(...withUnit(column.title, column.unit).split(" ").map((word) => word.length + 2), withUnit(column.title, column.unit).length / 2.6);
      if (rows.length) this.widths.set(column.name, Math.round(Math.min(Math.max(longest, title), 34) * 7.3 + 22));
    });
    const widths = columns.map((column) => this.widths.get(column.name) ?? 120);
    const limit = this.box.clientWidth * 0.42; // the first column stays in sight and must leave room for others
    if (widths.length > 1) widths[0] = Math.min(widths[0], Math.max(limit, 96));
    this.grid.querySelector("colgroup").replaceChildren(...widths.map((width) => {
      const col = document.createElement("col");
      col.style.width = `${width}px`;
      return col;
    }));
    this.grid.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  }

  writeNothing(found) {
    const nothing = this.root.querySelector(".nothing");
    nothing.hidden = found > 0;
    const narrowed = Boolean(this.words || this.filters.size || this.part("within").checked);
    const compares = settings.layers.find(({name}) => name === this.spec.name)?.compares && !this.since;
    const why = compares ? "compare" : narrowed ? "none" : "empty";
    for (const text of nothing.querySelectorAll("[data-why]")) text.hidden = text.dataset.why !== why;
    nothing.querySelector("button").hidden = why !== "none";
  }

  /* The columns to choose from, each with what its rows can be narrowed by. */
  writeChoosing() {
    const groups = new Map();
    for (const column of this.spec.columns) {
      const group = column.group ?? "";
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(this.choice(column));
    }
    const parts = [...groups].flatMap(([group, choices]) => (group ? [folded(group, choices)] : choices));
    this.choosing.querySelector("ul").replaceChildren(...parts);
  }

  choice(column) {
    const item = document.createElement("li");
    item.className = "column";
    item.dataset.name = column.name;
    const label = document.createElement("label");
    const box = document.createElement("input");
    const title = withUnit(column.title, column.unit);
    Object.assign(box, {type: "checkbox", checked: this.columns.includes(column.name)});
    label.append(box, title);
    const by = document.createElement("span");
    by.className = "by";
    by.append(...this.narrowing(column, title));
    item.append(label, by);
    return item;
  }

  narrowing({kind, words}, title) {
    const {dataset} = this.root;
    const field = (made, part, name) => {
      made.dataset.part = part;
      made.setAttribute("aria-label", `${title}: ${name}`);
      return made;
    };
    const input = (type, part, name) => field(Object.assign(document.createElement("input"), {type, placeholder: name, step: "any"}), part, name);
    const choice = (part, pairs) => {
      const select = field(document.createElement("select"), part, dataset.all);
      select.append(...pairs.map(([text, value]) => new Option(text, value)));
      return select;
    };
    if (kind === "boolean") return [choice("is", [[dataset.all, ""], [dataset.yes, "yes"], [dataset.no, "no"]])];
    if (words) return [choice("is", [[dataset.all, ""], ...words.map((word) => [word, word])])];
    if (kind === "text") return [input("search", "is", dataset.contains)];
    const given = choice("given", [[dataset.all, ""], [dataset.given, "*"], [dataset.missing, "-"]]);
    given.className = "given";
    const type = kind === "day" ? "date" : "number";
    return [input(type, "from", dataset.from), input(type, "to", dataset.to), given];
  }

  changed(field) {
    const item = field.closest(".column");
    if (!item) return;
    const {name} = item.dataset;
    if (field.type === "checkbox") {
      const chosen = new Set(this.columns);
      if (field.checked) chosen.add(name);
      else if (chosen.size > 1) chosen.delete(name);
      else field.checked = true; // a table has a column
      this.setColumns(this.spec.columns.map((column) => column.name).filter((each) => chosen.has(each)));
      return;
    }
    const value = (part) => item.querySelector(`[data-part=${part}]`)?.value.trim() ?? "";
    const range = value("from") || value("to") ? `${value("from")}..${value("to")}` : "";
    const narrowed = value("is") || value("given") || range;
    if ((this.filters.get(name) ?? "") === narrowed) return;
    if (narrowed) this.filters.set(name, narrowed);
    else this.filters.delete(name);
    this.soon({top: true});
  }

  setColumns(columns) {
    this.columns = columns;
        keep(this.spec.name, columns.join() === this.usual().join() ? null : columns);
    for (const item of this.choosing.querySelectorAll(".column")) item.querySelector("input").checked = columns.includes(item.dataset.name);
    this.active = this.active && {...this.active, column: 0};
    this.rows.clear();
    this.ask();
  }

  clear() {
    Object.assign(this, {words: "", filters: new Map()});
    this.part("words").value = "";
    this.part("within").checked = false;
    this.toTop = true;
    for (const field of this.choosing.querySelectorAll(".by :is(input, select)")) field.value = "";
    this.ask();
  }

  showChoosing(shown) {
    this.choosing.hidden = !shown;
    this.box.inert = shown;
    this.part("choose").setAttribute("aria-expanded", shown);
    if (shown) this.choosing.querySelector("input")?.focus({preventScroll: true});
    else this.part("choose").focus();
  }

  sortBy(name) {
    if (!name) return;
    const usual = NUMBERS.includes(this.byName.get(name).kind) ? [`-${name}`, name] : [name, `-${name}`];
    this.sort = this.sort === usual[0] ? usual[1] : usual[0];
    this.toTop = true;
    this.ask();
  }

  pick(target) {
    const line = target.closest("tr");
    if (!line || document.getSelection().toString()) return;
    this.activate(Number(line.dataset.n), Math.max(0, [...line.cells].indexOf(target.closest("th, td"))));
    this.show(Number(line.dataset.n));
  }

  /* Show a row on the map: its place, and its panel or a mark around it. */
  show(n) {
    const row = this.row(n);
    if (!row) return;
    const {page, spec} = this;
    this.select(row.key);
    if (narrow.matches) document.getElementById("map-box").scrollIntoView();
    if (row.bounds) page.zoomTo(row.bounds, spec.panel === "parcel" || !spec.panel ? CLOSEST_PARCEL : undefined);
    if (spec.panel && row.key) page.open(spec.panel, row.key);
    else this.mark(row.bounds);
  }

  select(key) {
    this.chosen = key;
    for (const line of this.body.rows) {
      if (this.row(Number(line.dataset.n))?.key === key) line.setAttribute("aria-selected", "true");
      else line.removeAttribute("aria-selected");
    }
  }

  mark(bounds) {
    this.marked?.remove();
    this.marked = null;
    if (!bounds) return;
    const [west, south, east, north] = bounds;
    const options = {interactive: false, color: "#000", weight: 3, dashArray: "6 4", fill: false};
    const point = east - west < 1e-6 && north - south < 1e-6;
    this.marked = (point ? L.circleMarker([south, west], {...options, radius: 16}) : L.rectangle([[south, west], [north, east]], options)).addTo(this.page.leaflet);
  }

  /* What is open on the page is marked, and brought into sight unless nothing new was opened (`quiet`). */
  async follow({quiet = false} = {}) {
    if (!this.spec?.panel) return;
    const open = this.page.selection;
    const key = open?.kind === this.spec.panel ? open.key : null;
    const known = key === this.chosen;
    this.select(key);
    if (!key || (quiet && known)) return;
    const here = [...this.rows].flatMap(([page, rows]) => rows.map((row, n) => [row.key, page * PAGE + n])).find(([each]) => each === key);
    let position = here?.[1];
    if (position === undefined) {
      try {
        position = JSON.parse(await fetchPiece(this.address({find: key, limit: 1, totals: "no"}), this.asking.signal)).position;
      } catch (error) {
        if (error.name !== "AbortError") tell(this.problem, error.message);
        return;
      }
    }
    if (position === null || key !== this.chosen) return;
    this.active = {row: position, column: this.active?.column ?? 0};
    this.bring(position);
    this.select(key);
    this.point();
  }

  key(event) {
    if (event.target !== this.grid || !this.found || event.altKey || event.metaKey) return;
    const {row, column} = this.active ?? {row: this.firstInSight(), column: 0};
    const moves = {
      ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      PageDown: [row + this.room - 1, column], PageUp: [row - this.room + 1, column], Home: [0, column], End: [this.found - 1, column],
    };
    if (event.key === "Enter" || event.key === " ") this.show(row);
    else if (moves[event.key]) this.activate(...moves[event.key]);
    else return;
    event.preventDefault();
  }

  activate(row, column) {
    if (!this.found) return;
    this.active = {row: between(row, this.found), column: between(column, this.columns.length)};
    this.bring(this.active.row);
    this.point();
    const cell = this.grid.querySelector(".active");
    const beside = this.grid.querySelector("tbody:not([aria-hidden]) th")?.offsetWidth ?? 0;
    if (!cell || !this.active.column) this.box.scrollLeft = this.active.column ? this.box.scrollLeft : 0;
    else if (cell.offsetLeft < this.box.scrollLeft + beside) this.box.scrollLeft = cell.offsetLeft - beside;
    else this.box.scrollLeft = Math.max(this.box.scrollLeft, cell.offsetLeft + cell.offsetWidth - this.box.clientWidth);
  }

  /* Tell which cell the keys stand on. */
  point() {
    this.grid.querySelector(".active")?.classList.remove("active");
    const cell = this.active && document.getElementById(`tool-table-${this.active.row}-${this.active.column}`);
    cell?.classList.add("active");
    if (cell) this.grid.setAttribute("aria-activedescendant", cell.id);
    else this.grid.removeAttribute("aria-activedescendant");
  }
}

function between(value, end) {
  return Math.min(Math.max(value, 0), end - 1);
}

function space(part, height, columns) {
  const cell = document.createElement("td");
  cell.colSpan = columns;
  cell.style.height = `${Math.max(0, height)}px`;
  const line = document.createElement("tr");
  line.append(cell);
  part.replaceChildren(...(height > 0 ? [line] : []));
}

function folded(title, items) {
  const item = document.createElement("li");
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  const list = document.createElement("ul");
  summary.textContent = title;
  list.append(...items);
  details.append(summary, list);
  item.append(details);
  return item;
}

function told(value, {kind}, {yes, no}) {
  if (value === null || value === undefined) return NUMBERS.includes(kind) ? MISSING : "";
  if (kind === "day") return written(value);
  if (kind === "boolean") return value ? yes : no;
  return typeof value === "number" ? number(value) : value;
}

function withUnit(title, unit) {
  return unit && !title.includes(unit) ? `${title} (${unit})` : title;
}

function boundsOf(leaflet) {
  const box = leaflet.getBounds();
  return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((side) => side.toFixed(6)).join(",");
}

/* What columns a reader chose is kept in this browser, where it lets us. */
function keep(name, columns) {
  try {
    if (columns) localStorage.setItem(KEPT + name, columns.join(","));
    else localStorage.removeItem(KEPT + name);
  } catch { /* kept for this visit alone */ }
}

function kept(name, byName) {
  try {
    const columns = localStorage.getItem(KEPT + name)?.split(",").filter((each) => byName.has(each));
    return columns?.length ? columns : null;
  } catch {
    return null;
  }
}
