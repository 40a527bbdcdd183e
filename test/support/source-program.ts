import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { transform } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const requirePackage = createRequire(join(ROOT, "package.json"));

/** Another text in the place of one that a source file has. */
export interface Change {
  /** Below the repository, e.g. `src/mediator/messaging.ts`. */
  readonly file: string;
  /** What is there, exactly once. */
  readonly before: string;
  readonly after: string;
}

type Exports = Readonly<Record<string, unknown>>;

/** A program that is loaded: what a file of it exports. */
export type Loaded = (file: string) => Exports;

type Body = (require: (specifier: string) => unknown, module: { exports: Exports }, exports: Exports) => void;

/** A source file, compiled. */
interface Compiled {
  readonly body: Body;
  /** Files that it imports, by what it calls them. */
  readonly imports: ReadonlyMap<string, string>;
}

/**
 * A part of our program, loaded from its source files: as they are, or with one of them changed. Programs share what the change
 * cannot reach, so that the next one takes milliseconds, and no process of its own.
 */
export class SourceProgram {
  readonly #entry: string;
  readonly #files = new Map<string, Compiled>();
  /** The files that import a file. */
  readonly #importers = new Map<string, Set<string>>();
  readonly #made = new Map<string, Exports>();

  private constructor(entry: string) {
    this.#entry = entry;
  }

  /** @param entry a file, e.g. `src/replay/verify.ts`: it and all that it imports are the program */
  static async load(entry: string): Promise<SourceProgram> {
    const program = new SourceProgram(entry);
    await program.#read(entry);
    loader(program.#files, program.#made)(entry);
    return program;
  }

  /** The program with one text another. Throws where that text is not there, or not once. */
  async changed(change: Change): Promise<Loaded> {
    const { file } = change;
    if (!this.#files.has(file)) {
      throw new Error(`${file} is no part of ${this.#entry}: has it moved? Say where it is now`);
    }
    const source = await readFile(join(ROOT, file), "utf8");
    const compiled = await compile(file, changedText(source, change));
    const reached = this.#reaching(file);
    const kept = [...this.#made].filter(([name]) => !reached.has(name));
    return loader(new Map(this.#files).set(file, compiled), new Map(kept));
  }

  async #read(file: string): Promise<void> {
    if (this.#files.has(file)) return;
    const compiled = await compile(file, await readFile(join(ROOT, file), "utf8"));
    this.#files.set(file, compiled);
    for (const imported of compiled.imports.values()) {
      this.#importers.set(imported, (this.#importers.get(imported) ?? new Set()).add(file));
      await this.#read(imported);
    }
  }

  /** A file, and all that import it directly or through others. */
  #reaching(file: string): Set<string> {
    const found = new Set([file]);
    for (const next of found) for (const importer of this.#importers.get(next) ?? []) found.add(importer);
    return found;
  }
}

/** A text with the change made. */
export function changedText(source: string, { file, before, after }: Change): string {
  const count = source.split(before).length - 1;
  if (count !== 1) {
    const hint = count === 0 ? "the rule is written otherwise now: take its new words" : "take more of it";
    throw new Error(`${file} has ${count} times, not once, the text to change (${hint}): ${before}`);
  }
  return source.replace(before, () => after);
}

async function compile(file: string, source: string): Promise<Compiled> {
  const { code } = await transform(source, {
    loader: "ts",
    format: "cjs",
    target: "node20",
    sourcefile: file,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  const specifiers = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] as string);
  const own = specifiers.filter((specifier) => /^[#.]/.test(specifier));
  return {
    body: compileFunction(code, ["require", "module", "exports"], { filename: join(ROOT, file) }) as Body,
    imports: new Map(own.map((specifier) => [specifier, resolve(specifier, file)])),
  };
}

/** Where a file that another imports is, below the repository. */
function resolve(specifier: string, importer: string): string {
  if (specifier.startsWith("#")) return `src/${specifier.slice(1)}`;
  return relative(ROOT, join(ROOT, dirname(importer), specifier));
}

/** Loads files where they are not among those that are made already. */
function loader(files: ReadonlyMap<string, Compiled>, made: Map<string, Exports>): Loaded {
  const load: Loaded = (file) => {
    const known = made.get(file);
    if (known !== undefined) return known;
    const { body, imports } = files.get(file) as Compiled;
    const module = { exports: {} as Exports };
    const require = (specifier: string): unknown => {
      const own = imports.get(specifier);
      return own === undefined ? requirePackage(specifier) : load(own);
    };
    body(require, module, module.exports);
    made.set(file, module.exports);
    return module.exports;
  };
  return load;
}
