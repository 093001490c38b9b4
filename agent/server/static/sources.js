// The library: add, search and remove sources; one source is shown by source.js.

import { Problem, ask, confirmed, count, day, element, find, moment, sentence, takesDrops, tell, typed, webAddress } from "./page.js";
import { show as showSource } from "./source.js";
import { listPublishers } from "./trust.js";
import { KINSHIPS, REPUTATIONS } from "./words.js";

const PAGE = 50;
const FOUND = 10;
const PATIENCE = 5000; // milliseconds after which a library that is in use is asked again
const wanted = new URLSearchParams(location.search);

// --- the list ---

const pathOf = (source) => `/sources?id=${encodeURIComponent(source.id)}`;

function about(source) {
  const parts = [source.publisher, source.author, source.published_at && day(source.published_at)];
  if (source.language && source.language !== "en") parts.push(`language: ${source.language}`);
  return parts.filter(Boolean).map((part) => element("bdi", {}, part));
}

function marks(source) {
  return [
    source.superseded_by &&
      element("a", { class: "chip warns", href: `/sources?id=${encodeURIComponent(source.superseded_by)}` }, "superseded by a newer one"),
    REPUTATIONS[source.reputation] && element("span", { class: "chip" }, REPUTATIONS[source.reputation]),
    ...source.tags.map((tag) => element("bdi", { class: "chip" }, tag)),
  ];
}

async function remove(source, then, place = find("problem")) {
  const title = source.title || source.file_name || source.id;
  if (!(await confirmed(`Remove “${title}” from the library? Reports that quote it stay as they are.`, "Remove"))) return;
  try {
    await ask(`/api/sources/${encodeURIComponent(source.id)}`, { method: "DELETE" });
    then();
  } catch (problem) {
    if (problem.status === 404) then();
    else tell(place, problem);
  }
}

function row(source, akin = []) {
  const title = source.title || source.file_name || webAddress(source.url) || source.id;
  const kinship = KINSHIPS[source.origin_reason];
  return element(
    "li",
    { class: "row", "data-id": source.id },
    element(
      "div",
      {},
      element("a", { class: "name", href: pathOf(source), dir: "auto" }, title),
      element(
        "p",
        { class: "about" },
        about(source),
        element("span", {}, count(source.passages, "passage")),
        element("span", {}, "added ", moment(source.added_at)),
        kinship && element("span", {}, kinship),
        marks(source),
      ),
      source.warnings.map((warning) => element("p", { class: "remark" }, element("span", { class: "chip warns" }, "warning"), " ", element("bdi", {}, warning))),
    ),
    element(
      "div",
      { class: "do" },
      element("button", { type: "button", class: "quiet", "aria-label": `Remove: ${title}`, onclick: () => remove(source, listAfterRemoval) }, "Remove"),
    ),
    akin.length > 0 &&
      element(
        "details",
        { class: "copies" },
        element("summary", {}, `copies: ${akin.length} (one origin, counted once)`),
        element("ul", { class: "rows" }, akin.map((other) => row(other))),
      ),
  );
}

/** The list anew; who used the keyboard goes on from there. */
async function listAfterRemoval() {
  await list();
  find("found").focus();
}

/** Sources that stand together and share an origin become one entry. */
function grouped(sources) {
  const groups = [];
  for (const source of sources) {
    if (groups.at(-1)?.[0].origin === source.origin) groups.at(-1).push(source);
    else groups.push([source]);
  }
  return groups.map(([first, ...akin]) => row(first, akin));
}

function paging(offset, shown, total) {
  const link = (word, page) => {
    const to = new URLSearchParams(wanted);
    to.set("page", page);
    return element("a", { class: "button", href: `/sources?${to}` }, word);
  };
  const page = offset / PAGE + 1;
  find("paging").hidden = total <= PAGE;
  find("paging").replaceChildren(
    page > 1 ? link("Newer", page - 1) : element("span"),
    element("span", { class: "soft" }, `${offset + 1} to ${offset + shown} of ${total.toLocaleString("en-GB")}`),
    offset + shown < total ? link("Older", page + 1) : element("span"),
  );
}

async function listNames(q) {
  const offset = (Math.max(1, Number.parseInt(wanted.get("page"), 10) || 1) - 1) * PAGE;
  const { sources, total } = await ask(`/api/sources?${new URLSearchParams({ q, offset, limit: PAGE })}`);
  const last = Math.ceil(total / PAGE);
  if (!sources.length && last && offset / PAGE + 1 !== last) {
    wanted.set("page", last); // the list became shorter, or the address is old
    return listNames(q);
  }
  find("list").replaceChildren(...grouped(sources));
  paging(offset, sources.length, total);
  if (q) return `${count(total, "source")} with “${q}”`;
  find("total").textContent = `The library holds ${count(total, "source")}.`;
  find("verify").hidden = !total;
  return total ? "" : "The library is empty. Add texts that you trust; articles are checked against them.";
}

