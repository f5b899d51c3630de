/* The device is asked where it is only where a form asks for it, and only when the button is pressed. Browsers tell it
   over https (and on this machine) only; elsewhere the button stays away. Forms drawn later say so with `drawn`. */
"use strict";
(() => {
  function wire(asked) {
    const [row, said] = asked.querySelectorAll("p");
    const [text, datum] = asked.querySelectorAll("input, select");
    const drop = asked.querySelector("[data-drop]");
    const set = (value, words) => {
      text.value = value;
      drop.hidden = !value;
      said.textContent = words;
      text.dispatchEvent(new Event("input", { bubbles: true }));
    };
    row.hidden = false;
    drop.hidden = !text.value;
    drop.addEventListener("click", () => set("", ""));
    asked.querySelector("[data-locate]").addEventListener("click", () => {
      said.textContent = asked.dataset.asking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          if (datum) datum.value = "wgs84";
          const words = asked.dataset.taken.replace("{n}", Math.ceil(coords.accuracy));
          set(`${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`, words);
        },
        (problem) => { said.textContent = problem.code === 1 ? asked.dataset.refused : asked.dataset.failed; },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
    });
  }
  const look = (within) => {
    if (!window.isSecureContext || !navigator.geolocation) return;
    for (const asked of within.querySelectorAll("[data-position]")) wire(asked);
  };
  look(document);
  document.addEventListener("drawn", (event) => look(event.target));
})();
