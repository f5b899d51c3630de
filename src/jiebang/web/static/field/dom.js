/* Putting pages together from the parts in the shell. A part's places are marked `data-slot`; whatever gets no value
   is taken away. Values are text or nodes, never HTML: only the forms drawn by the server are. */

export function part(name, slots = {}) {
  const copy = document.getElementById("part-" + name).content.cloneNode(true);
  for (const place of copy.querySelectorAll("[data-slot]")) {
    const value = slots[place.dataset.slot];
    if (value === undefined || value === null || value === "" || value === false) place.remove();
    else if (value === true) continue;
    else place.replaceChildren(...[value].flat());
  }
  return copy;
}

export function slot(node, name) {
  return node.querySelector(`[data-slot="${name}"]`);
}

const words = document.getElementById("words").content;

export function word(name, values = {}) {
  const found = words.querySelector(`[data-word="${name}"]`);
  return (found ? found.textContent : name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function element(tag, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...inside);
  return made;
}
