/* The operators' page: fetches the parts that change every two seconds, and exchanges those that did.
   A part in which somebody is (focus) stays as it is until they leave it. Without this file a meta refresh does. */
(function () {
  "use strict";
  var day = document.getElementById("jour");
  var lost = document.getElementById("perdu");
  var errors = document.getElementById("erreurs");
  var done = document.getElementById("fait");
  if (errors) errors.focus();
  // What was done is said once: not again after a reload, and not once something else has changed the state.
  if (done && window.history.replaceState) {
    history.replaceState(null, "", location.pathname + location.search.replace(/&?fait=[a-z_]*/, ""));
  }
  if (!day || !window.fetch || !window.DOMParser) return;

  var EVERY = 2000, HIDDEN = 15000, SLOWEST = 15000;
  var failures = 0, timer = 0;

  function exchange(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html");
    fresh.querySelectorAll("[data-part]").forEach(function (part) {
      var old = day.querySelector('[data-part="' + part.dataset.part + '"]');
      if (!old) return;
      if (part.dataset.title) document.title = part.dataset.title + " – " + document.querySelector("meta[name=application-name]").content;
      old.querySelectorAll("details[open]").forEach(function (opened) {
        var same = part.querySelector("#" + opened.id);
        if (same) same.open = true;
      });
      if (old.outerHTML !== part.outerHTML && !old.contains(document.activeElement)) {
        if (done && part.dataset.part === "etat") done.remove();
        old.replaceWith(document.adoptNode(part));
      }
    });
  }

  function say(text) {
    if (lost.textContent !== text) lost.textContent = text;
  }

  function refresh() {
    clearTimeout(timer);
    fetch(day.dataset.source, { credentials: "same-origin", cache: "no-store", headers: { Accept: "text/html" } })
      .then(function (answer) {
        if (answer.status === 401 || answer.status === 403) {
          location.assign("/operateur?note=session");
          return null;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.text().then(function (text) {
          failures = 0;
          say("");
          exchange(text);
        });
      })
      .catch(function () {
        failures += 1;
        if (failures > 1) say("Connexion perdue : ces chiffres ne sont plus rafraîchis. La page réessaie d’elle-même.");
      })
      .then(function () {
        timer = setTimeout(refresh, document.hidden ? HIDDEN : Math.min(EVERY * (1 + failures), SLOWEST));
      });
  }

  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) refresh();
  });
  timer = setTimeout(refresh, EVERY);
})();
