// Visit pages in Firefox one after the other, ask each a question, and write the answers.
import { createRequire } from "node:module";

const given = JSON.parse(process.argv[2]);
const puppeteer = createRequire(`${given.modules}/`)("puppeteer-core");

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: given.firefox,
  extraPrefsFirefox: {
    // As every Firefox has it: Puppeteer lets pages on the disk read each other.
    "security.fileuri.strict_origin_policy": true,
    // No name is looked up, whatever a page or the browser itself asks for.
    "network.dns.disabled": true,
  },
});
try {
  const page = await browser.newPage();
  let complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("console", (message) => {
    if (/error|warn/.test(message.type())) complaints.push(message.text());
  });
  const answers = [];
  for (const [name, question] of given.visits) {
    await page.goto(given.address + name);
    const answer = await page.evaluate(`(${question})(${given.checks})`);
    answers.push({ answer, complaints });
    complaints = [];
  }
  await new Promise((written) => process.stdout.write(JSON.stringify(answers), written));
} finally {
  await browser.close();
}
