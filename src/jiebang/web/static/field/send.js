/* Sending what waits, one item after the other, oldest first. An item that breaks off half-way is simply sent again:
   its key makes the server answer with the first receipt.

   A round ends with why it ended: "done", "offline", "signed-out", "other-account", "no-office", "stale" (the token
   is too old: load the list, then go on), or "later" with a wait in milliseconds. */
import * as queue from "./queue.js";
import { NAME } from "./store.js";
import * as wire from "./wire.js";

const ROUNDS = 5; // photos asked for, again and again, by a server that loses them
const ENDINGS = { 401: "signed-out", 429: "later", 403: "stale" };

export async function sendWaiting(account, told) {
  if (!navigator.locks) return round(account, told);
  // Two open windows would only get the same receipts, but they would draw over each other.
  return navigator.locks.request(NAME, { ifAvailable: true }, (lock) =>
    lock ? round(account, told) : { why: "later", wait: 5000, sent: 0 },
  );
}

async function round(account, told) {
  let sent = 0;
  let failed = false;
  for (const item of await queue.mine(account)) {
    if (item.state !== "waiting" && item.state !== "sending") continue;
    await queue.keep(account, { ...item, state: "sending", tries: item.tries + 1 });
    told();
    const reply = await sendOne(account, item);
    const end = await settle(account, { ...item, tries: item.tries + 1 }, reply);
    told();
    if (end === "sent") sent += 1;
    else if (end === "failed") failed = true; // ours broke on this one: the others may still go
    else if (end) return { why: end, wait: reply.wait, sent };
  }
  return { why: failed ? "later" : "done", wait: 0, sent };
}

async function sendOne(account, item) {
  const { id, photos, office, number, move, seq, mechanism, opening, place, unit, answers } = item;
  const body = { key: id, number, move, seq, mechanism, opening, place, unit, answers };
  body.photos = photos.map((photo) => photo.id);
  let reply = await wire.item(account, office, body);
  for (let n = 0; n < ROUNDS && reply.status === 202 && reply.told?.missing; n += 1) {
    for (const photo of photos.filter((one) => reply.told.missing.includes(one.id))) {
      const bytes = await queue.photo(account, item, photo.id);
      const kept = await wire.photo(account, id, { ...photo, bytes });
      if (kept.status !== 200) return kept;
    }
    reply = await wire.item(account, office, body);
  }
  return reply;
}

/* Write down what became of it; return how the round goes on: undefined for the next one. */
async function settle(account, item, { status, told }) {
  if (status === 200 && told?.number) {
    await queue.arrived(account, item, { ...told, at: Date.now() });
    return "sent";
  }
  if (status === 409 && told?.code) {
    await queue.keep(account, { ...item, state: "overtaken", note: told });
    return undefined;
  }
  if ([400, 404, 413].includes(status) && told?.code) {
    await queue.keep(account, { ...item, state: "refused", note: told });
    return undefined;
  }
  await queue.keep(account, { ...item, state: "waiting" });
  if (told?.code === "other-account" || told?.code === "no-office") return told.code;
  if (status in ENDINGS) return ENDINGS[status];
  return status >= 500 ? "failed" : "offline";
}
