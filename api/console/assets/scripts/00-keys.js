/* Keys of one letter, or of a few after one another ("g a"): `Waspada.keys.on("j", run)`. An element with
   data-keys="g a" is clicked by them without a line of script. They rest while somebody types, and can be switched off. */
(() => {
  "use strict";
  const PAUSE_MILLISECONDS = 1500;
  const SWITCH = "waspada.keys";
  const bound = new Map();
  let typed = "";
  let last = 0;

  const stored = () => {
    try {
      return window.localStorage.getItem(SWITCH);
    } catch {
      return null;
    }
  };

  const isTyping = (target) =>
    target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;

  const marked = () => [...document.querySelectorAll("[data-keys]")];

  const action = (keys) => {
    if (bound.has(keys)) return bound.get(keys);
    const element = marked().find((one) => one.dataset.keys === keys);
    return element ? () => element.click() : undefined;
  };

  const begins = (keys) =>
    [...bound.keys(), ...marked().map((one) => one.dataset.keys)].some((one) => one.startsWith(`${keys} `));

  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (["Shift", "CapsLock", "AltGraph"].includes(event.key)) return;
    if (!keys.enabled || isTyping(event.target) || document.querySelector("dialog[open]")) {
      typed = "";
      return;
    }
    const now = Date.now();
    const together = typed && now - last < PAUSE_MILLISECONDS ? `${typed} ${event.key}` : event.key;
    const tried = action(together) || begins(together) ? together : event.key;
    const run = action(tried);
    typed = !run && begins(tried) ? tried : "";
    last = now;
    if (run && run(event) !== false) event.preventDefault();
  };

  const keys = {
    /** Calls `run(event)` for a key or a sequence with spaces; `run` returns false to leave the key to the browser. */
    on(sequence, run) {
      bound.set(sequence, run);
    },
    off(sequence) {
      bound.delete(sequence);
    },
    get enabled() {
      return stored() !== "off";
    },
    set enabled(wanted) {
      try {
        if (wanted) window.localStorage.removeItem(SWITCH);
        else window.localStorage.setItem(SWITCH, "off");
      } catch {
        // A browser that keeps nothing keeps the keys on.
      }
    },
  };

  window.Waspada = { ...window.Waspada, keys };
  document.addEventListener("keydown", pressed);
})();
