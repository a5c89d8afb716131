/* Fetch what runs a page's cells with the first press of a button, or where something
   was edited before. A classic script, because a page from the disk may load no module
   and has to say so. */
{
  const home = new URL(document.documentElement.dataset.content_root, location);
  const page = location.pathname.slice(home.pathname.length).replace(/\.html$/, "");
  const PATIENCE = 60_000; // milliseconds until what does not come is missed
  const FROM_DISK =
    "A page from the disk cannot start Python. In the folder of the built book run " +
    "“python -m http.server”, and open http://localhost:8000.";
  const bars = [...document.querySelectorAll(".live-bar")];
  const keyOf = (bar) => `gdbook:edit:${page || "index"}:${bars.indexOf(bar) + 1}`;

  const fetchAll = async () => {
    const live = new URL("live/", home);
    const answer = await fetch(new URL("config.json", live), {
      cache: "no-cache",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
    const config = await answer.json();
    const { begin } = await import(new URL(`${config.code}/page.mjs`, live));
    return begin(config, keyOf);
  };
  let fetched;
  let begun = false;
  const act = async (bar, name) => {
    const say = (state, text) => {
      bar.dataset.state = state;
      bar.querySelector("output").textContent = text;
    };
    if (location.protocol === "file:") return say("failed", FROM_DISK);
    // A press shows at once, also where the last one failed.
    if (name === "run" && !begun) say("running", "loading Python");
    try {
      fetched ??= fetchAll();
      const press = await fetched;
      begun = true;
      press(bar, name);
    } catch (error) {
      fetched = undefined;
      say("failed", `Python cannot be loaded: ${error.message}.`);
    }
  };

  for (const bar of bars) {
    bar.addEventListener("click", ({ target }) => {
      const { do: name } = target.closest("button")?.dataset ?? {};
      if (name) act(bar, name);
    });
  }
  const onDisk = location.protocol === "file:";
  if (!onDisk && bars.some((bar) => localStorage.getItem(keyOf(bar)))) {
    fetched = fetchAll();
    fetched.catch(() => (fetched = undefined));
  }
}
