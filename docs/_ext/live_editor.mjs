// The editor of a cell: prism-code-editor, with the names that can be completed.
const sheet = (href) =>
  new Promise((loaded, failed) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href, onload: loaded, onerror: failed });
    document.head.append(link);
  });

const FROM = /^\s*from\s+([\w.]+)\s+import\s+[^#]*$/;
const options = (texts) => [...new Set(texts)].map((label) => ({ label }));

// What can stand at the cursor: a module, a name of one, what follows a dot, or a name.
const complete = (names) => (context) => {
  const { lineBefore, pos, explicit } = context;
  const [word] = lineBefore.match(/\w*$/);
  const from = pos - word.length;
  const known = names();
  const of = lineBefore.match(FROM)?.[1];
  const path = lineBefore.match(/^\s*(?:from|import)\s+([\w.]+\.)\w*$/)?.[1];
  if (path) {
    const modules = Object.keys(known).filter((name) => name.startsWith(path));
    return { from, options: options(modules.map((name) => name.slice(path.length))) };
  }
  const owner = of ?? lineBefore.match(/([A-Za-z_]\w*)\.\w*$/)?.[1];
  const held = known[owner] ?? [];
  if (owner)
    return { from, options: options(typeof held === "string" ? known[held] : held) };
  if (!word && !explicit) return undefined;
  return {
    from,
    options: options(
      Object.keys(known).filter((name) => !name.includes(".") && name !== word),
    ),
  };
};

let parts;
const load = (place) => {
  const module = (name) => import(`${place}${name}`);
  parts ??= Promise.all([
    module("index.js"),
    module("extensions/commands/index.js"),
    module("extensions/cursor/index.js"),
    module("extensions/matchBrackets/index.js"),
    module("extensions/autocomplete/index.js"),
    module("prism/languages/python.js"),
    module("languages/python.js"),
    sheet(`${place}layout.css`),
    sheet(`${place}autocomplete.css`),
    sheet(`${place}cursor.css`),
  ]);
  return parts;
};

export const edit = async (shown, { code, label, names, changed }, place) => {
  const [core, commands, cursor, brackets, completion] = await load(place);
  completion.registerCompletions(["python"], { sources: [complete(names)] });
  const editor = core.createEditor(
    null,
    {
      language: "python",
      lineNumbers: false,
      tabSize: 4,
      value: code,
      onUpdate: (now) => changed(now),
    },
    commands.defaultCommands(),
    commands.editHistory(),
    cursor.cursorPosition(),
    brackets.matchBrackets(),
    completion.autoComplete({ filter: completion.fuzzyFilter }),
  );
  editor.textarea.ariaLabel = label;
  shown.after(editor.container);
  return {
    focus: () => editor.textarea.focus(),
    remove: () => editor.container.remove(),
  };
};
