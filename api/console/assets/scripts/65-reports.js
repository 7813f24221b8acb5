/* What the form for field reports (assets/reports/form.js) keeps in this browser: drafts and reports that wait, each
   with its owner. Every signed-in page takes away the drafts and the form of another account; reports of another one
   that wait stay sealed off for a week. Whoever signs out leaves nothing of their own. */
(() => {
  "use strict";
  if (!("indexedDB" in window)) return;
  const NAME = "waspada-reports";
  const CACHE = "waspada-report-form";
  const WEEK_MILLISECONDS = 7 * 24 * 3600 * 1000;

  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const open = () => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const store of ["outbox", "drafts", "about"]) request.result.createObjectStore(store, { keyPath: "key" });
    };
    return asked(request);
  };

  /* One step with one store; the base is closed at once, so that it can be removed at any time. */
  const within = async (name, mode, work) => {
    const base = await open();
    try {
      const transaction = base.transaction(name, mode);
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      done.catch(() => undefined); // the request that failed has said so
      const found = await asked(work(transaction.objectStore(name)));
      await done;
      return found;
    } finally {
      base.close();
    }
  };
  const all = (name) => within(name, "readonly", (store) => store.getAll());
  const put = (name, value) => within(name, "readwrite", (store) => store.put(value));
  const drop = (name, key) => within(name, "readwrite", (store) => store.delete(key));

  const isThere = async () =>
    ("caches" in window && (await caches.has(CACHE))) ||
    ((await indexedDB.databases?.()) ?? [{ name: NAME }]).some((one) => one.name === NAME);

  const removeForm = async () => {
    if ("caches" in window) await caches.delete(CACHE);
    for (const one of (await navigator.serviceWorker?.getRegistrations?.()) ?? []) {
      if (new URL(one.scope).pathname === "/reports/new") await one.unregister();
    }
  };

  const tell = (news) => {
    if (!("BroadcastChannel" in window)) return;
    const channel = new BroadcastChannel(NAME);
    channel.postMessage(news);
    channel.close();
  };

  /* Leaves what the browser may hold from now on, when it is `owner`'s ("": no reporter's) and `leaver` signs out;
     how many drafts and reports these are. */
  const clear = async (owner, leaver = null) => {
    const since = Date.now() - WEEK_MILLISECONDS;
    let left = 0;
    for (const name of ["drafts", "outbox"]) {
      for (const one of await all(name)) {
        const isOwn = one.owner === owner;
        const isNew = one.at >= since;
        const stays = name === "drafts" ? isOwn && isNew : isOwn || (isNew && one.owner !== leaver);
        if (stays) left += 1;
        else await drop(name, one.key);
      }
    }
    if ((await all("about")).some((one) => one.key === "owner" && one.value === owner)) return left;
    await drop("about", "owner");
    await removeForm();
    tell({ owner });
    if (left === 0) await asked(indexedDB.deleteDatabase(NAME));
    return left;
  };

  const leave = document.querySelector('form[action="/logout"]');
  const owner = leave?.dataset.owner;
  const tidy = async () => {
    if (leave && (await isThere())) await clear(owner);
  };
  const reports = { NAME, CACHE, all, put, drop, tell, hasLeft: false, tidied: tidy().catch(() => undefined) };
  window.waspadaReports = reports;

  leave?.addEventListener("submit", async (event) => {
    if (!owner) return;
    event.preventDefault();
    const waiting = (await all("outbox").catch(() => [])).filter((one) => one.owner === owner).length;
    if (waiting > 0 && !window.confirm(leave.dataset.waiting.replace("{count}", waiting))) return;
    reports.hasLeft = true;
    const left = await clear("", owner).catch(() => 0);
    const told = { type: "hidden", name: "tidied", value: "yes" }; // else the browser removes everything of this address
    if (left > 0) leave.append(Object.assign(document.createElement("input"), told));
    HTMLFormElement.prototype.submit.call(leave);
  });
})();
