// Runs before the first paint: "auto" follows the system, so that no page flashes white at night.
(function () {
  const root = document.documentElement;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  function show() {
    if (root.dataset.themeChoice === "auto") {
      root.dataset.bsTheme = night.matches ? "dark" : "light";
    }
  }
  show();
  night.addEventListener("change", show);
})();
