// Shows <time data-show="…"> in the reader's own zone and words. Without it the server's text stays.
(function () {
  const lang = document.documentElement.lang || "zh-hans";
  const locale = lang.startsWith("zh") ? "zh-CN" : "en-GB";
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

  function ago(at) {
    let amount = (at - Date.now()) / 1000;
    for (const [unit, size] of STEPS) {
      if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
      amount /= size;
    }
    return "";
  }

  function moment(at, withDay) {
    const hour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    if (!withDay) return new Intl.DateTimeFormat(locale, hour).format(at);
    const year = at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
    return new Intl.DateTimeFormat(locale, { ...year, month: "short", day: "numeric", ...hour }).format(at);
  }

  function localise(root) {
    for (const element of root.querySelectorAll("time[data-show]")) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      element.title = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" }).format(at);
      if (element.dataset.show === "ago") element.textContent = ago(at);
      if (element.dataset.show === "moment") element.textContent = moment(at, true);
      if (element.dataset.show === "hour") element.textContent = moment(at, false);
    }
  }

  localise(document);
  document.addEventListener("htmx:load", (event) => localise(event.target.parentElement || document));
  window.setInterval(() => localise(document), 60000);
})();
