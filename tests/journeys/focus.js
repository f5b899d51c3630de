/* What has the focus now: which one of all that can have it, what it is, and whether its reader sees so. */
() => {
  const here = document.activeElement;
  if (!here || here === document.body || here === document.documentElement) return null;
  const style = getComputedStyle(here);
  const inner = here instanceof SVGElement ? [...here.querySelectorAll("circle, rect, path")].map((e) => getComputedStyle(e)) : [];
  const isMarked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) ||
    inner.some((each) => each.stroke !== "none" && parseFloat(each.strokeWidth) >= 3);
  const box = here.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.15], [0.5, 0.85]];
  const isMet = points.some(([x, y]) => {
    const met = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return met && (here.contains(met) || met.contains(here) || (met.labels ?? met.closest("label")?.control) === here);
  });
  window.__stops ??= new WeakMap();
  window.__stopped ??= 0;
  if (!window.__stops.has(here)) window.__stops.set(here, window.__stopped++);
  const words = (here.getAttribute("aria-label") || here.labels?.[0]?.innerText || here.innerText || here.value || "").trim();
  return {
    // A field for a day or an hour is one thing in parts: the year, the month, the day each take a Tab.
    isInParts: ["date", "time", "datetime-local", "month", "week"].includes(here.type),
    stop: window.__stops.get(here), isMarked, isMet, isLarge: box.width * box.height > 4,
    is: here.tagName.toLowerCase() + (here.id ? "#" + here.id : here.className.length ? "." + here.className.split(" ")[0] : ""),
    words: words.replace(/\s+/g, " ").slice(0, 50),
  };
}
