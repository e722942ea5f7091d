interface Device {
  browser: string | null;
  os: string | null;
  device: string | null;
  country: string | null;
}

/** `Firefox on macOS`; nothing where neither is known. */
export function browserInWords({ browser, os }: Pick<Device, "browser" | "os">): string {
  return [browser, os].filter(Boolean).join(" on ");
}

/** `Firefox on macOS, DE`; what is not known is left out. */
export function deviceInWords({ device, country, ...program }: Device): string {
  const what = browserInWords(program) || device || "unknown device";
  const kind = device && device !== "desktop" && what !== device ? ` (${device})` : "";
  return country ? `${what}${kind}, ${country}` : `${what}${kind}`;
}
