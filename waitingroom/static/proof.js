/* The proof of work of a number that owes one: the page starts this file again as a worker, which tries counters until
   a key derived from one begins as asked; then the form is sent. Without it the page waits a minute (ADR 0012). */

(function () {
  const section = self.document && document.getElementById("preuve");
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => (byte + 256).toString(16).slice(1)).join("");

  if (!section) {
    onmessage = async ({ data: asked }) => {
      const nonce = bytes(asked.nonce), password = new Uint8Array(nonce.length + 4), last = new DataView(password.buffer);
      password.set(nonce);
      const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(asked.salt), iterations: asked.cost };
      for (let counter = 0; ; counter++) {
        last.setUint32(nonce.length, counter);
        const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
        const derivedKey = hex(await crypto.subtle.deriveBits(how, key, asked.keyLength * 8));
        if (derivedKey.startsWith(asked.keyPrefix)) return postMessage({ counter, derivedKey });
      }
    };
    return;
  }
  const form = section.querySelector("form"), status = section.querySelector("[role=status]");
  const source = section.dataset.script;
  const failed = () => { status.textContent = "La vérification n’a pas abouti\u00a0: attendez l’heure indiquée."; };
  status.textContent = "Vérification en cours\u00a0: quelques secondes suffisent.";
  function solve(challenge) {
    const worker = new Worker(source);
    worker.onerror = failed;
    worker.onmessage = ({ data: solution }) => {
      form.elements.proof.value = btoa(JSON.stringify({ challenge, solution }));
      form.submit();
    };
    worker.postMessage(challenge.parameters);
  }
  async function begin(tries) { // an answer that does not come is asked for again
    const answer = await self.livePage.ask(section.dataset.challenge).catch(() => null);
    if (answer && answer.ok) solve(answer.body);
    else if (tries > 1) self.livePage.later(2, () => begin(tries - 1));
    else failed();
  }
  begin(3);
})();
