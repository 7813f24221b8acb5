/* The form for field reports: what is written is kept in this browser until the desk has it, also without a network,
   and each report has a key of its own, so that one sent twice is one. Without JavaScript the same form is sent as it
   stands. Whoever signs out leaves nothing here. */
(() => {
  "use strict";
  const NAME = "waspada-reports";
  const CACHE = "waspada-report-form";
  const DRAFT_MILLISECONDS = 7 * 24 * 3600 * 1000;
  const SOON_MILLISECONDS = 800;
  const SHELF_MILLISECONDS = 4000;
  const AGAIN_MILLISECONDS = 3000;
  const LATER_MILLISECONDS = 60000;

  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const open = () => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const store of ["outbox", "drafts"]) request.result.createObjectStore(store, { keyPath: "key" });
      request.result.createObjectStore("about", { keyPath: "key" });
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

  /* Everything that this browser holds of the form: reports that wait, drafts, the page itself. */
  const forget = async () => {
    await asked(indexedDB.deleteDatabase(NAME)).catch(() => undefined);
    if ("caches" in window) await caches.delete(CACHE);
    for (const one of (await navigator.serviceWorker?.getRegistrations?.()) ?? []) {
      if (new URL(one.scope).pathname === "/reports/new") await one.unregister();
    }
  };

  const desk = document.getElementById("report-desk");
  const text = (name, values = {}) =>
    Object.entries(values).reduce((words, [key, value]) => words.replace(`{${key}}`, value), desk.dataset[name]);
  const leave = document.querySelector('form[action="/logout"]');
  const isReporter = document.documentElement.querySelector("[data-reporter]") !== null;

  leave?.addEventListener("submit", async (event) => {
    if (!isReporter || !("indexedDB" in window)) return;
    event.preventDefault();
    const waiting = (await all("outbox").catch(() => [])).length;
    const words = leave.dataset.waiting;
    if (waiting > 0 && words && !window.confirm(words.replace("{count}", waiting))) return;
    await forget().catch(() => undefined);
    HTMLFormElement.prototype.submit.call(leave);
  });

  if (!desk || !("indexedDB" in window)) return;

  const form = desk.querySelector("form");
  const said = document.getElementById("report-said");
  const list = document.getElementById("report-waiting");
  const counter = document.getElementById("report-count");
  const most = Number(desk.dataset.most);
  const least = Number(desk.dataset.least);
  let csrf = desk.dataset.csrf;
  let timer;
  let shelf;
  let again;
  let pause = AGAIN_MILLISECONDS;
  let sending = false;
  let touched = false;
  let reached = navigator.onLine; // a browser may call a dead network one; what was tried last knows better

  const fresh = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const local = (moment) => new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

  const say = (words, look = "") => {
    said.textContent = words;
    said.hidden = words === "";
    said.className = `notice ${look}`.trim();
  };

  const fields = () => ({
    key: form.elements.key.value,
    place: form.elements.place.value,
    kind: form.elements.kind.value,
    known: form.elements.known.value,
    text: form.elements.text.value,
    happened: form.elements.happened.value,
  });

  const fill = (values) => {
    for (const [name, value] of Object.entries(values)) {
      const field = form.elements[name];
      if (field && typeof value === "string" && value !== "") field.value = value;
    }
    count();
  };

  const begin = () => {
    form.reset();
    form.elements.text.value = ""; // a draft of the desk stands in the page itself
    form.elements.key.value = fresh();
    form.elements.happened.value = local(new Date());
    touched = false;
    count();
  };

  /* Counted as people count, in characters and not in halves of them. */
  const count = () => {
    const length = [...form.elements.text.value].length;
    counter.textContent = text("count", { count: length, most });
    counter.classList.toggle("bad", length > most);
    return length;
  };

  const problem = (values) => {
    const length = [...values.text.trim()].length;
    if (length > most) return text("long", { count: length, most });
    if (length < least) return text("short", { least });
    const moment = new Date(values.happened);
    if (Number.isNaN(moment.getTime())) return text("when");
    if (moment.getTime() > Date.now() + 3600 * 1000) return text("future");
    return "";
  };

  const keepDraft = async () => {
    const values = fields();
    if (!touched || [...values.text].length > 2 * most) return;
    try {
      await put("drafts", { ...values, at: Date.now() });
      document.getElementById("report-draft").textContent = text("kept");
      clearTimeout(shelf);
      shelf = setTimeout(() => shelve(values), SHELF_MILLISECONDS);
    } catch {
      document.getElementById("report-draft").textContent = text("unkept");
    }
  };

  /* The desk keeps drafts, too, sealed; where it cannot be reached, this browser's is enough. */
  const shelve = async ({ key, ...draft }) => {
    if (!navigator.onLine || key !== form.elements.key.value) return;
    await ask(`/api/v1/reports/drafts/${key}`, "PUT", draft).catch(() => undefined);
  };

  const ask = (way, method, body) =>
    fetch(way, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: body === undefined ? undefined : JSON.stringify(body),
    });

  const line = (one) => {
    const entry = document.createElement("li");
    const head = document.createElement("b");
    head.textContent = `${form.elements.place.querySelector(`option[value="${CSS.escape(one.place)}"]`)?.textContent.trim() ?? one.place} · ${new Date(one.happened).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" })}`;
    const words = document.createElement("p");
    const letters = [...one.text];
    words.textContent = letters.length > 80 ? `${letters.slice(0, 80).join("")} …` : one.text;
    entry.append(head, words);
    if (one.refused) {
      const why = document.createElement("p");
      why.className = "bad-line";
      why.textContent = one.refused;
      const edit = document.createElement("button");
      edit.type = "button";
      edit.textContent = text("edit");
      edit.addEventListener("click", async () => {
        await drop("outbox", one.key);
        touched = true;
        fill(one);
        form.elements.key.value = one.key;
        await show();
        form.elements.text.focus();
      });
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = text("remove");
      remove.addEventListener("click", async () => {
        await drop("outbox", one.key);
        await show();
      });
      entry.append(why, edit, remove);
    }
    return entry;
  };

  const show = async () => {
    const waiting = (await all("outbox")).sort((a, b) => a.at - b.at);
    list.replaceChildren(...waiting.map(line));
    document.getElementById("report-outbox").hidden = waiting.length === 0;
    document.getElementById("report-offline").hidden = reached && navigator.onLine;
    return waiting;
  };

  /* The form may be an older one of this browser: its token is of another session then. */
  const renew = async () => {
    const answer = await fetch("/reports/new", { headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("report-desk");
    if (!page || page.dataset.owner !== desk.dataset.owner) return false;
    csrf = page.dataset.csrf;
    return true;
  };

  const deliver = async (one) => {
    const body = {
      key: one.key,
      place: one.place,
      kind: one.kind,
      known: one.known,
      text: one.text,
      happened_at: new Date(one.happened).toISOString(),
    };
    let answer = await ask("/api/v1/reports", "POST", body);
    reached = true;
    if (answer.status === 401 || answer.status === 403) {
      if (!(await renew())) return "out";
      answer = await ask("/api/v1/reports", "POST", body);
    }
    if (answer.status === 401 || answer.status === 403) return "out";
    if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
    if (answer.ok) {
      await drop("outbox", one.key);
      return "sent";
    }
    await put("outbox", { ...one, refused: text("refused") });
    return "refused";
  };

  /* One after another; what the desk does not take is shown with its reason and hinders no other. */
  const flush = async () => {
    clearTimeout(again);
    if (sending) return;
    sending = true;
    try {
      let sent = 0;
      for (const one of await show()) {
        if (one.refused) continue;
        const ended = await deliver(one);
        if (ended === "out") {
          say(text("out"), "bad");
          return;
        }
        if (ended === "sent") sent += 1;
        await show();
      }
      if (sent > 0) say(text("sent", { count: sent }), "good");
      pause = AGAIN_MILLISECONDS;
    } catch (error) {
      if (error instanceof TypeError) reached = false;
      again = setTimeout(flush, pause);
      pause = Math.min(2 * pause, LATER_MILLISECONDS);
      if (reached) say(text("waits"));
    } finally {
      sending = false;
      await show().catch(() => undefined);
    }
  };

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name === "keep") return; // the desk keeps the draft: the plain form's way
    event.preventDefault();
    const values = fields();
    const wrong = problem(values);
    if (wrong) {
      say(wrong, "bad");
      form.elements.text.focus();
      return;
    }
    clearTimeout(timer);
    clearTimeout(shelf);
    try {
      await put("outbox", { ...values, at: Date.now() });
    } catch {
      HTMLFormElement.prototype.submit.call(form); // a browser that keeps nothing sends at once
      return;
    }
    await drop("drafts", values.key);
    begin();
    say(text("waits"));
    said.scrollIntoView({ block: "nearest" });
    document.getElementById("report-draft").textContent = "";
    await show();
    await flush();
  });

  form.addEventListener("input", () => {
    touched = true;
    count();
    clearTimeout(timer);
    timer = setTimeout(keepDraft, SOON_MILLISECONDS);
  });
  addEventListener("pagehide", () => {
    if (touched) void keepDraft();
  });
  addEventListener("online", () => {
    reached = true;
    void flush();
  });
  addEventListener("offline", () => void show());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void flush();
  });

  /* The page and what it is made of, for the next time without a network. */
  const prepare = async () => {
    if (!("serviceWorker" in navigator) || !("caches" in window)) return;
    await navigator.serviceWorker.register("/reports/worker.js", { scope: "/reports/new" });
    const cache = await caches.open(CACHE);
    const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon]")].map((one) => one.href);
    parts.push(...[...document.scripts].map((one) => one.src).filter((src) => src !== ""));
    for (const key of await cache.keys()) {
      if (new URL(key.url).pathname.startsWith("/assets/") && !parts.includes(key.url)) await cache.delete(key);
    }
    const answer = await fetch("/reports/new");
    reached = true;
    await Promise.all(parts.map(async (part) => (await cache.match(part)) ?? cache.add(part)));
    if (answer.ok && !answer.redirected) await cache.put("/reports/new", answer);
    desk.dataset.ready = "yes";
  };

  const start = async () => {
    const owner = (await all("about")).find((one) => one.key === "owner")?.value;
    if (owner !== undefined && owner !== desk.dataset.owner) await forget();
    await put("about", { key: "owner", value: desk.dataset.owner });
    const asked = desk.dataset.draft === "yes";
    const drafts = (await all("drafts")).sort((a, b) => b.at - a.at);
    for (const one of drafts) if (one.at < Date.now() - DRAFT_MILLISECONDS) await drop("drafts", one.key);
    if (!asked) {
      begin();
      const newest = drafts.find((one) => one.at >= Date.now() - DRAFT_MILLISECONDS);
      if (newest) {
        fill(newest);
        touched = true;
        document.getElementById("report-draft").textContent = text("restored");
      }
    }
    if (asked && desk.dataset.now === "yes") form.elements.happened.value = local(new Date());
    count();
    await flush();
    await prepare().catch((error) => {
      if (error instanceof TypeError) reached = false;
    });
    await show();
  };
  void start().catch(() => say(text("unable"), "bad"));
})();
