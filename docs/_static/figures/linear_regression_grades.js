/* A line over hours and grades: the reader moves it, or descent does. */

(() => {
  "use strict";

  const { address, handle, later, moveTo, open, print, put, set, show } = Figure;
  const { root, part, parts, data } = open("linear_regression_grades");
  const sliders = {
    m: part("slope"),
    b: part("intercept"),
    a: part("learning_rate"),
  };
  const [, right] = data.axes.hours;
  const [, high] = data.axes.grades;
  const first = { m: data.steps.slopes[0], b: data.steps.intercepts[0] };
  const best = { m: data.best.slope, b: data.best.intercept };
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  let line = first;
  let rate = data.learning_rate;
  let steps = 0; // since the reader last moved the line
  let revealed = false;
  let said = "";
  let running = 0; // the animation frame that comes next

  const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
  const errorsOf = ({ m, b }) => data.hours.map((x, i) => m * x + b - data.grades[i]);
  const lossOf = (line) => mean(errorsOf(line).map((error) => error ** 2));

  function descend() {
    const errors = errorsOf(line);
    const { m, b } = gradientOf(errors);
    line = { m: line.m - rate * m, b: line.b - rate * b };
    steps += 1;
  }

  function gradientOf(errors) {
    return {
      m: 2 * mean(errors.map((error, i) => error * data.hours[i])),
      b: 2 * mean(errors),
    };
  }

  /** Say why descent stops here, or nothing if it goes on. */
  function ends() {
    const { m, b } = gradientOf(errorsOf(line));
    if (Math.max(Math.abs(m), Math.abs(b)) <= data.flat) {
      const flat = `no slope of the loss is steeper than ${data.flat}`;
      return `Flat after ${taken()}: ${flat}.`;
    }
    if (rate > data.bound && lossOf(line) > data.diverged) {
      return (
        `Diverged after ${taken()}: with the learning rate ${print(rate)}, above the ` +
        `bound ${print(data.bound)}, every step overshoots by more than the last.`
      );
    }
    return "";
  }

  const taken = () => `${steps} step${steps === 1 ? "" : "s"}`;
  const equation = ({ m, b }) =>
    `y = ${print(m)} x ${b < 0 ? "−" : "+"} ${print(Math.abs(b))}`;

  function draw() {
    const { m, b } = line;
    errorsOf(line).forEach((error, i) => {
      const x = data.hours[i];
      const y = data.grades[i];
      const side = Math.abs(error);
      set(parts("square")[i], {
        x: Math.min(x, x + error),
        y: Math.min(y, y + error),
        width: side,
        height: side,
      });
      set(parts("error")[i], { y2: y + error });
      show(parts("squared")[i], error ** 2, 2);
    });
    set(part("line"), { y1: b, y2: m * right + b });
    set(part("best"), { visibility: revealed ? "visible" : "hidden" });
    part("reveal").ariaPressed = revealed;
    part("run").textContent = running ? "Pause" : "Run";
    show(part("loss"), lossOf(line));
    show(part("steps"), steps);
    const values = { m, b, a: rate };
    for (const name in sliders) {
      sliders[name].value = values[name];
      show(part(`${sliders[name].dataset.part}-value`), values[name]);
    }
    for (const element of parts("handle")) {
      const { moves } = element.dataset;
      const x = moves === "slope" ? reach() : 0;
      const value = moves === "slope" ? m : b;
      set(element, { "aria-valuenow": value, "aria-valuetext": print(value) });
      moveTo(element, part("plane"), x, within(m * x + b, 0, high));
    }
  }

  const within = (value, least, most) => Math.min(most, Math.max(least, value));

  /** Find where, within the frame, the handle that turns the line has its place. */
  function reach() {
    const edge = line.m >= 0 ? high - 0.5 : 0.5;
    return within((edge - line.b) / line.m, 1.5, 9) || 9;
  }

  /* Sixty numbers a second are noise to a screen reader, and too many for the address,
     so both wait until the line rests. */
  const settle = later(() => {
    const loss = `mean squared error ${print(lossOf(line))}`;
    const here = `he line ${equation(line)} has ${loss}.`;
    part("said").textContent = said || (steps ? `After ${taken()} t` : "T") + here;
    part("drawing").ariaLabel =
      `${data.hours.length} grades over hours studied, with a line and the square of ` +
      `each of its errors. T${here}` +
      (revealed ? ` The best line, ${equation(best)}, is dashed.` : "");
    const changed =
      line.m !== first.m || line.b !== first.b || rate !== data.learning_rate;
    const state = changed || revealed ? { ...line, a: rate } : {};
    note(revealed ? { ...state, best: 1 } : state);
  });

  /** Stop descent, change something, and show it. */
  function change(what) {
    cancelAnimationFrame(running);
    running = 0;
    said = "";
    what();
    draw();
    settle();
  }

  function place(where) {
    line = { ...line, ...where };
    steps = 0;
  }

  function step() {
    said = ends();
    if (said) return;
    const before = lossOf(line);
    descend();
    const after = lossOf(line);
    const why =
      rate > data.bound && after > before
        ? `, because the learning rate ${print(rate)} is above the bound ` +
          print(data.bound)
        : "";
    said =
      `Step ${steps}: the mean squared error ${after > before ? "rose" : "fell"} ` +
      `from ${print(before)} to ${print(after)}${why}.`;
  }

  function run() {
    let end = "";
    const advance = () => {
      end = ends();
      if (!end) descend();
    };
    if (still.matches) {
      while (!end) advance();
      said = end;
      return;
    }
    let due = 0;
    const frame = (now) => {
      running = requestAnimationFrame(frame);
      if (now < due) return;
      due = steps < 8 ? now + 300 : 0;
      // One step at a time first, then ever more of them along the valley's floor.
      for (let count = 1 + (steps >> 5); count && !end; count -= 1) advance();
      if (end) change(() => (said = end));
      else draw();
    };
    running = requestAnimationFrame(frame);
    said = `Descending with learning rate ${print(rate)}.`;
  }

  sliders.m.oninput = () => change(() => place({ m: +sliders.m.value }));
  sliders.b.oninput = () => change(() => place({ b: +sliders.b.value }));
  sliders.a.oninput = () => change(() => (rate = +sliders.a.value));
  part("step").onclick = () => change(step);
  part("run").onclick = () => change(running ? () => {} : run);
  part("reveal").onclick = () =>
    change(() => {
      revealed = !revealed;
      if (revealed) {
        said =
          `The best line is ${equation(best)}, with mean squared error ` +
          `${print(data.best.loss)}.`;
      }
    });
  part("reset").onclick = () =>
    change(() => {
      place(first);
      rate = data.learning_rate;
      revealed = false;
    });

  const [lift, turn] = parts("handle");
  handle(lift, part("plane"), sliders.b, ({ y }) => put(sliders.b, y));
  handle(turn, part("plane"), sliders.m, ({ x, y }) =>
    put(sliders.m, (y - line.b) / Math.max(x, 1.5)),
  );

  draw();
  const note = address(root, "grades", (state) =>
    change(() => {
      // Whatever an address says, the line stays near enough to come back.
      const number = (text, otherwise) =>
        Math.abs(parseFloat(text)) <= 1000 ? parseFloat(text) : otherwise;
      place({ m: number(state.m, first.m), b: number(state.b, first.b) });
      sliders.a.value = number(state.a, data.learning_rate);
      rate = +sliders.a.value;
      revealed = state.best === "1";
    }),
  );
})();
