/* What was written here and has not arrived. An item is kept from the first letter: first as a draft, then it waits,
   is on its way, and in the end was taken, was refused, or was overtaken. Its id is the key under which the server
   knows it: however often it is sent, it is done once. */
import * as store from "./store.js";
import { newKey, seal, sealed, unseal, unsealed } from "./seal.js";

const DAY = 24 * 3600 * 1000;
const ROOM_LEFT = 2_000_000; // bytes; below that the browser itself begins to fail

export class NoRoom extends Error {}

export function newItem(account, target, now) {
  return { id: newKey(), who: account.who, made: now, state: "draft", tries: 0, answers: {}, photos: [], ...target };
}

/* The draft of this very form, if there is one: a page that is opened again goes on with it. */
export async function draftFor(account, target) {
  const same = (item) => Object.keys(target).every((name) => item[name] === target[name]);
  return (await mine(account)).find((item) => item.state === "draft" && same(item)) ?? null;
}

export async function mine(account) {
  const found = [];
  for (const { id, who, made, state, box } of await store.all("items")) {
    if (who === account.who) found.push({ ...(await unsealed(account.key, box)), id, who, made, state });
  }
  return found.sort((one, other) => one.made - other.made);
}

export async function ofOthers(account) {
  return (await store.all("items")).filter((item) => item.who !== account?.who).length;
}

async function record(account, { id, who, made, state, ...rest }) {
  return { id, who, made, state, box: await sealed(account.key, rest) };
}

export async function keep(account, item) {
  const made = await record(account, item);
  await kept(() => store.change(["items"], (items) => items.put(made)));
}

/* Keep a photo with its item, both or neither. */
export async function keepPhoto(account, item, { question, id, bytes }) {
  await needRoom(bytes.byteLength);
  item.photos.push({ question, id, size: bytes.byteLength });
  const made = await record(account, item);
  const box = await seal(account.key, bytes);
  try {
    await kept(() =>
      store.change(["items", "photos"], (items, photos) => {
        items.put(made);
        photos.put({ id: `${item.id}:${id}`, item: item.id, box });
      }),
    );
  } catch (error) {
    item.photos.pop();
    throw error;
  }
}

export async function dropPhoto(account, item, id) {
  item.photos = item.photos.filter((photo) => photo.id !== id);
  const made = await record(account, item);
  await store.change(["items", "photos"], (items, photos) => {
    items.put(made);
    photos.delete(`${item.id}:${id}`);
  });
}

export async function photo(account, item, id) {
  return unseal(account.key, (await store.get("photos", `${item.id}:${id}`)).box);
}

export async function remove(item) {
  await change(["items"], item, (items) => items.delete(item.id));
}

/* It has arrived: the receipt is kept for a day, what it said is not. */
export async function arrived(account, item, receipt) {
  const made = await record(account, { ...item, state: "sent", answers: {}, photos: [], note: null, receipt });
  await change(["items"], item, (items) => items.put(made));
}

async function change(names, item, work) {
  const photos = await store.photosOf(item.id);
  await store.change([...names, "photos"], (...stores) => {
    work(...stores);
    for (const { id } of photos) stores.at(-1).delete(id);
  });
}

export async function tidy(account, now) {
  for (const item of await mine(account)) {
    if (item.state === "sent" && now - (item.receipt?.at ?? item.made) > DAY) await remove(item);
  }
}

/* ── Room ── */

async function needRoom(bytes) {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota && quota - usage < bytes + ROOM_LEFT) throw new NoRoom();
}

async function kept(work) {
  try {
    await work();
  } catch (error) {
    throw error?.name === "QuotaExceededError" ? new NoRoom() : error;
  }
}
