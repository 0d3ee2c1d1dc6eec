const read = (element) => JSON.parse(element.textContent);

// Light or dark: as the system has it, until the button is used.
const root = document.documentElement;
const isDark = () => (root.style.colorScheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
document.getElementById("theme").addEventListener("click", () => {
  root.style.colorScheme = isDark() ? "light" : "dark";
});

// On paper all parts are open.
const folded = () => document.querySelectorAll("main details:not([open])");
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...folded()];
  for (const part of unfolded) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of unfolded) part.open = false;
});

// Sorting: best first, then worst first, then as it was.
const number = (text) => {
  const clock = text.match(/^(\d+):(\d\d):(\d\d)$/);
  if (clock) return 3600 * clock[1] + 60 * clock[2] + Number(clock[3]);
  const found = parseFloat(text.replace(/^[<≈ ]+/, ""));
  return Number.isNaN(found) ? null : found;
};
function cellAt(row, column) {
  let place = 0;
  for (const cell of row.cells) {
    place += cell.colSpan;
    if (column < place) return cell;
  }
  return null;
}
function compare(one, other, column, numeric) {
  const texts = [one, other].map((row) => cellAt(row, column)?.innerText.trim() ?? "");
  if (!numeric) return texts[0].localeCompare(texts[1]);
  const [a, b] = texts.map(number);
  if (a === null || b === null) return (a === null) - (b === null);
  return b - a;
}
for (const table of document.querySelectorAll("table.grid")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const headings = [...table.tHead.rows].at(-1).cells;
  let column = 0;
  for (const heading of headings) {
    const own = column;
    column += heading.colSpan;
    heading.querySelector(".sort")?.addEventListener("click", () => {
      const numeric = !heading.classList.contains("left");
      const first = numeric ? "descending" : "ascending";
      const second = numeric ? "ascending" : "descending";
      const before = heading.getAttribute("aria-sort");
      const order = before === null ? first : before === first ? second : null;
      for (const one of headings) one.removeAttribute("aria-sort");
      const rows = [...original];
      if (order) {
        heading.setAttribute("aria-sort", order);
        rows.sort((one, other) => compare(one, other, own, numeric));
        if (order === second) {
          // What has no number stays below.
          const empty = (row) => numeric && number(cellAt(row, own)?.innerText.trim() ?? "") === null;
          const [full, rest] = [rows.filter((row) => !empty(row)), rows.filter(empty)];
          rows.splice(0, rows.length, ...full.reverse(), ...rest);
        }
      }
      table.classList.toggle("sorted", order !== null);
      body.replaceChildren(...rows);
    });
  }
}

// What is behind a cell.
const dialog = document.getElementById("detail");
let details = null;
function line(texts, kind) {
  const row = document.createElement("tr");
  for (const text of texts) {
    const cell = document.createElement(kind);
    cell.textContent = text ?? "–";
    row.append(cell);
  }
  return row;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-detail]");
  if (!button) {
    if (event.target === dialog) dialog.close();
    return;
  }
  details ??= read(document.getElementById("details"));
  const found = details.cells[button.dataset.detail];
  document.getElementById("detail-title").textContent = found.title;
  document.getElementById("detail-facts").textContent = found.facts.join(" ");
  document.getElementById("detail-command").textContent = found.command;
  const table = dialog.querySelector("table");
  table.tHead.replaceChildren(line(details.headings, "th"));
  table.tBodies[0].replaceChildren(...found.rows.map((row) => line(row, "td")));
  dialog.showModal();
});

// Charts: drawn one after the other, and again when a choice above them changes.
const config = {
  background: null,
  view: { stroke: null },
  font: "system-ui, sans-serif",
  axis: {
    labelColor: "var(--ink)", titleColor: "var(--faint)", gridColor: "var(--line)", domainColor: "var(--line)",
    tickColor: "var(--line)", labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal",
  },
  axisX: { labelFlush: false },
  axisY: { grid: false },
  legend: { labelColor: "var(--ink)", titleColor: "var(--faint)", labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", orient: "top" },
  title: { color: "var(--ink)" },
  text: { color: "var(--ink)" },
};
async function draw(block) {
  const chosen = [...block.element.querySelectorAll("select")]
    .filter((select) => select.value !== "")
    .map((select) => [select.dataset.field, select.value]);
  const shown = (row) => chosen.every(([field, value]) => row[field] === undefined || row[field] === value);
  for (const [place, chart] of block.charts.entries()) {
    const target = block.targets[place];
    const rows = chart.rows.filter(shown);
    target.closest(".panel").hidden = rows.length === 0;
    if (rows.length === 0) continue;
    const spec = { ...chart.spec, data: { values: rows } };
    const lines = spec.usermeta?.lines;
    if (lines) spec.height = 19 * new Set(rows.flatMap((row) => row[lines])).size;
    await window.vegaEmbed(target, spec, { mode: "vega-lite", renderer: "svg", actions: false, config });
  }
}
for (const element of document.querySelectorAll(".charts")) {
  const block = { element, ...read(element.querySelector("script.data")), targets: [...element.querySelectorAll(".chart")] };
  element.addEventListener("change", () => draw(block));
  await draw(block);
}
root.dataset.drawn = "yes";
