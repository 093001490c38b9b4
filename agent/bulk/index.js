// The list of articles: filtered and put in order here, and shown a page at a time, so that ten
// thousand of them are as quick as ten. No text of an article becomes anything but text.
(() => {
  "use strict";

  const PAGE = 100;
  const OUTCOMES = ["supported", "conflicting", "unverifiable", "failed"];
  const WORDS = { supported: "supported", conflicting: "conflicting", unverifiable: "unverifiable", failed: "not rated" };
  const [FILE, TITLE, PUBLISHER, DATE, COUNTS, STATE, REASON, NAME, LEAD, URL] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

  const one = (name) => document.getElementById(name);
  const articles = JSON.parse(one("articles").textContent);
  const fields = ["text", "publisher", "from", "until", "state", "order"].map(one);
  const [text, publisher, from, until, state, order] = fields;
  const table = document.querySelector("table");
  const body = table.tBodies[0];
  const turning = document.querySelector(".turning");
  const tiles = [...document.querySelectorAll(".tile")];
  const collator = new Intl.Collator();
  let verdict = "";
  let shown = articles;
  let page = 0;

  // What is searched, made when it is first asked for.
  const searched = [];
  const words = (at) =>
    (searched[at] ??= [TITLE, PUBLISHER, NAME, LEAD, URL].map((field) => articles[at][field] ?? "").join("\n").toLowerCase());

  const publishers = new Map();
  for (const article of articles) {
    const name = article[PUBLISHER] ?? "";
    if (name) publishers.set(name, (publishers.get(name) ?? 0) + 1);
  }
  for (const name of [...publishers.keys()].sort(collator.compare)) {
    const option = document.createElement("option");
    option.value = name;
    option.textContent = `${name} (${publishers.get(name)})`;
    publisher.append(option);
  }

  // A date may be no more than a year or a month: it counts where all its days would.
  const within = (date) => {
    if (!from.value && !until.value) return true;
    if (!date) return false;
    const first = date + "-01-01".slice(date.length - 4);
    const last = date + "-12-31".slice(date.length - 4);
    return (!from.value || first >= from.value) && (!until.value || last <= until.value);
  };

  const ORDERS = {
    newest: (a, b) => collator.compare(b[DATE] ?? "", a[DATE] ?? ""),
    // What has no date stands at the end.
    oldest: (a, b) => collator.compare(a[DATE] ?? "~", b[DATE] ?? "~"),
    conflicting: (a, b) => b[COUNTS][1] - a[COUNTS][1],
    unverifiable: (a, b) => b[COUNTS][2] - a[COUNTS][2],
  };

  const cell = (row, name, content) => {
    const made = row.insertCell();
    made.className = name;
    if (content) made.append(content);
    return made;
  };
  const small = (parent, name, content) => {
    const made = document.createElement("small");
    made.className = name;
    made.dir = "auto";
    made.textContent = content;
    parent.append(made);
  };

  const draw = () => {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const rows = shown.slice(page * PAGE, (page + 1) * PAGE).map((article) => {
      const row = document.createElement("tr");
      let title = document.createElement("bdi");
      title.textContent = article[TITLE] || article[NAME];
      if (article[FILE]) {
        const link = document.createElement("a");
        link.href = article[FILE];
        link.append(title);
        title = link;
      }
      const first = cell(row, "title", title);
      if (article[REASON]) small(first, "reason", article[REASON]);
      else if (article[LEAD]) small(first, "lead", article[LEAD]);
      cell(row, "publisher", article[PUBLISHER]);
      cell(row, "date", article[DATE]);
      OUTCOMES.forEach((outcome, at) => {
        const number = article[COUNTS][at];
        const made = cell(row, `number ${outcome} ${number ? "some" : "none"}`, String(number));
        made.title = `${number} ${WORDS[outcome]}`;
      });
      return row;
    });
    body.replaceChildren(...rows);
    table.hidden = !shown.length;
    turning.hidden = pages === 1;
    one("page").textContent = `Page ${page + 1} of ${pages}`;
    for (const button of turning.querySelectorAll("button")) {
      const to = page + Number(button.dataset.turn);
      button.disabled = to < 0 || to >= pages;
    }
    one("status").textContent = `${shown.length.toLocaleString("en")} of ${articles.length.toLocaleString("en")} articles`;
  };

  // The address keeps the choice, for whoever comes back from a report.
  const remember = () => {
    const kept = new URLSearchParams();
    for (const field of fields) if (field.value) kept.set(field.id, field.value);
    if (verdict) kept.set("verdict", verdict);
    if (page) kept.set("page", page);
    history.replaceState(null, "", `#${kept}`);
  };

  const apply = (to = 0) => {
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const column = OUTCOMES.indexOf(verdict);
    shown = articles.filter(
      (article, at) =>
        (column < 0 || article[COUNTS][column] > 0) &&
        (!publisher.value || article[PUBLISHER] === publisher.value) &&
        (!state.value || article[STATE] === state.value) &&
        within(article[DATE]) &&
        wanted.every((word) => words(at).includes(word)),
    );
    if (ORDERS[order.value]) shown.sort(ORDERS[order.value]);
    for (const tile of tiles) {
      tile.firstElementChild.setAttribute("aria-pressed", String(tile.dataset.outcome === verdict));
    }
    page = to;
    draw();
    remember();
  };

  for (const tile of tiles) {
    const made = document.createElement("button");
    made.type = "button";
    made.title = "Show only the articles with such claims";
    made.append(...tile.childNodes);
    made.addEventListener("click", () => {
      verdict = verdict === tile.dataset.outcome ? "" : tile.dataset.outcome;
      apply();
    });
    tile.append(made);
  }
  const form = document.querySelector(".filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => apply());
  form.addEventListener("reset", () => {
    verdict = "";
    setTimeout(apply); // when the fields are empty
  });
  for (const button of turning.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      page += Number(button.dataset.turn);
      draw();
      remember();
      one("list").scrollIntoView();
    });
  }

  const kept = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) field.value = kept.get(field.id) ?? "";
  verdict = OUTCOMES.includes(kept.get("verdict")) ? kept.get("verdict") : "";
  document.documentElement.classList.add("js");
  apply(Number(kept.get("page")) || 0);
})();
