// Popovers are <details class="peek">: they open without us; we close them on Escape or a click outside.
(function () {
  function closeAll(except) {
    for (const peek of document.querySelectorAll("details.peek[open]")) {
      if (peek !== except) peek.open = false;
    }
  }
  document.addEventListener("click", (event) => closeAll(event.target.closest("details.peek")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.peek[open]");
    closeAll(null);
    open?.querySelector("summary").focus();
  });
  // A body that would leave the window opens towards the other side.
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details.peek[open]")) return;
    const body = event.target.querySelector(".peek__body");
    event.target.classList.toggle("peek--end", false);
    const leaves = body.getBoundingClientRect().right > document.documentElement.clientWidth;
    event.target.classList.toggle("peek--end", leaves);
  }, true);
})();
