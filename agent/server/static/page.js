// What the pages share. Texts of articles and sources are hostile: they become text nodes, never
// markup, and only an address that `webAddress` accepts becomes a link.

import { WORDS } from "./words.js";

/** An element. Children are elements or texts; null and false are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** An address as it was typed; what names no scheme is meant to be of the web. */
export const typed = (address) => (/^[a-z][a-z0-9+.-]*:/i.test(address) && !/^[^/]+:\d/.test(address) ? address : `https://${address}`);

export const find = (id) => document.getElementById(id);

/** What went wrong, and what to do about it. */
export class Problem extends Error {
  constructor(detail, todo = "", status = 0) {
    super(detail);
    this.todo = todo;
    this.status = status;
  }

  static of(details, status = details.status) {
    return new Problem(details.detail || details.title || "The service refused", details.todo, status);
  }
}

/** Asks the service; gives what it answers, or null where that is nothing. */
export async function ask(path, { method = "GET", json, form, signal } = {}) {
  const headers = json ? { "Content-Type": "application/json" } : {};
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: json ? JSON.stringify(json) : form, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The service does not answer", "See whether `assay serve` is still running, then try again");
  }
  if (!answer.ok) throw await refusal(answer);
  return answer.status === 204 ? null : answer.json();
}

export async function refusal(answer) {
  const details = await answer.json().catch(() => ({ detail: `The service answered ${answer.status}` }));
  const problem = Problem.of(details, answer.status);
  const wait = Number(answer.headers.get("Retry-After"));
  if (wait) problem.todo = `${sentence(problem.todo || "Try again")} Best in ${count(wait, "second")}`;
  return problem;
}

/** Shows a problem in its place, or takes it away. */
export function tell(place, problem) {
  place.hidden = !problem;
  place.replaceChildren();
  if (!problem) return;
  if (!(problem instanceof Problem)) throw problem;
  place.append(element("b", {}, sentence(problem.message)), problem.todo ? sentence(problem.todo) : "");
  if (problem.status === 409 && /library|source/i.test(problem.message)) {
    place.append(" ", element("a", { href: "/sources" }, "Add sources"));
  }
}

/** With a capital letter, unless it begins with the name of a file or an address, and a full stop. */
export function sentence(text) {
  const whole = /^\p{Ll}[\p{L}’'-]*(?=[\s,:;]|$)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return !whole || /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

export const count = (number, noun) => `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });

/** A moment, ISO 8601: the time of today, else the day too. */
export function moment(iso) {
  const then = new Date(iso);
  const today = then.toDateString() === new Date().toDateString();
  const text = Number.isNaN(then.getTime()) ? iso : today ? `today, ${TIME.format(then)}` : MOMENT.format(then);
  return element("time", { datetime: iso }, text);
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** A day, month or year, ISO 8601, in words. */
export function day(iso) {
  const [, year, month, date] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(iso) || [];
  const name = MONTHS[Number(month) - 1];
  return year ? [date && name ? Number(date) : "", name, year].filter(Boolean).join(" ") : iso;
}

/** The address where it is safe to make a link of, else null. */
export function webAddress(address) {
  if (!address || /[\s\\<>"'`{}|^]/.test(address)) return null;
  try {
    const { protocol, username, hostname } = new URL(address);
    return ["http:", "https:"].includes(protocol) && !username && hostname ? address : null;
  } catch {
    return null;
  }
}

const glyph = (outcome) => element("span", { class: `glyph ${outcome}`, "aria-hidden": "true" });

export const badge = (outcome) => element("span", { class: `badge ${outcome}` }, glyph(outcome), WORDS[outcome]);

/** How many of each outcome, as glyphs with numbers. */
export function tallies(summary) {
  const shown = Object.keys(WORDS).filter((outcome) => summary[outcome] || outcome !== "failed");
  return element(
    "span",
    { class: "tallies" },
    shown.map((outcome) =>
      element(
        "span",
        { class: "tally", title: WORDS[outcome] },
        glyph(outcome),
        String(summary[outcome]),
        element("span", { class: "hidden" }, ` ${WORDS[outcome].toLowerCase()} `),
      ),
    ),
  );
}

/** Asks before something is gone for good; true where it was confirmed. */
export function confirmed(question, action) {
  return new Promise((resolve) => {
    const dialog = element(
      "dialog",
      { "aria-labelledby": "dialog-question", onclose: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); } },
      element("p", { id: "dialog-question", dir: "auto" }, question),
      element(
        "p",
        { class: "actions" },
        element("button", { type: "button", onclick: () => dialog.close("no") }, "Cancel"),
        element("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, action),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Lets files be dropped on a place. */
export function takesDrops(place, take) {
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  place.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove("over");
  });
  place.addEventListener("drop", (event) => {
    place.classList.remove("over");
    if (!holdsFiles(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}
