// One interpreter for one page. A message in: {id, code, name}; out: {type, …}.
const post = (type, more) => self.postMessage({ type, ...more });

// What the reader runs finds no storage of the site, and starts no other worker.
const GONE = {
  self: [
    "indexedDB",
    "caches",
    "cookieStore",
    "BroadcastChannel",
    "Worker",
    "SharedWorker",
  ],
  navigator: ["storage", "locks", "serviceWorker"],
};
for (const [owner, names] of Object.entries(GONE)) {
  for (let place = self[owner]; place; place = Object.getPrototypeOf(place)) {
    for (const name of names) delete place[name];
  }
}

const here = new URL("./", import.meta.url);
const MEGABYTE = 1e6;
let got = 0;
let said = 0;
let total = 0;
const count = (bytes) => {
  got += bytes;
  if (Math.floor(got / MEGABYTE) === said && got < total) return;
  said = Math.floor(got / MEGABYTE);
  post("loading", {
    text: `loading Python: ${said} of ${Math.ceil(total / MEGABYTE)} MB`,
  });
};

// Pyodide fetches its own files, too.
const plain = self.fetch;
self.fetch = async (...given) => {
  const answer = await plain(...given);
  if (!answer.ok) throw new Error(`${given[0]}: ${answer.status}`);
  const { headers, status } = answer;
  const counted = new TransformStream({
    transform(chunk, out) {
      count(chunk.length);
      out.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(counted), { headers, status });
};

const fetchNow = (url) => {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${url}: ${request.status}`);
  return request.response;
};

const boot = async (config) => {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    throw new Error("this browser, or the policy of this site, forbids WebAssembly");
  }
  const runtime = new URL(`../${config.runtime}/`, here).href;
  total = config.bytes;
  const bytes = async (url) => (await self.fetch(url)).arrayBuffer();
  const code = bytes(new URL("gdbook.zip", here));
  const numpy = bytes(runtime + config.packages.numpy[0]);
  const { loadPyodide } = await import(`${runtime}pyodide.mjs`);
  const py = await loadPyodide({ indexURL: runtime });
  py.unpackArchive(await numpy, "wheel");
  py.unpackArchive(await code, "wheel");
  post("loading", { text: "starting Python" });
  const fetchPackage = (name) => {
    const [file, size] = config.packages[name];
    post("loading", { text: `loading ${name}: ${(size / MEGABYTE).toFixed(1)} MB` });
    py.unpackArchive(fetchNow(runtime + file), "wheel");
    post("loading", { text: "" });
  };
  const others = Object.keys(config.packages).filter((name) => name !== "numpy");
  const cells = py.pyimport("live_cells");
  const { begin, run, names_of: namesOf } = cells;
  const space = begin(fetchPackage, others);
  post("ready");
  // What Python handed out is kept, or given back: a collector must not do that.
  return { begin, cells, namesOf, run, space };
};

let ready;
self.onmessage = async ({ data: { id, code, name, config } }) => {
  if (config) {
    ready = boot(config);
    ready.catch(({ message }) =>
      post("dead", { text: `Python does not start: ${message}.` }),
    );
    return;
  }
  try {
    const { run, namesOf, space } = await ready;
    const task = run(code, space, name, (kind, text) =>
      post("told", { id, kind, text }),
    );
    const ok = await task;
    task.destroy();
    post("done", { id, ok, names: JSON.parse(namesOf(space)) });
  } catch (error) {
    post("dead", {
      text: `Python ended: ${String(error.message ?? error).slice(0, 300)}`,
    });
  }
};
