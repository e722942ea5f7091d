/** What a project may have made unreadable beside card numbers. Each expression is linear in the length of the text. */
import type { Finder, Finding } from "./finding.ts";
import type { RuleName } from "./rules.ts";

/** `%40` in addresses. What ends like a file (`logo@2x.png`) is none. */
const EMAIL =
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+'-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}(?!(?:png|jpe?g|gif|svg|webp|avif|ico|css|m?js|html?)(?![\p{L}\p{N}]))\p{L}{2,24}/giu;

const JWT = /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g;

/** As their makers document them. */
const KEYS = new RegExp(
  [
    "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])", // AWS
    "(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}", // Stripe
    "whsec_[A-Za-z0-9+/=]{20,}",
    "gh[pousr]_[A-Za-z0-9]{36,}", // GitHub
    "github_pat_[A-Za-z0-9_]{22,}",
    "glpat-[A-Za-z0-9_-]{20,}", // GitLab
    "xox[abeoprs]-[A-Za-z0-9-]{10,}", // Slack
    "hooks\\.slack\\.com/services/[A-Za-z0-9/]{20,}",
    "AIza[0-9A-Za-z_-]{35}", // Google
    "ya29\\.[0-9A-Za-z_-]{20,}",
    "sk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{20,}", // Anthropic, OpenAI
    "npm_[A-Za-z0-9]{36}",
    "SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}", // SendGrid
    "-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[A-Za-z0-9+/=\\s\\\\:,-]{0,16000}",
  ]
    .map((key) => `(?<![A-Za-z0-9_-])${key}`)
    .join("|"),
  "g",
);

/** Each of which a key holds. */
export const KEY_MARKS = [
  "AKIA",
  "ASIA",
  "ABIA",
  "ACCA",
  "_live_",
  "_test_",
  "whsec_",
  "ghp_",
  "gho_",
  "ghu_",
  "ghs_",
  "ghr_",
  "github_pat_",
  "glpat-",
  "xox",
  "hooks.slack",
  "AIza",
  "ya29.",
  "sk-",
  "npm_",
  "SG.",
  "-----BEGIN",
];

export const findEmails = finder("email", EMAIL);
export const findJwts = finder("jwt", JWT);
export const findKeys = finder("key", KEYS);

function finder(rule: RuleName, expression: RegExp): Finder {
  return (text) => {
    const found: Finding[] = [];
    // Not matchAll, which makes a new expression each time: texts are short, and may be millions.
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match; match = expression.exec(text)) {
      found.push({ rule, cells: [[match.index, expression.lastIndex]] });
    }
    return found;
  };
}

/** Characters by country (ISO 13616, the registry's release 99). */
const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 " +
    "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 " +
    "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 " +
    "PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const IBAN_START = /(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}/g;
/** The shortest that any is found by, before its length and its check digits are looked at. */
export const IBAN_SHAPE = /[A-Za-z]{2}[0-9]{2}[^\n"]{0,3}[A-Za-z0-9]{4}[^\n"]{0,6}[A-Za-z0-9]{3}/;

/** By country, length and check digits (ISO 7064, mod 97-10); blanks and hyphens may group it. */
export function findIbans(text: string): Finding[] {
  const found: Finding[] = [];
  let past = 0;
  for (const { index, 0: head } of text.matchAll(IBAN_START)) {
    const length = IBAN_LENGTHS[head.slice(0, 2).toUpperCase()];
    if (length === undefined || index < past) continue;
    const end = ibanEnd(text, index, length);
    if (end === null) continue;
    found.push({ rule: "iban", cells: [[index, end]] });
    past = end;
  }
  return found;
}

function ibanEnd(text: string, start: number, length: number): number | null {
  let iban = "";
  let at = start;
  for (; iban.length < length; at++) {
    const char = text[at] ?? "";
    if (/^[A-Za-z0-9]$/.test(char)) iban += char.toUpperCase();
    else if (!/^[ \u00a0\u202f\u2009-]$/.test(char) || !/[A-Za-z0-9]/.test(text[at - 1] ?? "")) return null;
  }
  if (/[A-Za-z0-9]/.test(text[at] ?? "")) return null;
  let rest = 0;
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1 ? at : null;
}
