/* The tables of the day: tabs, order, filter. What a reader chose is kept when another day is put in. */

const chosen = {tab: "project", column: "name", descending: false, words: ""};
const NUMBERS = ["households", "area", "share", "left", "between"];
const inOrder = new Intl.Collator(document.documentElement.lang, {numeric: true}).compare;

/** Take the marks off letters, so that "mai pha" finds "Mai Phả" and "dong" finds "Đông". */
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

/** Start the controls; `onOpen(kind, key)` is called when a row is chosen. */
export function startTable(figures, onOpen) {
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.addEventListener("click", () => showTab(tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      showTab(chosen.tab === "project" ? "commune" : "project");
      document.querySelector(`[data-tab=${chosen.tab}]`).focus();
    });
  }
  document.getElementById("filter").addEventListener("input", (event) => {
    chosen.words = plain(event.target.value.trim());
    arrange(figures);
  });
  figures.addEventListener("click", (event) => {
    const sorter = event.target.closest("[data-sort]");
    if (sorter) return sortBy(figures, sorter.dataset.sort);
    const row = event.target.closest("tr[data-key]");
    if (!row || !row.dataset.key || document.getSelection().toString()) return;
    event.preventDefault();
    onOpen(row.dataset.kind, row.dataset.key);
  });
  showTab(chosen.tab);
  arrange(figures);
}

/** Show the table of projects or that of communes. */
export function showTab(name) {
  chosen.tab = name;
  for (const tab of document.querySelectorAll("[data-tab]")) {
    const on = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", on);
    tab.tabIndex = on ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
  }
}

/** Bring tables that were just put in into the order, filter and tab a reader chose. */
export function arrange(figures) {
  showTab(chosen.tab);
  for (const table of figures.querySelectorAll("table[data-table]")) {
    const rows = [...table.tBodies[0].rows].filter((row) => row.dataset.kind);
    table.tBodies[0].append(...rows.sort(compare));
    let shown = 0;
    for (const row of rows) {
      row.hidden = !plain(row.cells[0].textContent).includes(chosen.words);
      shown += row.hidden ? 0 : 1;
    }
    table.parentElement.querySelector(".nothing").hidden = shown > 0 || !chosen.words;
    for (const button of table.querySelectorAll("[data-sort]")) {
      const sorted = button.dataset.sort === chosen.column;
      const heading = button.closest("th");
      if (sorted) heading.setAttribute("aria-sort", chosen.descending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
  }
}

function sortBy(figures, column) {
  chosen.descending = chosen.column === column ? !chosen.descending : NUMBERS.includes(column);
  chosen.column = column;
  arrange(figures);
}

/** Rows without figures stay last whatever the order: missing is not the least, and not what one looks for. */
function compare(one, other) {
  const [a, b] = [one, other].map((row) => row.dataset[chosen.column === "name" ? "area" : chosen.column]);
  const missing = (a === undefined) - (b === undefined);
  if (missing || a === undefined) return missing || byName(one, other);
  if (chosen.column === "name") return byName(one, other) * (chosen.descending ? -1 : 1);
  return (Number(a) - Number(b)) * (chosen.descending ? -1 : 1) || byName(one, other);
}

function byName(one, other) {
  return inOrder(one.cells[0].innerText.trim(), other.cells[0].innerText.trim());
}

/** Mark the row of what is open. */
export function markRow(figures, kind, key) {
  for (const row of figures.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
  const row = findRow(figures, kind, key);
  if (row) row.setAttribute("aria-current", "true");
  return row;
}

export function findRow(figures, kind, key) {
  return figures.querySelector(`tr[data-kind="${CSS.escape(kind)}"][data-key="${CSS.escape(key)}"]`);
}

