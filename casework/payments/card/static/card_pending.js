/* While a payment is verified, the page asks again by itself; without scripts <noscript> does it. */
const AGAIN_MS = 5000;

if (document.querySelector("[data-pending]")) setTimeout(() => location.reload(), AGAIN_MS);
