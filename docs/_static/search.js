/* Find a phrase, a name or a number in the texts of the book (docs/_ext/search.py). */

const Search = (() => {
  "use strict";

  // 1797, 1,797, .82, −24, 56/25, Fraction(56, 25), 12.5 %, 1e-9, 10⁻⁹, 2.5 × 10^-9
  const POWER = String.raw`(?:(?:\^|\*\*)[{(]?([-−+]?\d+)[)}]?|([⁻⁺]?[⁰¹²³⁴-⁹]+))`;
  const THOUSANDS = String.raw`\d{1,3}(?:[,\u2009\u202f\u00a0]\d{3})+(?!\d)`;
  const DIGITS = String.raw`(?:${THOUSANDS}|\d+)(?:\.\d+)*|\.\d+`;
  const NUMBER = new RegExp(
    [
      String.raw`(?:(?<![\p{L}\p{N}_)\]}.])([-−]))?(?<![\p{L}\p{N}_.])`,
      String.raw`(?:10${POWER}|(${DIGITS})(?:e([-−+]?\d+)|\s?[×·*]\s?10${POWER})?`,
      String.raw`(?:\s?[/⁄]\s?(\d+)(?![\d/]|\.\d))?)(?:\s?(%|per ?cent(?!\p{L})))?`,
      String.raw`|Fraction\(([-−]?)(\d+), (\d+)\)`,
    ].join(""),
    "giu",
  );
  const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  /** Write digits and a power of ten so that equal numbers are written equally. */
  function written(digits, power = 0) {
    const [whole, part = "", ...more] = digits.replace(/[^\d.]/g, "").split(".");
    if (more.length) return digits; // a version
    const all = (whole + part).replace(/^0+/, "");
    const short = all.replace(/0+$/, "");
    return short ? `${short}e${all.length - short.length - part.length + power}` : "0";
  }

  const exponent = (plain, raised) =>
    raised
      ? Number(
          raised.replace(/./g, (sign) =>
            RAISED.includes(sign) ? RAISED.indexOf(sign) : sign === "⁻" ? "-" : "",
          ),
        )
      : Number((plain ?? "0").replace("−", "-"));

  /** Return the numbers of a text: where each stands, and the ways to ask for it. */
  function numbers(text) {
    return [...text.matchAll(NUMBER)].map((match) => {
      const [all, sign, ten, tenRaised, digits, e, times, timesRaised] = match;
      const [below, percent, minus, over, under] = match.slice(8);
      let value;
      if (over) value = `${written(over)}/${written(under)}`;
      else if (!digits) value = written("1", exponent(ten, tenRaised));
      else value = written(digits, exponent(e ?? times, timesRaised));
      if (below) value += `/${written(below)}`;
      const forms = [value];
      if (percent) forms.unshift(`${value}%`);
      if (sign || minus) forms.unshift(...forms.map((form) => `-${form}`));
      return { at: match.index, end: match.index + all.length, forms };
    });
  }

  const stems = new Map();
  let stemmer;
  /** Return what the forms of a word share, in British and in American spelling. */
  function stemOf(word) {
    if (!stems.has(word)) {
      const spelled = word
        .toLowerCase()
        .replace(/([iy])z(?=[eia])/g, "$1s")
        .replace(/(?<=\p{L}{3})our/gu, "or")
        .replace(/centre/, "center");
      stemmer ??= new Stemmer();
      stems.set(word, stemmer.stemWord(spelled));
    }
    return stems.get(word);
  }

  /** Return the words of a text and where they stand; numbers are none. */
  function words(text) {
    return [...text.matchAll(/\p{L}[\p{L}\p{Nd}]*/gu)].map(({ 0: word, index }) => ({
      at: index,
      end: index + word.length,
      forms: [stemOf(word)],
    }));
  }

  /** Return what a query asks for, and the same in the letters that were typed. */
  function terms(query) {
    const found = numbers(query);
    const rest = query.split("");
    for (const { at, end } of found) rest.fill(" ", at, end);
    const named = words(rest.join(""));
    const typed = ({ at, end }) => query.slice(at, end).toLowerCase();
    // Common words are asked for only where there is no other.
    const telling = named.filter((word) => !STOPWORDS.has(typed(word)));
    const all = [...found, ...(telling.length || found.length ? telling : named)];
    return new Map(all.map((term) => [term.forms[0], typed(term)]));
  }

  /** Count the words and the numbers of a text, by all their forms. */
  function counted(text) {
    const counts = new Map();
    for (const { forms } of [...words(text), ...numbers(text)]) {
      forms.forEach((form, other) => {
        counts.set(form, (counts.get(form) ?? 0) + (other ? 0.5 : 1));
      });
    }
    return counts;
  }

  let parts;
  /** Return every part of the book with what it holds; reading it takes a moment. */
  function read() {
    parts ??= PAGES.flatMap(([page, [name, keywords, list]]) => {
      const asked = keywords.map((keyword) => new Set(terms(keyword).keys()));
      const onPage = counted(name);
      return list.map(([anchor, title, text]) => {
        const called = title ? counted(title) : onPage;
        const held = counted(text);
        return { page, name, anchor, title, text, asked, onPage, called, held };
      });
    });
    return parts;
  }

  /** Say how well a page's keywords fit a query, from 0 to 1. */
  function fit(asked, wanted) {
    const shares = asked.map((keyword) => {
      const both = [...wanted.keys()].filter((term) => keyword.has(term)).length;
      return both / (keyword.size + wanted.size - both);
    });
    return Math.max(0, ...shares);
  }

  /** Return a pattern for words that follow each other, if there are two of them. */
  function sequence(typed) {
    const letters = typed.map((word) => word.replace(/[^\p{L}\p{N}]/gu, ""));
    const inOrder = letters.join(String.raw`[^\p{L}\p{N}]{1,3}`);
    return typed.length > 1 ? new RegExp(inOrder, "iu") : null;
  }

  /** Return how to count what a query asks for, and how much it tells. */
  function look([term, typed]) {
    const all = read();
    const isThere = all.some(({ held, called }) => held.has(term) || called.has(term));
    // What nobody wrote may be the beginning of a word.
    const count = (counts) => {
      if (isThere) return counts.get(term) ?? 0;
      const longer = [...counts.keys()].filter((form) => form.startsWith(typed));
      return typed.length > 2 ? longer.length / 2 : 0;
    };
    const holding = all.filter(({ held }) => count(held)).length;
    return { count, weight: Math.log(1 + all.length / (1 + holding)) };
  }

  /** Return the parts of the book that answer a query, the best first. */
  function find(query) {
    const wanted = terms(query);
    const inOrder = sequence([...wanted.values()]);
    const looks = [...wanted].map(look);
    const total = looks.reduce((sum, { weight }) => sum + weight, 0);
    const found = [];
    for (const part of read()) {
      let score = 0;
      let covered = 0;
      for (const { count, weight } of looks) {
        const times = count(part.held);
        const named = 2 * Boolean(count(part.called)) + Boolean(count(part.onPage)) / 2;
        if (times || named) covered += weight;
        score += weight * (times / (times + 1.5) + named);
      }
      const fits = part.anchor ? 0 : fit(part.asked, wanted);
      const coverage = fits < 0.5 ? covered / total : 1;
      score *= coverage ** 2;
      if (inOrder?.test(part.title)) score *= 2;
      else if (inOrder?.test(part.text)) score *= 1.5;
      // Chapters come first: who looks for the learning rate wants to read about it.
      if (!part.page.startsWith("chapters/")) score /= 3;
      // So do names, and pages that give what is asked for as one of their subjects.
      if (part.anchor === query.trim()) score += 1000;
      if (fits >= 0.5) score += 100 * fits ** 2;
      if (score) found.push({ ...part, score, coverage });
    }
    // What has only the common words of a query is left out where there is better.
    const most = Math.max(...found.map(({ coverage }) => coverage));
    return found
      .filter(({ coverage }) => coverage > most / 2)
      .sort((one, other) => other.score - one.score);
  }

  /** Cut out of a text what shows most of a query: pieces, of which every second one is
      a word that was found, and what a browser should mark on the page. */
  function excerpt(text, wanted) {
    const LENGTH = 240;
    const found = [...words(text), ...numbers(text)]
      .filter(({ forms }) => forms.some((form) => wanted.has(form)))
      .sort((one, other) => one.at - other.at);
    const different = (start) => {
      const near = found.filter(({ at, end }) => at >= start && end < start + LENGTH);
      return new Set(near.map(({ forms }) => forms[0])).size;
    };
    const most = Math.max(...found.map(({ at }) => different(at)));
    const richest = found.find(({ at }) => different(at) === most);
    const inOrder = sequence([...wanted.values()])?.exec(text);
    const start = inOrder?.index ?? richest?.at ?? 0;
    const mark = inOrder?.[0] ?? (richest ? text.slice(start, richest.end) : "");
    const from = text.lastIndexOf(" ", Math.max(0, start - LENGTH / 3)) + 1;
    const space = text.indexOf(" ", from + LENGTH);
    const to = space < 0 ? text.length : space;
    const pieces = [from ? "… " : ""];
    let at = from;
    for (const match of found) {
      if (match.at < at || match.end > to) continue;
      pieces[pieces.length - 1] += text.slice(at, match.at);
      pieces.push(text.slice(match.at, match.end), "");
      at = match.end;
    }
    pieces[pieces.length - 1] += text.slice(at, to) + (to < text.length ? " …" : "");
    return { pieces, mark };
  }

  return { excerpt, find, numbers, terms };
})();

