/* VN-2000 in the browser: a 3° zone as gis/crs.py defines it, and coordinates as people write them.

   In Vietnamese tables X is North and Y is East: so they are called here too. Degrees are WGS 84, as the map's. */

import {settings, texts} from "../page.js";

const FARTHEST_DEGREES = 3; // from the central meridian; beyond, another zone is meant
const CENTIMETRES = {minimumFractionDigits: 2, maximumFractionDigits: 2};
let loading = null;

/** Give the plane of a zone from its definition; `script` is the address of proj4js, loaded once. */
export async function planeOf(script, definition) {
  const proj4 = await library(script);
  const way = proj4(definition); // from WGS 84
  const meridian = Number(/\+lon_0=(\S+)/.exec(definition)[1]);
  return {
    meridian,
    fromDegrees({lat, lng}) {
      const [y, x] = way.forward([lng, lat]);
      return {x, y};
    },
    toDegrees({x, y}) {
      const [lng, lat] = way.inverse([y, x]);
      return {lat, lng};
    },
  };
}

function library(address) {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => done(window.proj4));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      failed(new Error(texts.unreachable));
    });
    document.head.append(script);
  });
  return loading;
}

/** Write metres to 0.01 the reader's way; `plain` leaves out the marks between thousands, for other programs. */
export function writtenMetres(value, {plain = false} = {}) {
  return new Intl.NumberFormat(settings.language, {...CENTIMETRES, useGrouping: !plain}).format(value);
}

/** Write degrees to six decimals, with a point as all programs that take them expect. */
export function writtenDegrees({lat, lng}) {
  return `${lat.toFixed(6)}, ${lng.toFixed(6)}`;
}

/** Write degrees, minutes and seconds to 0.01″, about 30 cm. */
export function writtenSexagesimal({lat, lng}) {
  return `${sexagesimal(lat, "NS")} ${sexagesimal(lng, "EW")}`;
}

function sexagesimal(value, [positive, negative]) {
  const hundredths = Math.round(Math.abs(value) * 360000); // rounded once, so that 60″ never stands
  const [degrees, minutes] = [Math.floor(hundredths / 360000), Math.floor(hundredths / 6000) % 60];
  const seconds = ((hundredths % 6000) / 100).toFixed(2).padStart(5, "0");
  return `${degrees}°${String(minutes).padStart(2, "0")}′${seconds}″${value < 0 ? negative : positive}`;
}

/** What is wrong with a written coordinate: `code` names a text of the tool, `values` its places. */
export class Unread extends Error {
  constructor(code, values = {}) {
    super(code);
    Object.assign(this, {code, values});
  }
}

/** Read a coordinate as people write it: VN-2000 X, Y in metres, or WGS 84 as decimal degrees or with minutes and
    seconds. A number that can be read in two ways (449.293) is taken the one way that lies in the country; a pair that
    lies there only when swapped is refused, with the swapped pair as `values.swapped`.
    `box` is west, south, east, north. Gives `{kind: "plane" | "degrees", lat, lng}`. */
export function readCoordinate(text, plane, box) {
  const tidy = text.normalize("NFC").replace(/[\u00a0\u202f]/g, " ").trim();
  if (!tidy) throw new Unread("empty");
  const pair = /[°º]/.test(tidy) ? sexagesimalPair(tidy) : numberPair(tidy);
  const found = placesOf(pair, plane, box);
  if (found.length === 1) return found[0];
  if (found.length > 1) throw new Unread("ambiguous", {text: tidy});
  const swapped = pair.fixed ? [] : placesOf({...pair, first: pair.second, second: pair.first}, plane, box);
  if (swapped.length === 1) throw new Unread(swapped[0].kind === "plane" ? "swappedPlane" : "swappedDegrees", {swapped: swapped[0]});
  if (far(pair, plane, box)) throw new Unread("far");
  throw new Unread("outside", {text: tidy});
}

/* Every way to understand a pair that gives a place in the box. */
function placesOf({first, second, kinds}, plane, box) {
  const found = [];
  for (const a of first) {
    for (const b of second) {
      if (kinds.includes("degrees") && inside({lat: a, lng: b}, box)) found.push({kind: "degrees", lat: a, lng: b});
      if (!kinds.includes("plane")) continue;
      const place = plane.toDegrees({x: a, y: b});
      const near = Math.abs(place.lng - plane.meridian) <= FARTHEST_DEGREES;
      if (near && inside(place, box)) found.push({kind: "plane", ...place});
    }
  }
  return found;
}

