/** A small page, and what a replay shows of it under each preset. A test of the recorder holds it to what leaves a page. */
export type View = "page" | "balanced" | "strict";

type Seen = Record<View, string>;

const MASK = "********";
const masked = (page: string): Seen => ({ page, balanced: MASK, strict: MASK });
const maskedInStrict = (page: string): Seen => ({ page, balanced: page, strict: MASK });

export const SAMPLE = {
  address: { page: "/orders?voucher=SPRING", balanced: "/orders?voucher=SPRING", strict: "/orders" },
  heading: maskedInStrict("Your last order"),
  text: maskedInStrict("Deliver to Ada Lovelace"),
  typed: masked("ada@example.com"),
  password: masked("correct-horse"),
  chosen: masked("Gift wrapping"),
  /** Empty: a box of its size. */
  picture: { page: "map-of-the-way.png", balanced: "map-of-the-way.png", strict: "" },
  button: maskedInStrict("Pay now"),
} satisfies Record<string, Seen>;
