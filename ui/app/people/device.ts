interface Device {
  browser: string | null;
  os: string | null;
  device: string | null;
  country: string | null;
}

/** `Firefox on macOS, DE`; what is not known is left out. */
export function deviceInWords({ browser, os, device, country }: Device): string {
  const what = [browser, os].filter(Boolean).join(" on ") || device || "unknown device";
  const kind = device && device !== "desktop" && what !== device ? ` (${device})` : "";
  return country ? `${what}${kind}, ${country}` : `${what}${kind}`;
}
