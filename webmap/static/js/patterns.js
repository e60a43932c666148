/* The patterns of layers/palette.py as images for the map: small, square, transparent between the lines. */

const RATIO = 2;

/** Draw one pattern; `spacing` and `width` are CSS pixels. */
export function drawPattern({kind, colour, spacing, width}) {
  const side = Math.round(spacing * RATIO);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = width * RATIO;
  pen.beginPath();
  KINDS[kind](pen, side, width * RATIO);
  kind === "dots" ? pen.fill() : pen.stroke();
  return {image: pen.getImageData(0, 0, side, side), ratio: RATIO};
}

const KINDS = {
  diagonal(pen, side) {
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift - 1, side + 1);
      pen.lineTo(shift + side + 1, -1);
    }
  },
  dots(pen, side, width) {
    pen.arc(side / 2, side / 2, width / 2 + 0.5, 0, 2 * Math.PI);
  },
  cross(pen, side) {
    pen.moveTo(side * 0.25, side * 0.25);
    pen.lineTo(side * 0.75, side * 0.75);
    pen.moveTo(side * 0.75, side * 0.25);
    pen.lineTo(side * 0.25, side * 0.75);
  },
};
