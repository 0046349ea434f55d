// Sorting and searching the table; without this script the table is whole and in Danish order.
(() => {
  const table = document.getElementById("klk-table");
  const body = table.tBodies[0];
  const collator = new Intl.Collator(table.dataset.language === "en" ? "da" : table.dataset.language, { numeric: true });
  const value = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent.trim();
  const compare = (a, b, numeric) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    return numeric ? Number(a) - Number(b) : collator.compare(a, b);
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const numeric = head.classList.contains("klk-number");
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [value(a, at), value(b, at)];
        const order = compare(x, y, numeric);
        return up || x === "" || y === "" ? order : -order;
      });
      body.append(...rows);
    });
  });
  const query = document.getElementById("klk-query");
  const shown = document.getElementById("klk-shown");
  const filter = () => {
    const wanted = query.value.trim().toLocaleLowerCase("da");
    for (const row of body.rows) {
      const text = [0, 1, 2].map((at) => row.cells[at].textContent).join(" ").toLocaleLowerCase("da");
      row.hidden = !text.includes(wanted);
    }
    shown.textContent = shown.dataset.text.replace("{n}", [...body.rows].filter((row) => !row.hidden).length);
  };
  query.addEventListener("input", filter);
  const lead = document.getElementById("klk-lead");
  lead.textContent = lead.textContent.replace(/^[^.]*\./, lead.dataset.lead);
  document.querySelector(".klk-search").hidden = false;
  filter();
})();
