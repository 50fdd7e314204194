// @ts-check
// Keeps the look of the wallet and one page for when the server is out of reach. Cards, requests and symbols are never
// kept: they come from the server, which knows the time and whether the wallet is open.
const version = "VERSION";
/** @type {string[]} */
const kept = /** @type {any} */ ("KEPT");
const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(kept)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== version).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const request = event.request;
  if (request.method !== "GET") return;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(kept[0])) ?? Response.error()));
  } else if (kept.includes(path)) {
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  }
});
