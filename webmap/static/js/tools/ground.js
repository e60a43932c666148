/* What the tools of the ground share: a crosshair in the middle of the map, and text for other programs. */

/** Show a crosshair in the middle of a Leaflet map; gives the function that takes it away. */
export function showCrosshair(leaflet) {
  const cross = document.createElement("div");
  cross.className = "crosshair";
  cross.setAttribute("aria-hidden", "true");
  leaflet.getContainer().append(cross);
  return () => cross.remove();
}

/** On a phone the tools lie at the foot of the screen: the map goes to its head, so that both are seen. */
export function bringIntoSight(container) {
  if (matchMedia("(max-width: 30rem)").matches) container.scrollIntoView();
}

/** Put text on the clipboard. Where the browser does not allow it (a page without https), the text is shown in
    `place`, marked, to be copied by hand. Tells whether it was copied. */
export async function copy(text, place) {
  const field = place.querySelector("textarea");
  try {
    await navigator.clipboard.writeText(text);
    place.hidden = true;
    return true;
  } catch {
    field.value = text;
    field.rows = Math.min(text.split("\n").length, 6);
    place.hidden = false;
    field.select();
    return false;
  }
}

/** A mark on the map that is no control: it cannot be focused or clicked. */
export function markOf(latlng) {
  const icon = L.divIcon({className: "ground-mark", iconSize: [28, 28]});
  return L.marker(latlng, {icon, interactive: false, keyboard: false});
}
