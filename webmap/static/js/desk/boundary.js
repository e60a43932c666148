/* The map of a boundary: parcels around, the outline that stands, one being drawn or what it takes. What is drawn and the
   table of vertices are the same: each change of one is read by the server and written into the other. */

const L = window.L;
const place = document.getElementById("boundary-map");
const form = document.getElementById("outline-form");
const PARCELS_FROM_ZOOM = 15;
const WAIT_MS = 500;

const STYLES = {
  commune: { color: "#8a938f", weight: 1, fill: false, interactive: false, pmIgnore: true, snapIgnore: true },
  parcel: { color: "#8a938f", weight: 0.7, fillOpacity: 0.04, interactive: false, pmIgnore: true },
  standing: { color: "#0a5a8a", weight: 2, dashArray: "6 5", fill: false, interactive: false, pmIgnore: true },
  drawn: { color: "#0b5d4e", weight: 3, fillOpacity: 0.15 },
  outline: { color: "#0b5d4e", weight: 3, fill: false, interactive: false },
  inside: { color: "#0b5d4e", weight: 1.5, fillOpacity: 0.4 },
  rest: { color: "#56625d", weight: 1.5, dashArray: "5 4", fillOpacity: 0 },
  small: { color: "#b3261e", weight: 2.5, fillOpacity: 0.3 },
};

const map = L.map(place, {
  zoomControl: false, attributionControl: false, maxZoom: 21, preferCanvas: true, zoomSnap: 0.5,
});
L.control.zoom({ zoomInTitle: place.dataset.zoomIn, zoomOutTitle: place.dataset.zoomOut }).addTo(map);
L.control.scale({ imperial: false }).addTo(map);
window.boundaryMap = map;

async function start() {
  const [west, south, east, north] = place.dataset.country.split(" ").map(Number);
  map.fitBounds([[south, west], [north, east]]);
  const standing = place.dataset.standing ? shapes(JSON.parse(place.dataset.standing), STYLES.standing) : null;
  standing?.addTo(map);
  if (standing) map.fitBounds(standing.getBounds(), { padding: [20, 20] });
  if (place.dataset.parts) await showParts();
  if (form) draw();
  const communes = shapes(await ask(place.dataset.around), STYLES.commune).addTo(map).bringToBack();
  communes.eachLayer(name);
  const own = communes.getLayers().filter((layer) => layer.feature.properties.own);
  const looked = own.length ? L.featureGroup(own) : communes;
  if (!standing && !place.dataset.parts && !drawnBounds() && communes.getLayers().length) map.fitBounds(looked.getBounds());
  showParcels();
}

/* The name of a commune stands in its middle, as text. */
function name(layer) {
  const said = Object.assign(document.createElement("span"), { textContent: layer.feature.properties.label });
  layer.bindTooltip(said, { permanent: true, direction: "center", className: "commune-name", interactive: false });
}

function shapes(geojson, style) {
  return L.geoJSON(geojson, { style, pmIgnore: true, ...style });
}

async function ask(address, options) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, ...options });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

/* Parcels of the window, from a zoom on where they can be told apart. */
function showParcels() {
  const layer = shapes(null, STYLES.parcel).addTo(map);
  let asked = 0;
  const renew = async () => {
    const mine = ++asked;
    if (map.getZoom() < PARCELS_FROM_ZOOM) return layer.clearLayers();
    const address = `${place.dataset.around}?window=${map.getBounds().pad(0.1).toBBoxString()}`;
    const found = await ask(address).catch(() => null);
    if (mine !== asked || !found) return;
    layer.clearLayers();
    layer.addData(found);
    layer.bringToBack();
    if (!found.complete) say(place.dataset.crowded);
  };
  map.on("moveend", renew);
  renew();
}

/* What an outline takes: parts inside, remainders, and those too small. */
async function showParts() {
  const parts = await ask(place.dataset.parts);
  const layer = L.geoJSON(parts, {
    pmIgnore: true,
    style: ({ properties: p }) => STYLES[p.part === "rest" && p.small ? "small" : p.part],
    onEachFeature: ({ properties: p }, shape) => {
      if (!p.parcel) return;
      const label = document.createElement("span");
      label.textContent = p.parcel;
      shape.bindTooltip(label, { className: "parcel-label", sticky: true });
    },
  }).addTo(map);
  map.fitBounds(layer.getBounds(), { padding: [20, 20] });
}

/* Drawing. */
let drawn = null;

function drawnBounds() {
  return drawn?.getLayers().length ? drawn.getBounds() : null;
}

function say(text, wrong = false) {
  const said = document.getElementById("outline-said");
  if (!said) return;
  said.textContent = text;
  said.classList.toggle("wrong", wrong);
}

