/* What every interactive figure shares: its parts, its numbers, handles to drag,
   and its state in the address. A figure is drawn by its own script beside this one.
   All are classic scripts: browsers refuse modules to a page opened from the disk. */

const Figure = (() => {
  "use strict";

  /** Find a figure's parts by the names in its HTML, and read its data. */
  function open(id) {
    const root = document.getElementById(id);
    const parts = (name) => [...root.querySelectorAll(`[data-part="${name}"]`)];
    const part = (name) => parts(name)[0];
    // Until here the controls were off, because nothing would have answered them.
    root.querySelector("fieldset").disabled = false;
    part("handles").removeAttribute("visibility");
    return { root, part, parts, data: JSON.parse(part("data").textContent) };
  }

  function set(element, attributes) {
    for (const name in attributes) element.setAttribute(name, attributes[name]);
  }

  /** Write a number as the book prints it, short and with a true minus sign. */
  function print(value, decimals = 4) {
    const size = Math.abs(value);
    const shown = size < 10 ? decimals : size < 100 ? 2 : 0;
    return String(+value.toFixed(shown)).replace("-", "−");
  }

  /** Show a number, and leave it unrounded for whoever wants to check it. */
  function show(output, value, decimals) {
    output.textContent = print(value, decimals);
    output.dataset.value = value;
  }

  /** Give a range input a value as its user would: within its span and on its grid. */
  function put(input, value) {
    input.value = Math.min(input.max, Math.max(input.min, value));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Put an element where a point of the plane is. */
  function moveTo(element, plane, x, y) {
    const { matrix } = plane.transform.baseVal.consolidate();
    const place = new DOMPoint(x, y).matrixTransform(matrix);
    set(element, { transform: `translate(${place.x} ${place.y})` });
  }

  const KEYS = {
    ArrowUp: 1,
    ArrowRight: 1,
    ArrowDown: -1,
    ArrowLeft: -1,
    PageUp: 10,
    PageDown: -10,
    Home: -Infinity,
    End: Infinity,
  };

  /** Let a handle be dragged, and moved by the keys that move a range input.
      `move` gets the place where its middle is wanted, in coordinates of `plane`. */
  function handle(element, plane, input, move) {
    let grip; // from the pointer to the middle, so that the handle does not jump
    const middle = () => new DOMPoint().matrixTransform(element.getScreenCTM());
    element.addEventListener("pointerdown", (event) => {
      if (event.button || grip) return;
      const { x, y } = middle();
      grip = { x: x - event.clientX, y: y - event.clientY };
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      event.preventDefault();
    });
    element.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const place = new DOMPoint(event.clientX + grip.x, event.clientY + grip.y);
      move(place.matrixTransform(plane.getScreenCTM().inverse()));
    });
    element.addEventListener("lostpointercapture", () => {
      grip = undefined;
    });
    // Chromium ignores touch-action inside an SVG: the page would pan and end the drag.
    const stay = (event) => event.preventDefault();
    element.addEventListener("touchstart", stay, { passive: false });
    element.addEventListener("keydown", (event) => {
      const steps = KEYS[event.key];
      if (!steps || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      put(input, +input.value + steps * input.step);
    });
  }

  /** Call a function once, a moment after the last of many changes. */
  function later(run) {
    let timer;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(run, 250);
    };
  }

  /** Keep a state in the address, as #key:name=value,name=value, and give it back to
      `restore` when the page is opened or sent to such an address. */
  function address(root, key, restore) {
    const prefix = `#${key}:`;
    const read = () => {
      if (!location.hash.startsWith(prefix)) return;
      const pairs = location.hash.slice(prefix.length).replaceAll(",", "&");
      restore(Object.fromEntries(new URLSearchParams(pairs)));
      root.scrollIntoView();
    };
    addEventListener("hashchange", read);
    read();
    return (state) => {
      const pairs = Object.entries(state).map((pair) => pair.join("="));
      const ours = location.hash.startsWith(prefix);
      // Without a state of ours the address keeps whatever anchor it has.
      if (!pairs.length && !ours) return;
      const hash = pairs.length ? prefix + pairs.join(",") : "";
      const address = hash || location.pathname + location.search;
      history.replaceState(history.state, "", address);
    };
  }

  return { address, handle, later, moveTo, open, print, put, set, show };
})();
