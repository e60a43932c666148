/* A file that is too large is told of before it is sent: the server would have to give up in the middle. */

const MIB = 1024 * 1024;

for (const input of document.querySelectorAll("input[type=file][data-most-mib]")) {
  input.addEventListener("change", () => {
    const large = [...input.files].find((file) => file.size > Number(input.dataset.mostMib) * MIB);
    const size = large && new Intl.NumberFormat("vi", {maximumFractionDigits: 1}).format(large.size / MIB);
    input.setCustomValidity(large ? input.dataset.tooLarge.replace("{size}", size) : "");
    input.reportValidity();
  });
}
