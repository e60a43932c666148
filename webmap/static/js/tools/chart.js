/* The chart of m² and households handed over through time, with what official reports state as points on it.

   The lines are the course of time that the map plays from: moving the day asks nothing. What reports state stands in
   a table the server writes (templates/reported.html); each of its rows is drawn as a point where it can be. */

import {dayOf, fetchPiece, gainText, nodesOf, numberOf, settings, tell, texts, written} from "../page.js";
import {fetchCourse} from "../course.js";
import {drawMark, drawSegment, drawSilence, drawStanding, drawSwatch, plotOf} from "./chart-plot.js";

const OF = {households: "affected_households", area_m2: "affected_m2"};
const HUNDREDTHS = {households: 1, area_m2: 100};
const MISSING = "–";
const A_YEAR = 365;
const HEADROOM = 1.06;
const WIDEST_TARGET_PX = 24;
const PICTURE = {width: 1600, plot: 460, head: 150, foot: 60, scale: 1.6};
const dark = matchMedia("(prefers-color-scheme: dark)");
const forced = matchMedia("(forced-colors: active)");
const number = new Intl.NumberFormat(settings.language, {maximumFractionDigits: 2}).format;

/** Start the tool in its element. */
export function start(page, root) {
  const chart = new Chart(page, root);
  return {opened: () => chart.open(), closed: () => chart.close()};
}

class Chart {
  constructor(page, root) {
    Object.assign(this, {page, root, plots: [], points: [], wanted: null, shown: null, isOpen: false});
    this.reported = root.querySelector(".reported");
    this.problem = root.querySelector(".problem");
    root.querySelector("[data-do=png]").addEventListener("click", () => this.savePicture());
    root.querySelector("[data-do=csv]").addEventListener("click", () => this.saveData());
    root.querySelector("[data-key=reform] span").textContent = root.querySelector("[data-key=reform] span").textContent
      .replace("{day}", written(settings.reform));
    page.on("day", () => this.moveDay());
    page.on("compare", () => this.moveDay());
    for (const event of ["selection", "project"]) page.on(event, () => this.isOpen && this.show());
    page.on("data", () => this.renew());
    new ResizeObserver(() => this.fit()).observe(root.querySelector(".plots"));
    for (const query of [dark, forced]) query.addEventListener("change", () => this.isOpen && this.draw());
  }

  open() {
    this.isOpen = true;
    return this.show();
  }

  close() {
    this.isOpen = false;
  }

  /* The data are others: what is drawn is drawn anew, in place, or when it is next looked at. */
  renew() {
    this.wanted = null;
    if (this.isOpen) this.show();
  }

  /* Show what is chosen now; once it is shown, only the day moves. */
  async show() {
    const scope = scopeOf(this.page);
    if (this.wanted === scope.address) return this.moveDay(); // it is shown, or on its way
    this.wanted = scope.address;
    this.asking?.abort();
    this.asking = new AbortController();
    const {signal} = this.asking;
    this.root.setAttribute("aria-busy", "true");
    try {
      const [course, html] = await Promise.all([
        scope.apart ? fetchCourse(scope.key) : this.page.course, fetchPiece(scope.address, signal), library(this.root.dataset.uplot),
      ]);
      if (signal.aborted) return undefined;
      this.course = course;
      this.track = scope.key === undefined ? course.total : (course.tracks[scope.layer].get(scope.key) ?? null);
      this.shown = scope;
      this.reported.replaceChildren(nodesOf(html));
      tell(this.problem, "");
      this.draw();
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      this.wanted = null;
      this.shown = null;
      tell(this.problem, error.message || this.root.dataset.failed);
    }
    this.root.removeAttribute("aria-busy");
    return undefined;
  }

  get name() {
    return this.reported.firstElementChild?.dataset.name ?? "";
  }

  /* The days drawn: those of the slider, and those that reports speak of. */
  get span() {
    const told = this.points.flatMap(({from, to}) => [from ?? to, to]);
    const today = numberOf(settings.today);
    const {first, last} = this.course;
    return [Math.min(first ?? today - A_YEAR, ...told), Math.max(last ?? today, today, ...told)];
  }

