/* A search above a long list to choose from: words in any order, with or without their marks. */

import {describe} from "./days.js";

const FEW = 12;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();

function searched(select) {
  const all = [...select.children];
  const find = Object.assign(document.createElement("input"), {type: "search", autocomplete: "off", placeholder: select.dataset.search, className: "find-option"});
  find.setAttribute("aria-label", select.dataset.search);
  describe(find, select.labels[0]);
  find.setAttribute("aria-controls", select.id);
  const told = Object.assign(document.createElement("small"), {className: "unseen"});
  told.setAttribute("role", "status");
  select.before(find, told);
  find.addEventListener("input", () => {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const chosen = select.value;
    const phrase = words.join(" ");
    const whole = words.length > 1 && all.some((child) => [...child.children].some((option) => plain(option.textContent).includes(phrase)));
    if (whole) words.splice(0, words.length, phrase);
    const fits = (option) => !option.value || option.value === chosen || words.every((word) => plain(option.textContent).includes(word));
    let found = 0;
    select.replaceChildren(
      ...all.flatMap((child) => {
        if (child.localName === "option") return fits(child) ? [child.cloneNode(true)] : [];
        const kept = [...child.children].filter(fits);
        if (!kept.length) return [];
        found += kept.filter((option) => option.value !== chosen || words.length === 0 || words.every((word) => plain(option.textContent).includes(word))).length;
        const group = child.cloneNode(false);
        group.append(...kept.map((option) => option.cloneNode(true)));
        return [group];
      }),
    );
    select.value = chosen;
    told.textContent = document.getElementById("form-texts").dataset.found.replace("{n}", found);
    const first = words.length && [...select.options].find((option) => option.value && words.every((word) => plain(option.textContent).includes(word)));
    if (first && found === 1) {
      select.value = first.value;
      select.dispatchEvent(new Event("change", {bubbles: true}));
    }
  });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    select.focus();
  });
}

for (const select of document.querySelectorAll("select[data-search]")) if (select.options.length > FEW) searched(select);
