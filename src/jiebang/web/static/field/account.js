/* Whose phone this is at the moment, the list the city gave it, and how both are forgotten. */
import * as store from "./store.js";
import { keyFrom } from "./seal.js";

const HOUR = 3600 * 1000;

export const account = () => store.get("kept", "account");

/* Take over what the server said: a list of another account goes, with its key, before the new one stands here. */
export async function take(told, now) {
  const key = await keyFrom(told.key);
  const { entries, forms, ...rest } = told;
  const made = { ...rest, key, synced: now, seen: now };
  await store.change(["kept", "entries", "forms"], (kept, list, drawn) => {
    kept.put(made, "account");
    list.clear();
    drawn.clear();
    entries.forEach((entry, place) => list.put({ ...entry, place_in_list: place }));
    for (const [mark, form] of Object.entries(forms)) drawn.put({ ...form, mark });
  });
  return made;
}

/* Signed out, or ended by the server: list and key go; what waits stays, sealed. */
export async function leave({ wish = false } = {}) {
  await store.change(["kept", "entries", "forms"], (kept, list, drawn) => {
    kept.delete("account");
    if (wish) kept.put(true, "leaving");
    list.clear();
    drawn.clear();
  });
}

/* Put the list away when the city has not been heard for too long. What the person wrote, and the forms for raising,
   stay: a storm may last longer. A clock put back does not help: the latest time ever seen here counts. */
export async function forgetIfStale(known, now) {
  const seen = Math.max(known.seen ?? 0, now);
  const stale = seen - known.synced > known.forget_after;
  const list = stale ? await store.all("entries") : [];
  const forgotten = known.forgotten || list.length > 0;
  const needed = new Set(known.openings.map((way) => way.form));
  const made = { ...known, seen, forgotten };
  await store.change(["kept", "entries", "forms"], (kept, entries, forms) => {
    kept.put(made, "account");
    if (!stale) return;
    entries.clear();
    forms.openKeyCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      if (!needed.has(cursor.key)) forms.delete(cursor.key);
      cursor.continue();
    };
  });
  return made;
}

export const hoursKept = (known) => Math.round(known.forget_after / HOUR);

export async function list() {
  return (await store.all("entries")).sort((one, other) => one.place_in_list - other.place_in_list);
}