  /* The last day of which anything is known here: that of the newest record. Beyond it no line is drawn on, for nobody
     knows that nothing has changed. */
  get known() {
    const {layer, key} = this.shown;
    const own = layer === "projects" ? this.course.newestOf[key] : this.course.newest;
    return own ?? this.course.newest ?? this.span[1];
  }

  draw() {
    const {root} = this;
    this.points = [];
    this.inRecords = changesOf(this.track).filter((found) => found.affected_households !== null);
    for (const row of this.reported.querySelectorAll("tr[data-measure]")) {
      const point = placed(row, this.track);
      if (point) this.points.push(point);
      row.dataset.way = point?.way ?? "none";
    }
    for (const {chart} of this.plots) chart.destroy();
    const boxes = [...root.querySelectorAll(".plot")];
    for (const box of boxes) box.hidden = !this.inRecords.length && !this.points.some((point) => point.measure === box.dataset.measure);
    this.plots = boxes.filter((box) => !box.hidden).map((box) => this.plotIn(box));
    this.write();
    this.settle();
  }

  /* What stands over the charts finds its place once they are laid out, which they do a microtask later. */
  settle() {
    queueMicrotask(() => {
      for (const plot of this.plots) this.offerPoints(plot);
      this.moveDay();
    });
  }

  plotIn(box) {
    const {measure} = box.dataset;
    const drawing = box.querySelector(".drawing");
    const points = this.points.filter((point) => point.measure === measure);
    const plot = {box, measure, points};
    plot.chart = this.chartOf(plot, drawing, sizeOf(drawing), 1);
    plot.marks = {};
    for (const kind of ["since", "now"]) {
      plot.marks[kind] = document.createElement("div");
      plot.marks[kind].className = kind;
      plot.chart.over.append(plot.marks[kind]);
    }
    this.takeDays(plot);
    return plot;
  }

  /* How high a chart reaches: the highest of what is drawn in it, and some room. */
  topOf(measure) {
    const lines = this.inRecords.flatMap((found) => [found[measure] ?? 0, found[OF[measure]] ?? 0]);
    const points = this.points.filter((point) => point.measure === measure).map((point) => point.value);
    return Math.max(1, lines.reduce((one, other) => Math.max(one, other), 0) / HUNDREDTHS[measure], ...points) * HEADROOM;
  }

  /* Make a plot of one measure: on the page, or larger for a picture. */
  chartOf({measure, points}, target, size, scale, drawMore = () => {}) {
    const colours = coloursOf(this.root);
    const [first, last] = this.span;
    const reform = numberOf(settings.reform);
    return plotOf(target, {
      size, scale, colours, span: [first, last], lines: linesOf(this.track, measure, this.known),
      top: this.topOf(measure), digits: Math.max(...Object.keys(OF).map((each) => number(Math.round(this.topOf(each))).length)),
      whole: measure === "households",
      font: getComputedStyle(this.root).fontFamily, write: number,
      draw: (plot) => {
        if (first <= reform && reform <= last) drawStanding(plot, reform, colours.reform, scale, [2, 3]);
        if (this.inRecords.length && this.known < last) drawSilence(plot, this.known, last, colours.reform, scale);
        for (const point of points) if (point.base !== undefined) drawSegment(plot, point, colours[point.way], scale);
        for (const way of ["apart", "agrees", "differs"]) { // what contradicts lies on top
          for (const point of points.filter((found) => found.way === way)) drawMark(plot, point, colours, scale);
        }
        drawMore(plot, colours);
      },
      hover: (day) => this.read(measure, day),
    });
  }

