// Adds to a page that is complete without it: the panel beside the article, the filters,
// the keys, and the report's other forms. It only moves and copies elements that are already
// in the document, and never reads text as markup.
"use strict";

(() => {
  // Before any change, and without the way to other pages of the service that showed it.
  const untouched = `<!doctype html>\n${document.documentElement.outerHTML}\n`.replace(/<nav class="pages".*?<\/nav>\n/s, "");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const links = all("#article a.claim");
  const asides = all("#article a.excluded");
  const cards = all("#claims .card");
  const panel = document.getElementById("panel");
  const legend = panel.querySelector(".legend");
  const detail = panel.querySelector(".detail");
  const status = document.getElementById("status");
  const narrow = matchMedia("(max-width: 59.99rem)");

  let filter = null; // an outcome, or null for all
  let current = 0; // 1-based number of the claim in the panel, 0 for none
  let opener = null; // the link that the focus returns to

  const numbers = (link) => link.dataset.claims.split(" ").map(Number);
  const passes = (number) => filter === null || cards[number - 1].classList.contains(filter);
  const home = (number) => links.find((link) => numbers(link).includes(number));

  // --- The panel ---

  const button = (label, sign, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.title = label;
    made.textContent = sign;
    made.addEventListener("click", act);
    return made;
  };

  const copy = (element) => {
    const card = document.createElement("div");
    card.className = element.className;
    card.append(...[...element.cloneNode(true).childNodes]);
    return card;
  };

  // Fills the panel with `contents`; focus goes to its heading when `enter` is true.
  const show = (title, contents, chosen, { enter = true, steps = true } = {}) => {
    const heading = document.createElement("h2");
    heading.textContent = title;
    heading.tabIndex = -1;
    const toolbar = document.createElement("div");
    toolbar.className = "toolbar";
    toolbar.append(heading);
    if (steps) {
      toolbar.append(
        button("Previous claim", "←", () => step(-1)),
        button("Next claim", "→", () => step(1)),
      );
    }
    toolbar.append(button("Close", "×", close));
    detail.replaceChildren(toolbar, ...contents);
    legend.hidden = true;
    detail.hidden = false;
    panel.classList.add("sheet");
    panel.scrollTop = 0;
    document.documentElement.classList.add("open");
    for (const link of [...links, ...asides]) {
      link.classList.toggle("selected", chosen.includes(link));
      link.setAttribute("aria-expanded", String(chosen.includes(link)));
    }
    opener = chosen[0] ?? null;
    opener?.scrollIntoView({ block: "nearest" });
    if (!narrow.matches) toolbar.scrollIntoView({ block: "nearest" });
    if (enter) heading.focus({ preventScroll: true });
  };

  // Shows the claims of one passage; most often that is a single claim.
  const open = (list, options) => {
    const shown = list.filter(passes).length ? list.filter(passes) : list;
    current = shown[0];
    const title =
      shown.length === 1
        ? `Claim ${current} of ${cards.length}`
        : `${shown.length} claims in this passage`;
    const chosen = links.filter((link) => numbers(link).includes(current));
    show(title, shown.map((number) => copy(cards[number - 1])), chosen, options);
  };

  const close = () => {
    if (detail.hidden) return;
    detail.hidden = true;
    detail.replaceChildren();
    legend.hidden = false;
    panel.classList.remove("sheet");
    document.documentElement.classList.remove("open");
    for (const link of [...links, ...asides]) {
      link.classList.remove("selected");
      link.setAttribute("aria-expanded", "false");
    }
    opener?.focus({ preventScroll: true });
    current = 0;
  };

  // Goes to the next claim that the filter shows, in the order of the article.
  const order = links
    .flatMap(numbers)
    .filter((number, at, list) => list.indexOf(number) === at);
  const step = (by) => {
    const shown = order.filter(passes);
    if (!shown.length) return;
    const at = shown.indexOf(current);
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by;
    const number = shown[(next + shown.length) % shown.length];
    open([number], { enter: panel.contains(document.activeElement) });
    if (!panel.contains(document.activeElement)) home(number).focus({ preventScroll: true });
  };

  // --- Links in the article become buttons for the panel ---

  const becomesButton = (link, act) => {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.setAttribute("aria-controls", "panel");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      act();
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      act();
    });
  };
  for (const link of links) becomesButton(link, () => open(numbers(link)));
  for (const link of asides) {
    becomesButton(link, () => {
      const entry = document.getElementById(`excluded-${link.dataset.excluded}`);
      const chosen = asides.filter((other) => other.dataset.excluded === link.dataset.excluded);
      current = 0;
      show("Set aside", [copy(entry)], chosen, { steps: false });
    });
  }

  // --- Filters ---

  const tiles = all(".tile");
  const apply = (name) => {
    filter = filter === name ? null : name;
    for (const tile of tiles) {
      const pressed = tile.dataset.outcome === filter;
      tile.firstElementChild.setAttribute("aria-pressed", String(pressed));
    }
    cards.forEach((card, at) => { card.hidden = !passes(at + 1); });
    for (const link of links) link.classList.toggle("off", !numbers(link).some(passes));
    const shown = cards.filter((card) => !card.hidden).length;
    status.textContent = `${shown} of ${cards.length} claims shown`;
    if (current && !passes(current)) close();
  };
  for (const tile of tiles) {
    const made = document.createElement("button");
    made.type = "button";
    made.title = "Show only these claims";
    made.setAttribute("aria-pressed", "false");
    made.append(...tile.childNodes);
    made.addEventListener("click", () => apply(tile.dataset.outcome));
    tile.append(made);
  }

  // --- The report's other forms, without a request ---

  const TYPES = {
    html: "text/html",
    md: "text/markdown",
    json: "application/json",
    "claimreview.json": "application/ld+json",
  };
  const form = (name) =>
    name === "html" ? untouched : JSON.parse(document.getElementById("forms").textContent)[name];

  const save = (name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([form(name)], { type: TYPES[name] }));
    link.download = `report.${name}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  // Pages that came over plain HTTP from another machine have no clipboard of their own.
  const write = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("refused");
  };

  const say = (button, text) => {
    const before = button.dataset.label ?? button.textContent;
    button.dataset.label = before;
    button.textContent = text;
    status.textContent = text;
    setTimeout(() => { button.textContent = before; }, 2000);
  };
  const acts = {
    copy: (button) =>
      write(form("md")).then(() => say(button, "Copied"), () => say(button, "Could not copy")),
    save: (button) => save(button.dataset.form),
    print: () => print(),
  };
  for (const made of all(".actions button")) {
    made.addEventListener("click", () => acts[made.dataset.act](made));
  }

  // --- Keys ---

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const move = { j: 1, k: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move) {
      event.preventDefault();
      step(move);
    } else if (event.key === "Escape") {
      close();
    }
  });

  // A tap beside the sheet closes it, as readers expect of one.
  document.addEventListener("click", (event) => {
    if (!narrow.matches || detail.hidden || event.defaultPrevented) return;
    if (event.target.isConnected && !panel.contains(event.target)) close();
  });

  // Browsers that cannot unfold <details> by style sheet are helped for printing.
  addEventListener("beforeprint", () => {
    for (const folded of all("#claims .neutral:not([open])")) {
      folded.open = true;
      folded.dataset.folded = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const folded of all("details[data-folded]")) {
      folded.open = false;
      delete folded.dataset.folded;
    }
  });

  document.documentElement.classList.add("js");
})();
