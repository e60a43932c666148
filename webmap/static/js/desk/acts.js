// The rows of an act: a column pasted from Excel fills downwards, arrows move between rows, sums stand below.
const form = document.getElementById("act");
const table = form.querySelector("table.rows");
const sums = document.getElementById("sums");
const language = document.documentElement.lang;
const inputs = (name) => [...table.querySelectorAll(`input[data-column="${name}"]`)];

// As webmap/entry.py reads numbers; what it would ask about counts as nothing here.
function read(text, decimals) {
    if (/\d\s+\d/.test(text) && !/^\s*\d{1,3}(\s\d{3})+(?!\d|\s\d)/.test(text)) return NaN; // several numbers
    const bare = text.replace(/\s+/g, "").replace(/(m²|m2|đồng|đ|₫|vnđ|vnd)$/i, "");
    const grouped = /^[1-9]\d{0,2}(\.\d{3})+(,\d{1,2})?$/;
    if (decimals && /^[1-9]\d{0,2}[.,]\d{3}$/.test(bare)) return NaN;
    if (grouped.test(bare)) return Number(bare.replaceAll(".", "").replace(",", "."));
    if (/^\d+$/.test(bare)) return Number(bare);
    return decimals && /^\d+[.,]\d{1,2}$/.test(bare) ? Number(bare.replace(",", ".")) : NaN;
}

function sum() {
    const rows = [...table.tBodies[0].rows].filter((row) => !row.querySelector('input[name="out"]').checked);
    const units = {area_m2: "m²", amount_vnd: "₫", plots: sums.dataset.plots};
    const columns = Object.keys(units).filter((name) => inputs(name).length);
    const filled = (row) => !columns.includes("area_m2") || row.querySelector('[data-column="area_m2"]').value.trim();
    const cases = new Set(rows.filter(filled).map((row) => row.querySelector('input[name="case"]').value));
    const write = new Intl.NumberFormat(language === "vi" ? "vi-VN" : "en-US", {maximumFractionDigits: 2});
    const told = [`${write.format(cases.size)} ${sums.dataset.cases}`];
    for (const name of columns) {
        const values = rows.map((row) => read(row.querySelector(`[data-column="${name}"]`).value, name === "area_m2"));
        const total = values.filter((value) => !Number.isNaN(value)).reduce((a, b) => a + b, 0);
        told.push(`${write.format(total)} ${units[name]}`);
    }
    sums.textContent = told.join(" · ");
    sums.hidden = false;
}

function paste(event) {
    const field = event.target.closest("input[data-column]");
    const lines = event.clipboardData.getData("text").replace(/\r/g, "").replace(/\n$/, "").split("\n");
    if (!field || (lines.length < 2 && !lines[0].includes("\t"))) return;
    event.preventDefault();
    if (lines.some((line) => line.includes("\t"))) { // a table: the server finds the case of each line, and says what it cannot
        document.getElementById("paste").value = lines.join("\n");
        form.requestSubmit(form.querySelector('button[name="do"][value="fill"]'));
        return;
    }
    const column = inputs(field.dataset.column);
    let place = column.indexOf(field);
    const left = [], cases = [], amounts = [];
    for (const line of lines) { // a blank line leaves its row empty
        const target = column[place++];
        if (target) target.value = line.trim();
        if (target && read(line, false) > 0) {
            amounts.push(read(line, false));
            cases.push(target.closest("tr").querySelector('input[name="case"]').value);
        }
        if (!target && line.trim()) left.push(line);
    }
    const middle = amounts.sort((a, b) => a - b)[Math.floor(amounts.length / 2)];
    if (field.dataset.column === "amount_vnd" && cases.length > 1 && middle < 1e6) { // the server asks in which unit
        const box = form.querySelector('[name="small"]') ?? form.appendChild(document.createElement("textarea"));
        box.name = "small";
        box.hidden = true;
        box.value = [box.value, ...cases].filter(Boolean).join("\n");
    }
    if (left.length) { // what fits no row is not lost: the server says why
        const box = document.getElementById("paste");
        box.value = left.join("\n");
        box.closest("details").open = true;
        box.focus();
    }
    sum();
}

function move(event) {
    const field = event.target.closest("input[data-column]");
    const step = {ArrowDown: 1, ArrowUp: -1, Enter: 1}[event.key];
    if (!field || !step || event.ctrlKey || event.metaKey) return;
    const column = inputs(field.dataset.column);
    const next = column[column.indexOf(field) + step];
    if (event.key === "Enter" || next) event.preventDefault();
    next?.focus();
    next?.select();
}

table.addEventListener("paste", paste);
table.addEventListener("keydown", move);
table.addEventListener("input", sum);
sum();
