// What the buttons of a page's cells do: run, edit, stop, and bring back.
const here = new URL("./", import.meta.url);
const live = new URL("../", here);
const PATIENCE = 60_000; // milliseconds without a sign of life while Python starts
const MOST = 50_000; // characters of a text that a cell writes, the last ones

const make = (name, given = {}, ...children) => {
  const element = Object.assign(document.createElement(name), given);
  element.append(...children);
  return element;
};

/* The cells of the page. */

let config;
let cells;

const gather = (keyOf) => {
  cells = [...document.querySelectorAll(".live-bar")].map((bar, index) => {
    const box = bar.closest(".cell");
    const pre = box.querySelector(".cell_input pre");
    const output = box.querySelector(":scope > .cell_output");
    const cell = {
      bar,
      box,
      number: index + 1,
      key: keyOf(bar),
      // Without angle brackets Python keeps the code, and a check can read it.
      name: `cell ${index + 1}`,
      shown: pre.parentElement.parentElement,
      original: pre.textContent.replace(/\n$/, ""),
      output: output ?? make("div", { className: "cell_output docutils container" }),
      built: output ? [...output.childNodes] : [],
      solution: box.closest("details.solution"),
      exercise: box.classList.contains("tag_exercise"),
      seconds: Number(bar.dataset.seconds ?? 0),
      ran: false,
      state: "",
    };
    cell.code = cell.original;
    for (const button of bar.querySelectorAll("button")) {
      cell[button.dataset.do] = button;
    }
    return cell;
  });
};

const say = (cell, state, text) => {
  const busy = state === "running";
  cell.state = cell.bar.dataset.state = state;
  cell.bar.querySelector("output").textContent = text;
  cell.run.ariaDisabled = String(busy);
  if (!busy && document.activeElement === cell.stop) cell.run.focus();
  cell.stop.hidden = !busy;
  cell.reset.hidden = cell.code === cell.original && !cell.changed;
};

/* What a cell shows. HTML comes as a tree, of which only harmless parts grow. */

const TAGS = new Set(
  (
    "b br caption code dd details div dl dt em h1 h2 h3 h4 hr i kbd li ol p pre s small" +
    " span strong sub summary sup table tbody td tfoot th thead tr u ul"
  ).split(" "),
);
const ATTRIBUTES =
  /^(?:class|colspan|dir|lang|open|role|rowspan|scope|title|(?:data|aria)-[a-z-]+)$/;
const grow = ([tag, given, ...children]) => {
  const element = make(TAGS.has(tag) ? tag : "span");
  for (const [name, value] of Object.entries(given)) {
    if (ATTRIBUTES.test(name)) element.setAttribute(name, value);
  }
  for (const child of children) {
    element.append(typeof child === "string" ? child : grow(child));
  }
  return element;
};

const written = (className) => {
  const pre = make("pre");
  const inner = make("div", { className: "highlight" }, pre);
  return { pre, box: make("div", { className: `output ${className}` }, inner) };
};

const drawn = (cell, { svg, alt }, first) => {
  // The built figure has the caption, and the place of links.
  const figure = first && cell.built.find((node) => node.matches?.("figure"));
  const box = figure ? figure.cloneNode(true) : make("figure", {}, make("img"));
  const image = box.querySelector("img");
  const [, width, height] = svg.match(/width="([\d.]+)pt" height="([\d.]+)pt"/) ?? [];
  const pixels = (points) => Math.round((Number(points) * 4) / 3);
  if (width) Object.assign(image, { width: pixels(width), height: pixels(height) });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return Object.assign(image, { alt }) && box;
};

// What is written after a carriage return takes the place of its line.
const settled = (text) =>
  text.replace(/[^\n]*\r(?!\n|$)/g, "").replaceAll("\r\n", "\n");

