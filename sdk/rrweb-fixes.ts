import { runInNewContext } from "node:vm";
import { minify } from "terser";
import type { Plugin } from "vite";

/**
 * Rrweb's recorder as this one needs it. A version of rrweb in which a place is not found fails the build, and is looked
 * at then.
 */
export function fixRrweb(): Plugin {
  return {
    name: "fix-rrweb",
    transform: {
      filter: { id: /@rrweb\/record\/dist\/record\.js$/ },
      handler: async (code) => ({
        code: constructedFontFace(withoutCanvasCommands(await minifiedWorker(code))),
        map: null,
      }),
    },
  };
}

/** The worker that encodes pictures of canvases is a text, indented and commented, which no minifier looks into. */
async function minifiedWorker(code: string): Promise<string> {
  const literal = /^const jsContent = ('.*');$/m.exec(code)?.[1] ?? notFound("the worker");
  const worker = await minify(runInNewContext(literal) as string, { ecma: 2020, compress: { passes: 2 } });
  return code.replace(literal, () => JSON.stringify(worker.code));
}

/** Canvases are recorded as pictures, never command by command. */
function withoutCanvasCommands(code: string): string {
  return replaced(code, /^ {2}initCanvasMutationObserver\(.*?^ {2}\}$/ms, "");
}

/** Rrweb's `FontFace` is a plain function: what a page makes with it is no instance of it. */
function constructedFontFace(code: string): string {
  const made =
    /win\.FontFace = function \w+\(family, source, descriptors\) \{\s+const fontFace = new originalFontFace\(.*?\);(.*?)return fontFace;\s+\};/s;
  return replaced(
    code,
    made,
    `win.FontFace = class extends originalFontFace {
      constructor(family, source, descriptors) { super(family, source, descriptors); const fontFace = this; $1 }
    };`,
  );
}

function replaced(code: string, place: RegExp, by: string): string {
  return place.test(code) ? code.replace(place, by) : notFound(String(place));
}

function notFound(what: string): never {
  throw new Error(`@rrweb/record has no longer: ${what}`);
}
