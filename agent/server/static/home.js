// Submit an article; below, the checks there are.

import { Problem, ask, confirmed, count, element, find, moment, takesDrops, tallies, tell, typed } from "./page.js";

const EVERY = 2000; // milliseconds between two looks at checks that are under way
const STAGES = { read: "Reading", split: "Finding claims", retrieve: "Searching sources", report: "Writing the report" };
const SINGLE = ["title", "publisher", "published_at", "since", "as_of", "min_origins"];
const SEVERAL = ["source_publisher", "language", "tag"];
const form = find("submit");
const kinds = [...form.elements.kind];

function choose(kind) {
  for (const radio of kinds) radio.checked = radio.value === kind;
  for (const part of form.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kind;
}

function name() {
  const files = [...find("file").files];
  find("chosen").textContent = files.length > 1 ? `${count(files.length, "file")}: ${files.map((file) => file.name).join(", ")}` : (files[0]?.name ?? "Choose files");
}

/** What the form asks for: a body for `ask` for each article. */
function asked() {
  const kind = kinds.find((radio) => radio.checked).value;
  const about = {};
  for (const key of SINGLE) {
    const value = form.elements[key].value.trim();
    if (value) about[key] = key === "min_origins" ? Number(value) : value;
  }
  for (const key of SEVERAL) {
    const values = form.elements[key].value.split(";").map((value) => value.trim());
    if (values.some(Boolean)) about[key] = values.filter(Boolean);
  }
  if (kind === "file") {
    const files = [...find("file").files];
    if (!files.length) throw new Problem("No file is chosen", "Choose one, or drop it on this form");
    if (files.length > 1 && about.title) throw new Problem("A title is of one file", "Leave it out: each file goes by its own, or choose one file");
    return files.map((file) => {
      const body = new FormData();
      for (const [key, value] of Object.entries(about)) for (const each of [value].flat()) body.append(key, each);
      body.append("file", file);
      return { form: body };
    });
  }
  if (kind === "url") {
    const url = find("url").value.trim();
    if (!url) throw new Problem("No address is given", "Give one that begins with https://");
    if (/\s/.test(url)) throw new Problem("An address has no spaces", "To check a text, choose “Text”");
    return [{ json: { ...about, url: typed(url) } }];
  }
  const text = find("text").value;
  if (!text.trim()) throw new Problem("There is no text to check", "Paste the article, or choose a file");
  return [{ json: { ...about, text } }];
}

async function submit(event) {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  tell(find("problem"), null);
  button.disabled = true;
  find("sending").textContent = "Sending…";
  let taken = 0;
  try {
    const articles = asked();
    for (const article of articles) {
      const { id } = await ask("/api/checks", { method: "POST", ...article });
      taken += 1;
      if (articles.length === 1) location.assign(`/checks/${id}`);
    }
  } catch (problem) {
    tell(find("problem"), problem);
  } finally {
    if (find("file").files.length > 1 && taken) await sent(taken);
    button.disabled = false;
    find("sending").textContent = "";
  }
}

/** Of several files the first ones were taken in: what was not stays chosen, to be sent again. */
async function sent(taken) {
  hold([...find("file").files].slice(taken));
  await show();
}

function hold(files) {
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  find("file").files = held.files;
  name();
}

const isUnderWay = (check) => check.state === "waiting" || check.state === "running";

function standing(check) {
  if (check.state === "done") return check.summary ? tallies(check.summary) : "Done";
  if (check.state === "failed") {
    const { detail = "no reason is known", todo = "" } = check.problem ?? {};
    return `Failed: ${[detail, todo].filter(Boolean).join(". ")}`;
  }
  if (check.state === "stopped") return "Stopped";
  if (check.state === "waiting") return "Waiting for its turn";
  return check.total ? `Rating claims, ${check.done} of ${check.total}` : (STAGES[check.stage] ?? "Under way");
}

function row(check) {
  const title = check.title || "Untitled article";
  const page = `/checks/${check.id}`;
  const act = (word, todo) =>
    element("button", { type: "button", class: "quiet", "aria-label": `${word}: ${title}`, onclick: todo }, word);
  return element(
    "li",
    { class: "row", "data-id": check.id },
    element(
      "div",
      {},
      element("a", { class: "name", href: check.state === "done" ? `${page}/report` : page, dir: "auto" }, title),
      element("p", { class: "about" }, moment(check.created_at), element("span", {}, standing(check))),
    ),
    element(
      "div",
      { class: "do" },
      check.state === "done" &&
        element("a", { class: "button quiet", href: `${page}#files`, "aria-label": `Files: ${title}` }, "Files"),
      isUnderWay(check) ? act("Stop", () => change(check, `/api${page}/stop`, "POST")) : act("Delete", () => remove(check, title)),
    ),
  );
}

async function remove(check, title) {
  if (await confirmed(`Delete the check of “${title}” and its report?`, "Delete")) {
    await change(check, `/api/checks/${check.id}`, "DELETE");
  }
}

async function change(check, path, method) {
  try {
    await ask(path, { method });
  } catch (problem) {
    if (problem.status !== 404) return tell(find("list-problem"), problem);
  }
  return show();
}

const PAGE = 100; // checks that the service lists unasked
let wanted = PAGE;
let waiting;
let shown;
let looks = 0;
async function show() {
  const look = (looks += 1);
  clearTimeout(waiting);
  try {
    const { checks, total } = await ask(wanted > PAGE ? `/api/checks?limit=${wanted}` : "/api/checks");
    if (look !== looks) return; // a later look knows of what was stopped or deleted meanwhile
    const news = JSON.stringify(checks);
    if (news !== shown) {
      const focused = document.activeElement?.closest?.("#checks button, #checks a")?.getAttribute("aria-label");
      find("checks").replaceChildren(...checks.map(row));
      if (focused) find("checks").querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
      shown = news;
    }
    find("none").hidden = checks.length > 0;
    find("older").hidden = !(checks.length < total && wanted < 10 * PAGE);
    tell(find("list-problem"), null);
    if (checks.some(isUnderWay)) waiting = setTimeout(show, EVERY);
  } catch (problem) {
    if (look !== looks) return;
    tell(find("list-problem"), problem);
    waiting = setTimeout(show, 5 * EVERY);
  }
}

form.addEventListener("submit", submit);
find("older").addEventListener("click", () => {
  wanted += PAGE;
  show();
});
for (const radio of kinds) radio.addEventListener("change", () => choose(radio.value));
find("file").addEventListener("change", name);
takesDrops(form, (files) => {
  hold(files);
  choose("file");
});
addEventListener("visibilitychange", () => {
  if (!document.hidden) show(); // what was done in another window
});
addEventListener("pageshow", () => {
  choose(kinds.find((radio) => radio.checked)?.value ?? "text"); // what a browser kept of the form
  name();
  show();
});
