// The keyboard of the console: `/` search, `?` help, `g` then a letter goes, `j`/`k` walk a list.
(function () {
  let awaitsPlace = false;
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

  function go(letter) {
    const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (link) window.location.assign(link.href);
  }

  function walk(step) {
    const rows = [...document.querySelectorAll("[data-walk]")];
    if (!rows.length) return;
    const here = rows.findIndex((row) => row.classList.contains("is-current"));
    const next = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
    rows[here]?.classList.remove("is-current");
    next.classList.add("is-current");
    const link = next.matches("a") ? next : next.querySelector("a[href], summary, button");
    link?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (awaitsPlace) {
      awaitsPlace = false;
      go(event.key);
    } else if (event.key === "g") {
      awaitsPlace = true;
      window.setTimeout(() => { awaitsPlace = false; }, 1200);
    } else if (event.key === "/") {
      event.preventDefault();
      document.querySelector("[data-search]")?.focus();
    } else if (event.key === "?") {
      document.getElementById("keys")?.showModal();
    } else if (event.key === "j" || event.key === "k") {
      walk(event.key === "j" ? 1 : -1);
    }
  });
})();
