/* Keeps the app's own files, never an entry: the shell, its scripts, styles and pictures, as TOLD names them above.
   Everything else goes to the network as if this were not here. */
const OURS = `field:${TOLD.scope}:`; // the cache is shared with everything else at this address
const CACHE = OURS + TOLD.version;

self.addEventListener("install", (event) => event.waitUntil(fetchAll()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function fetchAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll(TOLD.kept.map((address) => new Request(address, { cache: "reload" })));
  await self.skipWaiting();
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(shell(request, address));
  else if (TOLD.kept.includes(address.pathname)) event.respondWith(kept(request));
});

async function shell(request, address) {
  const cache = await caches.open(CACHE);
  // After a change of language or of type size, the shell is drawn anew; without a network the old one serves.
  if (address.searchParams.has("fresh")) {
    try {
      await cache.add(new Request(TOLD.shell, { cache: "reload" }));
    } catch {
      /* no network: the old one */
    }
  }
  return (await cache.match(TOLD.shell)) ?? fetch(request);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}
