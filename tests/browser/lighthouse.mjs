// Run Lighthouse once and write its report. Lighthouse's own command then waits four
// seconds for a connection to the browser that it has closed.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const given = JSON.parse(process.argv[2]);
const load = (...parts) => import(pathToFileURL(join(given.modules, ...parts)));
const { launch } = await load("chrome-launcher", "dist", "index.js");
const { default: lighthouse, desktopConfig } = await load(
  "lighthouse",
  "core",
  "index.js",
);

const chrome = await launch({
  chromePath: given.chrome,
  chromeFlags: given.flags,
  logLevel: "error",
});
try {
  const settings = {
    port: chrome.port,
    onlyCategories: given.categories,
    disableFullPageScreenshot: true,
    logLevel: "error",
  };
  const config = given.device === "desktop" ? desktopConfig : undefined;
  // A run that the browser did not record, as on a busy machine, measured nothing.
  let result;
  for (let run = 0; run < 3 && (!result || result.lhr.runtimeError); run++)
    result = await lighthouse(given.url, settings, config);
  if (result.lhr.runtimeError) throw new Error(result.lhr.runtimeError.message);
  const report = JSON.stringify(result.lhr);
  await new Promise((written) => process.stdout.write(report, written));
} finally {
  chrome.kill();
}
process.exit();
