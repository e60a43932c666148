/* The course of time: the figures of every day from one request. Map and headline follow it while the day moves;
   once it rests, the server's tables say the same. */

import {areaText, countText, fetchPiece, fetchTold, gainText, MISSING, numberOf, percentText, settings, texts} from "./page.js";

const OTHERS = ["organisations", "communities"]; // counted beside households, and sent where there are any
const UNKNOWN = {area_m2: "unmeasured", approved_vnd: "unapproved", paid_vnd: "unpaid"};
const LISTS = ["key", "days", "before", "nothing", "least", ...Object.values(UNKNOWN)];

/** Ask for the course of all projects, or of one, of the state of the data the page shows. */
export async function fetchCourse(project = "") {
  return new Course(JSON.parse(await fetchPiece(courseAddress(project))));
}

/** Ask for the newest course and which state of the data it is of. */
export async function fetchNewestCourse(project = "") {
  const {body, revision} = await fetchTold(courseAddress(project));
  return {course: new Course(JSON.parse(body)), revision};
}

function courseAddress(project) {
  return `${settings.urls.pieces}course${project && `?${new URLSearchParams({project})}`}`;
}

/** Days are numbers (days since 1970), m² whole hundredths, VND whole, so that sums stay exact. */
class Course {
  constructor(sent) {
    this.reported = sent.reported;
    this.labels = sent.labels;
    this.targets = sent.targets;
    this.stated = sent.stated;
    this.scope = sent.scope && new Set(sent.scope);
    this.inside = new Map(Object.entries(sent.inside).map(([key, track]) => [key, new Track(track)]));
    this.breaks = sent.breaks;
    this.total = new Track(sent.total);
    this.tracks = {projects: byKey(sent.projects), communes: byKey(sent.communes)};
    this.first = this.total.days[0] ?? null;
    this.last = this.total.days.at(-1) ?? null;
    this.newestOf = sent.newest;
    const newest = Object.values(sent.newest);
    this.newest = newest.length ? Math.max(...newest) : null; // what is known ends on it
  }

  /** Give what the map shows on a day: every project and commune that stands, its place, its figures, what was handed
      over after `since` (empty: one day alone is shown), and the target to reach. */
  rowsOn(day, since = "") {
    const now = numberOf(day);
    const then = since && numberOf(since);
    const rows = {communes: [], projects: []};
    for (const [layer, key, name, lon, lat, from, until] of this.labels) {
      if ((from !== null && from > now) || (until !== null && now >= until)) continue;
      const track = this.tracks[layer].get(key);
      const figures = track?.at(now) ?? null;
      const between = since && track ? track.between(then, now) : null;
      const outside = layer === "communes" && this.scope !== null && !this.scope.has(key);
      rows[layer].push({key, name, point: [lon, lat], figures, outside, between, target: this.targetOf(key, now, figures), stated: this.stated[key]?.findLast(([day]) => day <= now)});
    }
    return rows;
  }

  /* The next target of a project (when all are past, the last) and in a word what comes of it; one that was due before
     and is missed goes before. The same as gis/targets.py. */
  targetOf(code, now, figures) {
    const planned = (this.targets[code] ?? []).map(([due, measure, percent, value, part, unit]) => {
      const found = part ? null : unit === null ? figures : (this.inside.get(`${code} ${unit}`)?.at(now) ?? null);
      return {due, measure, percent, value, outcome: outcomeOf({due, measure, percent, value}, found, now)};
    });
    const target = planned.find(({due}) => due >= now) ?? planned.at(-1);
    if (!target) return null;
    return {...target, outcome: planned.some(({outcome}) => outcome === "behind") ? "behind" : target.outcome};
  }

