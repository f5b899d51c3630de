/* A map that can be moved, in the place of the drawn one. It shows what the list beside it says: each time it comes to
   rest, the list is asked anew, and the marks are made of the list. It is fetched when somebody asks for it: most look
   at the drawn map or the list, where every mark is a link, and on a telephone a map that can be moved holds the thumb
   that meant to scroll. Without this file, without MapLibre or without WebGL the drawn map stays. */
"use strict";
(() => {
  const sheet = document.getElementById("map");
  const given = document.getElementById("map-data");
  if (!sheet || !given || !sheet.dataset.library || !sheet.dataset.worker || !window.WebGL2RenderingContext) return;

  const said = document.getElementById("map-said");
  const wish = document.createElement("button");
  wish.type = "button";
  wish.className = "button move-map";
  wish.textContent = sheet.dataset.move;
  sheet.prepend(wish);
  wish.addEventListener("click", async () => {
    if (!hasWebGL()) { said.textContent = sheet.dataset.cannot; said.className = "notice"; wish.remove(); return; }
    wish.disabled = true;
    try {
      await Promise.all([fetched("link", { rel: "stylesheet", href: sheet.dataset.sheet }), fetched("script", { src: sheet.dataset.library })]);
    } catch {
      wish.textContent = sheet.dataset.again;
      wish.disabled = false;
      wish.focus({ preventScroll: true });
      return;
    }
    wish.remove();
    begin(sheet, JSON.parse(given.textContent), said).getCanvas().focus({ preventScroll: true });
  });

  function fetched(tag, what) {
    return new Promise((done, failed) => {
      const element = Object.assign(document.createElement(tag), what, { onload: done });
      element.onerror = () => { element.remove(); failed(new Error(`${what.href || what.src} did not come`)); };
      document.head.append(element);
    });
  }

  function hasWebGL() {
    try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
  }
})();

function begin(sheet, data, said) {
  const list = document.getElementById("map-list");
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const corners = (text) => { const [w, s, e, n] = text.split(",").map(Number); return [[w, s], [e, n]]; };
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const tiles = sheet.dataset.tiles;

  maplibregl.setWorkerUrl(sheet.dataset.worker);
  const around = document.createElement("div");
  const frame = document.createElement("div");
  around.className = "frame";
  around.append(frame);
  sheet.append(around);
  const map = new maplibregl.Map({
    container: frame, style: style(), bounds: corners(data.box), maxBounds: corners(data.city), maxZoom: 17,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0,
    locale: {
      "NavigationControl.ZoomIn": sheet.dataset.zoomIn, "NavigationControl.ZoomOut": sheet.dataset.zoomOut,
      "Map.Title": sheet.dataset.label,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  for (const { at, name } of data.names) {
    const label = document.createElement("span");
    label.className = "name";
    label.textContent = name;
    label.setAttribute("aria-hidden", "true");
    new maplibregl.Marker({ element: label, anchor: "top", offset: [0, 14] }).setLngLat(at).addTo(map);
  }
  sheet.classList.add("moves");
  let pins = [];
  draw();

  let asking = null;
  map.on("moveend", async () => {
    if (asking) asking.abort();
    asking = new AbortController();
    const { _sw: sw, _ne: ne } = map.getBounds();
    const query = new URLSearchParams(location.search);
    for (const name of ["area", "cell", "after"]) query.delete(name);
    query.set("bbox", [sw.lng, sw.lat, ne.lng, ne.lat].map((each) => each.toFixed(6)).join(","));
    query.set("zoom", map.getZoom().toFixed(2));
    try {
      const answer = await fetch(`${location.pathname}?${query}`, { headers: { "HX-Request": "true" }, signal: asking.signal });
      if (!answer.ok) return;
      renew(await answer.text());
    } catch (problem) { if (problem.name !== "AbortError") throw problem; }
  });
  return map;

  /* The list anew. Whoever stood in it, or on a mark that is gone now, would stand nowhere: they are led to the list's
     first line, or to the map. What is in view is said in a place that stays, or no reader aloud would notice. */
  function renew(text) {
    const inList = list.contains(document.activeElement);
    const onPin = pins.some((pin) => pin.getElement() === document.activeElement);
    list.innerHTML = text;
    draw();
    const found = list.querySelector(".found-n");
    said.textContent = found.textContent;
    if (inList) found.focus({ preventScroll: true });
    if (onPin) map.getCanvas().focus({ preventScroll: true });
  }

  function draw() {
    for (const pin of pins) pin.remove();
    pins = [...list.querySelectorAll("li[data-at]")].map((item) => {
      const link = item.querySelector("a");
      const pin = document.createElement("a");
      pin.className = `pin s${item.dataset.size}`;
      pin.classList.toggle("hollow", "hollow" in item.dataset);
      pin.href = link.href;
      pin.style.zIndex = item.dataset.size;
      pin.textContent = item.dataset.n === "1" ? "" : item.dataset.n;
      pin.setAttribute("aria-label", item.textContent.trim().replace(/\s+/g, " "));
      if (item.dataset.box) {
        const go = (event) => { event.preventDefault(); map.fitBounds(corners(item.dataset.box), { padding: 24, animate: !calm }); };
        pin.addEventListener("click", go);
        link.addEventListener("click", go);
      }
      return new maplibregl.Marker({ element: pin }).setLngLat(item.dataset.at.split(",").map(Number)).addTo(map);
    });
  }

  function style() {
    const line = (color, width, dash) => ({ "line-color": color, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) });
    const shape = (type, coordinates) => ({ type: "geojson", data: { type: "Feature", properties: {}, geometry: { type, coordinates } } });
    return {
      version: 8,
      sources: {
        wide: shape("MultiLineString", grid(0.5)), coarse: shape("MultiLineString", grid(0.1)),
        fine: shape("MultiLineString", grid(0.02)), rings: shape("MultiLineString", data.rings),
        ...(tiles ? { tiles: { type: "raster", tiles: [new URL(tiles, location).href.replace(/%7B/gi, "{").replace(/%7D/gi, "}")], tileSize: 256, maxzoom: 18 } } : {}),
      },
      layers: [
        { id: "paper", type: "background", paint: { "background-color": ink("--sheet") } },
        ...(tiles ? [{ id: "tiles", type: "raster", source: "tiles", paint: { "raster-saturation": -0.6, "raster-opacity": 0.85 } }] : [
          { id: "wide", type: "line", source: "wide", paint: line(ink("--hair"), 1) },
          { id: "coarse", type: "line", source: "coarse", minzoom: 9.5, paint: line(ink("--hair"), 0.75) },
          { id: "fine", type: "line", source: "fine", minzoom: 12, paint: line(ink("--hair"), 0.5) }]),
        { id: "rings", type: "line", source: "rings", paint: line(ink("--ink-3"), 1.5, [4, 2]) },
      ],
    };
  }

  function grid(step) {
    const [[west, south], [east, north]] = corners(data.city);
    const lines = [];
    for (let n = Math.ceil(west / step); n * step <= east; n++) lines.push([[n * step, south], [n * step, north]]);
    for (let n = Math.ceil(south / step); n * step <= north; n++) lines.push([[west, n * step], [east, n * step]]);
    return lines;
  }
}
