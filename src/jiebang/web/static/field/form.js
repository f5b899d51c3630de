/* A form the server drew, filled in here: questions that depend on others, gaps, photos, and every letter kept. */
import { element, part, slot, word } from "./dom.js";
import { NotAPhoto, small } from "./photos.js";
import * as queue from "./queue.js";

const PREFIX = "a.";
const PAUSE = 400; // ms without a letter, then what is written is kept
const FEW = 12; // places one can still look through without searching

/* Draw `form` into `host` with what `item` holds already. */
export function mount(host, form, item, { account, places, failed }) {
  host.innerHTML = form.html; // the server's own template, escaped there; kept by this app alone
  const within = host.closest("form");
  fillPlaces(host, places);
  restore(within, item);
  dependOnOthers(host, within);
  host.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
  const keep = () => {
    collect(within, item);
    return queue.keep(account, item).catch(failed);
  };
  for (const question of form.questions.filter((one) => one.files)) takePhotos(host, question, item, account, failed, keep);
  const later = afterPause(keep);
  const now = () => document.visibilityState === "hidden" && later.hurry(); // the camera may push us out of memory
  within.addEventListener("input", later);
  document.addEventListener("visibilitychange", now);
  return {
    stop() {
      document.removeEventListener("visibilitychange", now);
      later.stop();
    },
    leave: () => later.hurry(),
  };
}

export function collect(within, item) {
  item.answers = {};
  for (const [name, value] of new FormData(within)) {
    if (name.startsWith(PREFIX) && typeof value === "string") (item.answers[name.slice(PREFIX.length)] ??= []).push(value);
  }
  item.place = within.elements.place?.value ?? "";
  item.unit = within.elements.unit?.value ?? "";
  item.place_title = within.elements.place?.selectedOptions?.[0]?.text ?? "";
}

function restore(within, item) {
  const had = {}; // an answer may have several fields, such as a position and how it was measured
  for (const field of within.elements) {
    const isAnswer = field.name?.startsWith(PREFIX) && field.type !== "file";
    const name = isAnswer ? field.name.slice(PREFIX.length) : "";
    const place = field.type === "radio" ? 0 : (had[name] = (had[name] ?? -1) + 1);
    const value = isAnswer ? item.answers[name]?.[place] : item[field.name];
    if (value === undefined || !(isAnswer || ["place", "unit"].includes(field.name))) continue;
    if (field.type === "radio") field.checked = field.value === value;
    else if (value || isAnswer) field.value = value;
  }
}

function afterPause(work) {
  let timer = 0;
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const later = () => {
    stop();
    timer = setTimeout(later.hurry, PAUSE);
  };
  later.stop = stop;
  later.hurry = () => {
    if (!timer) return undefined;
    stop();
    return work();
  };
  return later;
}

/* ── Questions ── */

function dependOnOthers(host, within) {
  const looks = [...host.querySelectorAll("[data-if]")].map((asked) => () => {
    const given = new FormData(within).get(asked.dataset.if) || "";
    asked.hidden = asked.dataset.ifValues.split(" ").includes(given) === "ifNot" in asked.dataset;
  });
  const look = () => looks.forEach((one) => one());
  within.addEventListener("change", look);
  look();
}

function fillPlaces(host, places) {
  const select = host.querySelector("select[name=place]");
  if (!select) return;
  const first = select.options[0];
  const show = (wanted) => {
    const chosen = select.value;
    const found = places.filter(([code, title]) => code === chosen || title.includes(wanted));
    select.replaceChildren(first, ...found.map(([code, title]) => new Option(title, code)));
    select.value = chosen;
    if (wanted && !chosen && found.length === 1) select.value = found[0][0];
  };
  show("");
  if (places.length === 1) select.value = places[0][0];
  const search = host.querySelector(".narrow-places");
  search.hidden = places.length <= FEW;
  search.addEventListener("input", () => show(search.value.trim()));
}

function isAsked(question, answers) {
  return question.only_if.every(({ field, values, negated }) => values.includes(answers[field]?.[0]) !== negated);
}

/* Return what is still missing, in the server's own sentences: `{anchor, what}`. */
export function gaps(form, item, within) {
  const found = [];
  if (within.elements.place && !item.place) found.push({ anchor: within.elements.place.id, what: word("empty-place") });
  for (const question of form.questions) {
    if (!isAsked(question, item.answers)) continue;
    const text = (item.answers[question.name]?.[0] ?? "").trim();
    const isEmpty = question.files ? !item.photos.some((photo) => photo.question === question.name) : !text;
    if (isEmpty && !question.optional) found.push({ anchor: question.anchor, what: question.missing });
    const { title, most } = question;
    const n = [...text].length;
    if (!question.files && n > most) found.push({ anchor: question.anchor, what: word("too-long", { title, n, most }) });
  }
  return found;
}

/* Write each problem beside its question, and all of them above the form. */
export function showProblems(page, problems) {
  for (const old of page.querySelectorAll(".question .error")) old.remove();
  for (const old of page.querySelectorAll(".question.wrong")) old.classList.remove("wrong");
  const summary = page.querySelector(".error-summary");
  summary.hidden = problems.length === 0;
  const lines = problems.map(({ anchor, what, next_step = "" }) => {
    const field = document.getElementById(anchor) ?? page.querySelector(`[name="${anchor}"]`);
    const text = [what, next_step].filter(Boolean).join(" ");
    const question = field?.closest(".question");
    if (question) {
      question.classList.add("wrong");
      question.querySelector(".title").after(part("mistake", { what: text }));
      field.setAttribute("aria-invalid", "true");
    }
    const line = part("problem", { link: text });
    slot(line, "link").addEventListener("click", (event) => {
      event.preventDefault();
      field?.focus();
    });
    return line;
  });
  slot(summary, "problem_list").replaceChildren(...lines);
  if (problems.length) summary.focus();
}

/* ── Photos ── */

function takePhotos(host, question, item, account, failed, keep) {
  const input = host.querySelector(`input[type=file][name="${PREFIX}${question.name}"]`);
  const list = element("ul", { className: "held" });
  const said = element("p", { className: "small" });
  said.setAttribute("role", "status");
  input.before(list);
  input.after(said);
  const draw = () => {
    const own = item.photos.filter((photo) => photo.question === question.name);
    list.hidden = own.length === 0;
    list.replaceChildren(
      ...own.map((photo, place) => {
        const title = word("photo-n", { n: place + 1, kb: Math.max(1, Math.round(photo.size / 1024)) });
        const line = part("photo", { title, remove: true });
        const button = slot(line, "remove");
        button.setAttribute("aria-label", `${button.textContent}: ${title}`);
        button.addEventListener("click", async () => {
          await queue.dropPhoto(account, item, photo.id).catch(failed);
          draw();
          input.focus();
        });
        return line;
      }),
    );
  };
  input.addEventListener("change", async () => {
    const files = [...input.files];
    said.textContent = "";
    await keep(); // what is written first: it is worth more than the photo
    for (const file of files) {
      if (item.photos.filter((photo) => photo.question === question.name).length >= question.most) {
        said.textContent = word("photo-most", { most: question.most });
        break;
      }
      try {
        const { bytes, id } = await small(file);
        const isNew = !item.photos.some((photo) => photo.id === id);
        if (isNew) await queue.keepPhoto(account, item, { question: question.name, id, bytes });
      } catch (error) {
        if (error instanceof NotAPhoto) said.textContent = word("photo-bad");
        else failed(error);
      }
      draw();
    }
    input.value = "";
  });
  draw();
}
