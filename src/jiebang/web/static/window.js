/* The window from the keyboard. Every page works without this file: the keys of the browser (accesskey, Tab, Enter)
   stay, only the quick ones below are missing. */
"use strict";
(() => {
  const first = document.querySelector("[data-focus]:not([hidden])");
  const summary = document.querySelector(".error-summary");
  const words = document.querySelector("#write textarea");
  if (!summary) (first || words)?.focus();

  /* The letters of the page, the same in every browser: each has its own idea of what an accesskey is pressed with. */
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    const typed = event.key.toLowerCase();
    const letter = /^[a-z0-9]$/.test(typed) ? typed : event.code.replace(/^(Key|Digit)/, "").toLowerCase();
    const meant = /^[a-z0-9]$/.test(letter) && document.querySelector(`[accesskey="${letter}"]`);
    if (!meant) return;
    event.preventDefault();
    meant.focus();
    if (meant.matches("a, button")) meant.click();
    else meant.select?.();
  });

  for (const form of document.querySelectorAll("[data-hurry]")) {
    const main = form.querySelector("[data-main]");
    const back = form.querySelector("[data-back]");
    form.addEventListener("keydown", (event) => {
      if (event.isComposing || event.repeat) { // choosing a Chinese word ends with Enter; a key held down sends nothing twice
        if (event.key === "Enter" && event.target.tagName !== "TEXTAREA") event.preventDefault();
        return;
      }
      const field = event.target;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit(main);
      } else if (event.key === "Enter" && field.tagName === "INPUT" && field.type !== "file") {
        event.preventDefault();
        if ("search" in field.dataset) return; // it looks while one types
        form.requestSubmit(field.dataset.go ? document.getElementById(field.dataset.go) : main);
      } else if (event.key === "Escape" && "search" in field.dataset) {
        field.value = "";
        field.dispatchEvent(new Event("input", { bubbles: true }));
        words?.focus();
      } else if (event.key === "Escape" && back) {
        event.preventDefault();
        form.requestSubmit(back);
      } else if (event.key === "Escape" && form.contains(words)) {
        words.focus();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        walk(event, field);
      }
    });
  }

  /* Up and down through what was found, from the search and back. */
  function walk(event, field) {
    const search = document.querySelector("[data-search]");
    const column = search && document.getElementById(search.dataset.search);
    if (!column || !(field === search || column.contains(field))) return;
    const stops = [search, ...column.querySelectorAll("a, button")];
    const next = stops[stops.indexOf(field) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); next.focus(); }
  }
})();
