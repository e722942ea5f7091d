import * as z from "zod";
import { CONTINENTS, type Continent } from "#protocol/relay-name.ts";

/** Where a request came from, by the platform's word. Bare workerd has none to give. */
export interface Place {
  continent: Continent;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
  /** Whether Cloudflare runs this Worker: only there do jurisdictions exist. */
  onPlatform: boolean;
}

const PlatformFacts = z.object({
  continent: z.string().toLowerCase().pipe(z.enum(CONTINENTS)).catch("xx"),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .catch(null),
});

const ON_OWN_HOST: Place = { continent: "xx", country: null, onPlatform: false };

export function readPlace(request: Request): Place {
  // Bare workerd tells of the client's address and of nothing else.
  if (!request.cf?.colo) return ON_OWN_HOST;
  const facts = PlatformFacts.safeParse(request.cf);
  if (!facts.success) return ON_OWN_HOST;
  const { continent, country } = facts.data;
  return { continent, country: country === "XX" ? null : country, onPlatform: true };
}
