/* Putting pages together from the parts in the shell. A part's places are marked `data-slot`; whatever gets no value
   is taken away. Values are text or nodes, never HTML: only the forms drawn by the server are. */

export function part(name, slots = {}) {
  const copy = document.getElementById("part-" + name).content.cloneNode(true);
  for (const place of copy.querySelectorAll("[data-slot]")) {
    const value = slots[place.dataset.slot];
    if (value === undefined || value === null || value === "" || value === false) place.remove();
    else if (value === true) continue;
    else place.replaceChildren(...[value].flat());
    speak(place);
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
  speak(made);
  return made;
}

const own = document.documentElement.lang;

/* Words somebody wrote in another language than the page's are read aloud in it, as on the pages the server makes. */
function speak(node) {
  if (!node.childNodes.length || node.childElementCount) return;
  const isChinese = /[\u3400-\u9fff]/.test(node.textContent);
  if (isChinese && !own.startsWith("zh")) node.lang = "zh-Hans";
  else if (!isChinese && own.startsWith("zh") && /[A-Za-z]{2,}[^A-Za-z0-9]+[A-Za-z]{2,}/.test(node.textContent)) node.lang = "en";
}
