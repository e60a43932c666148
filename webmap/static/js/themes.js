/* What the communes are coloured by: the value of a row, its class, and how the legend and the labels write it. The
   classes come with the course and hold on every day (layers/themes.py). */

import {holdersGained, holdersOf} from "./course.js";
import {areaText, countText, dayOf, gainText, MISSING, moneyText, settings, texts, written} from "./page.js";

export const THEMES = new Map(settings.themes.map((theme) => [theme.key, theme]));
const USUAL = "share_area";
const COMPARED = "between_area";

const VALUES = {
  share_area: ({figures}) => share(figures?.area_m2, figures?.affected_m2),
  share_households: ({figures}) => share(figures?.households, figures?.affected_households),
  left_area: ({figures}) => figures && (figures.affected_m2 - figures.area_known) / 100,
  left_households: ({figures}) => figures && figures.affected_households - figures.households,
  approved_vnd: ({figures}) => figures && figures.approved_vnd,
  paid_vnd: ({figures}) => figures && figures.paid_vnd,
  between_area: ({between}) => between && between.area_m2 !== null ? between.area_m2 / 100 : null,
};

const LABELS = {
  left_area: leftText,
  left_households: leftText,
  approved_vnd: moneyOf("approved_vnd"),
  paid_vnd: moneyOf("paid_vnd"),
};

/** Give the theme to show: the one asked for if it can be, else the usual one of one day or of two. */
export function themeFor(wanted, since) {
  const possible = THEMES.has(wanted) && (wanted !== COMPARED || since);
  return THEMES.get(possible ? wanted : since ? COMPARED : USUAL);
}

/** Give the value of a row under a theme; null where it has none. */
export function valueOf(theme, row) {
  return VALUES[theme.key](row) ?? null;
}

/** Give the lower bounds of all classes but the first, for the communes that stand on a day. */
export function breaksOf(course, theme, day) {
  return course.breaks[theme.key][day < settings.reform ? "old" : "new"];
}

/** Tell which class a value falls into, from 0. */
export function classOf(value, breaks) {
  return breaks.filter((begins) => begins <= value).length;
}

/** Write the classes for the legend: "20 – 40 %". */
export function classTexts(theme, breaks, greatest) {
  const bounds = [theme.kind === "share" ? 0 : null, ...breaks, theme.kind === "share" ? 1 : null];
  return bounds.slice(0, -1).map((from, n) => {
    const to = bounds[n + 1];
    if (from === null && to === null) return greatest === null ? MISSING : unitText(theme, valueText(theme, greatest));
    if (from === null) return `< ${unitText(theme, valueText(theme, to))}`;
    if (to === null) return `≥ ${unitText(theme, valueText(theme, from))}`;
    return unitText(theme, `${valueText(theme, from)} – ${valueText(theme, to)}`);
  });
}

/** Write what stands under a name on the map. */
export function labelOf(theme, row) {
  if (row.outside) return "";
  if (!row.figures) return texts.noFigures;
  return LABELS[theme.key]?.(row) ?? handedOver(row);
}

/** Write both measures of what is handed over; where two days are compared, of what was handed over between them. */
export function handedOver({figures, between, stated, outside}) {
  if (outside) return texts.outside;
  if (figures && between) return `${gainText(between.area_m2 && Math.round(between.area_m2 / 100))} m² · ${holdersGained(between)}`;
  if (figures) return `${figures.area_m2 === null ? MISSING : countText(figures.area_m2 / 100)} m² · ${holdersOf(figures)}`;
  if (!stated) return texts.noFigures;
  const [day, area, allArea, households, all, source] = stated;
  const pair = (part, whole) => countText(part) + (whole === null ? "" : ` / ${countText(whole)}`);
  return texts.stated.replace("{what}", both(pair(area, allArea), pair(households, all))).replace("{day}", written(dayOf(day))).replace("{source}", source);
}

/** Write the target of a project: "target: 100 % m² by 31/12/2022". */
export function targetText({target}) {
  if (!target) return "";
  const unit = target.measure === "households" ? texts.unit.households : "m²";
  const what = target.value === null ? `${countText(target.percent)} % ${unit}` : `${countText(target.value)} ${unit}`;
  return `${texts.target.replace("{what}", what).replace("{day}", written(dayOf(target.due)))} · ${texts.outcomes[target.outcome]}`;
}

/* Money of fewer than three households is withheld: the sum is at least what is told. */
function moneyOf(name) {
  return ({figures}) => {
    if (!figures.least(name)) return moneyText(figures[name]);
    return figures[name] === null ? texts.households.replace("{n}", "< 3") : `≥ ${moneyText(figures[name])}`;
  };
}

function leftText({figures}) {
  const area = (figures.affected_m2 - figures.area_known) / 100;
  return texts.stillLeft.replace("{what}", both(countText(area), countText(figures.affected_households - figures.households)));
}

function both(area, households) {
  return `${area} m² · ${texts.households.replace("{n}", households)}`;
}

function share(part, whole) {
  return part === null || part === undefined || !whole ? null : part / whole;
}

function valueText(theme, value) {
  if (theme.kind === "share") return countText(value * 100);
  if (theme.kind === "money") return moneyText(value);
  return theme.kind === "area" ? areaText(value * 100) : countText(value);
}

function unitText(theme, text) {
  return {share: `${text} %`, area: `${text} m²`, money: text, households: texts.households.replace("{n}", text)}[theme.kind];
}
