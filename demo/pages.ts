/** The shop's pages. `html` escapes every value but what was made by `html` or `raw`. */
import { html, raw } from "hono/html";
import { CATEGORIES, euros, PRODUCTS, type Product } from "./catalog.ts";
import { picture } from "./pictures.ts";
import type { Settings } from "./settings.ts";

export type Snippet = Pick<Settings, "EDGE_URL" | "UI_URL" | "WRITE_KEY">;
type Html = ReturnType<typeof html>;

const TITLES = { camp: "Camp", wear: "Wear", carry: "Carry" } as const;

export function listPage(snippet: Snippet): Html {
  const chips = CATEGORIES.map(
    (category) => html`<a class="chip" href="/?category=${category}">${TITLES[category]}</a>`,
  );
  const cards = PRODUCTS.map(
    (product) => html`
      <li class="card" data-category="${product.category}">
        <a href="/products/${product.slug}">
          <span class="frame" style="background:${product.tint};--c:${product.colours[0]?.[1]}">
            ${raw(picture(product.slug, ""))}
          </span>
          <span class="card-name">${product.name}</span>
          <span class="card-line">${product.line}</span>
          <span class="price">${euros(product.priceCents)}</span>
        </a>
      </li>`,
  );
  return layout(
    snippet,
    "Tern & Tide",
    html`
      <section class="hero">
        <h1>Things for<br />the edge of the sea.</h1>
        <p>Eight of them, made to be used in weather. Nothing here is for sale, and everything can be clicked.</p>
      </section>
      <nav class="chips" aria-label="Categories"><a class="chip" href="/" aria-current="true">Everything</a>${chips}</nav>
      <ul class="cards">
        ${cards}
      </ul>`,
  );
}

export function productPage(snippet: Snippet, product: Product): Html {
  const { slug, name, priceCents, colours } = product;
  const swatches = colours.map(
    ([colour, hex], i) => html`
      <label class="swatch">
        <input type="radio" name="colour" value="${colour}" data-hex="${hex}" ${i === 0 ? "checked" : ""} />
        <span style="background:${hex}"></span>${colour}
      </label>`,
  );
  return layout(
    snippet,
    `${name} – Tern & Tide`,
    html`
      <p class="crumbs"><a href="/">Shop</a> / <a href="/?category=${product.category}">${TITLES[product.category]}</a></p>
      <article class="product" data-slug="${slug}" data-price="${priceCents}" data-name="${name}">
        <div class="frame large" style="background:${product.tint};--c:${colours[0]?.[1]}">${raw(picture(slug, name))}</div>
        <div>
          <h1>${name}</h1>
          <p class="lead">${product.line}</p>
          <p class="price large">${euros(priceCents)}</p>
          <p>${product.story}</p>
          <fieldset class="swatches"><legend>Colour</legend>${swatches}</fieldset>
          <div class="actions">
            <button type="button" class="primary" id="add-to-cart">Add to cart</button>
            <button type="button" id="check-stock">Check stock</button>
            <button type="button" id="size-guide">Size guide</button>
          </div>
          <p class="note" id="product-note" role="status"></p>
        </div>
      </article>`,
  );
}

export function cartPage(snippet: Snippet): Html {
  return layout(
    snippet,
    "Cart – Tern & Tide",
    html`
      <h1>Your cart</h1>
      <div class="columns">
        <ul id="cart-lines" class="lines" aria-label="Things in the cart"></ul>
        <aside class="panel">
          <dl class="sums">
            <dt>Things</dt><dd id="cart-subtotal"></dd>
            <dt>Delivery</dt><dd>free</dd>
            <dt class="total">Total</dt><dd class="total" id="cart-total"></dd>
          </dl>
          <div class="voucher">
            <label for="voucher">Voucher</label>
            <input id="voucher" name="voucher" autocomplete="off" placeholder="TIDE10" />
            <button type="button" id="apply-voucher">Apply voucher</button>
          </div>
          <a class="button primary" id="to-checkout" href="/checkout">Go to checkout</a>
        </aside>
      </div>`,
  );
}