  /** Write the total of a day over the headline of another. */
  writeHeadline(headline, day, since = "") {
    const total = this.total.at(numberOf(day));
    const place = (name) => headline.querySelector(`[data-shown=${name}]`);
    const pair = (name, part, of) => {
      place(name).querySelector("b").textContent = part;
      place(name).querySelector(".of").textContent = `/ ${of}`;
    };
    pair("households", countText(total?.households), countText(total?.affected_households));
    pair("area", areaText(total?.area_m2), areaText(total?.affected_m2));
    place("left_households").textContent = texts.left.households.replace("{n}", countText(left(total, "households", "affected_households")));
    place("left_area").textContent = texts.left.area.replace("{n}", areaText(left(total, "area_known", "affected_m2")));
    const share = total && total.area_m2 !== null && total.affected_m2;
    place("share").textContent = share ? percentText(total.area_m2 / total.affected_m2) : MISSING;
    for (const kind of OTHERS) {
      place(kind).hidden = !total?.[`affected_${kind}`];
      place(kind).textContent = texts[kind].replace("{done}", countText(total?.[kind] ?? 0)).replace("{all}", countText(total?.[`affected_${kind}`]));
    }
    if (!since || !place("between_area")) return;
    const between = this.total.between(numberOf(since), numberOf(day));
    place("between_households").textContent = texts.between.households.replace("{n}", holdersGained(between));
    place("between_area").textContent = texts.between.area.replace("{n}", gainText(between?.area_m2, 100));
  }
}

function outcomeOf({due, measure, percent, value}, figures, now) {
  const [all, parts] = {area_m2: ["affected_m2", 100], households: ["affected_households", 1]}[measure] ?? [];
  const done = figures?.[measure] ?? null;
  if (done === null || !all) return "unjudged";
  if (value === null && (!figures[all] || percent === null)) return "unjudged";
  const reached = value === null ? done * 100 >= percent * figures[all] : done >= value * parts;
  return reached ? "reached" : due < now ? "behind" : "open";
}

/** Write who has handed over: "389 hộ + 1 tổ chức". */
export function holdersOf(figures) {
  const others = OTHERS.filter((kind) => figures[kind]).map((kind) => ` + ${texts.others[kind].replace("{n}", countText(figures[kind]))}`);
  return texts.households.replace("{n}", countText(figures.households)) + others.join("");
}

/** Write who has handed over between two days: "+389 hộ, +1 tổ chức". */
export function holdersGained(between) {
  const others = OTHERS.filter((kind) => between?.[kind]).map((kind) => `, ${texts.others[kind].replace("{n}", gainText(between[kind]))}`);
  return texts.households.replace("{n}", gainText(between?.households)) + others.join("");
}

/** What one project or commune has on each day on which that changes. Sent as what is added each time. */
class Track {
  constructor(sent) {
    this.days = sums(sent.days);
    this.values = Object.keys(sent).filter((name) => !LISTS.includes(name)).map((name) => [name, sums(sent[name])]);
    this.nothing = new Set(sent.nothing);
    this.least = sent.least;
    this.unknown = Object.entries(UNKNOWN).map(([name, list]) => [name, new Set(sent[list])]);
    this.earlier = sent.before ? new Track(sent.before) : null;
  }

  /** Give the figures cumulative to the end of a day; null where there are no records by then. */
  at(day) {
    const n = this.before(day);
    if (n < 0 || this.nothing.has(n)) return null;
    const found = Object.fromEntries(this.values.map(([name, values]) => [name, values[n]]));
    found.area_known = found.area_m2;
    for (const [name, where] of this.unknown) if (where.has(n)) found[name] = null;
    found.least = (name) => this.least?.[name].includes(n);
    return found;
  }

  /** Give what was handed over after a day up to another, also where the commune did not stand yet on the first. */
  between(since, day) {
    const now = this.at(day);
    if (!now) return null;
    const then = this.at(since) ?? this.earlier?.at(since) ?? null;
    const added = (name) => (now[name] ?? 0) - (then?.[name] ?? 0);
    return {
      ...Object.fromEntries(OTHERS.map((name) => [name, added(name)])),
      households: added("households"),
      area_m2: now.area_m2 === null ? null : now.area_m2 - (then?.area_m2 ?? 0),
    };
  }

  /* Which change is the last by a day; -1 when none is. */
  before(day) {
    let low = 0;
    let high = this.days.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.days[middle] <= day) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function byKey(tracks) {
  return new Map(tracks.map((sent) => [sent.key, new Track(sent)]));
}

function sums(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

function left(figures, done, all) {
  return figures && figures[all] - figures[done];
}
