/* The phone's own database. Every change is one transaction: a matter and its photos are kept together or not at all.

   kept      the account, its key and numbers, under "account"; a wish to sign out, under "leaving"
   entries   today's list, as the server sent it
   forms     the forms of that list, by their marks
   items     what was written here, each with its own key; everything but its state is sealed
   photos    the photos of items, sealed */

// Several cities may stand under one portal's address, each at a path of its own: what is one's is not the other's.
export const NAME = `jiebang-field:${document.body.dataset.field}`;
const VERSION = 1;

let opened = null;

export function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const base = request.result;
      base.createObjectStore("kept");
      base.createObjectStore("entries", { keyPath: "number" });
      base.createObjectStore("forms", { keyPath: "mark" });
      base.createObjectStore("items", { keyPath: "id" });
      base.createObjectStore("photos", { keyPath: "id" }).createIndex("item", "item");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/* Run `work` with the stores named. It must not wait for anything but the database. */
export async function change(names, work) {
  const base = await open();
  return new Promise((resolve, reject) => {
    // strict: "kept" may only be said when the phone's disk has it.
    const transaction = base.transaction(names, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    try {
      work(...names.map((name) => transaction.objectStore(name)));
    } catch (error) {
      reject(error);
      transaction.abort(); // or what was put before the mistake would stay
    }
  });
}

async function read(name, ask) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const request = ask(base.transaction(name).objectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const get = (name, key) => read(name, (store) => store.get(key));
export const all = (name) => read(name, (store) => store.getAll());
export const photosOf = (item) => read("photos", (store) => store.index("item").getAll(item));
