/* The box of further pages closes with Escape and with a click beside it. */
(() => {
  "use strict";
  const close = (one) => {
    one.open = false;
  };
  const opened = () => [...document.querySelectorAll("details.more[open]")];
  document.addEventListener("click", (event) => opened().filter((one) => !one.contains(event.target)).forEach(close));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const one of opened()) {
      close(one);
      one.querySelector("summary").focus();
    }
  });
})();