/* Within the country, and too far from this zone's meridian: in this zone only by mistake. */
function far({first, second, kinds}, plane, box) {
  return kinds.includes("plane") && first.some((x) => second.some((y) => inside(plane.toDegrees({x, y}), box)));
}

function inside({lat, lng}, [west, south, east, north]) {
  return west <= lng && lng <= east && south <= lat && lat <= north;
}

/* 21°51′10,8″N 106°45′40,7″E, letters before or behind, Vietnamese ones (B, Đ) too. */
const ANGLE = /([NSBEĐDWT]?)\s*(\d+(?:[.,]\d+)?)\s*[°º]\s*(?:(\d+(?:[.,]\d+)?)\s*['’′]\s*)?(?:(\d+(?:[.,]\d+)?)\s*(?:["”″]|''|’’|′′)\s*)?([NSBEĐDWT]?)(?![\p{L}\d])/giu;
const SIGNS = {N: 1, B: 1, S: -1, E: 1, Đ: 1, D: 1, W: -1, T: -1};

function sexagesimalPair(text) {
  const parts = [...text.matchAll(ANGLE)].map(([, before, degrees, minutes = "0", seconds = "0", behind]) => {
    const letter = (before || behind).toUpperCase();
    const [d, m, s] = [degrees, minutes, seconds].map((part) => Number(part.replace(",", ".")));
    if (m >= 60 || s >= 60) throw new Unread("sixty", {text});
    return {letter, value: (SIGNS[letter] ?? 1) * (d + m / 60 + s / 3600)};
  });
  if (text.replace(ANGLE, "").replace(/[\s,;]/g, "")) throw new Unread("unreadable", {text});
  if (parts.length !== 2) throw new Unread("two");
  const told = parts.map(({letter}) => letter && (/[NSB]/.test(letter) ? "lat" : "lng"));
  if (told[0] && told[0] === told[1]) throw new Unread("unreadable", {text});
  const [lat, lng] = told[0] === "lng" || told[1] === "lat" ? parts.toReversed() : parts;
  return {first: [lat.value], second: [lng.value], kinds: ["degrees"], fixed: told.some(Boolean)};
}

const LABELLED = /^\s*([XYNE])\s*[:=]\s*(.+?)[\s,;]+([XYNE])\s*[:=]\s*(.+?)\s*$/i;

function numberPair(text) {
  const labelled = LABELLED.exec(text);
  if (labelled) {
    const [, one, first, other, second] = labelled;
    const parts = [numbers(first, text), numbers(second, text)];
    if (/[YE]/i.test(one) && /[XN]/i.test(other)) parts.reverse();
    return {first: parts[0], second: parts[1], kinds: ["plane"], fixed: true};
  }
  const parts = split(text);
  if (parts.length !== 2) throw new Unread("two");
  return {first: numbers(parts[0], text), second: numbers(parts[1], text), kinds: ["plane", "degrees"]};
}

/* Where one number ends: at ";", at a comma followed by a space, at a space, at the one comma that can be meant. */
function split(text) {
  for (const mark of [/\s*;\s*/, /,\s+/, /\s+/]) {
    const parts = text.split(mark).filter(Boolean);
    if (parts.length === 2) return parts;
    if (parts.length > 2 && mark.source !== "\\s+") throw new Unread("two");
  }
  if (/\s/.test(text)) throw new Unread("two");
  const parts = text.split(",");
  if (parts.length === 3) throw new Unread("ambiguous", {text});
  if (parts.length % 2) throw new Unread("two");
  const half = parts.length / 2;
  return [parts.slice(0, half).join(","), parts.slice(half).join(",")];
}

/* All numbers a text can stand for: 449.293 is 449 293 in Vietnamese, and 449 and a bit in English. */
function numbers(written, text) {
  const found = new Set();
  for (const [group, point] of [[".", ","], [",", "."]]) {
    const [g, p] = [`\\${group}`, `\\${point}`];
    const grouped = new RegExp(`^[-+]?(\\d+|\\d{1,3}(?:[${g} ]\\d{3})+)(?:${p}\\d+)?(?:\\s*m)?$`);
    if (grouped.test(written)) found.add(parseFloat(written.replaceAll(group, "").replaceAll(" ", "").replace(point, ".")));
  }
  if (!found.size) throw new Unread("unreadable", {text: written === text ? text : written});
  return [...found];
}
