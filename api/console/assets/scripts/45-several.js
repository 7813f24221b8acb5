/* One step with several alerts: how many are chosen, all at once, and the keys of a list (x, o, a, v) and of an alert. */
(() => {
  "use strict";
  const boxes = () => [...document.querySelectorAll("[name=chosen][type=checkbox]")];
  const tools = () => document.getElementById("with-several");

  const count = () => {
    const n = boxes().filter((one) => one.checked).length;
    const place = tools()?.querySelector("[data-count]");
    if (place) place.textContent = n ? String(n) : "";
    const all = document.getElementById("choose-all");
    if (all) {
      all.checked = n > 0 && n === boxes().length;
      all.indeterminate = n > 0 && n < boxes().length;
    }
    return n;
  };

  const ready = () => {
    const line = document.querySelector(".all-of-them");
    if (line) line.hidden = false;
    count();
  };

  document.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    if (event.target.id === "choose-all") for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.id === "choose-all" || event.target.name === "chosen") {
      if (count() && event.target.name === "chosen" && tools()) tools().open = true;
    }
  });
  document.addEventListener("waspada:list", ready);
  ready();

  const card = () => document.activeElement?.closest?.("[data-alert]") ?? null;

  Waspada.keys.on("x", () => {
    const box = card()?.querySelector("[name=chosen]");
    box?.click();
    return Boolean(box);
  });
  Waspada.keys.on("o", () => {
    const link = card()?.querySelector("h2 a");
    link?.click();
    return Boolean(link);
  });

  /* The step for the card with the focus alone, through the same form; on the page of an alert its own button. */
  const step = (key, state) =>
    Waspada.keys.on(key, () => {
      const button = document.querySelector(`[data-keys="${key}"]`);
      if (button) {
        button.click();
        return true;
      }
      const form = document.getElementById("several");
      const box = card()?.querySelector("[name=chosen]");
      if (!form || !box || !form.elements.namedItem("do").querySelector(`[value="${state}"]`)) return false;
      for (const one of boxes()) one.checked = one === box;
      form.elements.namedItem("do").value = state;
      const quick = document.createElement("input");
      Object.assign(quick, { type: "hidden", name: "quick", value: "1" });
      form.append(quick);
      form.submit();
      return true;
    });
  step("a", "acknowledged");
  step("v", "verified");
  Waspada.keys.on("n", () => {
    const field = document.querySelector("main [name=note]:not([form])");
    const fold = field?.closest("details");
    if (fold) fold.open = true;
    field?.focus();
    return Boolean(field);
  });
})();
