// The playbook editor: drag a card to another day or track, arrow keys, the time's parts, lines of the YAML.
(function () {
  const editor = document.getElementById("editor");
  let held = ""; // the card that had the focus before the board was drawn again

  function change(values) {
    const seen = document.getElementById("draft-version").value;
    window.htmx.ajax("POST", editor.dataset.change, { source: editor, swap: "none", values: { seen, ...values } });
  }

  function dragAll() {
    if (!window.Sortable) return;
    for (const cell of document.querySelectorAll(".eboard__cell:not([data-drag])")) {
      cell.dataset.drag = "";
      window.Sortable.create(cell, {
        group: "steps", draggable: ".ecard", sort: false, animation: 120, delay: 200, delayOnTouchOnly: true,
        onEnd(event) {
          const { from, to, item } = event;
          if (from === to) return;
          const days = between(from.dataset, to.dataset);
          change({ act: "move", code: item.dataset.code, days: days ?? "none", track: to.dataset.track });
        },
      });
    }
  }

  // Days are counted without a day 0: the day before day 1 is day -1.
  function between(from, to) {
    if (from.column === to.column) return 0;
    if (from.day === "" || to.day === "" || !sameCount(from.column, to.column)) return null;
    const n = (day) => (day > 0 ? day - 1 : day);
    const straight = from.column.startsWith("day:E");
    return straight ? to.day - from.day : n(Number(to.day)) - n(Number(from.day));
  }
  const sameCount = (one, two) => one.startsWith("day:E") === two.startsWith("day:E");

  function move(card, key) {
    const track = card.closest("td").dataset.track;
    const days = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (days) return change({ act: "move", code: card.dataset.code, days });
    const rows = [...document.querySelectorAll(".eboard__table tbody tr")];
    const here = rows.findIndex((row) => row.querySelector("td")?.dataset.track === track);
    const next = rows[here + (key === "ArrowDown" ? 1 : -1)]?.querySelector("td");
    if (next) change({ act: "move", code: card.dataset.code, days: 0, track: next.dataset.track });
  }

  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".ecard");
    if (!card || !event.altKey || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    held = card.dataset.code;
    move(card, event.key);
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close-panel]")) return;
    event.preventDefault();
    const panel = document.getElementById("panel");
    panel.replaceChildren();
    window.history.replaceState(null, "", window.location.pathname);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-counts]")) event.target.closest(".etime").dataset.counts = event.target.value;
  });

  // Most work is on the days from the first on; what is prepared before them lies to the left.
  function showFirstDay() {
    const board = document.getElementById("draft-board");
    const first = board?.querySelector("[data-column='day:1']");
    if (first) board.scrollLeft = Math.max(0, first.offsetLeft - 320);
  }
  showFirstDay();

  // A new board keeps the place it was scrolled to, and the card that is being moved keeps the focus.
  let scrolled = 0;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id === "draft-board") scrolled = event.detail.target.scrollLeft;
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id !== "draft-board") return;
    const board = document.getElementById("draft-board");
    if (board && !board.querySelector("[data-drag]")) board.scrollLeft = scrolled;
    dragAll();
    if (held) document.querySelector(`.ecard[data-code="${CSS.escape(held)}"]`)?.focus();
    held = "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "panel") return;
    for (const card of document.querySelectorAll(".ecard.is-open")) card.classList.remove("is-open");
    const code = event.detail.target.querySelector(".panel-head__title")?.textContent ?? "";
    for (const card of document.querySelectorAll(`.ecard[data-code="${CSS.escape(code)}"]`)) card.classList.add("is-open");
    if (window.innerWidth < 1200) event.detail.target.scrollIntoView({ block: "start" });
  });

  // The problems of the YAML lead to their line.
  const yaml = document.querySelector("[data-yaml]");
  function goToLine(line) {
    const lines = yaml.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    yaml.focus();
    yaml.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    yaml.scrollTop = Math.max(0, (line - 6) * 20);
  }
  if (yaml) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-line]");
      if (!link) return;
      event.preventDefault();
      goToLine(Number(link.dataset.line));
    });
    const asked = /^#line-(\d+)$/.exec(window.location.hash);
    if (asked) goToLine(Number(asked[1]));
  }
  if (editor) dragAll();
})();
