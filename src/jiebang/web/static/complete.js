/* Completion in the author's text: what may stand under the caret, asked of the server, which knows the language and the
   names of this text. Ctrl+Space asks; while a word is typed the list comes by itself. Tab takes the first or the chosen
   one, arrows choose, Enter takes what was chosen, Escape closes. Without this file the page has a button for a line. */
"use strict";
(() => {
  const text = document.getElementById("text");
  if (!text || !text.dataset.here) return;
  const list = document.createElement("ul");
  const ruler = document.createElement("canvas").getContext("2d");
  let options = [], start = 0, chosen = -1, timer = 0, asking = null;

  list.id = "complete";
  list.className = "complete";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", text.labels[0] ? text.labels[0].textContent : "");
  text.parentElement.append(list);
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", list.id);
  const keys = document.querySelector(".here-keys");
  if (keys) keys.hidden = false;

  function caret() {
    const before = text.value.slice(0, text.selectionStart);
    const begin = before.lastIndexOf("\n") + 1;
    return { line: before.split("\n").length, column: before.length - begin, row: before.slice(begin), begin };
  }
  function close() {
    clearTimeout(timer);
    if (asking) asking.abort();
    list.hidden = true;
    options = [];
    text.removeAttribute("aria-activedescendant");
  }
  async function ask(open) {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = new AbortController();
    const at = caret();
    const sent = new FormData();
    sent.set("text", text.value);
    sent.set("line", at.line);
    sent.set("column", at.column);
    sent.set("csrfmiddlewaretoken", text.form.querySelector("[name=csrfmiddlewaretoken]").value);
    let page;
    try {
      const answer = await fetch(text.dataset.here, { method: "POST", body: sent, signal: asking.signal });
      if (!answer.ok) return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch (stopped) {
      return; /* a newer question, or no network: typing goes on */
    }
    const now = caret();
    if (now.line !== at.line || now.column !== at.column) return;
    const found = page.getElementById("here");
    const word = found.dataset.word || "";
    start = at.begin + Number(found.dataset.start || 0);
    options = [...found.querySelectorAll("[data-insert]")]
      .map((one) => ({
        insert: one.dataset.insert,
        word: one.querySelector("code").textContent,
        says: (one.querySelector("dd") || { textContent: "" }).textContent,
      }))
      .filter((one) => one.word.toLowerCase().startsWith(word.toLowerCase()) && one.word !== word);
    if (!options.length || (!open && !word)) return close();
    show();
    choose(open ? 0 : -1);
  }
  function show() {
    list.replaceChildren(...options.map((one, n) => {
      const item = document.createElement("li");
      item.id = `complete-${n}`;
      item.setAttribute("role", "option");
      const word = document.createElement("code");
      word.textContent = one.word;
      item.append(word);
      if (one.says) {
        const says = document.createElement("small");
        says.textContent = one.says;
        item.append(says);
      }
      return item;
    }));
    list.hidden = false;
    place();
  }
  function place() {
    const at = caret();
    const style = getComputedStyle(text);
    ruler.font = style.font;
    const row = text.value.slice(at.begin, start);
    const height = parseFloat(style.lineHeight);
    const left = text.offsetLeft + parseFloat(style.paddingLeft) + ruler.measureText(row).width - text.scrollLeft;
    const under = text.offsetTop + parseFloat(style.paddingTop) + at.line * height - text.scrollTop;
    const over = under - height - list.offsetHeight;
    const fits = under + list.offsetHeight <= text.offsetTop + text.clientHeight || over < text.offsetTop;
    const top = fits ? under : over;
    list.style.left = `${Math.max(0, Math.min(left, text.parentElement.clientWidth - list.offsetWidth))}px`;
    list.style.top = `${Math.min(top, text.offsetTop + text.clientHeight)}px`;
  }
  function choose(n) {
    chosen = n;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === n)));
    if (n < 0) return text.removeAttribute("aria-activedescendant");
    text.setAttribute("aria-activedescendant", `complete-${n}`);
    list.children[n].scrollIntoView({ block: "nearest" });
  }
  function take(n) {
    const one = options[n];
    close();
    text.focus();
    text.setSelectionRange(start, text.selectionStart);
    /* insertText keeps the way back with Ctrl+Z, which setting the value would lose */
    document.execCommand("insertText", false, one.insert);
    close();
  }

  text.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.isComposing) return;
    list.hidden = true;
    timer = setTimeout(() => ask(false), 250);
  });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      ask(true);
      return;
    }
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose((chosen + step + options.length) % options.length);
    else if (event.key === "Tab") take(Math.max(0, chosen));
    else if (event.key === "Enter" && chosen >= 0) take(chosen);
    else if (event.key === "Escape" || event.key === "Enter") {
      close();
      if (event.key === "Enter") return;
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  list.addEventListener("mousedown", (event) => {
    const item = event.target.closest("li");
    event.preventDefault(); /* the caret stays in the text */
    if (item) take([...list.children].indexOf(item));
  });
  text.addEventListener("blur", close);
  text.addEventListener("scroll", () => { if (!list.hidden) place(); });
  text.addEventListener("click", close);
  for (const event of ["keyup", "click"]) {
    text.addEventListener(event, () => { document.getElementById("here-line").value = caret().line; });
  }
})();
