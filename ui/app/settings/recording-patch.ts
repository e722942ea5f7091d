/** What the forms of the recording page ask the API to change. */
import { z } from "zod";
import { flagOrNull, lines, numberOrNull, words } from "./fields.ts";

export const PERCENT = 0.01;
export const SECOND_MS = 1_000;

const text = z.string();
export const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("origins"), origins: text }),
  z.object({ intent: z.literal("sampling"), percent: text, sampleOnError: text, startOnEvent: text, seconds: text }),
  z.object({
    intent: z.literal("masking"),
    privacy: z.enum(["", "balanced", "strict"]),
    maskText: text,
    block: text,
    recordUrls: text,
    ignoreUrls: text,
  }),
  z.object({
    intent: z.literal("captured"),
    console: text,
    errors: text,
    network: text,
    vitals: text,
    clicks: text,
    recordCanvas: text,
  }),
  z.object({ intent: z.literal("own"), hosts: text, hide: z.literal("on").optional() }),
]);

/** What is empty is taken away, and left to the page. */
export function patchOf(form: z.infer<typeof Asked>) {
  switch (form.intent) {
    case "origins":
      return { limits: { allowed_origins: words(form.origins) } };
    case "sampling":
      return {
        limits: { sample_rate: numberOrNull(form.percent, PERCENT) ?? 1 },
        recorder: {
          sampleOnError: flagOrNull(form.sampleOnError),
          startOnEvent: form.startOnEvent.trim() || null,
          minDurationMs: numberOrNull(form.seconds, SECOND_MS),
        },
      };
    case "masking":
      return {
        recorder: {
          privacy: form.privacy || null,
          maskText: form.maskText.trim() || null,
          block: form.block.trim() || null,
          recordUrls: orNull(lines(form.recordUrls)),
          ignoreUrls: orNull(lines(form.ignoreUrls)),
        },
      };
    case "captured":
      return {
        recorder: {
          console: flagOrNull(form.console),
          errors: flagOrNull(form.errors),
          network: flagOrNull(form.network),
          vitals: flagOrNull(form.vitals),
          clicks: flagOrNull(form.clicks),
          recordCanvas: /^\d/.test(form.recordCanvas) ? Number(form.recordCanvas) : flagOrNull(form.recordCanvas),
        },
      };
    case "own":
      return { lists: { internal_hosts: words(form.hosts), hide_internal: form.hide === "on" } };
  }
}

const orNull = (listed: string[]) => (listed.length > 0 ? listed : null);
