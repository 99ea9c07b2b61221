"use strict";

// -- Links out of Airflow's frame: the frame may not navigate its parent, but a link of the parent may.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-out]");
  if (!link || document.documentElement.dataset.framed !== "true") return;
  let parent;
  try { parent = window.parent.document; } catch { return; }
  event.preventDefault();
  const twin = parent.createElement("a");
  twin.href = link.href;
  if (link.dataset.out === "new") { twin.target = "_blank"; twin.rel = "noopener noreferrer"; }
  parent.body.append(twin);
  twin.click();
  twin.remove();
});

// -- Live rows: the first page of the log is asked for again while somebody looks at it.
const live = document.querySelector("[data-live]");
if (live) {
  const said = document.querySelector("[data-live-said]");
  const switched = document.querySelector("[data-live-switch]");
  let mark = "";
  const ask = async () => {
    if (document.hidden || (switched && !switched.checked)) return;
    try {
      const headers = mark ? { "if-none-match": mark } : {};
      const answer = await fetch(live.dataset.live, { headers, credentials: "same-origin" });
      if (answer.status === 200) {
        const first = !mark;
        mark = answer.headers.get("etag") || "";
        const ticked = new Set([...live.querySelectorAll("input:checked")].map((box) => box.value));
        const focused = document.activeElement && document.activeElement.id;
        live.innerHTML = await answer.text();
        live.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = ticked.has(box.value); });
        if (focused) document.getElementById(focused)?.focus();
        if (said && !first) said.textContent = `Updated at ${new Date().toLocaleTimeString()}`;
      } else if (answer.status !== 304 && said) {
        said.textContent = "Not live any more: open the page again";
      }
    } catch { if (said) said.textContent = "Airflow does not answer; asking again"; }
  };
  window.setInterval(ask, Number(live.dataset.every || 5000));
}

// -- A page that waits for something to appear.
const again = document.querySelector("[data-reload]");
if (again) window.setTimeout(() => window.location.reload(), Number(again.dataset.reload));

// -- Tick all of a table.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  document.querySelectorAll("input[name=id]").forEach((box) => { box.checked = event.target.checked; });
});

// -- Another row of the template form, without asking the server.
document.querySelector("[data-another]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const rows = document.querySelector("[data-rows]");
  const row = rows.lastElementChild.cloneNode(true);
  const number = rows.children.length + 1;
  row.querySelectorAll("input, textarea").forEach((one) => { one.value = ""; });
  row.querySelectorAll("select").forEach((one) => { one.selectedIndex = 0; });
  row.querySelectorAll("[id]").forEach((one) => { one.id = one.id.replace(/\d+$/, number); });
  row.querySelectorAll("label[for]").forEach((one) => { one.htmlFor = one.htmlFor.replace(/\d+$/, number); });
  row.querySelector("legend").textContent = `Row ${number}`;
  rows.append(row);
  row.querySelector("select, input").focus();
});

// -- Selects that lead somewhere at once.
document.querySelectorAll("form[data-at-once] select").forEach((one) => {
  one.addEventListener("change", () => one.form.requestSubmit());
});

// -- Copy a text.
document.querySelectorAll("[data-copy]").forEach((button) => {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
    catch { window.getSelection().selectAllChildren(document.getElementById(button.dataset.copy)); }
  });
});
