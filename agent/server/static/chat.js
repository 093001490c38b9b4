// Questions to the library: an answer as it comes, what each part of it cites, and what was kept.

import { Problem, ask, badge, confirmed, count, day, element, find, moment, refusal, tell } from "./page.js";
import { DOUBTS, REPUTATIONS } from "./words.js";

const STEPS = {
  search_library: "Searching the sources…",
  read_source: "Reading a source…",
  check_claim: "Checking a claim…",
  compare_quantities: "Comparing figures…",
  list_sources: "Looking through the sources…",
  open_report: "Opening the report…",
};
const wanted = new URLSearchParams(location.search);
let conversation = wanted.get("id");
let report = wanted.get("report");
let underWay = null;

// --- a question with its answer ---

const at = ({ source_id: id, start, end }) => `/sources?id=${encodeURIComponent(id)}&at=${start}-${end}`;

function credit(citation) {
  const parts = [citation.publisher, citation.published_at && day(citation.published_at)].filter(Boolean);
  return element(
    "p",
    { class: "credit soft" },
    parts.map((part) => [element("bdi", {}, part), " · "]),
    element("a", { href: at(citation), dir: "auto" }, citation.title || citation.source_id),
    citation.also_in.length > 0 && ` (copies: ${citation.also_in.length})`,
    REPUTATIONS[citation.reputation] && ` · ${REPUTATIONS[citation.reputation]}`,
  );
}

const SIDES = { supports: ["supported", "supports"], contradicts: ["conflicting", "contradicts"] };

/** The number by which an answer names a quotation, and which side of the statement it takes. */
function side(number, { stance }) {
  const [outcome, word] = SIDES[stance] ?? [];
  const glyph = outcome && element("span", { class: `glyph ${outcome}`, "aria-hidden": "true" });
  return element("p", { class: "side soft" }, element("b", {}, `[${number}]`), glyph && [" ", glyph, word]);
}

/** One part of an answer: a quotation with its source, or a sentence with the numbers it cites. */
function part(said, citations) {
  if (said.status === "quoted") {
    const cited = said.citations.filter((number) => citations[number - 1]);
    return element(
      "div",
      { class: "quoted" },
      cited.map((number) => side(number, citations[number - 1])),
      element("blockquote", { dir: "auto" }, said.text),
      cited.map((number) => [
        credit(citations[number - 1]),
        citations[number - 1].note && element("p", { class: "credit soft", dir: "auto" }, citations[number - 1].note),
      ]),
    );
  }
  const doubt = DOUBTS[said.status];
  return element(
    "p",
    { dir: "auto" },
    element("span", { class: doubt ? "said doubtful" : "said" }, said.text),
    said.citations.map((number) => {
      const citation = citations[number - 1];
      return citation && element("a", { class: "cite", href: at(citation), title: citation.quote, "aria-label": `source ${number}` }, `[${number}]`);
    }),
    doubt && element("span", { class: "doubt" }, ` ${doubt}`),
  );
}

/** The parts in which an answer is read; of one that quotes, its quotes. */
function parts(answer) {
  if (answer.sentences.length) return answer.sentences;
  const quotes = answer.citations.map((citation, index) => ({ text: citation.quote, citations: [index + 1], status: "quoted" }));
  if (answer.status !== "not_said") return quotes;
  return [{ text: `${answer.text} ${answer.explanation}`.trim(), citations: [], status: "not_said" }, ...quotes];
}

function sources(answer) {
  if (answer.method !== "model" || !answer.citations.length) return null;
  return element(
    "ol",
    { class: "citations", "aria-label": "Passages cited" },
    answer.citations.map((citation, index) =>
      element("li", {}, element("b", {}, `[${index + 1}] `), element("blockquote", { dir: "auto" }, citation.quote), credit(citation)),
    ),
  );
}

function whole(answer) {
  const made = answer.method === "model" ? `Written by ${answer.model}; each sentence was compared with what it cites.` : "Quoted from the sources, without a language model.";
  const looked = answer.sources_searched ? ` ${count(answer.sources_searched, "source")} searched.` : "";
  const isFromSources = answer.method === "model" || answer.citations.length > 0 || looked;
  return [
    answer.verdict && element("p", { class: "verdict" }, badge(answer.verdict), " ", element("span", { class: "soft", dir: "auto" }, answer.statement)),
    element("div", { class: "answer" }, parts(answer).map((said) => part(said, answer.citations))),
    answer.status !== "not_said" && answer.explanation && element("p", { class: "explanation", dir: "auto" }, answer.explanation),
    answer.disagreement && element("p", { class: "explanation" }, element("span", { class: "glyph conflicting", "aria-hidden": "true" }), " The sources disagree."),
    sources(answer),
    isFromSources && element("p", { class: "soft made" }, `${made}${looked}`),
  ].filter(Boolean);
}

const turn = (question, ...answer) => element("li", {}, element("h3", { class: "asked", dir: "auto" }, question), ...answer);

// --- asking ---

/** Events of an answer, name and data, in the order in which they come. */
async function* eventsOf(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (held + value).split("\n\n");
    held = blocks.pop();
    for (const block of blocks) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (name) yield [name, JSON.parse(data)];
    }
  }
}

async function answered(question, signal, shown) {
  const body = JSON.stringify({ question, conversation: conversation ?? undefined, report: report ?? undefined });
  const answer = await fetch("/api/chat", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal });
  if (!answer.ok) throw await refusal(answer);
  const citations = [];
  for await (const [name, data] of eventsOf(answer)) {
    if (name === "step") find("step").textContent = STEPS[data.tool] ?? "Working…";
    if (name === "citation") citations[data.number - 1] = data;
    if (name === "sentence") shown.append(part(data, citations));
    if (name === "problem") throw Problem.of(data);
    if (name === "done") return data;
  }
  throw new Problem("The answer broke off", "Ask again");
}

