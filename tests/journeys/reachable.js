/* All that can be reached with Tab, in the order of the document; of a group of radio buttons the chosen or first one. */
() => {
  const able = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, audio[controls], [tabindex], iframe")]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && !e.closest("[inert]") &&
      e.checkVisibility({ visibilityProperty: true }) && !(e.tagName === "A" && !e.getAttribute("href") && !e.href?.baseVal && !e.hasAttribute("tabindex")));
  return able.filter((e) => {
    if (e.type !== "radio") return true;
    const group = able.filter((o) => o.type === "radio" && o.name === e.name && o.form === e.form);
    return e === (group.find((o) => o.checked) || group[0]);
  }).map((e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : e.className.length ? "." + String(e.className.baseVal ?? e.className).split(" ")[0] : ""));
}
