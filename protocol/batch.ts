import * as z from "zod";
import { RrwebEvent } from "./event.ts";
import {
  ENVIRONMENT_LENGTH_MAX,
  RELEASE_LENGTH_MAX,
  SEQ_MAX,
  TIMESTAMP_MS_MAX,
  URL_LENGTH_MAX,
  USER_DEPTH_MAX,
  USER_ID_LENGTH_MAX,
  USER_LENGTH_MAX,
  WINDOW_ID_LENGTH_MAX,
} from "./limits.ts";
import { isWithinDepth } from "./value-depth.ts";

/** Any 128-bit UUID text, of whatever version: clients in the field send all kinds. Lower case from here on. */
export const SessionId = z.guid().toLowerCase();

/** One browser tab's life: a UUID or a short string without blanks. `''` stands for clients that do not know windows. */
export const WindowId = z
  .string()
  .max(WINDOW_ID_LENGTH_MAX)
  .regex(/^[\x21-\x7e]*$/, "printable ASCII without blanks");

export const Seq = z.int().min(0).max(SEQ_MAX);

/** A client's clock in ms. */
export const ClientMs = z.number().min(0).max(TIMESTAMP_MS_MAX);

/** Who the recorded person is, by the site's own word. Anything beside `id` and `email` is a trait. */
export const RecordedUser = z
  .looseObject({
    id: z.union([z.string().max(USER_ID_LENGTH_MAX), z.number().transform(String)]).nullish(),
    email: z.string().max(USER_ID_LENGTH_MAX).nullish(),
  })
  .refine((user) => isWithinDepth(user, USER_DEPTH_MAX), {
    message: `at most ${USER_DEPTH_MAX} levels deep`,
    // What is deeper cannot be measured by the next.
    abort: true,
  })
  .refine((user) => JSON.stringify(user).length <= USER_LENGTH_MAX, `at most ${USER_LENGTH_MAX} characters as JSON`);
export type RecordedUser = z.infer<typeof RecordedUser>;

/** Batches that a recorder gave up, as an inclusive range of `seq`, with its reason. */
export const DroppedRange = z.object({ from: Seq, to: Seq, reason: z.string().max(64) });
export type DroppedRange = z.infer<typeof DroppedRange>;

/** What a batch says of itself beside its events: the same members in the JSON body and in the framed query. */
export const BatchFacts = z.object({
  seq: Seq.default(0),
  session_id: SessionId.nullish(),
  window_id: WindowId.nullish(),
  url: z.string().max(URL_LENGTH_MAX).nullish(),
  user: RecordedUser.nullish(),
  sealed_at: ClientMs.nullish(),
  sealed_through: Seq.nullish(),
  dropped: z
    .array(DroppedRange.refine(({ from, to }) => from <= to, "ends before it begins"))
    .max(1_000)
    .nullish(),
  end: z.boolean().nullish(),
  sdk: z.string().max(64).nullish(),
  release: z.string().max(RELEASE_LENGTH_MAX).nullish(),
  environment: z.string().max(ENVIRONMENT_LENGTH_MAX).nullish(),
});
export type BatchFacts = z.infer<typeof BatchFacts>;

/** The body of `POST /i` in the JSON format. */
export const JsonBatch = BatchFacts.extend({
  project_write_key: z.string().max(256).nullish(),
  events: z.array(RrwebEvent).min(1),
});
export type JsonBatch = z.infer<typeof JsonBatch>;

/** The 202 of `POST /i`. `want` asks the recorder for something; it may be lost without harm. */
export const Receipt = z.object({
  status: z.literal("accepted"),
  session_id: z.string(),
  batch_id: z.string(),
  durable: z.enum(["stream", "spool"]),
  want: z.array(z.enum(["snapshot"])).optional(),
});
export type Receipt = z.infer<typeof Receipt>;
