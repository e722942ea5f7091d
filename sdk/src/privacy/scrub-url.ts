import { MASK } from "./mask.ts";

/** After a scheme, or the slashes that stand for one, all that is before the host's `@`. */
const USERINFO = /^(\s*(?:[\w+.-]+:[\\/]*|[\\/]{2,}))[^\\/?#]*@/;

/**
 * A parameter of the query or of the hash, up to its value, whose name speaks of a secret, or has a letter encoded where
 * none needs to be. Looks ahead for the `=` first, so that a long text is read once.
 */
const SECRET =
  /([?&;#](?=[^?&;#=]*=)[^=]*?(?:(?:token|secret|pass(?!en)|pwd|auth|session|signature|cred|mail|jwt|saml|%[46][1-9a-f]|%[57][\da])[^=]*|code|key|sid|sig|otp|pin)=)[^&#]*/gi;

/** Three parts, of which the first is JSON in base64. Its length is bounded, so that a long text is read once. */
const JWT = /eyJ[\w-]{1,2000}\.[\w-]+\.[\w-]*/g;

/**
 * An address without what opens doors: user and password before the host, the values of parameters that are named like
 * a secret (`token`, `code`, `api_key`, `email` ...), and JSON Web Tokens wherever they stand. All else stays as it is,
 * byte for byte, and so does an address without any. Relative addresses stay relative. Never throws.
 */
export function scrubUrl(url: string): string {
  // Bytes, in which what looks like a parameter is none.
  if (/^\s*data:[^,]*;base64,[^?&;#]*$/i.test(url)) return url;
  return url.replace(USERINFO, `$1${MASK}@`).replace(SECRET, `$1${MASK}`).replace(JWT, MASK);
}
