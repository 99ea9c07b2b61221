"use strict";
(() => {
  const data = JSON.parse(document.getElementById("charts").textContent);
  const made = [];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const STATES = { confirmed: "good", unconfirmed: "sent", refused: "bad", failed: "bad-2", needs_person: "doubt", in_doubt: "doubt-2",
    closed: "calm", planned: "busy", intent: "busy-2" };

  const base = (extra) => ({
    animation: false, responsive: true, maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    plugins: { legend: { position: "bottom", labels: { color: colour("ink"), boxWidth: 12, boxHeight: extra.line ? 1 : 12 } }, ...extra.plugins },
    scales: extra.scales, indexAxis: extra.indexAxis || "x",
  });
  const axis = (more) => ({ grid: { color: colour("line") }, ticks: { color: colour("ink-2"), maxRotation: 0, autoSkipPadding: 12, ...(more.ticks || {}) },
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== "ticks")) });
  const short = (text) => (text.length > 26 ? `${text.slice(0, 25)}…` : text);
  const draw = (id, type, content, extra) => {
    const canvas = document.getElementById(id);
    if (canvas) made.push(new Chart(canvas, { type, data: content, options: base(extra) }));
  };

  const all = () => {
    made.splice(0).forEach((one) => one.destroy());
    draw("outcomes", "bar", {
      labels: data.labels,
      datasets: data.outcomes.map((one) => ({ label: one.label, data: one.counts, backgroundColor: colour(STATES[one.state]) })),
    }, { scales: { x: axis({ stacked: true }), y: axis({ stacked: true, beginAtZero: true, ticks: { precision: 0 } }) } });
    const line = (label, values, tone, dash) => ({ label, data: values, borderColor: colour(tone), backgroundColor: colour(tone),
      borderDash: dash, borderWidth: 2, spanGaps: true, pointRadius: 2, tension: 0.2 });
    draw("durations", "line", {
      labels: data.labels,
      datasets: [line("half of them within", data.durations.median, "brand", []), line("95 of 100 within", data.durations.p95, "doubt", [5, 3])],
    }, { line: true, scales: { x: axis({}), y: axis({ beginAtZero: true, title: { display: true, text: "seconds", color: colour("ink-2") } }) } });
    draw("rows", "bar", {
      labels: data.rows.labels.map(short),
      datasets: [{ label: "actions refused", data: data.rows.counts, backgroundColor: colour("bad") }],
    }, { indexAxis: "y", plugins: { legend: { display: false }, tooltip: { callbacks: { afterTitle: (at) => data.rows.fields[at[0].dataIndex] } } },
      scales: { x: axis({ beginAtZero: true, ticks: { precision: 0 } }), y: axis({ ticks: { autoSkip: false } }) } });
    draw("backlog", "bar", {
      labels: data.backlog.labels.map(short),
      datasets: [{ label: "waiting", data: data.backlog.waiting, backgroundColor: colour("busy") },
        { label: "in doubt", data: data.backlog.doubt, backgroundColor: colour("doubt") }],
    }, { indexAxis: "y", scales: { x: axis({ stacked: true, beginAtZero: true, ticks: { precision: 0 } }), y: axis({ stacked: true, ticks: { autoSkip: false } }) } });
  };
  all();
  document.addEventListener("theme", all);
})();
