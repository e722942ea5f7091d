/** The visitors of the demonstration: who they are, when they came, and what they did in the shop. */
import type { Page } from "playwright-core";
import {
  ANDROID,
  CHROME_LINUX,
  CHROME_MAC,
  CHROME_WINDOWS,
  type Device,
  EDGE_WINDOWS,
  FIREFOX_MAC,
  FIREFOX_WINDOWS,
  IPHONE,
  SAFARI_MAC,
} from "./devices.ts";
import type { RecordedBatch } from "./recording.ts";
import type { Hand } from "./visitor-hand.ts";

export interface Visitor {
  name: string;
  /** How long before the demonstration's first start the visit began. */
  minutesAgo: number;
  device: Device;
  /** The site they came from. */
  referrer?: string;
  /** What they do from the list on. `newTab` opens another page of the shop beside it. */
  visit(hand: Hand, page: Page, newTab: (path: string) => Promise<Hand>): Promise<void>;
  /** A batch that shall be missing, as if it had been lost on the way. */
  loses?(batch: RecordedBatch): boolean;
}

/** The page as its own scripts see it, with the recorder in it. */
export type RecordedWindow = Window & {
  rrhog?: {
    identify(id: string, traits: Record<string, unknown>): void;
    status(): { session_id: string } | null;
  };
};

const HOUR = 60;
const DAY = 24 * HOUR;

const product = (slug: string) => `.card a[href="/products/${slug}"]`;

/** Typed by visitors and never to be found in a recording: recording.test.ts looks for each. */
export const SECRETS = {
  adaPassword: "engine-number-1",
  gracePassword: "nanoseconds-29cm",
  declinedCard: "4000000000000002",
  goodCard: "5555555555554444",
  otherCard: "4242424242424242",
  cvc: "737",
  names: ["Ada Lovelace", "Grace Hopper", "Katherine Johnson", "Margaret Hamilton"],
  addresses: ["12 St James's Square", "3400 Wilson Boulevard", "77 Orbital Way"],
} as const;

