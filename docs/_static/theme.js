/* What must stand before the page is painted and before any other script runs: a storage
   that never throws, the theme, and the rule for text that becomes elements. */
{
  // A browser may block storage, or have no room in it. The scripts of the theme and of
  // the search would stop there, so what cannot be stored lasts as long as the page.
  // Those scripts call no other methods than the first three, and the book's own one more.
  const guarded = (name) => {
    const attempt = (use) => {
      try {
        return use();
      } catch {
        return undefined;
      }
    };
    const store = attempt(() => window[name]);
    const unsaved = new Map();
    const value = {
      getItem: (key) => unsaved.get(key) ?? attempt(() => store.getItem(key)) ?? null,
      removeItem: (key) => {
        unsaved.delete(key);
        attempt(() => store.removeItem(key));
      },
      names: () => [...unsaved.keys(), ...(attempt(() => Object.keys(store)) ?? [])],
      setItem: (key, text) => {
        unsaved.set(key, String(text));
        attempt(() => {
          store.setItem(key, text);
          unsaved.delete(key);
        });
      },
    };
    Object.defineProperty(window, name, { value });
  };
  guarded("localStorage");
  guarded("sessionStorage");

  // The theme would do this in an inline script, which a strict policy forbids.
  const root = document.documentElement;
  // Firefox gives every page on the disk a storage of its own, but all one cookie.
  const onDisk = location.protocol === "file:";
  const noted = onDisk && document.cookie.match(/\bmode=(\w+)/)?.[1];
  const last = noted || localStorage.getItem("mode");
  const chosen = ["light", "dark"].find((theme) => theme === last);
  root.dataset.mode = chosen ?? "auto";
  root.dataset.theme =
    chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  // Paper is white, whatever the screen is.
  const onScreen = { theme: root.dataset.theme };
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) onScreen.theme = root.dataset.theme;
    root.dataset.theme = matches ? "light" : onScreen.theme;
  });

  // Formulas would move the lines below them if their font came late. A page from the
  // disk may not ask for it early, and has no need to.
  const { font } = document.currentScript.dataset;
  if (font && !onDisk) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "font", crossOrigin: "", href: font });
    document.head.append(link);
  }

  const press = () => {
    const { mode, content_root: book } = root.dataset;
    const folder = new URL(book, location).pathname;
    if (onDisk) document.cookie = `mode=${mode}; path=${folder}; max-age=31536000`;
    for (const button of document.querySelectorAll(".theme-change-button")) {
      button.ariaPressed = String(button.dataset.mode === root.dataset.mode);
    }
  };
  new MutationObserver(press).observe(root, { attributeFilter: ["data-mode"] });
  document.addEventListener("DOMContentLoaded", press);

  // Sphinx makes elements of text that it has escaped, and of one link; the editor of
  // cells makes some that can do nothing, and one worker runs them.
  const LINK = /^<p class="highlight-link"><a href="[^"<>]*">[^<>]*<\/a><\/p>$/;
  const TAGS = "button|div|li|pre|span|textarea|ul";
  const NAMES = "aria-hidden|auto[a-z]+|class|role|spellcheck|tabindex|title";
  const MARK = `</?(?:${TAGS})(?: (?:${NAMES})=(?:"[^"<>]*"|[\\w-]+))*>`;
  const MARKS = new RegExp(`^[^<]*(?:${MARK}[^<]*)*$`);
  const WORKER = /^live\/[0-9a-f]{12}\/worker\.mjs$/;
  globalThis.trustedTypes?.createPolicy("default", {
    createHTML: (text) => (LINK.test(text) || MARKS.test(text) ? text : null),
    createScriptURL: (address) => {
      const { href: home } = new URL(root.dataset.content_root, location);
      const inside = address.startsWith(home) && address.slice(home.length);
      return inside && WORKER.test(inside) ? address : null;
    },
  });
  // The address of that link is a script.
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".highlight-link a")) return;
    event.preventDefault();
    SphinxHighlight.hideSearchWords();
  });

  // Marking a word takes a walk through the page, and no search asks for so many.
  const MOST = 200;
  const address = new URL(location);
  if (address.searchParams.get("highlight")?.length > MOST) {
    address.searchParams.delete("highlight");
    history.replaceState(null, "", address);
  }
  const marked = "sphinx_highlight_terms";
  if (localStorage.getItem(marked)?.length > MOST) localStorage.removeItem(marked);

  // A number says where it comes from while the pointer or the focus is on it, and after
  // a first tap: a second one follows the link. In the link, the note is a part of what
  // the pointer may be on, and screen readers hear of it where the focus is.
  const note = document.createElement("span");
  Object.assign(note, { id: "origin", className: "origin", ariaHidden: "true" });
  const numberAt = (element) => element?.closest?.("a.number");
  let asked, tapped, dismissed;
  const place = () => {
    if (!asked) return;
    const { bottom, left, top } = [...asked.getClientRects()].at(-1);
    const { clientHeight, clientWidth } = root;
    const { height, width } = note.getBoundingClientRect();
    const furthest = Math.floor(clientWidth - width);
    note.style.left = `${Math.max(0, Math.min(left, furthest))}px`;
    note.style.top = `${bottom + height <= clientHeight ? bottom : top - height}px`;
  };
  const ask = (wanted) => {
    if (wanted !== dismissed) dismissed = undefined;
    const number = dismissed ? undefined : wanted;
    if (number === asked) return;
    asked?.removeAttribute("aria-describedby");
    note.remove();
    asked = number;
    if (!asked) return;
    note.textContent = asked.dataset.from;
    asked.append(note);
    asked.setAttribute("aria-describedby", note.id);
    place();
  };
  const focused = () => {
    const { activeElement } = document;
    return activeElement?.matches("a.number:focus-visible") ? activeElement : undefined;
  };
  document.addEventListener("pointerover", ({ pointerType, target }) => {
    if (pointerType !== "touch") ask(numberAt(target) ?? focused());
  });
  document.addEventListener("focusin", () => ask(focused()));
  document.addEventListener("focusout", () => ask());
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    dismissed = asked;
    ask(asked);
  });
  document.addEventListener("pointerdown", ({ pointerType, target }) => {
    const number = numberAt(target);
    tapped = pointerType === "touch" && number !== asked ? number : undefined;
    if (pointerType === "touch" && number !== asked) ask();
  });
  document.addEventListener("click", (event) => {
    if (!tapped || numberAt(event.target) !== tapped) return;
    event.preventDefault();
    ask(tapped);
  });
  addEventListener("scroll", place, { capture: true, passive: true });
  addEventListener("resize", place);
}
