/* What the search shows. Sphinx makes a selector of the id that a result leads to, and
   shows the text of what it selects: but the id of a module holds points, which mean
   something else in a selector, and its element is empty. And a result that is a whole
   page should show its article, not the navigation around it. */
{
  const { htmlToText } = Search;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    let place = anchor && page.getElementById(anchor.slice(1));
    while (place && !place.textContent.trim()) place = place.parentElement;
    place ||= page.querySelector("article.bd-article") ?? page.body;
    return htmlToText(`<main role="main">${place.outerHTML}</main>`);
  };

  // The chapters come first: who looks for the learning rate wants to read about it.
  Scorer.score = ([page, , , , score]) =>
    score + (page.startsWith("chapters/") ? Scorer.objNameMatch + Scorer.title : 0);
}