export const VISITORS: readonly Visitor[] = [
  {
    name: "ada-card-declined",
    minutesAgo: 11,
    device: FIREFOX_MAC,
    referrer: "https://duckduckgo.com/",
    async visit(hand, page) {
      await hand.look(1_800);
      await hand.scroll(360);
      await hand.click(product("storm-lantern"));
      await hand.look(1_800);
      await hand.click('text="Sea green"');
      await hand.look(700);
      await hand.click("#add-to-cart");
      await hand.look(700);
      await hand.click('text="Go to the cart"');
      await hand.look(1_200);
      await hand.click("#to-checkout");
      await details(hand, "ada@example.com", SECRETS.names[0], SECRETS.addresses[0], SECRETS.adaPassword);
      await pay(hand, SECRETS.declinedCard);
      await page.waitForSelector("#payment-error:not([hidden])");
      await hand.look(2_200);
      await hand.click("#pay");
      await hand.look(1_600);
      await hand.click("#pay", 7);
      await hand.look(1_800);
      await hand.click(".brand");
      await hand.look(900);
    },
  },
  {
    name: "grace-bought",
    minutesAgo: 2 * HOUR + 14,
    device: CHROME_WINDOWS,
    referrer: "https://www.google.com/",
    async visit(hand, page) {
      await hand.look(1_500);
      await hand.click('.chips >> text="Wear"');
      await hand.look(1_500);
      await hand.click(product("harbour-blanket"));
      await hand.look(1_500);
      await hand.click('text="Storm"');
      await hand.click("#add-to-cart");
      await hand.look(900);
      await hand.click(".brand");
      await hand.look(900);
      await hand.click(product("enamel-mug"));
      await hand.look(1_000);
      await hand.click("#add-to-cart");
      await hand.click('text="Go to the cart"');
      await hand.look(1_000);
      await hand.click('[aria-label="One more"] >> nth=1');
      await hand.look(700);
      await hand.click("#to-checkout");
      await details(hand, "grace@example.com", SECRETS.names[1], SECRETS.addresses[1], SECRETS.gracePassword);
      await pay(hand, SECRETS.goodCard);
      await page.waitForURL("**/thank-you*");
      await hand.look(2_500);
    },
  },
  {
    name: "linus-size-guide",
    minutesAgo: 5 * HOUR + 37,
    device: CHROME_LINUX,
    async visit(hand) {
      await hand.look(1_400);
      await hand.scroll(520);
      await hand.click(product("rain-shell"));
      await hand.look(1_600);
      await hand.click("#size-guide");
      await hand.look(1_800);
      await hand.click("#size-guide");
      await hand.look(900);
      await hand.click("#size-guide", 9);
      await hand.look(1_600);
      await hand.scroll(200);
      await hand.look(800);
    },
  },
  {
    name: "left-at-once",
    minutesAgo: 9 * HOUR + 3,
    device: SAFARI_MAC,
    referrer: "https://news.ycombinator.com/",
    async visit(hand) {
      await hand.look(1_300);
      await hand.scroll(240);
      await hand.look(500);
    },
  },
  {
    name: "mary-on-the-phone",
    minutesAgo: 21 * HOUR + 20,
    device: IPHONE,
    referrer: "https://www.instagram.com/",
    async visit(hand) {
      await hand.look(1_500);
      await hand.scroll(900);
      await hand.look(900);
      await hand.scroll(-700);
      await hand.click('.chips >> text="Carry"');
      await hand.look(1_100);
      await hand.click(product("canvas-tote"));
      await hand.look(1_200);
      await hand.scroll(420);
      await hand.click('text="Rust"');
      await hand.look(800);
      await hand.click("#add-to-cart");
      await hand.look(900);
      await hand.click('text="Go to the cart"');
      await hand.look(2_000);
    },
  },
  {
    name: "two-tabs",
    minutesAgo: DAY + 3 * HOUR,
    device: EDGE_WINDOWS,
    referrer: "https://www.bing.com/",
    async visit(hand, page, newTab) {
      await hand.look(1_200);
      await hand.click(product("pocket-binoculars"));
      await hand.look(1_500);
      const other = await newTab("/products/beach-parasol");
      await other.look(1_600);
      await other.click('text="Lagoon"');
      await other.look(1_000);
      await page.bringToFront();
      await hand.look(1_200);
      await hand.click("#add-to-cart");
      await hand.look(1_000);
      await other.click("#add-to-cart");
      await other.look(900);
      await other.click('text="Go to the cart"');
      await other.look(1_800);
    },
  },
  {
    name: "alan-voucher",
    minutesAgo: DAY + 8 * HOUR + 11,
    device: FIREFOX_WINDOWS,
    async visit(hand) {
      await hand.look(1_100);
      await hand.click(product("field-thermos"));
      await hand.look(1_200);
      await hand.click("#add-to-cart");
      await hand.click('text="Go to the cart"');
      await hand.look(1_000);
      await hand.type("#voucher", "TIDE10");
      await hand.click("#apply-voucher");
      await hand.look(1_500);
      await hand.click("#apply-voucher");
      await hand.look(600);
      await hand.click("#apply-voucher", 4);
      await hand.look(1_500);
    },
  },
  {
    name: "radia-slow-stock",
    minutesAgo: 2 * DAY + 2 * HOUR,
    device: CHROME_MAC,
    referrer: "https://www.google.com/",
    async visit(hand, page) {
      await hand.look(1_300);
      await hand.click(product("beach-parasol"));
      await hand.look(900);
      await hand.click("#check-stock");
      await hand.look(1_400);
      await page.waitForSelector("#check-stock:enabled");
      await hand.look(1_200);
      await hand.click('text="Shop"');
      await hand.look(800);
      await hand.click(product("storm-lantern"));
      await hand.click("#check-stock");
      await page.waitForSelector("#check-stock:enabled");
      await hand.look(900);
      await hand.click("#add-to-cart");
      await hand.look(900);
    },
  },
  {
    name: "lost-a-batch",
    minutesAgo: 2 * DAY + 15 * HOUR,
    device: ANDROID,
    async visit(hand) {
      await hand.look(1_000);
      await hand.click(product("enamel-mug"));
      await hand.look(5_500);
      await hand.click('text="Deep blue"');
      await hand.look(5_500);
      await hand.click("#add-to-cart");
      await hand.look(5_500);
      await hand.click('text="Go to the cart"');
      await hand.look(2_000);
    },
    loses: ({ events }) => JSON.stringify(events).includes("added_to_cart"),
  },
  {
    name: "katherine-reads-it-all",
    minutesAgo: 3 * DAY + 4 * HOUR,
    device: CHROME_MAC,
    referrer: "https://www.google.com/",
    async visit(hand, page) {
      const slugs = ["storm-lantern", "harbour-blanket", "enamel-mug", "field-thermos", "canvas-tote", "rain-shell"];
      await hand.look(4_000);
      for (const slug of slugs) {
        await hand.scroll(300);
        await hand.click(product(slug));
        await hand.look(7_000);
        await hand.click("label.swatch >> nth=-1");
        await hand.look(6_000);
        await page.goBack();
        await hand.look(2_500);
      }
      // Called to the door.
      await hand.look(40_000);
      await hand.click(product("harbour-blanket"));
      await hand.look(6_000);
      await hand.click("#check-stock");
      await page.waitForSelector("#check-stock:enabled");
      await hand.look(2_000);
      await hand.click("#add-to-cart");
      await hand.click('text="Go to the cart"');
      await hand.look(4_000);
      await hand.click("#to-checkout");
      await details(hand, "katherine@example.com", SECRETS.names[2], SECRETS.addresses[2], SECRETS.gracePassword);
      await hand.look(4_000);
    },
  },
  {
    name: "grace-looked-first",
    minutesAgo: 4 * DAY + HOUR,
    device: CHROME_WINDOWS,
    async visit(hand, page) {
      await page.evaluate(() => {
        (window as RecordedWindow).rrhog?.identify("cust_b533d454", { email: "grace@example.com" });
      });
      await hand.look(1_000);
      await hand.scroll(500);
      await hand.click(product("pocket-binoculars"));
      await hand.look(2_500);
      await hand.click('text="Carry"');
      await hand.look(1_500);
      await hand.click('.chips >> text="Everything"');
      await hand.look(1_200);
    },
  },
  {
    name: "margaret-quick-buy",
    minutesAgo: 5 * DAY + 6 * HOUR,
    device: SAFARI_MAC,
    async visit(hand, page) {
      await hand.look(900);
      await hand.click(product("canvas-tote"));
      await hand.look(900);
      await hand.click("#add-to-cart");
      await hand.click('text="Go to the cart"');
      await hand.look(700);
      await hand.click("#to-checkout");
      await details(hand, "margaret@example.com", SECRETS.names[3], SECRETS.addresses[2], null);
      await pay(hand, SECRETS.otherCard);
      await page.waitForURL("**/thank-you*");
      await hand.look(1_800);
    },
  },
];

/** Fills in the first step of the checkout; with a password the visitor makes an account, and is known from there on. */
async function details(hand: Hand, email: string, name: string, address: string, password: string | null) {
  await hand.type("[name=email]", email);
  await hand.type("[name=name]", name);
  await hand.type("[name=address]", address);
  if (password !== null) {
    await hand.click("#create-account");
    await hand.type("#password", password);
    await hand.click("#show-password");
    await hand.look(700);
  }
  await hand.click('text="Continue to payment"');
  await hand.look(900);
}

async function pay(hand: Hand, card: string) {
  await hand.type("#card", card);
  await hand.type("[name=expiry]", "11/29");
  await hand.type("[name=cvc]", SECRETS.cvc);
  await hand.look(500);
  await hand.click("#pay");
}
