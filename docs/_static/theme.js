/* Choose the theme before the page is painted, and say which one is chosen.
   The theme does the first in an inline script, which a strict policy forbids. */
{
  const root = document.documentElement;
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  root.dataset.mode = stored("mode") || "auto";
  root.dataset.theme =
    stored("theme") ||
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  // Paper is white, whatever the screen is.
  const onScreen = { theme: root.dataset.theme };
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) onScreen.theme = root.dataset.theme;
    root.dataset.theme = matches ? "light" : onScreen.theme;
  });

  // Formulas would move the lines below them if their font came late. A page from the
  // disk may not ask for it early, and has no need to.
  const { font } = document.currentScript.dataset;
  if (font && location.protocol !== "file:") {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "font", crossOrigin: "", href: font });
    document.head.append(link);
  }

  const press = () => {
    for (const button of document.querySelectorAll(".theme-change-button")) {
      button.ariaPressed = String(button.dataset.mode === root.dataset.mode);
    }
  };
  new MutationObserver(press).observe(root, { attributeFilter: ["data-mode"] });
  document.addEventListener("DOMContentLoaded", press);
}
