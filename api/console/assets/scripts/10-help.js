/* The box that lists the keys of this page. Without JavaScript the link in the footer leads to a page of them. */
(() => {
  "use strict";
  const box = document.getElementById("keys");
  if (!(box instanceof HTMLDialogElement)) return;
  const button = box.querySelector("[data-switch]");

  const tell = () => button.setAttribute("aria-pressed", String(Waspada.keys.enabled));

  const show = () => {
    tell();
    box.showModal();
  };

  Waspada.keys.on("?", show);
  button.addEventListener("click", () => {
    Waspada.keys.enabled = !Waspada.keys.enabled;
    tell();
  });
  box.addEventListener("click", (event) => {
    if (event.target === box || event.target.closest("[data-close]")) box.close();
  });
  for (const link of document.querySelectorAll("a[data-help]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show();
    });
  }
})();
