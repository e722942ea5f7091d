/** The shop's behaviour on every page. Two of its faults are there on purpose: see `size-guide` and `apply-voucher`. */
import { startCheckout } from "/checkout.js";
import { showRecording } from "/recording-bar.js";

const CART = "tern-and-tide.cart";
const find = (selector) => document.querySelector(selector);

export function readCart() {
  try {
    return JSON.parse(localStorage.getItem(CART)) ?? [];
  } catch {
    return [];
  }
}

export function writeCart(lines) {
  localStorage.setItem(CART, JSON.stringify(lines));
  find("#cart-count").textContent = String(lines.reduce((sum, { quantity }) => sum + quantity, 0));
}

export function totalCents(lines) {
  return lines.reduce((sum, { priceCents, quantity }) => sum + priceCents * quantity, 0);
}

export function euros(cents) {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" }).format(cents / 100);
}

/** The list filters itself without loading a page: the address changes, and Back works. */
function startList() {
  const cards = document.querySelectorAll(".card");
  const chips = document.querySelectorAll(".chip");

  function show() {
    const category = new URLSearchParams(location.search).get("category");
    for (const card of cards) card.hidden = category !== null && card.dataset.category !== category;
    for (const chip of chips) {
      const isCurrent = new URL(chip.href).searchParams.get("category") === category;
      chip.setAttribute("aria-current", String(isCurrent));
      if (isCurrent) document.title = category ? `${chip.textContent} – Tern & Tide` : "Tern & Tide";
    }
  }

  for (const chip of chips) {
    chip.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      history.pushState(null, "", chip.href);
      show();
    });
  }
  window.addEventListener("popstate", show);
  show();
}

function startProduct(product) {
  const note = find("#product-note");
  const { slug, name, price } = product.dataset;

  for (const swatch of product.querySelectorAll("input[name=colour]")) {
    swatch.addEventListener("change", () => find(".frame.large").style.setProperty("--c", swatch.dataset.hex));
  }

  find("#add-to-cart").addEventListener("click", () => {
    const colour = find("input[name=colour]:checked").value;
    const lines = readCart();
    const line = lines.find((other) => other.slug === slug && other.colour === colour);
    if (line) line.quantity += 1;
    else lines.push({ slug, name, colour, priceCents: Number(price), quantity: 1 });
    writeCart(lines);
    note.innerHTML = 'In your cart. <a href="/cart">Go to the cart</a>';
    window.rrhog?.track("added_to_cart", { product: slug, price_cents: Number(price) });
  });

  find("#check-stock").addEventListener("click", async ({ currentTarget: button }) => {
    button.disabled = true;
    note.textContent = "Asking the warehouse…";
    const response = await fetch(`/api/stock/${slug}`);
    const { inStock } = await response.json();
    note.textContent = `${inStock} in stock, ready to go.`;
    button.disabled = false;
  });

  // `#size-guide` has no listener: a dead button, for a visitor to rage at.
}

function startCart() {
  const list = find("#cart-lines");

  function line({ name, colour, priceCents, quantity }, index) {
    const item = document.createElement("li");
    item.className = "line";
    item.innerHTML = `
      <span><strong></strong><small></small></span>
      <span class="quantity">
        <button type="button" data-step="-1" aria-label="One less">−</button><output></output>
        <button type="button" data-step="1" aria-label="One more">+</button>
      </span>
      <span class="price"></span>`;
    item.querySelector("strong").textContent = name;
    item.querySelector("small").textContent = colour;
    item.querySelector("output").textContent = String(quantity);
    item.querySelector(".price").textContent = euros(priceCents * quantity);
    for (const button of item.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        const lines = readCart();
        lines[index].quantity += Number(button.dataset.step);
        writeCart(lines.filter((other) => other.quantity > 0));
        show();
      });
    }
    return item;
  }

  function show() {
    const lines = readCart();
    list.replaceChildren(...lines.map(line));
    if (lines.length === 0) list.innerHTML = '<li class="empty">Nothing in it yet. <a href="/">Look around</a></li>';
    find("#cart-subtotal").textContent = euros(totalCents(lines));
    find("#cart-total").textContent = euros(totalCents(lines));
    find("#to-checkout").toggleAttribute("hidden", lines.length === 0);
  }

  find("#apply-voucher").addEventListener("click", () => {
    // A TypeError on purpose: carts have no vouchers, as so often.
    const cart = { lines: readCart() };
    cart.vouchers.push(find("#voucher").value);
  });
  show();
}

writeCart(readCart());
showRecording();
if (find(".cards")) startList();
if (find(".product")) startProduct(find(".product"));
if (find("#cart-lines")) startCart();
if (find("#details")) startCheckout({ readCart, writeCart, totalCents, euros });
