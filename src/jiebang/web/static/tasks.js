/* Conveniences of forms. Every page works without this file.
   A draft of what is typed stays on this device only: never the telephone number, never a photo; erased when the
   form is sent and after a day. */
"use strict";
(() => {
  const DAY = 24 * 3600 * 1000;
  const store = (() => { try { return window.localStorage; } catch { return null; } })();

  function draftKeys() {
    return store ? Object.keys(store).filter((key) => key.startsWith("draft:")) : [];
  }
  function forget(key) { store.removeItem(key); }
  for (const key of draftKeys()) {
    try { if (Date.now() - JSON.parse(store.getItem(key)).at > DAY) forget(key); } catch { forget(key); }
  }

  function keepable(form) {
    return [...form.elements].filter((field) =>
      field.name.startsWith("a.") && field.type !== "file" && field.type !== "hidden" && !("neverKeep" in field.dataset));
  }
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (!store) break;
    const key = "draft:" + form.dataset.draft;
    const fields = keepable(form);
    let kept = null;
    try { kept = JSON.parse(store.getItem(key)); } catch { forget(key); }
    if (kept && fields.every((field) => field.type === "radio" || !field.value)) {
      for (const field of fields) {
        const value = kept.typed[field.name];
        if (value === undefined) continue;
        if (field.type === "radio") field.checked = field.value === value;
        else field.value = value;
      }
    }
    form.addEventListener("input", () => {
      const typed = {};
      for (const field of fields) if (field.type !== "radio" || field.checked) typed[field.name] = field.value;
      try { store.setItem(key, JSON.stringify({ at: Date.now(), typed })); } catch { /* full: then there is no draft */ }
    });
  }
  if (document.querySelector("[data-draft-done]")) draftKeys().forEach(forget);

  for (const count of document.querySelectorAll("[data-count-for]")) {
    const text = document.getElementById(count.dataset.countFor);
    const most = Number(text.dataset.most);
    const say = () => {
      const n = [...text.value].length;
      if (n * 2 > most) count.textContent = count.dataset.template.replace("{n}", n).replace("{most}", most);
      count.classList.toggle("over", n > most);
    };
    text.addEventListener("input", say);
    say();
  }

  /* Whoever writes a number means that one, and not the one chosen above. */
  for (const written of document.querySelectorAll("[data-chooses]")) {
    written.addEventListener("input", () => { document.getElementById(written.dataset.chooses).checked = true; });
  }

  /* Questions asked only after another answer: hidden until it is given. Without script they stand there, with the
     sentence that says when they are asked. */
  for (const asked of document.querySelectorAll("[data-if]")) {
    const form = asked.closest("form");
    const values = asked.dataset.ifValues.split(" ");
    const look = () => {
      const given = new FormData(form).get(asked.dataset.if) || "";
      asked.hidden = values.includes(given) === ("ifNot" in asked.dataset);
    };
    form.addEventListener("change", look);
    look();
  }

  /* A second press while the first is on its way does nothing; the hidden key makes it harmless anyway. */
  for (const form of document.querySelectorAll("form[data-once]")) {
    let sent = 0;
    form.addEventListener("submit", (event) => {
      if (Date.now() - sent < 5000) event.preventDefault();
      sent = Date.now();
    });
    window.addEventListener("pageshow", () => { sent = 0; });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const show of document.querySelectorAll("[data-shows]")) {
    const secret = document.getElementById(show.dataset.shows);
    show.closest("label").hidden = false;
    show.addEventListener("change", () => { secret.type = show.checked ? "text" : "password"; });
  }
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();
