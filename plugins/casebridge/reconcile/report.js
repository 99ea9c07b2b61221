"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const charts = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  const say = (id, text) => {
    const holder = document.getElementById(id).parentElement;
    holder.textContent = text;
    holder.className = "empty";
  };

  // On a phone, a name takes two lines rather than half of the chart.
  const lines = (name) => {
    if (innerWidth > 640) return name;
    const words = name.split(" "), half = Math.ceil(words.length / 2);
    return words.length < 3 ? name : [words.slice(0, half).join(" "), words.slice(half).join(" ")];
  };

  const scales = (stacked) => ({
    x: { stacked, grid: { color: colour("line") }, ticks: { color: colour("quiet"), precision: 0, maxRotation: 45 }, beginAtZero: true },
    y: { stacked, grid: { color: colour("line") }, ticks: { color: colour("ink"), precision: 0, autoSkip: stacked }, beginAtZero: true },
  });

  const draw = () => {
    while (charts.length) charts.pop().destroy();
    Chart.defaults.font.family = "system-ui, sans-serif";
    Chart.defaults.animation = false;
    if (data.now.length) {
      charts.push(new Chart("now", {
        type: "bar",
        data: {
          labels: data.now.map((one) => lines(one.name)),
          datasets: [{
            data: data.now.map((one) => one.count),
            backgroundColor: data.now.map((one) => colour(one.key)),
            borderRadius: 4,
            maxBarThickness: 28,
          }],
        },
        options: {
          indexAxis: "y",
          maintainAspectRatio: false,
          plugins: { legend: { display: false } },
          scales: scales(false),
        },
      }));
    }
    if (data.trend.length) {
      charts.push(new Chart("trend", {
        type: "bar",
        data: {
          labels: data.runs,
          datasets: data.trend.map((one) => ({
            label: one.name, data: one.counts, backgroundColor: colour(one.key), maxBarThickness: 40,
          })),
        },
        options: {
          maintainAspectRatio: false,
          plugins: { legend: { position: "bottom", labels: { color: colour("ink"), boxWidth: 12 } } },
          scales: scales(true),
        },
      }));
    }
  };

  if (!data.now.length) say("now", "There is no drift.");
  if (!data.trend.length) say("trend", "There was no drift in any of them.");
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
