/* Shows push messages of Waspada. It reads no page and stores nothing; what it shows came encrypted for this browser. */
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    // What cannot be read is shown without words.
  }
  const title = typeof told.title === "string" && told.title ? told.title : "Waspada";
  const options = {
    body: typeof told.body === "string" ? told.body : "",
    tag: typeof told.tag === "string" ? told.tag : "waspada",
    icon: "/assets/icon.svg",
    requireInteraction: true,
    data: { url: typeof told.url === "string" ? told.url : "/" },
  };
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url || "/", self.location.origin);
  if (url.protocol === "https:" || url.protocol === "http:") event.waitUntil(self.clients.openWindow(url.href));
});
