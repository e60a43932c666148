/* How a chart of the tool "chart" is drawn: two stepped lines by uPlot, and our own marks on its canvas. */

const YEAR_PX = 40;
const MONTH_PX = 62;
const MONTHS = [1, 3, 6, 12, 24, 60, 120];
const DAYS_A_MONTH = 30.44;

/** Make a plot. Days are numbers since 1970; `scale` enlarges texts and lines. */
export function plotOf(target, {size, scale, colours, span: [first, last], lines, top, digits, whole, font, write, draw, hover}) {
  const {uPlot} = window;
  const text = `${Math.round(11 * scale)}px ${font}`;
  const steps = uPlot.paths.stepped({align: 1});
  const axis = {stroke: colours.quiet, font: text, grid: {stroke: colours.grid, width: 1}, ticks: {stroke: colours.grid, width: 1, size: 4 * scale}, gap: 4 * scale};
  const chart = new uPlot({
    ...size,
    padding: [10 * scale, 14 * scale, 0, 0],
    legend: {show: false},
    cursor: {y: false, drag: {x: false, y: false}, points: {show: false}, sync: {key: "tool-chart"}},
    scales: {x: {time: false, range: [first, last]}, y: {range: [0, top]}},
    axes: [
      {...axis, size: 24 * scale, ...monthsOf(scale)},
      {
        ...axis,
        size: (digits * 6.4 + 12) * scale, // the same for both, so that their days lie under each other
        space: 34 * scale,
        ...(whole && {incrs: [1, 2, 5].flatMap((n) => [n, n * 10, n * 100, n * 1e3, n * 1e4, n * 1e5]).sort((one, other) => one - other)}),
        values: (self, splits) => splits.map(write),
      },
    ],
    series: [
      {},
      {stroke: colours.done, fill: faint(colours.done), width: 2.2 * scale, paths: steps, points: {show: false}},
      {stroke: colours.all, width: 1.6 * scale, dash: [5 * scale, 3 * scale], paths: steps, points: {show: false}},
    ],
    hooks: {
      draw: [draw],
      setCursor: [({cursor, posToVal}) => hover(cursor.left >= 0 ? Math.round(posToVal(cursor.left, "x")) : null)],
    },
  }, lines, target);
  return chart;
}

/** Draw an upright line over the whole height on a day. */
export function drawStanding({ctx: pen, bbox, valToPos}, day, colour, scale, dash = []) {
  const x = valToPos(day, "x", true);
  stroke(pen, colour, 1.5 * scale * devicePixelRatio, dash.map((length) => length * scale * devicePixelRatio), () => {
    pen.moveTo(x, bbox.top);
    pen.lineTo(x, bbox.top + bbox.height);
  });
}

/** Hatch the days after the newest record: of them nothing is known. */
export function drawSilence({ctx: pen, bbox, valToPos}, from, to, colour, scale) {
  const [left, right] = [valToPos(from, "x", true), valToPos(to, "x", true)];
  pen.save();
  pen.beginPath();
  pen.rect(left, bbox.top, right - left, bbox.height);
  pen.clip();
  pen.globalAlpha = 0.35;
  stroke(pen, colour, scale * devicePixelRatio, [], () => {
    for (let x = left - bbox.height; x < right; x += 9 * scale * devicePixelRatio) {
      pen.moveTo(x, bbox.top + bbox.height);
      pen.lineTo(x + bbox.height, bbox.top);
    }
  });
  pen.restore();
}

/** Draw how much a report says was added in its period. */
export function drawSegment({ctx: pen, valToPos}, {from, to, base, value}, colour, scale) {
  stroke(pen, colour, 1.5 * scale * devicePixelRatio, [2, 3].map((length) => length * scale * devicePixelRatio), () => {
    pen.moveTo(valToPos(from, "x", true), valToPos(base, "y", true));
    pen.lineTo(valToPos(to, "x", true), valToPos(value, "y", true));
  });
}

/** Draw a reported figure: a disc that agrees, a hollow diamond that differs, a hollow square not to be held against the line. */
export function drawMark({ctx: pen, valToPos}, {to, value, way}, colours, scale) {
  const [x, y, r] = [valToPos(to, "x", true), valToPos(value, "y", true), 4.5 * scale * devicePixelRatio];
  pen.save();
  pen.setLineDash([]);
  pen.beginPath();
  if (way === "agrees") pen.arc(x, y, r, 0, 7);
  else if (way === "differs") for (const [dx, dy] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) pen.lineTo(x + dx * r * 1.4, y + dy * r * 1.4);
  else pen.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  pen.closePath();
  pen.lineWidth = (way === "agrees" ? 1.2 : 2) * scale * devicePixelRatio;
  pen.strokeStyle = way === "agrees" ? colours.paper : colours[way];
  pen.fillStyle = colours.agrees;
  if (way === "agrees") pen.fill();
  pen.stroke();
  pen.restore();
}

/** Draw the little picture of a key as it stands on the page; gives where it ends. */
export function drawSwatch(pen, svg, x, y, scale) {
  for (const part of svg.querySelectorAll("path")) {
    const {stroke: line, fill, strokeWidth, strokeDasharray} = getComputedStyle(part);
    const path = new Path2D(part.getAttribute("d"));
    pen.save();
    pen.translate(x, y);
    pen.scale(scale, scale);
    Object.assign(pen, {strokeStyle: line, fillStyle: fill, lineWidth: parseFloat(strokeWidth)});
    pen.setLineDash(strokeDasharray === "none" ? [] : strokeDasharray.split(/[ ,]+/).map(parseFloat));
    if (fill !== "none") pen.fill(path);
    pen.stroke(path);
    pen.restore();
  }
  return x + svg.width.baseVal.value * scale;
}

function stroke(pen, colour, width, dash, path) {
  pen.save();
  pen.beginPath();
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  path();
  pen.stroke();
  pen.restore();
}

/* Beginnings of months or years, as many as there is room to write. */
function monthsOf(scale) {
  const stepOf = (chart, low, high) => {
    const room = (chart.width - 70 * scale) / (((high - low) / DAYS_A_MONTH) * scale);
    return MONTHS.find((months) => months * room >= (months < 12 ? MONTH_PX : YEAR_PX)) ?? MONTHS.at(-1);
  };
  return {
    splits: (chart, axis, low, high) => {
      const months = stepOf(chart, low, high);
      const start = new Date(low * 86400000);
      const begun = start.getUTCFullYear() * 12 + start.getUTCMonth();
      const found = [];
      for (let n = Math.ceil(begun / months) * months; ; n += months) {
        const day = Date.UTC(Math.floor(n / 12), n % 12, 1) / 86400000;
        if (day > high) return found;
        if (day >= low) found.push(day);
      }
    },
    values: (chart, splits) => {
      const years = splits.every((day) => new Date(day * 86400000).getUTCMonth() === 0);
      return splits.map((day) => {
        const [year, month] = new Date(day * 86400000).toISOString().split("-");
        return years ? year : `${month}/${year}`;
      });
    },
  };
}

function faint(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g);
  return `rgb(${r} ${g} ${b} / .13)`;
}
