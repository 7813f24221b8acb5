/* Subscribes this browser to push messages and sends the subscription with the form that it stands in. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-push]");
  if (!(form instanceof HTMLFormElement)) return;
  const button = form.querySelector("button");
  const field = form.querySelector("input[name=address]");
  const line = form.querySelector("[data-push-line]");

  const tell = (word) => {
    line.textContent = form.dataset[word] ?? "";
  };

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };

  const subscribe = async () => {
    if ((await Notification.requestPermission()) !== "granted") return tell("denied");
    const worker = await navigator.serviceWorker.register("/push.js");
    await navigator.serviceWorker.ready;
    const key = bytes(form.dataset.push);
    const old = await worker.pushManager.getSubscription();
    if (old) await old.unsubscribe();
    const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    field.value = JSON.stringify(made);
    form.submit();
    return undefined;
  };

  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    tell("unable");
    return;
  }
  button.hidden = false;
  tell("ready");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    tell("working");
    subscribe()
      .catch(() => tell("failed"))
      .finally(() => {
        button.disabled = false;
      });
  });
})();
