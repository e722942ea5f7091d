import * as z from "zod";
import { EdgeProject } from "#protocol/edge-project.ts";

/** How tests inside workerd steer what runs outside of it (services.ts). */
export const SteeringRequest = z.object({
  nats: z.enum(["kill", "start", "freeze", "thaw"]).optional(),
  pubAckDelayMs: z.int().optional(),
  /** Cuts the way to nats-server after so many bytes. */
  cutAfter: z.int().optional(),
  core: z.enum(["ok", "gone", "slow", "broken", "foreign"]).optional(),
  /** The session was begun, by the core's word. */
  begun: z.string().optional(),
  key: z.object({ name: z.string(), project: EdgeProject.nullable() }).optional(),
});
export type SteeringRequest = z.infer<typeof SteeringRequest>;

export const SteeringAnswer = z.object({ asked: z.int() });

/** Where to steer, and how to read the stream as the worker does. */
export interface Steering {
  url: string;
  natsWsUrl: string;
  workerPassword: string;
}

declare module "vitest" {
  interface ProvidedContext {
    edgeBindings: Record<string, string>;
    steering: Steering;
  }
}
