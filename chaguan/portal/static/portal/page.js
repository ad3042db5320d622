// Small comforts; every page works without them. Copy buttons, and one tap is one tap.
(function () {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const text = "value" in source ? source.value : source.textContent;
      try {
        await navigator.clipboard.writeText(text.trim());
      } catch {
        if (!source.select) return;
        source.select();
        document.execCommand("copy"); // pages opened inside chat apps often have only this
      }
      (button.querySelector("span") || button).textContent = button.dataset.done;
    });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    if (form.id !== "pen") form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
})();
