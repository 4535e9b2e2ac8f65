// Draws the figures over time from the tables beside them. Without uPlot the tables are all there is.
import uPlot from "/static/packages/uplot/uPlot.esm.js";

const HEIGHT = 180;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function read(table) {
  const rows = [...table.rows];
  const days = rows.map((row) => Date.parse(row.cells[0].dataset.name) / 1000);
  const counts = rows.map((row) => (row.cells[2].dataset.count === "" ? null : Number(row.cells[2].dataset.count)));
  return [days, counts];
}

function draw(chart) {
  const data = read(document.getElementById(chart.dataset.table));
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  const form = new Intl.DateTimeFormat("it", { day: "numeric", month: "short", timeZone: "UTC" });
  const plot = new uPlot(
    {
      width: chart.clientWidth,
      height: HEIGHT,
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"), // days have no zone here: all are at UTC's midnight
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(5, most * 1.1)] } },
      axes: [{ ...axis, values: (_plot, splits) => splits.map((at) => form.format(at * 1000)) }, axis],
      series: [{}, { stroke: colour("--accent"), fill: colour("--accent"), paths: uPlot.paths.bars({ size: [0.7, 40] }), points: { show: false } }],
    },
    data,
    chart,
  );
  new ResizeObserver(() => plot.setSize({ width: chart.clientWidth, height: HEIGHT })).observe(chart);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { plot.destroy(); draw(chart); }, { once: true });
}

document.querySelectorAll(".chart").forEach(draw);
