/** What the shop sells. Prices are in cents. */

export const CATEGORIES = ["camp", "wear", "carry"] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Product {
  slug: string;
  name: string;
  category: Category;
  priceCents: number;
  line: string;
  story: string;
  colours: readonly [name: string, hex: string][];
  /** The background behind its picture. */
  tint: string;
}

export const PRODUCTS: readonly Product[] = [
  {
    slug: "storm-lantern",
    name: "Storm lantern",
    category: "camp",
    priceCents: 4800,
    line: "Keeps its flame in a gale.",
    story: "Galvanised steel, a glass that comes out for cleaning, and twenty hours of light from one filling.",
    colours: [
      ["Signal red", "#c8452f"],
      ["Sea green", "#2f6f6a"],
    ],
    tint: "#f6dfc8",
  },
  {
    slug: "harbour-blanket",
    name: "Harbour blanket",
    category: "wear",
    priceCents: 12000,
    line: "Heavy wool for cold decks.",
    story: "Woven from undyed wool in three stripes. It has outlived two boats and will outlive yours.",
    colours: [
      ["Oat", "#d9c7a5"],
      ["Storm", "#5c6b78"],
    ],
    tint: "#dfe6e4",
  },
  {
    slug: "enamel-mug",
    name: "Enamel mug",
    category: "camp",
    priceCents: 1800,
    line: "Chips with dignity.",
    story: "Two coats of enamel on steel. Goes on the fire, into the sea, and back on the table.",
    colours: [
      ["White", "#f4f1ea"],
      ["Deep blue", "#254a73"],
    ],
    tint: "#d8e5ef",
  },
  {
    slug: "field-thermos",
    name: "Field thermos",
    category: "camp",
    priceCents: 3600,
    line: "Hot at dawn, still hot at dusk.",
    story: "Half a litre behind a double steel wall. The lid is the cup, and the cup does not burn.",
    colours: [
      ["Moss", "#5b6f45"],
      ["Sand", "#cdb48a"],
    ],
    tint: "#e4e9d6",
  },
  {
    slug: "canvas-tote",
    name: "Canvas tote",
    category: "carry",
    priceCents: 2900,
    line: "Carries the wet things.",
    story: "Sailcloth from a loft that still cuts sails, with rope handles spliced by hand.",
    colours: [
      ["Sailcloth", "#e9dfc9"],
      ["Rust", "#a9562f"],
    ],
    tint: "#f1e4d3",
  },
  {
    slug: "rain-shell",
    name: "Rain shell",
    category: "wear",
    priceCents: 14900,
    line: "Three layers, no complaints.",
    story: "Taped seams, a hood that turns with your head, and a zip that works with gloves on.",
    colours: [
      ["Buoy yellow", "#e7b02f"],
      ["Night", "#47637c"],
    ],
    tint: "#f7ebc4",
  },
  {
    slug: "pocket-binoculars",
    name: "Pocket binoculars",
    category: "carry",
    priceCents: 8900,
    line: "Terns at two hundred metres.",
    story: "Eight times, waterproof, and light enough to be in the pocket when the bird is there.",
    colours: [["Graphite", "#3c4146"]],
    tint: "#e3e1ee",
  },
  {
    slug: "beach-parasol",
    name: "Beach parasol",
    category: "camp",
    priceCents: 6500,
    line: "A patch of your own shade.",
    story: "Ash pole, eight panels of cotton, and a spike that holds in sand and in stubborn wind.",
    colours: [
      ["Coral", "#de6b52"],
      ["Lagoon", "#2f8f94"],
    ],
    tint: "#d3ebe8",
  },
];

export function findProduct(slug: string): Product | undefined {
  return PRODUCTS.find((product) => product.slug === slug);
}

export function euros(cents: number): string {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" }).format(cents / 100);
}
