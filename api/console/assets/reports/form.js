/* The form for field reports: what is written is kept in this browser until the desk has it, also without a network,
   and each report has a key of its own, so that one sent twice is one. Everything kept has its owner; nothing of
   another account is shown or sent. Without JavaScript the same form is sent as it stands. */
(() => {
  "use strict";
  const SOON_MILLISECONDS = 800;
  const SHELF_MILLISECONDS = 4000;
  const AGAIN_MILLISECONDS = 3000;
  const LATER_MILLISECONDS = 60000;

  const reports = window.waspadaReports; // of the console's own script, which runs before this one
  const desk = document.getElementById("report-desk");
  const text = (name, values = {}) =>
    Object.entries(values).reduce((words, [key, value]) => words.replace(`{${key}}`, value), desk.dataset[name]);
  if (!desk || !reports) return;

  const { all, put, drop } = reports;
  const { owner } = desk.dataset;
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
  let keeping = false;
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

  /* The form of a report that went its way; what was written meanwhile is another one. */
  const end = (values) => {
    if (form.elements.text.value === values.text) begin();
    else form.elements.key.value = fresh();
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
    if (reports.hasLeft || !touched || [...values.text].length > 2 * most) return;
    try {
      await put("drafts", { ...values, owner, at: Date.now() });
      document.getElementById("report-draft").textContent = text("kept");
      clearTimeout(shelf);
      shelf = setTimeout(() => shelve(values), SHELF_MILLISECONDS);
    } catch {
      document.getElementById("report-draft").textContent = text("unkept");
    }
  };

  /* The desk keeps drafts, too, sealed; where it cannot be reached, this browser's is enough. */
  const shelve = async ({ key, ...draft }) => {
    if (reports.hasLeft || !navigator.onLine || key !== form.elements.key.value) return;
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
        await keepDraft(); // of what stands in the form until now
        fill(one);
        form.elements.key.value = fresh(); // the desk may have another report under the old one
        touched = true;
        await keepDraft();
        await drop("outbox", one.key);
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
    if (reports.hasLeft) return [];
    const every = await all("outbox");
    const waiting = every.filter((one) => one.owner === owner).sort((a, b) => a.at - b.at);
    const sealed = document.getElementById("report-sealed");
    sealed.hidden = every.length === waiting.length;
    sealed.textContent = text("sealed", { count: every.length - waiting.length });
    list.replaceChildren(...waiting.map(line));
    document.getElementById("report-outbox").hidden = waiting.length === 0;
    document.getElementById("report-offline").hidden = reached && navigator.onLine;
    return waiting;
  };

  /* The form may be an older one of this browser: its token is of another session then. What hinders a second try. */
  const renew = async () => {
    const answer = await fetch("/reports/new", { headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) return "out";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("report-desk");
    if (!page) return "out";
    if (page.dataset.owner !== owner) return "other";
    csrf = page.dataset.csrf;
    return "";
  };

  /* What became of one; throws where that is not known. Only the desk's own answer counts: a proxy's page of sign-in or
     of maintenance comes with a 200, too. */
  const post = async (one) => {
    const body = {
      key: one.key,
      place: one.place,
      kind: one.kind,
      known: one.known,
      text: one.text,
      happened_at: new Date(one.happened).toISOString(),
    };
    const isOut = () => answer.status === 401 || answer.status === 403;
    let answer = await ask("/api/v1/reports", "POST", body);
    reached = true;
    if (isOut()) {
      const ended = await renew();
      if (ended) return { ended };
      answer = await ask("/api/v1/reports", "POST", body);
    }
    if (isOut()) return { ended: "out" };
    if (!answer.redirected && (answer.status === 200 || answer.status === 201)) {
      const told = await answer.json().catch(() => null);
      if (Number.isInteger(told?.id)) return { ended: "sent" };
    }
    const isProblem = (answer.headers.get("Content-Type") ?? "").startsWith("application/problem+json");
    if (isProblem && [400, 409, 413, 422].includes(answer.status)) {
      return { ended: "refused", why: text(answer.status === 409 ? "used" : "refused") };
    }
    throw new Error(String(answer.status));
  };

  const deliver = async (one) => {
    const { ended, why } = await post(one);
    if (ended === "sent") await drop("outbox", one.key);
    if (ended === "refused") await put("outbox", { ...one, refused: why });
    return ended;
  };

  /* One after another; what the desk does not take is shown with its reason and hinders no other. */
  const flush = async () => {
    clearTimeout(again);
    if (sending || reports.hasLeft) return;
    sending = true;
    try {
      let sent = 0;
      for (const one of await show()) {
        if (one.refused) continue;
        const ended = await deliver(one);
        if (ended === "out" || ended === "other") {
          say(text(ended), "bad");
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

  /* Into what waits; other words under a key that waits already are another report. */
  const wait = async (values) => {
    const known = (await all("outbox")).find((one) => one.key === values.key);
    const isOther = known && ["owner", "text", "place", "kind"].some((name) => known[name] !== { ...values, owner }[name]);
    await put("outbox", { ...values, key: isOther ? fresh() : values.key, owner, at: Date.now() });
  };

  /* A browser that keeps nothing: the report goes at once, or stays in the form and the page says so. */
  const sendUnkept = async (values) => {
    const { ended, why } = await post(values).catch((error) => {
      if (error instanceof TypeError) reached = false;
      return { ended: "unknown" };
    });
    if (ended === "sent") {
      end(values);
      say(text("sent", { count: 1 }), "good");
      return;
    }
    touched = true;
    if (ended === "refused") form.elements.key.value = fresh();
    say(why ?? text("unsent"), "bad");
  };

  const send = async (values) => {
    clearTimeout(timer);
    clearTimeout(shelf);
    touched = false; // what is sent is no draft any more, also where the page is left now
    try {
      await wait(values);
    } catch {
      await sendUnkept(values);
      return;
    }
    await drop("drafts", values.key).catch(() => undefined);
    channel?.postMessage({ sent: values });
    end(values);
    say(text("waits"));
    said.scrollIntoView({ block: "nearest" });
    document.getElementById("report-draft").textContent = "";
    await show();
    await flush();
  };

  form.addEventListener("submit", async (event) => {
    const isDraft = event.submitter?.name === "keep";
    if (isDraft && !reports.hasLeft && reached && navigator.onLine) return; // the desk keeps it: the plain form's way
    event.preventDefault();
    if (reports.hasLeft) {
      say(text("left"), "bad");
      return;
    }
    if (isDraft) {
      touched = true;
      await keepDraft();
      return;
    }
    if (keeping) return;
    const values = fields();
    const wrong = problem(values);
    if (wrong) {
      say(wrong, "bad");
      form.elements.text.focus();
      return;
    }
    keeping = true;
    await send(values).finally(() => {
      keeping = false;
    });
  });

  form.addEventListener("input", () => {
    touched = true;
    count();
    clearTimeout(timer);
    timer = setTimeout(keepDraft, SOON_MILLISECONDS);
  });
  /* What other tabs tell: somebody signed out or in, or the report that stands here was sent. */
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(reports.NAME) : undefined;
  channel?.addEventListener("message", ({ data }) => {
    if (data.owner !== undefined && data.owner !== owner) {
      reports.hasLeft = true;
      clearTimeout(timer);
      clearTimeout(shelf);
      clearTimeout(again);
      list.replaceChildren();
      say(text("left"), "bad");
    }
    if (data.sent?.key === form.elements.key.value) {
      end(data.sent);
      document.getElementById("report-draft").textContent = "";
    }
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

  /* The page and what it is made of, for the next time without a network: the page comes last, so that there is never
     one without its script. */
  const prepare = async () => {
    if (!("serviceWorker" in navigator) || !("caches" in window)) return;
    await navigator.serviceWorker.register("/reports/worker.js", { scope: "/reports/new" });
    const answer = await fetch("/reports/new");
    reached = true;
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
    if (page.getElementById("report-desk")?.dataset.owner !== owner || reports.hasLeft) return;
    const parts = [...page.querySelectorAll("link[rel=stylesheet], link[rel=icon]")].map((one) => one.href);
    parts.push(...[...page.querySelectorAll("script[src]")].map((one) => one.src));
    const cache = await caches.open(reports.CACHE);
    await Promise.all(parts.map(async (part) => (await cache.match(part)) ?? cache.add(part)));
    await cache.put("/reports/new", answer);
    for (const key of await cache.keys()) {
      if (new URL(key.url).pathname.startsWith("/assets/") && !parts.includes(key.url)) await cache.delete(key);
    }
    desk.dataset.ready = "yes";
  };

  const restore = async () => {
    const waiting = (await all("outbox")).map((one) => one.key);
    const drafts = (await all("drafts")).filter((one) => one.owner === owner).sort((a, b) => b.at - a.at);
    for (const one of drafts) if (waiting.includes(one.key)) await drop("drafts", one.key);
    const newest = drafts.find((one) => !waiting.includes(one.key));
    if (!newest || touched) return;
    fill(newest);
    document.getElementById("report-draft").textContent = text("restored");
  };

  const isAsked = desk.dataset.draft === "yes"; // a draft of the desk stands in the page
  if (!isAsked) form.elements.key.value = fresh();
  const start = async () => {
    await reports.tidied;
    await put("about", { key: "owner", value: owner }).catch(() => say(text("unable"), "bad"));
    if (!isAsked) {
      if (!touched) begin();
      await restore();
    }
    if (isAsked && desk.dataset.now === "yes") form.elements.happened.value = local(new Date());
    count();
    await flush();
    await prepare().catch((error) => {
      if (error instanceof TypeError) reached = false;
    });
    await show();
  };
  void start().catch(() => say(text("unable"), "bad"));
})();
