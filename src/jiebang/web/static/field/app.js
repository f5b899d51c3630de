/* The app: which page is shown, when the list is loaded, when what waits is sent. Where a browser lacks what this
   needs, the page stays the plain one the server made. */
import * as accounts from "./account.js";
import { part, word } from "./dom.js";
import * as pages from "./pages.js";
import * as queue from "./queue.js";
import { sendWaiting } from "./send.js";
import * as store from "./store.js";
import * as wire from "./wire.js";

const SOON = 5_000;
const AT_MOST = 300_000;
const IDLE = 600_000; // between looks at the list while nothing waits

const { dataset } = document.body;
const main = document.getElementById("main");
const state = { account: null, at: "", banner: null, busy: false, isForm: false, online: navigator.onLine, persisted: false };

const failed = (error) => {
  say(word(error instanceof queue.NoRoom ? "full" : "not-kept"));
};

/* ── Pages ── */

/* One page after the other: two at once would draw over each other. */
let drawing = Promise.resolve();

function draw({ unlessWriting = false } = {}) {
  drawing = drawing.then(() => {
    const isWriting = state.isForm && state.at === location.hash;
    return unlessWriting && isWriting ? undefined : drawNow();
  });
  return drawing;
}

async function drawNow() {
  await state.shown?.leave(); // what was typed a moment ago
  state.shown?.stop();
  state.shown = null;
  state.at = location.hash;
  const [name = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  state.isForm = false;
  if (!state.account) return show(pages.welcome(), "today");
  if (name === "e") return rest.length > 1 ? drawMove(...rest) : drawEntry(...rest);
  if (name === "new") return rest.length > 1 ? drawOpening(...rest) : drawWays();
  if (name === "item") return drawItem(...rest);
  if (name === "queue") return drawQueue();
  return drawToday();
}

async function drawToday() {
  const { account } = state;
  const [entries, items] = [await accounts.list(), await queue.mine(account)];
  if (account.forgotten) tell(word("forgotten", { hours: accounts.hoursKept(account) }));
  show(pages.today({ account, entries, items, now: Date.now(), actFrom }), "today");
}

async function entryWithForms(number) {
  const found = await store.get("entries", number);
  if (!found) return [null, []];
  return [found, (await Promise.all(found.forms.map((mark) => store.get("forms", mark)))).filter(Boolean)];
}

async function drawEntry(number) {
  const [entry, forms] = await entryWithForms(number);
  if (!entry) return notHere(word("gone"));
  const items = await queue.mine(state.account);
  const act = (form) => submit(queue.newItem(state.account, moveOf(entry, form), Date.now()));
  show(pages.entry({ entry, forms, items, act }), "today");
}

const moveOf = (entry, form) => ({
  kind: "move", number: entry.number, move: form.name, seq: entry.seq, title: form.title, about: entry.title,
});

async function drawMove(number, move) {
  const [entry, forms] = await entryWithForms(number);
  const form = forms.find((one) => one.name === move);
  if (!entry || !form) return notHere(word("gone"));
  const { kind, seq } = moveOf(entry, form);
  const item = (await queue.draftFor(state.account, { kind, number, move, seq })) ??
    queue.newItem(state.account, moveOf(entry, form), Date.now());
  showForm(item, form, { back: `#/e/${number}`, backTitle: entry.title });
}

async function drawWays() {
  const { openings } = state.account;
  if (openings.length === 1) {
    const [{ mechanism, opening }] = openings;
    return drawOpening(mechanism, opening);
  }
  show(pages.ways({ openings }), "new");
}

async function drawOpening(mechanism, opening) {
  const way = state.account.openings.find((one) => one.mechanism === mechanism && one.opening === opening);
  const form = way && (await store.get("forms", way.form));
  if (!form) return notHere(word("no-ways"));
  const target = { kind: "raise", mechanism, opening };
  const item = (await queue.draftFor(state.account, target)) ??
    queue.newItem(state.account, { ...target, title: way.title, about: way.board }, Date.now());
  const isOnly = state.account.openings.length === 1;
  showForm(item, form, isOnly ? { back: "#/", backTitle: word("untitled") } : { back: "#/new", backTitle: way.board }, "new");
}

/* An item that came back, or was left unfinished: its form as it is now, with what was written. */
async function drawItem(id) {
  const item = (await queue.mine(state.account)).find((one) => one.id === id);
  if (!item || !["draft", "refused", "overtaken"].includes(item.state)) return notHere(word("gone"));
  const back = { back: "#/queue", backTitle: word("queue") };
  if (item.kind === "raise") {
    const way = state.account.openings.find((one) => one.mechanism === item.mechanism && one.opening === item.opening);
    const form = way && (await store.get("forms", way.form));
    return form ? showForm(item, form, back, "queue") : drawLost(item);
  }
  let [entry, forms] = await entryWithForms(item.number);
  if (item.state === "overtaken" && entry?.seq === item.seq && (await load())) {
    // The list was as old as the item: to decide again on it would be to be overtaken again.
    if (!state.account) return show(pages.welcome(), "today");
    [entry, forms] = await entryWithForms(item.number);
  }
  const form = forms.find((one) => one.name === item.move);
  if (!entry || !form) return drawLost(item);
  showForm({ ...item, seq: entry.seq }, form, back, "queue");
}

function drawLost(item) {
  show(pages.lost({ item, throwAway: () => throwAway(item) }), "queue");
}

function showForm(item, drawn, { back, backTitle }, tab = "today") {
  const { account } = state;
  const { title, about } = item;
  const { page, mounted } = pages.fill({ back, backTitle, title, about, drawn, item, account, submit, failed });
  show(page, tab);
  state.isForm = true;
  state.shown = mounted(main);
}

async function drawQueue() {
  const { account, persisted } = state;
  const [items, others] = [await queue.mine(account), await queue.ofOthers(account)];
  show(pages.queue({ items, others, persisted, send: () => work({ now: true }), throwAway }), "queue");
}

function notHere(text) {
  tell(text);
  return drawToday();
}

function show(page, tab) {
  const focused = document.activeElement;
  const hadFocus = main.contains(focused) || focused === document.body;
  main.replaceChildren(page);
  if (state.banner?.at === here()) showBanner(state.banner.text);
  else document.getElementById("said").textContent = "";
  for (const link of document.querySelectorAll(".field-tabs a")) {
    if (link.dataset.tab === tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const heading = main.querySelector("h1");
  document.title = [heading?.textContent, word("untitled")].filter(Boolean).join(" · ");
  if (state.hasDrawn && hadFocus && state.moved) heading?.focus({ preventScroll: true });
  else if (hadFocus && focused !== document.body) (sameAs(focused) ?? heading)?.focus({ preventScroll: true });
  if (state.moved) main.parentElement.scrollTo(0, 0);
  state.hasDrawn = true;
  state.moved = false;
}

/* The link or button that stands where the one with the focus stood before the page was drawn again. */
function sameAs(gone) {
  const alike = (one) => one.tagName === gone.tagName && one.getAttribute("href") === gone.getAttribute("href");
  const found = [...main.querySelectorAll("a, button, summary")].filter(alike);
  return found.find((one) => one.textContent === gone.textContent) ?? (gone.tagName === "A" ? found[0] : undefined);
}

const here = () => location.hash || "#/";

/* A word above the page, until its reader goes on to another one. */
function tell(text, at = here()) {
  state.banner = { text, at };
}

function say(text) {
  main.querySelector(".banner.told")?.remove();
  showBanner(text);
  main.parentElement.scrollTo(0, 0);
}

/* Seen above the page; said aloud in a place that was there before, which is what readers aloud listen to. */
function showBanner(text) {
  main.prepend(part("banner", { text }));
  const said = document.getElementById("said");
  if (said.textContent !== text) said.textContent = text;
}

/* Draw what changed underneath, but never a form under the hands of who is writing. */
async function redraw() {
  await drawStatus();
  await draw({ unlessWriting: true });
}

async function drawStatus() {
  const items = state.account ? await queue.mine(state.account) : [];
  const n = items.filter((item) => item.state === "waiting" || item.state === "sending").length;
  const trouble = items.filter((item) => item.state === "refused" || item.state === "overtaken").length;
  const entries = state.account ? await accounts.list() : [];
  const parts = [state.busy ? word(n ? "sending-n" : "fetching") : word(state.online ? "network" : "no-network")];
  if (state.account) parts.push(word("as_of", { moment: state.account.as_of }));
  if (n) parts.push(word("n-wait", { n }));
  document.getElementById("status").textContent = parts.join(" · ");
  document.documentElement.dataset.network = state.online ? "on" : "off";
  count("today", entries.length);
  count("queue", n + trouble);
}

function count(tab, n) {
  document.querySelector(`[data-tab=${tab}] [data-count]`).textContent = n || "";
}

/* ── Doing ── */

async function submit(item) {
  const { office = "", offices = [] } = state.account;
  // As whom it was done goes with it: the choice may be another one by the time it is sent.
  const office_title = offices.find(([key]) => key === office)?.[1] ?? "";
  const ready = { ...item, office, office_title, state: "waiting", note: null, tries: 0 };
  try {
    await queue.keep(state.account, ready);
  } catch (error) {
    return failed(error);
  }
  state.persisted = (await navigator.storage?.persist?.()) ?? false;
  tell(word("queued"), "#/");
  goTo("#/");
  work({ now: true });
}

function goTo(hash) {
  state.moved = true;
  if (here() === hash) redraw();
  else location.hash = hash;
}

/* Act from another office: its list is another one, so it takes a network. Without one nothing changes. */
async function actFrom(office) {
  if (!(await load(office))) tell(word("office-later"));
  goTo("#/");
}

async function throwAway(item) {
  await queue.remove(item);
  if (location.hash === "#/queue") redraw();
  else goTo("#/queue");
}

/* ── Loading and sending ── */

let timer = 0;
let pause = SOON;
let again = false;

/* Send what waits, then load the list. One at a time; asked again meanwhile, it goes round once more. */
async function work({ now = false } = {}) {
  clearTimeout(timer);
  if (now) pause = SOON;
  if (state.busy) {
    again = true;
    return;
  }
  state.busy = true;
  await drawStatus();
  let wait = 0;
  try {
    do {
      again = false;
      wait = await onceRound();
    } while (again);
  } finally {
    state.busy = false;
    await redraw();
    timer = setTimeout(work, wait);
  }
}

/* Return how long to wait before the next round. */
async function onceRound() {
  if (await wantsToLeave()) return SOON * 6;
  let end = { why: "done", wait: 0, sent: 0 };
  if (state.account) {
    end = await sendWaiting(state.account, redraw);
    if (end.why === "stale" && (await load())) end = await sendWaiting(state.account, redraw);
    if (end.sent) tell(await lastReceipt());
  }
  if (end.why === "other-account") await signedOut("other-account");
  // Whatever was sent has changed the list; without anything to send this is how the list comes.
  const loaded = end.why !== "offline" && (await load());
  state.online = loaded || (end.why !== "offline" && state.online && navigator.onLine);
  const waits = state.account && (await queue.mine(state.account)).some((item) => ["waiting", "sending"].includes(item.state));
  if (!waits) return loaded ? IDLE : SOON * 6;
  // Something went through: the line is thin, not dead.
  pause = end.sent || (loaded && end.why === "done") ? SOON : Math.min(pause * 2, AT_MOST);
  return Math.max(pause, end.wait);
}

async function lastReceipt() {
  const sent = (await queue.mine(state.account)).filter((item) => item.state === "sent");
  const last = sent.sort((one, other) => one.receipt.at - other.receipt.at).at(-1);
  return last ? word("receipt", last.receipt) : "";
}

/* Load the list; false when the city could not be reached. */
async function load(office = state.account?.office ?? "") {
  const { status, told } = await wire.today(office);
  if (status === 200 && told?.who) {
    state.account = await accounts.take(told, Date.now());
    state.online = true;
    if (told.version !== dataset.version) (await navigator.serviceWorker.getRegistration())?.update();
    return true;
  }
  if (status === 401) await signedOut("signed-out");
  if (status === 403 && told?.code === "no-office") await signedOut("no-office");
  if (status === 0) state.online = false;
  return status === 401 || status === 403;
}

async function signedOut(why) {
  const had = state.account !== null;
  await accounts.leave();
  state.account = null;
  if (had || why === "no-office") tell(word(why));
  if (had) state.isForm = false;
}

/* ── Signing out ── */

/* Put list and key away at once, network or not; the server hears of it now or at the next contact. */
async function leave(event) {
  event.preventDefault();
  const token = state.account?.token;
  await accounts.leave({ wish: true });
  state.account = null;
  state.isForm = false;
  tell(word("signed-out"), "#/");
  goTo("#/");
  if (token && (await wire.signOut(token))) await forgetWish();
}

const forgetWish = () => store.change(["kept"], (kept) => kept.delete("leaving"));

/* Somebody signed out without a network: end the session before anything else is asked. */
async function wantsToLeave() {
  if (!(await store.get("kept", "leaving"))) return false;
  const { status, told } = await wire.today();
  state.online = status !== 0;
  if (status === 401 || (status === 200 && (await wire.signOut(told.token)))) await forgetWish();
  return true;
}

/* ── Beginning ── */

function followManner() {
  // The shell may be older than the reader's last wish.
  const cookies = new Map(document.cookie.split("; ").map((cookie) => cookie.split("=")));
  const root = document.documentElement;
  root.toggleAttribute("data-elder", cookies.get("elder") === "1");
  const theme = cookies.get("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

async function keepShell() {
  const had = navigator.serviceWorker.controller;
  await navigator.serviceWorker.register(dataset.field + "worker.js", { updateViaCache: "none" });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // A newer app is here: take it when nobody is writing.
    if (had && !state.isForm) location.reload();
  });
}

async function begin() {
  document.querySelector(".field-tabs").hidden = false;
  document.documentElement.dataset.app = "";
  followManner();
  state.account = (await accounts.account()) ?? null;
  if (state.account) {
    state.account = await accounts.forgetIfStale(state.account, Date.now());
    await queue.tidy(state.account, Date.now());
  }
  state.persisted = (await navigator.storage?.persisted?.()) ?? false;
  await redraw();
  document.getElementById("leave").addEventListener("click", leave);
  window.addEventListener("hashchange", () => {
    state.moved = true;
    if (state.banner?.at !== here()) state.banner = null;
    drawStatus();
    draw();
  });
  window.addEventListener("online", () => work({ now: true }));
  window.addEventListener("offline", () => {
    state.online = false;
    redraw();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && work({ now: true }));
  await work({ now: true });
  await keepShell();
}

if (window.isSecureContext && "serviceWorker" in navigator && "indexedDB" in window && crypto.subtle) begin();
