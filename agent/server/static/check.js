// One check: its stages and claims as they come, then the report.

import { Problem, ask, badge, element, find, tallies, tell } from "./page.js";

const STAGES = {
  read: "Read",
  split: "Find claims",
  retrieve: "Search sources",
  rate: "Rate claims",
  report: "Write report",
};
const ORDER = Object.keys(STAGES);
const FORMS = { html: "Open the report", json: "JSON", md: "Markdown", "claimreview.json": "ClaimReview" };
const AGAIN = 1000; // milliseconds until a lost connection is tried again
const id = location.pathname.split("/").pop();
const address = `/api/checks/${encodeURIComponent(id)}`;
const reading = `/checks/${encodeURIComponent(id)}/report`;
const staysHere = location.hash === "#files";
const rows = new Map();
const summary = { supported: 0, conflicting: 0, unverifiable: 0, failed: 0 };
let isOver = false;

/** Marks the stages before `stage` as done and `stage` as the one it is at. */
function stand(stage) {
  const at = ORDER.indexOf(stage);
  [...find("stages").children].forEach((item, index) => {
    item.classList.toggle("over-with", index < at);
    if (index === at) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

function say(text) {
  find("state").textContent = text;
}

function progressed({ stage, done, total }) {
  if (stage === "rate") {
    const bar = find("progress");
    bar.hidden = !total;
    bar.max = total || 1;
    bar.value = done;
    say(`Rating claims: ${done} of ${total}`);
    document.title = `${done} of ${total} – Assay`;
  } else if (done >= total) {
    const next = ORDER[ORDER.indexOf(stage) + 1];
    stand(next);
    if (next) say(`${STAGES[next]}…`);
    return;
  } else {
    say(`${STAGES[stage]}: ${done} of ${total}`);
  }
  stand(done >= total ? ORDER[ORDER.indexOf(stage) + 1] : stage);
}

const numberOf = (claim) => Number(claim.id.slice(1)) || 0;

function arrived(claim) {
  const outcome = claim.verdict ?? "failed";
  const row = element(
    "li",
    { class: "row arrives" },
    badge(outcome),
    element("p", { class: "statement", dir: "auto" }, claim.text),
    element("span", { class: "soft", "aria-hidden": "true" }, String(numberOf(claim) || "")),
  );
  row.dataset.number = numberOf(claim);
  const known = rows.get(claim.id);
  rows.set(claim.id, row);
  if (known) return known.replaceWith(row);
  summary[outcome] += 1;
  const after = [...find("claims").children].find((other) => Number(other.dataset.number) > numberOf(claim));
  find("claims").insertBefore(row, after ?? null);
  find("found").hidden = false;
  return find("counts").replaceChildren(tallies(summary));
}

function standing(state) {
  // The answer to "stop" was made before the end that the events may have told already.
  if (isOver) return undefined;
  find("title").textContent = state.title || "Untitled article";
  if (state.state === "done") return finish();
  const ended = state.state === "failed" || state.state === "stopped";
  find("stop").hidden = ended;
  find("again").hidden = find("repeat").hidden = !ended;
  find("progress").hidden ||= ended;
  if (state.state === "waiting") say("Waiting for its turn…");
  if (state.state === "running") stand(state.stage ?? "read");
  if (ended) {
    isOver = true;
    stand(null);
    document.title = `${state.state === "failed" ? "Failed" : "Stopped"} – Assay`;
    say(state.state === "failed" ? "This check failed." : "This check was stopped.");
    find("stages").hidden = true;
  }
  if (state.problem) tell(find("problem"), Problem.of(state.problem));
  return undefined;
}

function finish() {
  isOver = true;
  say("Done");
  if (staysHere) start();
  else location.replace(reading);
}

/** A check that is done, for those who want its files. */
function present(report) {
  say("Done");
  document.title = "Done – Assay";
  find("title").textContent = report.article.title || "Untitled article";
  find("stages").hidden = true;
  find("again").hidden = false;
  find("found-title").textContent = "Claims";
  find("forms").hidden = false;
  find("links").replaceChildren(
    ...Object.entries(FORMS).map(([suffix, word]) =>
      element("li", {}, suffix === "html" ? element("a", { href: reading }, word) : element("a", { href: `${address}/report.${suffix}`, download: true }, word)),
    ),
    element("li", {}, element("a", { href: `/chat?report=${encodeURIComponent(id)}` }, "Ask about it")),
  );
  report.claims.forEach(arrived);
}

function follow() {
  const events = new EventSource(`${address}/events`);
  const on = (name, take) => events.addEventListener(name, (event) => {
    tell(find("problem"), null);
    take(JSON.parse(event.data));
  });
  on("state", (state) => {
    if (["done", "failed", "stopped"].includes(state.state)) events.close();
    standing(state);
  });
  on("stage", progressed);
  on("claim", (claim) => {
    arrived(claim);
    progressed({ ...claim, stage: "rate" });
  });
  events.addEventListener("error", () => {
    // A service that was started again counts its events anew, so all of them are asked for.
    events.close();
    say("The connection was lost; trying again…");
    setTimeout(start, AGAIN);
  });
}

async function start() {
  try {
    const known = await ask(address);
    tell(find("problem"), null);
    if (known.schema_version) {
      if (staysHere) present(known);
      else finish();
    } else {
      standing(known);
      if (["waiting", "running"].includes(known.state)) follow();
    }
  } catch (problem) {
    tell(find("problem"), problem);
    const passes = !problem.status || problem.status === 429 || problem.status >= 500;
    if (!passes) {
      say("");
      find("stages").hidden = true;
      find("stop").hidden = true;
      find("again").hidden = false;
    } else {
      setTimeout(start, AGAIN);
    }
  }
}

async function stop() {
  find("stop").disabled = true;
  say("Stopping…");
  try {
    standing(await ask(`${address}/stop`, { method: "POST" }));
  } catch (problem) {
    say("");
    tell(find("problem"), problem);
  } finally {
    find("stop").disabled = false;
  }
}

find("stages").append(...ORDER.map((stage) => element("li", {}, STAGES[stage])));
async function repeat() {
  find("repeat").disabled = true;
  try {
    const { id: other } = await ask(`${address}/again`, { method: "POST" });
    location.assign(`/checks/${encodeURIComponent(other)}`);
  } catch (problem) {
    tell(find("problem"), problem);
    find("repeat").disabled = false;
  }
}

find("stop").addEventListener("click", stop);
find("repeat").addEventListener("click", repeat);
start();
