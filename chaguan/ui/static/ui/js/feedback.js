// Toasts, the one confirm dialog, and honest words when the server does not answer.
(function () {
  const toasts = document.getElementById("toasts");
  const ask = document.getElementById("ask");
  const words = document.body.dataset;
  const STAYS_MS = 8000;

  function say(sentence) {
    const toast = document.createElement("div");
    toast.className = "toast-item toast-item--error";
    toast.dataset.toast = "";
    toast.textContent = sentence;
    toasts.append(toast);
  }

  document.addEventListener("click", (event) => {
    event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  });

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    const text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      if (source.select) source.select(); // without https there is no clipboard; this still works
      else window.getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    const label = button.querySelector("[data-copy-label]") || button;
    label.textContent = button.dataset.copied;
  }

  new MutationObserver(() => {
    for (const toast of toasts.querySelectorAll("[data-toast]:not([data-timed])")) {
      toast.dataset.timed = "";
      window.setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), STAYS_MS);
    }
  }).observe(toasts, { childList: true, subtree: true });
  for (const toast of toasts.querySelectorAll("[data-toast]")) {
    toast.dataset.timed = "";
    window.setTimeout(() => toast.remove(), STAYS_MS);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.agreed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const yes = ask.querySelector('[data-ask="yes"]');
    ask.querySelector("#ask-sentence").textContent = form.dataset.confirm;
    ask.querySelector("#ask-note").textContent = form.dataset.confirmNote || "";
    yes.dataset.usual ??= yes.textContent;
    yes.textContent = form.dataset.confirmYes || yes.dataset.usual;
    const pressed = event.submitter;
    ask.onclick = (click) => {
      const answer = click.target.closest("[data-ask]")?.dataset.ask;
      if (!answer) return;
      ask.close();
      if (answer !== "yes") return;
      form.dataset.agreed = "yes";
      form.requestSubmit(pressed);
      delete form.dataset.agreed;
    };
    ask.showModal();
  }, true);

  for (const box of document.querySelectorAll("[data-at-foot]")) box.scrollTop = box.scrollHeight;

  document.addEventListener("htmx:sendError", () => say(words.offline));
  document.addEventListener("htmx:timeout", () => say(words.offline));
  document.addEventListener("htmx:responseError", (event) => {
    say(event.detail.xhr.status === 404 ? words.gone : words.broken);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });
})();