/* What is to be told of what was read: what contradicts it first. */
function tell({ doubts, notes }) {
  const list = document.getElementById("outline-told");
  if (!list) return;
  list.replaceChildren(...[...doubts, ...notes].map((text, place) => {
    const line = document.createElement("li");
    line.textContent = text;
    line.classList.toggle("wrong", place < doubts.length);
    return line;
  }));
  list.hidden = !list.children.length;
}

function draw() {
  const table = document.getElementById("vertices");
  const zone = document.getElementById("zone");
  const tools = document.getElementById("drawing-tools");
  const buttons = [...tools.querySelectorAll("[aria-pressed]")];
  tools.hidden = false;
  drawn = L.featureGroup().addTo(map);
  map.pm.setLang("here", JSON.parse(place.dataset.words), "en");
  map.pm.setGlobalOptions({
    allowSelfIntersection: false, layerGroup: drawn, snapDistance: 12, pathOptions: STYLES.drawn,
    templineStyle: STYLES.drawn, hintlineStyle: { ...STYLES.drawn, dashArray: "5 5" },
  });

  let turn = 0;
  const convert = async (body) => {
    const mine = ++turn;
    try {
      const found = await ask(form.dataset.convert, {
        method: "POST",
        headers: {
          Accept: "application/json", "Content-Type": "application/json",
          "X-CSRFToken": form.elements.csrf_token.value,
        },
        body: JSON.stringify({ ...body, zone: zone.value }),
      });
      if (mine !== turn) return null;
      const area = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 }).format(found.area_m2);
      say([`${document.getElementById("outline-said").dataset.area}: ${area} m²`, found.system, found.communes.join(", ")].filter(Boolean).join(" · "));
      tell(found);
      table.removeAttribute("aria-invalid");
      return found;
    } catch (error) {
      if (mine === turn) {
        say(error.message, true);
        tell({ doubts: [], notes: [] });
        table.setAttribute("aria-invalid", "true");
      }
      return null;
    }
  };

  const fromMap = async () => {
    if (!drawn.getLayers().length) {
      turn++;
      table.value = "";
      return say("");
    }
    const found = await convert({ geojson: drawn.toGeoJSON(10) });
    if (found) table.value = found.vertices;
    return null;
  };
  const fromTable = async () => {
    if (!table.value.trim()) {
      turn++;
      drawn.clearLayers();
      return say("");
    }
    const found = await convert({ vertices: table.value });
    if (!found) return null;
    drawn.clearLayers();
    // Each polygon by itself: the tool moves vertices of single polygons best.
    for (const rings of found.geojson.coordinates) watch(L.polygon(L.GeoJSON.coordsToLatLngs(rings, 1), STYLES.drawn));
    map.fitBounds(drawn.getBounds(), { padding: [30, 30], maxZoom: Math.max(map.getZoom(), 17) });
    return null;
  };
  function watch(layer) {
    drawn.addLayer(layer);
    layer.on("pm:edit pm:dragend", fromMap);
  }

  let typing;
  table.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(fromTable, WAIT_MS);
  });
  zone.addEventListener("change", fromTable);
  map.on("pm:create", ({ layer }) => {
    watch(layer);
    fromMap();
  });
  map.on("pm:cut", ({ layer, originalLayer }) => {
    drawn.removeLayer(originalLayer);
    if (map.hasLayer(layer)) watch(layer);
    map.pm.disableGlobalCutMode();
    fromMap();
  });

  const modes = {
    draw: [() => map.pm.enableDraw("Polygon"), () => map.pm.disableDraw(), () => map.pm.globalDrawModeEnabled()],
    cut: [() => map.pm.enableGlobalCutMode(), () => map.pm.disableGlobalCutMode(), () => map.pm.globalCutModeEnabled()],
    edit: [() => map.pm.enableGlobalEditMode(), () => map.pm.disableGlobalEditMode(), () => map.pm.globalEditModeEnabled()],
  };
  const press = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", modes[button.dataset.draw][2]());
  };
  map.on("pm:globaldrawmodetoggled pm:globalcutmodetoggled pm:globaleditmodetoggled pm:drawend pm:drawstart", () => setTimeout(press));
  tools.addEventListener("click", ({ target }) => {
    const chosen = target.dataset.draw;
    const running = modes[chosen]?.[2]();
    for (const [, stop, on] of Object.values(modes)) if (on()) stop();
    if (chosen === "remove") {
      drawn.clearLayers();
      fromMap();
    } else if (!running) modes[chosen][0]();
    press();
  });
  if (table.value.trim()) fromTable();
}

start();
