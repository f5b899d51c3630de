/* Bars above a table, drawn from the table itself: there is no second source of numbers. ECharts is large, so it is
   fetched only when a chart comes near the window; without it, or without this file, the table stands alone. */
"use strict";
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const TONES = { pale: "--sunk", middle: "--line", ink: "--ink" }; // the accent is kept for what is struck off
  const ROW = 34; // px a row of bars takes; three thin bars and a little air
  let fetched = null;

  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      drawing(target.dataset.draws).then(() => draw(target), () => {}); // unreachable: the table says the same
    }
  }, { rootMargin: "200px" });

  for (const chart of document.querySelectorAll("[data-chart]")) if (chart.dataset.draws) near.observe(chart);

  function drawing(address) {
    fetched ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    return fetched;
  }

  function draw(chart) {
    const { names, series } = read(chart.querySelector("table"));
    if (!names.length || !series.length) return;
    const sheet = chart.querySelector(".chart-sheet");
    const bars = document.createElement("div");
    bars.style.height = `${names.length * ROW + 16}px`;
    sheet.append(keys(series), bars);
    sheet.hidden = false;
    const drawn = echarts.init(bars);
    const paint = () => drawn.setOption(option(names, series), true);
    paint();
    new ResizeObserver(() => drawn.resize()).observe(bars);
    dark.addEventListener("change", paint);
  }

  function read(table) {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const number = (cell) => Number(cell.textContent.replace(/[^\d.-]/g, "")) || 0;
    return {
      names: rows.map((row) => row.cells[0].textContent.trim()),
      series: heads.flatMap((head, place) => head.dataset.series
        ? [{ name: head.textContent.trim(), tone: head.dataset.series, data: rows.map((row) => number(row.cells[place])) }]
        : []),
    };
  }

  // ECharts' small build has no legend, and words in the page's own type read better.
  function keys(series) {
    const line = document.createElement("p");
    line.className = "chart-keys";
    line.append(...series.map(({ name, tone }) => {
      const key = document.createElement("span");
      key.className = `chart-key ${tone}`;
      key.textContent = name;
      return key;
    }));
    return line;
  }

  function option(names, series) {
    const ink = colour("--ink");
    const style = getComputedStyle(document.body);
    const text = { color: ink, fontFamily: style.fontFamily, fontSize: parseFloat(style.fontSize) * 0.8 };
    return {
      animation: false,
      textStyle: text,
      grid: { top: 4, left: 0, right: 44, bottom: 8, containLabel: true },
      xAxis: { type: "value", show: false },
      yAxis: {
        type: "category", data: names, inverse: true, axisTick: { show: false },
        axisLine: { lineStyle: { color: ink } }, axisLabel: { ...text, width: 130, overflow: "truncate" },
      },
      series: series.map(({ name, tone, data }) => ({
        name, data, type: "bar", barMaxWidth: 9, barGap: "15%",
        itemStyle: { color: colour(TONES[tone] || "--ink"), borderColor: ink, borderWidth: 1 },
        // No bar, no number: a nought would stand in the way of its neighbours.
        label: { ...text, show: true, position: "right", fontSize: 11, formatter: ({ value }) => value || "" },
      })),
    };
  }
})();
