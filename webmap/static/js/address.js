/* The address of the page says everything a reader chose, so that it can be shared and gone back to: days, project,
   theme, layers and extent in its query, what is open after the #. */

export const KINDS = ["project", "commune", "parcel"];
const NAMES = ["day", "since", "project", "theme", "layers", "at"];

/** Read what the address says; what it does not say is empty or null. */
export function readAddress() {
  const asked = new URLSearchParams(location.search);
  return {
    day: asked.get("day") ?? "",
    since: asked.get("since") ?? "",
    project: asked.get("project") ?? "",
    theme: asked.get("theme") ?? "",
    layers: asked.has("layers") ? asked.get("layers").split(",").filter(Boolean) : null,
    at: place(asked.get("at")),
    open: opened(location.hash),
  };
}

/** Give the address that says some things otherwise; empty or null takes a thing out. */
export function addressWith(changes) {
  const asked = new URLSearchParams(location.search);
  for (const name of NAMES.filter((each) => each in changes)) {
    const value = changes[name];
    if (value === null || value === "") asked.delete(name);
    else asked.set(name, Array.isArray(value) ? value.join(",") : value);
  }
  let {hash} = location;
  if ("open" in changes) hash = changes.open ? `#${changes.open.kind}=${encodeURIComponent(changes.open.key)}` : "";
  const query = asked.toString().replaceAll("%2C", ",");
  return `${location.pathname}${query && `?${query}`}${hash}`;
}

/** Write changes into the address: as a step one can go back from, or (`quiet`) in place of what stands there. */
export function writeAddress(changes, {quiet = false} = {}) {
  const wanted = addressWith(changes);
  if (wanted === location.pathname + location.search + location.hash) return;
  if (quiet) history.replaceState(null, "", wanted);
  else history.pushState(null, "", wanted);
}

function opened(hash) {
  const [kind, key] = hash.slice(1).split("=");
  if (!KINDS.includes(kind) || !key) return null;
  try {
    return {kind, key: decodeURIComponent(key)};
  } catch {
    return null; // not an address of ours: a lone % names nothing
  }
}

/* Centre and zoom as "21.85300,106.76100,13.25". */
function place(text) {
  const [lat, lng, zoom] = (text ?? "").split(",").map(Number);
  const sound = Math.abs(lat) <= 90 && Math.abs(lng) <= 180 && zoom >= 0 && zoom <= 24;
  return sound ? {lat, lng, zoom} : null;
}
