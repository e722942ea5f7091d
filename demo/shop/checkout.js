/** Two steps on one page: the address changes between them without a load. */
const find = (selector) => document.querySelector(selector);

export function startCheckout({ readCart, writeCart, totalCents, euros }) {
  const details = find("#details");
  const payment = find("#payment");
  const error = find("#payment-error");
  let hasDetails = false;

  function show() {
    const wantsPayment = location.pathname === "/checkout/payment";
    if (wantsPayment && !hasDetails) history.replaceState(null, "", "/checkout");
    const step = wantsPayment && hasDetails ? "payment" : "details";
    details.hidden = step !== "details";
    payment.hidden = step !== "payment";
    for (const item of document.querySelectorAll(".steps li")) {
      item.setAttribute("aria-current", String(item.dataset.step === step));
    }
    document.title = step === "payment" ? "Payment – Tern & Tide" : "Checkout – Tern & Tide";
    find("#pay").textContent = `Pay ${euros(totalCents(readCart()))}`;
  }

  find("#create-account").addEventListener("change", ({ currentTarget }) => {
    find("#account").hidden = !currentTarget.checked;
    find("#password").required = currentTarget.checked;
  });

  find("#show-password").addEventListener("click", ({ currentTarget }) => {
    const isHidden = find("#password").type === "password";
    find("#password").type = isHidden ? "text" : "password";
    currentTarget.textContent = isHidden ? "Hide password" : "Show password";
  });

  details.addEventListener("submit", async (event) => {
    event.preventDefault();
    hasDetails = true;
    if (details.elements.create.checked) await signUp(details.elements.email.value);
    history.pushState(null, "", "/checkout/payment");
    show();
  });

  payment.addEventListener("submit", async (event) => {
    event.preventDefault();
    const total = totalCents(readCart());
    error.hidden = true;
    find("#pay").disabled = true;
    const response = await fetch("/api/payments", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ card: payment.elements.card.value, totalCents: total }),
    });
    const answer = await response.json();
    find("#pay").disabled = false;
    if (!response.ok) {
      console.warn("Payment refused", response.status, answer);
      error.textContent = `${answer.error}. Try another card, or ask your bank.`;
      error.hidden = false;
      return;
    }
    window.rrhog?.track("order_placed", { order: answer.order, total_cents: total });
    writeCart([]);
    location.assign(`/thank-you?order=${answer.order}`);
  });

  window.addEventListener("popstate", show);
  show();
}

/** The password stays in the form: this shop has nothing to guard with it. */
async function signUp(email) {
  const response = await fetch("/api/accounts", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email }),
  });
  if (!response.ok) return;
  const { id } = await response.json();
  window.rrhog?.identify(id, { email });
}
