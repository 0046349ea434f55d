// Sorting, searching and narrowing down; without this script the table is whole and in Danish order.
(() => {
  const table = document.getElementById("klk-table");
  const body = table.tBodies[0];
  const form = document.querySelector(".klk-filters");
  const query = document.getElementById("klk-query");
  const shown = document.getElementById("klk-shown");
  const filters = [...form.querySelectorAll("[data-filter]")];
  // the names are Danish in both languages: æ, ø, å last, aa as å
  const collator = new Intl.Collator("da", { numeric: true });
  const plain = (text) => text.toLocaleLowerCase("da").replaceAll("aa", "å");
  const value = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent.trim();

  const sort = (heads, head, at) => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    const numeric = head.classList.contains("klk-number");
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const compare = (a, b) => {
      const [x, y] = [value(a, at), value(b, at)];
      if (x === "" || y === "") return (x === "") - (y === ""); // what is missing stands last
      return (up ? 1 : -1) * (numeric ? x - y : collator.compare(x, y));
    };
    body.append(...[...body.rows].sort(compare));
  };

  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    if ("plain" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => sort(heads, head, at));
  });

  const filter = () => {
    const wanted = plain(query.value.trim());
    let n = 0;
    for (const row of body.rows) {
      const named = plain(`${row.cells[0].textContent} ${row.cells[1].textContent}`).includes(wanted);
      const fits = filters.every((one) => !one.value || row.dataset[one.dataset.filter].split(" ").includes(one.value));
      row.hidden = !(named && fits);
      n += !row.hidden;
    }
    const text = n ? shown.dataset.text : shown.dataset.none;
    shown.textContent = text.replace("{shown}", n);
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  const lead = document.getElementById("klk-lead");
  lead.textContent = lead.dataset.lead;
  form.hidden = false;
  filter();
})();