  /* Pressing or dragging in a chart is choosing the day. */
  takeDays({chart}) {
    const take = (event) => {
      const box = chart.over.getBoundingClientRect();
      const [first, last] = this.span;
      const day = Math.round(chart.posToVal(event.clientX - box.left, "x"));
      this.page.setDay(dayOf(Math.min(Math.max(day, first), last)));
    };
    chart.over.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest(".point")) return;
      chart.over.setPointerCapture(event.pointerId);
      take(event);
    });
    chart.over.addEventListener("pointermove", (event) => {
      if (chart.over.hasPointerCapture(event.pointerId)) take(event);
    });
  }

  /* A point tells what it is to pointer and keyboard; points too near to be told apart are one target. */
  offerPoints(plot) {
    plot.chart.over.querySelectorAll(".point, .tip").forEach((old) => old.remove());
    const targets = [];
    for (const point of plot.points) {
      const [x, y] = [plot.chart.valToPos(point.to, "x"), plot.chart.valToPos(point.value, "y")];
      const near = targets.find((target) => Math.max(Math.abs(target.x - x), Math.abs(target.y - y)) < WIDEST_TARGET_PX);
      if (near) near.points.push(point);
      else targets.push({x, y, points: [point]});
    }
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    for (const {x, y, points} of targets.sort((one, other) => one.x - other.x)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "point";
      button.style.left = `${x}px`;
      button.style.top = `${y}px`;
      button.setAttribute("aria-label", points.map((point) => point.told).join("; "));
      const lines = () => points.map((point) => {
        const line = document.createElement("p");
        line.dataset.way = point.way;
        line.textContent = point.told;
        return line;
      });
      const reveal = () => {
        tip.replaceChildren(...lines());
        tip.hidden = false;
        place(tip, x, y, plot.chart.over);
      };
      button.addEventListener("pointerenter", reveal);
      button.addEventListener("focus", reveal);
      button.addEventListener("blur", () => { tip.hidden = true; });
      button.addEventListener("pointerleave", ({relatedTarget}) => { tip.hidden = !tip.contains(relatedTarget) && document.activeElement !== button; });
      button.addEventListener("click", () => this.page.setDay(dayOf(points[0].to)));
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || tip.hidden) return;
        event.stopPropagation();
        tip.hidden = true;
      });
      plot.chart.over.append(button);
    }
    tip.addEventListener("pointerleave", () => { tip.hidden = true; });
    plot.chart.over.append(tip);
  }

  /* The lines of the days shown and compared stand over the chart, so that moving them draws nothing anew. */
  moveDay() {
    if (!this.isOpen || !this.shown) return;
    const [now, since] = [this.page.day, this.page.since].map((day) => (day ? numberOf(day) : null));
    const [first, last] = this.span;
    for (const {chart, marks, measure} of this.plots) {
      const at = (day) => chart.valToPos(Math.min(Math.max(day, first), last), "x");
      marks.now.style.translate = `${at(now)}px`;
      marks.since.hidden = since === null;
      if (since !== null) {
        marks.since.style.translate = `${at(since)}px`;
        marks.since.style.width = `${Math.max(at(now) - at(since), 1)}px`;
      }
      if (chart.cursor.left < 0) this.read(measure, null);
    }
    this.root.querySelector("[data-key=since]").hidden = since === null;
  }

  /* Write what a measure came to on a day: the one under the pointer, else the one shown. */
  read(measure, hovered) {
    const plot = this.plots.find((found) => found.measure === measure);
    if (!plot) return;
    const day = hovered ?? numberOf(this.page.day);
    const found = figuresOn(this.track, day);
    const reading = plot.box.querySelector(".reading");
    reading.classList.toggle("hovered", hovered !== null);
    reading.querySelector("b").textContent = measured(found?.[measure], measure);
    reading.querySelector(".of").textContent = `/ ${measured(found?.[OF[measure]], measure)}`;
    const since = this.page.since && numberOf(this.page.since);
    const gained = since && since < day ? this.track?.between(since, day)?.[measure] : null;
    reading.querySelector(".gain").textContent = gained === null || gained === undefined ? "" : gainText(gained, HUNDREDTHS[measure]);
    reading.querySelector("time").textContent = written(dayOf(day));
  }

  /* Write what the charts show in words. */
  write() {
    const {root, inRecords, points} = this;
    root.querySelector("[data-name]").textContent = this.name;
    const line = root.querySelector("[data-line]");
    line.textContent = [
      inRecords.length ? root.dataset.source.replace("{day}", written(dayOf(inRecords.at(-1).day))) : root.dataset.silent,
      inRecords.length && texts.noRecords.replace("{day}", written(dayOf(this.known))),
      inRecords.length && this.reported.querySelector("[data-illustrative]") && root.dataset.illustrative,
      this.stood !== null && this.earlierInWords,
      points.length && root.dataset.reports.replace("{sources}", [...new Set(points.map(({source}) => source))].join(", ")),
    ].filter(Boolean).join(" · ");
    const counted = (way) => points.filter((point) => point.way === way).length;
    const sentences = inRecords.length ? this.plots.map(({box, measure}) => courseInWords(root.dataset.course, inRecords, box.dataset.name, measure)) : [line.textContent];
    if (points.length) {
      sentences.push(root.dataset.ways.replace(/\{(\w+)\}/g, (_, way) => number(counted(way))));
    }
    root.querySelector("#tool-chart-summary").textContent = sentences.join(" ");
    for (const way of ["agrees", "differs", "apart"]) root.querySelector(`[data-key=${way}]`).hidden = !counted(way);
    for (const key of ["done", "all"]) root.querySelector(`[data-key=${key}]`).hidden = !inRecords.length;
    for (const part of [".keys", ".actions"]) root.querySelector(part).hidden = !this.plots.length;
  }

  fit() {
    if (!this.isOpen || !this.shown) return;
    for (const plot of this.plots) {
      const size = sizeOf(plot.box.querySelector(".drawing"));
      if (size.width === plot.chart.width && size.height === plot.chart.height) continue;
      plot.chart.setSize(size);
    }
    this.settle();
  }

  /* A picture for documents: light, large, with its title, its words and its source. */
  async savePicture() {
    if (!this.shown) return;
    const {root} = this;
    const {width, plot: height, head, foot, scale} = PICTURE;
    const canvas = new OffscreenCanvas(width, head + this.plots.length * height + foot);
    const pen = canvas.getContext("2d");
    const [now, since] = [this.page.day, this.page.since].map((day) => (day ? numberOf(day) : null));
    const drawDays = (drawn, colours) => {
      if (since !== null) drawStanding(drawn, since, colours.since, scale, [6, 4]);
      drawStanding(drawn, now, colours.now, scale);
    };
    root.classList.add("for-paper"); // only while colours are read: nothing is painted in between
    const {ink, quiet, paper} = coloursOf(root);
    pen.fillStyle = paper;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const say = (text, x, y, size, colour, weight = 400) => {
      pen.font = `${weight} ${size}px ${getComputedStyle(root).fontFamily}`;
      pen.fillStyle = colour;
      pen.fillText(text, x, y, width - x - 20);
      return x + pen.measureText(text).width;
    };
    say(root.querySelector("h2").textContent.trim(), 30, 48, 30, ink, 600);
    let [x, y] = [30, 92];
    for (const key of root.querySelectorAll(".keys > :not([hidden])")) {
      const text = key.textContent.trim();
      pen.font = `19px ${getComputedStyle(root).fontFamily}`;
      if (x + 56 + pen.measureText(text).width > width - 20) [x, y] = [30, y + 32];
      x = say(text, drawSwatch(pen, key.querySelector("svg"), x, y - 18, scale) + 8, y, 19, quiet) + 28;
    }
    const charts = this.plots.map((plot) => this.chartOf(plot, null, {width, height: height - 40}, scale, drawDays));
    root.classList.remove("for-paper");
    await Promise.resolve(); // uPlot draws a microtask later
    for (const [n, {box}] of this.plots.entries()) {
      const top = head + n * height;
      const part = (name) => box.querySelector(name).textContent;
      say(`${box.dataset.name}: ${part(".reading b")} ${part(".of")} (${part("time")})`, 30, top + 22, 22, ink, 600);
      pen.drawImage(charts[n].ctx.canvas, 0, top + 30, width, height - 40);
      charts[n].destroy();
    }
    say(root.querySelector("[data-line]").textContent, 30, canvas.height - 24, 18, quiet);
    save(await canvas.convertToBlob({type: "image/png"}), `${this.fileName}.png`);
  }

  saveData() {
    if (!this.shown) return;
    const {root, reported} = this;
    const lines = [JSON.parse(root.dataset.csv)];
    for (const {day, ...found} of changesOf(this.track)) {
      const pair = (measure) => [plain(found[measure], measure), plain(found[OF[measure]], measure)];
      const remark = this.stood !== null && day < this.stood ? this.earlierInWords : "";
      lines.push([root.dataset.records, "", dayOf(day), ...pair("households"), ...pair("area_m2"), remark]);
    }
    for (const row of reported.querySelectorAll("tr[data-measure]")) {
      const {source, from = "", to, measure, reported: value, indicator, told} = row.dataset;
      const own = (name) => ((name.startsWith("of_") || indicator === "handover") && measure === name ? String(Number(value)) : "");
      lines.push([source, from, to, own("households"), own("of_households"), own("area_m2"), own("of_area_m2"), told]);
    }
    const text = lines.map((line) => line.map(cell).join(",")).join("\r\n");
    save(new Blob(["\ufeff", text, "\r\n"], {type: "text/csv;charset=utf-8"}), `${this.fileName}.csv`);
  }

  /* From which day on a commune stands, where the records reach further back; else null. */
  get stood() {
    return this.track?.earlier ? this.track.days[0] : null;
  }

  get earlierInWords() {
    return this.root.dataset.earlier.replace("{day}", written(dayOf(this.stood)));
  }

  get fileName() {
    return [this.root.dataset.file, this.shown.key, this.page.day].filter(Boolean).join("-");
  }
}

