/* The pages of the app. Each takes what is known and returns its content; nothing here sends or keeps anything but
   through the doors it is handed. */
import { element, part, slot, word } from "./dom.js";
import * as form from "./form.js";

const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

const href = (...parts) => "#/" + parts.map(encodeURIComponent).join("/");

export function welcome() {
  const page = part("welcome", { login: true });
  slot(page, "login").href = document.body.dataset.login;
  return page;
}

const isUnsent = (item) => item.state === "waiting" || item.state === "sending";

export function today({ account, entries, items, now, actFrom }) {
  const waiting = new Set(items.filter(isUnsent).map((item) => item.number));
  const rows = entries.map((entry) => {
    const isLate = entry.is_late || (entry.due_at > 0 && entry.due_at < now);
    const slots = { ...entry, link: true, late: isLate, pending: waiting.has(entry.number) };
    const row = part("row", slots);
    slot(row, "link").href = href("e", entry.number);
    return row;
  });
  const nothing = account.forgotten ? [] : [part("nothing")];
  return part("today", {
    as_of: word("as_of", { moment: account.as_of }),
    chair: account.offices?.length ? chair(account, actFrom) : null,
    cut: account.is_cut && rows.length > 0,
    rows: rows.length ? rows : nothing,
  });
}

/* As whom one acts from here on, for whoever holds several offices. */
function chair(account, actFrom) {
  const select = element("select", { id: "chair", name: "chair" });
  select.append(new Option(word("all-offices"), ""), ...account.offices.map(([key, title]) => new Option(title, key)));
  select.value = account.office;
  select.addEventListener("change", () => {
    select.disabled = true;
    actFrom(select.value);
  });
  return [element("label", { htmlFor: "chair" }, word("acting-as")), select];
}

export function entry({ entry: known, forms, items, act }) {
  const isPending = items.some((item) => isUnsent(item) && item.number === known.number);
  const notices = [];
  if (!known.is_screened) {
    const online = element("a", { href: known.href, className: "button" }, word("open-online"));
    notices.push(element("p", {}, word("unread")), element("p", {}, online));
  }
  if (isPending) notices.push(element("p", { className: "banner" }, word("pending")));
  const moves = isPending ? [] : forms.map((one) => moveButton(known, one, act));
  const nothing = isPending || !known.is_screened ? [] : [element("p", {}, word("no-moves"))];
  const page = part("entry", {
    ...known,
    notice: notices.length ? notices : null,
    moves: moves.length ? moves : nothing,
    told: known.told.length > 0,
    steps: known.told.map(step),
  });
  if (isPending || !known.is_screened) page.querySelector(".do").remove();
  for (const line of page.querySelectorAll(".facts > div")) if (!line.querySelector("dd")) line.remove();
  return page;
}

/* What is owed stands out. A step that asks nothing is done by this one press. */
function moveButton(known, one, act) {
  const kind = one.asked ? "primary large" : "strong";
  const isBare = one.questions.length === 0 && !one.html.includes("<select");
  const properties = { className: `button wide ${kind}` };
  if (!isBare) return element("a", { ...properties, href: href("e", known.number, one.name) }, one.title);
  const button = element("button", { ...properties, type: "button" }, one.title);
  button.addEventListener("click", () => {
    button.disabled = true;
    act(one);
  });
  return button;
}

function step(one) {
  return part("step", {
    what: one.what,
    when: [one.when, one.who].filter(Boolean).join(" · "),
    note: one.note,
    answers: one.told.flatMap(({ title, text }) => [element("dt", {}, title), element("dd", {}, text)]),
  });
}

export function ways({ openings }) {
  const made = openings.map((way) =>
    element(
      "a",
      { className: "button wide large", href: href("new", way.mechanism, way.opening) },
      way.title,
      element("small", { className: "quiet" }, way.board),
    ),
  );
  return part("new", { ways: made.length ? made : [element("p", {}, word("no-ways"))] });
}

/* A form to fill in. `submit(item)` is called once nothing is missing. */
export function fill({ back, backTitle, title, about, drawn, item, account, submit, failed }) {
  const page = part("form", {
    back: true, back_title: backTitle, title, about, problems: true, problem_list: [], questions: true, go: title,
    kept: true,
  });
  slot(page, "back").href = back;
  const within = page.querySelector("form");
  page.querySelector(".error-summary").hidden = true;
  return {
    page,
    mounted(main) {
      const shown = form.mount(slot(main, "questions"), drawn, item, { account, places: account.places, failed });
      if (item.note?.problems) form.showProblems(main, item.note.problems);
      within.addEventListener("submit", (event) => {
        event.preventDefault();
        shown.stop();
        form.collect(within, item);
        const gaps = form.gaps(drawn, item, within);
        form.showProblems(main, gaps);
        if (gaps.length === 0) submit(item);
      });
      return shown;
    },
  };
}

/* What somebody wrote for a step that is no longer possible: to be read, copied, thrown away. */
export function lost({ item, throwAway }) {
  const page = part("form", { title: item.title, about: item.about, problems: false, questions: false });
  const told = Object.values(item.answers).flat().filter(Boolean);
  const box = element("div", {}, element("p", { className: "banner" }, word("no-form")));
  box.append(...told.map((text) => element("p", { className: "told-text" }, text)), throwButton(throwAway));
  page.querySelector("form").replaceWith(box);
  return page;
}

function throwButton(throwAway) {
  const button = element("button", { type: "button", className: "button quiet" }, word("remove"));
  button.addEventListener("click", () => window.confirm(word("sure")) && throwAway());
  return button;
}

/* ── The queue ── */

const TAGS = { draft: "waiting", waiting: "waiting", sending: "open", sent: "struck", refused: "failed", overtaken: "overdue" };

export function queue({ items, others, persisted, send, throwAway }) {
  const unsent = items.filter(isUnsent);
  const page = part("queue", {
    lead: word(items.length ? "some-queue" : "empty-queue"),
    send: unsent.length > 0,
    items: [...items].reverse().map((item) => queued(item, throwAway)),
    others: others ? word("others", { n: others }) : "",
    persisted: items.length ? word(persisted ? "persisted" : "not-persisted") : "",
  });
  const button = page.querySelector("[data-slot=send] button");
  button?.addEventListener("click", send);
  return page;
}

function queued(item, throwAway) {
  const actions = [];
  const again = { draft: "go-on", refused: "mend", overtaken: "redo" }[item.state];
  if (again) {
    actions.push(element("a", { className: "button strong", href: href("item", item.id) }, word(again)), throwButton(() => throwAway(item)));
  }
  if (item.state === "waiting" && item.tries === 0) actions.push(throwButton(() => throwAway(item)));
  if (item.state === "sent") {
    const away = element("button", { type: "button", className: "button quiet" }, word("clear"));
    away.addEventListener("click", () => throwAway(item));
    actions.push(element("a", { className: "button", href: item.receipt.href }, word("see")), away);
  }
  const isTrouble = item.state === "refused" || item.state === "overtaken";
  const row = part("item", {
    state: word(item.state),
    made: word("made", { moment: moment.format(item.made) }),
    title: item.title,
    about: [item.number, item.about, item.place_title, item.office_title].filter(Boolean).join(" · "),
    receipt: item.state === "sent" ? word("receipt", item.receipt) : "",
    what: isTrouble ? item.note.what : "",
    next_step: isTrouble ? item.note.next_step : item.state === "waiting" && item.tries > 0 ? word("retry") : "",
    actions: actions.length ? actions : null,
  });
  row.firstElementChild.dataset.state = item.state;
  slot(row, "state").classList.add(TAGS[item.state]);
  return row;
}
