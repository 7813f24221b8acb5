/* Keeps the form for field reports at hand without a network: the page itself and what it is made of, nothing else.
   It is good for the form alone (scope /reports/new), stores no answer of the API and talks to nobody else. */
"use strict";

const CACHE = "waspada-report-form";
const FORM = "/reports/new";
const PATIENCE_MILLISECONDS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const kept = async (name) => (await caches.open(CACHE)).match(name);

/* The network first, so that the form is the newest one; a network that does not answer counts as none. What comes is not
   kept here: the form's script keeps a page when it has all that the page is made of. */
const form = async (request) => {
  const known = await kept(FORM);
  const giveUp = new AbortController();
  const timer = known ? setTimeout(() => giveUp.abort(), PATIENCE_MILLISECONDS) : undefined;
  try {
    const answer = await fetch(request, { signal: giveUp.signal });
    return answer.status >= 500 && known ? known : answer;
  } catch (error) {
    if (known) return known;
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

/* Their addresses name their content: what is kept is right. */
const asset = async (request) => (await kept(request.url)) ?? fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === FORM) event.respondWith(form(request));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
});
