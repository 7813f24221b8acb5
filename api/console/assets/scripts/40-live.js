/* Follows the list along: a stream tells ids and revisions, a bar says how many, "Load" puts the new list in its place
   without moving the page. Says when the connection is lost. */
(() => {
  "use strict";
  const bar = document.getElementById("live");
  if (!bar || !document.querySelector("[data-live]")) return;
  const SILENT_MILLISECONDS = 40000; // the server gives a sign of life every 15 s
  const AGAIN_MILLISECONDS = 5000;
  const FULL_AGAIN_MILLISECONDS = 60000;
  const said = bar.querySelector("[data-said]");
  const load = bar.querySelector("[data-load]");
  const login = bar.querySelector("[data-login]");
  const plainTitle = document.title.replace(/^\(\d+\+?\) /, "");
  let source = null;
  let line = "";
  let fresh = new Set();
  let changed = new Set();
  let missed = false;
  let lostAt = null;
  let over = "";
  let heardAt = Date.now();
  let timer = 0;

  const feed = () => document.querySelector("[data-live]");
  const shown = () => new Map([...feed().querySelectorAll("[data-alert]")].map((one) => [Number(one.dataset.alert), Number(one.dataset.revision)]));
  const clock = (moment) => new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(moment);

  const words = () => {
    if (over) return bar.dataset[over];
    if (lostAt) return bar.dataset.lost.replace("#", clock(lostAt));
    if (missed) return bar.dataset.missed;
    const parts = [];
    if (fresh.size === 1) parts.push(bar.dataset.oneNew);
    else if (fresh.size) parts.push(bar.dataset.new.replace("#", fresh.size));
    if (changed.size) parts.push(bar.dataset.changed.replace("#", changed.size));
    return parts.join(", ");
  };

  const draw = () => {
    const text = words();
    if (said.textContent !== text) said.textContent = text;
    bar.hidden = text === "";
    bar.classList.toggle("lost", Boolean(over || lostAt));
    load.hidden = Boolean(over === "ended" || !(fresh.size || changed.size || missed || lostAt));
    login.hidden = over !== "ended";
    const unread = Number(feed().dataset.unread) + fresh.size + changed.size;
    document.title = unread ? `(${unread > 99 ? "99+" : unread}) ${plainTitle}` : plainTitle;
  };

  const hear = (event) => {
    heardAt = Date.now();
    if (event.lastEventId) line = event.lastEventId;
    if (lostAt || over === "full") {
      lostAt = null;
      over = "";
    }
  };

  const take = (event) => {
    hear(event);
    const here = shown();
    for (const one of JSON.parse(event.data).alerts) {
      if (here.has(one.id)) {
        if (one.revision > here.get(one.id)) changed.add(one.id);
      } else if (one.fits) fresh.add(one.id);
      else fresh.delete(one.id);
    }
    draw();
  };

  const close = () => {
    window.clearTimeout(timer);
    source?.close();
    source = null;
  };

  const again = (milliseconds) => {
    close();
    timer = window.setTimeout(open, milliseconds);
  };

  const lose = () => {
    if (!lostAt) lostAt = new Date(heardAt);
    draw();
  };

  const open = () => {
    close();
    const address = new URL(feed().dataset.live, window.location.href);
    if (line) address.searchParams.set("after", line);
    source = new EventSource(address);
    heardAt = Math.max(heardAt, Date.now() - SILENT_MILLISECONDS / 2);
    source.addEventListener("hello", (event) => {
      hear(event);
      draw();
    });
    source.addEventListener("beat", (event) => {
      hear(event);
      draw();
    });
    source.addEventListener("alerts", take);
    source.addEventListener("missed", (event) => {
      hear(event);
      missed = true;
      draw();
    });
    source.addEventListener("end", () => {
      close();
      over = "ended";
      draw();
    });
    source.addEventListener("error", () => {
      if (!source) return;
      // A refused stream is not tried again by the browser: the session is over, too many are open, or it is down.
      if (source.readyState === EventSource.CLOSED) void refused(address);
      else lose();
    });
  };

  const refused = async (address) => {
    close();
    let status = 0;
    try {
      status = (await fetch(address, { method: "HEAD" })).status;
    } catch {
      status = 0;
    }
    if (status === 401 || status === 403) {
      over = "ended";
      draw();
    } else if (status === 429 || status === 200) {
      over = status === 429 || !lostAt ? "full" : over;
      draw();
      again(status === 429 ? FULL_AGAIN_MILLISECONDS : AGAIN_MILLISECONDS);
    } else {
      lose();
      again(AGAIN_MILLISECONDS);
    }
  };

  /* "Load" takes the focus when it is clicked: what had it before gets it back. */
  let held = null;
  document.addEventListener("focusin", (event) => {
    if (!bar.contains(event.target)) held = feed().contains(event.target) ? event.target : null;
  });

  /* Where the reader is: the box or link with the focus, the first card in sight, what is chosen and unfolded. */
  const placeOf = () => {
    const cards = [...feed().querySelectorAll("[data-alert]")];
    const anchor = held?.closest("[data-alert]") ?? cards.find((one) => one.getBoundingClientRect().bottom > 80);
    return {
      id: anchor?.dataset.alert,
      top: anchor?.getBoundingClientRect().top ?? 0,
      focus: held ? { alert: held.closest("[data-alert]")?.dataset.alert, id: held.id, tag: held.tagName } : null,
      chosen: new Set([...feed().querySelectorAll("[name=chosen]:checked")].map((one) => one.id)),
      folds: new Map(cards.map((one) => [one.dataset.alert, one.querySelector("details.why")?.open])),
      several: document.getElementById("with-several")?.open ?? false,
    };
  };

  const restore = (place) => {
    const find = (id) => (id ? feed().querySelector(`[data-alert="${id}"]`) : null);
    for (const box of feed().querySelectorAll("[name=chosen]")) box.checked = place.chosen.has(box.id);
    for (const [id, open] of place.folds) {
      const fold = find(id)?.querySelector("details.why");
      if (fold && open !== undefined) fold.open = open;
    }
    const several = document.getElementById("with-several");
    if (several) several.open = place.several;
    document.dispatchEvent(new CustomEvent("waspada:list")); // others draw what is theirs, then the page is put in place
    const anchor = find(place.id);
    if (anchor) window.scrollBy({ top: anchor.getBoundingClientRect().top - place.top, behavior: "instant" });
    if (place.focus) {
      const card = find(place.focus.alert);
      const same = place.focus.id ? document.getElementById(place.focus.id) : card?.querySelector("h2 a");
      (same ?? card?.querySelector("h2 a") ?? document.getElementById("main"))?.focus({ preventScroll: true });
    }
  };

  const renew = async () => {
    load.disabled = true;
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected || !answer.ok) {
        window.location.reload();
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("[data-live]");
      if (!next) {
        window.location.reload();
        return;
      }
      const place = placeOf();
      feed().replaceWith(document.adoptNode(next));
      const [old, other] = [document.querySelector(".headline-row"), page.querySelector(".headline-row")];
      if (old && other) old.replaceWith(document.adoptNode(other));
      fresh = new Set();
      changed = new Set();
      missed = false;
      line = "";
      lostAt = null;
      draw(); // first: the bar goes, and the page with it
      restore(place);
      if (!source) open();
    } catch {
      lose();
    } finally {
      load.disabled = false;
    }
  };

  load.addEventListener("click", () => void renew());
  window.setInterval(() => {
    if (source && !over && Date.now() - heardAt > SILENT_MILLISECONDS) {
      lose();
      open();
    }
  }, AGAIN_MILLISECONDS);
  window.addEventListener("offline", lose);
  window.addEventListener("online", () => {
    if (over !== "ended") open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
  open();
})();