/* What the page has chosen: the project or commune opened, else the project it is bound to, else all. Bound to one
   project, the page's course knows no other. */
function scopeOf({selection, project: bound}) {
  const {kind, key} = selection ?? {};
  if (kind === "commune") return scope("communes", key, {unit: key, ...(bound && {project: bound})});
  if (kind === "project") return scope("projects", key, {project: key}, bound && bound !== key);
  if (bound) return scope("projects", bound, {project: bound});
  return scope(null, undefined, {});
}

function scope(layer, key, asked, apart = false) {
  const address = `${settings.urls.pieces}reported?${new URLSearchParams({...asked, lang: settings.language})}`;
  return {layer, key, address, apart};
}

let loading = null;

/* The library comes with the first chart, not with the page. */
function library(address) {
  loading ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = () => {
      loading = null;
      script.remove();
      fail(new Error(texts.unreachable));
    };
    document.head.append(script);
  });
  return loading;
}

/* The figures of a day; of one before a commune stood, what was handed over within it since. */
function figuresOn(track, day) {
  const standing = track && (track.days.length === 0 || day >= track.days[0]);
  return (standing ? track.at(day) : track?.earlier?.at(day)) ?? null;
}

/* The changes of a track in what is drawn here; it may hold others, such as of money. */
function changesOf(track) {
  const kept = [];
  let before = {households: null, affected_households: null, area_m2: null, affected_m2: null};
  for (const day of [...(track?.earlier?.days ?? []), ...(track?.days ?? [])]) {
    const {households = null, affected_households = null, area_m2 = null, affected_m2 = null} = figuresOn(track, day) ?? {};
    const now = {households, affected_households, area_m2, affected_m2};
    if (Object.keys(now).some((name) => now[name] !== before[name])) kept.push({day, ...now});
    before = now;
  }
  return kept;
}

