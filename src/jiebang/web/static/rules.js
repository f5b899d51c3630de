/* Conveniences of the author's desk: line numbers, marks on the lines that are objected to, a way from an objection to
   its line, the same indentation on the next line, Ctrl+S. Every page works without this file. */
"use strict";
(() => {
  const text = document.getElementById("text");
  if (!text) return;
  const gutter = text.parentElement.querySelector(".gutter");
  let drawn = "";

  function marks() {
    const seen = document.getElementById("seen");
    return new Set(((seen && seen.dataset.marks) || "").split(" ").filter(Boolean).map(Number));
  }
  function number() {
    const count = text.value.split("\n").length;
    const marked = marks();
    const now = `${count}:${[...marked].join()}`;
    if (now === drawn) return;
    drawn = now;
    const rows = document.createDocumentFragment();
    for (let n = 1; n <= count; n += 1) {
      if (marked.has(n)) {
        const mark = document.createElement("b");
        mark.textContent = String(n);
        rows.append(mark, "\n");
      } else rows.append(`${n}\n`);
    }
    gutter.replaceChildren(rows);
    follow();
  }
  function follow() {
    gutter.style.height = `${text.clientHeight}px`;
    gutter.scrollTop = text.scrollTop;
  }
  function goTo(line) {
    const rows = text.value.split("\n");
    const start = rows.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (rows[line - 1] || "").length);
    const height = parseFloat(getComputedStyle(text).lineHeight);
    text.scrollTop = Math.max(0, (line - 6) * height);
    text.scrollIntoView({ block: "nearest" });
  }

  text.addEventListener("input", number);
  text.addEventListener("scroll", follow);
  new ResizeObserver(follow).observe(text);
  document.body.addEventListener("htmx:afterSwap", number);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line));
  });
  text.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      text.form.requestSubmit(text.form.querySelector("button[value=save]"));
    } else if (event.key === "Enter" && !event.isComposing) {
      const before = text.value.slice(0, text.selectionStart);
      const row = before.slice(before.lastIndexOf("\n") + 1);
      const indent = row.match(/^ */)[0] + (/:\s*$/.test(row) ? "  " : "");
      if (!indent) return;
      event.preventDefault();
      /* insertText keeps the way back with Ctrl+Z, which setting the value would lose */
      document.execCommand("insertText", false, `\n${indent}`);
    }
  });
  number();
})();
