/* j and k go from card to card, Enter opens the link that has the focus, / goes to the choices that narrow the list. */
(() => {
  "use strict";
  const way = (card) => card.querySelector("h2 a, h3 a, a");

  const go = (step) => {
    const cards = [...document.querySelectorAll(".cards > .card")];
    if (cards.length === 0) return false;
    const now = cards.findIndex((card) => card.contains(document.activeElement));
    const next = now < 0 ? (step > 0 ? 0 : cards.length - 1) : Math.min(Math.max(now + step, 0), cards.length - 1);
    const card = cards[next];
    way(card)?.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
    return true;
  };

  Waspada.keys.on("j", () => go(1));
  Waspada.keys.on("k", () => go(-1));
  Waspada.keys.on("/", () => {
    const field = document.querySelector("form[role=search] :is(input:not([type=hidden]), select, textarea)");
    field?.focus();
    return field !== null;
  });
})();