function linesOf(track, measure, last) {
  const changes = changesOf(track);
  if (changes.length && changes.at(-1).day < last) changes.push({...changes.at(-1), day: last});
  for (let n = changes.length - 1; n > 0; n -= 1) { // what ends (a commune merged into another) holds until it does
    if (changes[n][measure] === null && changes[n - 1][measure] !== null) changes.splice(n, 0, {...changes[n - 1], day: changes[n].day - 0.001});
  }
  const of = (name) => changes.map((found) => (found[name] === null ? null : found[name] / HUNDREDTHS[measure]));
  return [changes.map(({day}) => day), of(measure), of(OF[measure])];
}

/* Find where a row of the table of reported figures lies on the charts; nowhere (null) is for the table alone.

   A figure of a period says how much was added: it begins where the records stood the day before. What remains is
   measured from the line of what is affected downwards. Whether the records agree is asked of the server, which counts
   as the figure does; where the line counts otherwise (other holders, other units), the point is no measure of it and
   looks so. */
function placed({dataset: told}, track) {
  const of = told.measure.startsWith("of_");
  const percent = told.measure === "percent";
  const left = told.indicator === "not_handed_over" && !of;
  const measure = percent ? "area_m2" : told.measure.replace("of_", "");
  if (!(measure in OF) || !(of || left || told.indicator === "handover")) return null;
  const at = (day, name) => {
    const found = track?.at(day);
    return found ? found[name] && found[name] / HUNDREDTHS[measure] : 0;
  };
  const to = numberOf(told.to);
  const added = told.basis === "period" && !of && !left;
  const from = added ? numberOf(told.from) - 1 : undefined;
  const [base, done, all] = [added ? at(from, measure) : 0, at(to, measure), at(to, OF[measure])];
  if (base === null || ((left || percent) && !all)) return null;
  const reported = Number(told.reported);
  const value = percent ? (reported / 100) * all : left ? all - reported : base + reported;
  const drawn = percent ? (done * 100) / all : left ? all - done : of ? all : done - base;
  const alike = "recorded" in told && done !== null && Math.abs(drawn - told.recorded) < 0.005;
  const way = !alike ? "apart" : "agrees" in told ? "agrees" : "differs";
  return {told: told.told, source: told.source, measure, from, to, base: added ? base : undefined, value, way};
}

