/* Conveniences of the desk: keys in lists, selecting all, a bulk move's progress that looks again by itself.
   Every page works without this file. */
"use strict";
(() => {
  const lines = [...document.querySelectorAll("[data-rows] tbody tr:not(.why)")];
  const linkOf = (line) => line.querySelector("a.row-link");
  const boxes = lines.map((line) => line.querySelector("input[name=pick]")).filter(Boolean);
  const help = document.getElementById("keys");

  let last = -1;  /* where the reader was before looking elsewhere, such as at the help */
  function current() {
    const line = document.activeElement && document.activeElement.closest("[data-rows] tbody tr");
    const now = lines.indexOf(line);
    if (now >= 0) last = now;
    return last;
  }
  function go(to) {
    const line = lines[Math.max(0, Math.min(lines.length - 1, to))];
    if (!line) return;
    linkOf(line).focus();
    line.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("focusin", current);
  const keys = {
    j: () => go(current() + 1),
    k: () => go(current() < 0 ? 0 : current() - 1),
    x: () => {
      const box = lines[current()] && lines[current()].querySelector("input[name=pick]");
      if (box) box.click();
    },
    "?": () => {
      const from = current();
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
      else if (from >= 0) go(from);
    },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.matches("input[name=pick]")) {
      event.preventDefault();
      linkOf(event.target.closest("tr")).click();
      return;
    }
    if (!help || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });

  /* How many are selected, and all of the page at once. */
  const all = document.querySelector("[data-all]");
  const said = document.querySelector("[data-picked]");
  function count() {
    const n = boxes.filter((box) => box.checked).length;
    if (said) said.textContent = n ? said.dataset.template.replace("{n}", n) : "";
    if (all) { all.checked = n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
  }
  if (all) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; count(); });
  }
  for (const box of boxes) box.addEventListener("change", count);
  window.addEventListener("pageshow", count);

  /* The move a link leads to is unfolded. */
  function unfold() {
    const named = window.location.hash.startsWith("#move-") && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (named && "open" in named) { named.open = true; named.querySelector("summary").focus(); }
  }
  window.addEventListener("hashchange", unfold);
  unfold();

  async function lookAgain() {
    const job = document.querySelector("[data-looks-again]");
    if (!job) return;
    try {
      const answer = await fetch(job.dataset.looksAgain, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.getElementById("job");
        const held = job.contains(document.activeElement) ? document.activeElement.textContent : "";
        if (now) {
          job.replaceWith(now);
          document.title = page.title;
          const again = held && [...now.querySelectorAll("a, button")].find((each) => each.textContent === held);
          if (again) again.focus();
        }
      }
    } catch { /* away for a moment: it is asked again */ }
    window.setTimeout(lookAgain, 1500);
  }
  if (document.querySelector("[data-looks-again]")) window.setTimeout(lookAgain, 1000);
})();
