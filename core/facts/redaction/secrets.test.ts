import { describe, expect, it } from "vitest";
import { compileOwn } from "./own.ts";
import { compileRules, redactText } from "./redact.ts";
import { RedactionRules } from "./rules.ts";

const rules = (on: object) => compileRules(RedactionRules.parse({ cards: false, ...on }));
const hidden = (text: string, on: object) => redactText(text, rules(on)).text;
/** All of it that a rule finds is hidden. */
const stars = (secret: string) => secret.replace(/\S/g, "*");

describe("as a project wishes", () => {
  it.each([
    ["emails", "ada.lovelace+tag@mail.shop.example"],
    ["emails", "jürgen@müller.de"],
    ["emails", "ada%40shop.example"],
    ["ibans", "DE89 3704 0044 0532 0130 00"],
    ["ibans", "GB29NWBK60161331926819"],
    ["ibans", "nl91abna0417164300"],
    ["jwts", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"],
    ["keys", `AKIA${"IOSFODNN7EXAMPLE"}`],
    ["keys", `sk_live_${"4eC39HqLyjWDarjtT1zdp7dc"}`],
    ["keys", `ghp_${"a1B2".repeat(9)}`],
    ["keys", `xoxb-${"123456789012-abcdefghijkl"}`],
    ["keys", `AIza${"SyA1234567890abcdefghijklmnopqrstuv"}`],
    ["keys", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq\nabc==\n"],
  ])("%s are hidden: %s", (option, secret) => {
    const text = `<${secret}>`;
    expect(hidden(text, { [option]: true })).toBe(`<${stars(secret)}>`);
    expect(hidden(text, {})).toBe(text);
  });

  it.each([
    ["emails", "logo@2x.png react@19.3.1 @media a@b"],
    ["ibans", "DE88 3704 0044 0532 0130 00 DE8937040044053201300 XX89370400440532013000"],
    ["jwts", "eyJ eyJhbGciOiJIUzI1NiJ9 keyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.x"],
    ["keys", "risk-based task-oriented sk-short AKIA github_pat_ npm_install"],
  ])("what only looks like %s stays", (option, text) => {
    expect(hidden(text, { [option]: true })).toBe(text);
  });
});

describe("a project's own expressions", () => {
  const own = (pattern: string) => ({ own: [{ name: "mine", pattern }] });

  it("hide all that they match", () => {
    expect(hidden("Order ORD-123456 and ord-654321", own("(?i)ord-[0-9]{6}"))).toBe("Order ********** and **********");
  });

  it("hide what lies where a long text is cut for them", () => {
    const text = `${"x ".repeat(505)}SECRET-1${" y".repeat(600)}`;
    expect(hidden(text, own("SECRET-[0-9]"))).toBe(text.replace("SECRET-1", "********"));
  });

  it.each([
    ["lookaround", "(?=a)"],
    ["backreferences", String.raw`(a)\1`],
    ["what matches nothing", "a*"],
    ["what is too large", "(?:a{1,100}){1,10}"],
    ["what is broken", "("],
  ])("cannot have %s", (_, pattern) => {
    expect(compileOwn({ name: "mine", pattern })).toEqual({ refused: expect.any(String) });
  });

  it("cannot hold a worker up: what would take too long is hidden unread, and always the same", () => {
    const text = "x".repeat(200_000);
    const once = hidden(text, own("x[^y]*y|x"));
    expect(once).toBe(hidden(text, own("x[^y]*y|x")));
    expect(once).toBe("*".repeat(text.length));
  });
});
