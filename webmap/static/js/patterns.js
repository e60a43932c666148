/* The patterns of layers/palette.py as images for the map: small, square, transparent between the lines. */

const RATIO = 2;
const BOX = 8; // of the path data

/** Draw one pattern; `spacing` and `width` are CSS pixels, `lines` is the path that is repeated. */
export function drawPattern({lines, colour, spacing, width}) {
  const side = Math.round(spacing * RATIO);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  const scale = side / BOX;
  pen.scale(scale, scale);
  pen.strokeStyle = colour;
  pen.lineWidth = (width * RATIO) / scale;
  pen.lineCap = "round";
  pen.stroke(new Path2D(lines));
  return {image: pen.getImageData(0, 0, side, side), ratio: RATIO};
}
