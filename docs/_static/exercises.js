/* Judge what a reader foretells, and remember which exercises are done. What is kept
   stays in this browser, under names that begin with "gdbook:". */
"use strict"; // or functions of the block would take the place of the window's

{
  const PREFIX = "gdbook:";
  const totals = new Map(
    [...document.currentScript.dataset.exercises.matchAll(/(\w+) (\d+)/g)].map(
      ([, chapter, count]) => [chapter, +count],
    ),
  );

  /** Return what is kept under a name, without what is no text under a plain name. */
  function kept(name) {
    try {
      const pairs = Object.entries(JSON.parse(localStorage.getItem(PREFIX + name)) ?? {});
      return Object.fromEntries(
        pairs.filter(([key, value]) => /^\w+\.\w+$/.test(key) && typeof value === "string"),
      );
    } catch {
      return {};
    }
  }

  const keep = (name, key, value) =>
    localStorage.setItem(PREFIX + name, JSON.stringify({ ...kept(name), [key]: value }));

  const element = (tag, text, set = {}) =>
    Object.assign(document.createElement(tag), { textContent: text }, set);

  // Predictions.

  /** Read a number as people write it: −0.5, 0,5, 1/3, 50 %. */
  function number(text) {
    const plain = text.trim().replaceAll("−", "-").replace(",", ".");
    const [, top, bottom = "1", percent] =
      /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?:\s*\/\s*(\d+\.?\d*))?\s*(%?)$/i.exec(
        plain,
      ) ?? [];
    return top === undefined ? NaN : +top / +bottom / (percent ? 100 : 1);
  }

  /** Say what there is to say to an answer. */
  function judged({ answer, within, right, wrong }, text) {
    const given = typeof answer === "number" ? number(text) : text;
    if (typeof answer === "number" && !isFinite(given)) return "";
    // A bound that was meant exactly is met but for the last digits of a float.
    const slack = typeof answer === "number" ? 1e-9 * Math.abs(answer) : 0;
    const meets = (value) =>
      typeof value === "number" ? Math.abs(given - value) <= within + slack : given === value;
    if (meets(answer)) return `Right. ${right}`;
    const known = wrong.find(([value]) => meets(value));
    if (known) return `Not quite. ${known[1]}`;
    return `Not quite: it is ${given > answer ? "less" : "more"} than that.`;
  }

  /** Unfold what waits for an answer; what scrolls there had no width until now. */
  function release(form) {
    form.classList.add("answered");
    let place = form.closest(".predict").nextElementSibling;
    for (; place?.matches(".cell, .answer"); place = place.nextElementSibling) {
      for (const box of place.querySelectorAll(".output, pre")) {
        if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      }
    }
  }

  /** Unfold the output behind a question, with some words about the answer. */
  function unfold(form, words) {
    release(form);
    form.querySelector("[role=status]").textContent = words;
  }

  for (const form of document.querySelectorAll(".guess")) {
    const { prediction, told } = form.dataset;
    const answer = (text) => {
      const words = judged(JSON.parse(told), text);
      if (words) unfold(form, words);
      else form.querySelector("[role=status]").textContent = "Type a number, as 0.5 or 1/2.";
      return words;
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.elements.guess?.value ?? event.submitter.value;
      if (answer(text)) keep("guesses", prediction, text);
    });
    form.querySelector("[type=button]").addEventListener("click", () => unfold(form, ""));
    const { [prediction]: before } = kept("guesses");
    if (before !== undefined) {
      if (form.elements.guess) form.elements.guess.value = before;
      answer(before);
    }
  }

  /** Unfold what an element stands in: an output, or what is said of one. */
  function reveal(element) {
    const answer = element?.closest?.(".answer");
    const cell = answer ? answer.previousElementSibling : element?.closest?.(".cell");
    const asked = cell?.previousElementSibling;
    const form = asked?.matches?.(".predict") && asked.querySelector(".guess");
    if (form) release(form);
  }

  /** Show what an address leads to, which was nowhere while it was folded. */
  function arrive() {
    const place = document.getElementById(location.hash.slice(1));
    if (!place || place.checkVisibility?.()) return;
    reveal(place);
    place.scrollIntoView();
  }

  addEventListener("hashchange", arrive);
  // The browser's own search has found a word there.
  addEventListener("beforematch", ({ target }) => reveal(target));
  arrive();

  // Exercises.

  const count = (done, chapter) =>
    Math.min(
      totals.get(chapter),
      Object.keys(done).filter((name) => name.startsWith(`${chapter}.`)).length,
    );

  /** Offer what is kept as a file. */
  function save() {
    const text = JSON.stringify({ done: kept("done"), guesses: kept("guesses") }, null, 2);
    const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    element("a", "", { download: "gdbook.json", href }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  /** Forget all that this book has kept in this browser, edits of cells included. */
  function clear() {
    if (!confirm("Forget your edits, answers and exercises in this browser?")) return;
    for (const name of localStorage.names()) {
      if (name.startsWith(PREFIX)) localStorage.removeItem(name);
    }
    location.reload();
  }

  /** Show how far the reader has come: in the contents, below them and on the cover. */
  function show() {
    const done = kept("done");
    for (const link of document.querySelectorAll(".bd-links li > a")) {
      const [, chapter] = /(\w+)(?:\.html|\/)?$/.exec(new URL(link.href).pathname) ?? [];
      if (!totals.has(chapter)) continue;
      link.querySelector(".count")?.remove();
      const some = count(done, chapter);
      const title = `${some} of ${totals.get(chapter)} exercises done`;
      const text = `${some}/${totals.get(chapter)}`;
      if (some) link.append(" ", element("span", text, { className: "count", title }));
    }
    const all = [...totals.values()].reduce((sum, each) => sum + each, 0);
    const sum = [...totals.keys()].reduce((so_far, each) => so_far + count(done, each), 0);
    for (const verdict of document.querySelectorAll(".verdict[data-right=false]")) {
      verdict.toggleAttribute("data-done", verdict.dataset.exercise in done);
    }
    const any = localStorage.names().some((name) => name.startsWith(PREFIX));
    for (const place of document.querySelectorAll("div.done")) {
      place.hidden = !any && place.parentNode === contents;
      place.replaceChildren(
        element("p", `You have done ${sum} of ${all} exercises, as this browser remembers.`),
        element("button", "Export", { type: "button", onclick: save }),
        element("button", "Clear", { type: "button", onclick: clear }),
      );
    }
  }

  const contents = document.querySelector(".bd-links");
  contents?.append(element("div", "", { className: "done" }));
  show();

  document.addEventListener("gdbook:output", ({ target }) => {
    reveal(target);
    const today = new Date().toISOString().slice(0, 10);
    for (const verdict of target.querySelectorAll(".verdict[data-right=true]")) {
      keep("done", verdict.dataset.exercise, today);
    }
    show();
  });
}