async function submit(event) {
  event?.preventDefault();
  const question = find("question").value.trim();
  if (!question || underWay) return;
  tell(find("problem"), null);
  underWay = new AbortController();
  const shown = element("div", { class: "answer" });
  const item = turn(question, shown);
  find("turns").append(item);
  find("question").value = "";
  find("step").textContent = "Asking…";
  busy(true);
  try {
    const { conversation: id, answer } = await answered(question, underWay.signal, shown);
    item.replaceChildren(...turn(question, ...whole(answer)).childNodes);
    find("step").textContent = "";
    conversation = id;
    history.replaceState(null, "", `/chat?id=${encodeURIComponent(id)}`);
    await list(true); // still under way: another question meanwhile could not be stopped
  } catch (problem) {
    item.remove();
    find("question").value = question;
    find("step").textContent = problem.name === "AbortError" ? "Stopped." : "";
    if (problem instanceof TypeError) tell(find("problem"), new Problem("The service does not answer", "See whether `assay serve` is still running, then ask again"));
    else if (problem.status === 404 && conversation) begin(problem);
    else if (problem.name !== "AbortError") tell(find("problem"), problem);
  } finally {
    underWay = null;
    busy(false);
    find("question").focus();
  }
}

/** The conversation was deleted elsewhere: the next question begins another one. */
function begin(problem) {
  conversation = null;
  history.replaceState(null, "", "/chat");
  problem.todo = "It was deleted; ask again to begin another one";
  tell(find("problem"), problem);
}

function busy(is) {
  find("stop").hidden = !is;
  find("ask").querySelector("[type=submit]").disabled = is;
}

// --- what was kept ---

function line(kept) {
  const path = `/api/conversations/${encodeURIComponent(kept.id)}`;
  return element(
    "li",
    { class: "row" },
    element(
      "div",
      {},
      element("a", { class: "name", href: `/chat?id=${encodeURIComponent(kept.id)}`, dir: "auto", "aria-current": kept.id === conversation ? "true" : null }, kept.title),
      element("p", { class: "about" }, moment(kept.updated_at), element("span", {}, count(kept.turns, "question"))),
    ),
    element(
      "div",
      { class: "do" },
      element("a", { class: "button quiet", href: `${path}/export.md`, download: "conversation.md", "aria-label": `Export: ${kept.title}` }, "Export"),
      element("a", { class: "button quiet", href: path, download: "conversation.json", "aria-label": `JSON: ${kept.title}` }, "JSON"),
      element("button", { type: "button", class: "quiet", "aria-label": `Delete: ${kept.title}`, onclick: () => remove(kept, path) }, "Delete"),
    ),
  );
}

async function remove(kept, path) {
  if (!(await confirmed(`Delete the conversation “${kept.title}”?`, "Delete"))) return;
  try {
    await ask(path, { method: "DELETE" });
  } catch (problem) {
    if (problem.status !== 404) return void tell(find("problem"), problem);
  }
  if (kept.id === conversation) location.assign("/chat");
  else list();
}

async function list(done = !underWay) {
  try {
    const { conversations } = await ask("/api/conversations");
    find("kept").replaceChildren(...conversations.map(line));
    find("none").hidden = conversations.length > 0;
    find("new").hidden = !conversation;
    // What was asked in another window belongs here, too.
    const own = conversations.find((kept) => kept.id === conversation);
    if (own && done && own.turns > find("turns").children.length) await resume();
  } catch (problem) {
    tell(find("problem"), problem);
  }
}

/** Says which report is open, with a question that it can answer. */
async function about() {
  const place = find("about");
  place.hidden = true;
  if (!report) return;
  try {
    const opened = await ask(`/api/checks/${encodeURIComponent(report)}`);
    if (!opened.claims) return;
    const first = opened.claims.find((claim) => claim.verdict === "conflicting");
    const example = first ? `Why is claim ${first.id.slice(1)} conflicting?` : "Which claims are unverifiable?";
    const link = element("a", { href: `/checks/${encodeURIComponent(report)}/report`, dir: "auto" }, opened.article.title || "Untitled article");
    place.replaceChildren("The report on ", link, ` is open. Ask, for example: ${example}`);
    place.hidden = false;
  } catch (problem) {
    if (problem.status !== 404) tell(find("problem"), problem);
    else if (wanted.get("report")) tell(find("problem"), new Problem("The report that was open is gone", "Ask the library, or open another report", 404));
    report = null;
  }
}

async function resume() {
  if (!conversation) return;
  try {
    const known = await ask(`/api/conversations/${encodeURIComponent(conversation)}`);
    find("turns").replaceChildren(...known.turns.map(({ question, answer }) => turn(question, ...whole(answer))));
    report ??= /^c-[0-9a-f]{24}$/.test(known.report ?? "") ? known.report : null;
    if (known.turns.length > 1) find("turns").lastElementChild.scrollIntoView();
  } catch (problem) {
    if (problem.status) conversation = null; // else it may only be out of reach
    tell(find("problem"), problem);
  }
}

find("ask").addEventListener("submit", submit);
find("stop").addEventListener("click", () => underWay?.abort());
find("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
});
addEventListener("visibilitychange", () => {
  if (!document.hidden && !underWay) list();
});
await resume();
await Promise.all([about(), list()]);
