"use strict";
(() => {
  const root = document.documentElement;
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const views = new Map([...document.querySelectorAll("[data-view]")].map((v) => [v.dataset.view, v]));
  const first = views.values().next().value;
  const opened = root.lang;
  let language = opened;
  for (const view of views.values()) view.removeAttribute("id");

  const parse = () => {
    const [view, ...rest] = location.hash.slice(1).split(";");
    const asked = rest.find((part) => part.startsWith("lang="));
    let name = view;
    try { name = decodeURIComponent(view); } catch { name = view; }
    return { name, asked: asked && asked.slice(5) };
  };

  const speak = (wanted) => {
    if (!texts[wanted]) return;
    const words = texts[wanted];
    if (wanted !== root.lang) {
      for (const node of document.querySelectorAll("[data-t]")) node.textContent = words[+node.dataset.t];
      for (const node of document.querySelectorAll("[data-a]")) {
        for (const pair of node.dataset.a.split(" ")) {
          const [name, number] = pair.split(":");
          node.setAttribute(name, words[+number]);
        }
      }
    }
    language = root.lang = wanted;
    for (const button of document.querySelectorAll("[data-lang]")) {
      button.setAttribute("aria-pressed", String(button.dataset.lang === wanted));
    }
  };

  const show = () => {
    const { name, asked } = parse();
    const view = views.get(name) || first;
    for (const other of views.values()) other.classList.toggle("on", other === view);
    for (const link of document.querySelectorAll(".top nav a")) {
      const here = link.dataset.page ? view.dataset.page === link.dataset.page
        : link.hash === "#" + view.dataset.view;
      if (here) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    speak(texts[asked] ? asked : language);
    remember();
  };

  const remember = () => {
    const view = location.hash.slice(1).split(";")[0];
    const wanted = language === opened ? view : `${view || first.dataset.view};lang=${language}`;
    if (location.hash.slice(1) !== wanted) history.replaceState(null, "", "#" + wanted);
  };

  for (const button of document.querySelectorAll("[data-lang]")) {
    button.addEventListener("click", () => { speak(button.dataset.lang); remember(); });
  }
  addEventListener("hashchange", () => { show(); scrollTo(0, 0); });

  const compare = (kind, index, sign) => (a, b) => {
    const x = a.cells[index].dataset.v, y = b.cells[index].dataset.v;
    if (x === "" || y === "") return (x === "") - (y === "");
    return sign * (kind === "number" ? x - y : x.localeCompare(y, language, { numeric: true }));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.querySelectorAll("th[data-kind]")];
    const sorted = [...table.tBodies[0].rows];
    for (const head of heads) {
      head.querySelector("button").addEventListener("click", () => {
        const rising = head.getAttribute("aria-sort") !== "ascending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        sorted.sort(compare(head.dataset.kind, head.cellIndex, rising ? 1 : -1));
        table.tBodies[0].append(...sorted);
      });
    }
  }

  const rows = [...document.querySelector("table[data-list]").tBodies[0].rows];
  const form = document.querySelector(".filters");
  const filter = () => {
    const words = form.elements.words.value.trim().toLowerCase();
    const kind = form.elements.type.value;
    const region = form.elements.region ? form.elements.region.value : "";
    let shown = 0;
    for (const row of rows) {
      const fits = (!words || row.cells[0].textContent.toLowerCase().includes(words))
        && (!kind || row.dataset.type === kind) && (!region || row.dataset.region === region)
        && (!form.elements.found.checked || row.dataset.found === "1");
      row.hidden = !fits;
      shown += fits;
    }
    form.querySelector(".count").textContent = shown;
  };
  if (form) {
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
  }
  show();
  if ("scrollRestoration" in history) history.scrollRestoration = "manual";
  scrollTo(0, 0);
})();
