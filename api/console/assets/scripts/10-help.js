/* The box that lists the keys of this page. Without JavaScript the link in the footer leads to a page of them. */
(() => {
  "use strict";
  const box = document.getElementById("keys");
  if (!(box instanceof HTMLDialogElement)) return;
  const isOn = box.querySelector("#keys-on");

  const show = () => {
    isOn.checked = Waspada.keys.enabled;
    box.showModal();
  };

  Waspada.keys.on("?", show);
  isOn.addEventListener("change", () => {
    Waspada.keys.enabled = isOn.checked;
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
