/* The labelling desk: the next items lie ready, answers are kept in this browser until the desk has them, and every
   step has a key. Without JavaScript the same form is sent as it stands. Kept are ids and values, never a text. */
(() => {
  "use strict";
  const desk = document.getElementById("labelling");
  if (!desk) return;
  const STORE = "waspada.labels";
  const AGAIN_MILLISECONDS = 3000;
  const said = document.getElementById("label-said");
  const ready = []; // parts of the page that come next
  const before = []; // parts that were answered, the newest last
  const known = new Set(); // items that are ready, shown or answered: they are not taken again
  const evidence = new WeakMap(); // box of a sentence -> fields
  let used = null; // the field that was used last
  let since = performance.now();
  let sending = false;
  let asking = false;

  const form = () => desk.querySelector("form.label-item");
  const text = (name) => desk.dataset[name];

  const say = (words, bad = false) => {
    said.textContent = words;
    said.hidden = words === "";
    said.classList.toggle("bad", bad);
  };

  /* crypto.randomUUID is there on secure pages only. */
  const fresh = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const waiting = () => {
    try {
      return JSON.parse(localStorage.getItem(STORE)) ?? [];
    } catch {
      return [];
    }
  };
  const keep = (answers) => {
    try {
      localStorage.setItem(STORE, JSON.stringify(answers));
      return true;
    } catch {
      return false; // a browser that keeps nothing sends at once or not at all
    }
  };

  const show = (part) => {
    desk.replaceChildren(part);
    begin();
  };

  /* Each item begins with its first sentence and no field in use. */
  const begin = () => {
    used = null;
    since = performance.now();
    const one = form();
    if (!one) return;
    known.add(Number(one.dataset.item));
    for (const box of one.querySelectorAll(".sentence input[data-labels]")) evidence.set(box, box.dataset.labels.split(" "));
    for (const tool of document.querySelectorAll("[data-skip] [name=item_id]")) tool.value = one.dataset.item;
    one.querySelector(".label-text").setAttribute("tabindex", "-1");
    one.querySelector(".label-text").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };

  const forward = () => {
    const next = ready.shift();
    if (next) show(next);
    else {
      const line = document.createElement("p");
      line.className = "empty";
      line.textContent = text("waiting");
      desk.replaceChildren(line);
    }
    ask();
  };

  const ask = async () => {
    if (asking || ready.length > 4) return;
    asking = true;
    try {
      const answer = await fetch("/labels/ahead", { method: "POST", body: new URLSearchParams({ csrf: desk.dataset.csrf }) });
      if (answer.redirected || answer.status === 401) return say(text("signedOut"), true);
      if (!answer.ok) throw new Error(String(answer.status));
      for (const one of await answer.json()) {
        if (known.has(one.item_id)) continue;
        known.add(one.item_id);
        const part = new DOMParser().parseFromString(one.html, "text/html").querySelector("form");
        ready.push(document.adoptNode(part));
      }
      const empty = desk.querySelector(".empty");
      if (empty && ready.length > 0) show(ready.shift());
      else if (empty) empty.textContent = text("none");
    } catch {
      setTimeout(ask, AGAIN_MILLISECONDS);
    } finally {
      asking = false;
    }
  };

  const send = async (way, body) =>
    fetch(`/api/v1/labels${way}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": desk.dataset.csrf },
      body: body === undefined ? undefined : JSON.stringify(body),
    });

  /* One after another, each with a key of its own: whatever is sent twice is kept once. */
  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (let answers = waiting(); answers.length > 0; answers = waiting()) {
        const first = answers[0];
        const answer = await send(first.way, first.body);
        if (answer.status === 401 || answer.status === 403) return say(text("signedOut"), true);
        if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
        keep(waiting().filter((one) => one.id !== first.id));
        if (answer.status >= 400) say(`${text("refused")} ${(await answer.json()).detail ?? answer.status}`, true);
        else if (waiting().length === 0 && !said.classList.contains("bad")) say("");
      }
    } catch {
      say(`${text("unsent")} ${waiting().length}`);
      setTimeout(flush, AGAIN_MILLISECONDS);
    } finally {
      sending = false;
    }
  };

  const queue = (way, body) => {
    const answers = [...waiting(), { id: fresh(), way, body }];
    if (!keep(answers)) return send(way, body);
    return flush();
  };

  const answer = () => {
    const one = form();
    if (!one) return;
    const values = {};
    for (const field of one.querySelectorAll(".label-field")) {
      values[field.dataset.field] = Number(field.querySelector("input:checked")?.value ?? 0);
    }
    const spans = [...one.querySelectorAll(".sentence input:checked")].flatMap((box) => {
      const [field, start, end] = box.value.split(":");
      const labels = (evidence.get(box) ?? []).filter((label) => values[label] > 0);
      return labels.map((label) => ({ label, field, start: Number(start), end: Number(end) }));
    });
    const body = {
      key: one.elements.key.value,
      item_id: Number(one.dataset.item),
      version: Number(one.elements.version.value),
      values,
      spans,
      note: one.elements.note.value,
      seconds: Math.min((performance.now() - since) / 1000, 1e6),
    };
    one.elements.key.value = fresh(); // answered again it is another answer
    before.push(one);
    queue("", body);
    if (said.classList.contains("bad")) say("");
    forward();
  };

  const skip = () => {
    const one = form();
    if (!one) return;
    queue("/skips", { item_id: Number(one.dataset.item) });
    forward();
  };

  const back = () => {
    const last = before.pop();
    if (!last) return false;
    const one = form();
    if (one) ready.unshift(one);
    show(last);
    return true;
  };

  /* What was not sent yet is taken out of the browser; the rest is taken back at the desk. */
  const undo = async () => {
    const unsent = waiting();
    const last = unsent.at(-1);
    if (last && last.way === "" && !(sending && unsent.length === 1)) {
      keep(unsent.slice(0, -1));
      back();
      return;
    }
    try {
      const reply = await send("/undo");
      if (!reply.ok) return say((await reply.json()).detail ?? "", true);
      const { item_id: item } = await reply.json();
      if (Number(before.at(-1)?.dataset.item) === item) back();
      else {
        known.delete(item);
        ask();
      }
    } catch {
      say(`${text("unsent")} ${waiting().length}`);
    }
  };

  const use = (field) => {
    used?.classList.remove("used");
    used = field;
    used.classList.add("used");
  };

  const turn = (key) => {
    const field = form()?.querySelector(`.label-field[data-key="${key}"]`);
    if (!field) return false;
    const choices = [...field.querySelectorAll("input")];
    const now = choices.findIndex((one) => one.checked);
    choices[(now + 1) % choices.length].checked = true;
    use(field);
    return true;
  };

  const sentences = () => [...(form()?.querySelectorAll(".sentence") ?? [])];

  const walk = (step) => {
    const all = sentences();
    if (all.length === 0) return false;
    const now = all.findIndex((one) => one.classList.contains("here"));
    const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1);
    for (const one of all) one.classList.toggle("here", one === all[next]);
    all[next].scrollIntoView({ block: "nearest" });
    return true;
  };

  /* A sentence is evidence of the field that was used last, else of every field that is not 0 and
     has any. */
  const marked = (box) => {
    const set = [...form().querySelectorAll(".label-field")].filter((one) => one.querySelector("input:checked")?.value > 0);
    const labels = used && set.includes(used) ? [used] : set.filter((one) => "evident" in one.dataset);
    const names = labels.map((one) => one.dataset.field);
    evidence.set(box, box.checked ? [...new Set([...(evidence.get(box) ?? []), ...names])] : []);
  };

  desk.addEventListener("change", (event) => {
    const field = event.target.closest(".label-field");
    if (field) {
      use(field);
      event.target.blur(); // the keys rest while a field has the focus
    }
    if (event.target.closest(".sentence")) {
      marked(event.target);
      event.target.blur();
    }
  });
  desk.addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  for (const [name, run] of [["skip", skip], ["undo", undo]]) {
    document.querySelector(`[data-${name}]`).addEventListener("submit", (event) => {
      event.preventDefault();
      run();
    });
  }

  for (const key of "1234567890") Waspada.keys.on(key, () => turn(key));
  Waspada.keys.on("Enter", (event) => {
    if (event.target.closest("a, button, summary")) return false;
    answer();
    return true;
  });
  Waspada.keys.on("s", skip);
  Waspada.keys.on("u", undo);
  Waspada.keys.on("b", back);
  Waspada.keys.on("j", () => walk(1));
  Waspada.keys.on("k", () => walk(-1));
  Waspada.keys.on("e", () => {
    const box = desk.querySelector(".sentence.here input");
    if (!box) return false;
    box.checked = !box.checked;
    marked(box);
    return true;
  });
  Waspada.keys.on("n", () => {
    form()?.elements.note.focus();
    return true;
  });
  Waspada.keys.on("i", () => {
    const rule = used?.querySelector(".rule");
    if (!rule) return false;
    rule.hidden = !rule.hidden;
    return true;
  });

  window.addEventListener("online", flush);
  begin();
  flush();
  ask();
})();
