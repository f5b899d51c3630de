() => {
  const shown = (e) => !e.closest("[inert], [aria-hidden=true]") && e.checkVisibility({ visibilityProperty: true });
  const lines = [];
  for (const table of document.querySelectorAll("table")) {
    if (!shown(table)) continue;
    const name = table.caption ? table.caption.textContent.trim() : table.getAttribute("aria-label") || "";
    const heads = [...table.querySelectorAll("th")];
    if (!name) lines.push("a table without a caption: " + table.innerText.slice(0, 60));
    if (!heads.length) lines.push("a table without heads: " + name);
    if (heads.some((head) => !head.scope)) lines.push("heads that do not say what they head: " + name);
    const bare = [...table.tBodies].flatMap((body) => [...body.rows]).find((row) => row.cells.length > 1 && !row.querySelector("th"));
    if (bare) lines.push("a row without a head: " + bare.innerText.slice(0, 60));
  }
  for (const asked of document.querySelectorAll("[hx-get], [hx-post]")) {
    const named = asked.closest("[hx-target]")?.getAttribute("hx-target");
    const target = named && named !== "this" ? document.querySelector(named) : asked;
    const said = target && document.getElementById(target.id + "-said");
    // What is fetched by itself every few seconds is a progress, which would talk without end.
    if (!asked.getAttribute("hx-trigger")?.includes("every") && !(said?.role === "status" && !target.contains(said)))
      lines.push("changes in silence: " + (target?.id || asked.outerHTML.slice(0, 60)));
  }
  for (const each of document.querySelectorAll("[tabindex]"))
    if (each.tabIndex > 0) lines.push("stands out of turn for Tab: " + each.outerHTML.slice(0, 60));
  for (const each of document.querySelectorAll("[aria-owns], [aria-flowto]")) lines.push("is said elsewhere than it stands: " + each.outerHTML.slice(0, 60));
  for (const frame of document.querySelectorAll("iframe")) if (!frame.title) lines.push("a frame without a title");
  if (!document.title.trim()) lines.push("the page has no title");
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode());) {
    const said = text.data.trim();
    const parent = text.parentElement;
    if (said && !parent.closest("script, style, template, code, pre, kbd, samp, .code") && shown(parent)) texts.push([said, parent.closest("[lang]").lang]);
  }
  for (const each of document.querySelectorAll("[aria-label], [placeholder], [alt], [title]"))
    for (const name of ["aria-label", "placeholder", "alt", "title"])
      if (each.getAttribute(name) && shown(each)) texts.push([each.getAttribute(name), each.closest("[lang]").lang]);
  const tables = [...document.querySelectorAll("table")].filter(shown);
  const heads = tables.flatMap((table) => [...table.querySelectorAll("th")]).filter(shown);
  return { lines, texts, tables: tables.length, heads: heads.length, language: document.documentElement.lang };
}