const painter = (cell) => {
  let stream;
  let figures = 0;
  let fresh = false;
  const clear = () => {
    if (fresh) return;
    fresh = cell.changed = true;
    cell.output.replaceChildren();
    if (!cell.output.isConnected) cell.box.append(cell.output);
  };
  const put = (box) => {
    clear();
    stream = undefined;
    cell.output.append(box);
    box.dispatchEvent(new CustomEvent("gdbook:output", { bubbles: true }));
  };
  const write = (kind, text) => {
    clear();
    if (stream?.kind !== kind) {
      const class_ =
        { error: "live-error", text: "text_plain" }[kind] ?? `stream ${kind}`;
      const made = written(`${class_} highlight-myst-ansi notranslate`);
      cell.output.append(made.box);
      stream = { ...made, kind, text: "" };
    }
    stream.text = settled(stream.text + text).slice(-MOST);
    stream.pre.textContent = stream.text;
  };
  const show = (data) => {
    if (data.svg) put(drawn(cell, data, (figures += 1) === 1));
    else if (data.html) {
      const box = grow(data.html);
      box.className = "output text_html";
      put(box);
    } else write("text", `${data.text}\n`);
  };
  const paint = (kind, text) =>
    kind === "shown" ? show(JSON.parse(text)) : write(kind, text);
  return { paint, clear };
};

/* Python, in a worker that starts with the first run. */

let python;
let names = {};
const jobs = new Map();

const end = (why) => {
  python?.worker.terminate();
  clearTimeout(python?.watch);
  python = undefined;
  for (const cell of cells) cell.ran = false;
  for (const job of [...jobs.values()]) job.done({ ok: false, why });
  jobs.clear();
};

const start = () => {
  names = { ...config.names };
  const worker = new Worker(new URL("worker.mjs", here), { type: "module" });
  const own = { worker, watch: 0 };
  const wait = () => {
    clearTimeout(own.watch);
    const late = `Python did not start within ${PATIENCE / 1000} seconds. Try again.`;
    own.watch = setTimeout(() => end(late), PATIENCE);
  };
  wait();
  worker.onerror = (event) => {
    event.preventDefault();
    end(`Python ended: ${event.message ?? "its script could not be loaded"}`);
  };
  worker.onmessage = ({ data }) => {
    const { id, type, kind, text } = data;
    if (type === "loading") {
      wait();
      for (const job of jobs.values()) job.tell(text);
    } else if (type === "ready") {
      clearTimeout(own.watch);
      for (const job of jobs.values()) job.tell("");
    } else if (type === "dead") end(text);
    else if (type === "told") jobs.get(id)?.paint(kind, text);
    else if (type === "done") {
      Object.assign(names, data.names);
      jobs.get(id)?.done(data);
      jobs.delete(id);
    }
  };
  worker.postMessage({ config });
  return own;
};

let last = 0;
const execute = (code, name, paint, tell) =>
  new Promise((done) => {
    const id = (last += 1);
    jobs.set(id, { done, paint, tell });
    python.worker.postMessage({ id, code, name });
  });

/* What the buttons do. */

const before = (cell) =>
  cells
    .slice(0, cell.number - 1)
    .filter((other) => !other.ran && !other.exercise)
    .filter(({ solution }) => !solution || solution === cell.solution);

