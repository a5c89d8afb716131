// Run the cells of pages in the Python that readers get, a page for each line of input.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const live = process.argv[2];
const config = JSON.parse(readFileSync(`${live}/config.json`, "utf-8"));
const read = (name) =>
  new Uint8Array(readFileSync(`${live}/${config.runtime}/${name}`));
const { loadPyodide } = await import(`${live}/${config.runtime}/pyodide.mjs`);
const py = await loadPyodide({
  env: { TQDM_DISABLE: "1" }, // as a build has it
  indexURL: `${live}/${config.runtime}/`,
});
const zip = new Uint8Array(readFileSync(`${live}/${config.code}/gdbook.zip`));
py.unpackArchive(read(config.packages.numpy[0]), "wheel");
py.unpackArchive(zip, "wheel");
const cells = py.pyimport("live_cells");
const fetched = (name) => py.unpackArchive(read(config.packages[name][0]), "wheel");
const others = Object.keys(config.packages).filter((name) => name !== "numpy");
const first = cells.begin(fetched, others);
// What the first figure of a page imports counts for no cell.
await cells.run("from gdbook.plotting import Figure\nFigure()", first, "", () => 0);
// Here no page is built, where glued numbers would be offered.
py.runPython(`
import sys, gdbook
kept = {}
def keep(key, text, *, display): kept[key] = str(text)
sys.modules["gdbook.glue"]._publisher = lambda: keep
`);
const kept = py.globals.get("kept");

for await (const line of createInterface({ input: process.stdin })) {
  kept.clear();
  const space = py.runPython("{'__name__': '__main__'}");
  const said = [];
  for (const code of JSON.parse(line)) {
    const told = [];
    const before = process.cpuUsage();
    await cells.run(code, space, "cell", (kind, text) => told.push([kind, text]));
    const { user, system } = process.cpuUsage(before);
    said.push({ told, seconds: (user + system) / 1e6 });
  }
  space.destroy();
  const glued = JSON.parse(py.runPython("__import__('json').dumps(kept)"));
  process.stdout.write(`${JSON.stringify({ said, glued })}\n`);
}
process.exit(0);
