/* The time bar: a slider over the days of the records, steps by day, month or reported period, and playing. */

import {dayOf, numberOf, settings, texts, written} from "./page.js";

const SPEEDS = {day: [30, 90, 180, 365], month: [1, 2, 4, 12], report: [0.5, 1, 2]};
const USUAL = {day: 90, month: 2, report: 1};
const A_YEAR = 12;
const LONGEST_FRAME_MS = 250;
const OWN_SPACE = "button, select, input:not([type=range])";
const bar = document.getElementById("time");
const slider = document.getElementById("slider");
const ticks = document.getElementById("ticks");
const unitChoice = document.getElementById("step");
const playButton = document.getElementById("play");
const speedChoice = document.getElementById("speed");
const loop = document.getElementById("loop");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** `onMove(day)` is called for every day passed over, and again for the day on which playing stops. */
export class TimeBar {
  constructor(day, onMove) {
    Object.assign(this, {now: numberOf(day), onMove, reported: [], since: "", playing: 0, passed: 0, debt: 0});
    slider.addEventListener("input", () => this.take(Number(slider.value)));
    bar.addEventListener("keydown", (event) => this.press(event));
    playButton.addEventListener("click", () => this.toggle());
    unitChoice.addEventListener("change", () => this.offerSpeeds());
    calm.addEventListener("change", () => this.offerSpeeds());
    document.addEventListener("visibilitychange", () => document.hidden && this.pause());
    this.offerSpeeds();
  }

  /** Say which days there are: from the first record to the last or today, and where reported periods end. */
  setSpan({first, last, newest, reported}) {
    if (first === null) return;
    Object.assign(this, {reported, newest});
    Object.assign(slider, {min: first, max: Math.max(last, numberOf(settings.today))});
    slider.disabled = false;
    playButton.disabled = false;
    this.drawTicks();
    this.show(dayOf(this.now));
  }

  /** Mark the day compared with; empty for none. */
  compare(since) {
    this.since = since;
    if (!slider.disabled) this.drawTicks();
  }

  /** Show a day, without telling anybody. */
  show(day) {
    this.now = numberOf(day);
    slider.value = this.now;
    slider.setAttribute("aria-valuetext", written(day));
    slider.title = written(day);
  }

  /** Move by hand: by the step chosen, back (-1) or forward (1). */
  step(direction) {
    this.take(this.stepped(this.now, direction, unitChoice.value));
  }

  take(number) {
    this.pause();
    this.move(number);
  }

  move(number) {
    if (number === this.now) return;
    const day = dayOf(number);
    this.show(day);
    this.onMove(day);
  }

  stepped(number, direction, unit) {
    if (unit === "day") return number + direction;
    if (unit === "month") return monthEnd(number, direction);
    const beyond = this.reported.filter((end) => (end - number) * direction > 0);
    return (direction > 0 ? beyond[0] : beyond.at(-1)) ?? number;
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !playButton.disabled && !event.target.closest(OWN_SPACE)) {
      event.preventDefault();
      this.toggle();
    }
    if (event.target !== slider) return;
    const direction = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: A_YEAR, PageDown: -A_YEAR}[event.key];
    if (!direction) return;
    event.preventDefault();
    const months = Math.abs(direction) === A_YEAR;
    const wanted = months ? monthEnd(this.now, direction) : this.stepped(this.now, direction, unitChoice.value);
    this.take(Math.min(Math.max(wanted, Number(slider.min)), Number(slider.max)));
  }

  /* Who asked for less motion is shown the ends of months, one after another, never days running through. */
  get unit() {
    return calm.matches && unitChoice.value === "day" ? "month" : unitChoice.value;
  }

  offerSpeeds() {
    const {unit} = this;
    if (speedChoice.dataset.unit === unit) return;
    speedChoice.dataset.unit = unit;
    const {format} = new Intl.NumberFormat(settings.language);
    speedChoice.replaceChildren(
      ...SPEEDS[unit].map((speed) => new Option(texts.speeds[unit].replace("{n}", format(speed)), speed, speed === USUAL[unit], speed === USUAL[unit])),
    );
  }

  /** Whether days run through: nothing is worth asking for before they stop. */
  get running() {
    return Boolean(this.playing) && this.unit === "day";
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  get ends() {
    const reports = this.unit === "report" && this.reported.length;
    return reports ? [this.reported[0], this.reported.at(-1)] : [Number(slider.min), Math.min(this.newest ?? Number(slider.max), Number(slider.max))];
  }

  play() {
    const [first, last] = this.ends;
    if (this.now >= last || this.now < first) this.move(first);
    Object.assign(this, {passed: performance.now(), debt: 0});
    this.playing = requestAnimationFrame((time) => this.tick(time));
    label(playButton, texts.pause, true);
  }

  pause() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    label(playButton, texts.play, false);
    this.onMove(dayOf(this.now));
  }

  tick(time) {
    const speed = Number(speedChoice.value);
    this.debt += (Math.min(Math.max(time - this.passed, 0), LONGEST_FRAME_MS) / 1000) * speed;
    this.passed = time;
    const [first, last] = this.ends;
    let wanted = this.now;
    for (; this.debt >= 1; this.debt -= 1) {
      wanted = wanted >= last ? first : Math.min(this.stepped(wanted, 1, this.unit), last);
      if (wanted === last) {
        if (!loop.checked) {
          this.move(last);
          return this.pause();
        }
        this.debt = -speed; // the end stands for a second and a step
      }
    }
    this.move(wanted);
    this.playing = requestAnimationFrame((next) => this.tick(next));
    return undefined;
  }

  drawTicks() {
    const [first, last] = [Number(slider.min), Number(slider.max)];
    const tick = (number, style, title, text = "") => {
      const mark = document.createElement("span");
      mark.className = style;
      mark.title = title;
      mark.textContent = text;
      mark.style.setProperty("--at", (number - first) / (last - first));
      return mark;
    };
    const years = [];
    for (let year = Number(dayOf(first).slice(0, 4)) + 1; numberOf(`${year}-01-01`) <= last; year += 1) {
      years.push(tick(numberOf(`${year}-01-01`), "year", "", year));
    }
    const within = (number) => number >= first && number <= last;
    const reports = this.reported.filter(within).map((end) => tick(end, "reported", texts.reportedTo.replace("{day}", written(dayOf(end)))));
    const reform = [numberOf(settings.reform)].filter(within).map((day) => tick(day, "reform", texts.reformDay.replace("{day}", written(settings.reform))));
    const since = this.since ? [numberOf(this.since)].filter(within).map((day) => tick(day, "since", texts.comparedWith.replace("{day}", written(this.since)))) : [];
    const silent = this.newest !== null && this.newest < last ? [tick(this.newest, "silent", texts.noRecords.replace("{day}", written(dayOf(this.newest))))] : [];
    ticks.replaceChildren(...silent, ...years, ...reports, ...reform, ...since);
  }
}

/* The end of a month so many months away; the end of the day's own month counts as the first step forward. */
function monthEnd(number, months) {
  const day = new Date(dayOf(number));
  const end = (shift) => Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1 + shift, 0) / 86400000;
  return end(months > 0 && end(0) > number ? months - 1 : months);
}

function label(button, text, playing) {
  button.setAttribute("aria-label", text);
  button.title = text;
  button.classList.toggle("playing", playing);
}
