"use strict";
const metric = document.getElementById("metric");
const group = document.getElementById("group");
const search = document.getElementById("search");
const rows = [...document.querySelectorAll("#items tbody tr")];

function show() {
  const words = JSON.parse(metric.selectedOptions[0].dataset.words);
  [...group.options].slice(1).forEach((option, i) => { option.textContent = words[i]; });
  const column = Number(metric.value) + 1;
  const wanted = search.value.trim().toLowerCase();
  for (const row of document.querySelectorAll("#items tr")) {
    for (let i = 1; i <= metric.options.length; i++) row.cells[i].hidden = i !== column;
  }
  let shown = 0;
  for (const row of rows) {
    const fits = !group.value || row.cells[column].dataset.group === group.value;
    row.hidden = !(fits && row.textContent.toLowerCase().includes(wanted));
    shown += row.hidden ? 0 : 1;
  }
  document.getElementById("shown").textContent = `${shown} of ${rows.length} shown`;
}

for (const control of [metric, group, search]) control.addEventListener("input", show);
for (const button of document.querySelectorAll("button[data-group]")) {
  button.addEventListener("click", () => {
    metric.value = button.dataset.metric;
    group.value = button.dataset.group;
    show();
    document.getElementById("filters").scrollIntoView();
  });
}
document.getElementById("filters").hidden = false;
show();
