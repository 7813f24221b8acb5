/* Follows trainings along: while one is under way the page is asked for every few seconds and its parts take their new
   place. Without JavaScript the page loads itself again. */
(() => {
  "use strict";
  const EVERY_MILLISECONDS = 3000;
  const list = () => document.getElementById("trainings");
  const said = document.getElementById("trainings-said");
  if (!list() || !said) return;

  const follow = () => {
    if (list().hasAttribute("data-unfinished")) window.setTimeout(() => void renew(), EVERY_MILLISECONDS);
  };

  /* What is unfolded stays so, and what has the focus keeps it; what says the same stays as it is, marked text and all. */
  const replace = (page) => {
    const before = new Map([...list().querySelectorAll("[data-state]")].map((one) => [one.id, one.dataset.state]));
    const parts = [...document.querySelectorAll("[data-follow]")];
    const open = [...list().querySelectorAll("details[open]")].map((one) => one.id);
    const focus = parts.some((one) => one.contains(document.activeElement)) ? document.activeElement : null;
    const [id, article] = [focus?.id, focus?.closest("article")?.id];
    for (const part of parts) {
      const next = page.getElementById(part.id);
      if (next && next.textContent !== part.textContent) part.replaceWith(document.adoptNode(next));
    }
    for (const one of open) {
      const fold = document.getElementById(one);
      if (fold) fold.open = true;
    }
    if (focus) {
      const there = (id && document.getElementById(id)) || (article && document.querySelector(`#${article} summary`));
      (there || document.getElementById("main")).focus({ preventScroll: true });
    }
    const moved = [...list().querySelectorAll("[data-state]")].filter((one) => before.get(one.id) !== one.dataset.state);
    if (moved.length) said.textContent = moved.map((one) => one.dataset.said).join(", ");
  };

  const renew = async () => {
    if (document.hidden) {
      follow();
      return;
    }
    try {
      const answer = await fetch("/models/trainings", { headers: { Accept: "text/html" } });
      if (answer.redirected || !answer.ok) {
        window.location.reload();
        return;
      }
      replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      /* the connection is gone for now: asked again */
    }
    follow();
  };

  follow();
})();
