"use strict";
// Airflow keeps its own choice of light or dark under this name; the page follows it before it is painted.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    let chosen = "system";
    try { chosen = localStorage.getItem("theme") || "system"; } catch { /* no storage: as the system is */ }
    const theme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
    document.documentElement.dataset.theme = theme === "dark" ? "dark" : "light";
    document.dispatchEvent(new Event("theme"));
  };
  follow();
  window.addEventListener("storage", follow);
  dark.addEventListener("change", follow);
  document.documentElement.dataset.framed = String(window.self !== window.top);
})();