function courseInWords(sentence, changes, name, measure) {
  const told = changes.filter((found) => found[measure] !== null);
  const values = {
    measure: name,
    first: measured(told[0]?.[measure], measure),
    first_day: told.length ? written(dayOf(told[0].day)) : MISSING,
    last: measured(told.at(-1)?.[measure], measure),
    all: measured(told.at(-1)?.[OF[measure]], measure),
    last_day: told.length ? written(dayOf(told.at(-1).day)) : MISSING,
  };
  return sentence.replace(/\{(\w+)\}/g, (_, name_) => values[name_]);
}

function measured(value, measure) {
  return value === null || value === undefined ? MISSING : number(value / HUNDREDTHS[measure]);
}

function plain(value, measure) {
  return value === null || value === undefined ? "" : String(value / HUNDREDTHS[measure]);
}

/* A spreadsheet must not run a text as a formula. */
function cell(value) {
  const text = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function sizeOf(box) {
  return {width: Math.max(box.clientWidth, 120), height: Math.max(box.clientHeight, 90)};
}

/* The colours of the chart's own keys, so that key and line cannot differ. */
function coloursOf(root) {
  const of = (part) => getComputedStyle(root.querySelector(part)).color;
  const keys = ["done", "all", "agrees", "differs", "apart", "now", "since", "reform"];
  return {
    ...Object.fromEntries(keys.map((key) => [key, getComputedStyle(root.querySelector(`[data-key=${key}] svg`)).color])),
    ink: of("h2"), quiet: of(".source"), paper: getComputedStyle(root).backgroundColor, grid: of(".drawing"),
  };
}

/* Put a tip over its point, or under it where there is no room, inside the chart. */
function place(tip, x, y, over) {
  const [width, height] = [tip.offsetWidth, tip.offsetHeight];
  tip.style.left = `${Math.min(Math.max(x - width / 2, 0), Math.max(over.clientWidth - width, 0))}px`;
  tip.style.top = `${y - height - 12 > -24 ? y - height - 12 : y + 12}px`;
}
