// Whom the user trusts: a choice for each publisher and site.

import { Problem, ask, count, element, find, tell } from "./page.js";

const CHOICES = { trusted: "Trusted", neutral: "Neutral", distrusted: "Distrusted" };
const SHOWN = 25;
const PAUSE = 250; // milliseconds without a further letter after which names are looked for

/** The choice for one name. A change is kept at once; one that cannot be kept is taken back. */
export function choice({ name, reputation }, { changed = () => {}, problem }) {
  let kept = reputation;
  const radio = (value) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: `reputation of ${name}`, value, checked: value === kept, onchange: () => change(value) }),
      element("span", {}, CHOICES[value]),
    );
  const made = element("fieldset", { class: "choice small" }, element("legend", { class: "hidden" }, `Reputation of ${name}`), Object.keys(CHOICES).map(radio));
  const radios = [...made.querySelectorAll("input")];

  async function change(wanted) {
    made.setAttribute("aria-busy", "true");
    for (const each of radios) each.disabled = each.value !== wanted; // who uses the keyboard stays where they are
    try {
      await ask("/api/reputations", { method: "PUT", json: { name, reputation: wanted } });
      kept = wanted;
      tell(problem, null);
      changed(`${name}: ${CHOICES[wanted].toLowerCase()} from the next check on.`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tell(problem, error);
    } finally {
      made.removeAttribute("aria-busy");
      for (const each of radios) {
        each.disabled = false;
        each.checked = each.value === kept;
      }
    }
  }

  return made;
}

/** A name with its choice. */
export function row(publisher, options) {
  return element(
    "li",
    { class: "row" },
    element(
      "div",
      {},
      element("bdi", { class: "who" }, publisher.name),
      element("p", { class: "about" }, publisher.kind === "site" && element("span", {}, "site"), element("span", {}, count(publisher.sources, "source"))),
    ),
    choice(publisher, options),
  );
}

/** Lists publishers once somebody wants to see them; `changed` is called after each change. */
export function listPublishers(changed) {
  const options = {
    problem: find("trust-problem"),
    changed: (said) => {
      find("trusted").textContent = said;
      changed();
    },
  };
  let waiting;
  let asked = 0;

  async function list() {
    const turn = (asked += 1);
    try {
      const { publishers, total } = await ask(`/api/publishers?${new URLSearchParams({ q: find("who").value.trim(), limit: SHOWN })}`);
      if (turn !== asked) return; // somebody typed on meanwhile
      find("publishers").replaceChildren(...publishers.map((each) => row(each, options)));
      find("trusted").textContent = total > publishers.length ? `${publishers.length} of ${count(total, "name")}; type to find others.` : total ? "" : "No source names one.";
      tell(find("trust-problem"), null);
    } catch (error) {
      tell(find("trust-problem"), error);
    }
  }

  find("trust").addEventListener("toggle", () => find("trust").open && list());
  find("who").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(list, PAUSE);
  });
}
