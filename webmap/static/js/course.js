/* The course of time: the figures of every day from one request. Map and headline follow it while the day moves;
   once it rests, the server's tables say the same. */

import {fetchPiece, numberOf, settings, texts} from "./page.js";

const MISSING = "–";
const COUNTS = ["households", "affected_households", "area_m2", "affected_m2", "organisations", "affected_organisations"];
const number = (options) => new Intl.NumberFormat(settings.language, {roundingMode: "halfEven", ...options}).format;
const whole = number({maximumFractionDigits: 0});
const hundredths = number({maximumFractionDigits: 2});
const tenths = number({minimumFractionDigits: 1, maximumFractionDigits: 1});

/** Ask for the course. */
export async function fetchCourse() {
  return new Course(JSON.parse(await fetchPiece(`${settings.urls.pieces}course`)));
}

/** Days are numbers (days since 1970), m² whole hundredths, so that sums stay exact. */
class Course {
  constructor(sent) {
    this.reported = sent.reported;
    this.labels = sent.labels;
    this.total = new Track(sent.total);
    this.tracks = {projects: byKey(sent.projects), communes: byKey(sent.communes)};
    this.first = this.total.days[0] ?? null;
    this.last = this.total.days.at(-1) ?? null;
  }

  /** Give what the map shows on a day, as the tables' rows would. */
  rowsOn(day) {
    const now = numberOf(day);
    const rows = {communes: [], projects: []};
    for (const [layer, key, name, lon, lat, since, until] of this.labels) {
      const stands = (since === null || since <= now) && (until === null || now < until);
      if (stands) rows[layer].push({key, name, point: [lon, lat], ...shown(this.tracks[layer].get(key)?.at(now))});
    }
    return rows;
  }

  /** Write the total of a day over the headline of another. */
  writeHeadline(headline, day) {
    const total = this.total.at(numberOf(day));
    const place = (name) => headline.querySelector(`[data-shown=${name}]`);
    const pair = (name, part, of) => {
      place(name).querySelector("b").textContent = part;
      place(name).querySelector(".of").textContent = `/ ${of}`;
    };
    pair("households", count(total?.households), count(total?.affected_households));
    pair("area", area(total?.area_m2), area(total?.affected_m2));
    place("left_households").textContent = texts.left.households.replace("{n}", count(left(total, "households", "affected_households")));
    place("left_area").textContent = texts.left.area.replace("{n}", area(left(total, "area_known", "affected_m2")));
    const share = total && total.area_m2 !== null && total.affected_m2;
    place("share").textContent = share ? `${tenths((total.area_m2 * 100) / total.affected_m2)} %` : MISSING;
    place("organisations").hidden = !total?.affected_organisations;
    place("organisations").textContent = texts.organisations
      .replace("{done}", count(total?.organisations)).replace("{all}", count(total?.affected_organisations));
  }
}

/** What one project or commune has on each day on which that changes. Sent as what is added each time. */
class Track {
  constructor(sent) {
    this.days = sums(sent.days);
    this.values = COUNTS.filter((name) => sent[name]).map((name) => [name, sums(sent[name])]);
    this.nothing = new Set(sent.nothing);
    this.unmeasured = new Set(sent.unmeasured);
  }

  at(day) {
    const n = this.before(day);
    if (n < 0 || this.nothing.has(n)) return null;
    const found = Object.fromEntries(this.values.map(([name, values]) => [name, values[n]]));
    found.area_known = found.area_m2;
    if (this.unmeasured.has(n)) found.area_m2 = null;
    return found;
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

function shown(figures) {
  if (!figures) return {share: null, area: -1, label: null};
  const measured = figures.area_m2 !== null && figures.affected_m2;
  return {
    share: measured ? Math.round((figures.area_m2 / figures.affected_m2) * 1e4) / 1e4 : null,
    area: figures.area_m2 === null ? -1 : figures.area_m2 / 100,
    label: `${figures.area_m2 === null ? MISSING : whole(figures.area_m2 / 100)} m² · ${texts.households.replace("{n}", count(figures.households))}`,
  };
}

function left(figures, done, all) {
  return figures && figures[all] - figures[done];
}

function count(value) {
  return value === null || value === undefined ? MISSING : whole(value);
}

function area(value) {
  return value === null || value === undefined ? MISSING : hundredths(value / 100);
}
