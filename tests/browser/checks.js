// What the tests ask a page. One expression, whose value holds the questions; it runs
// through the debugger, so neither the page's policy nor a missing script engine
// stands in its way.
(() => {
  const root = document.documentElement;

  const describe = (element) => {
    const name = [element.localName, ...element.classList].join(".");
    const id = element.closest("[id]")?.id;
    const text = (element.textContent || element.alt || "").trim().replace(/\s+/g, " ");
    return `${name} in #${id}: ${text.slice(0, 50)}`;
  };

  const inColumns = (section) => getComputedStyle(section).display === "grid";
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return (
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      box.width > 0 &&
      box.height > 0
    );
  };

  const ancestors = function* (element) {
    for (let up = element.parentElement; up; up = up.parentElement) yield up;
  };

  const scrollsSideways = (element) =>
    /auto|scroll/.test(getComputedStyle(element).overflowX);

  // Text for screen readers alone is squeezed into a pixel.
  const squeezed = (element) => element.clientWidth <= 1 || element.clientHeight <= 1;

  const scrollBoxes = () =>
    [...document.body.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      const wide = element.scrollWidth > element.clientWidth + 1;
      const high = element.scrollHeight > element.clientHeight + 1;
      return (
        visible(element) &&
        !squeezed(element) &&
        ((wide && /auto|scroll/.test(style.overflowX)) ||
          (high && /auto|scroll/.test(style.overflowY)))
      );
    });

  const FOCUSABLE =
    "a[href], button, input, select, textarea, summary, iframe, [tabindex], " +
    "[contenteditable], audio[controls], video[controls]";

  const tabStops = () =>
    [...document.querySelectorAll(FOCUSABLE)].filter(
      (element) =>
        element.tabIndex >= 0 &&
        visible(element) &&
        !element.matches(":disabled") &&
        !element.closest("[inert]") &&
        !(element.type === "radio" && element.form === null && !element.checked),
    );

  const FOCUS_SHOWS = [
    ...["outlineStyle", "outlineWidth", "outlineColor", "boxShadow"],
    ...["backgroundColor", "borderTopColor", "borderTopWidth"],
    ...["borderBottomColor", "borderBottomWidth"],
    ...["textDecorationLine", "textDecorationThickness"],
  ];

  const look = (element) => {
    const looks = [null, "::before", "::after"].map((part) => {
      const style = getComputedStyle(element, part);
      const values = FOCUS_SHOWS.map((name) => style[name]);
      // An outline of no width or no style has a colour all the same.
      if (style.outlineStyle === "none" || style.outlineWidth === "0px") {
        values.splice(0, 3);
      }
      return values.join();
    });
    return looks.join("; ");
  };

  const endTransitions = () => {
    for (const animation of document.getAnimations()) animation.finish();
  };

  // Where the focus is, and whether a reader sees it there.
  const tabbed = (stops, looks) => {
    const focused = document.activeElement;
    const place = stops.indexOf(focused);
    if (place < 0) return { place, name: describe(focused), shows: true, seen: true };
    look(focused); // starts the transitions
    endTransitions();
    const boxes = [...focused.getClientRects()];
    const inside = ({ left, right, top, bottom }) =>
      [0.1, 0.5, 0.9].some((x) =>
        [0.1, 0.5, 0.9].some((y) => {
          const hit = document.elementFromPoint(
            left + (right - left) * x,
            top + (bottom - top) * y,
          );
          return focused.contains(hit);
        }),
      );
    return {
      place,
      name: describe(focused),
      shows: look(focused) !== looks[place],
      seen: boxes.some(inside),
    };
  };

  const channels = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    return colour.startsWith("color(") ? numbers.map((n) => n * 255) : numbers;
  };

  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  const onPaper = (colour) => 1.05 / (luminance(colour) + 0.05);

  const article = () => document.querySelector("article, main");

  return {
    // Where the page is wider than its window, or text runs out of it.
    tooWide() {
      const width = root.clientWidth;
      const found = [];
      const sideways = Math.max(root.scrollWidth, document.body.scrollWidth) - width;
      if (sideways > 0) found.push(`the page scrolls sideways by ${sideways} px`);
      const inBox = (element) =>
        [element, ...ancestors(element)].some(
          (up) =>
            up !== document.body &&
            up !== root &&
            (scrollsSideways(up) || squeezed(up)) &&
            up.getBoundingClientRect().right <= width + 1,
        );
      for (const element of document.body.querySelectorAll("*")) {
        const box = element.getBoundingClientRect();
        if (box.right <= width + 1 || !visible(element) || inBox(element)) continue;
        const inner = [...element.children].some(
          (child) => child.getBoundingClientRect().right > width + 1,
        );
        if (!inner) {
          found.push(`${describe(element)} ends at ${Math.round(box.right)} px`);
        }
      }
      return found;
    },

    // Boxes that scroll and that the keyboard cannot reach in every browser.
    unreachableBoxes() {
      const stops = tabStops();
      return scrollBoxes()
        .filter((box) => box.tabIndex < 0 && !stops.some((stop) => box.contains(stop)))
        .map(describe);
    },

    openAll() {
      for (const details of document.querySelectorAll("details")) details.open = true;
      for (const show of document.querySelectorAll(".guess [type=button]")) show.click();
      root.checkVisibility();
      endTransitions();
    },

    closeAll() {
      for (const details of document.querySelectorAll("details")) details.open = false;
    },

    startTabbing() {
      const stops = tabStops();
      // Chromium gives the keyboard every scroll box without a stop of its own.
      const boxes = scrollBoxes().filter(
        (box) => !stops.includes(box) && !stops.some((stop) => box.contains(stop)),
      );
      const all = [...stops, ...boxes].sort((one, other) =>
        one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
      );
      const looks = all.map(look);
      const found = [];
      // What the last press led to is looked at before the next one leads on.
      const record = ({ key }) => {
        if (key === "Tab") found.push(tabbed(all, looks));
      };
      addEventListener("keydown", record, true);
      globalThis.endTabbing = () => {
        removeEventListener("keydown", record, true);
        return [...found.slice(1), tabbed(all, looks)];
      };
      return all.map(describe);
    },

    // Formulas, figures and headings that no address leads to.
    withoutAddress() {
      const found = [];
      const address = (element, holder) => {
        const id = holder?.id;
        const linked =
          id &&
          [...document.querySelectorAll("a.headerlink")].some(
            (link) => link.getAttribute("href") === `#${id}`,
          );
        if (!linked) found.push(describe(element));
      };
      for (const heading of article().querySelectorAll("h1, h2, h3, h4, h5, h6")) {
        const section = heading.closest("section[id]");
        // Headings outside the sections are the theme's, or the title of the search page.
        if (section) address(heading, section);
      }
      for (const math of article().querySelectorAll("math[display=block]")) {
        // In the reference, a formula belongs to the function or module it describes.
        const described =
          math.closest("dl.py")?.querySelector("dt[id]") ??
          math.closest("section[id^=module-]");
        address(math, math.closest("[id]:not(section, main, math *)") ?? described);
      }
      for (const image of article().querySelectorAll("img, svg[role]")) {
        address(image, image.closest("figure[id]"));
      }
      return found;
    },

    // Displayed formulas that stick out of the page instead of scrolling in a box.
    formulas() {
      return [...document.querySelectorAll("math[display=block]")]
        .filter((math) => visible(math))
        .map((math) => {
          const box = [...ancestors(math)].find(scrollsSideways);
          const needed = math.getBoundingClientRect().width;
          const page = article().getBoundingClientRect();
          const shown = (box ?? math).getBoundingClientRect();
          return {
            name: describe(math),
            wide: needed > root.clientWidth || Boolean(box && box.scrollWidth > box.clientWidth + 1),
            inBox: Boolean(box) && box !== document.body && box !== root,
            fits: shown.right <= page.right + 1 && shown.left >= page.left - 1,
            focusable: box?.tabIndex === 0,
            named: Boolean(box?.ariaLabel || box?.getAttribute("aria-labelledby")),
          };
        });
    },

    // Formulas and tables of which a part is beyond the edge of their box.
    cut() {
      return [...article().querySelectorAll("math[display=block], table")]
        .filter((part) => {
          const box = [...ancestors(part)].find(scrollsSideways);
          if (!visible(part) || !box) return false;
          const needed = part.localName === "table" ? part.offsetWidth : box.scrollWidth;
          return needed > box.clientWidth + 1;
        })
        .map(describe);
    },

    // Boxes that scroll sideways, and whose edge does not say so.
    withoutHint() {
      return scrollBoxes()
        .filter((box) => article().contains(box) && box.scrollWidth > box.clientWidth + 1)
        .filter((box) => !getComputedStyle(box).backgroundAttachment.includes("local"))
        .map(describe);
    },

    // Names of code that a line breaks inside.
    brokenNames() {
      const found = [];
      const range = document.createRange();
      for (const name of article().querySelectorAll("code, .sig-name, .sig-prename")) {
        if (name.closest("pre") || name.getClientRects().length < 2) continue;
        const texts = document.createTreeWalker(name, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          for (const word of texts.currentNode.data.matchAll(/\w+/g)) {
            range.setStart(texts.currentNode, word.index);
            range.setEnd(texts.currentNode, word.index + word[0].length);
            const tops = new Set([...range.getClientRects()].map(({ top }) => top));
            if (tops.size > 1) found.push(`${word[0]}: ${describe(name)}`);
          }
        }
      }
      return found;
    },

    // Punctuation that begins a line because it follows a formula.
    loosePunctuation() {
      const found = [];
      const range = document.createRange();
      for (const math of article().querySelectorAll("span.math")) {
        const after = math.nextSibling;
        if (after?.nodeType !== Node.TEXT_NODE || !/^[.,;:!?)]/.test(after.data)) continue;
        if (!visible(math)) continue;
        range.setStart(after, 0);
        range.setEnd(after, 1);
        const { left } = range.getBoundingClientRect();
        if (left < math.getBoundingClientRect().right - 2) found.push(describe(math));
      }
      return found;
    },

    // Code, and what it writes, in smaller letters than so many pixels.
    smallCode(size) {
      return [...article().querySelectorAll("pre, table.trace, table.numbers")]
        .filter((text) => visible(text) && parseFloat(getComputedStyle(text).fontSize) < size)
        .map(describe);
    },

    // Captions with a blank of more pixels between them and the text that follows.
    blanks(most) {
      return [...article().querySelectorAll("figcaption")].filter((caption) => {
        const own = caption.closest(".cell") ?? caption.parentElement;
        const next = own.nextElementSibling;
        if (!next || next.localName === "section") return false;
        // What follows a figure may stand beside another one.
        if (inColumns(own.parentElement)) return false;
        if (!visible(next) || !visible(caption)) return false;
        const { bottom } = caption.getBoundingClientRect();
        return next.getBoundingClientRect().top - bottom > most;
      }).map(describe);
    },

    // Boxes that do not begin where the text around them does.
    insetBoxes() {
      return [...article().querySelectorAll("div.admonition, figure, details.solution")]
        .filter((box) => {
          const around = getComputedStyle(box.parentElement);
          const edge = box.parentElement.getBoundingClientRect().left;
          const begins = edge + parseFloat(around.paddingLeft) + parseFloat(around.borderLeftWidth);
          return visible(box) && box.getBoundingClientRect().left > begins + 1;
        })
        .map(describe);
    },

    emptyFormulas() {
      return [...document.querySelectorAll("math")]
        .filter((math) => math.checkVisibility())
        .filter((math) => {
          const box = math.getBoundingClientRect();
          return box.width < 3 || box.height < 3;
        })
        .map(describe);
    },

    rawTeX() {
      const left = article().cloneNode(true);
      for (const code of left.querySelectorAll("annotation, pre, code, script, style")) {
        code.remove();
      }
      return left.textContent.match(/\\[([]|\\[a-z]{3,}|\$\$/g) ?? [];
    },

    brokenFigures() {
      return [...document.querySelectorAll("article img")]
        .filter((image) => !(image.complete && image.naturalWidth > 0))
        .map(describe);
    },

    visibleLinks(selector) {
      return [...document.querySelectorAll(selector)].filter(visible).map((a) => a.href);
    },

    hiddenIn(selector) {
      return [...document.querySelectorAll(selector)]
        .filter((element) => !visible(element))
        .map(describe);
    },

    shownIn(selector) {
      return [...document.querySelectorAll(selector)].filter(visible).map(describe);
    },

    // On paper: pale text, dark paper, figures in the colours of the dark.
    pale(contrast) {
      const found = [];
      endTransitions();
      for (const element of article().querySelectorAll(":not(math *)")) {
        const own = [...element.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && node.data.trim(),
        );
        if (!(own || element.localName === "math") || !visible(element) || squeezed(element)) continue;
        const { color } = getComputedStyle(element);
        const ratio = onPaper(color);
        if (ratio < contrast) {
          found.push(`${describe(element)} has contrast ${ratio.toFixed(1)} with paper`);
        }
      }
      return found;
    },

    darkOnPaper() {
      return [...article().querySelectorAll("img")]
        .filter((image) => getComputedStyle(image).colorScheme.includes("dark"))
        .filter((image) => !getComputedStyle(image).colorScheme.includes("light"))
        .map(describe);
    },

    // External links whose address a reader of the paper cannot see.
    addressesNotPrinted() {
      return [...article().querySelectorAll("a[href^='http']")]
        .filter(visible)
        .filter((link) => new URL(link.href).host !== location.host)
        .filter((link) => {
          const after = getComputedStyle(link, "::after").content;
          return !after.includes(link.href) && !link.textContent.includes(link.host);
        })
        .map(describe);
    },

    // Characters in each full line of the longest paragraphs.
    measure() {
      const lines = [];
      const paragraphs = [...article().querySelectorAll("section > p")].filter(
        (p) => !p.querySelector("math") && visible(p),
      );
      for (const paragraph of paragraphs) {
        const range = document.createRange();
        const found = new Map();
        const texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          const text = texts.currentNode;
          for (let at = 0; at < text.length; at += 1) {
            if (/\s/.test(text.data[at]) && /\s|^$/.test(text.data[at - 1] ?? "")) continue;
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            const boxes = range.getClientRects();
            const box = boxes[boxes.length - 1];
            if (!box) continue;
            const line = Math.round(box.bottom / 8);
            found.set(line, (found.get(line) ?? 0) + 1);
          }
        }
        lines.push(...[...found.values()].slice(0, -1));
      }
      return lines;
    },

    codeColumns() {
      return [...document.querySelectorAll("article div.cell_input pre")]
        .filter((pre) => visible(pre) && !inColumns(pre.closest("section")))
        .map((pre) => {
          const style = getComputedStyle(pre);
          const context = document.createElement("canvas").getContext("2d");
          context.font = `${style.fontSize} ${style.fontFamily}`;
          const column = context.measureText("0".repeat(100)).width / 100;
          const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
          return Math.floor((pre.clientWidth - padding) / column);
        });
    },
  };
})()
