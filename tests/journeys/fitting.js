() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth - innerWidth} px wider than the window`);
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 50);
  // What may be wider than the window and scrolls by itself: tables, program text, drawings (WCAG 1.4.10).
  const MAY_SCROLL = "pre, .table-wrap, .diagram, .scrolls, textarea, select, [data-may-scroll]";
  const unseen = (e) => { for (let at = e; at; at = at.parentElement) if (getComputedStyle(at).clipPath !== "none") return true; return false; };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode());) {
    const parent = text.parentElement;
    if (!text.data.trim() || parent.closest("script, style, template, option, [aria-hidden=true]") || !shown(parent) || unseen(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    texts.push({ text, parent, boxes: [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1) });
  }
  for (const { text, parent, boxes } of texts) {
    for (let at = parent; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.display === "inline" || at.matches(MAY_SCROLL) || at.closest("svg")) break;
      const clips = (value) => value === "hidden" || value === "clip";
      const box = at.getBoundingClientRect();
      const isCut = boxes.some((each) => (clips(style.overflowX) && (each.right > box.right + 1 || each.left < box.left - 1)) ||
        (clips(style.overflowY) && (each.bottom > box.bottom + 2 || each.top < box.top - 2)));
      if (isCut) { found.push(`cut off: ${short(text.data)}`); break; }
      if (/auto|scroll/.test(style.overflowX) && at.scrollWidth > at.clientWidth + 1) {
        found.push(`scrolls sideways by itself: ${at.tagName.toLowerCase()}.${at.className} around ${short(text.data)}`); break;
      }
      if (at.matches("button, .button, .tag, summary, th, td, label, dt, dd, a.figure") &&
          boxes.some((each) => each.right > box.right + 1 || each.left < box.left - 1) && style.position !== "absolute") {
        found.push(`sticks out of its ${at.tagName.toLowerCase()}: ${short(text.data)}`); break;
      }
    }
    if (boxes.some((box) => box.right > innerWidth + 1) && !parent.closest(MAY_SCROLL) && !parent.closest("svg"))
      found.push(`beyond the right edge: ${short(text.data)}`);
  }
  // Text over text: what floats above is apart only where it leaves its own room.
  const floats = (e) => { for (let at = e; at && at !== document.body; at = at.parentElement) {
    const p = getComputedStyle(at).position; if (p === "fixed" || p === "sticky" || at.matches("svg, .table-wrap, .watermark, .maplibregl-map, .map-sheet")) return true; } return false; };
  // What has been scrolled out of its own window is not drawn.
  const port = (e) => { for (let at = e; at && at !== document.body; at = at.parentElement)
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at.getBoundingClientRect(); return null; };
  const lines = texts.filter(({ parent }) => !floats(parent)).flatMap(({ text, parent, boxes }) => {
    const window_ = port(parent);
    return boxes.filter((box) => !window_ || (box.top >= window_.top && box.bottom <= window_.bottom)).map((box) => ({ text, box }));
  }).sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < lines.length; i++)
    for (let j = i + 1; j < lines.length && lines[j].box.top < lines[i].box.bottom; j++) {
      const [a, b] = [lines[i], lines[j]];
      if (a.text === b.text) continue;
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const along = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      const least = Math.min(a.box.height, b.box.height);
      if (across > 3 && along > least * 0.45) found.push(`drawn over each other: ${short(a.text.data)} | ${short(b.text.data)}`);
    }
  for (const each of document.querySelectorAll("body *")) {
    const style = getComputedStyle(each);
    if ((style.position === "fixed" || style.position === "sticky") && shown(each)) {
      const box = each.getBoundingClientRect();
      if (box.width > innerWidth / 2 && box.height > innerHeight * 0.4 && box.height < innerHeight * 3 && style.zIndex !== "-1" && style.bottom === "0px")
        found.push(`stands in the way: ${each.tagName.toLowerCase()}.${each.className} takes ${Math.round(box.height)} of ${innerHeight} px`);
    }
  }
  return [...new Set(found)];
}
