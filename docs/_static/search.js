/* What the search shows. Sphinx makes a selector of the id that a result leads to, and
   shows the text of what it selects: but the id of a module holds points, which mean
   something else in a selector, and its element is empty. And a result that is a whole
   page should show its article, not the navigation around it. */
{
  // Nothing of a parsed page runs or loads, and only its text is taken.
  const inert = globalThis.trustedTypes?.createPolicy("search", {
    createHTML: (page) => page,
  });
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(
      inert?.createHTML(html) ?? html,
      "text/html",
    );
    for (const extra of page.querySelectorAll(".headerlink, script, style")) {
      extra.remove();
    }
    let place = anchor && page.getElementById(anchor.slice(1));
    while (place && !place.textContent.trim()) place = place.parentElement;
    return (place || page.querySelector("article.bd-article") || page.body).textContent;
  };

  // The chapters come first: who looks for the learning rate wants to read about it.
  Scorer.score = ([page, , , , score]) =>
    score + (page.startsWith("chapters/") ? Scorer.objNameMatch + Scorer.title : 0);

  // Sphinx shortens words to their stems, in a time that grows with the square of a word.
  const MOST = 200;
  const asked = [...(new URLSearchParams(location.search).get("q") ?? "")];
  if (asked.length > MOST) {
    const first = asked.slice(0, MOST).join("");
    Search.deferQuery(first);
    for (const field of document.querySelectorAll("[name=q]")) field.value = first;
    const note = document.createElement("p");
    note.textContent = `The query has ${asked.length} characters; the search is for the first ${MOST}.`;
    document.getElementById("search-results").before(note);
  }
}