// A cell, behind those that come before it and have not run.
const runAll = async (cell) => {
  const todo = [...before(cell), cell];
  const seconds = todo.reduce((sum, each) => sum + each.seconds, 0);
  const long = seconds ? `, about ${seconds} s` : "";
  say(cell, "running", python ? `running${long}` : `starting Python${long}`);
  if (!python) python = start();
  const began = performance.now();
  const tell = (text) => say(cell, "running", text || `running${long}`);
  for (const each of todo) {
    const own = each === cell;
    // Lines of what a page hides are not those of the cell.
    const hidden = each.ran ? "" : JSON.parse(each.bar.dataset.before ?? '""');
    const sources = [
      [hidden, `before ${each.name}`],
      [each.code, each.name],
    ].filter(([source]) => source);
    const { paint, clear } = painter(each);
    for (const [source, name] of sources) {
      const visible = (kind, text) => (own || kind === "error") && paint(kind, text);
      const { ok, why } = await execute(source, name, visible, tell);
      if (cell.state !== "running") return; // stopped
      if (!ok && why) return say(cell, "failed", why);
      each.ran = ok;
      if (ok) continue;
      if (!own) say(each, "failed", "failed");
      return say(
        cell,
        "failed",
        own ? "failed" : `Cell ${each.number} failed, and this one needs it.`,
      );
    }
    if (own) clear();
  }
  say(cell, "done", `done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
};

let turn = Promise.resolve();
const acts = {
  run(cell) {
    if (cell.state === "running") return;
    say(cell, "running", "waiting for its turn");
    turn = turn.then(async () => {
      if (cell.state !== "running") return;
      try {
        await runAll(cell);
      } catch (error) {
        say(cell, "failed", `Python cannot be loaded: ${error.message}`);
      }
    });
  },
  stop(cell) {
    for (const other of cells.filter(({ state }) => state === "running")) {
      if (other !== cell) say(other, "stopped", "stopped");
    }
    end("stopped; the next run starts Python anew");
    say(cell, "stopped", "stopped; the next run starts Python anew");
  },
  async edit(cell) {
    if (cell.editor) return cell.editor.focus();
    const editor = await open(cell);
    cell.edit.hidden = true;
    cell.reset.hidden = false;
    editor.focus();
  },
  reset(cell) {
    if (cell.state === "running") acts.stop(cell);
    localStorage.removeItem(cell.key);
    cell.editor?.remove();
    cell.editor = undefined;
    cell.code = cell.original;
    cell.shown.hidden = cell.edit.hidden = cell.changed = cell.ran = false;
    cell.output.replaceChildren(...cell.built);
    say(cell, "", cell.seconds ? `about ${cell.seconds} s` : "");
    cell.edit.focus();
  },
};

/* The editor: of the book's own supply, or a plain field. */

const plain = (cell, { code, label, changed }) => {
  const area = make("textarea", {
    className: "live-plain",
    value: code,
    spellcheck: false,
  });
  const fit = () => (area.rows = area.value.split("\n").length + 1);
  Object.assign(area, { ariaLabel: label, autocapitalize: "off" });
  area.addEventListener("input", () => (fit(), changed(area.value)));
  fit();
  cell.shown.after(area);
  return area;
};

const words = () => cells.flatMap(({ code }) => code.match(/[A-Za-z_]\w+/g) ?? []);

const open = async (cell) => {
  const given = {
    code: cell.code,
    label: `Code of cell ${cell.number}`,
    names: () => ({
      ...Object.fromEntries(words().map((word) => [word, []])),
      ...names,
    }),
    changed(code) {
      cell.code = code;
      cell.ran = false;
      localStorage.setItem(cell.key, JSON.stringify([cell.original, code]));
    },
  };
  let editor;
  try {
    const place = new URL(`${config.runtime}/editor/`, live).href;
    const { edit } = await import("./editor.mjs");
    editor = await edit(cell.shown, given, place);
  } catch {
    editor = plain(cell, given);
  }
  cell.shown.hidden = true;
  cell.editor = editor;
  const box = cell.shown.nextElementSibling;
  box.addEventListener(
    "keydown",
    (event) => {
      // Tab leads on, as everywhere; the editor would keep it.
      if (event.key === "Tab") event.stopPropagation();
      if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey)) return;
      event.preventDefault();
      event.stopPropagation();
      acts.run(cell);
    },
    true,
  );
  return editor;
};

// What was edited before is there again.
const restore = (cell) => {
  try {
    const [original, code] = JSON.parse(localStorage.getItem(cell.key));
    if (original !== cell.original || code === original) return;
    cell.code = code;
    open(cell).then(() => {
      cell.edit.hidden = true;
      say(cell, "", "edited by you");
    });
  } catch {
    // Nothing was kept, or something else.
  }
};

/** Take the page over, and return what a press of a button does. */
export const begin = async (given, keyOf) => {
  config = given;
  names = { ...config.names };
  gather(keyOf);
  const href = new URL("page.css", here).href;
  document.head.append(make("link", { rel: "stylesheet", href }));
  cells.forEach(restore);
  return (bar, act) => acts[act](cells.find((cell) => cell.bar === bar));
};
