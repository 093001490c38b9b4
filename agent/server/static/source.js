// One source: what is known of it, and its text with the passages that it is searched by.

import { ask, count, day, element, moment, tell, webAddress } from "./page.js";
import { row as publisherRow } from "./trust.js";
import { KINSHIPS } from "./words.js";

const fact = (term, ...value) => element("div", {}, element("dt", {}, term), element("dd", {}, ...value));
const link = (source) =>
  element("a", { href: `/sources?id=${encodeURIComponent(source.id)}`, dir: "auto" }, source.title || source.file_name || source.id);

const LANGUAGES = new Intl.DisplayNames("en-GB", { type: "language", fallback: "code" });
const languageName = (code) => (/^[a-z]{2,3}$/.test(code) ? LANGUAGES.of(code) : code);

function appearance(also) {
  const address = webAddress(also.url);
  const shown = [also.publisher, also.published_at && day(also.published_at), address ? null : also.url].filter(Boolean).join(", ");
  return element("bdi", {}, shown, " ", address && element("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank" }, address));
}

function facts(source) {
  const address = webAddress(source.url);
  return element(
    "dl",
    { class: "facts" },
    source.publisher && fact("Publisher", element("bdi", {}, source.publisher)),
    source.author && fact("Author", element("bdi", {}, source.author)),
    source.published_at && fact("Published", day(source.published_at)),
    source.url &&
      fact("Address", address ? element("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank" }, address) : element("bdi", {}, source.url)),
    ...source.appearances.map((also) => fact("Appeared also", appearance(also))),
    source.language && fact("Language", languageName(source.language)),
    fact("Added", moment(source.added_at)),
    source.tags.length > 0 && fact("Tags", source.tags.join(", ")),
  );
}

function remarks(source) {
  const made = source.warnings.map((warning) =>
    element("p", { class: "remark" }, element("span", { class: "chip warns" }, "warning"), " ", element("bdi", {}, warning)),
  );
  if (source.superseded_by) {
    made.unshift(
      element("p", { class: "remark" }, element("span", { class: "chip warns" }, "superseded"), " A newer source of the same address is used instead: ", link({ id: source.superseded_by })),
    );
  }
  return made;
}

/** What the user makes of whoever the source is of. */
function trust(source, problem) {
  if (!source.goes_by.length) return null;
  const said = element("p", { class: "soft", role: "status" });
  const changed = (text) => {
    said.textContent = text;
  };
  return element(
    "section",
    { class: "trust" },
    element("h2", {}, "Whom you trust"),
    element("ul", { class: "rows" }, source.goes_by.map((each) => publisherRow(each, { changed, problem }))),
    said,
  );
}

function kin(source) {
  if (!source.same_origin.length) return null;
  const word = (other) => KINSHIPS[other.origin_reason] ?? "the earliest";
  return element(
    "section",
    {},
    element("h2", {}, `Copies: ${source.same_origin.length}`),
    element("p", { class: "soft" }, "They have one origin with this source and count once with it."),
    element("ul", { class: "rows" }, source.same_origin.map((other) => element("li", { class: "row" }, element("span", {}, link(other), " ", element("span", { class: "soft" }, word(other)))))),
  );
}

/** The span that the address names, `at=START-END`, in code points; null where there is none. */
function chosen(wanted, length) {
  const [, start, end] = /^(\d{1,9})-(\d{1,9})$/.exec(wanted.get("at") ?? "") ?? [];
  return end && Number(start) < Number(end) && Number(end) <= length ? [Number(start), Number(end)] : null;
}

/** The text, with a number where each passage begins and the chosen span marked. */
function text(source, wanted) {
  const points = [...source.text]; // offsets count code points, strings of JavaScript UTF-16 units
  const span = chosen(wanted, points.length);
  const numbers = new Map(source.cut.map((passage, index) => [passage.start, { ...passage, number: index + 1 }]));
  const edges = [...new Set([0, points.length, ...numbers.keys(), ...(span ?? [])])].sort((a, b) => a - b);
  const shown = element("div", { class: "source-text", dir: "auto", lang: source.language });
  edges.slice(0, -1).forEach((start, index) => {
    const passage = numbers.get(start);
    if (passage) {
      const isChosen = span && span[0] === passage.start && span[1] === passage.end;
      shown.append(
        element(
          "a",
          {
            href: `/sources?id=${encodeURIComponent(source.id)}&at=${passage.start}-${passage.end}`,
            title: `Passage ${passage.number}`,
            "aria-label": `Mark passage ${passage.number}`,
            "aria-current": isChosen ? "true" : null,
          },
          String(passage.number),
        ),
      );
    }
    const piece = points.slice(start, edges[index + 1]).join("");
    const isMarked = span && span[0] <= start && start < span[1];
    shown.append(isMarked ? element("mark", {}, piece) : piece);
  });
  return shown;
}

/** Fills `place` with the source that the address names. */
export async function show(place, wanted, remove) {
  const problem = element("p", { class: "problem", role: "alert", hidden: true });
  const back = element("p", {}, element("a", { href: "/sources" }, "All sources"));
  place.replaceChildren(back, problem);
  let source;
  try {
    source = await ask(`/api/sources/${encodeURIComponent(wanted.get("id"))}`);
  } catch (error) {
    tell(problem, error);
    return;
  }
  const title = source.title || source.file_name || "Untitled source";
  document.title = `${title} – Assay`;
  const gone = () => location.assign("/sources");
  place.append(
    ...[
      element("h1", { dir: "auto" }, title),
      facts(source),
      ...remarks(source),
      trust(source, problem),
      kin(source),
      element("h2", { class: "hidden" }, "Text"),
      element("p", { class: "soft numbers" }, `The numbers mark where each ${source.cut.length === 1 ? "passage begins" : `of its ${count(source.cut.length, "passage")} begins`}.`),
      text(source, wanted),
      element("p", { class: "actions end" }, element("button", { type: "button", onclick: () => remove(source, gone, problem) }, "Remove from the library")),
    ].filter(Boolean),
  );
  const mark = place.querySelector("mark");
  if (mark && mark.getBoundingClientRect().top > 0.7 * innerHeight) mark.scrollIntoView();
}
