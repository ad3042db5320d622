// Draws every figure[data-chart] from the JSON beside it, in the colours of the tokens.
(function () {
  const drawn = new Map();

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function optionOf(chart) {
    const isBar = chart.kind === "bar" || chart.kind === "stack";
    const show = (value) => (value == null ? "–" : chart.isShare ? `${Math.round(value * 100)}%` : Number(value).toLocaleString());
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return {
      animation: !calm,
      animationDuration: 180,
      textStyle: { fontFamily: token("--font"), fontSize: 12 },
      grid: { left: 4, right: chart.series.length > 1 ? 84 : 16, top: 28, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis",
        backgroundColor: token("--card"),
        borderColor: token("--line-strong"),
        textStyle: { color: token("--ink"), fontSize: 12 },
        valueFormatter: show,
      },
      xAxis: {
        type: "category",
        data: chart.labels,
        boundaryGap: isBar,
        axisLine: { lineStyle: { color: token("--line-strong") } },
        axisTick: { show: false },
        axisLabel: { color: token("--ink-soft"), hideOverlap: true },
      },
      yAxis: {
        type: "value",
        name: chart.unit,
        nameTextStyle: { color: token("--ink-faint"), align: "left" },
        splitLine: { lineStyle: { color: token("--line") } },
        axisLabel: { color: token("--ink-soft"), formatter: show },
        minInterval: chart.isShare ? 0 : 1,
      },
      series: chart.series.map((series, place) => {
        const colour = token(`--series-${series.tone || (place % 5) + 1}`);
        return {
          name: series.name,
          type: isBar ? "bar" : "line",
          stack: chart.kind === "stack" ? "all" : undefined,
          data: series.values,
          showSymbol: chart.labels.length <= 14,
          symbolSize: 6,
          barMaxWidth: 26,
          lineStyle: { width: 2 },
          itemStyle: { color: colour, borderRadius: isBar && chart.kind !== "stack" ? [3, 3, 0, 0] : 0 },
          areaStyle: chart.kind === "area" ? { color: colour, opacity: 0.12 } : undefined,
          endLabel: chart.series.length > 1 && !isBar ? { show: true, formatter: "{a}", color: colour } : undefined,
        };
      }),
      legend: isBar && chart.series.length > 1 ? { top: 0, right: 0, textStyle: { color: token("--ink-soft") } } : undefined,
    };
  }

  function draw(figure) {
    const values = document.getElementById(figure.dataset.chart);
    const canvas = figure.querySelector(".chart__canvas");
    if (!window.echarts || !values || drawn.has(canvas)) return;
    const picture = window.echarts.init(canvas, null, { renderer: "svg" });
    const chart = JSON.parse(values.textContent);
    picture.setOption(optionOf(chart));
    drawn.set(canvas, { picture, chart });
    const button = figure.querySelector("[data-chart-picture]");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = picture.getDataURL({ type: "svg" });
      link.download = `${chart.title}.svg`;
      link.click();
    });
  }

  const drawAll = (root) => root.querySelectorAll("figure[data-chart]").forEach(draw);
  drawAll(document);
  document.addEventListener("htmx:load", (event) => drawAll(event.target.parentElement || document));
  window.addEventListener("resize", () => drawn.forEach(({ picture }) => picture.resize()));
  new MutationObserver(() => drawn.forEach(({ picture, chart }) => picture.setOption(optionOf(chart))))
    .observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
