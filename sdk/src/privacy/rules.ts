/** What a site says of privacy, as selectors that are known to work. */
import type { RecorderSettings } from "../../../protocol/recorder-settings.ts";

export interface PrivacyOptions {
  /**
   * `balanced` (the default) masks what people type; `strict` all text, titles and speaking attributes as well, blocks
   * pictures and media, and cuts queries. docs/privacy.md has the table.
   */
  privacy?: "balanced" | "strict" | undefined;
  /** Selector of elements whose text is masked, with all in them, beside `.rr-mask` and `[data-rrhog-mask]`. */
  maskText?: string | undefined;
  /** Selector of elements that are shown, with the text in them, beside `[data-rrhog-unmask]`; fields by themselves only. */
  unmask?: string | undefined;
  /** Selector of elements that are left out, beside `.rr-block` and `[data-rrhog-block]`. */
  block?: string | undefined;
  /** Selector of fields whose input is ignored, beside `.rr-ignore` and `[data-rrhog-ignore]`. */
  ignore?: string | undefined;
  /** False shows what is typed, but passwords, one-time codes and cards. Default true. */
  maskInputs?: boolean | undefined;
  /** In `init` only: changes each address after the recorder has scrubbed it. What it throws at is cut to its origin. */
  scrubUrl?: ((url: string) => string) | undefined;
}

export interface Rules {
  strict: boolean;
  /** What a site wants masked or ignored, and what nobody sees and no replay needs. */
  mask: string;
  unmask: string;
  block: string;
  ignore: string;
  /** Masked whatever else is said of them. */
  passwords: string;
  /** Where people type or choose; passwords alone with `maskInputs: false`. */
  fields: string;
  scrubUrl: ((url: string) => string) | undefined;
}

/** `data-rr-is-password` is rrweb's mark of a password that a toggle shows. */
const PASSWORDS =
  "[type=password],[data-rr-is-password],[autocomplete*=password i],[autocomplete*=one-time i],[autocomplete*=cc- i]";
/** Buttons are no fields: the page labels them. */
const FIELDS =
  ",textarea,select,input:not([type=submit]):not([type=button]):not([type=reset]):not([type=image]),[contenteditable]:not([contenteditable=false])";
const MEDIA = ",img,picture,video,audio,canvas,object,embed,image,[type=image]";

/** The stricter of what the page and its project ask for. */
export function stricterOf(page: PrivacyOptions, project: RecorderSettings = {}): PrivacyOptions {
  const both = (...selectors: (string | undefined)[]) => selectors.filter(Boolean).join() || undefined;
  return {
    ...page,
    privacy: project.privacy === "strict" ? "strict" : page.privacy,
    maskText: both(page.maskText, project.maskText),
    block: both(page.block, project.block),
  };
}

/** A selector that does not work is told, and the safer reading taken: all is masked, or nothing unmasked. */
export function privacyRules(options: PrivacyOptions): Rules {
  const strict = options.privacy === "strict";
  let all = "";
  function also(selector: string | undefined): string {
    try {
      if (!selector) return "";
      document.createDocumentFragment().querySelector(selector);
      return `,${selector}`;
    } catch (error) {
      console.debug("rrhog:", error);
      all = ",*";
      return "";
    }
  }
  const block = `.rr-block,[data-rrhog-block]${strict ? MEDIA : ""}${also(options.block)}`;
  const ignore = `.rr-ignore,[data-rrhog-ignore]${also(options.ignore)}`;
  const mask = `.rr-mask,[data-rrhog-mask],script,noscript,meta:not([name=viewport]),${ignore}${also(options.maskText)}${all}`;
  return {
    strict,
    block,
    ignore,
    mask,
    unmask: `[data-rrhog-unmask]${also(options.unmask)}`,
    passwords: PASSWORDS,
    fields: PASSWORDS + (options.maskInputs === false ? "" : FIELDS),
    scrubUrl: options.scrubUrl,
  };
}