async function listPassages(q) {
  const { results } = await ask(`/api/sources/search?${new URLSearchParams({ q, limit: FOUND })}`);
  find("list").replaceChildren(
    ...results.map(({ source, passage, start, end }) =>
      element(
        "li",
        { class: "row" },
        element(
          "div",
          {},
          element("a", { class: "name", href: `${pathOf(source)}&at=${start}-${end}`, dir: "auto" }, source.title || source.file_name || source.id),
          element("p", { class: "about" }, about(source), marks(source), source.copies > 0 && element("span", {}, `copies: ${source.copies}`)),
          element("blockquote", { dir: "auto" }, passage),
        ),
      ),
    ),
  );
  return results.length ? `The ${count(results.length, "passage")} nearest to “${q}”` : `No passage is near “${q}”`;
}

async function list() {
  const q = (wanted.get("q") ?? "").trim();
  const inPassages = wanted.get("in") === "passages" && q;
  try {
    find("found").textContent = await (inPassages ? listPassages(q) : listNames(q));
    tell(find("problem"), null);
  } catch (problem) {
    tell(find("problem"), problem);
  }
}

// --- damage ---

async function verify() {
  find("verify").disabled = true;
  find("verified").textContent = "Looking at every text, passage and vector…";
  try {
    const { flaws } = await ask("/api/sources/verify", { method: "POST" });
    find("verified").textContent = flaws.length
      ? "Something is damaged. Run `assay sources rebuild`; a source that it cannot mend must be removed and added again."
      : "All is well.";
    find("flaws").replaceChildren(
      ...flaws.map(({ source, detail }) =>
        element(
          "li",
          { class: "row" },
          element("span", {}, element("span", { class: "chip warns" }, "damaged"), " ", detail, " ", source && element("a", { href: pathOf({ id: source }) }, "Open")),
        ),
      ),
    );
  } catch (problem) {
    find("verified").textContent = "";
    tell(find("problem"), problem);
  } finally {
    find("verify").disabled = false;
  }
}

// --- adding ---

const queue = [];
let working = false;

function enqueue(name, body) {
  const status = element("span", { class: "soft" }, "Waiting");
  find("queue").prepend(element("li", { class: "row" }, element("bdi", {}, name), status));
  queue.push({ name, body, status });
  if (!working) work();
}

async function work() {
  working = true;
  while (queue.length) {
    const { name, body, status } = queue.shift();
    status.textContent = "Adding…";
    const outcome = await added(body, status);
    status.replaceChildren(outcome);
    find("adding").textContent = `${name}: ${status.textContent}`;
  }
  working = false;
  await list();
}

/** Sends one file or address; gives what became of it, for its row. */
async function added(body, status) {
  for (;;) {
    try {
      const outcome = await ask("/api/sources", { method: "POST", ...body });
      const { added: fresh, already_there: known, appeared, completed, refused, warnings, disputed } = outcome;
      const parts = [];
      if (fresh.length) parts.push(fresh.length > 1 ? `Added, ${count(fresh.length, "source")}` : "Added");
      if (known.length) {
        const more = appeared.length || completed.length;
        parts.push(more ? "Already there; more is known of it now" : "Already there");
      }
      parts.push(...warnings.map(({ message }) => `Warning: ${message}`));
      if (disputed.length) parts.push("Another text has the same address: neither supersedes the other");
      parts.push(...refused.map(({ detail }) => `Refused: ${detail}`));
      return parts.map(sentence).join(" ") || "It held no text.";
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status !== 503) return [problem.message, problem.todo].filter(Boolean).map(sentence).join(" ");
      status.textContent = "Waiting for checks under way…";
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    }
  }
}

function addFiles(files) {
  for (const file of files) {
    const form = new FormData();
    for (const name of ["publisher", "published_at"]) {
      const value = find("add").elements[name].value.trim();
      if (value) form.append(name, value);
    }
    form.append("file", file);
    enqueue(file.name, { form });
  }
}

function addAddress(event) {
  event.preventDefault();
  const given = find("url").value.trim();
  if (!given) return find("url").focus();
  const url = typed(given);
  enqueue(url, { json: { url } });
  find("url").value = "";
  return undefined;
}

addEventListener("beforeunload", (event) => {
  if (working) event.preventDefault(); // files that wait would be lost without a word
});

// --- the page ---

if (wanted.has("id")) {
  find("library").hidden = true;
  find("source").hidden = false;
  showSource(find("source"), wanted, remove);
} else {
  find("q").value = wanted.get("q") ?? "";
  for (const radio of find("search").elements.in) radio.checked = radio.value === (wanted.get("in") || "names");
  find("add").addEventListener("submit", addAddress);
  find("verify").addEventListener("click", verify);
  find("files").addEventListener("change", () => {
    addFiles(find("files").files);
    find("files").value = "";
  });
  takesDrops(document.body, addFiles);
  listPublishers(list);
  list();
}