if (globalThis.document) {
  // Longer queries are no questions, and would only take their time.
  const MOST = 200;
  const PARTS = 2; // of a page
  const typed = [...(new URLSearchParams(location.search).get("q") ?? "")];
  const query = typed.slice(0, MOST).join("");
  const out = document.getElementById("search-results");

  const add = (parent, name, text = "", className = "") => {
    const element = parent.appendChild(document.createElement(name));
    element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const show = () => {
    const shown = new Map();
    const results = Search.find(query).filter(({ page }) => {
      shown.set(page, (shown.get(page) ?? 0) + 1);
      return shown.get(page) <= PARTS;
    });
    out.replaceChildren();
    add(out, "h2", _("Search Results"));
    const said = results.length
      ? Documentation.ngettext(
          "Search finished, found one page matching the search query.",
          "Search finished, found ${resultCount} pages matching the search query.",
          shown.size,
        ).replace("${resultCount}", shown.size)
      : _(
          "Your search did not match any documents. Please make sure that all words " +
            "are spelled correctly and that you've selected enough categories.",
        );
    add(out, "p", said, "search-summary");
    if (typed.length > MOST) {
      const only = `the search is for the first ${MOST}`;
      add(out, "p", `The query has ${typed.length} characters; ${only}.`);
    }
    const list = add(out, "ul", "", "search");
    list.setAttribute("role", "list");
    const wanted = Search.terms(query);
    const { content_root: root } = document.documentElement.dataset;
    for (const { page, name, anchor, title, text } of results) {
      const item = add(list, "li");
      const link = add(item, "a", title ? `${name} › ${title}` : name);
      const { pieces, mark } = Search.excerpt(text, wanted);
      // Browsers mark the words that an address ends with.
      const marked = encodeURIComponent(mark).replaceAll("-", "%2D");
      const place = anchor + (mark && `:~:text=${marked}`);
      link.href = root + page + (place && `#${place}`);
      const context = add(item, "p", "", "context");
      pieces.forEach((piece, place) => {
        if (place % 2) add(context, "span", piece, "highlighted");
        else context.append(piece);
      });
    }
  };

  for (const field of document.querySelectorAll("input[name=q]")) field.value = query;
  if (query.trim()) {
    add(out, "h2", _("Searching"));
    const { texts } = document.currentScript.dataset;
    const policy = globalThis.trustedTypes?.createPolicy("search", {
      createScriptURL: (address) => address,
    });
    const script = document.createElement("script");
    script.onload = show;
    script.src = policy?.createScriptURL(texts) ?? texts;
    document.head.append(script);
  }
}
