/* What every interactive figure shares: marks that follow the numbers, controls, handles,
   play, words and the address. A figure's own script beside this one says how numbers
   are computed and told. All are classic scripts: browsers refuse modules to a page
   opened from the disk. */

const { count, explorable, power, print } = (() => {
  "use strict";

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
  const MOST_STEPS = 100_000; // in one press of Play
  const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";
  const FAR = 20_000; // pixels; an SVG's coordinates are single floats
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  /** Write a number as the book prints it, short and with a true minus sign. */
  function print(value, decimals = 4) {
    const size = Math.abs(value);
    const shown = size < 10 ? decimals : size < 100 ? 2 : 0;
    return String(+(+value).toFixed(shown)).replace("-", "−");
  }

  /** Write how many there are of something. */
  const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  /** Write a number that may be tiny or huge, with a power of ten where it is. */
  function power(value) {
    const size = Math.abs(value);
    if (!size || (size >= 0.001 && size < 1e6)) return print(value);
    const [digits, exponent] = value.toExponential(1).replace(".0e", "e").split("e");
    const raised = [...String(+exponent)].map((sign) => RAISED["-0123456789".indexOf(sign)]);
    const times = digits === "1" ? "" : `${digits.replace("-", "−")} × `;
    return `${times}10${raised.join("")}`;
  }

  const within = (value, low, high) => Math.min(high, Math.max(low, value));

  /** Map data to an SVG's coordinates, along one axis. */
  function axis([scale, low, high, from, to]) {
    const bend = scale === "log" ? Math.log10 : (value) => value;
    const straighten = scale === "log" ? (value) => 10 ** value : (value) => value;
    const unit = (to - from) / (bend(high) - bend(low));
    return {
      at: (value) => within(from + (bend(value) - bend(low)) * unit, -FAR, FAR),
      back: (place) => straighten(bend(low) + (place - from) / unit),
      inside: (place) => within(place, Math.min(from, to), Math.max(from, to)),
    };
  }

  /** Draw one mark where its numbers are: a line, its points, or both. */
  function move(mark, { x, y }, get) {
    const { when, text, x: xs, y: ys } = mark.dataset;
    if (text) {
      mark.querySelector("text").textContent = print(get(text));
      return;
    }
    if (when) {
      mark.setAttribute("visibility", get(when) ? "visible" : "hidden");
      if (!get(when)) return;
    }
    const up = [get(ys)].flat();
    const across = xs ? [get(xs)].flat() : up.keys();
    const points = [...across].map((value, i) => [x.at(value), y.at(up[i])]);
    const line = mark.querySelector(":scope > path");
    const ends = mark.dataset.closed === undefined ? "" : "Z";
    // A line through all places, or one of its own between every two.
    const lifted = mark.dataset.pieces === undefined ? Infinity : 2;
    const pairs = points.map(
      (point, i) =>
        (i % lifted ? "L" : "M") + point.map((each) => each.toFixed(2)).join(" "),
    );
    line?.setAttribute("d", pairs.join("") + ends);
    const uses = [...mark.querySelectorAll("use")];
    if (!uses.length) return;
    for (const [i, [left, top]] of points.entries()) {
      const use = uses[i] ?? uses[0].parentNode.appendChild(uses[0].cloneNode());
      use.setAttribute("x", left.toFixed(2));
      use.setAttribute("y", top.toFixed(2));
    }
    for (const use of uses.slice(points.length)) use.remove();
  }

  function explorable(name, { compute, tell, drag = {} }) {
    const root = document.getElementById(name);
    const find = (what) => [...root.querySelectorAll(what)];
    const data = JSON.parse(root.querySelector("script").textContent);
    const { given, carries, plays } = data;
    const panels = find("svg").map((svg, i) => ({
      svg,
      x: axis(data.axes[i].x),
      y: axis(data.axes[i].y),
      marks: [...svg.querySelectorAll("[data-mark]")],
      handles: [...svg.querySelectorAll(".handle")],
    }));
    const inputs = Object.fromEntries(
      find("input, select").map((input) => [input.name, input]),
    );
    const start = Object.fromEntries(data.start);
    const [said, play] = [root.querySelector(".said output"), find("[data-do=play]")[0]];
    const drawing = root.querySelector("[role=img]");

    let state = { ...start };
    let numbers;
    let before; // the numbers before the last step, where there was one
    let taken = 0; // steps since the reader last moved something
    let frame = 0; // the animation frame that comes next
    let timer;

    const get = (name) =>
      name
        .split(".")
        .reduce((found, part) => found[part], { ...given, ...state, ...numbers });

    /** Return what a control can be set to, whatever is asked for. */
    function allowed(name, value) {
      const input = inputs[name];
      if (input.type === "checkbox") return value === true || value === "true";
      if (input.type === "hidden") {
        const noted = String(value).split("_").map(parseFloat);
        const good = noted.filter((each) => each >= +input.min && each <= +input.max);
        return good.slice(0, +input.dataset.most).join("_");
      }
      if (input.type !== "range") {
        const options = [...input.options].map((option) => option.value);
        return options.includes(value) ? value : start[name];
      }
      const number = parseFloat(value);
      if (!Number.isFinite(number)) return start[name];
      const { most } = input.dataset;
      const whole = input.step === "1" ? Math.round(number) : number;
      return most ? within(whole, -most, +most) : within(whole, +input.min, +input.max);
    }

    /** Give a control a value as its user would: within its span and on its grid. */
    function snapped(name, value) {
      const input = inputs[name];
      input.value = within(value, +input.min, +input.max);
      return +input.value;
    }

    /** Write the value of a slider as it is shown and spoken. */
    const shown = (name) =>
      "powers" in inputs[name].dataset ? power(10 ** state[name]) : print(state[name]);

    function draw() {
      numbers = compute(state, given);
      for (const { x, y, marks, handles } of panels) {
        for (const mark of marks) move(mark, { x, y }, get);
        for (const handle of handles) {
          const left = x.inside(x.at(get(handle.dataset.x)));
          const top = y.inside(y.at(get(handle.dataset.y)));
          handle.setAttribute("transform", `translate(${left} ${top})`);
          const moves = handle.dataset.moves.split(" ");
          const told = moves.map(shown);
          handle.setAttribute("aria-valuenow", state[moves.at(-1)]);
          handle.setAttribute("aria-valuetext", told.join(", "));
        }
      }
      for (const [name, input] of Object.entries(inputs)) {
        if (input.type === "checkbox") input.checked = state[name];
        else input.value = state[name];
        if (input.type !== "range") continue;
        const text = shown(name);
        input.setAttribute("aria-valuetext", text);
        root.querySelector(`output[for="${input.id}"]`).textContent = text;
      }
      for (const output of find("[data-number]")) {
        const { decimals, number } = output.dataset;
        const value = number === "taken" ? taken : get(number);
        output.textContent = decimals ? print(value, +decimals) : power(value);
      }
      if (play) play.textContent = frame ? "Pause" : "Play";
    }

    const words = () => tell(numbers, state, { before, given, taken });

    /* Sixty numbers a second are noise to a screen reader, and too many for the address,
       so both wait until the figure rests. */
    function settle() {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const told = words();
        said.textContent = told;
        drawing.setAttribute("aria-label", `${data.scene} ${told}`);
        const pairs = Object.keys(state)
          .filter((name) => state[name] !== start[name])
          .map((name) => `${name}=${state[name]}`);
        const ours = location.hash.startsWith(`#${name}:`);
        // Without a state of ours the address keeps whatever anchor it has.
        if (!pairs.length && !ours) return;
        const hash = pairs.length ? `#${name}:${pairs.join(",")}` : "";
        const address = hash || location.pathname + location.search;
        history.replaceState(history.state, "", address);
      }, 250);
    }

    function rest() {
      draw();
      settle();
    }

    function stop() {
      cancelAnimationFrame(frame);
      frame = 0;
    }

    /** Let the reader change something, which ends what was playing. */
    function change(changes) {
      stop();
      Object.assign(state, changes);
      [before, taken] = [undefined, 0];
      rest();
    }

    /** Take one step, and say whether there was one to take. */
    function advance() {
      const next = { ...state };
      if (plays) next[plays] += 1;
      for (const name in carries) next[name] = get(carries[name]);
      if (numbers.ended || (plays && next[plays] > +inputs[plays].max)) return false;
      before = numbers;
      taken += 1;
      state = next;
      numbers = compute(state, given);
      return true;
    }

    const does = {
      step() {
        stop();
        if (!advance()) before = undefined;
        rest();
      },
      play() {
        const playing = frame;
        stop();
        before = undefined;
        if (playing) return rest();
        if (plays && state[plays] >= +inputs[plays].max) change({ [plays]: 0 });
        if (still.matches) {
          for (let left = MOST_STEPS; left && advance(); left -= 1);
        } else {
          let due = 0;
          const show = (now) => {
            frame = requestAnimationFrame(show);
            if (now < due) return;
            // One step at a time first, so that each is seen, then ever more of them.
            due = now + (taken < 8 ? 250 : taken < 32 ? 60 : 0);
            let going = true;
            for (let left = 1 + (taken >> 5); left && going; left -= 1) going = advance();
            if (going) return draw();
            stop();
            before = undefined;
            rest();
          };
          frame = requestAnimationFrame(show);
        }
        before = undefined;
        rest();
      },
      reset: () => change(start),
    };
    for (const button of find("[data-do]")) button.onclick = does[button.dataset.do];
    root.addEventListener("input", ({ target }) => {
      const { checked, name, type, value } = target;
      const logs = find(`[data-anew="${name}"]`).map((log) => [log.name, start[log.name]]);
      const set = type === "checkbox" ? checked : allowed(name, value);
      change({ ...Object.fromEntries(logs), [name]: set });
    });

    for (const { svg, x, y, handles } of panels) {
      for (const handle of handles) {
        const { across, up } = handle.dataset;
        const own = drag[handle.dataset.moves];
        let grip; // from the pointer to the middle, so that the handle does not jump
        const put = (changes) => {
          for (const name in changes) changes[name] = snapped(name, changes[name]);
          change(changes);
        };
        handle.addEventListener("pointerdown", (event) => {
          if (event.button || grip) return;
          const { e, f } = handle.getScreenCTM();
          grip = { x: e - event.clientX, y: f - event.clientY };
          handle.setPointerCapture(event.pointerId);
          handle.focus({ preventScroll: true });
          event.preventDefault();
        });
        handle.addEventListener("pointermove", (event) => {
          if (!grip) return;
          const wanted = new DOMPoint(event.clientX + grip.x, event.clientY + grip.y);
          const place = wanted.matrixTransform(svg.getScreenCTM().inverse());
          const at = { x: x.back(place.x), y: y.back(place.y) };
          if (own) return put(own(at, state));
          put({ ...(across && { [across]: at.x }), ...(up && { [up]: at.y }) });
        });
        handle.addEventListener("lostpointercapture", () => (grip = undefined));
        // Chromium ignores touch-action inside an SVG: the page would pan and end it.
        const stay = (event) => event.preventDefault();
        handle.addEventListener("touchstart", stay, { passive: false });
        handle.addEventListener("keydown", (event) => {
          const steps = KEYS[event.key];
          if (!steps || event.altKey || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          const sideways = /Left|Right/.test(event.key) && across;
          const name = sideways || up || handle.dataset.moves;
          put({ [name]: state[name] + steps * inputs[name].step });
        });
        handle.removeAttribute("visibility");
      }
    }

    function restore() {
      const prefix = `#${name}:`;
      if (!location.hash.startsWith(prefix)) return;
      const pairs = location.hash.slice(prefix.length).replaceAll(",", "&");
      const asked = [...new URLSearchParams(pairs)].filter(([name]) => name in start);
      change({
        ...start,
        ...Object.fromEntries(asked.map(([name, text]) => [name, allowed(name, text)])),
      });
      root.scrollIntoView();
    }
    addEventListener("hashchange", restore);
    // Until here the controls were off, because nothing would have answered them.
    root.querySelector("fieldset").disabled = false;
    // For whoever wants to check the numbers.
    root.explorable = {
      compute: (state) => compute(state, given),
      now: () => ({ state: { ...state }, numbers, taken, words: words() }),
    };
    draw();
    restore();
  }

  return { count, explorable, power, print };
})();
