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

  const press = () => {
    for (const button of document.querySelectorAll(".theme-change-button")) {
      button.ariaPressed = String(button.dataset.mode === root.dataset.mode);
    }
  };
  new MutationObserver(press).observe(root, { attributeFilter: ["data-mode"] });
  document.addEventListener("DOMContentLoaded", press);
}