export function checkoutPage(snippet: Snippet): Html {
  return layout(
    snippet,
    "Checkout – Tern & Tide",
    html`
      <h1>Checkout</h1>
      <ol class="steps">
        <li data-step="details">Details</li>
        <li data-step="payment">Payment</li>
      </ol>
      <form id="details" class="panel form" hidden>
        <label>E-mail <input type="email" name="email" autocomplete="email" required /></label>
        <label>Full name <input name="name" autocomplete="name" required /></label>
        <label>Address <input name="address" autocomplete="street-address" required /></label>
        <label class="check"><input type="checkbox" name="create" id="create-account" /> Create an account</label>
        <div id="account" hidden>
          <label>Password <input type="password" name="password" id="password" autocomplete="new-password" minlength="8" /></label>
          <button type="button" class="quiet" id="show-password" aria-controls="password">Show password</button>
        </div>
        <button class="primary" type="submit">Continue to payment</button>
      </form>
      <form id="payment" class="panel form" hidden>
        <p class="hint">
          Nothing is charged and nothing is kept. Try <code>4000 0000 0000 0002</code> for a card that is declined; any
          other number is taken.
        </p>
        <label>Card number <input name="card" id="card" inputmode="numeric" autocomplete="cc-number" required /></label>
        <div class="pair">
          <label>Expiry <input name="expiry" placeholder="MM/YY" autocomplete="cc-exp" required /></label>
          <label>CVC <input name="cvc" inputmode="numeric" autocomplete="cc-csc" required /></label>
        </div>
        <button class="primary" type="submit" id="pay">Pay now</button>
        <p class="alert" id="payment-error" role="alert" hidden></p>
      </form>`,
  );
}

export function thankYouPage(snippet: Snippet, order: string): Html {
  return layout(
    snippet,
    "Thank you – Tern & Tide",
    html`
      <section class="thanks" data-order="${order}">
        <div class="frame" style="background:#d3ebe8;--c:#de6b52">${raw(picture("beach-parasol", ""))}</div>
        <h1>Thank you.</h1>
        <p>Order <strong>${order}</strong> is on its way to nowhere: this is a demonstration.</p>
        <p><a class="button" href="/">Look around some more</a></p>
      </section>`,
  );
}

export function notFoundPage(snippet: Snippet): Html {
  return layout(
    snippet,
    "Not here – Tern & Tide",
    html`<h1>The tide took it.</h1><p><a href="/">Back to the shop</a></p>`,
  );
}

function layout(snippet: Snippet, title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%23125b5e'/%3E%3Cpath d='M5 20c5-9 9-9 11 0 2-9 6-9 11 0' fill='none' stroke='%23fff' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E" />
        <link rel="stylesheet" href="/shop.css" />
        <script
          async
          src="${snippet.EDGE_URL}/rrhog.js"
          data-key="${snippet.WRITE_KEY}"
          data-console-url="${snippet.UI_URL}/projects/1"
        ></script>
        <script type="module" src="/shop.js"></script>
      </head>
      <body>
        <header class="top">
          <a class="brand" href="/"><svg viewBox="0 0 32 20" aria-hidden="true"><path d="M2 14C8 2 13 2 16 13 19 2 24 2 30 14" /></svg>Tern & Tide</a>
          <a class="cart-link" href="/cart">Cart <span id="cart-count">0</span></a>
        </header>
        <main>${content}</main>
        <footer class="foot">A demonstration shop. It records you, on this machine, for you to watch.</footer>
        <aside class="bar rr-block" id="recording-bar" aria-label="Recording" data-state="connecting">
          <span><span class="dot"></span> <span id="recording-state">connecting to the recorder…</span></span>
          <a id="watch-yourself" href="${snippet.UI_URL}/projects/1/sessions" target="_blank" hidden>watch yourself</a>
        </aside>
      </body>
    </html>`;
}
